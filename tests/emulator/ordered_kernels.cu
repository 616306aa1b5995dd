// Right kernels of many kinds. Each barrier and fence has a number, unique in its kernel; with `without` set to it, it
// is left out.
#define KEEP(number, statement)       \
  do {                                \
    if (without != number) statement; \
  } while (0)

extern "C" __global__ void reduce(const float *x, float *y, int without) {
  __shared__ float part[64];
  part[threadIdx.x] = x[threadIdx.x];
  for (int half = 32; half > 0; half /= 2) {
    KEEP(0, __syncthreads());
    if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
  }
  if (threadIdx.x == 0) y[0] = part[0];
}
extern "C" __global__ void tiles(const float *x, float *y, int without) {
  __shared__ float a[8][8], b[8][8];
  float sum = 0;
  for (int k = 0; k < 16; k += 8) {
    a[threadIdx.y][threadIdx.x] = x[threadIdx.y * 16 + k + threadIdx.x];
    b[threadIdx.y][threadIdx.x] = x[(k + threadIdx.y) * 8 + threadIdx.x];
    KEEP(0, __syncthreads());
    for (int j = 0; j < 8; j++) sum += a[threadIdx.y][j] * b[j][threadIdx.x];
    KEEP(1, __syncthreads());
  }
  y[threadIdx.y * 8 + threadIdx.x] = sum;
}
extern "C" __global__ void scan_steps(const int *x, int *y, int without) {
  __shared__ int s[64];
  s[threadIdx.x] = x[threadIdx.x];
  for (int d = 1; d < 64; d *= 2) {
    KEEP(0, __syncthreads());
    const int add = threadIdx.x >= d ? s[threadIdx.x - d] : 0;
    KEEP(1, __syncthreads());
    s[threadIdx.x] += add;
  }
  y[threadIdx.x] = s[threadIdx.x];
}
extern "C" __global__ void scan_tree(const int *x, int *y, int without) {
  extern __shared__ int tree[];
  const int t = threadIdx.x;
  tree[2 * t] = x[2 * t];
  tree[2 * t + 1] = x[2 * t + 1];
  int offset = 1;
  for (int d = 32; d > 0; d /= 2) {
    KEEP(0, __syncthreads());
    if (t < d) tree[offset * (2 * t + 2) - 1] += tree[offset * (2 * t + 1) - 1];
    offset *= 2;
  }
  if (t == 0) tree[63] = 0;
  for (int d = 1; d < 64; d *= 2) {
    offset /= 2;
    KEEP(1, __syncthreads());
    if (t < d) {
      const int i = offset * (2 * t + 1) - 1, j = offset * (2 * t + 2) - 1, kept = tree[i];
      tree[i] = tree[j];
      tree[j] += kept;
    }
  }
  KEEP(2, __syncthreads());
  y[t] = tree[t];
  y[t + 32] = tree[t + 32];
}
extern "C" __global__ void transpose(const float *x, float *y, int without) {
  __shared__ float tile[16][17];
  for (int i = threadIdx.y; i < 16; i += 4) tile[i][threadIdx.x] = x[i * 16 + threadIdx.x];
  KEEP(0, __syncthreads());
  for (int i = threadIdx.y; i < 16; i += 4) y[i * 16 + threadIdx.x] = tile[threadIdx.x][i];
}
extern "C" __global__ void halo(const float *x, float *y, int without) {
  __shared__ float s[66];
  s[threadIdx.x + 1] = x[threadIdx.x];
  if (threadIdx.x < 2) s[threadIdx.x * 65] = 0;
  for (int k = 0; k < 3; k++) {
    KEEP(0, __syncthreads());
    const float next = s[threadIdx.x] + s[threadIdx.x + 2];
    KEEP(1, __syncthreads());
    s[threadIdx.x + 1] = next;
  }
  y[threadIdx.x] = s[threadIdx.x + 1];
}
extern "C" __global__ void histogram(const int *x, int *y, int without) {
  __shared__ int bins[8];
  if (threadIdx.x < 8) bins[threadIdx.x] = 0;
  KEEP(0, __syncthreads());
  atomicAdd(&bins[x[threadIdx.x] & 7], 1);
  KEEP(1, __syncthreads());
  if (threadIdx.x < 8) atomicAdd(&y[threadIdx.x], bins[threadIdx.x]);
}
extern "C" __global__ void bitonic(int *y, int without) {
  __shared__ int s[64];
  s[threadIdx.x] = y[threadIdx.x];
  for (int size = 2; size <= 64; size *= 2)
    for (int stride = size / 2; stride > 0; stride /= 2) {
      KEEP(0, __syncthreads());
      const int other = threadIdx.x ^ stride;
      if (other > threadIdx.x) {
        const bool up = (threadIdx.x & size) == 0;
        if ((s[threadIdx.x] > s[other]) == up) {
          const int kept = s[threadIdx.x];
          s[threadIdx.x] = s[other];
          s[other] = kept;
        }
      }
    }
  KEEP(1, __syncthreads());
  y[threadIdx.x] = s[63 - threadIdx.x];
}
extern "C" __global__ void warp_tail(const float *x, float *y, int without) {
  __shared__ volatile float s[64];
  s[threadIdx.x] = x[threadIdx.x];
  KEEP(0, __syncthreads());
  if (threadIdx.x < 32) {
    float sum = s[threadIdx.x] + s[threadIdx.x + 32];
    s[threadIdx.x] = sum;
    for (int d = 16; d > 0; d /= 2) {
      KEEP(1, __syncwarp());
      sum += s[(threadIdx.x + d) % 32];
      KEEP(2, __syncwarp());
      s[threadIdx.x] = sum;
    }
    if (threadIdx.x == 0) y[0] = sum;
  }
}
extern "C" __global__ void odd_even(int *y, int without) {
  __shared__ int s[65];
  s[threadIdx.x] = y[threadIdx.x];
  if (threadIdx.x == 0) s[64] = 1 << 30;
  for (int k = 0; k < 64; k++) {
    KEEP(0, __syncthreads());
    if (threadIdx.x % 2 == k % 2 && s[threadIdx.x] > s[threadIdx.x + 1]) {
      const int kept = s[threadIdx.x];
      s[threadIdx.x] = s[threadIdx.x + 1];
      s[threadIdx.x + 1] = kept;
    }
  }
  KEEP(1, __syncthreads());
  y[threadIdx.x] = s[threadIdx.x];
}
extern "C" __global__ void two_buffers(const float *x, float *y, int without) {  // one barrier a step is enough
  __shared__ float s[2][64];
  s[0][threadIdx.x] = x[threadIdx.x];
  for (int k = 0; k < 4; k++) {
    KEEP(0, __syncthreads());
    s[1 - k % 2][threadIdx.x] = s[k % 2][threadIdx.x] + s[k % 2][(threadIdx.x + 1) % 64];
  }
  y[threadIdx.x] = s[0][threadIdx.x];
}
extern "C" __global__ void block_sum(const float *x, float *y, int without) {  // shuffles, then shared memory
  __shared__ float sums[2];
  __shared__ float total;
  float sum = x[threadIdx.x];
  for (int d = 16; d > 0; d /= 2) sum += __shfl_down_sync(0xffffffffu, sum, d);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
  KEEP(0, __syncthreads());
  if (threadIdx.x == 0) total = sums[0] + sums[1];
  KEEP(1, __syncthreads());
  y[threadIdx.x] = x[threadIdx.x] / total;
}
extern "C" __global__ void compact(const int *x, int *y, int without) {
  __shared__ int count, kept[64];
  if (threadIdx.x == 0) count = 0;
  KEEP(0, __syncthreads());
  if (x[threadIdx.x] > 4) kept[atomicAdd(&count, 1)] = x[threadIdx.x];
  KEEP(1, __syncthreads());
  if (threadIdx.x < count) y[threadIdx.x] = kept[threadIdx.x];
}
extern "C" __global__ void life(int *y, int without) {
  __shared__ int alive[10][10];
  const int i = threadIdx.y + 1, j = threadIdx.x + 1, t = threadIdx.y * 8 + threadIdx.x;
  if (t < 20) alive[t / 10 * 9][t % 10] = 0;
  if (t >= 20 && t < 36) alive[(t - 20) % 8 + 1][(t - 20) / 8 * 9] = 0;
  alive[i][j] = y[t];
  for (int k = 0; k < 2; k++) {
    KEEP(0, __syncthreads());
    int around = -alive[i][j];
    for (int a = -1; a < 2; a++)
      for (int b = -1; b < 2; b++) around += alive[i + a][j + b];
    KEEP(1, __syncthreads());
    alive[i][j] = around == 3 || (around == 2 && alive[i][j]);
  }
  y[t] = alive[i][j];
}

