// The logarithm of probabilities near 0, as in probabilities.py: the value is clipped as Keras's, the gradient is not.
#pragma once
#include "common.cuh"

__device__ __forceinline__ real not_a_number() { return __int_as_float(0x7fffffff); }

// log of p cut to 1e-7 .. 1 - 1e-7. By comparisons, so that NaN stays NaN.
__device__ __forceinline__ real clipped_log(real p) {
  const real least = (real)1e-7, most = (real)(1 - 1e-7);
  return log(p < least ? least : p > most ? most : p);
}

// p, but at least so large that its reciprocal, times any sensible weight, is finite.
__device__ __forceinline__ real bounded(real p) {
  const real least = REAL_IS_FLOAT ? (real)1e-30 : (real)1e-200;
  return p < least ? least : p;
}
