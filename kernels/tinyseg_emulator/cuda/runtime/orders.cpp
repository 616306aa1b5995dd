// What orders accesses besides barriers of a block (epochs) and of a warp (clocks.cpp): fences and atomics, and the
// order of launches.
//
// PTX's memory model (PTX ISA, chapter "Memory consistency model"): a fence followed by a strong write of the same
// thread to a variable is a release pattern, a strong read followed by a fence an acquire pattern; when the read sees
// the write, or what an atomic operation made of it, all that came before the first fence comes before all behind the
// second one. Strong are atomics and volatile accesses. The scope of both fences must take in both threads. Simplified
// here, always towards silence:
//   - a fence of each thread before a barrier of the block counts for the thread that does the atomic behind it;
//   - a barrier of the block, and a volatile access, count as the acquiring fence (as in the programming guide's
//   example, where the last block adds up);
//   - an atomic or volatile read that comes later in this run of the emulator counts as seeing the write, since memory
//   is coherent here.
// A thread's knowledge is its block's epochs, its warp's clocks, and a sorted list of what it has acquired: threads of
// other warps and blocks, or whole blocks, each with the epoch and clock up to which their accesses are behind it.
#include <algorithm>

#include "checks.h"

namespace emulator {

struct Item {
  uint64_t key;           // block, and 1 + thread; 0 in its place: all threads of the block
  uint32_t epoch, clock;  // of a thread: its accesses up to there; of a block: all before that epoch
};
using Known = std::shared_ptr<const std::vector<Item>>;

struct Fence {
  uint32_t epoch = 0, clock = 0;
  Known known;
  std::unique_ptr<uint32_t[]> row;  // of the warp's clocks
};
enum Level { BLOCK_LEVEL, DEVICE_LEVEL, LEVELS };  // who sees it
struct ThreadKnows {
  Known known, pending[LEVELS];  // pending: acquired by an atomic that no fence has followed yet
  Fence fences[LEVELS];
};
struct BlockOrder {
  std::vector<ThreadKnows> threads;
  Known known;                // of all threads of the block
  bool any = false;           // whether a thread knows more than that
  uint32_t fenced_epoch = 0;  // what the block's threads did before it is behind a fence of theirs
};
struct Variable {
  Known released[LEVELS];
  uint32_t block;  // that released[BLOCK_LEVEL] is of
};
static std::unordered_map<uint64_t, Variable> variables;
static bool any_fence;  // in this launch

static bool no_fences() { return !any_fence && variables.empty(); }
// Whether a relaxed atomic has nothing to do with the order of other accesses.
bool orders_nothing(bool shared) { return no_fences() && !keeps_operations(shared); }

static uint64_t key_of(uint32_t block, unsigned thread) { return uint64_t(block) << 11 | (thread + 1); }
static uint64_t key_of(uint32_t block) { return uint64_t(block) << 11; }
static uint64_t variable_key(const char *address, bool shared) {
  return reinterpret_cast<uintptr_t>(address) ^ (shared ? uint64_t(checks.block->number + 1) << 48 : 0);
}

static Known merge(const Known &a, const Known &b) {
  if (!a || a == b) return b;
  if (!b) return a;
  auto both = std::make_shared<std::vector<Item>>();
  both->reserve(a->size() + b->size());
  auto i = a->begin(), j = b->begin();
  uint64_t block = ~uint64_t(0);
  uint32_t whole = 0;
  while (i != a->end() || j != b->end()) {
    Item item;
    if (j == b->end() || (i != a->end() && i->key < j->key)) {
      item = *i++;
    } else if (i == a->end() || j->key < i->key) {
      item = *j++;
    } else {
      item = i->epoch > j->epoch || (i->epoch == j->epoch && i->clock > j->clock) ? *i : *j;
      i++, j++;
    }
    if (item.key >> 11 != block) block = item.key >> 11, whole = 0;
    if (!(item.key & 2047)) whole = item.epoch;
    else if (item.epoch < whole) continue;
    both->push_back(item);
  }
  return both;
}

static bool contains(const Known &known, uint32_t block, const Entry &entry) {
  if (!known) return false;
  const auto less = [](const Item &item, uint64_t key) { return item.key < key; };
  auto at = std::lower_bound(known->begin(), known->end(), key_of(block), less);
  if (at != known->end() && at->key == key_of(block) && entry.epoch < at->epoch) return true;
  const uint64_t key = key_of(block, entry.thread());
  at = std::lower_bound(at, known->end(), key, less);
  return at != known->end() && at->key == key &&
         (entry.epoch < at->epoch || (entry.epoch == at->epoch && entry.clock() <= at->clock));
}

static BlockOrder &order_of(BlockChecks &block) {
  if (!block.order) {
    block.order = new BlockOrder();
    block.order->threads.resize(machine.count);
  }
  return *block.order;
}

void begin_orders() {
  variables.clear();
  any_fence = false;
}
void end_order(BlockChecks &block) {
  delete block.order;
  block.order = nullptr;
}

// `strong`: also what was acquired without a fence so far, which is enough for a volatile or atomic access.
bool known_to_be_before(const Entry &entry, unsigned thread, bool strong) {
  if (entry.epoch < checks.launch_epoch) return launch_is_before(entry.epoch);
  const BlockChecks &block = *checks.block;
  const uint32_t of = checks.block_of_epoch[entry.epoch];
  if (entry.epoch == block.epoch && entry.thread() / WARP == thread / WARP &&
      warp_knows(block, thread, entry.thread(), entry.clock()))
    return true;
  if (!block.order) return false;
  const ThreadKnows &mine = block.order->threads[thread];
  if (contains(block.order->known, of, entry) || contains(mine.known, of, entry)) return true;
  return strong && (contains(mine.pending[BLOCK_LEVEL], of, entry) || contains(mine.pending[DEVICE_LEVEL], of, entry));
}

bool is_released(const char *address, bool shared) {
  const auto found = variables.find(variable_key(address, shared));
  return found != variables.end() && (found->second.released[BLOCK_LEVEL] || found->second.released[DEVICE_LEVEL]);
}

// A barrier makes what each thread knows known to all of its block.
void order_block_barrier(BlockChecks &block) {
  block.ordered_within = false;
  if (!block.order) return;
  BlockOrder &order = *block.order;
  if (order.any)
    for (ThreadKnows &thread : order.threads) {
      order.known = merge(order.known, thread.known);
      thread.known.reset();
      for (Known &pending : thread.pending) {
        order.known = merge(order.known, pending);
        pending.reset();
      }
    }
  order.any = false;
  if (std::find(block.unfenced, block.unfenced + machine.count, 1) == block.unfenced + machine.count)
    order.fenced_epoch = block.epoch + 1;
}

void order_warp_barrier(unsigned base, unsigned mask) {
  sync_warp_clocks(base, mask);
  BlockOrder *order = checks.block->order;
  if (!order || !order->any) return;
  Known all;
  for (unsigned lane = 0; lane < WARP; lane++)
    if (mask >> lane & 1) {
      ThreadKnows &thread = order->threads[base + lane];
      all = merge(merge(all, thread.known), merge(thread.pending[BLOCK_LEVEL], thread.pending[DEVICE_LEVEL]));
    }
  for (unsigned lane = 0; lane < WARP; lane++)
    if (mask >> lane & 1) order->threads[base + lane].known = all;
}

void note_fence(int scope) {
  BlockChecks &block = *checks.block;
  BlockOrder &order = order_of(block);
  const unsigned thread = current_thread();
  ThreadKnows &mine = order.threads[thread];
  any_fence = true;
  const int levels = scope == BLOCK_SCOPE ? 1 : LEVELS;
  const uint32_t clock = clock_of(block, thread);
  for (int level = 0; level < levels; level++) {
    mine.known = merge(mine.known, mine.pending[level]);
    mine.pending[level].reset();
  }
  for (int level = 0; level < levels; level++) {
    Fence &fence = mine.fences[level];
    fence.epoch = block.epoch;
    fence.clock = clock;
    fence.known = merge(mine.known, order.known);
    fence.row.reset();
    if (block.clocks && block.warp_epochs[thread / WARP] == block.epoch) {
      fence.row.reset(new uint32_t[WARP]);
      std::copy_n(block.clocks.get() + thread * WARP, WARP, fence.row.get());
    }
  }
  if (levels == LEVELS) block.unfenced[thread] = 0;
  count_synchronisation(thread);
}

// What a strong write of the running thread releases: all that is behind a fence.
static Known released_by(unsigned thread, int level) {
  const BlockChecks &block = *checks.block;
  const BlockOrder &order = *block.order;
  const Fence &fence = order.threads[thread].fences[level];
  const uint32_t whole = std::max(fence.epoch, order.fenced_epoch);
  if (!whole) return nullptr;
  auto items = std::make_shared<std::vector<Item>>();
  items->push_back({key_of(block.number), whole, 0});
  const unsigned base = thread / WARP * WARP;
  const bool clocks = block.clocks && block.warp_epochs[thread / WARP] == block.epoch;
  for (unsigned other = base; other < std::min(base + WARP, machine.count); other++) {
    uint32_t clock = 0;
    if (fence.epoch == block.epoch && fence.epoch >= whole)
      clock = other == thread ? fence.clock : fence.row ? fence.row[other % WARP] : 0;
    const Fence &theirs = order.threads[other].fences[level];
    if (clocks && other != thread &&
        theirs.epoch == block.epoch)  // fenced by that lane itself, and known by a __syncwarp
      clock = std::max(clock, std::min(theirs.clock, block.clocks[thread * WARP + other % WARP]));
    if (clock) items->push_back({key_of(block.number, other), block.epoch, clock});
  }
  Known known = merge(items, fence.known);
  return order.fenced_epoch == block.epoch ? merge(known, order.known) : known;
}

static void acquire(const char *address, int kind, bool shared) {
  BlockChecks &block = *checks.block;
  const auto found = variables.find(variable_key(address, shared));
  if (found == variables.end()) return;
  const Variable &variable = found->second;
  ThreadKnows &mine = order_of(block).threads[current_thread()];
  if (!(kind & BLOCK_SCOPE))
    mine.pending[DEVICE_LEVEL] = merge(mine.pending[DEVICE_LEVEL], variable.released[DEVICE_LEVEL]);
  if (variable.block == block.number)
    mine.pending[BLOCK_LEVEL] = merge(mine.pending[BLOCK_LEVEL], variable.released[BLOCK_LEVEL]);
  block.order->any = block.ordered_within = true;
}

static void release(const char *address, int kind, bool shared, bool is_atomic) {
  const BlockChecks &block = *checks.block;
  const unsigned thread = current_thread();
  Known released[LEVELS];
  if (block.order) {
    released[BLOCK_LEVEL] = released_by(thread, BLOCK_LEVEL);
    if (!(kind & BLOCK_SCOPE)) released[DEVICE_LEVEL] = released_by(thread, DEVICE_LEVEL);
  }
  if (!released[BLOCK_LEVEL] && (is_atomic || variables.empty())) return;
  Variable &variable = variables[variable_key(address, shared)];
  for (int level = 0; level < LEVELS; level++) {
    const bool goes_on =
        is_atomic && (level == DEVICE_LEVEL || variable.block == block.number);  // an atomic passes on what it has read
    variable.released[level] = goes_on ? merge(variable.released[level], released[level]) : released[level];
  }
  variable.block = block.number;
}

bool note_synchronising(const char *address, int kind, const void *code, bool shared) {
  const int access = kind & ACCESS_KIND;
  if (no_fences() && !(kind & ACQUIRE_RELEASE))
    return note_operation(address, code, shared, access != VOLATILE_WRITE, access != VOLATILE_READ);
  const bool reads = access != VOLATILE_WRITE, writes = access != VOLATILE_READ;
  if (kind & RELEASE) note_fence(kind & BLOCK_SCOPE);
  if (reads && !variables.empty()) acquire(address, kind, shared);
  if (writes && any_fence) release(address, kind, shared, access == ATOMIC);
  const bool kept = note_operation(address, code, shared, reads, writes);
  if (kind & ACQUIRE) note_fence(kind & BLOCK_SCOPE);
  return kept || any_fence;
}

}  // namespace emulator

extern "C" void tinyseg_fence(int scope) {
  if (emulator::checks.active & emulator::RACES) emulator::note_fence(scope);
}
