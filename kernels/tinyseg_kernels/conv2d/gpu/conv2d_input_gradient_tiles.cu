// Convolution's gradient by x, version 4: implicit GEMM by tiles in registers. M = pixels, N = C, K = taps * F; also the forward of conv2d_transpose.
//
// Pixel h met output oh with tap i where oh * SH = h + TOP - i * DH. With a stride, most pairs of pixel and tap have no such output: for a 3x3 kernel and stride 2,
// 3 of 4 products would be with 0. But pixels of the same *phase*, r = (h + TOP) mod SH, meet the same taps, those with i * DH mod SH = r. With g = gcd(SH, DH)
// these are i = i0, i0 + SH/g, i0 + 2 SH/g ..; and with h + TOP = u * SH + r, tap number t of them meets oh = u - (i0 * DH - r) / SH - t * DH/g. So each of the
// SH * SW phases is a convolution of its own with stride 1 and some of the taps, and no product is wasted.
//
// Macros: F_IN_QUADS (F is a multiple of four, and the arrays start aligned), BM, BN, TM, TN.
#include "../conv2d/gpu/taps.cuh"

// One axis of one phase.
struct Phase {
  int first_pixel, pixels;        // pixels first_pixel, first_pixel + stride, ..
  int first_tap, tap_step, taps;  // taps first_tap, first_tap + tap_step, ..
  int first_output, output_step;  // the first pixel meets output first_output - t * output_step with tap number t

  __device__ __forceinline__ Phase(int r, int size, int before, int stride, int dilation, int window) {
    int divisor = stride, rest = dilation;
    while (rest != 0) {
      const int next = divisor % rest;
      divisor = rest;
      rest = next;
    }
    tap_step = stride / divisor;
    output_step = dilation / divisor;
    first_tap = 0;
    while (first_tap < tap_step && first_tap * dilation % stride != r) first_tap++;
    taps = first_tap < tap_step && first_tap < window ? (window - 1 - first_tap) / tap_step + 1 : 0;
    const int u = before > r ? (before - r + stride - 1) / stride : 0;  // the least one with a pixel in the image
    first_pixel = u * stride + r - before;
    pixels = first_pixel < size ? (size - 1 - first_pixel) / stride + 1 : 0;
    first_output = taps > 0 ? u - (first_tap * dilation - r) / stride : 0;
  }
};

// A pixel of the phase by its number, or n = -1.
struct PhasePixel {
  int n, ph, pw;
  __device__ __forceinline__ PhasePixel(int m, int images, const Phase &down, const Phase &right) {
    n = -1;
    ph = pw = 0;
    if (down.pixels > 0 && right.pixels > 0) unravel(m, down.pixels, right.pixels, n, ph, pw);
    if (n >= images) n = -1;
  }
};

// Where the outputs lie that the thread's pixels met.
struct Outputs {
  const Geometry &g;
  const Phase &down, &right;
  int n[Shares<BM>::ROWS], oh[Shares<BM>::ROWS], ow[Shares<BM>::ROWS];

  __device__ __forceinline__ Outputs(const Geometry &g, const Phase &down, const Phase &right, int m0) : g(g), down(down), right(right) {
#pragma unroll
    for (int row = 0; row < Shares<BM>::ROWS; row++) {
      const PhasePixel pixel(m0 + first_row<BM, true>() + row * Shares<BM>::ROW_STEP, g.N, down, right);
      n[row] = pixel.n;
      oh[row] = pixel.n < 0 ? FAR_OUTSIDE : down.first_output + pixel.ph;
      ow[row] = right.first_output + pixel.pw;
    }
  }
  __device__ __forceinline__ int operator()(int row, int th, int tw) const {
    const int y = oh[row] - th * down.output_step, x = ow[row] - tw * right.output_step;
    return (unsigned)y < (unsigned)g.OH && (unsigned)x < (unsigned)g.OW ? g.output(n[row], y, x) : -1;
  }
};

// Where the weights of the phase's taps lie that lead to the thread's channels: B[(tap, f), c] = kernel[i, j, c, f], with f innermost.
struct Weights {
  const Geometry &g;
  const Phase &down, &right;
  int c;
  __device__ __forceinline__ int operator()(int row, int th, int tw) const {
    const int i = down.first_tap + th * down.tap_step, j = right.first_tap + tw * right.tap_step, channel = c + row * Shares<BN>::ROW_STEP;
    return channel < g.C ? ((i * g.KW + j) * g.C + channel) * g.F : -1;
  }
};

// Grid (tiles of the largest phase's M * tiles of N, splits, phases), block THREADS. Split s sums over k in [s * chunk, (s + 1) * chunk) into dx + s * its size.
extern "C" __global__ void TILE_BOUNDS
    register_tiles_input_gradient(const real *__restrict__ dy, const real *__restrict__ kernel, const real *__restrict__ bias, real *__restrict__ dx, GEOMETRY_PARAMETERS, int has_bias, int chunk) {
  __shared__ Tiles tiles;
  const Geometry g = GEOMETRY;
  const Phase down(blockIdx.z / SW, H, TOP, SH, DH, KH), right(blockIdx.z % SW, W, LEFT, SW, DW, KW);
  const int M = N * down.pixels * right.pixels, K = down.taps * right.taps * F;
  const int tiles_m = (M + BM - 1) / BM, tiles_n = (C + BN - 1) / BN;
  if (blockIdx.x >= tiles_m * tiles_n) return;  // a smaller phase
  int tile_m, tile_n;
  tile_of_block(blockIdx.x, tiles_m, tiles_n, tile_m, tile_n);
  const int m0 = tile_m * BM, n0 = tile_n * BN, begin = min(K, blockIdx.y * chunk), end = min(K, begin + chunk);
  const Outputs outputs(g, down, right, m0);
  const Weights weights{g, down, right, n0 + first_row<BN, true>()};
  GatheredRows<BM, F_IN_QUADS, Outputs> a(dy, outputs, TapCursor(down.taps, right.taps, F, begin + first_k<BM, true>()));
  GatheredRows<BN, F_IN_QUADS, Weights> b(kernel, weights, TapCursor(down.taps, right.taps, F, begin + first_k<BN, true>()));
  Sums sum;
  multiply(tiles, a, b, (end - begin + BK - 1) / BK, sum);
  const auto start = [&](int m) {
    const PhasePixel pixel(m, N, down, right);
    const int h = down.first_pixel + pixel.ph * SH, w = right.first_pixel + pixel.pw * SW;
    return pixel.n < 0 ? -1LL : (long long)g.pixel(pixel.n, h, w);
  };
  write_outputs(dx + (long long)blockIdx.y * N * H * W * C, bias, has_bias, start, m0, n0, C, sum);
}
