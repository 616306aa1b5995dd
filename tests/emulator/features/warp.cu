//= shuffle of every type | accepted | double 3 3 3 3 3 3 3 3
int i = 3;
out[0] = __shfl_sync(0xffffffff, i, 0);
out[1] = __shfl_sync(0xffffffff, 3u, 0);
out[2] = __shfl_sync(0xffffffff, 3l, 0);
out[3] = __shfl_sync(0xffffffff, 3ull, 0);
out[4] = __shfl_sync(0xffffffff, 3.0f, 0);
out[5] = __shfl_sync(0xffffffff, 3.0, 0);
out[6] = __shfl_sync(0xffffffff, 3ul, 0);
out[7] = __shfl_sync(0xffffffff, 3ll, 0);
//= shuffle of a half | accepted | float 5
#include <cuda_fp16.h>
out[threadIdx.x] = __shfl_down_sync(0xffffffff, __int2half_rn(threadIdx.x), 5);
//= shuffle of a half2 | accepted | float 1
#include <cuda_fp16.h>
half2 v = __float2half2_rn(float(threadIdx.x));
out[threadIdx.x] = __low2float(__shfl_xor_sync(0xffffffff, v, 1));
//= shuffle of a bfloat16 | accepted | float 2
#include <cuda_bf16.h>
out[0] = __shfl_sync(0xffffffff, __float2bfloat16(2.0f), 3);
//= shuffle of a float4 | refused
float4 v = make_float4(1, 2, 3, 4);
out[0] = __shfl_sync(0xffffffff, v, 0).x;
//= shuffle of a pointer | refused
out[0] = *__shfl_sync(0xffffffff, out, 0);
//= shuffle of a struct | refused
struct Pair { int a, b; };
extern "C" __global__ void k(int *out) {
  Pair p = {1, 2};
  out[0] = __shfl_sync(0xffffffff, p, 0).a;
}
//= shuffle of a char becomes an int | accepted | int 4
char c = 7;
out[0] = sizeof(__shfl_sync(0xffffffff, c, 0));
//= shuffle of a short and a bool | accepted | int 1 7
short s = 7;
bool b = true;
out[0] = __shfl_sync(0xffffffff, b, 0);
out[1] = __shfl_sync(0xffffffff, s, 0);
//= shuffle without _sync | refused
out[0] = __shfl_down(threadIdx.x, 1);
//= ballot without _sync | refused
out[0] = __ballot(1);
//= any without _sync | refused
out[0] = __any(1);
//= shuffle with a width | accepted | int 3
out[threadIdx.x] = __shfl_sync(0xffffffff, int(threadIdx.x), 11, 8);
//= shuffle up keeps the first | accepted | int 0 0 1
out[threadIdx.x] = __shfl_up_sync(0xffffffff, int(threadIdx.x), 1);
//= shuffle without a mask | refused
out[0] = __shfl_sync(threadIdx.x, 1);
//= votes | accepted | unsigned 2863311530 1 0 1
out[0] = __ballot_sync(0xffffffff, threadIdx.x & 1);
out[1] = __any_sync(0xffffffff, threadIdx.x == 7);
out[2] = __all_sync(0xffffffff, threadIdx.x == 7);
out[3] = __uni_sync(0xffffffff, 5);
//= match_any | accepted | unsigned 286331153
out[threadIdx.x] = __match_any_sync(0xffffffff, threadIdx.x & 3);
//= match_any of a double | accepted | unsigned 4294967295
out[0] = __match_any_sync(0xffffffff, 2.5);
//= match_all | accepted | unsigned 4294967295 1 0
int same;
out[0] = __match_all_sync(0xffffffff, 5, &same);
out[1] = same;
unsigned none = __match_all_sync(0xffffffff, threadIdx.x, &same);
out[2] = none;
//= match_any of a half | refused
#include <cuda_fp16.h>
out[0] = __match_any_sync(0xffffffff, __float2half(1.0f));
//= reduce_add of an int | accepted | int 496
out[0] = __reduce_add_sync(0xffffffff, int(threadIdx.x));
//= reduce of unsigned | accepted | unsigned 496 31 0 31 0
unsigned t = threadIdx.x;
out[0] = __reduce_add_sync(0xffffffff, t);
out[1] = __reduce_max_sync(0xffffffff, t);
out[2] = __reduce_min_sync(0xffffffff, t);
out[3] = __reduce_or_sync(0xffffffff, t);
out[4] = __reduce_and_sync(0xffffffff, t);
//= reduce of a float | refused
out[0] = __reduce_add_sync(0xffffffff, 1.5f);
//= reduce_max of a negative int | accepted | int -1
out[0] = __reduce_max_sync(0xffffffff, -1 - int(threadIdx.x));
//= activemask | accepted | unsigned 4294967295
out[0] = __activemask();
//= syncwarp with and without a mask | accepted
__syncwarp();
__syncwarp(0xffffffff);
//= nanosleep and clocks | accepted
__nanosleep(100);
long long a = clock64();
clock_t b = clock();
out[0] = float(a - a) + float(b - b);
//= syncthreads_count | accepted | int 5
out[0] = __syncthreads_count(threadIdx.x < 5);
//= syncthreads_or and _and | accepted | int 1 0
out[0] = __syncthreads_or(threadIdx.x == 5) != 0;
out[1] = __syncthreads_and(threadIdx.x == 5) != 0;
//= fences | accepted
__threadfence();
__threadfence_block();
__threadfence_system();
//= syncthreads with an argument | refused
__syncthreads(1);
//= lane from the special register | accepted
unsigned lane;
asm("mov.u32 %0, %%laneid;" : "=r"(lane));
out[0] = lane;
//= shuffle mask as a long | accepted | int 0
out[0] = __shfl_sync(0xffffffffl, int(threadIdx.x), 0);
//= FULL_MASK macro of one's own | accepted | int 1
#define FULL_MASK 0xffffffff
out[threadIdx.x] = __shfl_xor_sync(FULL_MASK, int(threadIdx.x), 1);
