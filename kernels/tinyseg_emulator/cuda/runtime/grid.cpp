// The blocks of a grid. One runs until it has ended; when its threads wait for another block (in a loop over an atomic
// or volatile variable, or at a barrier of the grid), it is put aside and others have their turn, as many at once as a
// GPU would have resident.
#include "machine.h"
#include "trace.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace emulator {

constexpr unsigned LONG_TURNS = 64;  // turns that a block may take in a row that computes and does not wait
// Rounds over all blocks without any progress before they count as waiting for ever, and the processor time that these
// take at least; or so much of it.
constexpr uint64_t IDLE_ROUNDS = 5'000;
constexpr double IDLE_SECONDS = 1, LONG_IDLE_SECONDS = 10;

static void fill_shared(const Launch &launch) {  // all bits set: NaN as a float, -1 as an integer
  if (launch.static_shared_size) memset(launch.static_shared, 0xFF, launch.static_shared_size);
  if (launch.dynamic_shared) memset(machine.dynamic_shared, 0xFF, size_t(machine.dynamic_end - machine.dynamic_shared));
}

static std::vector<Block *> spare;  // blocks to be used again

static Block *new_block() {
  static unsigned threads_made;
  if (!spare.empty() && threads_made < machine.count) {
    for (Block *block : spare) free(block->threads), delete block;
    spare.clear();
  }
  if (spare.empty()) {
    threads_made = std::max(threads_made, machine.count);
    spare.push_back(new Block());
    spare.back()->threads = static_cast<Thread *>(aligned_alloc(alignof(Thread), threads_made * sizeof(Thread)));
  }
  Block *block = spare.back();
  spare.pop_back();
  return block;
}

static void put_aside() {
  Block *block = machine.block;
  if (!block) return;
  const Launch &launch = *machine.launch;
  if (!block->aside) block->aside = static_cast<char *>(malloc(launch.static_shared_size + launch.dynamic_shared + 1));
  memcpy(block->aside, launch.static_shared, launch.static_shared_size);
  memcpy(block->aside + launch.static_shared_size, machine.dynamic_shared, launch.dynamic_shared);
  machine.block = nullptr;
}

static void make_current(Block *block) {
  machine.block = block;
  machine.threads = block->threads;
  tinyseg_block_index = block->index;
}

static void enter(Block *block) {
  if (machine.block == block) return;
  put_aside();
  const Launch &launch = *machine.launch;
  memcpy(launch.static_shared, block->aside, launch.static_shared_size);
  memcpy(machine.dynamic_shared, block->aside + launch.static_shared_size, launch.dynamic_shared);
  make_current(block);
  checks_enter_block(*block);
}

static void end_block(Block *block) {
  checks_end_block(*block);
  free(block->aside);
  block->aside = nullptr;
  machine.alive.erase(std::find(machine.alive.begin(), machine.alive.end(), block));
  machine.block = nullptr;
  spare.push_back(block);
  machine.progress++;
}

static void begin_block(uint64_t number) {
  put_aside();
  const Launch &launch = *machine.launch;
  Block *block = new_block();
  const uint64_t x = launch.grid[0], y = launch.grid[1];
  block->index = {unsigned(number % x), unsigned(number / x % y), unsigned(number / (x * y))};
  block->number = uint32_t(number);
  block->done = 0;
  block->count = 0;
  block->aside = nullptr;
  block->checks = nullptr;
  const unsigned *shape = launch.block;
  if (block->shape[0] != shape[0] || block->shape[1] != shape[1] || block->shape[2] != shape[2])
    for (unsigned i = 0; i < machine.count; i++)
      block->threads[i].index = {i % shape[0], i / shape[0] % shape[1], i / (shape[0] * shape[1])};
  memcpy(block->shape, shape, sizeof block->shape);
  for (unsigned i = 0; i < machine.count; i++) {
    block->threads[i].state = NEW;
    block->threads[i].slow = false;
  }
  machine.alive.push_back(block);
  make_current(block);
  fill_shared(launch);
  checks_begin_block(*block);
}

