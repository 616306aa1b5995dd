// cooperative_groups::memcpy_async: the members copy in turns, at once; wait is the group's barrier.
#pragma once
#include "cooperative_groups.h"
#include "device/copies.h"

namespace cuda {
// A number of bytes, with the promise that both addresses and the number are multiples of an alignment.
template <size_t Alignment>
struct aligned_size_t {
  size_t value;
  explicit constexpr aligned_size_t(size_t n) : value(n) {}
  constexpr operator size_t() const { return value; }
};
}  // namespace cuda

namespace cooperative_groups {
namespace emulation {
template <class Group>
TINYSEG_UNCHECKED void copy_in_turns(const Group &group, void *to, const void *from, size_t size, size_t word,
                                     const void *caller) {
  for (size_t at = group.thread_rank() * word; at < size; at += group.size() * word)
    emulator::copy(static_cast<char *>(to) + at, static_cast<const char *>(from) + at,
                   size - at < word ? size - at : word, caller);
}
}  // namespace emulation
// `size` in bytes; with two numbers, in elements, of which the smaller one counts.
template <class Group, class T, class Size>
TINYSEG_ENTRY void memcpy_async(const Group &group, T *to, const T *from, const Size &size) {
  emulation::copy_in_turns(group, to, from, size_t(size), 4, TINYSEG_CALLER);
}
template <class Group, class T, class ToSize, class FromSize>
TINYSEG_ENTRY void memcpy_async(const Group &group, T *to, const ToSize &to_count, const T *from,
                                const FromSize &from_count) {
  const size_t a = size_t(to_count), b = size_t(from_count);
  emulation::copy_in_turns(group, to, from, (a < b ? a : b) * sizeof(T), sizeof(T) % 4 ? sizeof(T) : 4, TINYSEG_CALLER);
}
template <class Group>
inline void wait(const Group &group, TINYSEG_SITE) {
  group.sync(file, line);
}
template <unsigned Stages, class Group>
inline void wait_prior(const Group &group, TINYSEG_SITE) {
  group.sync(file, line);
}
}  // namespace cooperative_groups
