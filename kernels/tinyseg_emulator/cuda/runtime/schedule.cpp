// Runs the threads of one block. Warps take turns; within a warp, lanes run one after the other until each waits, gives
// way or has ended.
#include "machine.h"
#include "trace.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

extern "C" {
// Kernels see these as constants: within one CUDA thread they never change.
uint3 tinyseg_thread_index, tinyseg_block_index;
dim3 tinyseg_block_dim, tinyseg_grid_dim;
}

namespace emulator {

constexpr int PATIENCE = 1024;  // atomics that a thread may execute before others have their turn

static void enter_thread(Context &from, Thread &thread);

static void begin_thread(Thread &thread) {
  machine.current = &thread;
  machine.switches = machine.switches + 1;
  tinyseg_thread_index = thread.index;
  checks_begin_thread();
}

// The next lane of the sweep that can run.
static Thread *next_lane() {
  while (++machine.cursor < int(machine.sweep_size)) {
    Thread &thread = machine.threads[machine.warp_base + machine.sweep[machine.cursor]];
    if (thread.state == NEW || thread.state == READY) return &thread;
  }
  return nullptr;
}

// The body of every worker: start threads that are next in the sweep and still new; then give the stack back.
static void work() {
  for (;;) {
    Worker *own = machine.current->worker;
    Thread *next;
    do {
      machine.launch->run(machine.launch->arguments);
      machine.current->state = DONE;
      machine.block->done++;
      next = next_lane();
      if (!next || next->state != NEW) break;
      next->state = READY;
      next->worker = own;
      begin_thread(*next);
    } while (true);
    free_worker(own);
    if (next) enter_thread(own->context, *next);
    else switch_context(own->context, machine.scheduler);
  }
}

static void start(Thread &thread) {
  thread.worker = take_worker();
  thread.state = READY;
  if (thread.worker->made) return;
  make_context(thread.worker->context, thread.worker->stack + PAGE, thread.worker->top - PAGE, work);
  thread.worker->made = true;
}

static void enter_thread(Context &from, Thread &thread) {
  if (thread.state == NEW) start(thread);
  begin_thread(thread);
  tinyseg_patience = PATIENCE;
  if (thread.slow) set_slice(true);
  switch_context(from, thread.worker->context);
}

static void sweep_lanes() {
  machine.cursor = -1;
  if (Thread *first = next_lane()) enter_thread(machine.scheduler, *first);
}

// The running thread lets the next lane go on, or the scheduler.
void give_way() {
  Context &own = machine.current->worker->context;
  if (Thread *next = next_lane()) enter_thread(own, *next);
  else switch_context(own, machine.scheduler);
}

static void set_sweep(unsigned base, int order) {
  static int known_order = -1;  // the sweep's
  machine.warp_base = base;
  const unsigned known_size = machine.sweep_size;
  machine.sweep_size = std::min(WARP, machine.count - base);
  if (known_size == machine.sweep_size && known_order == order) return;
  known_order = order;
  const unsigned size = machine.sweep_size, shift = order < 2 ? 0 : unsigned(order - 2);
  for (unsigned i = 0; i < size; i++) machine.sweep[i] = order == 1 ? size - 1 - i : (i + shift * 7) % size;
}

[[noreturn]] static void fail_at(const Thread &thread, const char *format, const Thread *other, unsigned a,
                                 unsigned b) {
  machine.current = const_cast<Thread *>(&thread);
  tinyseg_thread_index = thread.index;
  char text[512];
  snprintf(text, sizeof text, format, a, b);
  if (other) fail(thread.site, nullptr, "%s %s:%d", text, other->site.file, other->site.line);
  fail(thread.site, nullptr, "%s", text);
}

// Every thread of the block waits or has ended, and no warp can go on: either all who are left are at one barrier, or
// it is an error. Returns false when they wait for the grid.
static bool release_block() {
  const Thread *first = nullptr, *other = nullptr, *stuck = nullptr, *grid = nullptr;
  unsigned waiting = 0, count = 0;
  for (unsigned i = 0; i < machine.count; i++) {
    const Thread &thread = machine.threads[i];
    if (thread.state == AT_WARP) stuck = &thread;
    if (thread.state == AT_GRID) grid = &thread;
    if (thread.state != AT_BARRIER) continue;
    waiting++;
    count += thread.predicate != 0;
    if (!first) first = &thread;
    else if (!other && (thread.site.line != first->site.line ||
                        (thread.site.file != first->site.file && strcmp(thread.site.file, first->site.file))))
      other = &thread;
  }
  if (stuck) {
    if (first)
      fail_at(*stuck, "deadlock: this lane waits for its warp, but %u threads wait at the __syncthreads at", first,
              waiting, 0);
    if (grid)
      fail_at(*stuck, "deadlock: this lane waits for its warp, but others wait for the whole grid at", grid, 0, 0);
    fail_at(*stuck, "deadlock: this lane waits for lanes (mask 0x%08x) that wait for other lanes", nullptr, stuck->mask,
            0);
  }
  if (grid && first)
    fail_at(*grid,
            "deadlock: this thread waits for the whole grid, but %u threads of its block wait at the __syncthreads at",
            first, waiting, 0);
  if (grid) return false;
  if (other) {
    machine.current = const_cast<Thread *>(other);
    tinyseg_thread_index = other->index;
    fail(other->site, nullptr, "divergent __syncthreads: thread (%u, %u, %u) waits at another one, %s:%d",
         first->index.x, first->index.y, first->index.z, first->site.file, first->site.line);
  }
  if (machine.launch->full_barriers && machine.block->done)
    fail_at(
        *first,
        "divergent __syncthreads: %u threads wait here, and the other %u of the block have ended without coming here",
        nullptr, waiting, machine.block->done);
  machine.block->count = int(count);
  machine.progress++;
  checks_block_barrier();
  for (unsigned i = 0; i < machine.count; i++)
    if (machine.threads[i].state == AT_BARRIER) machine.threads[i].state = READY;
  return true;
}

static bool any_ready() {
  for (unsigned i = 0; i < machine.count; i++)
    if (machine.threads[i].state == READY) return true;
  return false;
}

Turn run_turn() {
  const unsigned warps = (machine.count + WARP - 1) / WARP;
  const int order = machine.launch->order;
  while (true) {
    const uint64_t progress = machine.progress;
    for (unsigned k = 0; k < warps; k++) {
      const unsigned warp = order == 1 ? warps - 1 - k : (k + (order < 2 ? 0u : unsigned(order - 2))) % warps;
      set_sweep(warp * WARP, order);
      do sweep_lanes();
      while (release_warp() && !machine.stop);
      checks_warp_done();
      if (machine.stop) end_launch(machine.stop, nullptr);
    }
    if (machine.block->done == machine.count) return ENDED;
    if (any_ready()) return checks_are_on() && machine.progress != progress ? RUNNING : PAUSED;
    if (!release_block()) return GRID_BARRIER;
  }
}

void pause(const void *code) {
  machine.current->code = code;
  give_way();
}

}  // namespace emulator

extern "C" int tinyseg_sync_threads(int predicate, const char *file, int line) {
  using namespace emulator;
  Thread &thread = *machine.current;
  thread.state = AT_BARRIER;
  thread.site = {file, line};
  thread.predicate = predicate;
  trace_wait(BLOCK_WAIT, file, line);
  give_way();
  return machine.block->count;
}

extern "C" void *tinyseg_dynamic_shared() { return emulator::machine.dynamic_shared; }
