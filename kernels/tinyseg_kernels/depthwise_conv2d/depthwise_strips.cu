// Depthwise convolution with square windows of KERNEL x KERNEL (3 or 5), stride STRIDE (1 or 2), no dilation, one filter for each channel: the second version
// of the ladder. A thread makes a strip of four outputs that lie side by side. It reads a pixel of a row once for all outputs of the strip, and a weight once
// for four products, from registers.
//
//   loads for each pack of y       direct    strips
//   3x3, stride 1                      18      6.75     (3 rows of 6 pixels and 3 weights, for 4 packs)
//   3x3, stride 2                      18      9
//   5x5, stride 1                      50     16.25
//
//   depthwise_forward_strips           y; with flip = 1 the window is turned by 180 degrees, which makes it dx of a convolution with stride 1
//   depthwise_backward_kernel_strips   dkernel and dbias in one pass over x and dy: a thread keeps the sums of all taps in registers. 3x3: 5.5 loads for each
//                                      pack of dy, where the direct version takes 19.
// Source of the idea of register tiles: Volkov, "Better performance at lower occupancy", GTC 2010.
#define VECTOR 1
#include "pack.cuh"

#ifndef KERNEL
#define KERNEL 3
#endif
#ifndef STRIDE
#define STRIDE 1
#endif
#define STRIP 4
#define SPAN ((STRIP - 1) * STRIDE + KERNEL)  // pixels of a row that a strip meets
#define THREADS 256
#if KERNEL == 3
#define RESIDENT 2  // blocks on a multiprocessor: 128 registers for a thread
#else
#define RESIDENT 1  // 25 sums of 4 floats, and more, take up to 255
#endif

extern "C" __global__ void __launch_bounds__(THREADS, 2)
    depthwise_forward_strips(const real *__restrict__ x, const real *__restrict__ kernel, const real *__restrict__ bias,
                             real *__restrict__ y, int images, int height, int width, int channels, int out_height, int out_width, int top,
                             int left, int has_bias, int flip) {
  const int packs = channels / WIDTH, strips = (out_width + STRIP - 1) / STRIP;
  for_each_pair((unsigned)images * out_height, (unsigned)strips * packs, [&](unsigned row, unsigned column) {
    const int n = row / out_height, c = (int)(column % packs) * WIDTH, ow = (int)(column / packs) * STRIP;
    const int h0 = (int)(row % out_height) * STRIDE - top, w0 = ow * STRIDE - left;
    const real *image = x + (long long)n * height * width * channels + c;
    Pack<real> sum[STRIP];
#pragma unroll
    for (int t = 0; t < STRIP; t++) sum[t] = has_bias ? load(bias + c) : filled(real(0));
#pragma unroll
    for (int i = 0; i < KERNEL; i++) {
      const int h = h0 + i;
      if (h < 0 || h >= height) continue;
      Pack<real> weight[KERNEL];
#pragma unroll
      for (int j = 0; j < KERNEL; j++) {
        const int tap = i * KERNEL + j;
        weight[j] = load(kernel + (flip ? KERNEL * KERNEL - 1 - tap : tap) * channels + c);
      }
#pragma unroll
      for (int q = 0; q < SPAN; q++) {
        const int w = w0 + q;
        const Pack<real> pixel = w >= 0 && w < width ? load(image + (h * width + w) * channels) : filled(real(0));
#pragma unroll
        for (int t = 0; t < STRIP; t++)
          if (q - t * STRIDE >= 0 && q - t * STRIDE < KERNEL) add_product(sum[t], pixel, weight[q - t * STRIDE]);
      }
    }
#pragma unroll
    for (int t = 0; t < STRIP; t++)
      if (ow + t < out_width) store(y + ((long long)row * out_width + ow + t) * channels + c, sum[t]);
  });
}

// sums is (gridDim.y, taps + 1, channels), whose columns column_sums.cu adds up; the last tap is dbias. Grid (tiles of channels, shares of the strips), block
// (packs, strips).
extern "C" __global__ void __launch_bounds__(THREADS, RESIDENT)
    depthwise_backward_kernel_strips(const real *__restrict__ x, const real *__restrict__ dy, real *__restrict__ sums, int images,
                                     int height, int width, int channels, int out_height, int out_width, int top, int left) {
  __shared__ Pack<real> part[THREADS];
  const int c = (blockIdx.x * blockDim.x + threadIdx.x) * WIDTH;
  const unsigned strips = (out_width + STRIP - 1) / STRIP, all = images * out_height * strips;
  Pack<real> sum[KERNEL * KERNEL + 1];
#pragma unroll
  for (int tap = 0; tap <= KERNEL * KERNEL; tap++) sum[tap] = filled(real(0));
  if (c < channels)
    for (unsigned strip = blockIdx.y * blockDim.y + threadIdx.y; strip < all; strip += gridDim.y * blockDim.y) {
      const int row = strip / strips, ow = (int)(strip % strips) * STRIP, n = row / out_height;
      const int h0 = row % out_height * STRIDE - top, w0 = ow * STRIDE - left;
      const real *image = x + (long long)n * height * width * channels + c;
      Pack<real> upstream[STRIP];
#pragma unroll
      for (int t = 0; t < STRIP; t++) {
        upstream[t] = ow + t < out_width ? load(dy + ((long long)row * out_width + ow + t) * channels + c) : filled(real(0));
        add_scaled(sum[KERNEL * KERNEL], 1, upstream[t]);
      }
#pragma unroll
      for (int i = 0; i < KERNEL; i++) {
        const int h = h0 + i;
        if (h < 0 || h >= height) continue;
#pragma unroll
        for (int q = 0; q < SPAN; q++) {
          const int w = w0 + q;
          const Pack<real> pixel = w >= 0 && w < width ? load(image + (h * width + w) * channels) : filled(real(0));
#pragma unroll
          for (int t = 0; t < STRIP; t++)
            if (q - t * STRIDE >= 0 && q - t * STRIDE < KERNEL) add_product(sum[i * KERNEL + q - t * STRIDE], pixel, upstream[t]);
        }
      }
    }
  const int place = threadIdx.y * blockDim.x + threadIdx.x;
#pragma unroll
  for (int tap = 0; tap <= KERNEL * KERNEL; tap++) {
    part[place] = sum[tap];
    for (int half = blockDim.y / 2; half > 0; half /= 2) {
      __syncthreads();
      if (threadIdx.y < half) add_scaled(part[place], 1, part[place + half * blockDim.x]);
    }
    if (threadIdx.y == 0 && c < channels)
      store(sums + ((long long)blockIdx.y * (KERNEL * KERNEL + 1) + tap) * channels + c, part[place]);
    __syncthreads();  // part is used again for the next tap
  }
}
