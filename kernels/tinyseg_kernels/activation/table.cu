// The functions of the table (table.py) and their slopes, number by number, in packs as in activation.cu. A file of its
// own: who uses none of them need not wait for their compilation.
#include "elementwise.cuh"

// The table: each entry with its two kernels, of which most have no use for some of the options.
#define ELEMENTWISE(NAME, VALUE, SLOPE) \
  extern "C" __global__ void __launch_bounds__(256) \
      NAME##_forward(const real *x, real *y, int n, real a, real b, real c) { \
    elementwise({x}, y, n, [=](const real(&in)[1]) { \
      const real v = in[0]; \
      return VALUE; \
    }); \
  } \
  extern "C" __global__ void __launch_bounds__(256) \
      NAME##_backward(const real *dy, const real *kept, real *dx, int n, real a, real b, real c) { \
    elementwise({dy, kept}, dx, n, [=](const real(&in)[2]) { \
      const real v = in[1]; \
      return in[0] * SLOPE; \
    }); \
  }
#include "../activation/table.cuh"
