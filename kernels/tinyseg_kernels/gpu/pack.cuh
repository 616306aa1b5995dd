// Packs: 16 bytes of neighbouring numbers that a thread reads or writes by one instruction, and the loops that hand them out to threads.
//
// A kernel bound by memory is fast when few instructions move many bytes. Channels lie last, so WIDTH neighbouring channels are one pack. A file is
// compiled with VECTOR=1 (4 floats or 2 doubles to a pack) for arrays whose channels are a multiple of that and whose first byte is aligned to 16,
// and with VECTOR=0 (packs of one number: the same lines are the scalar kernel) for all others. Rungs choose with gpu/packs.py.
#pragma once
#include "common.cuh"

#ifndef VECTOR
#define VECTOR 0
#endif
#if VECTOR
#define WIDTH (16 / (int)sizeof(real))
#else
#define WIDTH 1
#endif

// Aligned as a whole, so that the compiler moves it by one instruction. v[] may be indexed only by loops that are unrolled: it lies in registers.
template <typename T, int N = WIDTH>
struct alignas(sizeof(T) * N) Pack {
  T v[N];
};

template <typename T>
__device__ __forceinline__ Pack<T> load(const T *place) {
  return *reinterpret_cast<const Pack<T> *>(place);
}

template <typename T>
__device__ __forceinline__ void store(T *place, const Pack<T> &pack) {
  *reinterpret_cast<Pack<T> *>(place) = pack;
}

template <typename T>
__device__ __forceinline__ Pack<T> filled(T value) {
  Pack<T> pack;
#pragma unroll
  for (int k = 0; k < WIDTH; k++) pack.v[k] = value;
  return pack;
}

__device__ __forceinline__ real minus_infinity() {
#if REAL_IS_FLOAT
  return __int_as_float(0xff800000);
#else
  return __longlong_as_double(0xfff0000000000000LL);
#endif
}

// Adds factor * values to sum.
__device__ __forceinline__ void add_scaled(Pack<real> &sum, real factor, const Pack<real> &values) {
#pragma unroll
  for (int k = 0; k < WIDTH; k++) sum.v[k] += factor * values.v[k];
}

// Adds a * b to sum, number by number.
__device__ __forceinline__ void add_product(Pack<real> &sum, const Pack<real> &a, const Pack<real> &b) {
#pragma unroll
  for (int k = 0; k < WIDTH; k++) sum.v[k] += a.v[k] * b.v[k];
}

// Calls f(row, column) once for every pair, spread over the grid: columns along x, so that neighbouring threads take neighbouring columns, rows along y.
// Unsigned, so that the last step cannot overflow, and since unsigned division is shorter.
template <typename F>
__device__ __forceinline__ void for_each_pair(unsigned rows, unsigned columns, F f) {
  for (unsigned row = blockIdx.y * blockDim.y + threadIdx.y; row < rows; row += gridDim.y * blockDim.y)
    for (unsigned column = blockIdx.x * blockDim.x + threadIdx.x; column < columns; column += gridDim.x * blockDim.x)
      f(row, column);
}
