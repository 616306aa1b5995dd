// Groups of lanes of one warp: tiles, and lanes that happen to run together. A mask says which lanes.
#pragma once

namespace cooperative_groups {
namespace emulation {
template <class T>
constexpr bool can_be_shown = std::is_trivially_copyable_v<T> && sizeof(T) <= 32;

// What each lane of a mask shows, by lane; returns which lanes took part.
template <class T>
TINYSEG_UNCHECKED unsigned gather(unsigned mask, const T &value, T *all, const char *file, int line) {
  static_assert(can_be_shown<T>, "cooperative groups exchange trivially copyable values of at most 32 bytes");
  unsigned lanes = 0;
  for (size_t at = 0; at < sizeof(T); at += emulator::SLOT) {
    const size_t part = sizeof(T) - at < emulator::SLOT ? sizeof(T) - at : emulator::SLOT;
    tinyseg_sync_warp(emulator::SHUFFLE, mask, reinterpret_cast<const char *>(&value) + at, part, file, line);
    for (unsigned lane = 0; lane < 32; lane++) {
      const void *shown = tinyseg_shown(lane);
      if (!shown) continue;
      lanes |= 1u << lane;
      memcpy(reinterpret_cast<char *>(&all[lane]) + at, shown, part);
    }
  }
  return lanes;
}
// The lane that is the rank-th of a mask.
TINYSEG_UNCHECKED inline unsigned lane_of_rank(unsigned mask, unsigned rank) {
  for (; rank; rank--) mask &= mask - 1;
  return mask ? unsigned(__builtin_ctz(mask)) : 32u;
}
inline unsigned rank_in_block() { return (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x; }

// What tiles and coalesced groups have in common.
class WarpGroup {
 public:
  unsigned thread_rank() const { return unsigned(__popc(mask_ & ((1u << tinyseg_lane()) - 1))); }
  unsigned num_threads() const { return unsigned(__popc(mask_)); }
  unsigned size() const { return num_threads(); }
  unsigned long long meta_group_size() const { return groups_; }
  unsigned long long meta_group_rank() const { return place_; }
  void sync(TINYSEG_SITE) const { tinyseg_sync_warp(emulator::SYNC_WARP, mask_, nullptr, 0, file, line); }
  int any(int predicate, TINYSEG_SITE) const { return emulator::ballot(mask_, predicate != 0, file, line) != 0; }
  int all(int predicate, TINYSEG_SITE) const { return emulator::ballot(mask_, predicate == 0, file, line) == 0; }
  unsigned ballot(int predicate, TINYSEG_SITE) const {
    return packed(emulator::ballot(mask_, predicate != 0, file, line));
  }
  template <class T>
  unsigned match_any(T value, TINYSEG_SITE) const {
    return packed(emulator::match(mask_, value, file, line));
  }
  template <class T>
  unsigned match_all(T value, int &predicate, TINYSEG_SITE) const {
    predicate = emulator::match(mask_, value, file, line) == emulator::taking_part();
    return predicate ? packed(mask_) : 0;
  }
  // The value of the group's member of a rank.
  template <class T>
  T shfl(T value, int rank, TINYSEG_SITE) const {
    return from(value, unsigned(rank) % size(), file, line);
  }
  template <class T>
  T shfl_up(T value, int delta, TINYSEG_SITE) const {
    const unsigned own = thread_rank();
    return from(value, unsigned(delta) > own ? own : own - unsigned(delta), file, line);
  }
  template <class T>
  T shfl_down(T value, unsigned delta, TINYSEG_SITE) const {
    const unsigned own = thread_rank();
    return from(value, delta >= size() - own ? own : own + delta, file, line);
  }
  unsigned lanes() const { return mask_; }  // of the emulator

 protected:
  WarpGroup(unsigned mask, unsigned groups, unsigned place) : mask_(mask), groups_(groups), place_(place) {}
  template <class T>
  TINYSEG_UNCHECKED T from(const T &value, unsigned rank, const char *file, int line) const {
    T all[32];
    const unsigned lane = lane_of_rank(mask_, rank), present = gather(mask_, value, all, file, line);
    if (!(present >> lane & 1))
      tinyseg_fail("shuffle of a group: reads a thread that has ended: the value is undefined", file, line);
    return all[lane];
  }
  // The bits of lanes, by rank in the group.
  unsigned packed(unsigned lanes) const {
    unsigned bits = 0;
    for (unsigned left = mask_, rank = 0; left; left &= left - 1, rank++)
      bits |= (lanes >> __builtin_ctz(left) & 1u) << rank;
    return bits;
  }
  unsigned mask_, groups_, place_;
};
}  // namespace emulation

class coalesced_group : public emulation::WarpGroup {
 public:
  coalesced_group(unsigned mask, unsigned groups, unsigned place) : WarpGroup(mask, groups, place) {}
};

template <unsigned Size, class Parent = void>
class thread_block_tile : public emulation::WarpGroup {
  static_assert(Size <= 32, "the emulator executes tiles of at most 32 threads");
  static_assert(Size > 0 && (Size & (Size - 1)) == 0, "the size of a tile is a power of two");

 public:
  thread_block_tile(unsigned mask, unsigned groups, unsigned place) : WarpGroup(mask, groups, place) {}
  // A tile whose parent is known is one whose parent is not.
  template <class Other>
  thread_block_tile(const thread_block_tile<Size, Other> &other)
      : WarpGroup(other.lanes(), unsigned(other.meta_group_size()), unsigned(other.meta_group_rank())) {}
  static constexpr unsigned num_threads() { return Size; }
  static constexpr unsigned size() { return Size; }
  template <class T>
  T shfl_xor(T value, unsigned mask, TINYSEG_SITE) const {
    const unsigned own = thread_rank();
    return from(value, (own ^ mask) < Size ? own ^ mask : own, file, line);
  }
};

// The lanes of the warp that run here together: on a GPU those that the branches taken have not parted.
inline coalesced_group coalesced_threads(TINYSEG_SITE) { return coalesced_group(tinyseg_converged(file, line), 1, 0); }
}  // namespace cooperative_groups
