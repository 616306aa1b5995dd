// The block, the grid, a cluster of one block, and thread_group, which is any of the groups of a block.
#pragma once

namespace cooperative_groups {
namespace emulation {
struct Itself {};  // for constructors that a kernel does not call
}  // namespace emulation

class thread_block {
 public:
  static void sync(TINYSEG_SITE) { tinyseg_sync_threads(0, file, line); }
  struct arrival_token {};
  arrival_token barrier_arrive() const { return {}; }
  void barrier_wait(arrival_token &&, TINYSEG_SITE) const { tinyseg_sync_threads(0, file, line); }
  static unsigned thread_rank() { return emulation::rank_in_block(); }
  static unsigned num_threads() { return blockDim.x * blockDim.y * blockDim.z; }
  static unsigned size() { return num_threads(); }
  static dim3 group_index() { return dim3(blockIdx.x, blockIdx.y, blockIdx.z); }
  static dim3 thread_index() { return dim3(threadIdx.x, threadIdx.y, threadIdx.z); }
  static dim3 group_dim() { return dim3(blockDim.x, blockDim.y, blockDim.z); }
  static dim3 dim_threads() { return group_dim(); }

 private:
  explicit thread_block(emulation::Itself) {}
  friend thread_block this_thread_block();
};
inline thread_block this_thread_block() { return thread_block(emulation::Itself()); }

// All blocks of the launch.
class grid_group {
 public:
  bool is_valid() const { return true; }
  void sync(TINYSEG_SITE) const { tinyseg_sync_grid(file, line); }
  static unsigned long long block_rank() {
    return ((unsigned long long)blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  }
  static unsigned long long num_blocks() { return (unsigned long long)gridDim.x * gridDim.y * gridDim.z; }
  static unsigned long long thread_rank() { return block_rank() * thread_block::size() + thread_block::thread_rank(); }
  static unsigned long long num_threads() { return num_blocks() * thread_block::size(); }
  static unsigned long long size() { return num_threads(); }
  static dim3 block_index() { return thread_block::group_index(); }
  static dim3 dim_blocks() { return dim3(gridDim.x, gridDim.y, gridDim.z); }
  static dim3 group_dim() { return dim_blocks(); }

 private:
  explicit grid_group(emulation::Itself) {}
  friend grid_group this_grid();
};
inline grid_group this_grid() { return grid_group(emulation::Itself()); }

// A launch without cluster dimensions has clusters of one block.
class cluster_group {
 public:
  static void sync(TINYSEG_SITE) { tinyseg_sync_threads(0, file, line); }
  struct arrival_token {};
  static arrival_token barrier_arrive() { return {}; }
  static void barrier_wait(arrival_token &&, TINYSEG_SITE) { tinyseg_sync_threads(0, file, line); }
  static void barrier_wait(TINYSEG_SITE) { tinyseg_sync_threads(0, file, line); }
  static unsigned thread_rank() { return thread_block::thread_rank(); }
  static unsigned num_threads() { return thread_block::size(); }
  static unsigned size() { return num_threads(); }
  static unsigned block_rank() { return 0; }
  static unsigned num_blocks() { return 1; }
  static dim3 block_index() { return dim3(0, 0, 0); }
  static dim3 dim_blocks() { return dim3(1, 1, 1); }
  static dim3 dim_threads() { return thread_block::dim_threads(); }
  static dim3 thread_index() { return thread_block::thread_index(); }
  template <class T>
  static T *map_shared_rank(T *address, int) {
    return address;
  }
  static unsigned query_shared_rank(const void *) { return 0; }

 private:
  explicit cluster_group(emulation::Itself) {}
  friend cluster_group this_cluster();
};
inline cluster_group this_cluster() { return cluster_group(emulation::Itself()); }

class thread_group {
 public:
  thread_group(const thread_block &) : block_(true), mask_(0) {}
  thread_group(const emulation::WarpGroup &group) : block_(false), mask_(group.lanes()) {}
  void sync(TINYSEG_SITE) const {
    if (block_)
      tinyseg_sync_threads(0, file, line);
    else
      tinyseg_sync_warp(emulator::SYNC_WARP, mask_, nullptr, 0, file, line);
  }
  unsigned long long num_threads() const { return block_ ? thread_block::size() : unsigned(__popc(mask_)); }
  unsigned long long size() const { return num_threads(); }
  unsigned long long thread_rank() const {
    return block_ ? thread_block::thread_rank() : unsigned(__popc(mask_ & ((1u << tinyseg_lane()) - 1)));
  }
  bool is_valid() const { return true; }
  bool is_block() const { return block_; }  // of the emulator
  unsigned lanes() const { return mask_; }  // of the emulator

 private:
  bool block_;
  unsigned mask_;
};

template <class Group>
inline void sync(const Group &group, TINYSEG_SITE) {
  group.sync(file, line);
}
template <class Group>
inline unsigned long long thread_rank(const Group &group) {
  return group.thread_rank();
}
template <class Group>
inline unsigned long long group_size(const Group &group) {
  return group.size();
}
}  // namespace cooperative_groups
