// memcpy, memmove and memset of device code, whose accesses the compiler's hooks do not see. translate/arithmetic.py writes emulator::copied for memcpy.
#pragma once

extern "C" {
extern const char *tinyseg_range;  // of the copy that the accesses are a part of
extern size_t tinyseg_range_size;
}
namespace emulator {
#ifdef TINYSEG_CHECKED
// In words of four bytes where both sides allow it, so that a race or an unset word is told as of the array's elements.
__attribute__((noinline)) TINYSEG_UNCHECKED inline void note_range(const void *begin, size_t size, int kind, const void *code) {
  const char *at = static_cast<const char *>(begin);
  tinyseg_range = at;
  tinyseg_range_size = size;
  for (size_t done = 0; done < size;) {
    const size_t step = reinterpret_cast<size_t>(at + done) % 4 == 0 && size - done >= 4 ? 4 : 1;
    tinyseg_access(at + done, step, kind, code);
    done += step;
  }
  tinyseg_range_size = 0;
}
#endif
static TINYSEG_ENTRY void *copied(void *to, const void *from, size_t size) {
#ifdef TINYSEG_CHECKED
  note_range(from, size, READ, TINYSEG_CALLER);
  note_range(to, size, WRITE, TINYSEG_CALLER);
#endif
  return __builtin_memmove(to, from, size);
}
static TINYSEG_ENTRY void *filled(void *to, int value, size_t size) {
#ifdef TINYSEG_CHECKED
  note_range(to, size, WRITE, TINYSEG_CALLER);
#endif
  return __builtin_memset(to, value, size);
}
}  // namespace emulator
