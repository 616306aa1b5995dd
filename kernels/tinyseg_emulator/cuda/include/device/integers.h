// Products, sums and differences of integers for which a GPU has an instruction.
#pragma once

inline int __mulhi(int a, int b) { return int((long long)a * b >> 32); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned((unsigned long long)a * b >> 32); }
inline long long __mul64hi(long long a, long long b) { return (long long)((__int128)a * b >> 64); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}
// The low 24 bits of each; of the product the low 32.
inline int __mul24(int a, int b) {
  const long long x = int(unsigned(a) << 8) >> 8, y = int(unsigned(b) << 8) >> 8;
  return int(unsigned(x * y));
}
inline unsigned __umul24(unsigned a, unsigned b) {
  return unsigned((unsigned long long)(a & 0xffffffu) * (b & 0xffffffu));
}
inline unsigned __sad(int a, int b, unsigned c) {
  return (a < b ? unsigned(b) - unsigned(a) : unsigned(a) - unsigned(b)) + c;
}
inline unsigned __usad(unsigned a, unsigned b, unsigned c) { return (a < b ? b - a : a - b) + c; }
// The mean without overflow: rounded down, and with an r rounded up.
inline int __hadd(int a, int b) { return int(((long long)a + b) >> 1); }
inline int __rhadd(int a, int b) { return int(((long long)a + b + 1) >> 1); }
inline unsigned __uhadd(unsigned a, unsigned b) { return unsigned(((unsigned long long)a + b) >> 1); }
inline unsigned __urhadd(unsigned a, unsigned b) { return unsigned(((unsigned long long)a + b + 1) >> 1); }

namespace emulator {
// c plus the sum of products of `count` elements of A in a, from the first, and of B in b, from the `from`-th.
template <class A, class B, int count>
inline unsigned dot(unsigned a, unsigned b, unsigned c, int from) {
  for (int i = 0; i < count; i++) {
    const long long x = A(a >> i * 8 * sizeof(A)), y = B(b >> (from + i) * 8 * sizeof(B));
    c += unsigned(x * y);
  }
  return c;
}
}  // namespace emulator
#define TINYSEG_DOT(name, A, B, count, from, SA, SB, UA, UB)                                           \
  inline int name(int a, int b, int c) {                                                               \
    return int(emulator::dot<signed A, signed B, count>(unsigned(a), unsigned(b), unsigned(c), from)); \
  }                                                                                                    \
  inline unsigned name(unsigned a, unsigned b, unsigned c) {                                           \
    return emulator::dot<unsigned A, unsigned B, count>(a, b, c, from);                                \
  }                                                                                                    \
  inline int name(SA a, SB b, int c) { return name(tinyseg_bits<int>(a), tinyseg_bits<int>(b), c); }   \
  inline unsigned name(UA a, UB b, unsigned c) { return name(tinyseg_bits<unsigned>(a), tinyseg_bits<unsigned>(b), c); }
TINYSEG_DOT(__dp4a, char, char, 4, 0, char4, char4, uchar4, uchar4)
TINYSEG_DOT(__dp2a_lo, short, char, 2, 0, short2, char4, ushort2, uchar4)
TINYSEG_DOT(__dp2a_hi, short, char, 2, 2, short2, char4, ushort2, uchar4)
#undef TINYSEG_DOT
