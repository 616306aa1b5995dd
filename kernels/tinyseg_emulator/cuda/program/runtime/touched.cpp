// Which words of managed memory the launch under check has read and written: what the host may not touch before it has
// waited. The rest of an allocation is the host's all the time, as on devices with concurrent managed access.
#include <algorithm>
#include <bitset>
#include <unordered_map>

#include "program.h"

namespace program {

constexpr uintptr_t WORD = 4, WORDS = 1024;
struct Page {
  std::bitset<WORDS> read, written;
};
struct Touches {
  std::unordered_map<uintptr_t, Page> pages;
};
static std::shared_ptr<Touches> touches;

void begin_touches() { touches = std::make_shared<Touches>(); }

void note_touch(const char* address, size_t size, bool write) {
  const uintptr_t begin = reinterpret_cast<uintptr_t>(address) / WORD,
                  end = (reinterpret_cast<uintptr_t>(address) + size + WORD - 1) / WORD;
  for (uintptr_t word = begin; word < end; word++) {
    Page& page = touches->pages[word / WORDS];
    (write ? page.written : page.read).set(word % WORDS);
  }
}

std::shared_ptr<Touches> end_touches() { return std::move(touches); }

bool touched(const Touches& launch, const char* address, bool host_writes) {
  const uintptr_t word = reinterpret_cast<uintptr_t>(address) / WORD;
  const auto page = launch.pages.find(word / WORDS);
  if (page == launch.pages.end()) return false;
  return page->second.written.test(word % WORDS) || (host_writes && page->second.read.test(word % WORDS));
}

// Whether the launch has touched anything of a stretch of memory, and whether it wrote.
bool touched_within(const Touches& launch, const char* begin, size_t size, bool* writes) {
  const uintptr_t first = reinterpret_cast<uintptr_t>(begin) / WORD,
                  end = (reinterpret_cast<uintptr_t>(begin) + size + WORD - 1) / WORD;
  bool reads = false;
  *writes = false;
  for (const auto& [number, page] : launch.pages) {
    if ((number + 1) * WORDS <= first || number * WORDS >= end) continue;
    const uintptr_t from = std::max(first, number * WORDS), to = std::min(end, (number + 1) * WORDS);
    for (uintptr_t word = from; word < to && !*writes; word++) {
      *writes = page.written.test(word % WORDS);
      reads = reads || page.read.test(word % WORDS);
    }
  }
  return reads || *writes;
}

}  // namespace program
