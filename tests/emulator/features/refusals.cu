//= call of a host function | refused
float twice(float x) { return 2 * x; }
__global__ void k(float *out) { out[0] = twice(2); }
//= call of rand | refused
#include <cstdlib>
__global__ void k(int *out) { out[0] = rand(); }
//= std::cout in a kernel | refused
#include <iostream>
__global__ void k(int n) { std::cout << n; }
//= std::vector in a kernel | refused
#include <vector>
__global__ void k(int *out) {
  std::vector<int> v(3);
  out[0] = v[0];
}
//= std::string in a kernel | refused
#include <string>
__global__ void k(int *out) {
  std::string s = "a";
  out[0] = s.size();
}
//= std::sort in a kernel | refused
#include <algorithm>
__global__ void k(int *out) { std::sort(out, out + 4); }
//= std::swap in a kernel | refused
#include <utility>
__global__ void k(int *out) { std::swap(out[0], out[1]); }
//= std::move in a kernel | accepted
#include <utility>
__global__ void k(int *out) { out[0] = std::move(out[1]); }
//= std::array in a kernel | refused
#include <array>
__global__ void k(int *out) {
  std::array<int, 3> a = {1, 2, 3};
  out[0] = a[1];
}
//= std::pair in a kernel | refused
#include <utility>
__global__ void k(int *out) {
  std::pair<int, int> p(1, 2);
  out[0] = p.first;
}
//= std::tuple in a kernel | refused
#include <tuple>
__global__ void k(int *out) {
  auto t = std::make_tuple(1, 2);
  out[0] = std::get<0>(t);
}
//= global variable of the host | refused
int n = 5;
__global__ void k(int *out) { out[0] = n; }
//= global array of the host | refused
float t[3] = {1, 2, 3};
__global__ void k(float *out) { out[0] = t[threadIdx.x]; }
//= const array of the host at a run-time index | refused
const float t[3] = {1, 2, 3};
__global__ void k(float *out) { out[0] = t[threadIdx.x]; }
//= constexpr array of the host at a run-time index | refused
constexpr float t[3] = {1, 2, 3};
__global__ void k(float *out) { out[0] = t[threadIdx.x]; }
//= static const member of a class | accepted
struct S { static const int n = 5; };
__global__ void k(int *out) { out[0] = S::n; }
//= shared variable with a value | refused
__global__ void k(float *out) {
  __shared__ float a = 3;
  out[0] = a;
}
//= shared array with values | refused
__global__ void k(float *out) {
  __shared__ float a[2] = {1, 2};
  out[0] = a[0];
}
//= shared array of a run-time length | refused
__global__ void k(float *out, int n) {
  __shared__ float a[n];
  out[0] = a[0];
}
//= local array of a run-time length | refused
__global__ void k(float *out, int n) {
  float a[n];
  out[0] = a[0];
}
//= kernel that returns a value | refused
__global__ int k(float *out) { return 1; }
//= kernel with a reference parameter | accepted
__global__ void k(float &out) { out = 1; }
//= kernel with a variable number of arguments | refused
__global__ void k(int n, ...) {}
//= kernel that is a method | refused
struct S {
  __global__ void k(int *out) { out[0] = 1; }
};
//= static kernel of a class | refused
struct S {
  static __global__ void k(int *out) { out[0] = 1; }
};
//= shared struct with a constructor | accepted
struct S {
  int a;
  __device__ S() : a(1) {}
};
__global__ void k(int *out) {
  __shared__ S s;
  out[0] = s.a;
}
//= constant variable in a kernel | refused
__global__ void k(float *out) {
  __constant__ float c = 2;
  out[0] = c;
}
//= device variable in a kernel | refused
__global__ void k(float *out) {
  __device__ float c;
  out[0] = c;
}
//= shared parameter | accepted
__global__ void k(__shared__ float *out) { out[0] = 1; }
//= shared at file scope | accepted
__shared__ float s[32];
__global__ void k(float *out) {
  s[threadIdx.x] = 1;
  out[0] = s[0];
}
//= extern shared at file scope | accepted
extern __shared__ float s[];
__global__ void k(float *out) {
  s[threadIdx.x] = 1;
  out[0] = s[0];
}
//= try and catch in a kernel | refused
__global__ void k(int *out) {
  try {
    out[0] = 1;
  } catch (...) {
  }
}
//= throw in a kernel | refused
__global__ void k(int *out) { throw 1; }
//= dynamic_cast in a kernel | refused
struct A { __device__ virtual ~A() {} };
struct B : A {};
__global__ void k(int *out) {
  B b;
  A *a = &b;
  out[0] = dynamic_cast<B *>(a) != nullptr;
}
//= typeid in a kernel | refused
#include <typeinfo>
__global__ void k(int *out) { out[0] = typeid(int).hash_code(); }
//= call of a kernel without a launch | refused
__global__ void child(int *out) { out[0] = 1; }
__global__ void k(int *out) { child(out); }
//= device function called by the host | refused
__device__ int f() { return 1; }
int main() { return f(); }
//= undeclared variable | refused
__global__ void k(int *out) { out[0] = undeclared; }
//= missing semicolon | refused
__global__ void k(int *out) { out[0] = 1 }
//= wrong number of arguments of a launch | refused
__global__ void k(int *out) { out[0] = 1; }
int main() { k<<<1, 1>>>(); }
//= launch without a configuration | refused
__global__ void k(int *out) { out[0] = 1; }
int main() { k(nullptr); }
//= launch of a device function | refused
__device__ void f() {}
int main() { f<<<1, 1>>>(); }
//= write through a const pointer | refused
__global__ void k(const float *out) { out[0] = 1; }
//= nested function template without its instance | accepted
template <typename T>
__global__ void k(T *out) { out[0] = missing; }
//= thread_local in a kernel | refused
__global__ void k(int *out) {
  thread_local int n;
  out[0] = n;
}
//= std::function in a kernel | refused
#include <functional>
__global__ void k(int *out) {
  std::function<int(int)> f = [](int x) { return x; };
  out[0] = f(1);
}
//= fopen in a kernel | refused
#include <cstdio>
__global__ void k(int *out) { out[0] = fopen("a", "r") != nullptr; }
//= fprintf and puts in a kernel | refused
#include <cstdio>
__global__ void k(int *out) { puts("a"); }
//= exit in a kernel | refused
#include <cstdlib>
__global__ void k(int *out) { exit(1); }
//= realloc in a kernel | refused
#include <cstdlib>
__global__ void k(int *out) { out[0] = *(int *)realloc(out, 8); }
//= qsort in a kernel | refused
#include <cstdlib>
__device__ int compare(const void *, const void *) { return 0; }
__global__ void k(int *out) { qsort(out, 4, 4, compare); }
//= time in a kernel | refused
#include <ctime>
__global__ void k(int *out) { out[0] = time(nullptr); }
//= atoi in a kernel | refused
#include <cstdlib>
__global__ void k(int *out) { out[0] = atoi("3"); }
//= host function by its address | refused
float twice(float x) { return 2 * x; }
__global__ void k(float *out) {
  float (*f)(float) = twice;
  out[0] = f(1);
}
//= host method of a struct | refused
struct S {
  int f() { return 1; }
};
__global__ void k(S s, int *out) { out[0] = s.f(); }
//= host constructor | refused
struct S {
  int a;
  S(int x) : a(x) {}
};
__global__ void k(int *out) { out[0] = S(3).a; }
//= too much shared memory | refused
__global__ void k(float *out) {
  __shared__ float s[20000];
  s[threadIdx.x] = 1;
  out[0] = s[0];
}
//= kernel with an initializer list | accepted
#include <initializer_list>
__global__ void k(int *out) {
  for (int x : {1, 2, 3}) out[0] = x;
}
//= designated initializers | accepted
struct P { int a, b; };
__global__ void k(int *out) { out[0] = P{.a = 1, .b = 2}.b; }
//= concept without C++20 | refused
template <class T>
concept Small = sizeof(T) < 8;
__global__ void k(int *out) { out[0] = Small<int>; }
//= statement expression | accepted
__global__ void k(int *out) { out[0] = ({ int a = 3; a + 1; }); }
//= conditional with an omitted operand | accepted
__global__ void k(int *out) { out[0] = out[0] ?: 3; }
//= nested function | refused
__global__ void k(int *out) {
  int f(int x) { return x; }
  out[0] = f(1);
}
//= pointer to shared as an int | accepted
__global__ void k(int *out) {
  __shared__ int s[4];
  int *p = s;
  out[0] = *(p + 1) * 0;
}
//= narrowing in braces | accepted
__global__ void k(int *out, float x) {
  int a[1] = {x};
  out[0] = a[0];
}
//= implicit void pointer | refused
__global__ void k(void *p, int *out) {
  int *a = p;
  out[0] = a[0];
}
