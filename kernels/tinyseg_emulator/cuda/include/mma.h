// nvcuda::wmma: matrix products of a warp on tensor cores.
//
// Products are summed in the order of k, in float for half, bfloat16 and tf32; a tensor core sums in another order and
// truncates, so compare with a tolerance. Integers wrap around, or saturate where mma_sync is told to.
//
// tf32 keeps 10 of a float's 23 fraction bits. __float_to_tf32 rounds to nearest, ties away from zero (PTX
// cvt.rna.tf32.f32: add half a unit, clear the 13 low bits). What is not converted, the tensor core truncates; so does
// mma_sync here.
#pragma once
#include "device/wmma_fragment.h"

namespace nvcuda {
namespace wmma {
template <class F>
inline void fill_fragment(F &f, typename F::element_type value) {
  for (auto &element : f.x) element = value;
}

// Address of the lane's i-th element in memory.
template <class F, class T>
TINYSEG_UNCHECKED inline T *place(T *memory, int i, unsigned stride, bool row_major_order) {
  const Place at = place_of<F::rows, F::columns>(int(tinyseg_lane()), i % F::own);
  return memory + (row_major_order ? size_t(at.row) * stride + at.column : size_t(at.column) * stride + at.row);
}
template <class T>
TINYSEG_UNCHECKED inline void check_memory(const T *memory, unsigned stride, const char *file, int line) {
  // Where a shared array without an alignment of its own begins is another matter on a GPU.
  const size_t alignment = tinyseg_space(memory) == emulator::IN_SHARED ? sizeof(T) : 16;
  if (reinterpret_cast<size_t>(memory) % alignment) tinyseg_fail("wmma: the matrix must be aligned", file, line);
  if (stride % (16 / sizeof(T))) tinyseg_fail("wmma: the leading dimension must be a multiple of 16 bytes", file, line);
}
template <class F, class T>
TINYSEG_UNCHECKED inline void load(F &f, const T *memory, unsigned stride, bool row_major_order, const void *caller,
                                   const char *file, int line) {
  check_memory(memory, stride, file, line);
  tinyseg_sync_warp(emulator::MATRIX, 0xffffffffu, nullptr, 0, file, line);
  for (int i = 0; i < F::num_elements; i++) {
    const T *from = place<F>(memory, i, stride, row_major_order);
    if (i < F::own) TINYSEG_ACCESS(from, sizeof *from, emulator::READ, caller);
    f.x[i] = *from;
  }
}
template <class Use, int M, int N, int K, class T, class Layout>
TINYSEG_ENTRY void load_matrix_sync(fragment<Use, M, N, K, T, Layout> &f, const typename stored<T>::type *memory,
                                    unsigned stride, TINYSEG_SITE) {
  static_assert(!std::is_same_v<Use, accumulator>,
                "wmma: an accumulator is loaded with a layout (mem_row_major) at the end");
  load(f, memory, stride, std::is_same_v<Layout, row_major>, TINYSEG_CALLER, file, line);
}
template <int M, int N, int K, class T>
TINYSEG_ENTRY void load_matrix_sync(fragment<accumulator, M, N, K, T> &f, const T *memory, unsigned stride,
                                    layout_t layout, TINYSEG_SITE) {
  load(f, memory, stride, layout == mem_row_major, TINYSEG_CALLER, file, line);
}
template <int M, int N, int K, class T>
TINYSEG_ENTRY void store_matrix_sync(T *memory, const fragment<accumulator, M, N, K, T> &f, unsigned stride,
                                     layout_t layout, TINYSEG_SITE) {
  using F = fragment<accumulator, M, N, K, T>;
  const void *const caller = TINYSEG_CALLER;
  check_memory(memory, stride, file, line);
  tinyseg_sync_warp(emulator::MATRIX, 0xffffffffu, nullptr, 0, file, line);
  for (int i = 0; i < F::num_elements; i++) {
    T *to = place<F>(memory, i, stride, layout == mem_row_major);
    TINYSEG_ACCESS(to, sizeof *to, emulator::WRITE, caller);
    *to = f.x[i];
  }
}

TINYSEG_UNCHECKED inline float __float_to_tf32(float x) {
  const unsigned bits = __float_as_uint(x);
  if ((bits & 0x7f800000u) == 0x7f800000u) return x;  // infinity and NaN stay
  return __uint_as_float((bits + 0x1000u) & 0xffffe000u);
}
// In what products are summed, and a factor as such a number.
template <class T>
struct summed {
  using type = float;
};
template <>
struct summed<double> {
  using type = double;
};
template <>
struct summed<signed char> {
  using type = long long;
};
template <>
struct summed<unsigned char> {
  using type = long long;
};
template <class T>
TINYSEG_UNCHECKED inline typename summed<T>::type multiplicand(typename stored<T>::type x) {
  if constexpr (std::is_same_v<T, precision::tf32>)
    return __uint_as_float(__float_as_uint(x) & 0xffffe000u);
  else
    return (typename summed<T>::type)(x);
}
template <class TD, class Sum>
TINYSEG_UNCHECKED inline TD result(Sum sum, bool saturate) {
  if constexpr (!std::is_same_v<TD, int>)
    return TD(sum);
  else if (!saturate)
    return int(unsigned((unsigned long long)sum));
  else
    return sum < -2147483648ll ? -2147483647 - 1 : sum > 2147483647 ? 2147483647 : int(sum);
}
// Which sums go with which factors.
template <class TA, class TB, class TC, class TD>
constexpr bool fits() {
  constexpr bool bytes = one_of<TA, signed char, unsigned char>;
  if constexpr (!std::is_same_v<TA, TB>)
    return false;
  else if constexpr (std::is_same_v<TA, __half>)
    return one_of<TC, __half, float> && one_of<TD, __half, float>;
  else if constexpr (bytes)
    return one_of<TC, int> && one_of<TD, int>;
  else if constexpr (std::is_same_v<TA, double>)
    return one_of<TC, double> && one_of<TD, double>;
  else
    return one_of<TC, float> && one_of<TD, float>;
}

template <int M, int N, int K, class TD, class TA, class TB, class LA, class LB, class TC>
TINYSEG_UNCHECKED void mma_sync(fragment<accumulator, M, N, K, TD> &d, const fragment<matrix_a, M, N, K, TA, LA> &a,
                                const fragment<matrix_b, M, N, K, TB, LB> &b,
                                const fragment<accumulator, M, N, K, TC> &c, bool saturate = false, TINYSEG_SITE) {
  static_assert(
      fits<TA, TB, TC, TD>(),
      "wmma: expected a and b of one type; with half, sums in half or float; with bfloat16 and tf32, in float; with "
      "signed and unsigned char, in int; with double, in double");
  // The fragments lie on the lanes' stacks: each shows the others where.
  TINYSEG_COUNT(emulator::COUNT_TENSOR + (std::is_same_v<TA, __half>        ? 0
                                          : std::is_same_v<TA, double>      ? 4
                                          : std::is_same_v<TA, precision::tf32> ? 2
                                          : one_of<TA, signed char, unsigned char> ? 3
                                                                            : 1),
                2 * M * N * K / 32);
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
  using Sum = typename summed<TA>::type;
  Sum sums[M * N / 32];
  for (int i = 0; i < M * N / 32; i++) {
    const Place at = place_of<M, N>(int(tinyseg_lane()), i);
    Sum sum = Sum(c.x[i]);
    for (int k = 0; k < K; k++) {
      const Owner left = owner_of<M, K>(at.row, k), right = owner_of<K, N>(k, at.column);
      sum += multiplicand<TA>(lanes[left.lane].a->x[left.i]) * multiplicand<TB>(lanes[right.lane].b->x[right.i]);
    }
    sums[i] = sum;
  }
  // Nobody changes a fragment that another lane still reads.
  tinyseg_sync_warp(emulator::MATRIX, 0xffffffffu, nullptr, 0, file, line);
  for (int i = 0; i < M * N / 32; i++) d.x[i] = result<TD>(sums[i], saturate);
}
}  // namespace wmma
}  // namespace nvcuda
