// Convolution, version 3: implicit GEMM by tiles in shared memory (gpu/shared_tiles.cuh).
//
// Convolution is a matrix product with a matrix that nobody needs to build: each of the N*OH*OW windows, laid out as a row of KH*KW*C numbers ("im2col"). A block
// that multiplies tiles only has to know where in x the number (window, tap and channel) lies, and fetches it when it loads its tile. So there is no matrix
// KH*KW times as large as x in memory, and still every number that was fetched serves 16 products.
//
//                   rows M                columns N   sum K
//   forward         N*OH*OW windows       F           KH*KW*C
//   input_gradient  N*H*W pixels          C           KH*KW*F: outputs that met the pixel; a number that no output provides is 0
//   kernel_gradient KH*KW*C               F           N*OH*OW, split over blocks
#include "../conv2d/gpu/geometry.cuh"
#include "shared_tiles.cuh"

__device__ __forceinline__ void my_tile(int columns, int &m0, int &n0) {
  const int tiles_n = (columns + SIDE - 1) / SIDE;
  m0 = blockIdx.x / tiles_n * SIDE;
  n0 = blockIdx.x % tiles_n * SIDE;
}

// Grid (tiles of M * tiles of N), block (SIDE, SIDE).
extern "C" __global__ void __launch_bounds__(SIDE *SIDE)
    shared_tiles_forward(const real *__restrict__ x, const real *__restrict__ kernel, const real *__restrict__ bias, real *__restrict__ y, GEOMETRY_PARAMETERS, int has_bias) {
  __shared__ SharedTiles tiles;
  const Geometry g = GEOMETRY;
  int m0, n0;
  my_tile(F, m0, n0);
  const int m = m0 + threadIdx.y, f = n0 + threadIdx.x;
  int n, oh, ow;  // of window m, the row of A that this thread loads in each step
  unravel(m, OH, OW, n, oh, ow);
  const auto window = [&](int position, int k) {
    int i, j, c;
    unravel(k, KW, C, i, j, c);
    const int pixel = position < g.positions() ? g.pixel(n, oh * SH - TOP + i * DH, ow * SW - LEFT + j * DW) : -1;
    return pixel < 0 ? real(0) : x[pixel + c];
  };
  const auto weight = [&](int k, int column) { return column < F ? kernel[k * F + column] : real(0); };
  const real sum = shared_tiles_product(tiles, window, weight, m0, n0, 0, g.rows_of_kernel(), false, false);
  if (m < g.positions() && f < F) y[m * F + f] = has_bias ? sum + bias[f] : sum;
}

// Grid and block likewise.
extern "C" __global__ void __launch_bounds__(SIDE *SIDE)
    shared_tiles_input_gradient(const real *__restrict__ dy, const real *__restrict__ kernel, const real *__restrict__ bias, real *__restrict__ dx, GEOMETRY_PARAMETERS, int has_bias) {
  __shared__ SharedTiles tiles;
  const Geometry g = GEOMETRY;
  const int pixels = N * H * W;
  int m0, n0;
  my_tile(C, m0, n0);
  const int m = m0 + threadIdx.y, c = n0 + threadIdx.x;
  int n, h, w;
  unravel(m, H, W, n, h, w);
  const auto upstream = [&](int pixel, int k) {
    int i, j, f;
    unravel(k, KW, F, i, j, f);
    const int down = h + TOP - i * DH, right = w + LEFT - j * DW, oh = down / SH, ow = right / SW;
    const bool met = pixel < pixels && down >= 0 && right >= 0 && oh * SH == down && ow * SW == right && oh < OH && ow < OW;
    return met ? dy[g.output(n, oh, ow) + f] : real(0);
  };
  const auto weight = [&](int k, int column) { return column < C ? kernel[(k / F * C + column) * F + k % F] : real(0); };
  const real sum = shared_tiles_product(tiles, upstream, weight, m0, n0, 0, KH * KW * F, false, true);
  if (m < pixels && c < C) dx[m * C + c] = has_bias ? sum + bias[c] : sum;
}

// Grid (tiles of M * tiles of N, splits), block likewise. Split s sums over positions [s * chunk, (s + 1) * chunk) into dkernel + s * its size.
extern "C" __global__ void __launch_bounds__(SIDE *SIDE)
    shared_tiles_kernel_gradient(const real *__restrict__ x, const real *__restrict__ dy, real *__restrict__ dkernel, GEOMETRY_PARAMETERS, int chunk) {
  __shared__ SharedTiles tiles;
  const Geometry g = GEOMETRY;
  const int rows = g.rows_of_kernel(), begin = min(g.positions(), blockIdx.y * chunk), end = min(g.positions(), begin + chunk);
  int m0, n0, i, j, c;
  my_tile(F, m0, n0);
  unravel(m0 + threadIdx.x, KW, C, i, j, c);  // the row of A that this thread loads in each step
  const auto window = [&](int row, int position) {
    int n, oh, ow;
    unravel(position, OH, OW, n, oh, ow);
    const int pixel = row < rows ? g.pixel(n, oh * SH - TOP + i * DH, ow * SW - LEFT + j * DW) : -1;
    return pixel < 0 ? real(0) : x[pixel + c];
  };
  const auto upstream = [&](int position, int column) { return column < F ? dy[position * F + column] : real(0); };
  const real sum = shared_tiles_product(tiles, window, upstream, m0, n0, begin, end, true, false);
  const int m = m0 + threadIdx.y, f = n0 + threadIdx.x;
  if (m < rows && f < F) dkernel[(blockIdx.y * (long long)rows + m) * F + f] = sum;
}
