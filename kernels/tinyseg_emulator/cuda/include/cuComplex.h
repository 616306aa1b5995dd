// Complex numbers as CUDA's older libraries have them: a float2 or a double2.
#pragma once

typedef float2 cuFloatComplex;
typedef double2 cuDoubleComplex;
typedef cuFloatComplex cuComplex;

#define TINYSEG_COMPLEX(C, T, f, root, size)                                                           \
  inline C make_##C(T real, T imaginary) { return {real, imaginary}; }                                 \
  inline T cuCreal##f(C z) { return z.x; }                                                             \
  inline T cuCimag##f(C z) { return z.y; }                                                             \
  inline C cuConj##f(C z) { return {z.x, -z.y}; }                                                      \
  inline C cuCadd##f(C a, C b) { return {a.x + b.x, a.y + b.y}; }                                      \
  inline C cuCsub##f(C a, C b) { return {a.x - b.x, a.y - b.y}; }                                      \
  inline C cuCmul##f(C a, C b) { return {a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x}; }              \
  inline C cuCdiv##f(C a, C b) { /* both divided by |b|'s size first, against overflow */              \
    const T scale = 1 / (size(b.x) + size(b.y)), ax = a.x * scale, ay = a.y * scale, bx = b.x * scale, \
            by = b.y * scale;                                                                          \
    const T over = 1 / (bx * bx + by * by);                                                            \
    return {(ax * bx + ay * by) * over, (ay * bx - ax * by) * over};                                   \
  }                                                                                                    \
  inline T cuCabs##f(C z) { return root(z.x, z.y); }                                                   \
  inline C cuCfma##f(C a, C b, C c) { return {a.x * b.x + c.x - a.y * b.y, a.x * b.y + c.y + a.y * b.x}; }
TINYSEG_COMPLEX(cuFloatComplex, float, f, hypotf, fabsf)
TINYSEG_COMPLEX(cuDoubleComplex, double, , hypot, fabs)
#undef TINYSEG_COMPLEX
inline cuComplex make_cuComplex(float x, float y) { return {x, y}; }
inline cuDoubleComplex cuComplexFloatToDouble(cuFloatComplex z) { return {double(z.x), double(z.y)}; }
inline cuFloatComplex cuComplexDoubleToFloat(cuDoubleComplex z) { return {float(z.x), float(z.y)}; }