static bool room_for_one_more() {
  const size_t alive = machine.alive.size(),
               shared = machine.launch->static_shared_size + machine.launch->dynamic_shared;
  return alive < ALIVE_BLOCKS && (alive + 1) * ((machine.count + WARP - 1) / WARP * WARP) <= ALIVE_THREADS &&
         (alive + 1) * shared <= ALIVE_SHARED;
}

// A block's turns, until it has ended or waits for others.
static Turn run_current() {
  for (unsigned i = 0; i < LONG_TURNS; i++) {
    const Turn turn = run_turn();
    if (turn == ENDED) end_block(machine.block);
    if (turn != RUNNING) return turn;
  }
  return PAUSED;
}

static const Thread *first_at_grid(const Block *block) {
  for (unsigned i = 0; i < machine.count; i++)
    if (block->threads[i].state == AT_GRID) return &block->threads[i];
  return nullptr;
}

// Every block that is alive waits at a barrier of the grid.
static void release_grid(bool all_begun) {
  const Thread *waits = first_at_grid(machine.alive.front());
  if (!all_begun)
    fail(waits->site, nullptr,
         "a barrier of the whole grid needs all %llu blocks at once, and only %zu of this size fit: launch at most as "
         "many as are resident together",
         static_cast<unsigned long long>(machine.blocks), machine.alive.size());
  if (machine.alive.size() < machine.blocks)
    fail(waits->site, nullptr,
         "deadlock: %zu blocks wait for the whole grid here, and the other %llu have ended without coming here",
         machine.alive.size(), static_cast<unsigned long long>(machine.blocks - machine.alive.size()));
  for (Block *block : machine.alive)
    for (unsigned i = 0; i < machine.count; i++)
      if (block->threads[i].state == AT_GRID) block->threads[i].state = READY;
  machine.progress++;
  checks_grid_barrier();
}

static uint64_t block_at(uint64_t place) {
  const int order = machine.launch->order;
  if (order == 1) return machine.blocks - 1 - place;
  return order < 2 ? place : (place + uint64_t(order - 2)) % machine.blocks;
}

void run_grid() {
  const Launch &launch = *machine.launch;
  machine.blocks = uint64_t(launch.grid[0]) * launch.grid[1] * launch.grid[2];
  machine.begun = machine.progress = 0;
  machine.block = nullptr;
  while (!machine.alive.empty()) end_block(machine.alive.back());  // of a launch that was left by an error
  uint64_t idle_rounds = 0, progress = 0;
  double idle_since = 0;
  while (true) {
    bool at_grid = true;  // whether every block that is alive waits for the grid
    const size_t known = machine.alive.size();
    for (size_t i = known; i-- > 0;)  // the newest first: it may have what the older ones wait for
      if (i < machine.alive.size()) {
        enter(machine.alive[i]);
        const Turn turn = run_current();
        at_grid = at_grid && (turn == GRID_BARRIER || turn == ENDED);
      }
    while (machine.begun < machine.blocks && room_for_one_more()) {
      begin_block(block_at(machine.begun++));
      const Turn turn = run_current();
      at_grid = at_grid && (turn == GRID_BARRIER || turn == ENDED);
    }
    if (machine.alive.empty() && machine.begun == machine.blocks) return;
    if (at_grid && !machine.alive.empty()) release_grid(machine.begun == machine.blocks);
    if (machine.progress != progress || !checks_are_on()) {
      progress = machine.progress;
      idle_rounds = 0;
    } else if (idle_rounds++ == 0) {
      idle_since = processor_seconds();
    } else if (idle_rounds % 16 == 0) {
      const double idle = processor_seconds() - idle_since;
      if (idle > LONG_IDLE_SECONDS || (idle > IDLE_SECONDS && idle_rounds > IDLE_ROUNDS)) end_launch(STALLED, nullptr);
    }
  }
}

}  // namespace emulator

extern "C" void tinyseg_sync_grid(const char *file, int line) {
  using namespace emulator;
  Thread &thread = *machine.current;
  if (machine.launch->kind == ORDINARY)
    fail({file, line}, nullptr,
         "a barrier of the whole grid needs a cooperative launch (cudaLaunchCooperativeKernel): else blocks may wait "
         "that never all run at once");
  thread.state = AT_GRID;
  trace_wait(BLOCK_WAIT, file, line, true);
  thread.site = {file, line};
  give_way();
}
