// What CUDA has beyond the C library: functions of pi * x, reciprocal roots, norms, inverse error functions, Bessel
// functions. Computed in a wider type and rounded once. extern "C" noexcept where a newer C library declares the same.
#pragma once

namespace emulator {
constexpr long double PI = 3.141592653589793238462643383279502884L;

// sin and cos of pi * x; x is reduced to [-1, 1] without an error.
inline long double sine_of_pi(long double x) {
  x -= 2 * rintl(x / 2);
  if (x > 0.5L) x = 1 - x;
  if (x < -0.5L) x = -1 - x;
  return sinl(PI * x);
}
inline long double cosine_of_pi(long double x) {
  x = fabsl(x - 2 * rintl(x / 2));
  return x > 0.25L && x < 0.75L ? sinl(PI * (0.5L - x)) : cosl(PI * x);
}
// The square root of a sum of squares; infinite as soon as one of the numbers is.
template <class T>
inline long double norm_of(int count, const T *x) {
  long double sum = 0;
  bool infinite = false;
  for (int i = 0; i < count; i++) {
    infinite = infinite || isinf(x[i]);
    sum += (long double)x[i] * x[i];
  }
  return infinite ? __builtin_infl() : sqrtl(sum);
}
// exp(x^2) erfc(x); for large x the asymptotic series.
inline long double scaled_erfc(long double x) {
  if (x < 50) return expl(x * x) * erfcl(x);
  const long double t = 1 / (2 * x * x);
  return (1 - t * (1 - 3 * t * (1 - 5 * t))) / (x * sqrtl(PI));
}
// z with erfc(z) = y, for 0 < y <= 1: Newton's method on the logarithm of erfc, which is concave and close to -z^2.
inline long double tail_of_erfc(long double y) {
  long double z = y > 0.5L ? 0.8862269254527580L * (1 - y) : sqrtl(-logl(y));
  for (int i = 0; i < 60; i++) {
    const long double step = (logl(erfcl(z)) - logl(y)) * sqrtl(PI) / 2 * scaled_erfc(z);
    z += step;
    if (fabsl(step) < 1e-19L * fabsl(z)) break;
  }
  return z;
}
inline long double inverse_erfc(long double y) {
  if (!(y >= 0 && y <= 2)) return __builtin_nanl("");
  if (y == 0 || y == 2) return y == 0 ? __builtin_infl() : -__builtin_infl();
  return y == 1 ? 0.0L : y < 1 ? tail_of_erfc(y) : -tail_of_erfc(2 - y);
}
// z with erf(z) = x: near 0 by Newton's method on erf itself, where 1 - x would lose digits.
inline long double inverse_erf(long double x) {
  if (fabsl(x) > 0.5L) return x > 0 ? inverse_erfc(1 - x) : -inverse_erfc(1 + x);
  if (x == 0 || x != x) return x;
  long double z = x * 0.8862269254527580L;
  for (int i = 0; i < 8; i++) z -= (erfl(z) - x) * sqrtl(PI) / 2 * expl(z * z);
  return z;
}
// The modified Bessel function of the first kind, by its series, whose terms all have one sign.
inline long double bessel_i(int order, long double x) {
  if (isinf(x)) return order && x < 0 ? x : fabsl(x);
  if (fabsl(x) > 11000) return order && x < 0 ? -__builtin_infl() : __builtin_infl();
  long double term = order ? x / 2 : 1, sum = term;
  for (int k = 1; k < 20000 && fabsl(term) > 1e-22L * fabsl(sum); k++) sum += term *= x * x / 4 / k / (k + order);
  return sum;
}
}  // namespace emulator

