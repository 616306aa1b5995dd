// Activation functions and their slopes, number by number. Bound by memory: a forward reads 4 bytes and writes 4 for each float32, a backward reads 8 and
// writes 4; the arithmetic in between costs nothing until it needs more than about 60 instructions. So one version, with packs, several in flight.
//
// The backward of relu needs only where y > 0, which it reads from y: the layer that follows keeps y anyway, so that costs no memory of its own (a mask of
// one bit would save 4 of the 12 bytes per number, and would have to be kept as well).
#include "elementwise.cuh"

extern "C" __global__ void __launch_bounds__(256) relu_forward(const real *x, real *y, int n) {
  elementwise({x}, y, n, [](const real(&v)[1]) { return v[0] <= 0 ? real(0) : v[0]; });  // NaN is not <= 0: it stays
}

extern "C" __global__ void __launch_bounds__(256) relu_backward(const real *dy, const real *y, real *dx, int n) {
  elementwise({dy, y}, dx, n, [](const real(&v)[2]) { return v[1] > 0 ? v[0] : real(0); });
}

extern "C" __global__ void __launch_bounds__(256) leaky_relu_forward(const real *x, real *y, int n, real slope) {
  elementwise({x}, y, n, [=](const real(&v)[1]) { return v[0] > 0 ? v[0] : slope * v[0]; });
}

// `sign` is positive where x was: y, or x.
extern "C" __global__ void __launch_bounds__(256)
    leaky_relu_backward(const real *dy, const real *sign, real *dx, int n, real slope) {
  elementwise({dy, sign}, dx, n, [=](const real(&v)[2]) { return v[1] > 0 ? v[0] : slope * v[0]; });
}

// With z = exp(-|x|), which cannot overflow: 1 / (1 + z) for x >= 0, z / (1 + z) below; no digits cancel in either.
extern "C" __global__ void __launch_bounds__(256) sigmoid_forward(const real *x, real *y, int n) {
  elementwise({x}, y, n, [](const real(&v)[1]) {
    const real z = exp(v[0] >= 0 ? -v[0] : v[0]);
    return (v[0] >= 0 ? real(1) : z) / (1 + z);
  });
}

extern "C" __global__ void __launch_bounds__(256) sigmoid_backward(const real *dy, const real *y, real *dx, int n) {
  elementwise({dy, y}, dx, n, [](const real(&v)[2]) { return v[0] * ((1 - v[1]) * v[1]); });
}

extern "C" __global__ void __launch_bounds__(256) tanh_forward(const real *x, real *y, int n) {
  elementwise({x}, y, n, [](const real(&v)[1]) { return tanh(v[0]); });
}

extern "C" __global__ void __launch_bounds__(256) tanh_backward(const real *dy, const real *y, real *dx, int n) {
  elementwise({dy, y}, dx, n, [](const real(&v)[2]) { return v[0] * (1 - v[1] * v[1]); });
}
