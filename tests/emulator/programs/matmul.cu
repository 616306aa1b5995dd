// Tiles of shared memory, a class that owns device memory, a header of the student's own, exceptions on the host.
#include "check.cuh"
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(size_t n) : n_(n) { checkCudaErrors(cudaMalloc(&data_, n * sizeof(T))); }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray &) = delete;
  void from(const std::vector<T> &host) {
    if (host.size() > n_) throw std::length_error("too long");
    checkCudaErrors(cudaMemcpy(data_, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice));
  }
  T *get() { return data_; }

 private:
  T *data_ = nullptr;
  size_t n_;
};

template <typename T, int TILE>
__global__ void multiply(const T *a, const T *b, T *c, int n) {
  __shared__ T ta[TILE][TILE], tb[TILE][TILE + 1];
  const int row = blockIdx.y * TILE + threadIdx.y, column = blockIdx.x * TILE + threadIdx.x;
  T sum = 0;
  for (int k = 0; k < n; k += TILE) {
    ta[threadIdx.y][threadIdx.x] = row < n && k + threadIdx.x < n ? a[row * n + k + threadIdx.x] : T(0);
    tb[threadIdx.y][threadIdx.x] = column < n && k + threadIdx.y < n ? b[(k + threadIdx.y) * n + column] : T(0);
    __syncthreads();
#pragma unroll
    for (int i = 0; i < TILE; i++) sum += ta[threadIdx.y][i] * tb[i][threadIdx.x];
    __syncthreads();
  }
  if (row < n && column < n) c[row * n + column] = sum;
}

DeviceArray<float> *global_array = nullptr;

template <typename T>
int run(int n) {
  constexpr int TILE = 8;
  std::mt19937 random(3);
  std::uniform_int_distribution<int> digit(0, 9);
  std::vector<T> a(n * n), b(n * n), c(n * n);
  for (auto &x : a) x = digit(random);
  for (auto &x : b) x = digit(random);
  DeviceArray<T> da(n * n), db(n * n), dc(n * n);
  da.from(a), db.from(b);
  dim3 block{TILE, TILE}, grid((n + TILE - 1) / TILE, (n + TILE - 1) / TILE);
  multiply<T, TILE><<<grid, block>>>(da.get(), db.get(), dc.get(), n);
  checkCudaErrors(cudaGetLastError());
  checkCudaErrors(cudaMemcpy(c.data(), dc.get(), n * n * sizeof(T), cudaMemcpyDeviceToHost));
  try {
    da.from(std::vector<T>(n * n + 1));
  } catch (const std::length_error &error) {
    std::printf("caught: %s\n", error.what());
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      T sum = 0;
      for (int k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
      if (sum != c[i * n + j]) return std::printf("wrong at %d, %d\n", i, j), 1;
    }
  return 0;
}

int main() {
  const int wrong = run<float>(20) + run<double>(9);
  std::puts(wrong ? "Result = FAIL" : "Result = PASS");
  return wrong;
}
