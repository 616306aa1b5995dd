// Convolution, versions 1 and 2: one output per thread, straight from the formulas of conv2d/__init__.py.
//
//   naive       Neighbouring threads take neighbouring positions, so the 32 numbers that a warp reads or writes at once lie C or F numbers apart: with 8 channels or
//               more each one moves a sector of 32 bytes for 4 bytes of use.
//   coalesced   Neighbouring threads take neighbouring channels, which lie side by side in memory (channels last): 8 times fewer sectors for the kernel (forward),
//               dy (gradient by the kernel) and every result; x (forward) is the same number for the whole warp, one sector.
//               The gradient by the kernel is moreover split over blocks of positions, which gives a GPU enough threads.
//
// Both read every number from global memory once for each product; the tiles of the next versions mend that.
#include "../conv2d/gpu/geometry.cuh"

#define THREADS 256

// Thread `i` of a grid over rows x columns: neighbours share the row (coalesced) or the column (naive).
template <bool COALESCED>
__device__ __forceinline__ void split_index(long long i, int rows, int columns, int &row, int &column) {
  row = COALESCED ? i / columns : i % rows;
  column = COALESCED ? i % columns : i / rows;
}
__device__ __forceinline__ long long my_output() { return (long long)blockIdx.x * THREADS + threadIdx.x; }

// y[n, oh, ow, f] = bias[f] + sum over i, j, c of x[..] * kernel[i, j, c, f]
template <bool COALESCED>
__device__ __forceinline__ void forward(const Geometry &g, const real *x, const real *kernel, const real *bias, real *y, int has_bias) {
  const long long index = my_output();
  if (index >= (long long)g.positions() * g.F) return;
  int position, f, n, oh, ow;
  split_index<COALESCED>(index, g.positions(), g.F, position, f);
  unravel(position, g.OH, g.OW, n, oh, ow);
  real sum = 0;
  for (int i = 0; i < g.KH; i++)
    for (int j = 0; j < g.KW; j++) {
      const int pixel = g.pixel(n, oh * g.SH - g.TOP + i * g.DH, ow * g.SW - g.LEFT + j * g.DW);
      if (pixel < 0) continue;
      for (int c = 0; c < g.C; c++) sum += x[pixel + c] * kernel[((i * g.KW + j) * g.C + c) * g.F + f];
    }
  y[position * g.F + f] = has_bias ? sum + bias[f] : sum;
}

// dx[n, h, w, c] = sum over the outputs that met the pixel, and over f, of dy[n, oh, ow, f] * kernel[i, j, c, f]: gathered, so no two threads write one number.
template <bool COALESCED>
__device__ __forceinline__ void input_gradient(const Geometry &g, const real *dy, const real *kernel, const real *bias, real *dx, int has_bias) {
  const long long index = my_output();
  if (index >= (long long)g.N * g.H * g.W * g.C) return;
  int pixel, c, n, h, w;
  split_index<COALESCED>(index, g.N * g.H * g.W, g.C, pixel, c);
  unravel(pixel, g.H, g.W, n, h, w);
  real sum = 0;
  for (int i = 0; i < g.KH; i++)
    for (int j = 0; j < g.KW; j++) {
      // oh * SH = h + TOP - i * DH; no output if that is negative, too large or no multiple of the stride.
      const int down = h + g.TOP - i * g.DH, right = w + g.LEFT - j * g.DW, oh = down / g.SH, ow = right / g.SW;
      if (down < 0 || right < 0 || oh * g.SH != down || ow * g.SW != right || oh >= g.OH || ow >= g.OW) continue;
      const real *outputs = dy + g.output(n, oh, ow), *weights = kernel + ((i * g.KW + j) * g.C + c) * g.F;
      for (int f = 0; f < g.F; f++) sum += outputs[f] * weights[f];
    }
  dx[pixel * g.C + c] = has_bias ? sum + bias[c] : sum;
}

// dkernel[i, j, c, f] = sum over n, oh, ow of x[..] * dy[n, oh, ow, f]; block row s sums over positions [s * chunk, (s + 1) * chunk) into dkernel + s * its size.
template <bool COALESCED>
__device__ __forceinline__ void kernel_gradient(const Geometry &g, const real *x, const real *dy, real *dkernel, int chunk) {
  const long long index = my_output();
  if (index >= (long long)g.rows_of_kernel() * g.F) return;
  int row, f, i, j, c, n, oh, ow;
  split_index<COALESCED>(index, g.rows_of_kernel(), g.F, row, f);
  unravel(row, g.KW, g.C, i, j, c);
  const int begin = min(g.positions(), blockIdx.y * chunk), end = min(g.positions(), begin + chunk);
  unravel(begin, g.OH, g.OW, n, oh, ow);
  real sum = 0;
  for (int position = begin; position < end; position++) {
    const int pixel = g.pixel(n, oh * g.SH - g.TOP + i * g.DH, ow * g.SW - g.LEFT + j * g.DW);
    if (pixel >= 0) sum += x[pixel + c] * dy[position * g.F + f];
    if (++ow == g.OW) {
      ow = 0;
      if (++oh == g.OH) oh = 0, n++;
    }
  }
  dkernel[(blockIdx.y * (long long)g.rows_of_kernel() + row) * g.F + f] = sum;
}

// Grid (outputs / THREADS), for the gradient by the kernel (.., splits); block THREADS.
extern "C" __global__ void __launch_bounds__(THREADS)
    naive_forward(const real *__restrict__ x, const real *__restrict__ kernel, const real *__restrict__ bias, real *__restrict__ y, GEOMETRY_PARAMETERS, int has_bias) {
  forward<false>(GEOMETRY, x, kernel, bias, y, has_bias);
}
extern "C" __global__ void __launch_bounds__(THREADS)
    naive_input_gradient(const real *__restrict__ dy, const real *__restrict__ kernel, const real *__restrict__ bias, real *__restrict__ dx, GEOMETRY_PARAMETERS, int has_bias) {
  input_gradient<false>(GEOMETRY, dy, kernel, bias, dx, has_bias);
}
extern "C" __global__ void __launch_bounds__(THREADS)
    naive_kernel_gradient(const real *__restrict__ x, const real *__restrict__ dy, real *__restrict__ dkernel, GEOMETRY_PARAMETERS, int chunk) {
  kernel_gradient<false>(GEOMETRY, x, dy, dkernel, chunk);
}
extern "C" __global__ void __launch_bounds__(THREADS)
    coalesced_forward(const real *__restrict__ x, const real *__restrict__ kernel, const real *__restrict__ bias, real *__restrict__ y, GEOMETRY_PARAMETERS, int has_bias) {
  forward<true>(GEOMETRY, x, kernel, bias, y, has_bias);
}
extern "C" __global__ void __launch_bounds__(THREADS)
    coalesced_input_gradient(const real *__restrict__ dy, const real *__restrict__ kernel, const real *__restrict__ bias, real *__restrict__ dx, GEOMETRY_PARAMETERS, int has_bias) {
  input_gradient<true>(GEOMETRY, dy, kernel, bias, dx, has_bias);
}
extern "C" __global__ void __launch_bounds__(THREADS)
    coalesced_kernel_gradient(const real *__restrict__ x, const real *__restrict__ dy, real *__restrict__ dkernel, GEOMETRY_PARAMETERS, int chunk) {
  kernel_gradient<true>(GEOMETRY, x, dy, dkernel, chunk);
}
