// cooperative_groups::inclusive_scan and exclusive_scan of a tile or a coalesced group, in the order of the ranks.
#pragma once
#include "cooperative_groups/reduce.h"

namespace cooperative_groups {
template <class Group, class T, class Operation>
TINYSEG_UNCHECKED T inclusive_scan(const Group &group, T value, Operation &&operation, TINYSEG_SITE) {
  static_assert(std::is_base_of_v<emulation::WarpGroup, Group>, "inclusive_scan: expected a tile or a coalesced group");
  T all[32];
  const unsigned present = emulation::gather(group.lanes(), value, all, file, line) & ((2u << tinyseg_lane()) - 1);
  value = all[emulation::lane_of_rank(present, 0)];
  for (unsigned left = present & (present - 1); left; left &= left - 1)
    value = operation(value, all[__builtin_ctz(left)]);
  return value;
}
template <class Group, class T>
inline T inclusive_scan(const Group &group, T value, TINYSEG_SITE) {
  return inclusive_scan(group, value, plus<T>(), file, line);
}
// The first member gets a T{}.
template <class Group, class T, class Operation>
TINYSEG_UNCHECKED T exclusive_scan(const Group &group, T value, Operation &&operation, TINYSEG_SITE) {
  const T sum = inclusive_scan(group, value, operation, file, line), before = group.shfl_up(sum, 1, file, line);
  return group.thread_rank() == 0 ? T{} : before;
}
template <class Group, class T>
inline T exclusive_scan(const Group &group, T value, TINYSEG_SITE) {
  return exclusive_scan(group, value, plus<T>(), file, line);
}
}  // namespace cooperative_groups
