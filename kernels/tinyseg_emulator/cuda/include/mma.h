// nvcuda::wmma: matrix products of a warp on tensor cores.
//
// A fragment's elements are dealt out to the lanes, element e to lane e % 32 (CUDA leaves the places open, so a kernel may not rely on them). Products are summed
// in float, in the order of k; a tensor core sums in another order and truncates, so compare with a tolerance.
//
// tf32 keeps 10 of a float's 23 fraction bits. __float_to_tf32 rounds to nearest, ties away from zero (PTX cvt.rna.tf32.f32: add half a unit, clear the 13 low
// bits). What is not converted, the tensor core truncates; so does mma_sync here.
#pragma once
#include "cuda_fp16.h"

namespace nvcuda {
namespace wmma {
struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major;
struct col_major;
namespace precision {
struct tf32;
}
enum layout_t { mem_row_major, mem_col_major };

template <class T> struct stored { using type = T; };
template <> struct stored<precision::tf32> { using type = float; };

template <class Use, int M, int N, int K> struct extent;
template <int M, int N, int K> struct extent<matrix_a, M, N, K> { static constexpr int rows = M, columns = K; };
template <int M, int N, int K> struct extent<matrix_b, M, N, K> { static constexpr int rows = K, columns = N; };
template <int M, int N, int K> struct extent<accumulator, M, N, K> { static constexpr int rows = M, columns = N; };

template <class Use, int M, int N, int K, class T, class Layout = void>
struct fragment {
  static_assert((M == 16 && N == 16 && (K == 16 || K == 8)) || (M == 32 && N == 8 && K == 16) || (M == 8 && N == 32 && K == 16),
                "wmma: expected 16x16x16, 32x8x16 or 8x32x16 for half, 16x16x8 for tf32");
  using element_type = typename stored<T>::type;
  using storage_element_type = element_type;
  static constexpr int rows = extent<Use, M, N, K>::rows, columns = extent<Use, M, N, K>::columns, num_elements = rows * columns / 32;
  element_type x[num_elements];

