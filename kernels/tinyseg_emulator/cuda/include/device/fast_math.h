// The fast functions, as PTX defines their approximations: exact in the special cases, and elsewhere the C library's
// results, where a GPU's differ by some units in the last place (of 2^-21 in the result, for sine and cosine).
#pragma once

// Of exponentials and logarithms a GPU has those of base 2; the others are products with them.
inline float __log2f(float x) { return log2f(x); }
inline float __expf(float x) { return expf(x); }
inline float __exp10f(float x) { return exp10f(x); }
inline float __logf(float x) { return logf(x); }
inline float __log10f(float x) { return log10f(x); }
// exp2(y * log2(x)): NaN for every negative x, also where y is a whole number, and for 0 to the power 0.
inline float __powf(float x, float y) {
  return x > 0 && x != 1 && y != 0 && !isinf(x) ? powf(x, y) : exp2f(y * log2f(x));
}
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline void __sincosf(float x, float *sine, float *cosine) {
  *sine = __sinf(x);
  *cosine = __cosf(x);
}
inline float __tanhf(float x) { return tanhf(x); }
// A product with the approximate reciprocal of b, which is 0 for |b| above 2^126: so a finite a gives 0, an infinite
// one NaN.
inline float __fdividef(float a, float b) {
  if (fabsf(b) > 0x1p126f && !isnan(b)) return a * copysignf(0.0f, b);
  return a / b;
}
inline float __tanf(float x) { return __fdividef(__sinf(x), __cosf(x)); }
inline float fdividef(float a, float b) { return a / b; }
inline double fdivide(double a, double b) { return a / b; }
// To [0, 1]; NaN and -0 become 0.
inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f; }
