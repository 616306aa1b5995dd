// __nv_bfloat16 and __nv_bfloat162: a float's upper 16 bits. NumPy has no such type: such an array is passed as uint16.
#pragma once
#include "cuda_fp16.h"

#define TINYSEG_H __nv_bfloat16
#define TINYSEG_H2 __nv_bfloat162
#define TINYSEG_RAW __nv_bfloat16_raw
#define TINYSEG_RAW2 __nv_bfloat162_raw
#define TINYSEG_OTHER __half
#define TINYSEG_FORMAT BrainFormat
#define TINYSEG_N bfloat16
#define TINYSEG_N2 bfloat162
#include "device/small_float_type.inc"
#include "device/small_float_arithmetic.inc"
#include "device/small_float_conversions.inc"
#include "device/small_float_end.inc"

typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

TINYSEG_INLINE __half::__half(const __nv_bfloat16 other) : __half(float(other)) {}
TINYSEG_INLINE __nv_bfloat16::__nv_bfloat16(const __half other) : __nv_bfloat16(float(other)) {}

#define CUDART_INF_BF16 __ushort_as_bfloat16((unsigned short)0x7F80U)
#define CUDART_NAN_BF16 __ushort_as_bfloat16((unsigned short)0x7FFFU)
#define CUDART_MIN_DENORM_BF16 __ushort_as_bfloat16((unsigned short)0x0001U)
#define CUDART_MAX_NORMAL_BF16 __ushort_as_bfloat16((unsigned short)0x7F7FU)
#define CUDART_NEG_ZERO_BF16 __ushort_as_bfloat16((unsigned short)0x8000U)
#define CUDART_ZERO_BF16 __ushort_as_bfloat16((unsigned short)0x0000U)
#define CUDART_ONE_BF16 __ushort_as_bfloat16((unsigned short)0x3F80U)
