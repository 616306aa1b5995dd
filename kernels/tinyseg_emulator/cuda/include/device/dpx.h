// The DPX functions for dynamic programming: sums and extrema of two or three numbers, with 0 as a lower bound in the
// functions with _relu, and whether the first was taken (>= or <=) in those with a b.
#pragma once

#define TINYSEG_DPX_SIGNED(Word, P, kind, map)                                                                   \
  inline Word __vimax_##kind##_relu(Word a, Word b) { return map(P, a, b, b, TINYSEG_HI(TINYSEG_HI(x, y), 0)); } \
  inline Word __vimin_##kind##_relu(Word a, Word b) { return map(P, a, b, b, TINYSEG_HI(TINYSEG_LO(x, y), 0)); } \
  inline Word __vimax3_##kind##_relu(Word a, Word b, Word c) {                                                   \
    return map(P, a, b, c, TINYSEG_HI(TINYSEG_HI(TINYSEG_HI(x, y), z), 0));                                      \
  }                                                                                                              \
  inline Word __vimin3_##kind##_relu(Word a, Word b, Word c) {                                                   \
    return map(P, a, b, c, TINYSEG_HI(TINYSEG_LO(TINYSEG_LO(x, y), z), 0));                                      \
  }                                                                                                              \
  inline Word __viaddmax_##kind##_relu(Word a, Word b, Word c) {                                                 \
    return map(P, a, b, c, TINYSEG_HI(TINYSEG_HI((P)(x + y), z), 0));                                            \
  }                                                                                                              \
  inline Word __viaddmin_##kind##_relu(Word a, Word b, Word c) {                                                 \
    return map(P, a, b, c, TINYSEG_HI(TINYSEG_LO((P)(x + y), z), 0));                                            \
  }
#define TINYSEG_DPX(Word, P, kind, map)                                                                            \
  inline Word __vimax3_##kind(Word a, Word b, Word c) { return map(P, a, b, c, TINYSEG_HI(TINYSEG_HI(x, y), z)); } \
  inline Word __vimin3_##kind(Word a, Word b, Word c) { return map(P, a, b, c, TINYSEG_LO(TINYSEG_LO(x, y), z)); } \
  inline Word __viaddmax_##kind(Word a, Word b, Word c) { return map(P, a, b, c, TINYSEG_HI((P)(x + y), z)); }     \
  inline Word __viaddmin_##kind(Word a, Word b, Word c) { return map(P, a, b, c, TINYSEG_LO((P)(x + y), z)); }
// One number, added without overflow as unsigned ones are, or two halves of a word.
#define TINYSEG_WHOLE(P, a, b, c, expression) \
  [](long long x, long long y, long long z) { \
    (void)z;                                  \
    return (P)(expression);                   \
  }(a, b, c)
#define TINYSEG_HALVES(P, a, b, c, expression)          \
  emulator::parts<P>(a, b, c, [](int x, int y, int z) { \
    (void)z;                                            \
    return int((P)(expression));                        \
  })
#define TINYSEG_HI(a, b) ((a) < (b) ? (b) : (a))
#define TINYSEG_LO(a, b) ((b) < (a) ? (b) : (a))
#define TINYSEG_FIRST(Word, kind, P, name, relation)       \
  inline Word name##_##kind(Word a, Word b, bool *first) { \
    *first = a relation b;                                 \
    return a relation b ? a : b;                           \
  }
#define TINYSEG_FIRST_OF_HALVES(kind, P, name, relation)                         \
  inline unsigned name##_##kind(unsigned a, unsigned b, bool *high, bool *low) { \
    *high = (P)(a >> 16) relation(P)(b >> 16);                                   \
    *low = (P)a relation(P) b;                                                   \
    return (*high ? a : b) & 0xffff0000u | (*low ? a : b) & 0xffffu;             \
  }
TINYSEG_FIRST(int, s32, int, __vibmax, >=)
TINYSEG_FIRST(int, s32, int, __vibmin, <=)
TINYSEG_FIRST(unsigned, u32, unsigned, __vibmax, >=)
TINYSEG_FIRST(unsigned, u32, unsigned, __vibmin, <=)
TINYSEG_FIRST_OF_HALVES(s16x2, short, __vibmax, >=)
TINYSEG_FIRST_OF_HALVES(s16x2, short, __vibmin, <=)
TINYSEG_FIRST_OF_HALVES(u16x2, unsigned short, __vibmax, >=)
TINYSEG_FIRST_OF_HALVES(u16x2, unsigned short, __vibmin, <=)
TINYSEG_DPX(int, int, s32, TINYSEG_WHOLE)
TINYSEG_DPX(unsigned, unsigned, u32, TINYSEG_WHOLE)
TINYSEG_DPX(unsigned, short, s16x2, TINYSEG_HALVES)
TINYSEG_DPX(unsigned, unsigned short, u16x2, TINYSEG_HALVES)
TINYSEG_DPX_SIGNED(int, int, s32, TINYSEG_WHOLE)
TINYSEG_DPX_SIGNED(unsigned, short, s16x2, TINYSEG_HALVES)
#undef TINYSEG_HI
#undef TINYSEG_LO
#undef TINYSEG_FIRST
#undef TINYSEG_FIRST_OF_HALVES
#undef TINYSEG_WHOLE
#undef TINYSEG_HALVES
#undef TINYSEG_DPX
#undef TINYSEG_DPX_SIGNED
