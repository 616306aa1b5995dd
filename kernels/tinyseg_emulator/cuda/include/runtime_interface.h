// The functions by which a compiled kernel file asks the emulator's runtime: its index, barriers, the values of other lanes.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned vx = 1, unsigned vy = 1, unsigned vz = 1) : x(vx), y(vy), z(vz) {}
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
void *tinyseg_dynamic_shared();
[[noreturn]] void tinyseg_fail(const char *what, const char *file, int line);
// Tells the checks about an atomic operation, a tensor-core load or store; the plain accesses are seen by compiler-inserted hooks.
void tinyseg_access(const volatile void *address, size_t size, int kind, const void *code);
}

namespace emulator {
enum Access : int { READ, WRITE, ATOMIC };
}
