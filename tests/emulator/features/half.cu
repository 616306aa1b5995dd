//= half plus half | accepted | float 3.5
#include <cuda_fp16.h>
half a = __float2half(1.5f), b = __float2half(2.0f);
out[0] = __half2float(a + b);
//= half plus float | refused
#include <cuda_fp16.h>
half a = __float2half(1.5f);
out[0] = a + 1.0f;
//= half times int | refused
#include <cuda_fp16.h>
half a = __float2half(1.5f);
out[0] = a * 2;
//= half less than float | refused
#include <cuda_fp16.h>
half a = __float2half(1.5f);
out[0] = a < 2.0f;
//= half from an int | accepted | float 3
#include <cuda_fp16.h>
half a = 3;
out[0] = a;
//= half from a float literal | accepted | float 0.5
#include <cuda_fp16.h>
half a = 0.5f;
out[0] = float(a);
//= half compound with a float | accepted | float 2.5
#include <cuda_fp16.h>
half a = 1.5f;
a += 1.0f;
out[0] = a;
//= half as a condition | accepted | float 1
#include <cuda_fp16.h>
half a = 0.5f;
if (a) out[0] = 1;
//= half negated and incremented | accepted | float -1.5 2.5
#include <cuda_fp16.h>
half a = 1.5f;
out[0] = -a;
++a;
out[1] = a;
//= ternary of half and float | refused
#include <cuda_fp16.h>
half a = 1.5f;
float x = threadIdx.x ? a : 1.0f;
out[0] = x;
//= hdiv rounds in half | accepted | float 0.33325195
#include <cuda_fp16.h>
out[0] = __hdiv(__float2half(1.0f), __float2half(3.0f));
//= hfma rounds once | accepted | float 0.00097751617
#include <cuda_fp16.h>
half a = 1.0009765625f;
out[0] = __hfma(a, a, __float2half(-1.0009765625f));
//= half sum loses small numbers | accepted | float 2048
#include <cuda_fp16.h>
half a = 2048.0f;
out[0] = a + half(1.0f);
//= half overflow | accepted | float inf
#include <cuda_fp16.h>
half a = 60000.0f;
out[0] = a + a;
//= half rounds ties to even | accepted | float 2048 2052
#include <cuda_fp16.h>
out[0] = __float2half(2049.0f);
out[1] = __float2half(2051.0f);
//= float2half directed | accepted | float 2048 2050 2048 -2050
#include <cuda_fp16.h>
out[0] = __float2half_rz(2049.0f);
out[1] = __float2half_ru(2049.0f);
out[2] = __float2half_rd(2049.0f);
out[3] = __float2half_rd(-2049.0f);
//= double2half rounds once | accepted | float 1.0009766
#include <cuda_fp16.h>
out[0] = __double2half(1.0004882812500002);
//= half to integers | accepted | int 2 3 2 2 -3
#include <cuda_fp16.h>
half a = 2.5f;
out[0] = __half2int_rn(a);
out[1] = __half2int_ru(a);
out[2] = __half2int_rd(a);
out[3] = __half2int_rz(a);
out[4] = __half2int_rd(__float2half(-2.5f));
//= half to short saturates | accepted | int 32767 0
#include <cuda_fp16.h>
out[0] = __half2short_rz(__float2half(60000.0f));
out[1] = __half2short_rz(CUDART_NAN_FP16);
//= int2half | accepted | float inf 2048
#include <cuda_fp16.h>
out[0] = __int2half_rn(100000);
out[1] = __int2half_rz(2049);
//= hmax and hmin with NaN | accepted | float 1 1 nan
#include <cuda_fp16.h>
half a = 1.0f;
out[0] = __hmax(a, CUDART_NAN_FP16);
out[1] = __hmin(CUDART_NAN_FP16, a);
out[2] = __hmax_nan(a, CUDART_NAN_FP16);
//= comparisons of half with NaN | accepted | int 0 0 1 1
#include <cuda_fp16.h>
half n = CUDART_NAN_FP16;
out[0] = __heq(n, n);
out[1] = __hne(n, n);
out[2] = __hneu(n, n);
out[3] = n != n;
//= hisnan and hisinf | accepted | int 1 -1
#include <cuda_fp16.h>
out[0] = __hisnan(CUDART_NAN_FP16);
out[1] = __hisinf(__hneg(CUDART_INF_FP16));
//= functions of half | accepted | float 1 0 2 0.5 4 -2 -1
#include <cuda_fp16.h>
out[0] = hexp(__float2half(0.0f));
out[1] = hlog2(__float2half(1.0f));
out[2] = hsqrt(__float2half(4.0f));
out[3] = hrcp(__float2half(2.0f));
out[4] = hexp2(__float2half(2.0f));
out[5] = hfloor(__float2half(-1.5f));
out[6] = htrunc(__float2half(-1.5f));
//= half2 arithmetic | accepted | float 4 6
#include <cuda_fp16.h>
half2 a = __floats2half2_rn(1, 2), b = make_half2(3.0f, 4.0f);
half2 c = a + b;
out[0] = __low2float(c);
out[1] = __high2float(c);
//= half2 by its parts | accepted | float 2 1
#include <cuda_fp16.h>
half2 a = {1.0f, 2.0f};
a = __lowhigh2highlow(a);
out[0] = a.x;
out[1] = a.y;
//= half2 hfma2 and hmul2 | accepted | float 7 14
#include <cuda_fp16.h>
half2 a = __float2half2_rn(2.0f), b = __halves2half2(3.0f, 6.5f);
half2 c = __hfma2(a, b, __float2half2_rn(1.0f));
out[0] = c.x;
out[1] = c.y;
//= half2 comparison gives pairs | accepted | float 1 0
#include <cuda_fp16.h>
half2 a = __floats2half2_rn(1, 2), b = __floats2half2_rn(1, 3);
half2 c = __heq2(a, b);
out[0] = c.x;
out[1] = c.y;
//= half2 comparison as a mask | accepted | unsigned 65535
#include <cuda_fp16.h>
out[0] = __heq2_mask(__floats2half2_rn(1, 2), __floats2half2_rn(1, 3));
//= half2 to float2 | accepted | float 1.5
#include <cuda_fp16.h>
float2 f = __half22float2(__floats2half2_rn(1.5f, 2));
out[0] = f.x;
//= hadd_sat and hfma_relu | accepted | float 1 0
#include <cuda_fp16.h>
out[0] = __hadd_sat(__float2half(0.75f), __float2half(0.75f));
out[1] = __hfma_relu(__float2half(-1.0f), __float2half(2.0f), __float2half(1.0f));
//= half as bits | accepted | int 15360 1
#include <cuda_fp16.h>
out[0] = __half_as_ushort(__float2half(1.0f));
out[1] = __half2int_rn(__ushort_as_half(0x3c00));
//= subnormal half | accepted | float 5.9604645e-08 0
#include <cuda_fp16.h>
out[0] = __float2half(5.9604645e-8f);
out[1] = __float2half(2.0e-8f);
//= half in shared memory | accepted | float 31
#include <cuda_fp16.h>
__shared__ half s[32];
s[threadIdx.x] = __int2half_rn(threadIdx.x);
__syncthreads();
out[0] = s[31];
//= half without its header | refused
half a = 1.0f;
out[0] = a;
//= hmin of half and float | accepted
#include <cuda_fp16.h>
half a = 1.0f;
out[0] = __hmin(a, 2.0f);
//= printf of a half | accepted
#include <cuda_fp16.h>
half a = 1.0f;
printf("%f\n", __half2float(a));
//= abs of a half | accepted
#include <cuda_fp16.h>
half a = -1.0f;
out[0] = __habs(a);
//= sqrtf of a half | accepted | float 2
#include <cuda_fp16.h>
half a = 4.0f;
out[0] = sqrtf(a);
//= max of two halves | refused
#include <cuda_fp16.h>
half a = 4.0f, b = 5.0f;
out[0] = max(a, b);
//= half by static cast and C cast | accepted | float 3 3
#include <cuda_fp16.h>
half a = static_cast<half>(3.25f);
out[0] = (int)a;
out[1] = static_cast<int>(a);
