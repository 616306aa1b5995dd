// Dropout: y = x / (1 - rate) where the mask keeps a number, else 0. Forward and backward are this same kernel.
//
// The mask is a pure function of the key (seed, step) and an element's position, so it is nowhere stored: backward draws it again. It is bit for bit the mask that NumPy
// draws on the CPU rungs, Generator(Philox(key)).random(float32) >= rate:
//
//     block  b of the generator   4 words of 64 bits = Philox4x64-10(counter (b + 1, 0, 0, 0), key (seed, step)): NumPy counts up before it draws
//     element i                   b = i / 8, word i / 2 % 4, its lower half for even i, its upper half for odd i
//     number                      (half >> 8) / 2^24, so `number >= rate` is `half >> 8 >= threshold` with threshold = ceil(rate * 2^24), in integers
//
// A thread draws one block and thus serves 8 neighbouring elements.
// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox: constants and rounds).
#include "pack.cuh"

#define THREADS 256
#define ELEMENTS 8  // of a thread: 4 words of two halves
#define ROUNDS 10

typedef unsigned long long word;

// One round multiplies two words of the counter and mixes the halves of the products with the others and the key.
__device__ __forceinline__ void philox(word (&counter)[4], word key0, word key1) {
#pragma unroll
  for (int round = 0; round < ROUNDS; round++) {
    const word factor0 = 0xD2E7470EE14C6C93ull, factor1 = 0xCA5A826395121157ull;
    const word high0 = __umul64hi(factor0, counter[0]), low0 = factor0 * counter[0];
    const word high1 = __umul64hi(factor1, counter[2]), low1 = factor1 * counter[2];
    counter[0] = high1 ^ counter[1] ^ key0;
    counter[1] = low1;
    counter[2] = high0 ^ counter[3] ^ key1;
    counter[3] = low0;
    key0 += 0x9E3779B97F4A7C15ull;  // the golden ratio and sqrt(3) - 1 in 64 bits
    key1 += 0xBB67AE8584CAA73Bull;
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    dropout(const real *__restrict__ x, real *__restrict__ y, int size, int threshold, real kept_share, word seed, word step) {
  const long long group = (long long)blockIdx.x * THREADS + threadIdx.x;
  const long long start = group * ELEMENTS;
  if (start >= size) return;
  word words[4] = {(word)group + 1, 0, 0, 0};
  philox(words, seed, step);
  const bool whole = start + ELEMENTS <= size;
  real v[ELEMENTS];
  if (whole) {
#pragma unroll
    for (int k = 0; k < ELEMENTS; k += WIDTH) {
      const Pack<real> p = load(x + start + k);
#pragma unroll
      for (int j = 0; j < WIDTH; j++) v[k + j] = p.v[j];
    }
  } else {
#pragma unroll
    for (int k = 0; k < ELEMENTS; k++) v[k] = start + k < size ? x[start + k] : 0;
  }
#pragma unroll
  for (int k = 0; k < ELEMENTS; k++) {
    const unsigned half = (unsigned)(words[k / 2] >> (k % 2 * 32));
    v[k] = (int)(half >> 8) >= threshold ? v[k] / kept_share : 0;
  }
  if (whole) {
#pragma unroll
    for (int k = 0; k < ELEMENTS; k += WIDTH) {
      Pack<real> p;
#pragma unroll
      for (int j = 0; j < WIDTH; j++) p.v[j] = v[k + j];
      store(y + start + k, p);
    }
  } else {
#pragma unroll
    for (int k = 0; k < ELEMENTS; k++)
      if (start + k < size) y[start + k] = v[k];
  }
}
