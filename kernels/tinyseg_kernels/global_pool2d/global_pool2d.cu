// Pooling of whole images: one number per image and channel, a reduction over the pixels.
//
// A forward splits the pixels of an image among `splits` blocks, so that also a single image keeps a GPU busy. In a block, each thread goes over every
// so-manieth pixel of its pack of channels; the block's threads then halve their results step by step in shared memory. The blocks' results are
// one row each of (splits, N * C), reduced by column_sums.cu (mean) or by one more launch of the same kernel (maximum). No atomics, a fixed order: same
// bits in every run, and no chain of additions is long. A backward writes each number once.
// Each with packs (VECTOR=1) or number by number (VECTOR=0).
#include "pack.cuh"

#define THREADS 256

// Sum of each channel over this block's part of the pixels, to sums[blockIdx.y][n][c]. Grid (tiles of packs, splits, images at most 65535), block (packs, pixels).
extern "C" __global__ void __launch_bounds__(THREADS, 4)
    partial_sums(const real *__restrict__ x, real *__restrict__ sums, int images, int pixels, int channels) {
  __shared__ Pack<real> part[THREADS];
  const int c = (blockIdx.x * blockDim.x + threadIdx.x) * WIDTH, place = threadIdx.y * blockDim.x + threadIdx.x;
  for (int n = blockIdx.z; n < images; n += gridDim.z) {
    Pack<real> sum = filled(real(0));
    if (c < channels) {
      const real *image = x + (long long)n * pixels * channels + c;
#pragma unroll 4
      for (int p = blockIdx.y * blockDim.y + threadIdx.y; p < pixels; p += gridDim.y * blockDim.y)
        add_scaled(sum, 1, load(image + (long long)p * channels));
    }
    part[place] = sum;
    for (int half = blockDim.y / 2; half > 0; half /= 2) {
      __syncthreads();
      if (threadIdx.y < half) add_scaled(part[place], 1, part[place + half * blockDim.x]);
    }
    if (threadIdx.y == 0 && c < channels) store(sums + ((long long)blockIdx.y * images + n) * channels + c, part[place]);
    __syncthreads();  // part is used again for the next image
  }
}

// y = sum / pixels, in place; the same division as everywhere.
extern "C" __global__ void __launch_bounds__(THREADS) divide(real *y, int n, int pixels) {
  for (unsigned i = grid_thread(); i < (unsigned)n; i += grid_threads()) y[i] /= real(pixels);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    global_avg_backward(const real *__restrict__ dy, real *__restrict__ dx, int images, int pixels, int channels) {
  const int packs = channels / WIDTH;
  const real share = real(1) / real(pixels);
  for_each_pair((unsigned)images * pixels, packs, [&](unsigned row, unsigned pack) {
    Pack<real> value = load(dy + (long long)(row / pixels) * channels + pack * WIDTH);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) value.v[k] *= share;
    store(dx + ((long long)row * packs + pack) * WIDTH, value);
  });
}

// A number and the pixel where it stands.
struct Best {
  Pack<real> value;
  Pack<int> pixel;
};

// Keeps the larger of two, NaN above all; of equal ones the pixel that comes first. The result does not depend on the order of the comparisons.
__device__ __forceinline__ void keep_better(Best &best, const Best &other) {
#pragma unroll
  for (int k = 0; k < WIDTH; k++) {
    const real a = best.value.v[k], b = other.value.v[k];
    const bool a_nan = a != a, b_nan = b != b;
    const bool equal = a == b || (a_nan && b_nan);
    if (equal ? other.pixel.v[k] < best.pixel.v[k] : b_nan || (!a_nan && b > a)) {
      best.value.v[k] = b;
      best.pixel.v[k] = other.pixel.v[k];
    }
  }
}

// Maximum of each channel over this block's part of the rows, and its pixel. First x[n] is (rows = pixels, C): a row is a pixel, and `from` is not looked at.
// After that (again = 1) x is what the blocks left, (rows = splits, N * C) taken as one image of N * C channels, and `from` the pixels that they found.
extern "C" __global__ void __launch_bounds__(THREADS, 4)
    partial_maxima(const real *__restrict__ x, const int *from, real *__restrict__ values, int *found, int images, int rows, int channels,
                   int again) {
  __shared__ Best part[THREADS];
  const int c = (blockIdx.x * blockDim.x + threadIdx.x) * WIDTH, place = threadIdx.y * blockDim.x + threadIdx.x;
  for (int n = blockIdx.z; n < images; n += gridDim.z) {
    // Any row wins against this one: of two minus infinities the one with the smaller pixel does.
    Best best = {filled(minus_infinity()), filled(0x7fffffff)};
    if (c < channels) {
#pragma unroll 4
      for (int r = blockIdx.y * blockDim.y + threadIdx.y; r < rows; r += gridDim.y * blockDim.y) {
        const long long at = ((long long)n * rows + r) * channels + c;
        keep_better(best, {load(x + at), again ? load(from + at) : filled(r)});
      }
    }
    part[place] = best;
    for (int half = blockDim.y / 2; half > 0; half /= 2) {
      __syncthreads();
      if (threadIdx.y < half) keep_better(part[place], part[place + half * blockDim.x]);
    }
    if (threadIdx.y == 0 && c < channels) {
      const long long at = ((long long)blockIdx.y * images + n) * channels + c;
      store(values + at, part[place].value);
      store(found + at, part[place].pixel);
    }
    __syncthreads();  // part is used again for the next image
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    global_max_backward(const real *__restrict__ dy, const int *__restrict__ found, real *__restrict__ dx, int images, int pixels,
                        int channels) {
  const int packs = channels / WIDTH;
  for_each_pair((unsigned)images * pixels, packs, [&](unsigned row, unsigned pack) {
    const long long from = (long long)(row / pixels) * channels + pack * WIDTH;
    const int pixel = row % pixels;
    const Pack<real> upstream = load(dy + from);
    const Pack<int> winner = load(found + from);
    Pack<real> value;
#pragma unroll
    for (int k = 0; k < WIDTH; k++) value.v[k] = winner.v[k] == pixel ? upstream.v[k] : real(0);
    store(dx + ((long long)row * packs + pack) * WIDTH, value);
  });
}
