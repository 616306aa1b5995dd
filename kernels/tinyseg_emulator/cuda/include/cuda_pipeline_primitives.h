// __pipeline_memcpy_async and its kin: the copy happens at once, so there is nothing to wait for.
#pragma once
#include "device/copies.h"

static TINYSEG_ENTRY void __pipeline_memcpy_async(void *to, const void *from, size_t size, size_t zeros = 0,
                                                  TINYSEG_SITE) {
  const void *const caller = TINYSEG_CALLER;
  if (size != 4 && size != 8 && size != 16)
    tinyseg_fail("__pipeline_memcpy_async: the size must be 4, 8 or 16", file, line);
  if (zeros > size) tinyseg_fail("__pipeline_memcpy_async: more zeros than bytes", file, line);
  if ((reinterpret_cast<size_t>(to) | reinterpret_cast<size_t>(from)) % size)
    tinyseg_fail("__pipeline_memcpy_async: both addresses must be multiples of the size", file, line);
  emulator::copy(to, from, size - zeros, caller);
  for (size_t at = size - zeros; at < size; at++) {
    TINYSEG_ACCESS(static_cast<char *>(to) + at, 1, emulator::WRITE, caller);
    static_cast<char *>(to)[at] = 0;
  }
}
inline void __pipeline_commit() {}
inline void __pipeline_wait_prior(size_t) {}
