// Adam, SGD and RMSprop for all tensors of a network in one launch, and the scales that clip gradients by their norm.
//
// A network has many small tensors; a launch for each would take longer than their updates. So the tensors are cut into chunks, a block for each chunk, and
// a table on the device says where they lie. Row k of the table holds one number for each of T tensors:
//
//     row 0                    first chunk (T + 1 numbers: the last is the number of all chunks)
//     then, T numbers each:    size, address of p, of g, of slots 0, 1, 2 (0 where the rule has no such slot)
//
// Each number of p, g and the slots is read once, p and the slots are written once, 16 bytes at a time: what an update costs at least.
#define VECTOR 1
#include "pack.cuh"

#define THREADS 256
#define CHUNK 8192

enum Row { SIZE, PARAMETER, GRADIENT, SLOT };

struct Chunk {
  const long long *table;
  int tensors, tensor;
  long long start, end;  // numbers of the tensor that belong to the chunk

  // The tensor whose chunks include this block's: the last one whose first chunk is not beyond it, found by halving.
  __device__ __forceinline__ Chunk(const long long *table, int tensors) : table(table), tensors(tensors) {
    int low = 0, high = tensors;
    while (high - low > 1) {
      const int middle = (low + high) / 2;
      if (table[middle] <= blockIdx.x)
        low = middle;
      else
        high = middle;
    }
    tensor = low;
    start = (blockIdx.x - table[tensor]) * CHUNK;
    const long long size = row(SIZE);
    end = start + CHUNK < size ? start + CHUNK : size;
  }

  __device__ __forceinline__ long long row(int k) const { return table[tensors + 1 + k * tensors + tensor]; }
  __device__ __forceinline__ real *address(int k) const { return reinterpret_cast<real *>(row(k)); }
};

__device__ __forceinline__ bool aligned(const real *place) { return reinterpret_cast<unsigned long long>(place) % sizeof(Pack<real>) == 0; }

// What is done to gradients and parameters before the rule.
struct Preparation {
  real scale, clipvalue, decay;

  __device__ __forceinline__ void apply(real &p, real &g) const {
    g *= scale;
    g = g < -clipvalue ? -clipvalue : g > clipvalue ? clipvalue : g;  // NaN stays NaN
    if (decay != 0) p -= p * decay;
  }
};

template <int N>
__device__ __forceinline__ Pack<real, N> &pack_at(const real *place) {
  return *reinterpret_cast<Pack<real, N> *>(const_cast<real *>(place));
}

// Calls rule(p, g, s) for N neighbouring numbers, with those of three slots in s; slots that are not there are neither read nor written.
template <int N, typename Rule>
__device__ __forceinline__ void update_pack(real *p, const real *g, real *const (&s)[3], long long i, const Preparation &preparation,
                                            const Rule &rule) {
  Pack<real, N> values = pack_at<N>(p + i), slots[3];
  const Pack<real, N> gradients = pack_at<N>(g + i);
#pragma unroll
  for (int k = 0; k < 3; k++)
    if (s[k]) slots[k] = pack_at<N>(s[k] + i);
#pragma unroll
  for (int j = 0; j < N; j++) {
    real gradient = gradients.v[j], slot[3];
#pragma unroll
    for (int k = 0; k < 3; k++) slot[k] = s[k] ? slots[k].v[j] : 0;
    preparation.apply(values.v[j], gradient);
    rule(values.v[j], gradient, slot);
#pragma unroll
    for (int k = 0; k < 3; k++) slots[k].v[j] = slot[k];
  }
  pack_at<N>(p + i) = values;
#pragma unroll
  for (int k = 0; k < 3; k++)
    if (s[k]) pack_at<N>(s[k] + i) = slots[k];
}

// Updates this block's chunk: in packs as far as they reach, the rest (and tensors that are not aligned, such as views) number by number.
template <typename Rule>
__device__ __forceinline__ void update(const long long *table, int tensors, const real *scales, real clipvalue, real decay,
                                       const Rule &rule) {
  const Chunk chunk(table, tensors);
  const Preparation preparation = {scales[chunk.tensor], clipvalue, decay};
  real *p = chunk.address(PARAMETER);
  const real *g = chunk.address(GRADIENT);
  real *const s[3] = {chunk.address(SLOT), chunk.address(SLOT + 1), chunk.address(SLOT + 2)};
  const bool packs = aligned(p) && aligned(g) && aligned(s[0]) && aligned(s[1]) && aligned(s[2]);
  const long long rest = packs ? chunk.start + (chunk.end - chunk.start) / WIDTH * WIDTH : chunk.start;
  for (long long i = chunk.start + threadIdx.x * WIDTH; i < rest; i += THREADS * WIDTH) update_pack<WIDTH>(p, g, s, i, preparation, rule);
  for (long long i = rest + threadIdx.x; i < chunk.end; i += THREADS) update_pack<1>(p, g, s, i, preparation, rule);
}

