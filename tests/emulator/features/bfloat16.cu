//= bfloat16 plus bfloat16 | accepted | float 3.5
#include <cuda_bf16.h>
__nv_bfloat16 a = __float2bfloat16(1.5f), b = __float2bfloat16(2.0f);
out[0] = __bfloat162float(a + b);
//= bfloat16 keeps 8 bits | accepted | float 256 260
#include <cuda_bf16.h>
out[0] = __float2bfloat16(257.0f);
out[1] = __float2bfloat16(259.0f);
//= bfloat16 fma rounds once | accepted | float 0.0078735352
#include <cuda_bf16.h>
__nv_bfloat16 a = 1.0078125f;
out[0] = __hfma(a, a, __float2bfloat16(-1.0078125f));
//= bfloat16 large numbers | accepted | float 1e38
#include <cuda_bf16.h>
nv_bfloat16 a = 1e38f;
out[0] = float(a) > 9.9e37f ? 1e38f : 0.0f;
//= bfloat162 arithmetic | accepted | float 6
#include <cuda_bf16.h>
__nv_bfloat162 a = __floats2bfloat162_rn(1, 2), b = __floats2bfloat162_rn(3, 4);
out[0] = __high2float(a + b);
//= bfloat16 comparisons | accepted | int 1 0
#include <cuda_bf16.h>
__nv_bfloat16 a = 1.0f, b = 2.0f;
out[0] = __hlt(a, b);
out[1] = a > b;
//= bfloat16 times float | refused
#include <cuda_bf16.h>
__nv_bfloat16 a = 1.0f;
out[0] = a * 2.0f;
//= bfloat16 from a half | accepted | float 1.5
#include <cuda_bf16.h>
#include <cuda_fp16.h>
half h = 1.5f;
__nv_bfloat16 a(h);
out[0] = a;
//= bfloat16 to int | accepted | int 3
#include <cuda_bf16.h>
out[0] = __bfloat162int_rn(__float2bfloat16(2.75f));
//= functions of bfloat16 | accepted | float 1 2
#include <cuda_bf16.h>
out[0] = hexp(__float2bfloat16(0.0f));
out[1] = hsqrt(__float2bfloat16(4.0f));
//= bfloat16 as bits | accepted | int 16256
#include <cuda_bf16.h>
out[0] = __bfloat16_as_ushort(__float2bfloat16(1.0f));
//= bfloat16 by the name of std | refused
#include <cuda_bf16.h>
std::bfloat16_t a;
//= bfloat16 float2bfloat16 directed | accepted | float 256 258
#include <cuda_bf16.h>
out[0] = __float2bfloat16_rz(257.0f);
out[1] = __float2bfloat16_ru(257.0f);
//= bfloat16 atomicAdd | accepted | float 32
#include <cuda_bf16.h>
__shared__ __nv_bfloat16 s;
if (threadIdx.x == 0) s = __float2bfloat16(0.0f);
__syncthreads();
atomicAdd(&s, __float2bfloat16(1.0f));
__syncthreads();
out[0] = s;
//= mixed half and bfloat16 | refused
#include <cuda_bf16.h>
#include <cuda_fp16.h>
half h = 1.5f;
__nv_bfloat16 a = 1.0f;
out[0] = h + a;
