// Groups from groups: tiles of a fixed size, and the members that show the same label.
#pragma once

namespace cooperative_groups {
namespace emulation {
// The lanes of the tile of this lane. In a group of lanes, by their ranks.
TINYSEG_UNCHECKED inline unsigned tile_lanes(unsigned parent, unsigned rank, unsigned size) {
  unsigned mask = 0, place = 0;
  for (unsigned left = parent; left; left &= left - 1, place++)
    if (place / size == rank / size) mask |= left & (0u - left);
  return mask;
}
TINYSEG_UNCHECKED inline unsigned lanes_of_warp() {
  const unsigned first = rank_in_block() - tinyseg_lane(), left = blockDim.x * blockDim.y * blockDim.z - first;
  return left >= 32 ? 0xffffffffu : (1u << left) - 1;
}
template <class Group>
TINYSEG_UNCHECKED inline unsigned lanes_of(const Group &group) {
  if constexpr (std::is_same_v<Group, thread_block>)
    return lanes_of_warp();
  else if constexpr (std::is_same_v<Group, thread_group>)
    return group.is_block() ? lanes_of_warp() : group.lanes();
  else
    return group.lanes();
}
// What one lane after the other would see: `label` decides who stays together.
template <class T>
TINYSEG_UNCHECKED coalesced_group with_label(unsigned mask, const T &label, const char *file, int line) {
  T all[32];
  const unsigned present = gather(mask, label, all, file, line);
  unsigned same = 0, groups = 0, place = 0;
  for (unsigned lane = 0; lane < 32; lane++) {
    if (!(present >> lane & 1)) continue;
    if (all[lane] == label) same |= 1u << lane;
    bool first = true;
    for (unsigned before = 0; before < lane; before++)
      first = first && !((present >> before & 1) && all[before] == all[lane]);
    if (all[lane] == label && first) place = groups;
    groups += first;
  }
  return coalesced_group(same, groups, place);
}
}  // namespace emulation

template <class Group>
constexpr unsigned LARGEST_TILE = 1024;
template <unsigned Size, class Parent>
constexpr unsigned LARGEST_TILE<thread_block_tile<Size, Parent>> = Size;

template <unsigned Size, class Parent>
inline thread_block_tile<Size, Parent> tiled_partition(const Parent &parent) {
  static_assert(Size <= LARGEST_TILE<Parent>,
                "tiled_partition: a tile is not larger than the tile that it is a part of");
  const unsigned rank = unsigned(parent.thread_rank()), count = unsigned(parent.size());
  const unsigned own = std::is_same_v<Parent, thread_block> ? tinyseg_lane() : rank;
  return {emulation::tile_lanes(emulation::lanes_of(parent), own, Size), (count + Size - 1) / Size, rank / Size};
}
template <class Parent>
inline thread_group tiled_partition(const Parent &parent, unsigned size, TINYSEG_SITE) {
  if (size == 0 || size > 32 || (size & (size - 1)))
    tinyseg_fail("tiled_partition: the size must be a power of two up to 32", file, line);
  const thread_group any(parent);
  const unsigned own = any.is_block() ? tinyseg_lane() : unsigned(any.thread_rank());
  return coalesced_group(emulation::tile_lanes(emulation::lanes_of(any), own, size), 1, 0);
}
inline coalesced_group tiled_partition(const coalesced_group &parent, unsigned size) {
  const unsigned rank = parent.thread_rank();
  return {emulation::tile_lanes(parent.lanes(), rank, size), (parent.size() + size - 1) / size, rank / size};
}
inline thread_block_tile<1, void> this_thread() { return {1u << tinyseg_lane(), 1, 0}; }

template <class Group, class Label>
inline coalesced_group labeled_partition(const Group &group, Label label, TINYSEG_SITE) {
  static_assert(std::is_integral_v<Label>, "labeled_partition: expected an integer for a label");
  return emulation::with_label(group.lanes(), label, file, line);
}
template <class Group>
inline coalesced_group binary_partition(const Group &group, bool predicate, TINYSEG_SITE) {
  return emulation::with_label(group.lanes(), predicate, file, line);
}

// One member of the group calls f; with _broadcast all get its result.
template <class Group, class F, class... A>
inline void invoke_one(const Group &group, F &&f, A &&...arguments) {
  if (group.thread_rank() == 0) f(std::forward<A>(arguments)...);
}
template <class Group, class F, class... A>
inline auto invoke_one_broadcast(const Group &group, F &&f, A &&...arguments) {
  decltype(f(std::forward<A>(arguments)...)) result{};
  if (group.thread_rank() == 0) result = f(std::forward<A>(arguments)...);
  return group.shfl(result, 0);
}
}  // namespace cooperative_groups
