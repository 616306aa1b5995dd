// half and half2: IEEE 754 numbers of 16 bits.
#pragma once
#include "device/small_float_format.h"

#define TINYSEG_H __half
#define TINYSEG_H2 __half2
#define TINYSEG_RAW __half_raw
#define TINYSEG_RAW2 __half2_raw
#define TINYSEG_OTHER __nv_bfloat16
#define TINYSEG_FORMAT HalfFormat
#define TINYSEG_N half
#define TINYSEG_N2 half2
#include "device/small_float_type.inc"
#include "device/small_float_arithmetic.inc"
#include "device/small_float_conversions.inc"
#include "device/small_float_end.inc"

typedef __half half;
typedef __half2 half2;
typedef __half nv_half;
typedef __half2 nv_half2;
typedef __half __nv_half;
typedef __half2 __nv_half2;
typedef __half_raw __nv_half_raw;
typedef __half2_raw __nv_half2_raw;

namespace emulator {
template <>
constexpr char kind<__half>() { return 'f'; }
}  // namespace emulator

#define CUDART_INF_FP16 __ushort_as_half((unsigned short)0x7C00U)
#define CUDART_NAN_FP16 __ushort_as_half((unsigned short)0x7FFFU)
#define CUDART_MIN_DENORM_FP16 __ushort_as_half((unsigned short)0x0001U)
#define CUDART_MAX_NORMAL_FP16 __ushort_as_half((unsigned short)0x7BFFU)
#define CUDART_NEG_ZERO_FP16 __ushort_as_half((unsigned short)0x8000U)
#define CUDART_ZERO_FP16 __ushort_as_half((unsigned short)0x0000U)
#define CUDART_ONE_FP16 __ushort_as_half((unsigned short)0x3C00U)