// For doubles, for floats under the name with an f, and for floats as an overload.
#define TINYSEG_SPECIAL(name, expression)                                         \
  extern "C" inline double name(double x) noexcept {                                \
    TINYSEG_COUNT(emulator::COUNT_FP64 + emulator::COUNT_SPECIAL, 1);               \
    return double(expression);                                                      \
  }                                                                                 \
  extern "C" inline float name##f(float x) noexcept {                               \
    TINYSEG_COUNT(emulator::COUNT_FP32 + emulator::COUNT_SPECIAL, 1);               \
    return float(expression);                                                       \
  }                                                                                 \
  inline float name(float x) { return name##f(x); }
TINYSEG_SPECIAL(sinpi, emulator::sine_of_pi(x))
TINYSEG_SPECIAL(cospi, emulator::cosine_of_pi(x))
TINYSEG_SPECIAL(rsqrt, 1 / sqrtl(x))
TINYSEG_SPECIAL(rcbrt, 1 / cbrtl(x))
TINYSEG_SPECIAL(erfcx, emulator::scaled_erfc(x))
TINYSEG_SPECIAL(erfinv, emulator::inverse_erf(x))
TINYSEG_SPECIAL(erfcinv, emulator::inverse_erfc(x))
TINYSEG_SPECIAL(normcdf, erfcl(-(long double)x * 0.707106781186547524400844362104849039L) / 2)
TINYSEG_SPECIAL(normcdfinv, -1.41421356237309504880168872420969808L * emulator::inverse_erfc(2 * (long double)x))
TINYSEG_SPECIAL(cyl_bessel_i0, emulator::bessel_i(0, x))
TINYSEG_SPECIAL(cyl_bessel_i1, emulator::bessel_i(1, x))
#undef TINYSEG_SPECIAL

#define TINYSEG_NORMS(T, f)                                                               \
  inline T rhypot##f(T x, T y) {                                                          \
    const T v[2] = {x, y};                                                                \
    return T(1 / emulator::norm_of(2, v));                                                \
  }                                                                                       \
  inline T norm3d##f(T x, T y, T z) {                                                     \
    const T v[3] = {x, y, z};                                                             \
    return T(emulator::norm_of(3, v));                                                    \
  }                                                                                       \
  inline T rnorm3d##f(T x, T y, T z) {                                                    \
    const T v[3] = {x, y, z};                                                             \
    return T(1 / emulator::norm_of(3, v));                                                \
  }                                                                                       \
  inline T norm4d##f(T x, T y, T z, T w) {                                                \
    const T v[4] = {x, y, z, w};                                                          \
    return T(emulator::norm_of(4, v));                                                    \
  }                                                                                       \
  inline T rnorm4d##f(T x, T y, T z, T w) {                                               \
    const T v[4] = {x, y, z, w};                                                          \
    return T(1 / emulator::norm_of(4, v));                                                \
  }                                                                                       \
  inline T norm##f(int count, const T *x) { return T(emulator::norm_of(count, x)); }      \
  inline T rnorm##f(int count, const T *x) { return T(1 / emulator::norm_of(count, x)); } \
  inline void sincospi##f(T x, T *sine, T *cosine) { *sine = sinpi##f(x), *cosine = cospi##f(x); }
TINYSEG_NORMS(double, )
TINYSEG_NORMS(float, f)
#undef TINYSEG_NORMS

// Overloads for float that C++ does not have.
inline float exp10(float x) { return exp10f(x); }
inline void sincos(float x, float *sine, float *cosine) { sincosf(x, sine, cosine); }
inline void sincospi(float x, float *sine, float *cosine) { sincospif(x, sine, cosine); }
inline float j0(float x) { return j0f(x); }
inline float j1(float x) { return j1f(x); }
inline float jn(int n, float x) { return jnf(n, x); }
inline float y0(float x) { return y0f(x); }
inline float y1(float x) { return y1f(x); }
inline float yn(int n, float x) { return ynf(n, x); }
inline double copysign(double x, float sign) { return __builtin_copysign(x, double(sign)); }
inline double copysign(float x, double sign) { return __builtin_copysign(double(x), sign); }
