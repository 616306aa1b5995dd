// Where an address lies: on a stack, in shared memory, in one of the arrays of the launch, or nowhere; and the cell of
// its word.
#include <sys/mman.h>

#include <algorithm>

#include "checks.h"

namespace emulator {

Checks checks;
int64_t countdown = COUNTDOWN, last_countdown = COUNTDOWN;
Self self;

// The extent that an instruction has touched last: nearly all touch one array only.
constexpr unsigned HINTS = 256;
static Extent hints[HINTS];
static inline Extent &hint_of(const void *code) {
  const uintptr_t place = reinterpret_cast<uintptr_t>(code);
  return hints[(place ^ place >> 8) % HINTS];
}
static inline bool is_within(const Extent &extent, const char *address, size_t size) {
  const size_t at = size_t(address - extent.begin);
  return at < extent.size && size <= extent.size - at;
}

// Cells take 7 times the memory of what they describe, and pages that nobody touches take none.
static Cell *map_cells(size_t count) {
  void *memory =
      mmap(nullptr, count * sizeof(Cell), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<Cell *>(memory);
}

static size_t words_of(const Extent &extent) { return extent.size / 4 + 2; }

static std::vector<Extent> extents_of(std::vector<Region> regions) {
  std::sort(regions.begin(), regions.end(), [](const Region &a, const Region &b) { return a.begin < b.begin; });
  std::vector<Extent> extents;
  std::vector<bool> written;
  for (const Region &region : regions) {
    if (!region.size) continue;
    if (extents.empty() || region.begin >= extents.back().begin + extents.back().size) {
      extents.push_back({region.begin, region.size, nullptr});
      written.push_back(!region.read_only);
    } else {
      Extent &last = extents.back();
      last.size = std::max(last.size, size_t(region.begin + region.size - last.begin));
      written.back() = written.back() || !region.read_only;
    }
  }
  for (size_t i = 0; i < extents.size(); i++)
    if (!written[i])
      extents[i].size |= size_t(1) << 63;  // marks those without cells until begin_memory has made the others'
  return extents;
}

// Of launches that belong to one program, memory that is the same keeps its cells.
void begin_memory(const Region *regions, int count, bool keep) {
  std::vector<Extent> before;
  before.swap(checks.extents);
  checks.extents = extents_of({regions, regions + count});
  for (Extent &extent : checks.extents) {
    const bool read_only = extent.size >> 63;
    extent.size &= ~(size_t(1) << 63);
    for (Extent &old : before)
      if (keep && old.cells && old.begin == extent.begin && old.size == extent.size) std::swap(extent.cells, old.cells);
    if (!extent.cells && (!read_only || keep) && (checks.active & RACES)) extent.cells = map_cells(words_of(extent));
  }
  for (const Extent &old : before)
    if (old.cells) munmap(old.cells, words_of(old) * sizeof(Cell));
  std::fill(hints, hints + HINTS, Extent());
}

static bool find_extent(const char *address, size_t size, Extent &hint) {
  auto above = std::upper_bound(checks.extents.begin(), checks.extents.end(), address,
                                [](const char *a, const Extent &e) { return a < e.begin; });
  if (above == checks.extents.begin() || !is_within(above[-1], address, size)) return false;
  hint = above[-1];
  return true;
}

static inline Where in_extent(const Extent &extent, const char *address) {
  const uintptr_t first = reinterpret_cast<uintptr_t>(extent.begin) / 4;
  return {GLOBAL, extent.begin,
          extent.cells ? extent.cells + (reinterpret_cast<uintptr_t>(address) / 4 - first) : nullptr, nullptr};
}

inline __attribute__((always_inline)) Where locate(const char *address, size_t size, const void *code) {
  Extent &hint = hint_of(code);
  if (is_within(hint, address, size)) return in_extent(hint, address);
  if (size_t(address - self.stack) < STACK) return {LOCAL, nullptr, nullptr, nullptr};
  const Launch &launch = *machine.launch;
  const size_t in_static = size_t(address - launch.static_shared),
               in_dynamic = size_t(address - machine.dynamic_shared);
  if (in_static < launch.static_shared_size) {
    const uint16_t variable = checks.variable_at[in_static];
    if (!variable || in_static + size > launch.static_shared_size ||
        checks.variable_at[in_static + size - 1] != variable)
      return {NOWHERE, nullptr, nullptr, nullptr};
    return {STATIC_SHARED, launch.static_shared, nullptr, checks.block->cells.data() + in_static / 4};
  }
  if (in_dynamic < launch.dynamic_shared && in_dynamic + size <= launch.dynamic_shared)
    return {DYNAMIC_SHARED, machine.dynamic_shared, nullptr,
            checks.block->cells.data() + (launch.static_shared_size + 3) / 4 + in_dynamic / 4};
  if (!find_extent(address, size, hint)) return {on_a_stack(address) ? LOCAL : NOWHERE, nullptr, nullptr, nullptr};
  return in_extent(hint, address);
}

}  // namespace emulator
