//= plain global function | accepted
__global__ void k(float *out) { out[0] = 1; }
//= template instance | accepted
template <typename T>
__global__ void k(T *out) { out[0] = T(1); }
template __global__ void k<float>(float *);
//= template with a number | accepted
template <int N>
__global__ void k(float *out) { for (int i = 0; i < N; i++) out[i] = 1; }
template __global__ void k<4>(float *);
//= kernel in a namespace | accepted
namespace lab {
__global__ void k(float *out) { out[0] = 1; }
}
//= static kernel | accepted
static __global__ void k(float *out) { out[0] = 1; }
//= global before and after void | accepted
void __global__ k(float *out) { out[0] = 1; }
//= launch bounds | accepted
__global__ void __launch_bounds__(128, 2) k(float *out) { out[0] = 1; }
//= launch bounds of three | accepted
__global__ void __launch_bounds__(128, 2, 1) k(float *out) { out[0] = 1; }
//= cluster dims | accepted
__global__ void __cluster_dims__(2, 1, 1) k(float *out) { out[0] = 1; }
//= maxnreg | accepted
__global__ void __maxnreg__(32) k(float *out) { out[0] = 1; }
//= extern shared | accepted
__global__ void k(float *out) {
  extern __shared__ float s[];
  s[threadIdx.x] = 1;
  out[0] = s[0];
}
//= extern shared with a type before | accepted
__global__ void k(float *out) {
  extern float __shared__ s[];
  s[0] = 1;
  out[0] = s[0];
}
//= shared extern | accepted
__global__ void k(float *out) {
  __shared__ extern float s[];
  s[0] = 1;
  out[0] = s[0];
}
//= extern volatile shared | accepted
__global__ void k(float *out) {
  extern volatile __shared__ float s[];
  s[0] = 1;
  out[0] = s[0];
}
//= aligned shared | accepted
__global__ void k(float *out) {
  __shared__ __align__(16) float s[128];
  s[0] = 1;
  out[0] = s[0];
}
//= alignas shared | accepted
__global__ void k(float *out) {
  __shared__ alignas(16) float s[128];
  s[0] = 1;
  out[0] = s[0];
}
//= extern shared of two dimensions | accepted
__global__ void k(float *out) {
  extern __shared__ float s[][32];
  s[0][0] = 1;
  out[0] = s[0][0];
}
//= shared struct | accepted
struct Box { float a; int b; };
__global__ void k(float *out) {
  __shared__ Box box;
  box.a = 1;
  out[0] = box.a;
}
//= shared array of a template's size | accepted
template <int N>
__global__ void k(float *out) {
  __shared__ float s[N * N];
  s[threadIdx.x] = 1;
  out[0] = s[0];
}
template __global__ void k<8>(float *);
//= constexpr size | accepted
constexpr int N = 64;
__global__ void k(float *out) {
  __shared__ float s[N];
  s[0] = 1;
  out[0] = s[0] + N;
}
//= constexpr value of the host | accepted
constexpr float third = 1.0f / 3;
__global__ void k(float *out) { out[0] = third; }
//= const int of the host | accepted
const int n = 5;
__global__ void k(int *out) { out[0] = n; }
//= const float of the host | accepted
const float x = 5.0f;
__global__ void k(float *out) { out[0] = x; }
//= constexpr array at a constant index | refused
constexpr float t[3] = {1, 2, 3};
__global__ void k(float *out) { out[0] = t[1]; }
//= constexpr function | refused
constexpr int square(int x) { return x * x; }
__global__ void k(int *out) { out[0] = square(threadIdx.x); }
//= constexpr function in a constant | refused
constexpr int square(int x) { return x * x; }
__global__ void k(int *out) {
  constexpr int four = square(2);
  out[0] = four;
}
//= device function | accepted
__device__ float twice(float x) { return 2 * x; }
__global__ void k(float *out) { out[0] = twice(2); }
//= host device function | accepted
__host__ __device__ float twice(float x) { return 2 * x; }
__global__ void k(float *out) { out[0] = twice(2); }
//= forceinline and noinline | accepted
__device__ __forceinline__ float a(float x) { return x; }
__device__ __noinline__ float b(float x) { return x; }
__global__ void k(float *out) { out[0] = a(1) + b(2); }
//= recursion on the device | accepted
__device__ int factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }
__global__ void k(int *out) { out[0] = factorial(5); }
//= function pointer on the device | accepted
__device__ float twice(float x) { return 2 * x; }
__global__ void k(float *out) {
  float (*f)(float) = twice;
  out[0] = f(2);
}
//= lambda in a kernel | accepted
__global__ void k(float *out) {
  auto f = [](float x) { return x + 1; };
  out[0] = f(2);
}
//= lambda that captures by reference | accepted
__global__ void k(float *out) {
  float sum = 0;
  auto add = [&](float x) { sum += x; };
  add(2);
  out[0] = sum;
}
//= struct with device methods | accepted
struct Vector {
  float x;
  __device__ float size() const { return fabsf(x); }
};
__global__ void k(Vector v, float *out) { out[0] = v.size(); }
//= struct with a constructor | accepted
struct Vector {
  float x;
  __device__ Vector(float a) : x(a) {}
};
__global__ void k(float *out) { out[0] = Vector(2).x; }
//= virtual functions on the device | accepted
struct Base {
  __device__ virtual int f() { return 1; }
};
struct Derived : Base {
  __device__ int f() override { return 2; }
};
__global__ void k(int *out) {
  Derived d;
  Base *b = &d;
  out[0] = b->f();
}
//= operator overload on the device | accepted
struct V { float x; };
__device__ V operator*(V a, float s) { return {a.x * s}; }
__global__ void k(float *out) { out[0] = (V{2} * 3.0f).x; }
//= switch and goto | accepted
__global__ void k(int *out) {
  switch (threadIdx.x) {
    case 0: out[0] = 1; break;
    default: goto end;
  }
end:
  return;
}
//= pragma unroll | accepted
__global__ void k(float *out) {
#pragma unroll 4
  for (int i = 0; i < 16; i++) out[i] = i;
#pragma unroll
  for (int i = 0; i < 4; i++) out[i] = i;
}
//= printf | accepted
#include <cstdio>
__global__ void k(int n) { printf("%d %f %s\n", n, 1.0, "text"); }
//= assert | accepted
#include <cassert>
__global__ void k(int n) { assert(n > 0); }
//= static variable in a kernel | accepted
__global__ void k(int *out) {
  static int calls;
  out[0] = ++calls;
}
//= if constexpr | accepted
template <bool B>
__global__ void k(int *out) {
  if constexpr (B) out[0] = 1;
  else out[0] = 2;
}
template __global__ void k<true>(int *);
//= structured bindings | accepted
struct P { int a, b; };
__global__ void k(int *out) {
  auto [a, b] = P{1, 2};
  out[0] = a + b;
}
//= range for over an array | accepted
__global__ void k(int *out) {
  int v[3] = {1, 2, 3}, sum = 0;
  for (int x : v) sum += x;
  out[0] = sum;
}
//= variadic template | accepted
template <class... T>
__device__ float total(T... x) { return (x + ... + 0.0f); }
__global__ void k(float *out) { out[0] = total(1.0f, 2.0f); }
//= auto parameter of a lambda | accepted
__global__ void k(float *out) {
  auto f = [](auto x) { return x * 2; };
  out[0] = f(2.0f);
}
//= type_traits in a kernel | accepted
#include <type_traits>
template <class T>
__global__ void k(T *out) { out[0] = std::is_same<T, float>::value ? 1 : 2; }
template __global__ void k<float>(float *);
//= grid_constant | accepted
struct P { int a; };
__global__ void k(const __grid_constant__ P p, int *out) { out[0] = p.a; }
//= default argument of a kernel | accepted
__global__ void k(float *out, int n = 3) { out[0] = n; }
//= reference to an array | accepted
__device__ float first(float (&a)[4]) { return a[0]; }
__global__ void k(float *out) {
  float a[4] = {1, 2, 3, 4};
  out[0] = first(a);
}
//= host function that is not called | accepted
#include <vector>
std::vector<int> make(int n) { return std::vector<int>(n); }
__global__ void k(int *out) { out[0] = 1; }
//= cuda_runtime.h | accepted
#include <cuda_runtime.h>
#include <device_launch_parameters.h>
__global__ void k(int *out) { out[0] = 1; }
//= main and a launch | accepted
#include <cstdio>
__global__ void k(int *out) { out[0] = 1; }
int main() {
  int *p;
  cudaMalloc(&p, 4);
  k<<<1, 1>>>(p);
  cudaDeviceSynchronize();
  cudaFree(p);
  printf("done\n");
  return 0;
}
//= device lambda without its option | refused
template <class F>
__global__ void k(F f, int *out) { out[0] = f(1); }
void run(int *p) { k<<<1, 1>>>([] __device__(int x) { return x; }, p); }
//= CUDA_ARCH | accepted
__global__ void k(int *out) {
#if __CUDA_ARCH__ >= 700
  out[0] = 1;
#else
#error "old"
#endif
}
//= fixed width integers | accepted
#include <cstdint>
__global__ void k(uint8_t *a, int64_t *out) { out[0] = a[0]; }
//= uint8_t without a header | refused
__global__ void k(uint8_t *a, int *out) { out[0] = a[0]; }
//= size_t and uint | accepted
__global__ void k(size_t n, uint m, int *out) { out[0] = n + m; }
//= enum class and using | accepted
enum class Mode : int { A, B };
using real = float;
__global__ void k(Mode m, real *out) { out[0] = m == Mode::A; }
//= union | accepted
union U { float f; unsigned u; };
__global__ void k(unsigned *out) {
  U u;
  u.f = 1;
  out[0] = u.u;
}
//= bit fields | accepted
struct B { unsigned a : 4, b : 4; };
__global__ void k(B v, int *out) { out[0] = v.a; }
//= nullptr and reinterpret_cast | accepted
__global__ void k(float *out) {
  if (out != nullptr) reinterpret_cast<int *>(out)[0] = 1;
}
//= dynamic parallelism without rdc | refused
__global__ void child(int *out) { out[0] = 1; }
__global__ void k(int *out) { child<<<1, 1>>>(out); }
//= variable template and inline constexpr | accepted
template <class T>
constexpr T two = T(2);
inline constexpr int three = 3;
__global__ void k(float *out) { out[0] = two<float> + three; }
