// Arithmetic and conversions with a rounding of one's own: _rn to nearest with ties to even, _rz towards zero, _ru
// upwards, _rd downwards. The processor computes them, in its own rounding mode.
#pragma once
#include <fenv.h>

namespace emulator {
enum Rounding : int { RN = FE_TONEAREST, RZ = FE_TOWARDZERO, RU = FE_UPWARD, RD = FE_DOWNWARD };

// f(a, b, c) in a rounding mode. Volatile: a compiler does not know of modes, and would move or fold the arithmetic.
template <class To, class From, class F>
TINYSEG_UNCHECKED inline To rounded(Rounding mode, From a, From b, From c, F f) {
  volatile From x = a, y = b, z = c;
  fesetround(mode);
  volatile To result = f(x, y, z);
  fesetround(FE_TONEAREST);
  return result;
}
}  // namespace emulator

#define TINYSEG_ROUNDED(To, name, mode, From, parameters, a, b, c, expression)        \
  TINYSEG_UNCHECKED inline To name parameters {                                       \
    return emulator::rounded<To>(emulator::mode, (From)a, (From)b, (From)c,           \
                                 [](From x, From y, From z) TINYSEG_UNCHECKED -> To { \
                                   (void)y, (void)z;                                  \
                                   return expression;                                 \
                                 });                                                  \
  }
