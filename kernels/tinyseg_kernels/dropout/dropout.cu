// Dropout: y = x / (1 - rate) where the mask keeps a number, else 0. Forward and backward are this same kernel.
//
// The mask is a pure function of the key (seed, step) and an element's position, so it is nowhere stored: backward draws it again. It is bit for bit the mask that NumPy
// draws on the CPU rungs, Generator(Philox(key)).random(float32) >= rate:
//
//     block  b of the generator   4 words of 64 bits = Philox4x64-10(counter (b + 1, 0, 0, 0), key (seed, step)): NumPy counts up before it draws
//     element i                   b = i / 8, word i / 2 % 4, its lower half for even i, its upper half for odd i
//     number                      (half >> 8) / 2^24, so `number >= rate` is `half >> 8 >= threshold` with threshold = ceil(rate * 2^24), in integers
//
// A thread draws one block: the mask of 8 neighbouring elements, as 8 bits. If it moved these elements itself, a warp's load of 16 bytes per thread would touch twice the
// memory that it uses. So a warp moves its 256 elements in the order of memory, and each thread asks the one that drew them for its bits.
// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox: constants and rounds).
#include "pack.cuh"

#define THREADS 256
#define ELEMENTS 8  // of a block of the generator: 4 words of two halves
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
  const int lane = threadIdx.x % WARP;
  const long long block = (long long)blockIdx.x * THREADS + threadIdx.x, first = (block - lane) * ELEMENTS;
  Pack<real> p[ELEMENTS / WIDTH];
#pragma unroll
  for (int k = 0; k < ELEMENTS / WIDTH; k++) {
    const long long place = first + (k * WARP + lane) * WIDTH;
    if (place < size) p[k] = load(x + place);
  }
  word words[4] = {(word)block + 1, 0, 0, 0};
  philox(words, seed, step);
  unsigned kept = 0;  // bit k: whether element 8 * block + k is
#pragma unroll
  for (int k = 0; k < ELEMENTS; k++) {
    const unsigned half = (unsigned)(words[k / 2] >> (k % 2 * 32));
    kept |= (unsigned)((int)(half >> 8) >= threshold) << k;
  }
#pragma unroll
  for (int k = 0; k < ELEMENTS / WIDTH; k++) {
    const int element = (k * WARP + lane) * WIDTH;  // of the warp's
    const unsigned bits = __shfl_sync(FULL_WARP, kept, element / ELEMENTS) >> (element % ELEMENTS);
    if (first + element < size) {
#pragma unroll
      for (int j = 0; j < WIDTH; j++) p[k].v[j] = bits >> j & 1 ? p[k].v[j] / kept_share : 0;
      store(y + first + element, p[k]);
    }
  }
}
