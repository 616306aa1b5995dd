// Winograd's convolution F(4x4, 3x3): 16 outputs of a 3x3 kernel with 36 multiplications instead of 144. The transforms; the products are gemm/batched.cu.
//
// Why. A correlation of d (6 numbers) with g (3) has 4 outputs, y_i = sum over k of d_{i+k} g_k, and is linear in d. Seen as a map of d it is the transpose of the map
// h -> g * h, the product of two polynomials of 3 and 4 coefficients. That product has 6 coefficients, so it is known from its values at 6 points (infinity, whose
// value is the leading coefficient, counts as one): 6 multiplications instead of 12. With V the matrix of values of a polynomial of 6 coefficients at the points
// (row i: 1, a_i, a_i^2, ...; infinity: 0 ... 0 1), and V3, V4 its first 3 and 4 columns (with infinity's row ending in 1 as well),
//
//     g * h = V^-1 [(V3 g) . (V4 h)]        transposed in h:        y = V4^T [(V3 g) . (V^-T d)]
//
// that is y = A^T [(G g) . (B^T d)], with A^T = V4^T, G = V3 and B^T = V^-T. Row i of V^-T holds the coefficients of prod_{j != i} (x - a_j), divided by
// s_i = prod_{j != i} (a_i - a_j); infinity's row those of prod_j (x - a_j). Here s_i is moved from B^T to G: that leaves B^T short. In two dimensions everything is done along
// both axes: Y = A^T [(G g G^T) . (B^T d B)] A, 6 * 6 products for 4 * 4 outputs. Summed over channels, the products at each of the 36 places are a matrix product
// [tiles x C] [C x F].
//
// The points 0, +-P, +-Q, infinity decide how rounding errors grow. With P = 5/8, Q = 3/2 the relative error in float32 is half that of the usual 1 and 2 (7.6e-7 against
// 1.6e-6 in norm for 64 channels); all of B^T and A^T is exact in binary.
//
// Gradients. y is linear in d and in g, so each gradient is a transpose. dx is a correlation of dy with the turned kernel, by the same three steps. For the kernel,
//     dg = G^T [(B^T d B) . (A dY A^T)] G,        summed over all tiles: at each of the 36 places a matrix product [C x tiles] [tiles x F].
//
// What it gains: 4 times fewer multiplications than the sum itself. What it costs: the transformed tiles are written and read, 36 numbers for 16 pixels, so it pays when
// many filters use them.
// Source: Winograd, "Arithmetic complexity of computations", 1980; Lavin and Gray, arXiv:1509.09308.
#include "common.cuh"

#define POINTS 36

constexpr real P = 0.625, Q = 1.5, PP = P * P, QQ = Q * Q;

struct InputMatrix {  // B^T
  static constexpr int rows = 6, columns = 6;
  static __device__ __forceinline__ constexpr real at(int i, int j) {
    constexpr real m[6][6] = {{PP * QQ, 0, -PP - QQ, 0, 1, 0}, {0, -P * QQ, -QQ, P, 1, 0}, {0, P * QQ, -QQ, -P, 1, 0},
                              {0, -Q * PP, -PP, Q, 1, 0},      {0, Q * PP, -PP, -Q, 1, 0}, {0, PP * QQ, 0, -PP - QQ, 0, 1}};
    return m[i][j];
  }
};

struct KernelMatrix {  // G
  static constexpr int rows = 6, columns = 3;
  static __device__ __forceinline__ constexpr real at(int i, int j) {
    constexpr real s0 = PP * QQ, sp = 2 * PP * (PP - QQ), sq = 2 * QQ * (QQ - PP);
    constexpr real m[6][3] = {{1 / s0, 0, 0}, {1 / sp, P / sp, PP / sp}, {1 / sp, -P / sp, PP / sp}, {1 / sq, Q / sq, QQ / sq}, {1 / sq, -Q / sq, QQ / sq}, {0, 0, 1}};
    return m[i][j];
  }
};

struct OutputMatrix {  // A^T
  static constexpr int rows = 4, columns = 6;
  static __device__ __forceinline__ constexpr real at(int i, int j) {
    constexpr real m[4][6] = {{1, 1, 1, 1, 1, 0}, {0, P, -P, Q, -Q, 0}, {0, PP, PP, QQ, QQ, 0}, {0, PP * P, -PP * P, QQ * Q, -QQ * Q, 1}};
    return m[i][j];
  }
};

template <class M>
struct Transposed {
  static constexpr int rows = M::columns, columns = M::rows;
  static __device__ __forceinline__ constexpr real at(int i, int j) { return M::at(j, i); }
};

// d = M d M^T, in place. All indices are known when it is compiled: d lies in registers, and a product with 0 is left out.
template <class M>
__device__ __forceinline__ void transform(real (&d)[6][6]) {
#pragma unroll
  for (int j = 0; j < M::columns; j++) {
    real v[M::rows];
#pragma unroll
    for (int i = 0; i < M::rows; i++) {
      v[i] = 0;
#pragma unroll
      for (int k = 0; k < M::columns; k++)
        if (M::at(i, k) != 0) v[i] += M::at(i, k) * d[k][j];
    }
#pragma unroll
    for (int i = 0; i < M::rows; i++) d[i][j] = v[i];
  }
#pragma unroll
  for (int i = 0; i < M::rows; i++) {
    real v[M::rows];
#pragma unroll
    for (int j = 0; j < M::rows; j++) {
      v[j] = 0;
#pragma unroll
      for (int k = 0; k < M::columns; k++)
        if (M::at(j, k) != 0) v[j] += M::at(j, k) * d[i][k];
    }
#pragma unroll
    for (int j = 0; j < M::rows; j++) d[i][j] = v[j];
  }
}