// m += (g - m) * (1 - b1), v += (g^2 - v) * (1 - b2), p -= rate * m / (sqrt(v) + epsilon)
struct Adam {
  real rate, share_1, share_2, epsilon;
  __device__ __forceinline__ void operator()(real &p, real g, real (&s)[3]) const {
    s[0] += (g - s[0]) * share_1;
    s[1] += (g * g - s[1]) * share_2;
    p -= s[0] * rate / (sqrt(s[1]) + epsilon);
  }
};

extern "C" __global__ void __launch_bounds__(THREADS)
    adam_update(const long long *table, int tensors, const real *scales, real clipvalue, real decay, real rate, real share_1,
                real share_2, real epsilon) {
  update(table, tensors, scales, clipvalue, decay, Adam{rate, share_1, share_2, epsilon});
}

// p -= rate * g; with momentum v = momentum * v - rate * g and p += v, by Nesterov p += momentum * v - rate * g
struct Sgd {
  real rate, momentum;
  int has_momentum, nesterov;
  __device__ __forceinline__ void operator()(real &p, real g, real (&s)[3]) const {
    real step = -rate * g;
    if (has_momentum) {
      s[0] = momentum * s[0] + step;
      step = nesterov ? momentum * s[0] + step : s[0];
    }
    p += step;
  }
};

extern "C" __global__ void __launch_bounds__(THREADS)
    sgd_update(const long long *table, int tensors, const real *scales, real clipvalue, real decay, real rate, real momentum,
               int has_momentum, int nesterov) {
  update(table, tensors, scales, clipvalue, decay, Sgd{rate, momentum, has_momentum, nesterov});
}

// v = rho * v + (1 - rho) * g^2, step = rate * g / sqrt(v + epsilon), p -= step. Slots: v, the momentum u, the average gradient a.
struct RmsProp {
  real rate, rho, share, momentum, epsilon;
  int has_momentum, centered;
  __device__ __forceinline__ void operator()(real &p, real g, real (&s)[3]) const {
    s[0] = rho * s[0] + share * (g * g);
    real variance = s[0] + epsilon;
    if (centered) {
      s[2] = rho * s[2] + share * g;
      variance -= s[2] * s[2];
    }
    real step = rate * g / sqrt(variance);
    if (has_momentum) step = s[1] = momentum * s[1] + step;
    p -= step;
  }
};

extern "C" __global__ void __launch_bounds__(THREADS)
    rmsprop_update(const long long *table, int tensors, const real *scales, real clipvalue, real decay, real rate, real rho,
                   real share, real momentum, real epsilon, int has_momentum, int centered) {
  update(table, tensors, scales, clipvalue, decay, RmsProp{rate, rho, share, momentum, epsilon, has_momentum, centered});
}

// The sum of the squares of each chunk of the gradients, in float64.
extern "C" __global__ void __launch_bounds__(THREADS) square_sums(const long long *table, int tensors, double *sums) {
  __shared__ double scratch[THREADS / WARP];
  const Chunk chunk(table, tensors);
  const real *g = chunk.address(GRADIENT);
  double sum = 0;
  for (long long i = chunk.start + threadIdx.x; i < chunk.end; i += THREADS) sum += (double)g[i] * g[i];
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

// min(1, limit / norm) from the sums of chunks: a block for each tensor, or one block for all tensors together.
extern "C" __global__ void __launch_bounds__(THREADS)
    clip_scales(const long long *table, int tensors, const double *sums, real *scales, double limit, int together) {
  __shared__ double scratch[THREADS / WARP];
  __shared__ double total;
  const int first = together ? 0 : blockIdx.x, last = together ? tensors : blockIdx.x + 1;
  double sum = 0;
  for (long long k = table[first] + threadIdx.x; k < table[last]; k += THREADS) sum += sums[k];
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) total = sum;
  __syncthreads();
  const double norm = sqrt(total), scale = norm > limit ? limit / norm : 1;
  for (int k = first + threadIdx.x; k < last; k += THREADS) scales[k] = scale;
}
