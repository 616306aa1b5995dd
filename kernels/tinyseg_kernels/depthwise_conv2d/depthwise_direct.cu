// Depthwise convolution, any geometry: the first version of the ladder. depthwise_strips.cu is the second one, for the windows that networks use.
//
//   depthwise_forward          a thread for each pack of y goes over its window. 3x3: 9 loads of x and 9 of weights for each pack written. Memory gives each
//                              x once, the L1 cache the other eight times; so it is the L1 cache, not memory, that sets the pace.
//   depthwise_backward_x       a thread for each pack of dx gathers the outputs that its pixel had a part in: no atomics, any stride and dilation
//   depthwise_backward_kernel  a block for each tap, tile of channels and share of the rows; x and dy are asked for once for each tap
// With packs (VECTOR=1, one filter for each channel) or number by number (VECTOR=0).
#include "pack.cuh"

#define THREADS 256

// Filter f = c * multiplier + m belongs to channel c. With packs the multiplier is 1, so a pack of filters meets a pack of channels.
#if VECTOR
#define FILTERS_OF_A_CHANNEL 1
#else
#define FILTERS_OF_A_CHANNEL multiplier
#endif
#define GEOMETRY                                                                                                                       \
  int images, int height, int width, int channels, int multiplier, int out_height, int out_width, int kernel_height, int kernel_width, \
      int stride_height, int stride_width, int dilation_height, int dilation_width, int top, int left

extern "C" __global__ void __launch_bounds__(THREADS, 4)
    depthwise_forward(const real *__restrict__ x, const real *__restrict__ kernel, const real *__restrict__ bias, real *__restrict__ y,
                      GEOMETRY, int has_bias) {
  const int filters = channels * FILTERS_OF_A_CHANNEL, packs = filters / WIDTH;
  for_each_pair((unsigned)images * out_height, (unsigned)out_width * packs, [&](unsigned row, unsigned column) {
    const int n = row / out_height, f = (int)(column % packs) * WIDTH;
    const int h0 = (int)(row % out_height) * stride_height - top, w0 = (int)(column / packs) * stride_width - left;
    const real *image = x + (long long)n * height * width * channels + f / FILTERS_OF_A_CHANNEL;
    Pack<real> sum = has_bias ? load(bias + f) : filled(real(0));
    for (int i = 0; i < kernel_height; i++) {
      const int h = h0 + i * dilation_height;
      if (h < 0 || h >= height) continue;
      for (int j = 0; j < kernel_width; j++) {
        const int w = w0 + j * dilation_width;
        if (w < 0 || w >= width) continue;
        add_product(sum, load(image + (h * width + w) * channels), load(kernel + (i * kernel_width + j) * filters + f));
      }
    }
    store(y + ((long long)row * out_width * packs + column) * WIDTH, sum);
  });
}

// The taps of one axis that carry an output to position `from_start` (counted from the start of the padding): tap i comes from output
// (from_start - i * dilation) / stride where that is a whole number. Those taps are `step` apart, since dilation * step is the least common multiple.
struct Taps {
  int first, step, output, output_step;
};

__device__ __forceinline__ Taps taps_of(int from_start, int stride, int dilation, int step) {
  if (stride == 1) return {0, 1, from_start, dilation};
  int first = 0;
  while (first < step && (from_start - first * dilation) % stride != 0) first++;
  // Without a remainder, division of a negative number is exact too. No such tap: one that is beyond every window.
  if (first == step) return {0x40000000, step, 0, 0};
  return {first, step, (from_start - first * dilation) / stride, dilation * step / stride};
}

extern "C" __global__ void __launch_bounds__(THREADS, 3)
    depthwise_backward_x(const real *__restrict__ dy, const real *__restrict__ kernel, real *__restrict__ dx, GEOMETRY, int step_height,
                         int step_width) {
  const int filters = channels * FILTERS_OF_A_CHANNEL, packs = channels / WIDTH;
  for_each_pair((unsigned)images * height, (unsigned)width * packs, [&](unsigned row, unsigned column) {
    const int n = row / height, c = (int)(column % packs) * WIDTH;
    const Taps rows = taps_of((int)(row % height) + top, stride_height, dilation_height, step_height);
    const Taps columns = taps_of((int)(column / packs) + left, stride_width, dilation_width, step_width);
    const real *upstream = dy + (long long)n * out_height * out_width * filters;
    Pack<real> sum = filled(real(0));
    for (int i = rows.first, oh = rows.output; i < kernel_height; i += rows.step, oh -= rows.output_step) {
      if (oh < 0 || oh >= out_height) continue;
      for (int j = columns.first, ow = columns.output; j < kernel_width; j += columns.step, ow -= columns.output_step) {
        if (ow < 0 || ow >= out_width) continue;
        for (int f = c * FILTERS_OF_A_CHANNEL, end = f + FILTERS_OF_A_CHANNEL; f < end; f++)
          add_product(sum, load(upstream + (oh * out_width + ow) * filters + f), load(kernel + (i * kernel_width + j) * filters + f));
      }
    }
    store(dx + ((long long)row * width * packs + column) * WIDTH, sum);
  });
}

// Sum over this block's share of the rows of all outputs of x * dy for one tap, blockIdx.z; the tap behind the last one sums dy alone: dbias.
// sums is (gridDim.y, taps + 1, filters), whose columns column_sums.cu adds up. Grid (tiles of filters, shares of the rows, taps + 1), block (packs, columns).
extern "C" __global__ void __launch_bounds__(THREADS, 4)
    depthwise_backward_kernel(const real *__restrict__ x, const real *__restrict__ dy, real *__restrict__ sums, GEOMETRY) {
  __shared__ Pack<real> part[THREADS];
  const int filters = channels * FILTERS_OF_A_CHANNEL, f = (blockIdx.x * blockDim.x + threadIdx.x) * WIDTH;
  const int tap = blockIdx.z, i = tap / kernel_width, j = tap % kernel_width;
  const bool of_bias = tap == kernel_height * kernel_width;
  Pack<real> sum = filled(real(0));
  if (f < filters)
    for (unsigned row = blockIdx.y; row < (unsigned)images * out_height; row += gridDim.y) {
      const int n = row / out_height, h = (int)(row % out_height) * stride_height - top + i * dilation_height;
      if (!of_bias && (h < 0 || h >= height)) continue;
      const real *pixels = x + ((long long)n * height + h) * width * channels + f / FILTERS_OF_A_CHANNEL;
      const real *upstream = dy + (long long)row * out_width * filters + f;
      for (int ow = threadIdx.y; ow < out_width; ow += blockDim.y) {
        const int w = ow * stride_width - left + j * dilation_width;
        if (of_bias)
          add_scaled(sum, 1, load(upstream + ow * filters));
        else if (w >= 0 && w < width)
          add_product(sum, load(pixels + w * channels), load(upstream + ow * filters));
      }
    }
  const int place = threadIdx.y * blockDim.x + threadIdx.x;
  part[place] = sum;
  for (int half = blockDim.y / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.y < half) add_scaled(part[place], 1, part[place + half * blockDim.x]);
  }
  if (threadIdx.y == 0 && f < filters) store(sums + ((long long)blockIdx.y * gridDim.z + tap) * filters + f, part[place]);
}
