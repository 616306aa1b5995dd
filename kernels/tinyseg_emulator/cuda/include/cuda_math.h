// CUDA's built-in functions of numbers. The C library gives the rest (expf, sqrt, fmaf, ...); its results differ from a GPU's in the last bits.
#pragma once

template <class A, class B>
inline std::common_type_t<A, B> min(A a, B b) {
  using T = std::common_type_t<A, B>;
  if constexpr (std::is_floating_point_v<T>) return fmin(T(a), T(b));  // as CUDA: the other number when one is NaN
  else return T(b) < T(a) ? T(b) : T(a);
}
template <class A, class B>
inline std::common_type_t<A, B> max(A a, B b) {
  using T = std::common_type_t<A, B>;
  if constexpr (std::is_floating_point_v<T>) return fmax(T(a), T(b));
  else return T(a) < T(b) ? T(b) : T(a);
}

inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline float rsqrt(float x) { return rsqrtf(x); }
inline float __saturatef(float x) { return fminf(fmaxf(x, 0.0f), 1.0f); }

// Rounded to nearest: what the plain operators do here, too. A GPU's compiler does not fuse these with a neighbour.
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return sqrtf(a); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
// Approximate on a GPU, to about 2 units in the last place; exact here.
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline float __fdividef(float a, float b) { return a / b; }

// Conversions: saturating, and 0 for NaN, as on a GPU.
#define TINYSEG_TO_INTEGER(name, from, to, rounding, low, high) \
  inline to name(from x) {                                      \
    x = rounding(x);                                            \
    return x != x ? 0 : x <= (from)low ? low : x >= (from)high ? high : (to)x; \
  }
TINYSEG_TO_INTEGER(__float2int_rn, float, int, rintf, (-2147483647 - 1), 2147483647)
TINYSEG_TO_INTEGER(__float2int_rz, float, int, truncf, (-2147483647 - 1), 2147483647)
TINYSEG_TO_INTEGER(__float2int_rd, float, int, floorf, (-2147483647 - 1), 2147483647)
TINYSEG_TO_INTEGER(__float2int_ru, float, int, ceilf, (-2147483647 - 1), 2147483647)
TINYSEG_TO_INTEGER(__float2uint_rn, float, unsigned, rintf, 0u, 4294967295u)
TINYSEG_TO_INTEGER(__double2int_rn, double, int, rint, (-2147483647 - 1), 2147483647)
TINYSEG_TO_INTEGER(__double2int_rz, double, int, trunc, (-2147483647 - 1), 2147483647)
#undef TINYSEG_TO_INTEGER
inline float __int2float_rn(int x) { return float(x); }
inline float __uint2float_rn(unsigned x) { return float(x); }

template <class To, class From>
inline To tinyseg_bits(From x) {
  static_assert(sizeof(To) == sizeof(From), "as many bits");
  To y;
  memcpy(&y, &x, sizeof y);
  return y;
}
inline int __float_as_int(float x) { return tinyseg_bits<int>(x); }
inline unsigned __float_as_uint(float x) { return tinyseg_bits<unsigned>(x); }
inline float __int_as_float(int x) { return tinyseg_bits<float>(x); }
inline float __uint_as_float(unsigned x) { return tinyseg_bits<float>(x); }
inline long long __double_as_longlong(double x) { return tinyseg_bits<long long>(x); }
inline double __longlong_as_double(long long x) { return tinyseg_bits<double>(x); }

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
inline int __mulhi(int a, int b) { return int((long long)a * b >> 32); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned((unsigned long long)a * b >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) { return (unsigned long long)((unsigned __int128)a * b >> 64); }
inline int __mul24(int a, int b) { return (a << 8 >> 8) * (b << 8 >> 8); }
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return unsigned((((unsigned long long)high << 32 | low) << (shift & 31)) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return unsigned(((unsigned long long)high << 32 | low) >> (shift & 31));
}

// Macros, so that the access belongs to the kernel's line.
#define __ldg(address) (*(address))
#define __ldcs(address) (*(address))
#define __stcs(address, value) ((void)(*(address) = (value)))
inline long long clock64() { return 0; }  // there is no time in the emulator
[[noreturn]] inline void __trap() { __builtin_trap(); }
