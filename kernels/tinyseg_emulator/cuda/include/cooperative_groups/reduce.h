// cooperative_groups::reduce: all values of a tile or a coalesced group, put together.
#pragma once
#include "cooperative_groups.h"

namespace cooperative_groups {
#define TINYSEG_OPERATION(name, expression)             \
  template <class T>                                    \
  struct name {                                         \
    T operator()(T a, T b) const { return expression; } \
  };
TINYSEG_OPERATION(plus, a + b)
TINYSEG_OPERATION(less, b < a ? b : a)
TINYSEG_OPERATION(greater, a < b ? b : a)
TINYSEG_OPERATION(bit_and, a &b)
TINYSEG_OPERATION(bit_or, a | b)
TINYSEG_OPERATION(bit_xor, a ^ b)
#undef TINYSEG_OPERATION

// In pairs, then pairs of pairs, as by shfl_xor, when there is a power of two of members; else one after the other.
template <class Group, class T, class Operation>
TINYSEG_UNCHECKED auto reduce(const Group &group, T value, Operation &&operation, TINYSEG_SITE)
    -> decltype(operation(value, value)) {
  static_assert(std::is_base_of_v<emulation::WarpGroup, Group>, "reduce: expected a tile or a coalesced group");
  T all[32], ranked[32];
  const unsigned present = emulation::gather(group.lanes(), value, all, file, line);
  unsigned count = 0;
  for (unsigned lane = 0; lane < 32; lane++)
    if (present >> lane & 1) ranked[count++] = all[lane];
  if (count & (count - 1)) {
    for (unsigned i = 1; i < count; i++) ranked[0] = operation(ranked[0], ranked[i]);
  } else {
    for (unsigned half = count / 2; half; half /= 2)
      for (unsigned i = 0; i < half; i++) ranked[i] = operation(ranked[i], ranked[i + half]);
  }
  return ranked[0];
}
template <class Group, class T, class Operation>
inline void reduce_store_async(const Group &group, T *to, T value, Operation &&operation, TINYSEG_SITE) {
  const T sum = reduce(group, value, operation, file, line);
  if (group.thread_rank() == 0) *to = sum;
}
}  // namespace cooperative_groups
