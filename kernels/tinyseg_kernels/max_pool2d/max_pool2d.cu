// Maximum pooling. The cache is the tap (place in the window, row by row) that won each window: one byte where windows have at most 256 taps, else (WIDE_TAPS=1)
// an int. So backward reads 5 bytes for each float32 of y and never looks at x again.
//
//   max_pool2d_forward            a thread for each pack of y. The loops over windows of 2x2 and 3x3 are unrolled: all of a window's loads are under way
//                                 before the first comparison. Where windows overlap, a pixel is read from memory once and from the L1 cache after that.
//   max_pool2d_backward_cells     for windows that share no pixel: a thread for each window reads dy and the winner once and writes all of its pixels
//                                 (and the pixels between windows, which get 0). Reads and writes every byte once.
//   max_pool2d_backward_gather    for windows that overlap: a thread for each pack of dx adds up the windows that cover it, always in the same order.
//                                 Scattering dy instead would need atomic additions, whose order changes from run to run. For 3x3 and stride 2 it asks for
//                                 each winner 2.25 times; the L1 and L2 caches answer all but the first.
// Each with packs (VECTOR=1) or number by number (VECTOR=0).
#include "pooling.cuh"

#ifndef WIDE_TAPS
#define WIDE_TAPS 0
#endif
#if WIDE_TAPS
typedef int Tap;
#else
typedef unsigned char Tap;
#endif

// KH, KW: size of the window, or 0 where it is known only at run time.
template <int KH, int KW>
__device__ __forceinline__ void forward(const real *__restrict__ x, real *__restrict__ y, Tap *__restrict__ winner, const Pooling p) {
  const int window_height = KH ? KH : p.window_height, window_width = KW ? KW : p.window_width;
  const int packs = p.channels / WIDTH;
  for_each_pair((unsigned)p.images * p.out_height, (unsigned)p.out_width * packs, [&](unsigned row, unsigned column) {
    const int n = row / p.out_height, c = (int)(column % packs) * WIDTH;
    const int h0 = (int)(row % p.out_height) * p.stride_height - p.top, w0 = (int)(column / packs) * p.stride_width - p.left;
    const real *image = x + (long long)n * p.height * p.width * p.channels + c;
    // A window of nothing but minus infinity goes to its first pixel that is not padding.
    Pack<real> best = filled(minus_infinity());
    Pack<Tap> where = filled(Tap(max(-h0, 0) * window_width + max(-w0, 0)));
#pragma unroll
    for (int i = 0; i < window_height; i++) {
      const int h = h0 + i;
#pragma unroll
      for (int j = 0; j < window_width; j++) {
        const int w = w0 + j;
        const bool in_image = h >= 0 && h < p.height && w >= 0 && w < p.width;
        const Pack<real> v = in_image ? load(image + (h * p.width + w) * p.channels) : filled(minus_infinity());
#pragma unroll
        for (int k = 0; k < WIDTH; k++)
          // Larger than the best, or the first NaN. Of equal numbers the first one keeps its place.
          if (!(v.v[k] <= best.v[k]) && best.v[k] == best.v[k]) {
            best.v[k] = v.v[k];
            where.v[k] = i * window_width + j;
          }
      }
    }
    const long long place = ((long long)row * p.out_width + column / packs) * p.channels + c;
    store(y + place, best);
    store(winner + place, where);
  });
}

extern "C" __global__ void __launch_bounds__(256, 4)
    max_pool2d_forward(const real *__restrict__ x, real *__restrict__ y, Tap *__restrict__ winner, POOLING_PARAMETERS) {
  const Pooling p = POOLING;
  if (window_height == 2 && window_width == 2)
    forward<2, 2>(x, y, winner, p);
  else if (window_height == 3 && window_width == 3)
    forward<3, 3>(x, y, winner, p);
  else
    forward<0, 0>(x, y, winner, p);
}

// A cell is stride_height x stride_width pixels with a window in its corner; the cells tile the image. SH, SW: its size, and the window's; or 0.
template <int SH, int SW>
__device__ __forceinline__ void backward_cells(const real *__restrict__ dy, const Tap *__restrict__ winner, real *__restrict__ dx,
                                               const Pooling p, int cell_rows, int cell_columns) {
  const int cell_height = SH ? SH : p.stride_height, cell_width = SW ? SW : p.stride_width;
  const int window_height = SH ? SH : p.window_height, window_width = SW ? SW : p.window_width;
  const int packs = p.channels / WIDTH;
  for_each_pair((unsigned)p.images * cell_rows, (unsigned)cell_columns * packs, [&](unsigned row, unsigned column) {
    const int n = row / cell_rows, oh = row % cell_rows, ow = column / packs, c = (int)(column % packs) * WIDTH;
    const bool window = oh < p.out_height && ow < p.out_width;  // beyond the last window lie pixels that no window covers
    Pack<real> upstream = filled(real(0));
    Pack<Tap> where = filled(Tap(0));
    if (window) {
      const long long place = (((long long)n * p.out_height + oh) * p.out_width + ow) * p.channels + c;
      upstream = load(dy + place);
      where = load(winner + place);
    }
    real *image = dx + (long long)n * p.height * p.width * p.channels + c;
#pragma unroll
    for (int i = 0; i < cell_height; i++) {
      const int h = oh * cell_height - p.top + i;
#pragma unroll
      for (int j = 0; j < cell_width; j++) {
        const int w = ow * cell_width - p.left + j;
        const bool covered = i < window_height && j < window_width;
        Pack<real> share = filled(real(0));
#pragma unroll
        for (int k = 0; k < WIDTH; k++)
          if (covered && where.v[k] == i * window_width + j) share.v[k] = upstream.v[k];
        if (h >= 0 && h < p.height && w >= 0 && w < p.width) store(image + (h * p.width + w) * p.channels, share);
      }
    }
  });
}

extern "C" __global__ void __launch_bounds__(256, 4)
    max_pool2d_backward_cells(const real *__restrict__ dy, const Tap *__restrict__ winner, real *__restrict__ dx, POOLING_PARAMETERS,
                              int cell_rows, int cell_columns) {
  const Pooling p = POOLING;
  if (window_height == 2 && window_width == 2 && stride_height == 2 && stride_width == 2)
    backward_cells<2, 2>(dy, winner, dx, p, cell_rows, cell_columns);
  else
    backward_cells<0, 0>(dy, winner, dx, p, cell_rows, cell_columns);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    max_pool2d_backward_gather(const real *__restrict__ dy, const Tap *__restrict__ winner, real *__restrict__ dx, POOLING_PARAMETERS) {
  const int packs = channels / WIDTH;
  for_each_pair((unsigned)images * height, (unsigned)width * packs, [&](unsigned row, unsigned column) {
    const int n = row / height, h = row % height, w = column / packs, c = (int)(column % packs) * WIDTH;
    const Range rows = covering(h, top, window_height, stride_height, out_height);
    const Range columns = covering(w, left, window_width, stride_width, out_width);
    Pack<real> sum = filled(real(0));
    for (int oh = rows.first; oh <= rows.last; oh++)
      for (int ow = columns.first; ow <= columns.last; ow++) {
        const long long place = (((long long)n * out_height + oh) * out_width + ow) * channels + c;
        const int tap = (h + top - oh * stride_height) * window_width + w + left - ow * stride_width;
        const Pack<Tap> where = load(winner + place);
        const Pack<real> upstream = load(dy + place);
#pragma unroll
        for (int k = 0; k < WIDTH; k++)
          if (where.v[k] == tap) sum.v[k] += upstream.v[k];
      }
    store(dx + ((long long)row * width + w) * channels + c, sum);
  });
}
