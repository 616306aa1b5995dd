// The race detector. Two accesses race when they touch a common byte, at least one of them writes, not both are atomic, and nothing orders them:
//   - threads of different blocks are never ordered within a launch;
//   - threads of a block are ordered by __syncthreads: accesses of the same epoch, the interval between two barriers, are not;
//   - lanes of a warp are also ordered by __syncwarp, tracked with vector clocks: a lane knows up to which of its synchronisations every other lane's accesses are
//     behind it. (Shuffles and votes order nothing: CUDA says that they imply no memory barrier.)
// For each word of four bytes a cell remembers who touched it: for each instruction two threads, so that whatever thread comes later, one of the two is another one.
// Hence what is found does not depend on the order in which the threads run here.
#include <cstring>
#include <memory>

#include "checks.h"

namespace emulator {

struct Entry {
  const void *code;
  uint32_t block, epoch, clock;
  uint16_t thread;
  uint8_t access, mask;  // mask: which bytes of the word
};
constexpr int ENTRIES = 6, PAGE_CELLS = 256;
struct Cell {
  uint32_t written_block;  // shared memory: the block that wrote ...
  uint8_t written, count;  // ... these bytes
  Entry entries[ENTRIES];
};
struct CellPage {
  Cell cells[PAGE_CELLS];
};

static std::unordered_map<uintptr_t, std::unique_ptr<CellPage>> pages;
static uintptr_t last_number = ~uintptr_t(0);
static CellPage *last_page;
static uint32_t clocks[MAX_WARPS][WARP][WARP];  // [warp][lane][other]: how many of the other's synchronisations this lane knows
static bool clocks_ready;

// The finding whose second access is about to happen: its value afterwards is read at the next event of any kind.
struct Pending {
  size_t finding;
  const char *address;
  int size;
  bool keep;  // the first time that these lines race
  unsigned char before[16];
};
static std::vector<Pending> pending;

void begin_races() {
  pages.clear();
  last_number = ~uintptr_t(0);
  pending.clear();
  if (clocks_ready) return;
  for (auto &warp : clocks)
    for (unsigned lane = 0; lane < WARP; lane++) warp[lane][lane] = 1;
  clocks_ready = true;
}

void sync_warp_clocks(unsigned base, unsigned mask) {
  auto &warp = clocks[base / WARP];
  uint32_t merged[WARP] = {};
  for (unsigned lane = 0; lane < WARP; lane++)
    if (mask >> lane & 1)
      for (unsigned other = 0; other < WARP; other++) merged[other] = warp[lane][other] > merged[other] ? warp[lane][other] : merged[other];
  for (unsigned lane = 0; lane < WARP; lane++)
    if (mask >> lane & 1) {
      memcpy(warp[lane], merged, sizeof merged);
      warp[lane][lane]++;
    }
}

static Cell &cell_of(uintptr_t word) {
  const uintptr_t number = word / PAGE_CELLS;
  if (number != last_number) {
    auto &page = pages[number];
    if (!page) page.reset(new CellPage());
    last_number = number;
    last_page = page.get();
  }
  return last_page->cells[word % PAGE_CELLS];
}

static bool ordered(const Entry &entry, unsigned thread, bool shared) {
  if (entry.block != checks.block) return shared;  // shared memory of another block is other memory
  if (entry.epoch != checks.epoch || entry.thread == thread) return true;
  if (entry.thread / WARP != thread / WARP) return false;
  return clocks[thread / WARP][thread % WARP][entry.thread % WARP] >= entry.clock;
}

static uint3 thread_index(unsigned thread) { return machine.threads[thread].index; }
static uint3 block_index(uint32_t block) {  // the blocks were counted from 1 in the order in which they ran
  const uint64_t x = machine.launch->grid[0], y = machine.launch->grid[1], total = x * y * machine.launch->grid[2];
  const int order = machine.launch->order;
  const uint64_t i = block - 1, shift = order < 2 ? 0 : uint64_t(order - 2) % total, linear = order == 1 ? total - 1 - i : (i + shift) % total;
  return {unsigned(linear % x), unsigned(linear / x % y), unsigned(linear / (x * y))};
}

void finish_values() {
  for (const Pending &one : pending) {
    Finding &finding = checks.findings[one.finding];
    if (memcmp(one.before, one.address, size_t(one.size))) finding.all_same = 0;
    if (!one.keep) continue;
    memcpy(finding.after, one.address, size_t(one.size));
    finding.value_known = 1;
  }
  pending.clear();
}

static uint64_t key_of(const void *a, int access_a, const void *b, int access_b, bool other_block) {
  uint64_t low = uint64_t(reinterpret_cast<uintptr_t>(a)) * 4 + unsigned(access_a), high = uint64_t(reinterpret_cast<uintptr_t>(b)) * 4 + unsigned(access_b);
  if (high < low) std::swap(low, high);
  return (low * 0x9E3779B97F4A7C15u ^ high) * 2 + other_block;
}

static void report(const Entry &entry, const Where &where, const char *address, size_t size, int access, const void *code, unsigned thread) {
  const uint64_t key = key_of(entry.code, entry.access, code, access, entry.block != checks.block);
  auto [place, is_new] = checks.finding_of.try_emplace(key, checks.findings.size());
  if (is_new) {
    Finding finding = {};
    finding.kind = RACE;
    finding.space = where.space;
    finding.size = int(size);
    finding.all_same = 1;
    finding.address = address;
    finding.first = {entry.code, entry.access, block_index(entry.block), thread_index(entry.thread)};
    finding.second = {code, access, block_index(checks.block), thread_index(thread)};
    memcpy(finding.before, address, size);
    checks.findings.push_back(finding);
  }
  checks.findings[place->second].count++;
  pending.push_back({place->second, address, int(size), is_new, {}});
  memcpy(pending.back().before, address, size);
}

static void report_uninitialised(const Where &where, const char *address, size_t size, int access, const void *code, unsigned thread) {
  const uint64_t key = uint64_t(reinterpret_cast<uintptr_t>(code)) * 8 + 7;
  auto [place, is_new] = checks.finding_of.try_emplace(key, checks.findings.size());
  if (is_new) {
    Finding finding = {};
    finding.kind = UNINITIALISED_READ;
    finding.space = where.space;
    finding.size = int(size);
    finding.address = address;
    finding.first = finding.second = {code, access, block_index(checks.block), thread_index(thread)};
    memcpy(finding.before, address, size);
    checks.findings.push_back(finding);
  }
  checks.findings[place->second].count++;
}

static void insert(Cell &cell, const Entry &mine) {
  Entry *same[2] = {nullptr, nullptr};
  int count = 0;
  for (int i = 0; i < cell.count; i++) {
    Entry &entry = cell.entries[i];
    if (entry.code != mine.code || entry.access != mine.access || entry.mask != mine.mask) continue;
    if (entry.block == mine.block && (entry.thread == mine.thread || entry.epoch != mine.epoch)) {
      entry = mine;  // the older one is ordered before whatever this block does from now on
      return;
    }
    if (count < 2) same[count++] = &entry;
  }
  if (count == 2) {
    const bool others = same[0]->block != mine.block;
    if (others || (same[0]->block == same[1]->block && same[0]->thread / WARP == same[1]->thread / WARP && mine.thread / WARP != same[0]->thread / WARP))
      *same[1] = mine;
    return;
  }
  if (cell.count < ENTRIES) {
    cell.entries[cell.count++] = mine;
    return;
  }
  for (Entry &entry : cell.entries)
    if (entry.epoch != mine.epoch) {
      entry = mine;
      return;
    }
}

void note_race_access(const Where &where, const char *address, size_t size, int access, const void *code) {
  const bool shared = where.space != GLOBAL;
  if (!shared && (!(checks.active & RACES) || where.region->read_only)) return;
  const unsigned thread = unsigned(machine.current - machine.threads);
  const uintptr_t begin = reinterpret_cast<uintptr_t>(address), end = begin + size;
  bool uninitialised = false;
  for (uintptr_t word = begin / 4; word <= (end - 1) / 4; word++) {
    uint8_t mask = 15;
    if (word * 4 < begin) mask &= uint8_t(15 << (begin - word * 4));
    if (end < word * 4 + 4) mask &= uint8_t(15 >> (word * 4 + 4 - end));
    Cell &cell = cell_of(word);
    if (shared) {
      if (cell.written_block != checks.block) {
        cell.written_block = checks.block;
        cell.written = cell.count = 0;
      }
      if (access != WRITE && (cell.written & mask) != mask) uninitialised = true;
      if (access != READ) cell.written |= mask;
    }
    if (!(checks.active & RACES)) continue;
    for (int i = 0; i < cell.count; i++) {
      const Entry &entry = cell.entries[i];
      if (!(entry.mask & mask) || (entry.access == READ && access == READ) || (entry.access == ATOMIC && access == ATOMIC)) continue;
      if (!ordered(entry, thread, shared)) report(entry, where, address, size, access, code, thread);
    }
    insert(cell, {code, checks.block, checks.epoch, clocks[thread / WARP][thread % WARP][thread % WARP], uint16_t(thread), uint8_t(access), mask});
  }
  if (uninitialised && (checks.active & UNINITIALISED)) report_uninitialised(where, address, size, access, code, thread);
}

}  // namespace emulator
