//= fadd in four roundings | accepted | float 1 1 1.0000001 1
volatile float a = 1.0f, b = 3e-9f;
out[0] = __fadd_rn(a, b);
out[1] = __fadd_rz(a, b);
out[2] = __fadd_ru(a, b);
out[3] = __fadd_rd(a, b);
//= fsub rounded down | accepted | float 0.99999994
volatile float a = 1.0f, b = 3e-9f;
out[0] = __fsub_rd(a, b);
//= fmul rounded | accepted | float 0.010000001 0.01
volatile float a = 0.1f;
out[0] = __fmul_ru(a, a);
out[1] = __fmul_rz(a, a);
//= fdiv rounded | accepted | float 0.33333331 0.33333334
volatile float a = 1.0f, b = 3.0f;
out[0] = __fdiv_rd(a, b);
out[1] = __fdiv_ru(a, b);
//= frcp and fsqrt rounded | accepted | float 0.33333331 1.4142135 1.4142137
volatile float a = 3.0f, b = 2.0f;
out[0] = __frcp_rz(a);
out[1] = __fsqrt_rd(b);
out[2] = __fsqrt_ru(b);
//= fmaf rounded | accepted | float 1.0000001
volatile float a = 1.0f, b = 1e-9f;
out[0] = __fmaf_ru(a, b, a);
//= frsqrt_rn | accepted | float 0.70710677
volatile float a = 2.0f;
out[0] = __frsqrt_rn(a);
//= double arithmetic rounded | accepted | double 1.0000000000000002 0.3333333333333333 0.33333333333333337
volatile double a = 1.0, b = 1e-20, c = 3.0;
out[0] = __dadd_ru(a, b);
out[1] = __ddiv_rd(a, c);
out[2] = __ddiv_ru(a, c);
//= drcp dsqrt dmul dsub fma rounded | accepted | double 1.4142135623730951 1.0000000000000002
volatile double a = 2.0, b = 1e-20, c = 1.0;
out[0] = __dsqrt_rn(a);
out[1] = __fma_ru(b, b, c);
//= int2float rounded | accepted | float 16777216 16777218 16777216
volatile int a = 16777217;
out[0] = __int2float_rn(a);
out[1] = __int2float_ru(a);
out[2] = __int2float_rz(a);
//= double2float rounded | accepted | float 0.1 0.099999994 0.1
volatile double a = 0.1;
out[0] = __double2float_rn(a);
out[1] = __double2float_rd(a);
out[2] = __double2float_ru(a);
//= float2int rounded | accepted | int 2 3 2 2 -3
out[0] = __float2int_rn(2.5f);
out[1] = __float2int_ru(2.5f);
out[2] = __float2int_rd(2.5f);
out[3] = __float2int_rz(2.5f);
out[4] = __float2int_rd(-2.5f);
//= float2int saturates | accepted | int 2147483647 -2147483648 0
out[0] = __float2int_rz(1e10f);
out[1] = __float2int_rz(-1e10f);
out[2] = __float2int_rz(NAN);
//= float2uint saturates | accepted | unsigned 0 4294967295 3000000000
out[0] = __float2uint_rz(-3.5f);
out[1] = __float2uint_rz(1e20f);
out[2] = __float2uint_rn(3e9f);
//= float2ll of NaN | accepted | ulonglong 9223372036854775808 9223372036854775807
out[0] = __float2ll_rn(NAN);
out[1] = __float2ll_rn(1e30f);
//= double2int of NaN | accepted | ulonglong 9223372036854775808
out[0] = __double2ll_rn(NAN);
//= double2uint | accepted | unsigned 4294967295
out[0] = __double2uint_rn(4294967294.9);
//= ll2float and ull2double rounded | accepted | double 9007199254740992 9007199254740994
volatile unsigned long long a = 9007199254740993ull;
out[0] = __ull2double_rz(a);
out[1] = __ull2double_ru(a);
//= uint2float_rd | accepted | float 4294967040
volatile unsigned a = 4294967295u;
out[0] = __uint2float_rd(a);
//= fadd_rn of doubles | accepted | float 3
out[0] = __fadd_rn(1.0, 2.0);
//= fadd_rn with a half | accepted | float 3
#include <cuda_fp16.h>
out[0] = __fadd_rn(__float2half(1.0f), 2.0f);
//= rint and nearbyint | accepted | float 2 4
out[0] = rintf(2.5f);
out[1] = nearbyintf(3.5f);
