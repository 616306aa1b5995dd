//= block group | accepted | unsigned 32 0
#include <cooperative_groups.h>
auto block = cooperative_groups::this_thread_block();
block.sync();
out[0] = block.size();
if (block.thread_rank() == 0) out[1] = block.thread_rank();
//= tile of 16 | accepted | float 120
#include <cooperative_groups.h>
auto tile = cooperative_groups::tiled_partition<16>(cooperative_groups::this_thread_block());
float v = threadIdx.x;
for (int d = tile.size() / 2; d > 0; d /= 2) v += tile.shfl_down(v, d);
if (threadIdx.x == 0) out[0] = v;
//= tile named with its type | accepted | unsigned 32 1
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(unsigned *out) {
  cg::thread_block block = cg::this_thread_block();
  cg::thread_block_tile<32> warp = cg::tiled_partition<32>(block);
  out[0] = warp.num_threads();
  out[1] = warp.meta_group_size();
}
//= dynamic tile | accepted | unsigned 8
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(unsigned *out) {
  cg::thread_group tile = cg::tiled_partition(cg::this_thread_block(), 8);
  tile.sync();
  out[0] = tile.size();
}
//= shuffle of a dynamic tile | refused
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(int *out) {
  cg::thread_group tile = cg::tiled_partition(cg::this_thread_block(), 8);
  out[0] = tile.shfl(1, 0);
}
//= coalesced threads | accepted | unsigned 16
#include <cooperative_groups.h>
if (threadIdx.x % 2 == 0) {
  auto active = cooperative_groups::coalesced_threads();
  if (active.thread_rank() == 0) out[0] = active.size();
}
//= aggregated atomic | accepted | int 11
#include <cooperative_groups.h>
__shared__ int s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
if (threadIdx.x % 3 == 0) {
  auto active = cooperative_groups::coalesced_threads();
  int first;
  if (active.thread_rank() == 0) first = atomicAdd(&s, active.size());
  first = active.shfl(first, 0) + active.thread_rank();
}
__syncthreads();
out[0] = s;
//= reduce | accepted | int 496 31
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(int *out) {
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  out[0] = cg::reduce(warp, int(threadIdx.x), cg::plus<int>());
  out[1] = cg::reduce(warp, int(threadIdx.x), cg::greater<int>());
}
//= reduce without its header | refused
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(int *out) {
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  out[0] = cg::reduce(warp, int(threadIdx.x), cg::plus<int>());
}
//= reduce with a lambda | accepted | int 10
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(int *out) {
  auto tile = cg::tiled_partition<4>(cg::this_thread_block());
  int sum = cg::reduce(tile, int(threadIdx.x) + 1, [](int a, int b) { return a + b; });
  if (threadIdx.x == 0) out[0] = sum;
}
//= reduce of a block | refused
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(int *out) { out[0] = cg::reduce(cg::this_thread_block(), 1, cg::plus<int>()); }
//= scans | accepted | int 0 1 3 6
#include <cooperative_groups.h>
#include <cooperative_groups/scan.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(int *out) {
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  out[threadIdx.x] = cg::inclusive_scan(warp, int(threadIdx.x), cg::plus<int>());
}
//= exclusive scan | accepted | int 0 1 2 3
#include <cooperative_groups.h>
#include <cooperative_groups/scan.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(int *out) {
  out[threadIdx.x] = cg::exclusive_scan(cg::tiled_partition<32>(cg::this_thread_block()), 1);
}
//= memcpy_async | accepted | float 7
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
namespace cg = cooperative_groups;
__device__ float source[32];
extern "C" __global__ void k(float *out) {
  __shared__ float s[32];
  source[threadIdx.x] = 7;
  __syncthreads();
  auto block = cg::this_thread_block();
  cg::memcpy_async(block, s, source, sizeof(float) * 32);
  cg::wait(block);
  out[0] = s[31];
}
//= grid group | accepted | unsigned 32 1 0
#include <cooperative_groups.h>
auto grid = cooperative_groups::this_grid();
out[0] = grid.size();
out[1] = grid.num_blocks();
out[2] = grid.block_rank();
//= labeled_partition | accepted | unsigned 11
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(unsigned *out) {
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  auto group = cg::labeled_partition(warp, int(threadIdx.x % 3));
  if (threadIdx.x == 0) out[0] = group.size();
}
//= binary_partition | accepted | unsigned 16
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(unsigned *out) {
  auto group = cg::binary_partition(cg::tiled_partition<32>(cg::this_thread_block()), threadIdx.x < 16);
  out[0] = group.size();
}
//= tile votes | accepted | unsigned 15 1
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(unsigned *out) {
  auto tile = cg::tiled_partition<4>(cg::this_thread_block());
  out[0] = tile.ballot(1);
  out[1] = tile.any(threadIdx.x == 0 || threadIdx.x > 3);
}
//= tile of 12 | refused
#include <cooperative_groups.h>
auto tile = cooperative_groups::tiled_partition<12>(cooperative_groups::this_thread_block());
out[0] = tile.size();
//= tile shuffle of a struct | accepted | int 3
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
struct Pair { int a, b; };
extern "C" __global__ void k(int *out) {
  auto tile = cg::tiled_partition<32>(cg::this_thread_block());
  out[0] = tile.shfl(Pair{int(threadIdx.x), 2}, 3).a;
}
//= group passed as a template | accepted | int 32
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
template <typename Group>
__device__ int size_of(const Group &g) { return g.size(); }
extern "C" __global__ void k(int *out) { out[0] = size_of(cg::tiled_partition<32>(cg::this_thread_block())); }
//= group passed as thread_group | accepted | int 32
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
__device__ int size_of(cg::thread_group g) { return g.size(); }
extern "C" __global__ void k(int *out) { out[0] = size_of(cg::this_thread_block()); }
//= cg::sync of a block | accepted
#include <cooperative_groups.h>
cooperative_groups::sync(cooperative_groups::this_thread_block());
//= group_index and thread_index | accepted | unsigned 0 1
#include <cooperative_groups.h>
auto block = cooperative_groups::this_thread_block();
out[0] = block.group_index().x;
out[1] = block.dim_threads().y;
//= default thread_block | refused
#include <cooperative_groups.h>
cooperative_groups::thread_block block;
//= tile of a tile | accepted | unsigned 4
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(unsigned *out) {
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  auto tile = cg::tiled_partition<4>(warp);
  out[0] = tile.size();
}
//= tile larger than its parent | refused
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(unsigned *out) {
  auto tile = cg::tiled_partition<4>(cg::this_thread_block());
  auto warp = cg::tiled_partition<16>(tile);
  out[0] = warp.size();
}
//= multi_grid group | refused
#include <cooperative_groups.h>
cooperative_groups::this_multi_grid().sync();
//= shfl_xor of coalesced threads | refused
#include <cooperative_groups.h>
out[0] = cooperative_groups::coalesced_threads().shfl_xor(1, 1);
//= invoke_one | accepted | int 1
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(int *out) {
  cg::invoke_one(cg::coalesced_threads(), [&] { out[0] = 1; });
}
