//= atomicAdd returns the old value | accepted | int 5 7
__shared__ int s;
if (threadIdx.x == 0) s = 5;
__syncthreads();
if (threadIdx.x == 0) out[0] = atomicAdd(&s, 2), out[1] = s;
//= atomicAdd of a float | accepted | float 16
__shared__ float s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
atomicAdd(&s, 0.5f);
__syncthreads();
out[0] = s;
//= atomicAdd of a double | accepted | double 32
__shared__ double s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
atomicAdd(&s, 1.0);
__syncthreads();
out[0] = s;
//= atomicAdd of a half | accepted | float 32
#include <cuda_fp16.h>
__shared__ half s;
if (threadIdx.x == 0) s = 0.0f;
__syncthreads();
atomicAdd(&s, __float2half(1.0f));
__syncthreads();
out[0] = s;
//= atomicAdd of a half2 | accepted | float 32 64
#include <cuda_fp16.h>
__shared__ half2 s;
if (threadIdx.x == 0) s = __float2half2_rn(0.0f);
__syncthreads();
atomicAdd(&s, __floats2half2_rn(1.0f, 2.0f));
__syncthreads();
out[0] = s.x;
out[1] = s.y;
//= atomicAdd of a float4 | accepted | float 1 2 3 4
if (threadIdx.x == 0) out[0] = out[1] = out[2] = out[3] = 0;
__syncthreads();
if (threadIdx.x == 0) atomicAdd((float4 *)out, make_float4(1, 2, 3, 4));
//= atomicAdd_block and _system | accepted | int 64
__shared__ int s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
atomicAdd_block(&s, 1);
atomicAdd_system(&s, 1);
__syncthreads();
out[0] = s;
//= atomicAdd of an unsigned long long | accepted | ulonglong 32
__shared__ unsigned long long s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
atomicAdd(&s, 1ull);
__syncthreads();
out[0] = s;
//= atomicAdd of a long long | refused
__shared__ long long s;
atomicAdd(&s, 1ll);
//= atomicAdd of a size_t | refused
__shared__ size_t s;
atomicAdd(&s, 1);
//= atomicAdd of a short | refused
__shared__ short s;
atomicAdd(&s, (short)1);
//= atomicAdd of a char | refused
__shared__ char s;
atomicAdd(&s, (char)1);
//= atomicAdd of a bool | refused
__shared__ bool s;
atomicAdd(&s, true);
//= atomicAdd of an int to an unsigned | accepted | unsigned 32
__shared__ unsigned s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
atomicAdd(&s, 1);
__syncthreads();
out[0] = s;
//= atomicAdd of a double to a float | accepted | float 32
__shared__ float s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
atomicAdd(&s, 1.0);
__syncthreads();
out[0] = s;
//= atomicMax of a float | refused
__shared__ float s;
atomicMax(&s, 1.0f);
//= atomicMin of a long long | accepted | longlong 0
__shared__ long long s;
if (threadIdx.x == 0) s = 100;
__syncthreads();
atomicMin(&s, (long long)threadIdx.x);
__syncthreads();
out[0] = s;
//= atomicSub of a float | refused
__shared__ float s;
atomicSub(&s, 1.0f);
//= atomicSub of an unsigned | accepted | unsigned 4294967264
__shared__ unsigned s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
atomicSub(&s, 1u);
__syncthreads();
out[0] = s;
//= atomicInc wraps | accepted | unsigned 2
__shared__ unsigned s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
atomicInc(&s, 9u);
__syncthreads();
out[0] = s;
//= atomicInc of an int | refused
__shared__ int s;
atomicInc(&s, 9);
//= atomicExch of a float and a double | refused
__shared__ double s;
atomicExch(&s, 9.0);
//= atomicCAS of several types | accepted | int 3
__shared__ unsigned short s;
if (threadIdx.x == 0) s = 1;
__syncthreads();
atomicCAS(&s, (unsigned short)1, (unsigned short)3);
__syncthreads();
out[0] = s;
//= atomicCAS of a float | refused
__shared__ float s;
atomicCAS(&s, 1.0f, 2.0f);
//= atomicAnd of unsigned long long | accepted | ulonglong 0
__shared__ unsigned long long s;
if (threadIdx.x == 0) s = ~0ull;
__syncthreads();
atomicAnd(&s, ~(1ull << threadIdx.x) & 0xffffffffull);
__syncthreads();
out[0] = s;
//= atomicExch of 16 bytes | accepted | int 1
struct alignas(16) Pair { long long a, b; };
extern "C" __global__ void k(int *out) {
  __shared__ Pair p;
  if (threadIdx.x == 0) {
    p.a = 1;
    p.b = 2;
    out[0] = int(atomicExch(&p, Pair{3, 4}).a);
  }
}
//= atomicCAS of a struct of 8 bytes | refused
struct Pair { int a, b; };
extern "C" __global__ void k(int *out) {
  __shared__ Pair p;
  atomicCAS(&p, Pair{1, 2}, Pair{3, 4});
}
//= atomicAdd on a local variable | accepted
int s = 0;
atomicAdd(&s, 1);
out[0] = s;
//= atomicAdd of a const | refused
const int s = 0;
atomicAdd(&s, 1);
//= atomicAdd on a volatile | refused
__shared__ volatile int s;
atomicAdd(&s, 1);
//= atomicMax by bits of a float | accepted | float 31
__shared__ int s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
atomicMax(&s, __float_as_int(float(threadIdx.x)));
__syncthreads();
out[0] = __int_as_float(s);
//= atomicAdd with a reference | refused
__shared__ int s;
atomicAdd(s, 1);
//= atomicAdd of a half by block | refused
#include <cuda_fp16.h>
__shared__ half s;
atomicAdd_block(&s, __float2half(1.0f));
//= cuda atomic_ref | accepted | int 32
#include <cuda/atomic>
__shared__ int s;
if (threadIdx.x == 0) s = 0;
__syncthreads();
cuda::atomic_ref<int, cuda::thread_scope_block> ref(s);
ref.fetch_add(1, cuda::memory_order_relaxed);
__syncthreads();
out[0] = s;
//= std::atomic in a kernel | refused
#include <atomic>
__shared__ std::atomic<int> s;
s.fetch_add(1);
