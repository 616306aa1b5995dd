// Floating-point numbers of 16 bits: __half (11 bits of precision, 5 of exponent) and __nv_bfloat16 (8 and 8) as bits,
// and their conversion with one rounding.
#pragma once

#define TINYSEG_INLINE inline __attribute__((always_inline))

namespace emulator {
struct HalfFormat {
  static constexpr int precision = 11, lowest_exponent = -14;
  static constexpr unsigned infinity = 0x7c00, mantissa = 0x3ff;
};
struct BrainFormat {
  static constexpr int precision = 8, lowest_exponent = -126;
  static constexpr unsigned infinity = 0x7f80, mantissa = 0x7f;
};
constexpr unsigned short NOT_A_NUMBER = 0x7fff;  // the only NaN that a GPU's arithmetic gives

// x is n units in the last place of its binade; n is rounded, and a carry moves to the exponent by itself.
template <class Format>
TINYSEG_UNCHECKED inline unsigned short encode(double x, Rounding mode = RN) {
  if (x != x) return NOT_A_NUMBER;
  const bool negative = signbit(x);
  const unsigned sign = negative ? 0x8000u : 0u;
  const double size = fabs(x);
  if (isinf(x)) return (unsigned short)(sign | Format::infinity);
  if (size == 0) return (unsigned short)sign;
  int exponent;
  frexp(size, &exponent);
  exponent = exponent - 1 < Format::lowest_exponent ? Format::lowest_exponent : exponent - 1;
  const double units = ldexp(size, Format::precision - 1 - exponent);
  const bool away = negative ? mode == RD : mode == RU;
  const double whole = mode == RN ? nearbyint(units) : away ? ceil(units) : floor(units);
  const double bits = whole + ldexp(double(exponent - Format::lowest_exponent), Format::precision - 1);
  if (bits >= Format::infinity) return (unsigned short)(sign | (Format::infinity - unsigned(mode != RN && !away)));
  return (unsigned short)(sign | unsigned(bits));
}
// The same for most numbers by an instruction, or by adding half a unit.
template <class Format>
TINYSEG_UNCHECKED inline unsigned short encode_nearest(float x) {
  if (x != x) return NOT_A_NUMBER;
  if constexpr (std::is_same_v<Format, HalfFormat>) {
    return tinyseg_bits<unsigned short>(_Float16(x));
  } else {
    const unsigned bits = __float_as_uint(x);
    return (unsigned short)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
  }
}
template <class Format>
TINYSEG_UNCHECKED inline float decode(unsigned short bits) {
  if constexpr (std::is_same_v<Format, HalfFormat>)
    return float(tinyseg_bits<_Float16>(bits));
  else
    return __uint_as_float(unsigned(bits) << 16);
}
// A whole number as a double that rounds to 16 bits as the number itself does: what a double has no room for is kept as
// the lowest bit of what it has.
TINYSEG_UNCHECKED inline double sticky(unsigned long long x) {
  return double(x >> 53 ? (x & ~0xfffull) | (x & 0xfff ? 0x1000u : 0u) : x);
}
TINYSEG_UNCHECKED inline double sticky(long long x) {
  return x < 0 ? -sticky(0ull - (unsigned long long)x) : sticky((unsigned long long)x);
}
// a * b + c of numbers of 16 bits, for one rounding afterwards: the product is exact in a double, the sum is rounded to
// odd.
TINYSEG_UNCHECKED inline double fused(double a, double b, double c) {
  const double product = a * b, sum = product + c;
  if (isinf(sum) || sum != sum) return sum;
  const double part = sum - product, error = (product - (sum - part)) + (c - part);
  long long bits = __double_as_longlong(sum);
  if (error != 0 && !(bits & 1)) bits += (error > 0) == (sum > 0) ? 1 : -1;
  return __longlong_as_double(bits);
}
}  // namespace emulator
