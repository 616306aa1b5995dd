// The race detector. Two accesses race when they touch a common byte, at least one of them writes, not both are atomic,
// and nothing orders them (orders.cpp). For each word of four bytes a cell remembers who touched it: for each
// instruction two threads, so that whatever thread comes later, one of the two is another one. Hence what is found does
// not depend on the order in which the threads run here.
#include <algorithm>

#include "checks.h"

namespace emulator {

static std::vector<FarCell> far_cells;

void begin_races(bool keep) {
  if (!keep) far_cells.clear();
}

constexpr unsigned bit(unsigned access) { return 1u << access; }
constexpr unsigned WRITES = bit(WRITE) | bit(ATOMIC) | bit(VOLATILE_WRITE),
                   ALL = WRITES | bit(READ) | bit(VOLATILE_READ);
constexpr unsigned CONFLICTS[8] = {WRITES, ALL, ALL & ~bit(ATOMIC), WRITES, ALL};
// Both sides volatile or atomic: such pairs are no data races by themselves.
constexpr unsigned STRONG = bit(ATOMIC) | bit(VOLATILE_READ) | bit(VOLATILE_WRITE);

static uint32_t block_of(uint32_t epoch) { return checks.block_of_epoch[epoch]; }

// Whether an access of this epoch, or of another block, comes before what the thread does now.
static bool is_before(const Entry &entry, unsigned thread, unsigned access) {
  if (entry.epoch == self.epoch) {
    if (entry.thread() == thread) return true;
    if (!checks.block->ordered_within) return false;
  } else if (entry.epoch < checks.ordered_before ||
             (entry.epoch >= checks.launch_epoch && block_of(entry.epoch) == checks.block->number)) {
    return true;
  }
  return known_to_be_before(entry, thread, bit(access) & STRONG);
}

__attribute__((noinline)) static void compare_conflicting(const Entry &entry, uint32_t mine, unsigned thread,
                                                          const Where &where, const char *address, size_t size,
                                                          int access) {
  if (is_before(entry, thread, unsigned(access))) return;
  const void *code = code_at(mine & ((1u << 28) - 1));
  if (bit(entry.access()) & STRONG && bit(unsigned(access)) & STRONG &&
      !matters_though_strong(entry, thread, where, address, size, access, code))
    return;
  if (seen_by_own(entry, thread, address, where.space != GLOBAL, access)) return;
  report_race(entry, where, address, size, access, code, thread);
}

static inline __attribute__((always_inline)) void compare(const Entry &entry, uint32_t mine, unsigned thread,
                                                          const Where &where, const char *address, size_t size,
                                                          int access) {
  if (!(entry.code_mask >> 28 & mine >> 28) || !(CONFLICTS[access] >> entry.access() & 1)) return;
  if (entry.epoch == self.epoch && entry.thread() == thread) return;
  compare_conflicting(entry, mine, thread, where, address, size, access);
}

// Keeps of each instruction two threads, of two warps where there are.
static inline bool same_place(const Entry &a, const Entry &b) {
  return a.code_mask == b.code_mask && a.access() == b.access();
}
static inline bool is_better_second(const Entry &first, const Entry &second, const Entry &mine) {
  return first.thread() / WARP == second.thread() / WARP && mine.thread() / WARP != first.thread() / WARP;
}

// An access to a word that was touched since the last barrier of the block.
__attribute__((noinline)) static void note_shared_again(SharedCell &cell, const Entry &mine, const Where &where,
                                                        const char *address, size_t size, int access, bool complete) {
  const unsigned thread = mine.thread(), conflicting = CONFLICTS[access];
  if (conflicting >> cell.quiet_access & 1) cell.quiet = 0;
  Entry *same[2] = {nullptr, nullptr};
  int found = 0;
  bool conflicts = false;
  for (int i = 0; i < cell.count; i++) {
    Entry &entry = cell.entries[i];
    if (conflicting >> entry.access() & 1) {
      conflicts = true;
      compare(entry, mine.code_mask, thread, where, address, size, access);
    }
    if (!same_place(entry, mine)) continue;
    if (entry.thread() == thread) {
      entry = mine;
      found = 3;  // but compare with the others
    } else if (found < 2) {
      same[found++] = &entry;
    }
  }
  if (found == 3) return;
  if (found == 2) {
    if (is_better_second(*same[0], *same[1], mine)) *same[1] = mine;
    if ((access == READ || access == ATOMIC) && !conflicts && complete && mine.clock() == 1) {
      cell.quiet = mine.code_mask;
      cell.quiet_access = uint8_t(access);
      cell.quiet_warp =
          same[0]->thread() / WARP == same[1]->thread() / WARP ? uint8_t(same[0]->thread() / WARP) : ANY_WARP;
    }
  } else if (cell.count < SHARED_ENTRIES) {
    cell.entries[cell.count++] = mine;
  }
}

static inline __attribute__((always_inline)) bool is_quiet(const SharedCell &cell, const Entry &mine, int access) {
  return cell.epoch == self.epoch && cell.quiet == mine.code_mask && cell.quiet_access == access &&
         (cell.quiet_warp == mine.thread() / WARP || cell.quiet_warp == ANY_WARP) && mine.clock() == 1;
}

static inline __attribute__((always_inline)) void note_shared(SharedCell &cell, uint32_t mask, uint32_t code,
                                                              const Where &where, const char *address, size_t size,
                                                              int access, bool &uninitialised) {
  const Entry mine = {code | mask << 28, self.who | unsigned(access) << 10, self.epoch};
  if (is_quiet(cell, mine, access)) return;
  const bool is_first = cell.epoch != self.epoch;
  if (is_first) {
    if (cell.epoch < checks.block->first_epoch) cell.written = 0;
    cell.epoch = self.epoch;
    cell.count = 1;
    cell.quiet = 0;
    cell.entries[0] = mine;
  }
  const bool complete = (cell.written & mask) == mask;
  if (bit(unsigned(access)) & ~(bit(WRITE) | bit(VOLATILE_WRITE)) && !complete) uninitialised = true;
  if (bit(unsigned(access)) & WRITES) cell.written |= uint8_t(mask);
  if (!is_first) note_shared_again(cell, mine, where, address, size, access, complete);
}

struct Places {  // for a new entry in a cell
  Entry *same[2] = {nullptr, nullptr}, *free = nullptr, *old = nullptr;
  int found = 0;
};

static inline __attribute__((always_inline)) void look_at(Entry &entry, const Entry &mine, unsigned thread,
                                                          Places &places, const Where &where, const char *address,
                                                          size_t size, int access) {
  compare(entry, mine.code_mask, thread, where, address, size, access);
  if (!same_place(entry, mine)) {
    if (entry.epoch != mine.epoch) places.old = &entry;
    return;
  }
  if (entry.epoch == mine.epoch ? entry.thread() == thread
                                : entry.epoch >= checks.launch_epoch && block_of(entry.epoch) == checks.block->number) {
    entry = mine;  // the older one is ordered before whatever this block does from now on
    places.found = 3;
  } else if (places.found < 2) {
    places.same[places.found++] = &entry;
  }
}

// An access to a word that was touched before.
__attribute__((noinline)) static void note_global_again(Cell &cell, const Entry &mine, const Where &where,
                                                        const char *address, size_t size, int access) {
  const unsigned thread = mine.thread();
  Places places;
  for (Entry &entry : cell.entries) {
    if (entry.epoch) {
      look_at(entry, mine, thread, places, where, address, size, access);
    } else {
      places.free = &entry;
      break;
    }
  }
  if (cell.more)
    for (int i = 0; i < FAR_ENTRIES; i++) {
      Entry &entry = far_cells[cell.more - 1].entries[i];
      if (entry.epoch) {
        look_at(entry, mine, thread, places, where, address, size, access);
      } else {
        places.free = &entry;
        break;
      }
    }
  if (places.found == 3) return;
  if (places.found == 2) {
    const Entry &first = *places.same[0], &second = *places.same[1];
    const bool same_block = first.epoch >= checks.launch_epoch && block_of(first.epoch) == checks.block->number;
    if (!same_block || (block_of(first.epoch) == block_of(second.epoch) && is_better_second(first, second, mine)))
      *places.same[1] = mine;
    return;
  }
  if (!places.free && !cell.more) {
    far_cells.push_back({});
    cell.more = uint32_t(far_cells.size());
    places.free = far_cells.back().entries;
  }
  if (places.free) *places.free = mine;
  else if (places.old) *places.old = mine;
}

static inline __attribute__((always_inline)) void note_global(Cell &cell, uint32_t mask, uint32_t code,
                                                              const Where &where, const char *address, size_t size,
                                                              int access) {
  const Entry mine = {code | mask << 28, self.who | unsigned(access) << 10, self.epoch};
  if (!cell.entries[0].epoch) cell.entries[0] = mine;
  else note_global_again(cell, mine, where, address, size, access);
}

// The thread compares and swaps a word that it has read before: `old = *p; do old = atomicCAS(p, seen = old, ...) ...`.
void note_guesses(const Where &where) {
  const auto note = [](const Entry &entry) {
    if (entry.epoch == self.epoch && entry.thread() == current_thread() && entry.access() == READ)
      note_guess(code_of(entry));
  };
  if (where.shared_cell) {
    if (where.shared_cell->epoch == self.epoch)
      std::for_each(where.shared_cell->entries, where.shared_cell->entries + where.shared_cell->count, note);
  } else if (where.cell) {
    std::for_each(where.cell->entries, where.cell->entries + NEAR_ENTRIES, note);
    if (where.cell->more) {
      const FarCell &far = far_cells[where.cell->more - 1];
      std::for_each(far.entries, far.entries + FAR_ENTRIES, note);
    }
  }
}

inline __attribute__((always_inline)) void note_race_access(const Where &where, const char *address, size_t size,
                                                            int access, uint32_t code) {
  const uintptr_t begin = reinterpret_cast<uintptr_t>(address), end = begin + size;
  if (where.space == GLOBAL) {
    if (!where.cell) return;
    if (bit(unsigned(access)) & WRITES) checks.block->unfenced[self.who % MAX_THREADS] = 1;
    if (size == 4 && begin % 4 == 0) return note_global(*where.cell, 15, code, where, address, size, access);
  }
  bool uninitialised = false;
  unsigned i = 0;
  for (uintptr_t word = begin / 4; word <= (end - 1) / 4; word++, i++) {
    uint32_t mask = 15;
    if (word * 4 < begin) mask &= 15u << (begin - word * 4) & 15;
    if (end < word * 4 + 4) mask &= 15u >> (word * 4 + 4 - end);
    if (where.space == GLOBAL) note_global(where.cell[i], mask, code, where, address, size, access);
    else note_shared(where.shared_cell[i], mask, code, where, address, size, access, uninitialised);
  }
  if (uninitialised && (checks.active & UNINITIALISED))
    report_uninitialised(where, address, size, access, code_at(code), current_thread());
}

}  // namespace emulator
