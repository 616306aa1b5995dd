// Which bytes of global memory a launch must move at least once: those that it reads before it has written them, and
// those that it writes; in sectors of 32 bytes, as memory moves them.
#include "checks.h"

namespace emulator {

constexpr uint8_t READ_FIRST = 1, WRITTEN = 2;
constexpr size_t SECTOR = 32;

struct Marks {
  const char *begin;
  std::vector<uint8_t> bytes;
};
static std::vector<Marks> marks;  // of extents that were touched
static std::vector<Footprint> footprints;
static size_t last;

void begin_footprint() {
  marks.clear();
  footprints.clear();
  last = 0;
}

void note_footprint(const char *base, const char *address, size_t size, int access) {
  if (last >= marks.size() || marks[last].begin != base) {
    for (last = 0; last < marks.size() && marks[last].begin != base;) last++;
    if (last == marks.size()) {
      marks.push_back({base, {}});
      for (const Extent &extent : checks.extents)
        if (extent.begin == base) marks.back().bytes.resize(extent.size);
    }
  }
  std::vector<uint8_t> &bytes = marks[last].bytes;
  const size_t begin = size_t(address - base), end = begin + size;
  if (end > bytes.size()) bytes.resize(end);
  const bool reads = access == READ || access == VOLATILE_READ || access == ATOMIC;
  for (size_t i = begin; i < end; i++) {
    if (reads && !bytes[i]) bytes[i] = READ_FIRST;
    if (access != READ && access != VOLATILE_READ) bytes[i] |= WRITTEN;
  }
}

// Arrays count as aligned to their start, as they are on a GPU.
void collect_footprint() {
  for (const Marks &mark : marks) {
    Footprint sum = {mark.begin, 0, 0};
    for (size_t begin = 0; begin < mark.bytes.size(); begin += SECTOR) {
      uint8_t any = 0;
      for (size_t i = begin; i < std::min(begin + SECTOR, mark.bytes.size()); i++) any |= mark.bytes[i];
      sum.read += any & READ_FIRST ? 1 : 0;
      sum.written += any & WRITTEN ? 1 : 0;
    }
    footprints.push_back(sum);
  }
  marks.clear();
}

}  // namespace emulator

extern "C" {
int tinyseg_footprint_count() { return int(emulator::footprints.size()); }
const emulator::Footprint *tinyseg_footprints() { return emulator::footprints.data(); }
}
