// Runs the threads of one block. Warps take turns; within a warp, lanes run one after the other until each waits or has ended.
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

static void begin(Thread &thread) {
  machine.current = &thread;
  tinyseg_thread_index = thread.index;
}

// The body of every worker: start threads that are next in the sweep and still new; then give the stack back.
static void work() {
  for (;;) {
    Worker *self = machine.current->worker;
    for (;;) {
      Thread &thread = *machine.current;
      thread.worker = self;
      machine.launch->run(machine.launch->arguments);
      machine.current->state = DONE;
      machine.done++;
      if (machine.cursor + 1 >= machine.sweep_size) break;
      Thread &next = machine.threads[machine.warp_base + machine.sweep[machine.cursor + 1]];
      if (next.state != NEW) break;
      machine.cursor++;
      next.state = READY;
      begin(next);
    }
    machine.free_workers[machine.free_count++] = self;
    switch_context(self->context, machine.scheduler);
  }
}

static Worker *take_worker() {
  Worker *worker = machine.free_workers[--machine.free_count];
  const unsigned index = unsigned(worker - machine.workers);
  if (index >= machine.made_workers) {
    make_context(worker->context, worker->stack + PAGE, STACK - PAGE, work);
    machine.made_workers = index + 1;
  }
  return worker;
}

void reset_workers() {
  machine.made_workers = 0;
  machine.free_count = MAX_THREADS;
  for (unsigned i = 0; i < MAX_THREADS; i++) machine.free_workers[i] = &machine.workers[MAX_THREADS - 1 - i];
}

static void sweep_lanes() {
  for (machine.cursor = 0; machine.cursor < machine.sweep_size; machine.cursor++) {
    Thread &thread = machine.threads[machine.warp_base + machine.sweep[machine.cursor]];
    if (thread.state == NEW) {
      thread.worker = take_worker();
    } else if (thread.state != READY) {
      continue;
    }
    thread.state = READY;
    begin(thread);
    switch_context(machine.scheduler, thread.worker->context);
  }
}

static void set_sweep(unsigned base, int order) {
  machine.warp_base = base;
  machine.sweep_size = std::min(WARP, machine.count - base);
  const unsigned size = machine.sweep_size, shift = order < 2 ? 0 : unsigned(order - 2);
  for (unsigned i = 0; i < size; i++) machine.sweep[i] = order == 1 ? size - 1 - i : (i + shift * 7) % size;
}

// Every thread waits or has ended, and no warp can go on: either all who are left are at one barrier, or it is an error.
static void release_block() {
  const Thread *first = nullptr, *other = nullptr, *stuck = nullptr;
  unsigned waiting = 0, count = 0;
  for (unsigned i = 0; i < machine.count; i++) {
    const Thread &thread = machine.threads[i];
    if (thread.state == AT_WARP) stuck = &thread;
    if (thread.state != AT_BARRIER) continue;
    waiting++;
    count += thread.predicate != 0;
    if (!first) first = &thread;
    else if (!other && (thread.site.line != first->site.line || strcmp(thread.site.file, first->site.file))) other = &thread;
  }
  if (stuck) {
    machine.current = const_cast<Thread *>(stuck);
    tinyseg_thread_index = stuck->index;
    if (first)
      fail(stuck->site, nullptr, "deadlock: this lane waits for its warp, but %u threads wait at the __syncthreads at %s:%d", waiting,
           first->site.file, first->site.line);
    fail(stuck->site, nullptr, "deadlock: this lane waits for lanes (mask 0x%08x) that wait for other lanes", stuck->mask);
  }
  if (other) {
    machine.current = const_cast<Thread *>(other);
    tinyseg_thread_index = other->index;
    fail(other->site, nullptr, "divergent __syncthreads: thread (%u, %u, %u) waits at another one, %s:%d", first->index.x, first->index.y,
         first->index.z, first->site.file, first->site.line);
  }
  if (machine.launch->full_barriers && machine.done) {
    machine.current = const_cast<Thread *>(first);
    tinyseg_thread_index = first->index;
    fail(first->site, nullptr,
         "divergent __syncthreads: %u threads wait here, and the other %u of the block have ended without coming here", waiting,
         machine.done);
  }
  machine.block_count = int(count);
  checks_block_barrier();
  for (unsigned i = 0; i < machine.count; i++)
    if (machine.threads[i].state == AT_BARRIER) machine.threads[i].state = READY;
}

void run_block() {
  const unsigned warps = (machine.count + WARP - 1) / WARP;
  const int order = machine.launch->order;
  for (unsigned i = 0; i < machine.count; i++) machine.threads[i].state = NEW;
  machine.done = 0;
  while (true) {
    for (unsigned k = 0; k < warps; k++) {
      const unsigned warp = order == 1 ? warps - 1 - k : (k + (order < 2 ? 0u : unsigned(order - 2))) % warps;
      set_sweep(warp * WARP, order);
      do sweep_lanes();
      while (release_warp());
      checks_warp_done();
    }
    if (machine.done == machine.count) return;
    release_block();
  }
}

}  // namespace emulator

extern "C" int tinyseg_sync_threads(int predicate, const char *file, int line) {
  using namespace emulator;
  Thread &thread = *machine.current;
  thread.state = AT_BARRIER;
  thread.site = {file, line};
  thread.predicate = predicate;
  trace_wait(BLOCK_WAIT, file, line);
  switch_context(thread.worker->context, machine.scheduler);
  return machine.block_count;
}

extern "C" void *tinyseg_dynamic_shared() { return emulator::machine.dynamic_shared; }
