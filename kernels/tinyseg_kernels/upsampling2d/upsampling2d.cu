// Enlarging images by whole factors.
//
//   nearest_forward     a thread for each pack of x: reads it once and writes its block of y
//   nearest_backward    a thread for each pack of dx: reads its block of dy once
//   bilinear_forward    a thread for each pack of y, blended from four packs of x; memory gives each of them once, the L1 cache the other times
//   bilinear_backward   a thread for each pack of dx gathers the 2a x 2b places of y that its pixel had a part in, always in the same order: no atomics
// Each with packs (VECTOR=1) or number by number (VECTOR=0); loops for the factor 2, the common one, are unrolled, so that all loads are under way at once.
#include "pack.cuh"

// A, B: vertical and horizontal factor, or 0 where they are known only at run time.
template <int A, int B>
__device__ __forceinline__ void nearest_forward_of(const real *__restrict__ x, real *__restrict__ y, int rows, int width, int channels,
                                                   int factor_h, int factor_w) {
  const int a = A ? A : factor_h, b = B ? B : factor_w, packs = channels / WIDTH;
  for_each_pair(rows, (unsigned)width * packs, [&](unsigned row, unsigned column) {
    const Pack<real> v = load(x + ((long long)row * width * packs + column) * WIDTH);
    const int w = column / packs, c = (int)(column % packs) * WIDTH;
    real *block = y + (((long long)row * a) * width + w) * b * channels + c;
#pragma unroll
    for (int i = 0; i < a; i++)
#pragma unroll
      for (int j = 0; j < b; j++) store(block + ((long long)i * width * b + j) * channels, v);
  });
}

extern "C" __global__ void __launch_bounds__(256, 4)
    nearest_forward(const real *__restrict__ x, real *__restrict__ y, int rows, int width, int channels, int factor_h, int factor_w) {
  if (factor_h == 2 && factor_w == 2)
    nearest_forward_of<2, 2>(x, y, rows, width, channels, factor_h, factor_w);
  else
    nearest_forward_of<0, 0>(x, y, rows, width, channels, factor_h, factor_w);
}

template <int A, int B>
__device__ __forceinline__ void nearest_backward_of(const real *__restrict__ dy, real *__restrict__ dx, int rows, int width,
                                                    int channels, int factor_h, int factor_w) {
  const int a = A ? A : factor_h, b = B ? B : factor_w, packs = channels / WIDTH;
  for_each_pair(rows, (unsigned)width * packs, [&](unsigned row, unsigned column) {
    const int w = column / packs, c = (int)(column % packs) * WIDTH;
    const real *block = dy + (((long long)row * a) * width + w) * b * channels + c;
    Pack<real> sum = filled(real(0));
#pragma unroll
    for (int i = 0; i < a; i++)
#pragma unroll
      for (int j = 0; j < b; j++) add_scaled(sum, 1, load(block + ((long long)i * width * b + j) * channels));
    store(dx + ((long long)row * width * packs + column) * WIDTH, sum);
  });
}

extern "C" __global__ void __launch_bounds__(256, 4)
    nearest_backward(const real *__restrict__ dy, real *__restrict__ dx, int rows, int width, int channels, int factor_h, int factor_w) {
  if (factor_h == 2 && factor_w == 2)
    nearest_backward_of<2, 2>(dy, dx, rows, width, channels, factor_h, factor_w);
  else
    nearest_backward_of<0, 0>(dy, dx, rows, width, channels, factor_h, factor_w);
}

// Of one axis with factor a: output o is (1 - t) parts of input `low` and t parts of low + 1, where beyond the border the border's pixel counts.
struct Blend {
  int low;
  real t;
};

__device__ __forceinline__ Blend blend_of(int o, int a) {
  // (o + 1/2) / a - 1/2 = numerator / (2 a), in whole numbers, so that t is rounded only once.
  const int numerator = 2 * (o % a) + 1 - a, below = numerator < 0;
  return {o / a - below, real(numerator + below * 2 * a) / real(2 * a)};
}

// With factor 1 the second pixel has no part, not even 0 times infinity.
__device__ __forceinline__ Pack<real> blended(const Pack<real> &p, const Pack<real> &q, real t, int a) {
  Pack<real> result;
#pragma unroll
  for (int k = 0; k < WIDTH; k++) result.v[k] = a == 1 ? p.v[k] : (1 - t) * p.v[k] + t * q.v[k];
  return result;
}

