// What the lanes of a warp know of each other: vector clocks. A thread counts its synchronisations; at a __syncwarp all
// lanes in its mask learn each other's counts.
#include <algorithm>
#include <cstring>

#include "checks.h"

namespace emulator {

static uint32_t *row_of(BlockChecks &block, unsigned thread) {
  if (!block.clocks) block.clocks.reset(new uint32_t[MAX_THREADS * WARP]);
  uint32_t *warp = block.clocks.get() + thread / WARP * WARP * WARP;
  if (block.warp_epochs[thread / WARP] !=
      block.epoch) {  // a barrier of the block orders all that was before, so counting starts again
    memset(warp, 0, WARP * WARP * sizeof *warp);
    for (unsigned lane = 0; lane < WARP; lane++) warp[lane * WARP + lane] = 1;
    block.warp_epochs[thread / WARP] = block.epoch;
  }
  return warp + thread % WARP * WARP;
}

uint32_t &own_clock(BlockChecks &block, unsigned thread) { return row_of(block, thread)[thread % WARP]; }

uint32_t clock_of(const BlockChecks &block, unsigned thread) {
  if (!block.clocks || block.warp_epochs[thread / WARP] != block.epoch) return 1;
  return block.clocks[thread * WARP + thread % WARP];
}

bool warp_knows(const BlockChecks &block, unsigned thread, unsigned other, uint32_t clock) {
  if (!block.clocks || block.warp_epochs[thread / WARP] != block.epoch) return false;
  return block.clocks[thread * WARP + other % WARP] >= clock;
}

// What the running thread does from now on is told apart from what it did before.
void count_synchronisation(unsigned thread) {
  uint32_t &clock = own_clock(*checks.block, thread);
  clock = std::min(clock + 1, LARGEST_CLOCK);
  self.who = thread | clock << 13;
}

void sync_warp_clocks(unsigned base, unsigned mask) {
  uint32_t merged[WARP] = {};
  for (unsigned lane = 0; lane < WARP; lane++) {
    if (!(mask >> lane & 1)) continue;
    const uint32_t *row = row_of(*checks.block, base + lane);
    for (unsigned other = 0; other < WARP; other++) merged[other] = std::max(merged[other], row[other]);
  }
  for (unsigned lane = 0; lane < WARP; lane++) {
    if (!(mask >> lane & 1)) continue;
    uint32_t *row = row_of(*checks.block, base + lane);
    memcpy(row, merged, sizeof merged);
    row[lane] = std::min(row[lane] + 1, LARGEST_CLOCK);
  }
  checks.block->ordered_within = true;
}

}  // namespace emulator
