// Which bytes of device memory something has written: a read of others gives whatever lay there before.
//
// A bit for each byte of the arena. What is not seen (host code in managed memory, launches without checks) counts as
// writing. New memory is filled with bytes 0xFF, so what a function without hooks has written is known too: by its
// bytes. A structure has bytes between its members that nobody writes, so an access is told when none of its bytes was
// written.
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "program.h"

extern "C" {
extern const char* tinyseg_range;  // of the copy that the accesses now are a part of
extern size_t tinyseg_range_size;
}

namespace program {

static uint8_t* bits;
static char* first;
static size_t length;  // of what has bits
struct Unwritten {
  const void* at;
  const char* kernel;
  const Allocation* one;
  bool operator<(const Unwritten& other) const {
    return std::tie(at, kernel, one) < std::tie(other.at, other.kernel, other.one);
  }
};
static std::map<Unwritten, int> told_unwritten;

void begin_written(char* arena, size_t size) {
  first = arena;
  length = size;
  void* memory = mmap(nullptr, size / 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  bits = memory == MAP_FAILED ? nullptr : static_cast<uint8_t*>(memory);
}

static bool has_bits(const void* address, size_t size) {
  const size_t offset = size_t(static_cast<const char*>(address) - first);
  return bits && offset < length && offset + size <= length;
}
static bool bit(size_t offset) { return bits[offset / 8] >> offset % 8 & 1; }

void mark_written(const void* address, size_t size) {
  if (!has_bits(address, size)) return;
  size_t offset = size_t(static_cast<const char*>(address) - first), end = offset + size;
  for (; offset < end && offset % 8; offset++) bits[offset / 8] |= uint8_t(1u << offset % 8);
  if (end > offset) memset(bits + offset / 8, 0xFF, (end - offset) / 8);
  for (offset = std::max(offset, end / 8 * 8); offset < end; offset++) bits[offset / 8] |= uint8_t(1u << offset % 8);
}

// Of a copy within the device, what was written where it comes from.
void copy_written(const void* to, const void* from, size_t size) {
  if (!has_bits(to, size)) return;
  if (!has_bits(from, size)) return mark_written(to, size);
  const size_t target = size_t(static_cast<const char*>(to) - first),
               source = size_t(static_cast<const char*>(from) - first);
  for (size_t i = 0; i < size; i++) {
    const unsigned mask = 1u << (target + i) % 8;
    uint8_t& byte = bits[(target + i) / 8];
    byte = uint8_t(bit(source + i) ? byte | mask : byte & ~mask);
  }
}

// How many of the bytes nobody has written; and where the first one is.
size_t unwritten(const char* address, size_t size, size_t* where) {
  if (!has_bits(address, size)) return 0;
  const size_t offset = size_t(address - first);
  size_t count = 0;
  for (size_t i = 0; i < size; i++) {
    if (bit(offset + i) || uint8_t(address[i]) != 0xFF) continue;
    if (!count++) *where = i;
  }
  return count;
}

static std::string of_allocation(const Allocation& one, const char* address) {
  return text("made_file", one.made.file ? one.made.file : "") + number("made_line", one.made.line) +
         number("size", (long long)one.size) + number("offset", address - one.begin) +
         number("element", std::max(one.element_size, 1));
}

static void tell_unwritten(const char* address, size_t size, int access, const void* at) {
  const Allocation* one = find(address);
  if (!one || one->space != DEVICE) return;
  if (told_unwritten[{at, launched_kernel, one}]++) return;
  const uint3 b = tinyseg_block_index, t = tinyseg_thread_index;
  record("unwritten", text("kernel", launched_kernel) + number("access", access) + code("code", at) +
                          of_allocation(*one, address) + number("bytes", (long long)size) + number("bx", b.x) +
                          number("by", b.y) + number("bz", b.z) + number("tx", t.x) + number("ty", t.y) +
                          number("tz", t.z));
}

// An access of a kernel under check.
void note_written(const char* address, size_t size, int access, const void* at) {
  const bool reads = access != emulator::WRITE && access != emulator::VOLATILE_WRITE;
  if (reads && has_bits(address, size)) {
    size_t offset = size_t(address - first), k = 0;
    while (k < size && !bit(offset + k) && uint8_t(address[k]) == 0xFF) k++;
    size_t unused;
    if (k == size) {
      const bool whole = tinyseg_range_size <= size || unwritten(tinyseg_range, tinyseg_range_size, &unused) ==
                                                           tinyseg_range_size;
      if (whole) tell_unwritten(address, size, access, at);
    }
  }
  if (access != emulator::READ && access != emulator::VOLATILE_READ) mark_written(address, size);
}

// A copy to the host: `rows` of `width` bytes.
void check_copied(const char* from, size_t pitch, size_t width, size_t rows, const char* function, Place place) {
  size_t missing = 0, begin = 0;
  for (size_t row = 0; row < rows; row++) {
    size_t at = 0;
    const size_t count = unwritten(from + row * pitch, width, &at);
    if (count && !missing) begin = row * pitch + at;
    missing += count;
  }
  const Allocation* one = find(from);
  if (!missing || !one || one->space != DEVICE) return;
  record("unwritten copy", text("function", function) + where(place) + of_allocation(*one, from + begin) +
                               number("missing", (long long)missing) + number("bytes", (long long)(width * rows)));
}

// A launch that nobody watched may have written anywhere.
void mark_all_written() {
  size_t count;
  const Allocation* all = tinyseg_program_allocations(&count);
  for (const Allocation* one = all; one < all + count; one++)
    if (!one->freed) mark_written(one->begin, one->size);
}

}  // namespace program
