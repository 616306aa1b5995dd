// XORWOW (Marsaglia, "Xorshift RNGs", 2003): five words shifted and combined, which is linear over bits, and a counter.
// Jumps multiply the 160 bits by powers of the step's matrix, which are worked out when they are first wanted.
#pragma once

namespace emulator {
struct XorwowMatrix {
  unsigned row[160][5];  // what becomes of each bit
};
TINYSEG_UNCHECKED inline void xorwow_step(unsigned *v) {
  const unsigned t = v[0] ^ (v[0] >> 2);
  for (int i = 0; i < 4; i++) v[i] = v[i + 1];
  v[4] = v[4] ^ (v[4] << 4) ^ t ^ (t << 1);
}
TINYSEG_UNCHECKED inline void xorwow_apply(const XorwowMatrix &matrix, unsigned *v) {
  unsigned sum[5] = {};
  for (int bit = 0; bit < 160; bit++)
    if (v[bit / 32] >> bit % 32 & 1)
      for (int i = 0; i < 5; i++) sum[i] ^= matrix.row[bit][i];
  for (int i = 0; i < 5; i++) v[i] = sum[i];
}
// The matrix of 2^exponent steps, for exponents below 131: 64 bits of an offset, and 64 of sequences of 2^67 steps.
TINYSEG_UNCHECKED inline __attribute__((noinline)) const XorwowMatrix &xorwow_power(int exponent) {
  static XorwowMatrix powers[131];
  static int known = 0;
  for (; known <= exponent; known++) {
    for (int bit = 0; bit < 160; bit++) {
      unsigned *row = powers[known].row[bit];
      if (known == 0) {
        row[bit / 32] = 1u << bit % 32;
        xorwow_step(row);
      } else {
        memcpy(row, powers[known - 1].row[bit], sizeof powers[0].row[0]);
        xorwow_apply(powers[known - 1], row);
      }
    }
  }
  return powers[exponent];
}
TINYSEG_UNCHECKED inline void xorwow_jump(unsigned *v, unsigned long long count, int exponent) {
  for (; count; count >>= 1, exponent++)
    if (count & 1) xorwow_apply(xorwow_power(exponent), v);
}
}  // namespace emulator
