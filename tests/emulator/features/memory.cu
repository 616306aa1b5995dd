//= ldg | accepted | float 5
out[0] = 5;
out[1] = __ldg(&out[0]) * 0;
out[0] = 5;
//= ldg of a float4 | accepted
float4 v = __ldg((const float4 *)out);
out[0] = v.x;
//= ldg of a float3 | refused
float3 v = __ldg((const float3 *)out);
out[0] = v.x;
//= ldg of a struct | refused
struct Pair { int a, b; };
extern "C" __global__ void k(const Pair *p, int *out) { out[0] = __ldg(p).a; }
//= ldg of a half | accepted
#include <cuda_fp16.h>
extern "C" __global__ void k(const half *p, float *out) { out[0] = __ldg(p); }
//= cached loads and stores | accepted
out[0] = __ldcg(out) + __ldca(out) + __ldcs(out) + __ldcv(out) + __ldlu(out);
__stcg(out, 1.0f);
__stcs(out, 1.0f);
__stwt(out, 1.0f);
__stwb(out, 1.0f);
//= ldg of a value | refused
out[0] = __ldg(out[0]);
//= ldcg of a bool | refused
extern "C" __global__ void k(const bool *p, float *out) { out[0] = __ldcg(p); }
//= pipeline primitives | accepted | float 3
#include <cuda_pipeline.h>
__device__ float source[32];
extern "C" __global__ void k(float *out) {
  __shared__ float s[32];
  source[threadIdx.x] = 3;
  __syncthreads();
  __pipeline_memcpy_async(&s[threadIdx.x], &source[threadIdx.x], sizeof(float));
  __pipeline_commit();
  __pipeline_wait_prior(0);
  __syncthreads();
  out[0] = s[31];
}
//= memcpy and memset in a kernel | accepted | int 1 1 0
int a[4] = {1, 1, 1, 1}, b[4];
memcpy(b, a, sizeof a);
memset(a, 0, sizeof a);
out[0] = b[0];
out[1] = b[3];
out[2] = a[1];
//= malloc and free in a kernel | accepted | int 3
int *p = (int *)malloc(4);
*p = 3;
out[0] = *p;
free(p);
//= new and delete in a kernel | accepted | int 3
int *p = new int[4];
p[1] = 3;
out[0] = p[1];
delete[] p;
//= isShared | accepted | int 1
__shared__ int s;
out[0] = __isShared(&s) != 0;
//= cvta_generic_to_shared | accepted
__shared__ int s;
unsigned a = (unsigned)__cvta_generic_to_shared(&s);
out[0] = a * 0;
//= strcmp in a kernel | refused
#include <cstring>
out[0] = strcmp("a", "b");
//= constant memory | accepted | float 2
__constant__ float c[3] = {1, 2, 3};
extern "C" __global__ void k(float *out) { out[0] = c[1]; }
//= write to constant memory | accepted
__constant__ float c[3] = {1, 2, 3};
extern "C" __global__ void k(float *out) { c[1] = 5; }
//= device variable | accepted | int 4
__device__ int n = 4;
extern "C" __global__ void k(int *out) { out[0] = n; }
//= managed variable | accepted
__managed__ int n = 4;
extern "C" __global__ void k(int *out) { out[0] = n; }
//= builtin_assume | accepted
__builtin_assume(threadIdx.x < 32);
//= trap and assert | accepted
#include <cassert>
assert(threadIdx.x < 64);
if (threadIdx.x > 64) __trap();
//= restrict | accepted
extern "C" __global__ void k(const float *__restrict__ a, float *__restrict__ out) { out[0] = a[0]; }
//= volatile shared | accepted | float 1
volatile __shared__ float s[32];
s[threadIdx.x] = 1;
out[0] = s[0];
//= texture reference | refused
texture<float, 1> t;
extern "C" __global__ void k(float *out) { out[0] = tex1Dfetch(t, 0); }
//= texture object | accepted
extern "C" __global__ void k(cudaTextureObject_t t, float *out) { out[0] = tex1Dfetch<float>(t, 0); }
//= surface object | accepted
extern "C" __global__ void k(cudaSurfaceObject_t s) { surf2Dwrite(1.0f, s, 0, 0); }
//= alloca in a kernel | accepted
float *p = (float *)alloca(16);
p[0] = 1;
out[0] = p[0];
//= prefetch by inline PTX | accepted
asm volatile("prefetch.global.L2 [%0];" ::"l"(out));
//= cp.async by inline PTX | accepted
__shared__ float s[32];
unsigned a = (unsigned)__cvta_generic_to_shared(s);
asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(a), "l"(out));
