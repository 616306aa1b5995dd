// Copies that are asynchronous on a GPU. Here they happen at once, in words as large as both addresses allow, and the
// checks are told of each word.
#pragma once

namespace emulator {
TINYSEG_UNCHECKED inline void copy(void *to, const void *from, size_t size, const void *caller) {
  const size_t both = reinterpret_cast<size_t>(to) | reinterpret_cast<size_t>(from) | size;
  const size_t word = both % 4 == 0 ? 4 : both % 2 == 0 ? 2 : 1;
  for (size_t at = 0; at < size; at += word) {
    TINYSEG_ACCESS(static_cast<const char *>(from) + at, word, READ, caller);
    TINYSEG_ACCESS(static_cast<char *>(to) + at, word, WRITE, caller);
  }
  __builtin_memcpy(to, from, size);
}
}  // namespace emulator
