// Every way to write a launch.
#include <cstdio>
#include <vector>
#include <algorithm>
using namespace std;

#define LAUNCH(kernel, blocks, threads, ...) kernel<<<blocks, threads>>>(__VA_ARGS__)
#define BLOCK 32

__global__ void plain(int *out, int value) { atomicAdd(out, value); }
static __global__ __launch_bounds__(BLOCK) void bounded(int *out) { if (threadIdx.x == 0) atomicAdd(out, 1); }
__global__ void overloaded(int *out, float) { atomicAdd(out, 2); }
__global__ void overloaded(int *out, int) { atomicAdd(out, 3); }
template <typename T> __global__ void deduced(T *out, T value) { atomicAdd(out, value); }
template <int N, typename T> __global__ void named(T *out, const T *nothing) {
  __shared__ T s[N];
  s[threadIdx.x] = T(N);
  __syncthreads();
  if (!nothing && threadIdx.x == 0) atomicAdd(out, s[N - 1]);
}
template <class F, class... A> __global__ void variadic(F f, A... a) { f(a...); }
template <int N = 4> __global__ void defaulted(int *out) { atomicAdd(out, N); }
namespace deep {
namespace inner {
__global__ void kernel(int *out) { atomicAdd(out, 6); }
}  // namespace inner
struct Adder {
  int amount;
  __device__ void operator()(int *out) const { atomicAdd(out, amount); }
};
}  // namespace deep
struct Pair { int first, second; };
__global__ void by_value(int *out, Pair pair) { atomicAdd(out, pair.first + pair.second); }
__global__ void dynamic(int *out) {
  extern __shared__ int s[];
  s[threadIdx.x] = 1;
  __syncthreads();
  if (threadIdx.x == 0) for (int i = 0; i < blockDim.x; i++) atomicAdd(out, s[i]);
}
template <typename T> struct Runner {
  T *out;
  template <int N> void run(cudaStream_t stream) { named<N><<<1, N, 0, stream>>>(out, (const T *)0); }
  void start(void (*kernel)(T *)) { (*kernel)<<<dim3(1), dim3(1, 1)>>>(out); }
};
template <typename K> void bench(K kernel, int *out) { kernel<<<1, 1>>>(out); }

int total(int *device) {
  int value;
  cudaMemcpy(&value, device, sizeof value, cudaMemcpyDeviceToHost);
  cudaMemset(device, 0, sizeof value);
  return value;
}

int main() {
  int *out;
  cudaMalloc(&out, sizeof(int));
  cudaMemset(out, 0, sizeof(int));
  dim3 grid(2), block(3, 2);
  plain<<<grid, block>>>(out, 1);                        printf("plain %d\n", total(out));
  plain << <1, 1 >> > (out, max(3, 4));                  printf("spaces %d\n", total(out));
  bounded<<<1, BLOCK>>>(out);                            printf("bounded %d\n", total(out));
  overloaded<<<1, 1>>>(out, 1.f);                        printf("float %d\n", total(out));
  overloaded<<<1, 1>>>(out, 1);                          printf("int %d\n", total(out));
  deduced<<<1, 4>>>(out, 5);                             printf("deduced %d\n", total(out));
  deduced<int><<<1, 4>>>(out, 5.5);                      printf("converted %d\n", total(out));
  named<32><<<1, 32>>>(out, (int *)nullptr);             printf("named %d\n", total(out));
  named<32, int><<<1, 32>>>(out, NULL);                  printf("null %d\n", total(out));
  variadic<<<1, 2>>>(deep::Adder{7}, out);               printf("functor %d\n", total(out));
  defaulted<><<<1, 1>>>(out);                            printf("defaulted %d\n", total(out));
  deep::inner::kernel<<<1, 1>>>(out);                    printf("namespace %d\n", total(out));
  by_value<<<1, 1>>>(out, {3, 4});                       printf("struct %d\n", total(out));
  dynamic<<<1, 16, 16 * sizeof(int)>>>(out);             printf("dynamic %d\n", total(out));
  LAUNCH(plain, 1, (1 > 0 ? 2 : 1), out, 2);             printf("macro %d\n", total(out));
  Runner<int> runner{out};
  runner.run<16>(0);                                     printf("member %d\n", total(out));
  runner.start(deep::inner::kernel);                     printf("pointer %d\n", total(out));
  bench(bounded, out);                                   printf("parameter %d\n", total(out));
  void (*table[])(int *) = {bounded, deep::inner::kernel};
  for (int i = 0; i < 2; i++) table[i]<<<1, 1>>>(out);   printf("table %d\n", total(out));
  int value = 9;
  void *arguments[] = {&out, &value};
  cudaLaunchKernel((void *)plain, dim3(1), dim3(1), arguments, 0, 0);
                                                         printf("cudaLaunchKernel %d\n", total(out));
  cudaLaunchCooperativeKernel((const void *)plain, grid, block, arguments);
                                                         printf("cooperative %d\n", total(out));
  cudaFuncSetAttribute(dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, 100000);
  dynamic<<<1, 8, 100000>>>(out);                        printf("more shared memory %d\n", total(out));
  cudaFree(out);
}
