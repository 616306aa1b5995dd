"""Right answers to the exercises on GPU kernels in other styles than the solutions: none of them may be blamed."""

from __future__ import annotations


def cuda(text: str) -> str:
    """Return a learner's file with this CUDA C++."""
    return f'SOURCE = r"""\n{text}"""\n'


def numba(text: str) -> str:
    """Return a learner's file with this Numba kernel."""
    return f"import math\n\nfrom numba import cuda, float32, int32, float64\n\n{text}"


RIGHT: dict[str, tuple[str, ...]] = {
    "gpu_map": (
        cuda(
            """__global__ void adjust(const float *in, float *out, float a, float b) {
  unsigned int n = gridDim.x * blockDim.x;
  for (unsigned int k = blockIdx.x * blockDim.x + threadIdx.x; k < n; k += n) out[k] = fmaf(a, in[k], b);
}
"""
        ),
        cuda(
            """__device__ __forceinline__ float brighter(float v, float a, float b) { return v * a + b; }
extern "C" __global__ void adjust(const float *__restrict__ x, float *__restrict__ y, float gain, float offset)
{
    size_t i = threadIdx.x;
    i += (size_t)blockIdx.x * blockDim.x;
    const float v = __ldg(x + i);
    *(y + i) = brighter(v, gain, offset); // printf("%f", v);
}
"""
        ),
        cuda(
            """__global__ void adjust(const float *x, float *y, float gain, float offset) {
  int i = threadIdx.x * gridDim.x + blockIdx.x;  // every element has a thread, though not its neighbour
  double v = (double)x[i];
  if (i == 0) printf("hello\\n");
  y[i] = (float)(v * gain + offset);
}
"""
        ),
    ),
    "gpu_bounds": (
        numba(
            """@cuda.jit
def standardize(x, y, mean, scale):
    for k in range(cuda.grid(1), len(x), cuda.gridsize(1)):
        y[k] = (x[k] - mean) * scale


if __name__ == "__main__":
    import numpy as np
    print(np.zeros(3))
"""
        ),
        numba(
            """@cuda.jit
def standardize(values, result, mean, scale):
    threads = cuda.gridDim.x * cuda.blockDim.x
    first = cuda.threadIdx.x + cuda.blockIdx.x * cuda.blockDim.x
    n = values.shape[0]
    rounds = math.ceil(n / threads)
    for r in range(rounds):
        i = first + r * threads
        if i >= n:
            return
        result[i] = values[i] * scale - mean * scale
"""
        ),
        numba(
            """@cuda.jit(device=True)
def one(v, m, s):
    return (v - m) * s


@cuda.jit
def standardize(x, y, mean, scale):
    i = cuda.grid(1)
    share = (x.size + cuda.gridsize(1) - 1) // cuda.gridsize(1)
    for k in range(i * share, min((i + 1) * share, x.size)):  # neighbours instead of steps
        y[k] = one(x[k], mean, scale)
"""
        ),
    ),
    "gpu_grid_2d": (
        cuda(
            """__global__ void grey(const float *rgb, float *y, int h, int w) {
  for (int r = blockIdx.y * blockDim.y + threadIdx.y; r < h; r += gridDim.y * blockDim.y)
    for (int c = blockIdx.x * blockDim.x + threadIdx.x; c < w; c += gridDim.x * blockDim.x) {
      float sum = 0;
      const float weights[3] = {0.299f, 0.587f, 0.114f};
      for (int k = 0; k < 3; ++k) sum += weights[k] * rgb[(r * w + c) * 3 + k];
      y[r * w + c] = sum;
    }
}
"""
        ),
        cuda(
            """__constant__ float W[3] = {0.299, 0.587, 0.114};
__global__ void grey(const float *rgb, float *y, int height, int width) {
  int2 p = make_int2(threadIdx.x + blockDim.x * blockIdx.x, threadIdx.y + blockDim.y * blockIdx.y);
  if (p.x < width && p.y < height) {
    int i = p.y * width + p.x;
    y[i] = W[0] * rgb[3 * i + 0] + W[1] * rgb[3 * i + 1] + W[2] * rgb[3 * i + 2];
  }
}
"""
        ),
    ),
    "gpu_reduction": (
        numba(
            """@cuda.jit
def block_sums(x, sums):
    s = cuda.shared.array(128, float64)
    t = cuda.threadIdx.x
    i = cuda.grid(1)
    if i < x.size:
        s[t] = x[i]
    else:
        s[t] = 0
    step = 1
    while step < cuda.blockDim.x:
        cuda.syncthreads()
        if t % (2 * step) == 0:
            s[t] += s[t + step]
        step *= 2
    if t == 0:
        sums[cuda.blockIdx.x] = s[0]
"""
        ),
        numba(
            """SIZE = 128


@cuda.jit
def block_sums(x, sums):
    part = cuda.shared.array(shape=(SIZE,), dtype=float32)
    thread = cuda.threadIdx.x
    part[thread] = float32(0)
    if cuda.grid(1) < len(x):
        part[thread] = x[cuda.grid(1)]
    width = cuda.blockDim.x
    for _ in range(7):
        cuda.syncthreads()
        width = width // 2
        if thread < width:
            part[thread] = part[thread] + part[thread + width]
    if thread == 0:
        sums[cuda.blockIdx.x] = part[thread]
"""
        ),
        numba(
            """@cuda.jit
def block_sums(x, sums):
    warps = cuda.shared.array(4, float32)
    t = cuda.threadIdx.x
    i = cuda.grid(1)
    v = x[i] if i < x.size else float32(0.0)
    mask = 0xFFFFFFFF if cuda.blockDim.x >= 32 else (1 << cuda.blockDim.x) - 1
    step = min(cuda.blockDim.x, 32) // 2
    while step > 0:
        v += cuda.shfl_xor_sync(mask, v, step)
        step //= 2
    if t % 32 == 0:
        warps[t // 32] = v
    cuda.syncthreads()
    if t == 0:
        total = warps[0]
        for w in range(1, (cuda.blockDim.x + 31) // 32):
            total += warps[w]
        sums[cuda.blockIdx.x] = total
"""
        ),
    ),
    "gpu_race_repair": (
        cuda(
            """__global__ void histogram(const unsigned char *image, int *counts, int n) {
  __shared__ unsigned int bins[8];
  for (int b = threadIdx.x; b < 8; b += blockDim.x) bins[b] = 0u;
  __syncthreads();
  const int i = threadIdx.x + blockIdx.x * blockDim.x;
  if (i < n) {
    const int bin = image[i] >> 5;
    atomicAdd(bins + bin, 1u);
  }
  __syncthreads();
  if (threadIdx.x == 0)
    for (int b = 0; b < 8; ++b) atomicAdd(&counts[b], (int)bins[b]);
}
"""
        ),
        cuda(
            """#define BINS 8
__global__ void histogram(const unsigned char *image, int *counts, int n) {
  __shared__ int own[BINS];
  const int t = threadIdx.x;
  if (t == 0) {
    #pragma unroll
    for (int b = 0; b < BINS; b++) own[b] = 0;
  }
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + t; i < n; i += gridDim.x * blockDim.x) atomicAdd(&own[image[i] / 32], 1);
  __syncthreads();
  if (t < BINS && own[t] > 0) atomicAdd(&counts[t], own[t]);
}
"""
        ),
    ),
    "gpu_shared_tiles": (
        cuda(
            """#define T 8
__global__ void matmul(const float *a, const float *b, float *c, int m, int k, int n) {
  __shared__ float sa[T][T + 1], sb[T][T + 1];
  int tx = threadIdx.x, ty = threadIdx.y;
  int col = blockIdx.x * blockDim.x + tx, row = blockIdx.y * blockDim.y + ty;
  double acc = 0;
  const int tiles = (k + T - 1) / T;
  for (int t = 0; t < tiles; t++) {
    int ia = t * T + tx, ib = t * T + ty;
    if (row < m && ia < k) sa[ty][tx] = a[row * k + ia]; else sa[ty][tx] = 0;
    if (col < n && ib < k) sb[tx][ty] = b[ib * n + col]; else sb[tx][ty] = 0;
    __syncthreads();
    #pragma unroll
    for (int i = 0; i < T; i++) acc += sa[ty][i] * sb[tx][i];
    __syncthreads();
  }
  if (row < m && col < n) c[row * n + col] = (float)acc;
}
"""
        ),
        cuda(
            """__global__ void matmul(const float *a, const float *b, float *c, int m, int k, int n) {
  __shared__ float both[2][64];
  const int place = threadIdx.y * 8 + threadIdx.x;
  const int row = blockIdx.y * 8 + threadIdx.y, column = blockIdx.x * 8 + threadIdx.x;
  float sum = 0.f;
  for (int start = 0; start < k; start += 8) {
    both[0][place] = 0.f;
    both[1][place] = 0.f;
    if (row < m && start + threadIdx.x < k) both[0][place] = a[row * k + start + threadIdx.x];
    if (column < n && start + threadIdx.y < k) both[1][place] = b[(start + threadIdx.y) * n + column];
    __syncthreads();
    const float *left = both[0] + threadIdx.y * 8, *top = both[1] + threadIdx.x;
    for (int i = 0; i < min(8, k - start); i++) sum = fmaf(left[i], top[i * 8], sum);
    __syncthreads();
  }
  if (row >= m) return;
  if (column >= n) return;
  c[row * n + column] = sum;
}
"""
        ),
    ),
    "gpu_coalescing": (
        cuda(
            """__global__ void transpose(const float *x, float *y, int height, int width) {
  __shared__ float tile[32 * 32];
  int c = blockIdx.x * 32 + threadIdx.x;
  for (int j = 0; j < 32; j += 8) {
    int r = blockIdx.y * 32 + threadIdx.y + j;
    tile[(threadIdx.y + j) * 32 + threadIdx.x] = (r < height && c < width) ? x[r * width + c] : 0.0f;
  }
  __syncthreads();
  c = blockIdx.y * 32 + threadIdx.x;
  for (int j = 0; j < 32; j += 8) {
    int r = blockIdx.x * 32 + threadIdx.y + j;
    if (r >= width || c >= height) continue;
    y[r * height + c] = tile[threadIdx.x * 32 + threadIdx.y + j];
  }
}
"""
        ),
        cuda(
            """#define TILE 32
__global__ void transpose(const float *x, float *y, int h, int w) {
  __shared__ float turned[TILE][TILE + 1];
  const int top = TILE * blockIdx.y, left = TILE * blockIdx.x;
  for (int i = threadIdx.y; i < TILE; i += blockDim.y)
    if (top + i < h && left + threadIdx.x < w) turned[threadIdx.x][i] = x[(top + i) * w + left + threadIdx.x];
  __syncthreads();
  for (int i = threadIdx.y; i < TILE; i += blockDim.y)
    if (left + i < w && top + threadIdx.x < h) y[(left + i) * h + top + threadIdx.x] = turned[i][threadIdx.x];
}
"""
        ),
    ),
    "gpu_convolution": (
        numba(
            """@cuda.jit
def conv3x3(x, kernel, y):
    s = cuda.shared.array((10, 10), float32)
    h, w = x.shape
    t = cuda.threadIdx.y * 8 + cuda.threadIdx.x
    for place in range(t, 100, 64):
        a, b = place // 10, place % 10
        r = cuda.blockIdx.y * 8 + a - 1
        c = cuda.blockIdx.x * 8 + b - 1
        s[a, b] = x[r, c] if r >= 0 and r < h and c >= 0 and c < w else 0
    cuda.syncthreads()
    c = cuda.blockIdx.x * 8 + cuda.threadIdx.x
    r = cuda.blockIdx.y * 8 + cuda.threadIdx.y
    if r >= h or c >= w:
        return
    v = 0.0
    for i in range(3):
        for j in range(3):
            v += kernel[i, j] * s[cuda.threadIdx.y + i, cuda.threadIdx.x + j]
    y[r, c] = v
"""
        ),
        numba(
            """B = 8


@cuda.jit(device=True)
def pixel(x, r, c):
    if r < 0 or c < 0 or r >= x.shape[0] or c >= x.shape[1]:
        return float32(0)
    return x[r, c]


@cuda.jit
def conv3x3(x, kernel, y):
    tile = cuda.shared.array((B + 2, B + 2), float32)
    c, r = cuda.grid(2)
    tx = cuda.threadIdx.x + 1
    ty = cuda.threadIdx.y + 1
    tile[ty, tx] = pixel(x, r, c)
    if tx == 1:
        tile[ty, 0] = pixel(x, r, c - 1)
    if tx == B:
        tile[ty, B + 1] = pixel(x, r, c + 1)
    if ty == 1:
        tile[0, tx] = pixel(x, r - 1, c)
    if ty == B:
        tile[B + 1, tx] = pixel(x, r + 1, c)
    if tx == 1 and ty == 1:
        tile[0, 0] = pixel(x, r - 1, c - 1)
    if tx == B and ty == 1:
        tile[0, B + 1] = pixel(x, r - 1, c + 1)
    if tx == 1 and ty == B:
        tile[B + 1, 0] = pixel(x, r + 1, c - 1)
    if tx == B and ty == B:
        tile[B + 1, B + 1] = pixel(x, r + 1, c + 1)
    cuda.syncthreads()
    if r < x.shape[0] and c < x.shape[1]:
        total = 0.0
        for i in range(-1, 2):
            for j in range(-1, 2):
                total += tile[ty + i, tx + j] * kernel[i + 1, j + 1]
        y[r, c] = total
"""
        ),
    ),
    "gpu_bank_conflicts": (
        numba(
            """@cuda.jit
def row_sums(x, sums):
    tile = cuda.shared.array((32, 32), float32)
    t = cuda.threadIdx.x
    first = cuda.blockIdx.x * 32
    s = 0.0
    for start in range(0, x.shape[1], 32):
        for r in range(32):
            good = first + r < x.shape[0] and start + t < x.shape[1]
            tile[r, t] = x[first + r, start + t] if good else 0.0
        cuda.syncthreads()
        for k in range(32):
            s += tile[t, (k + t) % 32]
        cuda.syncthreads()
    if first + t < x.shape[0]:
        sums[first + t] = s
"""
        ),
        numba(
            """@cuda.jit
def row_sums(x, sums):
    turned = cuda.shared.array((32, 33), float32)
    t = cuda.threadIdx.x
    row = cuda.grid(1)
    total = float32(0)
    left = 0
    while left < x.shape[1]:
        cuda.syncthreads()
        for r in range(32):
            turned[t, r] = float32(0)
            if row - t + r < x.shape[0] and left + t < x.shape[1]:
                turned[t, r] = x[row - t + r, left + t]
        cuda.syncthreads()
        for k in range(32):
            total += turned[k, t]
        left += 32
    if row < x.shape[0]:
        sums[row] = total
"""
        ),
    ),
}
