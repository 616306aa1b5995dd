// What a warp's matrix fragments are: their shapes, their types, and which lane holds which element.
//
// CUDA leaves the places open, so a kernel may not rely on them. They are dealt out here as the accumulators of
// mma.sync are (PTX, "Matrix Fragments"), unlike any loop over the elements: a lane that reads what store_matrix_sync
// wrote reads other lanes' elements, and needs a __syncwarp. Fragments of half have 16 elements, as CUDA's have: some
// are there more than once.
#pragma once
#include "cuda_bf16.h"

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
namespace experimental {
namespace precision {
struct u4;
struct s4;
struct b1;
}  // namespace precision
}  // namespace experimental
enum layout_t { mem_row_major, mem_col_major };

template <class T>
struct stored {
  using type = T;
};
template <>
struct stored<precision::tf32> {
  using type = float;
};

template <class Use, int M, int N, int K>
struct extent;
template <int M, int N, int K>
struct extent<matrix_a, M, N, K> {
  static constexpr int rows = M, columns = K;
};
template <int M, int N, int K>
struct extent<matrix_b, M, N, K> {
  static constexpr int rows = K, columns = N;
};
template <int M, int N, int K>
struct extent<accumulator, M, N, K> {
  static constexpr int rows = M, columns = N;
};

// What CUDA has for compute capability 9.0 (programming guide, "Warp Matrix Functions": element types and matrix
// sizes).
template <class T, class... List>
constexpr bool one_of = (std::is_same_v<T, List> || ...);
template <class Use, int M, int N, int K, class T>
constexpr bool exists() {
  constexpr bool sums = std::is_same_v<Use, accumulator>;
  constexpr bool large = K == 16 && ((M == 16 && N == 16) || (M == 32 && N == 8) || (M == 8 && N == 32));
  if constexpr (sums && large)
    return one_of<T, __half, float, int>;
  else if constexpr (large)
    return one_of<T, __half, __nv_bfloat16, signed char, unsigned char>;
  else if constexpr (M == 16 && N == 16 && K == 8)
    return sums ? one_of<T, float> : one_of<T, precision::tf32>;
  else if constexpr (M == 8 && N == 8 && K == 4)
    return one_of<T, double>;
  else
    return false;
}

template <class Use, int M, int N, int K, class T, class Layout = void>
struct fragment {
  static_assert(
      exists<Use, M, N, K, T>(),
      "wmma: expected 16x16x16, 32x8x16 or 8x32x16 for half, bfloat16, signed and unsigned char (with sums in half, "
      "float or int), 16x16x8 for tf32, or 8x8x4 for double");
  static_assert(std::is_same_v<Use, accumulator> == std::is_void_v<Layout>,
                "wmma: matrix_a and matrix_b have a layout (row_major or col_major), the accumulator has none");
  using element_type = typename stored<T>::type;
  using storage_element_type = element_type;
  static constexpr int rows = extent<Use, M, N, K>::rows, columns = extent<Use, M, N, K>::columns;
  static constexpr int own = rows * columns / 32;  // the elements of a lane; the others repeat them
  static constexpr int num_elements = std::is_same_v<T, __half> && !std::is_same_v<Use, accumulator> ? 16 : own;
  static constexpr int num_storage_elements = num_elements;
  element_type x[num_elements];

  fragment() {
    __builtin_memset(static_cast<void *>(x), 0xff, sizeof x);
  }  // NaN: a sum that nothing was put into shows
};

// Element `own` of a lane is at a row and a column, and back. Tiles of 8 by 8; in each a lane has two neighbours of a
// row. The matrices of double, 8x4 and 4x8, have an element for each lane.
struct Place {
  int row, column;
};
template <int rows, int columns>
constexpr Place place_of(int lane, int i) {
  if (rows * columns == 32) return columns == 4 ? Place{lane / 4, lane % 4} : Place{lane % 4, lane / 4};
  const int tile = i / 2, tile_rows = rows / 8;
  return {tile % tile_rows * 8 + lane / 4, tile / tile_rows * 8 + lane % 4 * 2 + i % 2};
}
struct Owner {
  int lane, i;
};
template <int rows, int columns>
constexpr Owner owner_of(int row, int column) {
  if (rows * columns == 32) return {columns == 4 ? row * 4 + column : column * 4 + row, 0};
  return {row % 8 * 4 + column % 8 / 2, (row / 8 + column / 8 * (rows / 8)) * 2 + column % 2};
}
}  // namespace wmma
}  // namespace nvcuda
