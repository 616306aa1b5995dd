// The functions by which a compiled kernel file asks the emulator's runtime: its index, barriers, the values of other lanes.
#pragma once
#include <stddef.h>

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned vx = 1, unsigned vy = 1, unsigned vz = 1) : x(vx), y(vy), z(vz) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  constexpr operator uint3() const { return {x, y, z}; }
};

namespace emulator {
// What a warp-wide operation is, so that lanes which meet at different ones are found out.
enum Operation : int { SYNC_WARP, SHUFFLE, VOTE, MATRIX, CONVERGE };
constexpr size_t SLOT = 16;  // bytes that a lane can show to its warp
}  // namespace emulator

extern "C" {
// Waits for the whole block; `predicate` is shown to the others, and the number of threads that showed true is returned.
int tinyseg_sync_threads(int predicate, const char *file, int line);
// Waits for the lanes in `mask`; `value` (at most SLOT bytes) is shown to them.
void tinyseg_sync_warp(int operation, unsigned mask, const void *value, size_t size, const char *file, int line);
// What a lane of this warp showed at the last tinyseg_sync_warp; a null pointer where it took no part.
const void *tinyseg_shown(unsigned lane);
// The lanes of this warp that come to a line together with this one.
unsigned tinyseg_converged(const char *file, int line);
unsigned tinyseg_lane();
// Where an address lies (emulator::Place).
int tinyseg_space(const void *address);
void *tinyseg_dynamic_shared();
// Waits for the whole grid: every block of it is alive at once then.
void tinyseg_sync_grid(const char *file, int line);
// A memory fence, of `scope` (emulator::Scope): what the thread did before it is seen before what it does afterwards, by the threads of the scope.
void tinyseg_fence(int scope);
// Lets other threads run, also those of other blocks: for __nanosleep, and at an atomic that was tried in vain.
void tinyseg_pause();
[[noreturn]] void tinyseg_fail(const char *what, const char *file, int line);
// Tells the checks about an atomic operation, a tensor-core load or store, before it happens; the plain accesses are seen by compiler-inserted hooks. `kind` is an
// emulator::Access, for an atomic of a scope plus that: ATOMIC | BLOCK_SCOPE; for one that releases or acquires by itself, as cuda::atomic does, plus that too.
void tinyseg_access(const volatile void *address, size_t size, int kind, const void *code);
// How many more atomics a thread may execute before others have their turn.
extern int tinyseg_patience;
}

namespace emulator {
enum Place : int { IN_GLOBAL, IN_SHARED, IN_LOCAL };
enum Access : int { READ, WRITE, ATOMIC, VOLATILE_READ, VOLATILE_WRITE };
enum Scope : int { DEVICE_SCOPE = 0, BLOCK_SCOPE = 8, SYSTEM_SCOPE = 16 };
enum Semantics : int { RELAXED = 0, ACQUIRE = 32, RELEASE = 64, ACQUIRE_RELEASE = ACQUIRE | RELEASE };
constexpr int COMPARES = 128;   // an atomic that writes only where it finds what it expects: atomicCAS
constexpr int ACCESS_KIND = 7;  // the bits of an Access among them
}
