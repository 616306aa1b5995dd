// What a call returns is stored where the checks see it; variables that are pointers; shifts as on a device.
#include <cstdio>
#include <curand.h>
#include <curand_kernel.h>

struct Vector {
  float x, y, z;
  __device__ Vector() {}  // empty: CUDA allows it in shared memory, and does not call it
  __device__ Vector(float x, float y, float z) : x(x), y(y), z(z) {}
  __device__ Vector operator+(const Vector &other) const { return Vector(x + other.x, y + other.y, z + other.z); }
};
struct Bits {
  unsigned low : 4, high : 4;
};
struct Large {
  double part[5];
};
struct Owner {  // without a constructor that copies: `made` relies on the elision of the copy
  float *memory;
  Owner() { cudaMalloc(&memory, sizeof(float)); }
  ~Owner() { cudaFree(memory); }
};
Owner made() {
  Owner owner;
  return owner;
}
__device__ __noinline__ Vector vector(float v) { return Vector(v, v, v); }
__device__ __noinline__ Large large(float v) { return {{v, v, v, v, v}}; }
__device__ float doubled(float v) { return 2 * v; }
__device__ float (*function)(float) = doubled;
__device__ const float *slot;

__global__ void stores(Vector *out, float (*f)(float), int count, int n) {
  __shared__ Vector a[32], b[32], c[32];
  __shared__ float3 d[32];
  __shared__ Large e[32];
  __shared__ float rows[2][32];
  __shared__ Vector one;
  const int i = threadIdx.x, k = 31 - i;
  Bits bits = {1, 2};
  float *row, *place;
  int low;
  a[i] = vector(i);
  b[i] = a[i] + a[i];
  c[i] = i % 2 ? vector(1) : Vector(2, 2, 2);
  d[i] = make_float3(i, i, i);
  *(e + i) = large(1);
  row = rows[i % 2];
  rows[0][i] = rows[1][i] = f(1);
  bits.low = bits.high;
  low = (bits).low;
  place = (low > 5) ? row : rows[0];
  if (i == 0) one = vector(3);
  __syncthreads();
  const float sum = b[k].x + c[k].y + d[k].z + float(e[k].part[4]) + place[k] + one.z;
  if (i < n) out[i] = vector(sum + (1u << count) + low);
}
__global__ void point(const Vector *from) { slot = &from->x; }
__global__ void follow(float *to) { *to = slot[0]; }

int main(int argc, char **) {
  Owner owner = made();
  Vector *out;
  float first, (*f)(float);
  cudaMalloc(&out, 31 * sizeof(Vector));
  cudaMemcpyFromSymbol(&f, function, sizeof f);
  stores<<<1, 32>>>(out, f, 32, 29 + argc);
  point<<<1, 1>>>(out);
  follow<<<1, 1>>>(owner.memory);
  const cudaError_t error = cudaMemcpy(&first, owner.memory, sizeof first, cudaMemcpyDeviceToHost);
  if (error == cudaSuccess) printf("%g\n", first);
  cudaFree(out);
}
