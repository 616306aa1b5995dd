// Numbers as bits, and what a GPU counts, shifts and permutes in them.
#pragma once

template <class To, class From>
inline To tinyseg_bits(From x) {
  static_assert(sizeof(To) == sizeof(From), "as many bits");
  To y;
  memcpy(&y, &x, sizeof y);
  return y;
}
namespace emulator {
// A move of PTX: between a float and an integer of its size the bits, else the number.
template <class To, class From>
inline void move_bits(To &to, From from) {
  if constexpr (std::is_floating_point_v<To> != std::is_floating_point_v<From> && sizeof(To) == sizeof(From))
    to = tinyseg_bits<To>(from);
  else
    to = To(from);
}
}  // namespace emulator
inline int __float_as_int(float x) { return tinyseg_bits<int>(x); }
inline unsigned __float_as_uint(float x) { return tinyseg_bits<unsigned>(x); }
inline float __int_as_float(int x) { return tinyseg_bits<float>(x); }
inline float __uint_as_float(unsigned x) { return tinyseg_bits<float>(x); }
inline long long __double_as_longlong(double x) { return tinyseg_bits<long long>(x); }
inline double __longlong_as_double(long long x) { return tinyseg_bits<double>(x); }
inline int __double2hiint(double x) { return int((unsigned long long)__double_as_longlong(x) >> 32); }
inline int __double2loint(double x) { return int((unsigned long long)__double_as_longlong(x)); }
inline double __hiloint2double(int high, int low) {
  return __longlong_as_double((long long)((unsigned long long)unsigned(high) << 32 | unsigned(low)));
}

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline int __clz(int x) { return x ? __builtin_clz(unsigned(x)) : 32; }
inline int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
inline unsigned __brev(unsigned x) {
  unsigned y = 0;
  for (int i = 0; i < 32; i++) y |= (x >> i & 1u) << (31 - i);
  return y;
}
inline unsigned long long __brevll(unsigned long long x) {
  return (unsigned long long)__brev(unsigned(x)) << 32 | __brev(unsigned(x >> 32));
}
inline unsigned __nv_bswap32(unsigned x) { return __builtin_bswap32(x); }
inline unsigned short __nv_bswap16(unsigned short x) { return __builtin_bswap16(x); }
inline unsigned long long __nv_bswap64(unsigned long long x) { return __builtin_bswap64(x); }

// Of the 8 bytes of y:x, the four that the nibbles of s name; bit 3 of a nibble is not looked at (PTX prmt would spread
// the sign, the function masks it).
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned s) {
  const unsigned long long bytes = (unsigned long long)y << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; i++) result |= unsigned(bytes >> 8 * (s >> 4 * i & 7) & 255) << 8 * i;
  return result;
}
// The shift is taken modulo 32, or in the functions with a c at their end clamped to 32.
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return unsigned((((unsigned long long)high << 32 | low) << (shift & 31)) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return unsigned(((unsigned long long)high << 32 | low) >> (shift & 31));
}
inline unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
  return shift >= 32 ? low : __funnelshift_l(low, high, shift);
}
inline unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
  return shift >= 32 ? high : __funnelshift_r(low, high, shift);
}
// The place of the offset-th set bit from `base`, upwards for a positive offset and downwards for a negative one; with
// offset 0 the bit at base itself. 0xffffffff where there is none.
inline unsigned __fns(unsigned mask, unsigned base, int offset) {
  if (offset == 0) return base < 32 && (mask >> base & 1) ? base : 0xffffffffu;
  const int step = offset > 0 ? 1 : -1;
  int left = offset > 0 ? offset : -offset;
  for (int at = int(base); at >= 0 && at < 32; at += step)
    if ((mask >> at & 1) && --left == 0) return unsigned(at);
  return 0xffffffffu;
}
