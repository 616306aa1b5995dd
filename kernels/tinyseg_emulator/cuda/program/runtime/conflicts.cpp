// Operations of two streams that touch a common byte, one of them writing, with no order between them.
//
// For each word of memory: the last operation that wrote it, and the last ones of two streams that read it. Only looked
// at when a program has made streams. Copies say their ranges, launches under check say each access.
#include <array>
#include <cstring>
#include <memory>
#include <set>
#include <unordered_map>

#include "program.h"

extern "C" {
extern void (*tinyseg_observer)(const char* address, size_t size, int access, const void* code, int space);
uint64_t tinyseg_suspend_checks();
}

namespace program {

constexpr int GLOBAL_SPACE = 3;  // checks.h: emulator::GLOBAL
struct Touched {
  uint32_t operation = 0;  // its number and 1; 0 for none
  const void* code = nullptr;
};
struct Word {
  Touched written, read[2];
};
using Words = std::array<Word, 256>;
static std::unordered_map<uintptr_t, std::unique_ptr<Words>> shadow;
static std::set<std::array<uintptr_t, 4>> told;
static long long budget_left;
static uint32_t checked_blocks;

static Word& word_at(uintptr_t number) {
  std::unique_ptr<Words>& page = shadow[number / 256];
  if (!page) page = std::make_unique<Words>();
  return (*page)[number % 256];
}

static bool ordered(const Touched& earlier, const Operation& now) {
  if (!earlier.operation) return true;
  const Operation& then = operation(earlier.operation - 1);
  return then.stream < now.clock.size() && now.clock[then.stream] >= then.index;
}

static void conflict(const Touched& earlier, bool earlier_writes, const Operation& now, bool now_writes, const void* at,
                     const char* address) {
  const Operation& then = operation(earlier.operation - 1);
  const Allocation* one = find(address);  // once for two lines of the host and an allocation
  if (!told.insert({uintptr_t(then.place.line), uintptr_t(now.place.line), uintptr_t(one ? one->begin : nullptr),
                    uintptr_t(then.stream) << 32 | now.stream})
           .second)
    return;
  record("stream race",
         text("first", then.what) + text("first_file", then.place.file) + number("first_line", then.place.line) +
             text("first_does", earlier_writes ? "writes" : "reads") + code("first_code", earlier.code) +
             number("first_stream", then.stream) + text("second", now.what) + text("second_file", now.place.file) +
             number("second_line", now.place.line) + text("second_does", now_writes ? "writes" : "reads") +
             code("second_code", at) + number("second_stream", now.stream) + text("touched", describe(address)) +
             number("byte", one ? address - one->begin : 0));
}

static void touch(const char* address, size_t size, bool write, const void* at) {
  const Operation& now = operation(last_operation());
  const uint32_t mine = last_operation() + 1;
  const uintptr_t begin = reinterpret_cast<uintptr_t>(address) / 4,
                  end = (reinterpret_cast<uintptr_t>(address) + size + 3) / 4;
  for (uintptr_t number = begin; number < end; number++) {
    Word& word = word_at(number);
    if (word.written.operation != mine && !ordered(word.written, now))
      conflict(word.written, true, now, write, at, address);
    if (!write) {
      Touched& slot = word.read[now.stream % 2];
      if (slot.operation != mine) slot = {mine, at};
      continue;
    }
    for (Touched& read : word.read)
      if (read.operation != mine && !ordered(read, now)) conflict(read, false, now, true, at, address);
    word.written = {mine, at};
  }
}

void note_range(const void* begin, size_t size, bool write) {
  if (!several_streams() || !(in_arena(begin) || is_symbol(begin))) return;
  touch(static_cast<const char*>(begin), size, write, nullptr);
}

// What the report on memory keeps of a thread grows with its accesses until others have had their turn.
constexpr long long THREAD_BUDGET = 1'000'000;
static long long in_a_row;
static uint3 last_thread;

static void observe(const char* address, size_t size, int access, const void* at, int space) {
  if (memcmp(&last_thread, &tinyseg_thread_index, sizeof last_thread)) {
    last_thread = tinyseg_thread_index;
    in_a_row = 0;
  }
  if (--budget_left < 0 ||
      ++in_a_row > THREAD_BUDGET) {  // enough was looked at: the rest of the launch runs without checks
    checked_blocks = uint32_t(tinyseg_suspend_checks());
    return;
  }
  const bool writes = access != emulator::READ && access != emulator::VOLATILE_READ;
  if (space != GLOBAL_SPACE || !in_arena(address)) return;
  note_written(address, size, access, at);
  if (has_managed_memory()) note_touch(address, size, writes);
  if (several_streams()) touch(address, size, writes, at);
}

void begin_observing(long long budget) {
  budget_left = budget;
  checked_blocks = 0;
  in_a_row = 0;
  begin_touches();
  tinyseg_observer = observe;
}
void end_observing() { tinyseg_observer = nullptr; }
long long accesses_left() { return budget_left < 0 ? 0 : budget_left; }
uint32_t blocks_checked() { return checked_blocks; }

}  // namespace program
