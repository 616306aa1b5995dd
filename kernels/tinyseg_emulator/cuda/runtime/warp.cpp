// Warp-wide operations: lanes named in a mask wait for each other and see what each of them shows.
#include "machine.h"
#include "trace.h"

#include <cstring>

namespace emulator {

static const char *const NAMES[] = {"__syncwarp", "shuffle", "vote", "tensor-core operation", "__activemask"};

static unsigned lane_of(const Thread &thread) { return unsigned(&thread - machine.threads) % WARP; }

// True when every lane of the thread's mask that has not ended waits with the same mask. CUDA wants them to wait at the
// same operation too, except that __syncwarp may stand in both branches of an if.
static bool complete(const Thread &thread) {
  for (unsigned lane = 0; lane < machine.sweep_size; lane++) {
    const Thread &other = machine.threads[machine.warp_base + lane];
    if (!(thread.mask >> lane & 1) || other.state == DONE) continue;
    if (other.state != AT_WARP || other.operation == CONVERGE || other.mask != thread.mask) return false;
  }
  return true;
}

static bool same_site(const Site &a, const Site &b) {
  return a.line == b.line && (a.file == b.file || !strcmp(a.file, b.file));
}

static void show(Thread &thread, unsigned took_part) {
  memcpy(thread.shown, thread.offered, SLOT);
  thread.shown_mask = took_part;
  thread.state = READY;
}

// The usual case, in two passes over the lanes: all that have not ended have come to one operation, and its mask names
// them. False when it is another case.
static bool release_whole_warp() {
  Thread *const lanes = machine.threads + machine.warp_base, *first = nullptr;
  unsigned took_part = 0;
  for (unsigned lane = 0; lane < machine.sweep_size; lane++) {
    Thread &thread = lanes[lane];
    if (thread.state == DONE) continue;
    if (thread.state != AT_WARP) return false;
    if (!first) first = &thread;
    if (thread.operation != first->operation || thread.mask != first->mask || thread.site.line != first->site.line ||
        thread.site.file != first->site.file)
      return false;
    took_part |= 1u << lane;
  }
  if (!first || first->operation == CONVERGE || took_part & ~first->mask) return false;
  for (unsigned lane = 0; lane < machine.sweep_size; lane++)
    if (took_part >> lane & 1) show(lanes[lane], took_part);
  if (first->operation == SYNC_WARP) checks_warp_sync(machine.warp_base, took_part);
  machine.progress++;
  return true;
}

static void check_same_operation(Thread &thread) {
  for (unsigned lane = 0; lane < machine.sweep_size; lane++) {
    const Thread &other = machine.threads[machine.warp_base + lane];
    if (!(thread.mask >> lane & 1) || other.state == DONE) continue;
    if (other.operation == thread.operation && (thread.operation == SYNC_WARP || same_site(other.site, thread.site)))
      continue;
    machine.current = &thread;
    fail(thread.site, nullptr,
         "lanes named in the mask 0x%08x meet at different operations: this %s, and lane %u's %s at %s:%d", thread.mask,
         NAMES[thread.operation], lane, NAMES[other.operation], other.site.file, other.site.line);
  }
}

bool release_warp() {
  if (release_whole_warp()) return true;
  bool released = false;
  for (unsigned i = 0; i < machine.sweep_size; i++) {
    Thread &thread = machine.threads[machine.warp_base + i];
    if (thread.state != AT_WARP || thread.operation == CONVERGE || !complete(thread)) continue;
    check_same_operation(thread);
    unsigned took_part = 0;
    for (unsigned lane = 0; lane < machine.sweep_size; lane++)
      if (thread.mask >> lane & 1 && machine.threads[machine.warp_base + lane].state == AT_WARP)
        took_part |= 1u << lane;
    for (unsigned lane = 0; lane < machine.sweep_size; lane++)
      if (took_part >> lane & 1) show(machine.threads[machine.warp_base + lane], took_part);
    if (thread.operation == SYNC_WARP) checks_warp_sync(machine.warp_base, took_part);
    machine.progress++;
    released = true;
  }
  return released || release_converged();
}

}  // namespace emulator

using namespace emulator;

extern "C" unsigned tinyseg_lane() { return lane_of(*machine.current); }

extern "C" void tinyseg_sync_warp(int operation, unsigned mask, const void *value, size_t size, const char *file,
                                  int line) {
  Thread &thread = *machine.current;
  thread.site = {file, line};
  if (!(mask >> lane_of(thread) & 1))
    fail(thread.site, nullptr, "%s: the calling lane %u is not in the mask 0x%08x", NAMES[operation], lane_of(thread),
         mask);
  thread.state = AT_WARP;
  thread.operation = operation;
  trace_wait(WARP_WAIT + operation, file, line);
  thread.mask = mask;
  if (size) memcpy(thread.offered, value, size);
  give_way();
}

extern "C" const void *tinyseg_shown(unsigned lane) {
  const Thread &thread = *machine.current;
  if (lane >= WARP || !(thread.shown_mask >> lane & 1)) return nullptr;
  return machine.threads[(unsigned(&thread - machine.threads) & ~(WARP - 1)) + lane].shown;
}
