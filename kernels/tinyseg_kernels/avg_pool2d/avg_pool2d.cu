// Average pooling: sums over windows, divided by how many of their positions lie in the image.
//
//   avg_pool2d_forward            a thread for each pack of y; windows of 2x2 and 3x3 unrolled, so that all of their loads are under way at once
//   avg_pool2d_backward_cells     for windows that share no pixel: a thread for each window reads dy once and writes all of its pixels (and those between
//                                 windows, which get 0)
//   avg_pool2d_backward_gather    for windows that overlap: a thread for each pack of dx adds up the windows that cover it, always in the same order
// Each with packs (VECTOR=1) or number by number (VECTOR=0).
#include "pooling.cuh"

// 1 / (positions of window (oh, ow) inside the image): what each of them counts.
__device__ __forceinline__ real weight(const Pooling &p, int oh, int ow) {
  const int rows = inside(oh * p.stride_height - p.top, p.window_height, p.height);
  const int columns = inside(ow * p.stride_width - p.left, p.window_width, p.width);
  return real(1) / real(rows * columns);
}

// KH, KW: size of the window, or 0 where it is known only at run time.
template <int KH, int KW>
__device__ __forceinline__ void forward(const real *__restrict__ x, real *__restrict__ y, const Pooling p) {
  const int window_height = KH ? KH : p.window_height, window_width = KW ? KW : p.window_width;
  const int packs = p.channels / WIDTH;
  for_each_pair((unsigned)p.images * p.out_height, (unsigned)p.out_width * packs, [&](unsigned row, unsigned column) {
    const int n = row / p.out_height, oh = row % p.out_height, ow = column / packs, c = (int)(column % packs) * WIDTH;
    const int h0 = oh * p.stride_height - p.top, w0 = ow * p.stride_width - p.left;
    const real *image = x + (long long)n * p.height * p.width * p.channels + c;
    Pack<real> sum = filled(real(0));
#pragma unroll
    for (int i = 0; i < window_height; i++) {
      const int h = h0 + i;
#pragma unroll
      for (int j = 0; j < window_width; j++) {
        const int w = w0 + j;
        const bool in_image = h >= 0 && h < p.height && w >= 0 && w < p.width;
        add_scaled(sum, 1, in_image ? load(image + (h * p.width + w) * p.channels) : filled(real(0)));
      }
    }
    const real share = weight(p, oh, ow);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) sum.v[k] *= share;
    store(y + ((long long)row * p.out_width + ow) * p.channels + c, sum);
  });
}

extern "C" __global__ void __launch_bounds__(256, 4)
    avg_pool2d_forward(const real *__restrict__ x, real *__restrict__ y, POOLING_PARAMETERS) {
  const Pooling p = POOLING;
  if (window_height == 2 && window_width == 2)
    forward<2, 2>(x, y, p);
  else if (window_height == 3 && window_width == 3)
    forward<3, 3>(x, y, p);
  else
    forward<0, 0>(x, y, p);
}

// A cell is stride_height x stride_width pixels with a window in its corner; the cells tile the image. SH, SW: its size, and the window's; or 0.
template <int SH, int SW>
__device__ __forceinline__ void backward_cells(const real *__restrict__ dy, real *__restrict__ dx, const Pooling p, int cell_rows,
                                               int cell_columns) {
  const int cell_height = SH ? SH : p.stride_height, cell_width = SW ? SW : p.stride_width;
  const int window_height = SH ? SH : p.window_height, window_width = SW ? SW : p.window_width;
  const int packs = p.channels / WIDTH;
  for_each_pair((unsigned)p.images * cell_rows, (unsigned)cell_columns * packs, [&](unsigned row, unsigned column) {
    const int n = row / cell_rows, oh = row % cell_rows, ow = column / packs, c = (int)(column % packs) * WIDTH;
    Pack<real> share = filled(real(0));
    if (oh < p.out_height && ow < p.out_width)  // beyond the last window lie pixels that no window covers
      add_scaled(share, weight(p, oh, ow), load(dy + (((long long)n * p.out_height + oh) * p.out_width + ow) * p.channels + c));
    real *image = dx + (long long)n * p.height * p.width * p.channels + c;
#pragma unroll
    for (int i = 0; i < cell_height; i++) {
      const int h = oh * cell_height - p.top + i;
#pragma unroll
      for (int j = 0; j < cell_width; j++) {
        const int w = ow * cell_width - p.left + j;
        if (h >= 0 && h < p.height && w >= 0 && w < p.width)
          store(image + (h * p.width + w) * p.channels, i < window_height && j < window_width ? share : filled(real(0)));
      }
    }
  });
}

extern "C" __global__ void __launch_bounds__(256, 4)
    avg_pool2d_backward_cells(const real *__restrict__ dy, real *__restrict__ dx, POOLING_PARAMETERS, int cell_rows, int cell_columns) {
  const Pooling p = POOLING;
  if (window_height == 2 && window_width == 2 && stride_height == 2 && stride_width == 2)
    backward_cells<2, 2>(dy, dx, p, cell_rows, cell_columns);
  else
    backward_cells<0, 0>(dy, dx, p, cell_rows, cell_columns);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    avg_pool2d_backward_gather(const real *__restrict__ dy, real *__restrict__ dx, POOLING_PARAMETERS) {
  const Pooling p = POOLING;
  const int packs = channels / WIDTH;
  for_each_pair((unsigned)images * height, (unsigned)width * packs, [&](unsigned row, unsigned column) {
    const int n = row / height, h = row % height, w = column / packs, c = (int)(column % packs) * WIDTH;
    const Range rows = covering(h, top, window_height, stride_height, out_height);
    const Range columns = covering(w, left, window_width, stride_width, out_width);
    Pack<real> sum = filled(real(0));
    for (int oh = rows.first; oh <= rows.last; oh++)
      for (int ow = columns.first; ow <= columns.last; ow++)
        add_scaled(sum, weight(p, oh, ow), load(dy + (((long long)n * out_height + oh) * out_width + ow) * channels + c));
    store(dx + ((long long)row * width + w) * channels + c, sum);
  });
}