// u[point, row, column] = (G g G^T)[point]: of g = kernel[., ., c, f], (row, column) = (c, f); turned: of the kernel turned by 180 degrees, (row, column) = (f, c), for dx.
extern "C" __global__ void __launch_bounds__(256)
    winograd_kernel(const real *__restrict__ kernel, real *__restrict__ u, int channels, int filters, int turned) {
  const int pairs = channels * filters;
  for (int t = grid_thread(); t < pairs; t += grid_threads()) {
    const int c = turned ? t % channels : t / filters, f = turned ? t / channels : t % filters;
    real d[6][6];
#pragma unroll
    for (int i = 0; i < 3; i++)
#pragma unroll
      for (int j = 0; j < 3; j++) d[i][j] = kernel[(long long)(turned ? 8 - 3 * i - j : 3 * i + j) * pairs + (long long)c * filters + f];
    transform<KernelMatrix>(d);
#pragma unroll
    for (int p = 0; p < POINTS; p++) u[(long long)p * pairs + t] = d[p / 6][p % 6];
  }
}

// v[point, tile, c] = (M d M^T)[point] of the M::columns x M::columns patch of x at rows 4 * th - top and columns 4 * tw - left; zeros outside of x.
// Tiles first .. first + tiles - 1 of all, in the order (n, th, tw). Neighbouring threads take neighbouring channels.
template <class M>
__device__ __forceinline__ void patches(const real *__restrict__ x, real *__restrict__ v, int height, int width, int channels, int tiles_h, int tiles_w, int top, int left,
                                        int first, int tiles) {
  const int count = tiles * channels;
  for (int t = grid_thread(); t < count; t += grid_threads()) {
    const int c = t % channels, tile = first + t / channels;
    const int tw = tile % tiles_w, th = tile / tiles_w % tiles_h, n = tile / tiles_w / tiles_h;
    real d[6][6];
#pragma unroll
    for (int i = 0; i < M::columns; i++) {
      const int h = 4 * th - top + i;
#pragma unroll
      for (int j = 0; j < M::columns; j++) {
        const int w = 4 * tw - left + j;
        const bool inside = h >= 0 && h < height && w >= 0 && w < width;
        d[i][j] = inside ? x[((long long)(n * height + h) * width + w) * channels + c] : 0;
      }
    }
    transform<M>(d);
#pragma unroll
    for (int p = 0; p < POINTS; p++) v[(long long)p * count + t] = d[p / 6][p % 6];
  }
}

// B^T d B of the 6x6 pixels that a tile of 4x4 outputs sees.
extern "C" __global__ void __launch_bounds__(256)
    winograd_input(const real *__restrict__ x, real *__restrict__ v, int height, int width, int channels, int tiles_h, int tiles_w, int top, int left, int first, int tiles) {
  patches<InputMatrix>(x, v, height, width, channels, tiles_h, tiles_w, top, left, first, tiles);
}

// A dY A^T of a tile of 4x4 upstream gradients.
extern "C" __global__ void __launch_bounds__(256)
    winograd_upstream(const real *__restrict__ dy, real *__restrict__ v, int height, int width, int filters, int tiles_h, int tiles_w, int first, int tiles) {
  patches<Transposed<OutputMatrix>>(dy, v, height, width, filters, tiles_h, tiles_w, 0, 0, first, tiles);
}

// y = A^T m A + bias, for the tiles first .. first + tiles - 1; m is (36, tiles, filters).
extern "C" __global__ void __launch_bounds__(256)
    winograd_output(const real *__restrict__ m, const real *__restrict__ bias, real *__restrict__ y, int height, int width, int filters, int tiles_h, int tiles_w, int first,
                    int tiles, int has_bias) {
  const int count = tiles * filters;
  for (int t = grid_thread(); t < count; t += grid_threads()) {
    const int f = t % filters, tile = first + t / filters;
    const int tw = tile % tiles_w, th = tile / tiles_w % tiles_h, n = tile / tiles_w / tiles_h;
    real d[6][6];
#pragma unroll
    for (int p = 0; p < POINTS; p++) d[p / 6][p % 6] = m[(long long)p * count + t];
    transform<OutputMatrix>(d);
    const real b = has_bias ? bias[f] : 0;
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
      for (int j = 0; j < 4; j++) {
        const int h = 4 * th + i, w = 4 * tw + j;
        if (h < height && w < width) y[((long long)(n * height + h) * width + w) * filters + f] = d[i][j] + b;
      }
  }
}

// dkernel[., ., pair] = G^T (sum of the partial sums) G, or added to what is there; parts is (splits, 36, pairs) with pair = (c, f). Added in this order in every run.
extern "C" __global__ void __launch_bounds__(256)
    winograd_kernel_gradient(const real *__restrict__ parts, real *__restrict__ dkernel, int splits, int pairs, int add) {
  for (int t = grid_thread(); t < pairs; t += grid_threads()) {
    real d[6][6];
#pragma unroll
    for (int p = 0; p < POINTS; p++) d[p / 6][p % 6] = parts[(long long)p * pairs + t];
    for (int s = 1; s < splits; s++)
#pragma unroll
      for (int p = 0; p < POINTS; p++) d[p / 6][p % 6] += parts[((long long)s * POINTS + p) * pairs + t];
    transform<Transposed<KernelMatrix>>(d);
#pragma unroll
    for (int k = 0; k < 9; k++) {
      real *to = dkernel + (long long)k * pairs + t;
      *to = d[k / 3][k % 3] + (add ? *to : 0);
    }
  }
}
