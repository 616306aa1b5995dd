// min, max and abs, in the overloads that CUDA has: what is ambiguous there (max of a float and an int) is so here.
#pragma once

#define TINYSEG_EXTREMA(T, A, B)                               \
  inline T min(A a, B b) { return (T)b < (T)a ? (T)b : (T)a; } \
  inline T max(A a, B b) { return (T)a < (T)b ? (T)b : (T)a; }
// A signed and an unsigned number are compared as unsigned ones.
#define TINYSEG_INTEGER_EXTREMA(S)                    \
  TINYSEG_EXTREMA(S, S, S)                            \
  TINYSEG_EXTREMA(unsigned S, unsigned S, unsigned S) \
  TINYSEG_EXTREMA(unsigned S, S, unsigned S)          \
  TINYSEG_EXTREMA(unsigned S, unsigned S, S)
TINYSEG_INTEGER_EXTREMA(int)
TINYSEG_INTEGER_EXTREMA(long)
TINYSEG_INTEGER_EXTREMA(long long)
#undef TINYSEG_EXTREMA
#undef TINYSEG_INTEGER_EXTREMA

// The other number when one is NaN.
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
#define TINYSEG_DOUBLE_EXTREMA(A, B)                                 \
  inline double min(A a, B b) { return fmin(double(a), double(b)); } \
  inline double max(A a, B b) { return fmax(double(a), double(b)); }
TINYSEG_DOUBLE_EXTREMA(double, double)
TINYSEG_DOUBLE_EXTREMA(float, double)
TINYSEG_DOUBLE_EXTREMA(double, float)
#undef TINYSEG_DOUBLE_EXTREMA

inline unsigned umin(unsigned a, unsigned b) { return min(a, b); }
inline unsigned umax(unsigned a, unsigned b) { return max(a, b); }
inline long long llmin(long long a, long long b) { return min(a, b); }
inline long long llmax(long long a, long long b) { return max(a, b); }
inline unsigned long long ullmin(unsigned long long a, unsigned long long b) { return min(a, b); }
inline unsigned long long ullmax(unsigned long long a, unsigned long long b) { return max(a, b); }