#define TINYSEG_ARITHMETIC(T, prefix, suffix, mode, root, fused)                    \
  TINYSEG_ROUNDED(T, __##prefix##add_##suffix, mode, T, (T a, T b), a, b, 0, x + y) \
  TINYSEG_ROUNDED(T, __##prefix##sub_##suffix, mode, T, (T a, T b), a, b, 0, x - y) \
  TINYSEG_ROUNDED(T, __##prefix##mul_##suffix, mode, T, (T a, T b), a, b, 0, x *y)  \
  TINYSEG_ROUNDED(T, __##prefix##div_##suffix, mode, T, (T a, T b), a, b, 0, x / y) \
  TINYSEG_ROUNDED(T, __##prefix##rcp_##suffix, mode, T, (T a), a, 0, 0, 1 / x)      \
  TINYSEG_ROUNDED(T, __##prefix##sqrt_##suffix, mode, T, (T a), a, 0, 0, root(x))   \
  TINYSEG_ROUNDED(T, __##fused##_##suffix, mode, T, (T a, T b, T c), a, b, c, __builtin_##fused(x, y, z))
#define TINYSEG_CONVERSIONS(suffix, mode)                                                                           \
  TINYSEG_ROUNDED(float, __double2float_##suffix, mode, double, (double a), a, 0, 0, float(x))                      \
  TINYSEG_ROUNDED(float, __int2float_##suffix, mode, int, (int a), a, 0, 0, float(x))                               \
  TINYSEG_ROUNDED(float, __uint2float_##suffix, mode, unsigned, (unsigned a), a, 0, 0, float(x))                    \
  TINYSEG_ROUNDED(float, __ll2float_##suffix, mode, long long, (long long a), a, 0, 0, float(x))                    \
  TINYSEG_ROUNDED(double, __ll2double_##suffix, mode, long long, (long long a), a, 0, 0, double(x))                 \
  TINYSEG_ROUNDED(float, __ull2float_##suffix, mode, unsigned long long, (unsigned long long a), a, 0, 0, float(x)) \
  TINYSEG_ROUNDED(double, __ull2double_##suffix, mode, unsigned long long, (unsigned long long a), a, 0, 0, double(x))
#define TINYSEG_MODE(suffix, mode)                                                                  \
  TINYSEG_ARITHMETIC(float, f, suffix, mode, __builtin_sqrtf, fmaf)                                 \
  TINYSEG_ARITHMETIC(double, d, suffix, mode, __builtin_sqrt, fma)                                  \
  inline float __fmaf_ieee_##suffix(float a, float b, float c) { return __fmaf_##suffix(a, b, c); } \
  TINYSEG_CONVERSIONS(suffix, mode)
TINYSEG_MODE(rz, RZ)
TINYSEG_MODE(ru, RU)
TINYSEG_MODE(rd, RD)
#undef TINYSEG_ROUNDED
#undef TINYSEG_ARITHMETIC
#undef TINYSEG_CONVERSIONS
#undef TINYSEG_MODE

// To nearest is what the plain operators do. A GPU's compiler does not fuse these with a neighbour.
#define TINYSEG_NEAREST(T, prefix, root, fused)           \
  inline T __##prefix##add_rn(T a, T b) { return a + b; } \
  inline T __##prefix##sub_rn(T a, T b) { return a - b; } \
  inline T __##prefix##mul_rn(T a, T b) { return a * b; } \
  inline T __##prefix##div_rn(T a, T b) { return a / b; } \
  inline T __##prefix##rcp_rn(T a) { return T(1) / a; }   \
  inline T __##prefix##sqrt_rn(T a) { return root(a); }   \
  inline T __##fused##_rn(T a, T b, T c) { return fused(a, b, c); }
TINYSEG_NEAREST(float, f, sqrtf, fmaf)
TINYSEG_NEAREST(double, d, sqrt, fma)
#undef TINYSEG_NEAREST
inline float __fmaf_ieee_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline float __double2float_rn(double x) { return float(x); }
inline float __int2float_rn(int x) { return float(x); }
inline float __uint2float_rn(unsigned x) { return float(x); }
inline float __ll2float_rn(long long x) { return float(x); }
inline float __ull2float_rn(unsigned long long x) { return float(x); }
inline double __int2double_rn(int x) { return double(x); }
inline double __uint2double_rn(unsigned x) { return double(x); }
inline double __ll2double_rn(long long x) { return double(x); }
inline double __ull2double_rn(unsigned long long x) { return double(x); }
// Of 1 / sqrt(x) there is this one only. A double has more than twice a float's digits.
inline float __frsqrt_rn(float x) {
  TINYSEG_COUNT(emulator::COUNT_FP32 + emulator::COUNT_SPECIAL, 1);
  return float(1 / sqrtl(x));
}

// To integers: too large numbers become the largest or the smallest one. NaN becomes 0, and where the number or the
// integer has 64 bits, the integer of the highest bit only (PTX, "cvt").
namespace emulator {
template <class To, class From>
TINYSEG_UNCHECKED inline To to_integer(From x) {
  constexpr bool is_signed = To(~To(0)) < To(0);
  constexpr int bits = 8 * sizeof(To);
  constexpr To high_bit = To((unsigned long long)1 << (bits - 1));
  constexpr To lowest = is_signed ? high_bit : To(0), highest = is_signed ? To(~high_bit) : To(~To(0));
  if (x != x) return sizeof(To) == 8 || sizeof(From) == 8 ? high_bit : To(0);
  const From limit = From(is_signed ? 1ull << (bits - 2) : 1ull << (bits - 1)) * 2;  // one above the highest
  return x >= limit ? highest : x <= From(lowest) ? lowest : To(x);
}
}  // namespace emulator
#define TINYSEG_TO_INTEGER(from, end, to, name)                                                          \
  inline to __##from##2##name##_rn(from x) { return emulator::to_integer<to>(__builtin_rint##end(x)); }  \
  inline to __##from##2##name##_rz(from x) { return emulator::to_integer<to>(__builtin_trunc##end(x)); } \
  inline to __##from##2##name##_ru(from x) { return emulator::to_integer<to>(__builtin_ceil##end(x)); }  \
  inline to __##from##2##name##_rd(from x) { return emulator::to_integer<to>(__builtin_floor##end(x)); }
TINYSEG_TO_INTEGER(float, f, int, int)
TINYSEG_TO_INTEGER(float, f, unsigned, uint)
TINYSEG_TO_INTEGER(float, f, long long, ll)
TINYSEG_TO_INTEGER(float, f, unsigned long long, ull)
TINYSEG_TO_INTEGER(double, , int, int)
TINYSEG_TO_INTEGER(double, , unsigned, uint)
TINYSEG_TO_INTEGER(double, , long long, ll)
TINYSEG_TO_INTEGER(double, , unsigned long long, ull)
#undef TINYSEG_TO_INTEGER