  fragment() { __builtin_memset(x, 0xff, sizeof x); }  // NaN: a sum that nothing was put into shows
};

template <class F>
inline void fill_fragment(F &f, typename F::element_type value) {
  for (auto &element : f.x) element = value;
}

// Address of the lane's i-th element in memory.
template <class F, class T>
TINYSEG_UNCHECKED inline T *place(T *memory, int i, unsigned stride, bool row_major_order) {
  const int element = i * 32 + int(tinyseg_lane()), row = element / F::columns, column = element % F::columns;
  return memory + (row_major_order ? size_t(row) * stride + column : size_t(column) * stride + row);
}
template <class T>
TINYSEG_UNCHECKED inline void check_memory(const T *memory, unsigned stride, const char *file, int line) {
  if (reinterpret_cast<uintptr_t>(memory) % 16) tinyseg_fail("wmma: the matrix must be aligned", file, line);
  if (stride % (16 / sizeof(T))) tinyseg_fail("wmma: the leading dimension must be a multiple of 16 bytes", file, line);
}
template <class F, class T>
TINYSEG_UNCHECKED inline void load(F &f, const T *memory, unsigned stride, bool row_major_order, const void *caller, const char *file,
                                    int line) {
  check_memory(memory, stride, file, line);
  tinyseg_sync_warp(emulator::MATRIX, 0xffffffffu, nullptr, 0, file, line);
  for (int i = 0; i < F::num_elements; i++) {
    const T *from = place<F>(memory, i, stride, row_major_order);
    TINYSEG_ACCESS(from, sizeof *from, emulator::READ, caller);
    f.x[i] = *from;
  }
}
template <class Use, int M, int N, int K, class T, class Layout, class Memory>
TINYSEG_ENTRY void load_matrix_sync(fragment<Use, M, N, K, T, Layout> &f, const Memory *memory, unsigned stride, TINYSEG_SITE) {
  load(f, memory, stride, std::is_same_v<Layout, row_major>, TINYSEG_CALLER, file, line);
}
template <int M, int N, int K, class T, class Memory>
TINYSEG_ENTRY void load_matrix_sync(fragment<accumulator, M, N, K, T> &f, const Memory *memory, unsigned stride, layout_t layout,
                                                            TINYSEG_SITE) {
  load(f, memory, stride, layout == mem_row_major, TINYSEG_CALLER, file, line);
}
template <class F, class T>
TINYSEG_UNCHECKED inline void store(T *memory, const F &f, unsigned stride, bool row_major_order, const void *caller, const char *file,
                                    int line) {
  check_memory(memory, stride, file, line);
  tinyseg_sync_warp(emulator::MATRIX, 0xffffffffu, nullptr, 0, file, line);
  for (int i = 0; i < F::num_elements; i++) {
    T *to = place<F>(memory, i, stride, row_major_order);
    TINYSEG_ACCESS(to, sizeof *to, emulator::WRITE, caller);
    *to = f.x[i];
  }
}
template <int M, int N, int K, class T, class Memory>
TINYSEG_ENTRY void store_matrix_sync(Memory *memory, const fragment<accumulator, M, N, K, T> &f, unsigned stride, layout_t layout,
                                                             TINYSEG_SITE) {
  store(memory, f, stride, layout == mem_row_major, TINYSEG_CALLER, file, line);
}

TINYSEG_UNCHECKED inline float __float_to_tf32(float x) {
  const unsigned bits = __float_as_uint(x);
  if ((bits & 0x7f800000u) == 0x7f800000u) return x;  // infinity and NaN stay
  return __uint_as_float((bits + 0x1000u) & 0xffffe000u);
}
template <class T>
TINYSEG_UNCHECKED inline float multiplicand(typename stored<T>::type x) {
  if constexpr (std::is_same_v<T, precision::tf32>) return __uint_as_float(__float_as_uint(x) & 0xffffe000u);
  else return float(x);
}

template <int M, int N, int K, class TD, class TA, class TB, class LA, class LB, class TC>
TINYSEG_UNCHECKED void mma_sync(fragment<accumulator, M, N, K, TD> &d, const fragment<matrix_a, M, N, K, TA, LA> &a,
                                const fragment<matrix_b, M, N, K, TB, LB> &b, const fragment<accumulator, M, N, K, TC> &c, TINYSEG_SITE) {
  // The fragments lie on the lanes' stacks: each shows the others where.
  struct Pair {
    const fragment<matrix_a, M, N, K, TA, LA> *a;
    const fragment<matrix_b, M, N, K, TB, LB> *b;
  } mine = {&a, &b}, lanes[32];
  tinyseg_sync_warp(emulator::MATRIX, 0xffffffffu, &mine, sizeof mine, file, line);
  for (unsigned i = 0; i < 32; i++) {
    const void *shown = tinyseg_shown(i);
    if (!shown) tinyseg_fail("wmma: mma_sync needs all 32 lanes of the warp", file, line);
    memcpy(&lanes[i], shown, sizeof lanes[i]);
  }
  float sums[M * N / 32];
  for (int i = 0; i < M * N / 32; i++) {
    const int element = i * 32 + int(tinyseg_lane()), row = element / N, column = element % N;
    float sum = float(c.x[i]);
    for (int k = 0; k < K; k++) {
      const int at_a = row * K + k, at_b = k * N + column;
      sum += multiplicand<TA>(lanes[at_a % 32].a->x[at_a / 32]) * multiplicand<TB>(lanes[at_b % 32].b->x[at_b / 32]);
    }
    sums[i] = sum;
  }
  tinyseg_sync_warp(emulator::MATRIX, 0xffffffffu, nullptr, 0, file, line);  // nobody changes a fragment that another lane still reads
  for (int i = 0; i < M * N / 32; i++) d.x[i] = TD(sums[i]);
}
}  // namespace wmma
}  // namespace nvcuda
