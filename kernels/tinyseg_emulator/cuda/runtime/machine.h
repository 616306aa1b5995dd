// The state of the one launch that runs: its blocks and their threads, their stacks, shared memory, and the error that
// ended it.
#pragma once
#include <csetjmp>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../include/runtime_interface.h"
#include "context.h"

extern "C" {
extern uint3 tinyseg_thread_index, tinyseg_block_index;
extern dim3 tinyseg_block_dim, tinyseg_grid_dim;
}

namespace emulator {

constexpr unsigned WARP = 32, MAX_THREADS = 1024, MAX_WARPS = MAX_THREADS / WARP;
// How much of a grid can be alive at once: what waits for other blocks needs them alive, as on a GPU, whose
// multiprocessors hold a part of a large grid.
constexpr unsigned STACK_GROUPS = 24, ALIVE_THREADS = STACK_GROUPS * MAX_THREADS, ALIVE_BLOCKS = 2048;
constexpr size_t ALIVE_SHARED = 32 << 20;  // bytes
constexpr size_t PAGE = 4096, MAX_DYNAMIC_SHARED = 227 << 10;
// An odd number of pages, and tops that lie at different places of a page: threads change places all the time, and at
// equal distances of a power of two all their stacks would want the same few lines of the processor's caches.
constexpr size_t STACK = 65 * PAGE, TOPS = 16, LARGEST_LOCAL = STACK - 2 * PAGE;

struct Site {
  const char *file;
  int line;
};

enum State : char { NEW, READY, AT_BARRIER, AT_WARP, AT_GRID, DONE };

// A worker is a stack. It runs threads one after the other for as long as none of them has to wait, so that a kernel
// without barriers costs no switch at all; a thread that waits keeps its worker until it has ended.
struct Worker {
  Context context;
  char *stack;
  size_t top;  // from where it is used downwards
  bool made;  // whether the context exists
};

struct alignas(64) Thread {  // in the first line of the cache what schedules it, in the second what it shows
  uint3 index;
  State state;
  bool slow;      // it was interrupted in the middle of its work before: its next turn is short
  int predicate;  // shown at a block barrier
  int operation;  // of the warp-wide operation that it waits at
  unsigned mask;
  Worker *worker;
  Site site;
  const void *code;                         // where it gave way to others without waiting at a barrier
  alignas(64) unsigned char offered[SLOT];  // shown when its warp goes on ...
  alignas(16) unsigned char shown[SLOT];    // ... and readable until the next time
  unsigned shown_mask;                      // the lanes that took part with it
};

struct BlockChecks;  // checks.h

// A block that has begun and not ended. Of all that are alive one is the current one; the shared memory of the others
// is put aside.
struct Block {
  uint3 index;
  uint32_t number;  // place in the grid, x fastest
  Thread *threads;
  unsigned shape[3];  // of a block, when the threads got their index
  unsigned done;      // how many threads have ended
  int count;          // the result of its last barrier
  char *aside;        // its shared memory while another block runs: static, then dynamic
  BlockChecks *checks;
};

// Why a launch ended before its kernel did.
enum Ending : int { FAILED, SECONDS, STEPS, INTERRUPTED, STALLED };

// Filled in for Python (native.py has the same layout in ctypes).
struct Failure {
  int failed, line;
  uint3 block, thread;
  const void *code;     // where the processor was, when it is known instead of the line
  const char *address;  // of an access that the checks refuse, with its size and kind
  int size, access;
  int ending, padding;
  char file[512];
  char text[1024];
};

// Threads that stood at one place when a launch was ended; of the first of them, its block and index. (native.py has
// the same layout.)
struct Stand {
  int state;  // a State; READY: it ran, or waited in a loop
  int line;   // of a barrier; else `code` tells
  const char *file;
  const void *code;
  uint64_t threads;
  uint3 block, thread;
};

enum LaunchKind : int { ANY_LAUNCH, COOPERATIVE, ORDINARY };  // ANY: nothing was said, so that both are good

struct Launch {
  void (*run)(void **);  // calls the kernel once
  void **arguments;
  unsigned grid[3], block[3];
  size_t dynamic_shared;
  char *static_shared;  // the kernel file's thread-local storage
  size_t static_shared_size;
  int order;          // 0 up, 1 down, from 2 on: rotated by order - 2
  int full_barriers;  // whether all threads of a block must come to each of its barriers, also those that have ended
  double seconds;     // limits of processor time ...
  uint64_t steps;     // ... and of accesses
  int kind;           // a LaunchKind
  // Launches of one program: numbered from 1 on, each with those that come before it for certain; 0 stands for one
  // alone.
  uint32_t number, after_count;
  const uint32_t *after;
};

struct Machine {
  Launch *launch;
  Block *block;     // the current one ...
  Thread *threads;  // ... and its threads
  std::vector<Block *> alive;
  uint64_t blocks, begun;  // blocks of the grid, and how many of them have begun
  std::vector<Worker *> free_workers;
  Context scheduler;
  Thread *current;
  unsigned count;  // threads of a block
  unsigned sweep[WARP], sweep_size, warp_base;
  int cursor;  // in the sweep
  char *stacks[STACK_GROUPS];
  unsigned stack_groups;
  char *dynamic_end, *dynamic_shared;
  const char *code_begin, *code_end;  // the kernel file's machine code
  Failure *failure;
  sigjmp_buf escape;
  volatile sig_atomic_t stop;  // an Ending that a signal asked for
  volatile uint64_t switches;  // counts each thread that begins or goes on
  uint64_t progress;           // counts what may end another thread's waiting
  std::vector<Stand> stands;
};

#define TINYSEG_OWN __attribute__((visibility("hidden")))  // found without a table of addresses
extern TINYSEG_OWN Machine machine;

static inline bool on_a_stack(const char *address) {
  for (unsigned i = 0; i < machine.stack_groups; i++)
    if (size_t(address - machine.stacks[i]) < MAX_THREADS * STACK) return true;
  return false;
}

[[noreturn]] void fail(const Site &site, const void *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
[[noreturn]] void end_launch(int ending, const void *code);  // says where each thread stands
void allocate();                                             // stacks and dynamic shared memory, once in a process
void find_code(const void *function);                        // of the library that it is in
Worker *take_worker();
void free_worker(Worker *worker);
void forget_workers();  // and their contexts: a launch was left by an error
enum Turn { ENDED, PAUSED, RUNNING, GRID_BARRIER };
Turn run_turn();  // of the current block: until all of its threads have ended, wait, or have given way
void run_grid();
void give_way();               // the running thread waits, or lets others go first
bool release_converged();      // the same as release_warp() for lanes that ask who runs with them
bool release_warp();           // let those lanes of the current warp go on that have all met; false when there are none
void pause(const void *code);  // let others run
void catch_signals();
void restore_signals();
void set_slice(bool is_short);
double processor_seconds();

// What the checks (hooks.cpp) are told.
void checks_begin_thread();
void checks_begin_block(Block &block);
void checks_end_block(Block &block);
void checks_enter_block(Block &block);
void checks_block_barrier();
void checks_grid_barrier();
void checks_warp_done();
void checks_warp_sync(unsigned base, unsigned mask);
bool checks_are_on();

}  // namespace emulator
