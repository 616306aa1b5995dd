// Which lanes of a warp run together (__activemask, cooperative_groups::coalesced_threads): those that come to the same line
// before any lane of the warp can go on elsewhere. A GPU promises less; this is what it does when nothing delays a lane.
#include "machine.h"

#include <cstring>

namespace emulator {

bool release_converged() {
  bool released = false;
  for (unsigned i = 0; i < machine.sweep_size; i++) {
    Thread &thread = machine.threads[machine.warp_base + i];
    if (thread.state != AT_WARP || thread.operation != CONVERGE) continue;
    unsigned together = 0;
    for (unsigned lane = i; lane < machine.sweep_size; lane++) {
      const Thread &other = machine.threads[machine.warp_base + lane];
      if (other.state == AT_WARP && other.operation == CONVERGE && other.site.line == thread.site.line && !strcmp(other.site.file, thread.site.file))
        together |= 1u << lane;
    }
    for (unsigned lane = i; lane < machine.sweep_size; lane++) {
      if (!(together >> lane & 1)) continue;
      machine.threads[machine.warp_base + lane].shown_mask = together;
      machine.threads[machine.warp_base + lane].state = READY;
    }
    machine.progress++;
    released = true;
  }
  return released;
}

}  // namespace emulator

extern "C" unsigned tinyseg_converged(const char *file, int line) {
  using namespace emulator;
  Thread &thread = *machine.current;
  thread.site = {file, line};
  thread.state = AT_WARP;
  thread.operation = CONVERGE;
  thread.mask = 0;
  give_way();
  return thread.shown_mask;
}
