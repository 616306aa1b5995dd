// The state of the one launch that runs: the block's threads, their stacks, shared memory, and the error that ended it.
#pragma once
#include <csetjmp>
#include <cstddef>
#include <cstdint>

#include "../include/runtime_interface.h"
#include "context.h"

extern "C" {
extern uint3 tinyseg_thread_index, tinyseg_block_index;
extern dim3 tinyseg_block_dim, tinyseg_grid_dim;
}

namespace emulator {

constexpr unsigned WARP = 32, MAX_THREADS = 1024, MAX_WARPS = MAX_THREADS / WARP;
constexpr size_t PAGE = 4096, STACK = 256 << 10, MAX_DYNAMIC_SHARED = 227 << 10;

struct Site {
  const char *file;
  int line;
};

enum State : char { NEW, READY, AT_BARRIER, AT_WARP, DONE };

// A worker is a stack. It runs threads one after the other for as long as none of them has to wait, so that a kernel without
// barriers costs no switch at all; a thread that waits keeps its worker until it has ended.
struct Worker {
  Context context;
  char *stack;
};

struct Thread {
  uint3 index;
  State state;
  int predicate;        // shown at a block barrier
  int operation;        // of the warp-wide operation that it waits at
  unsigned mask;
  Worker *worker;
  Site site;
  alignas(16) unsigned char offered[SLOT];  // shown when its warp goes on ...
  alignas(16) unsigned char shown[SLOT];    // ... and readable until the next time
  unsigned shown_mask;                      // the lanes that took part with it
};

// Filled in for Python (native.py has the same layout in ctypes).
struct Failure {
  int failed, line;
  uint3 block, thread;
  const void *code;     // where the processor was, when it is known instead of the line
  const char *address;  // of an access that the checks refuse, with its size and kind
  int size, access;
  char file[512];
  char text[1024];
};

struct Launch {
  void (*run)(void **);  // calls the kernel once
  void **arguments;
  unsigned grid[3], block[3];
  size_t dynamic_shared;
  char *static_shared;  // the kernel file's thread-local storage
  size_t static_shared_size;
  int order;  // 0 up, 1 down, from 2 on: rotated by order - 2
  int full_barriers;  // whether all threads of a block must come to each of its barriers, also those that have ended
};

struct Machine {
  Launch *launch;
  Thread threads[MAX_THREADS];
  Worker workers[MAX_THREADS];
  Worker *free_workers[MAX_THREADS];
  unsigned free_count, made_workers;  // workers with an index below made_workers have a context
  Context scheduler;
  Thread *current;
  unsigned count, done;  // threads of the block, and how many have ended
  int block_count;       // the result of the last block barrier
  unsigned sweep[WARP], sweep_size, cursor, warp_base;
  char *stacks, *dynamic_end, *dynamic_shared;
  Failure *failure;
  sigjmp_buf escape;
};

extern Machine machine;

[[noreturn]] void fail(const Site &site, const void *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
void allocate();                   // stacks and dynamic shared memory, once in a process
void reset_workers();              // forget the contexts of a launch that was left by an error
void run_block();
bool release_warp();               // let those lanes of the current warp go on that have all met; false when there are none
bool release_converged();          // the same for lanes that ask who runs with them
void catch_signals();
void restore_signals();

// What the checks (hooks.cpp) are told.
void checks_begin_block();
void checks_block_barrier();
void checks_warp_done();
void checks_warp_sync(unsigned base, unsigned mask);

}  // namespace emulator
