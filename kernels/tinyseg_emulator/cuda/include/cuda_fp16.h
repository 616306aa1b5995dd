// half: 16-bit floating point, by the compiler's own type.
#pragma once

typedef _Float16 half;
typedef _Float16 __half;
struct alignas(4) half2 {
  half x, y;
};
typedef half2 __half2;

namespace emulator {
template <>
constexpr char kind<half>() { return 'f'; }
}  // namespace emulator

inline half __float2half(float x) { return half(x); }
inline half __float2half_rn(float x) { return half(x); }
inline half __double2half(double x) { return half(x); }
inline float __half2float(half x) { return float(x); }
inline half __int2half_rn(int x) { return half(x); }
inline half2 __floats2half2_rn(float x, float y) { return {half(x), half(y)}; }
inline half2 __float22half2_rn(float2 v) { return {half(v.x), half(v.y)}; }
inline float2 __half22float2(half2 v) { return {float(v.x), float(v.y)}; }
inline half2 make_half2(half x, half y) { return {x, y}; }
inline half2 __halves2half2(half x, half y) { return {x, y}; }
inline half __low2half(half2 v) { return v.x; }
inline half __high2half(half2 v) { return v.y; }
inline half __hadd(half a, half b) { return half(a + b); }
inline half __hsub(half a, half b) { return half(a - b); }
inline half __hmul(half a, half b) { return half(a * b); }
inline half __hfma(half a, half b, half c) { return half(fma(double(a), double(b), double(c))); }
inline half2 __hadd2(half2 a, half2 b) { return {half(a.x + b.x), half(a.y + b.y)}; }
inline half2 __hmul2(half2 a, half2 b) { return {half(a.x * b.x), half(a.y * b.y)}; }
inline half2 __hfma2(half2 a, half2 b, half2 c) { return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)}; }
inline unsigned short __half_as_ushort(half x) { return tinyseg_bits<unsigned short>(x); }
inline half __ushort_as_half(unsigned short x) { return tinyseg_bits<half>(x); }