__device__ __forceinline__ int clamped(int position, int length) { return min(max(position, 0), length - 1); }

extern "C" __global__ void __launch_bounds__(256, 4)
    bilinear_forward(const real *__restrict__ x, real *__restrict__ y, int images, int height, int width, int channels, int a, int b) {
  const int out_height = height * a, out_width = width * b, packs = channels / WIDTH;
  for_each_pair((unsigned)images * out_height, (unsigned)out_width * packs, [&](unsigned row, unsigned column) {
    const int n = row / out_height, c = (int)(column % packs) * WIDTH;
    const Blend vertical = blend_of(row % out_height, a), horizontal = blend_of(column / packs, b);
    const real *image = x + (long long)n * height * width * channels + c;
    const int top = clamped(vertical.low, height) * width, bottom = clamped(vertical.low + 1, height) * width;
    const int left = clamped(horizontal.low, width), right = clamped(horizontal.low + 1, width);
    const Pack<real> top_left = load(image + (top + left) * channels), top_right = load(image + (top + right) * channels);
    const Pack<real> bottom_left = load(image + (bottom + left) * channels), bottom_right = load(image + (bottom + right) * channels);
    const Pack<real> at_left = blended(top_left, bottom_left, vertical.t, a);
    const Pack<real> at_right = blended(top_right, bottom_right, vertical.t, a);
    store(y + ((long long)row * out_width * packs + column) * WIDTH, blended(at_left, at_right, horizontal.t, b));
  });
}

// Which outputs of an axis input i has a part in: those whose `low` is i - 1, then those whose `low` is i. Beyond the border, none.
struct Parts {
  int first, end;
};

__device__ __forceinline__ Parts parts_of(int i, int a, int length) {
  if (a == 1) return {i, i + 1};
  return {max((i - 1) * a + a / 2, 0), min((i + 1) * a + a / 2, length * a)};
}

// The part that input i has in output o, one of parts_of(i).
__device__ __forceinline__ real part(int o, int i, int a, int length) {
  const Blend blend = blend_of(o, a);
  const real of_low = clamped(blend.low, length) == i ? 1 - blend.t : real(0);
  return a == 1 ? real(1) : of_low + (clamped(blend.low + 1, length) == i ? blend.t : real(0));
}

template <int A, int B>
__device__ __forceinline__ void bilinear_backward_of(const real *__restrict__ dy, real *__restrict__ dx, int images, int height, int width,
                                                     int channels, int factor_h, int factor_w) {
  const int a = A ? A : factor_h, b = B ? B : factor_w, packs = channels / WIDTH;
  for_each_pair((unsigned)images * height, (unsigned)width * packs, [&](unsigned row, unsigned column) {
    const int n = row / height, h = row % height, w = column / packs, c = (int)(column % packs) * WIDTH;
    const real *image = dy + (long long)n * height * a * width * b * channels + c;
    const Parts rows = parts_of(h, a, height), columns = parts_of(w, b, width);
    Pack<real> sum = filled(real(0));
    for (int oh = rows.first; oh < rows.end; oh++) {
      Pack<real> along = filled(real(0));
      const real *line = image + (long long)oh * width * b * channels;
      if (B == 2) {  // four places, of which the outer ones may be missing
#pragma unroll
        for (int k = 0; k < 4; k++) {
          const int ow = w * 2 - 1 + k;
          if (ow >= columns.first && ow < columns.end) add_scaled(along, part(ow, w, 2, width), load(line + ow * channels));
        }
      } else {
        for (int ow = columns.first; ow < columns.end; ow++) add_scaled(along, part(ow, w, b, width), load(line + ow * channels));
      }
      add_scaled(sum, part(oh, h, a, height), along);
    }
    store(dx + ((long long)row * width * packs + column) * WIDTH, sum);
  });
}

extern "C" __global__ void __launch_bounds__(256, 4)
    bilinear_backward(const real *__restrict__ dy, real *__restrict__ dx, int images, int height, int width, int channels, int a, int b) {
  if (a == 2 && b == 2)
    bilinear_backward_of<2, 2>(dy, dx, images, height, width, channels, a, b);
  else
    bilinear_backward_of<0, 0>(dy, dx, images, height, width, channels, a, b);
}