// Fences and atomics.
extern "C" __global__ void last_block(const float *x, volatile float *sums, unsigned *count, float *y, int without) {
  __shared__ bool is_last;
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = x[blockIdx.x];
    KEEP(0, __threadfence());
    is_last = atomicInc(count, gridDim.x) == gridDim.x - 1;
  }
  KEEP(1, __syncthreads());
  if (is_last) {
    float total = 0;
    for (int i = 0; i < gridDim.x; i++) total += sums[i];
    y[threadIdx.x] = total;
    if (threadIdx.x == 0) *count = 0;
  }
}
extern "C" __global__ void last_block_all(const float *x, float *sums, unsigned *count, float *y,
                                          int without) {  // each thread writes
  __shared__ bool is_last;
  sums[blockIdx.x * blockDim.x + threadIdx.x] = x[blockIdx.x];
  KEEP(0, __threadfence());
  KEEP(1, __syncthreads());
  if (threadIdx.x == 0) is_last = atomicAdd(count, 1) == gridDim.x - 1;
  KEEP(2, __syncthreads());
  if (is_last) y[threadIdx.x] = sums[threadIdx.x] + sums[(gridDim.x - 1) * blockDim.x + threadIdx.x];
}
extern "C" __global__ void lock(int *held, int *y, int without) {
  for (bool done = false; !done;) {
    if (atomicCAS(held, 0, 1) == 0) {
      KEEP(0, __threadfence());
      y[0] = y[0] + 1;
      KEEP(1, __threadfence());
      atomicExch(held, 0);
      done = true;
    }
  }
}
extern "C" __global__ void ticket_lock(int *next, volatile int *serving, int *y, int without) {
  if (threadIdx.x == 0) {
    const int mine = atomicAdd(next, 1);
    while (*serving != mine) {
    }
    KEEP(0, __threadfence());
    y[0] = y[0] * 2 + 1;
    KEEP(1, __threadfence());
    *serving = mine + 1;
  }
}
extern "C" __global__ void two_warps(int *y, int without) {  // one warp waits for the other, as is legal since Volta
  __shared__ volatile int ready;
  __shared__ int data[32];
  if (threadIdx.x == 0) ready = 0;
  KEEP(0, __syncthreads());
  if (threadIdx.x >= 32) {
    data[threadIdx.x - 32] = threadIdx.x;
    KEEP(1, __syncwarp());
    if (threadIdx.x == 32) {
      KEEP(2, __threadfence_block());
      ready = 1;
    }
  } else {
    if (threadIdx.x == 0) {
      while (ready == 0) {
      }
      __threadfence_block();
    }
    KEEP(3, __syncwarp());
    y[threadIdx.x] = data[31 - threadIdx.x];
  }
}
extern "C" __global__ void own_grid_barrier(unsigned *count, volatile unsigned *round, float *x, float *y,
                                            int without) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x, n = gridDim.x * blockDim.x;
  y[i] = x[i] + 1;
  KEEP(0, __syncthreads());
  if (threadIdx.x == 0) {
    const unsigned now = *round;
    KEEP(1, __threadfence());
    if (atomicAdd(count, 1) == gridDim.x - 1) {
      *count = 0;
      KEEP(2, __threadfence());
      *round = now + 1;
    } else {
      while (*round == now) {
      }
      __threadfence();
    }
  }
  KEEP(3, __syncthreads());
  x[i] = y[n - 1 - i];
}
extern "C" __global__ void grid_steps(float *x, float *y, int without) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x, n = gridDim.x * blockDim.x;
  for (int k = 0; k < 2; k++) {
    y[i] = x[(i + 1) % n];
    KEEP(0, tinyseg_sync_grid(__FILE__, __LINE__));
    x[i] = y[i] + 1;
    KEEP(1, tinyseg_sync_grid(__FILE__, __LINE__));
  }
}
extern "C" __global__ void chain(const int *x, int *y, volatile int *flag,
                                 int without) {  // each block waits for the one before it
  if (threadIdx.x != 0) return;
  int before = 0;
  if (blockIdx.x > 0) {
    while (flag[blockIdx.x - 1] == 0) {
    }
    KEEP(0, __threadfence());
    before = y[blockIdx.x - 1];
  }
  y[blockIdx.x] = before + x[blockIdx.x];
  KEEP(1, __threadfence());
  flag[blockIdx.x] = 1;
}
extern "C" __global__ void one_word(const int *x, int *y, volatile unsigned long long *state,
                                    int without) {  // flag and number together need no fence
  if (threadIdx.x != 0) return;
  unsigned long long before = 0;
  if (blockIdx.x > 0) do
      before = state[blockIdx.x - 1];
    while (before >> 32 == 0);
  const unsigned sum = unsigned(before) + unsigned(x[blockIdx.x]);
  state[blockIdx.x] = 1ull << 32 | sum;
  y[blockIdx.x] = int(sum);
}
