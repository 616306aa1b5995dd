"""What nvcc refuses beside its nearest legal neighbour, each in several surroundings.

`python -m tests.emulator.rules.against_nvcc` asks nvcc about every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One rule.

    `refused` and `taken` are (text before the functions, statements of device code); the statements may use a pointer
    `o`, an int `i` and a float `x`.
    """

    rule: str
    refused: tuple[str, str]
    taken: tuple[str, str]


CASES = (
    Case(
        "host-table",
        ("const float NAME[3] = {1, 2, 3};", "o[0] = NAME[i];"),
        ("__constant__ float NAME[3] = {1, 2, 3};", "o[0] = NAME[i];"),
    ),
    Case(
        "host-table",
        ("constexpr int NAME[2][2] = {{1, 2}, {3, 4}};", "o[0] = NAME[i][1];"),
        ("__device__ const int NAME[2][2] = {{1, 2}, {3, 4}};", "o[0] = NAME[i][1];"),
    ),
    Case(
        "host-table",
        ("struct NAME { static constexpr int a[2] = {4, 5}; };", "o[0] = NAME::a[i];"),
        ("struct NAME { static constexpr int a = 4; };", "o[0] = NAME::a;"),
    ),
    Case(
        "host-table",
        ("const float NAME = 2;", "const float *p = &NAME; o[0] = *p;"),
        ("const float NAME = 2;", "o[0] = NAME;"),
    ),
    Case(
        "host-table",
        ("const int NAME = 2; __device__ int NAMEf(const int &a) { return a; }", "o[0] = NAMEf(NAME);"),
        ("const int NAME = 2; __device__ int NAMEf(int a) { return a; }", "o[0] = NAMEf(NAME);"),
    ),
    Case("host-variable", ("float NAME = 3;", "o[0] = NAME;"), ("float NAME = 3;", "o[0] = sizeof(NAME);")),
    Case("host-variable", ("static int NAME[4];", "NAME[1] = i;"), ("static __device__ int NAME[4];", "NAME[1] = i;")),
    Case(
        "host-variable",
        ("int NAMEf() { return 3; } const int NAME = NAMEf();", "o[0] = NAME;"),
        ("const int NAME = 3 + 4;", "o[0] = NAME;"),
    ),
    Case(
        "host-function",
        ("float NAME(float a) { return a; }", "o[0] = NAME(x);"),
        ("__host__ __device__ float NAME(float a) { return a; }", "o[0] = NAME(x);"),
    ),
    Case(
        "host-function",
        ("template <class T> T NAME(T a) { return a; }", "o[0] = NAME(x);"),
        ("template <class T> __device__ T NAME(T a) { return a; }", "o[0] = NAME(x);"),
    ),
    Case(
        "host-function",
        ("struct NAME { int a; NAME(int b) : a(b) {} };", "NAME s(i); o[0] = s.a;"),
        ("struct NAME { int a; };", "NAME s{i}; o[0] = s.a;"),
    ),
    Case(
        "host-function",
        ("struct NAME { int a; int f() { return a; } };", "NAME s; s.a = i; o[0] = s.f();"),
        ("struct NAME { int a; __device__ int f() { return a; } };", "NAME s; s.a = i; o[0] = s.f();"),
    ),
    Case(
        "host-function",
        ("#include <stdlib.h>", "o[0] = rand();"),
        ("#include <math.h>", "o[0] = sqrtf(x) + expf(x) + abs(i);"),
    ),
    Case(
        "host-function",
        ("#include <vector>", "std::vector<float> v; o[0] = v.size();"),
        ("#include <vector>", "o[0] = sizeof(std::vector<float>);"),
    ),
    Case(
        "host-function",
        ("#include <stdio.h>", 'puts("a"); o[0] = x;'),
        ("#include <stdio.h>", 'printf("%f", x); o[0] = x;'),
    ),
    Case(
        "constexpr-function",
        ("#include <algorithm>", "o[0] = std::max(x, 1.0f);"),
        ("#include <algorithm>", "o[0] = max(x, 1.0f);"),
    ),
    Case(
        "constexpr-function",
        ("constexpr int NAME(int a) { return a; }", "o[0] = NAME(3);"),
        ("constexpr __host__ __device__ int NAME(int a) { return a; }", "o[0] = NAME(3);"),
    ),
    Case(
        "run-time-array-size",
        ("", "float t[i]; t[0] = x; o[0] = t[0];"),
        ("constexpr int NAME = 4;", "float t[NAME]; t[0] = x; o[0] = t[0];"),
    ),
    Case("shared-initialiser", ("", "__shared__ float a = 3; o[0] = a;"), ("", "__shared__ float a; a = 3; o[0] = a;")),
    Case(
        "shared-initialiser",
        ("", "__shared__ int a[2] = {1, 2}; o[0] = a[i];"),
        ("", "__shared__ int a[2]; a[i] = 1; o[0] = a[i];"),
    ),
    Case(
        "local-memory-space",
        ("", "__constant__ float c[4]; o[0] = c[i];"),
        ("", "const float c[4] = {1, 2, 3, 4}; o[0] = c[i];"),
    ),
    Case("dynamic-initialiser", ("", "static int t = i; o[0] = t;"), ("", "static int t = 3; t++; o[0] = t;")),
    Case("exceptions", ("", "if (i) throw 3; o[0] = x;"), ("", "if (i) return; o[0] = x;")),
    Case("exceptions", ("", "try { o[0] = x; } catch (...) {}"), ("", "{ o[0] = x; }")),
    Case(
        "type-information",
        (
            "struct NAME { virtual __device__ int f() { return 1; } }; struct NAMEb : NAME {};",
            "NAMEb b; NAME *a = &b; o[0] = dynamic_cast<NAMEb *>(a) != nullptr;",
        ),
        (
            "struct NAME { virtual __device__ int f() { return 1; } }; struct NAMEb : NAME {};",
            "NAMEb b; NAME *a = &b; o[0] = a->f();",
        ),
    ),
    Case("thread-local", ("", "thread_local int a; o[0] = a;"), ("", "int a = i; o[0] = a;")),
    Case(
        "kernel-call",
        ("__global__ void NAME(float *o) { o[0] = 1; }", "NAME(o);"),
        ("__device__ void NAME(float *o) { o[0] = 1; }", "NAME(o);"),
    ),
)
"""Rules about statements of device code."""

FILES = (
    ("kernel-returns", "__global__ int NAME() { return 3; }", "__global__ void NAME() { return; }"),
    ("kernel-returns", "__global__ auto NAME() {}", "__device__ auto NAME() { return 1; }"),
    (
        "kernel-member",
        "struct NAME { static __global__ void q(float *o) { o[0] = 1; } };",
        "namespace NAME { static __global__ void q(float *o) { o[0] = 1; } }",
    ),
    (
        "kernel-member",
        "struct NAME { __global__ void q(float *o) { o[0] = 1; } };",
        "struct NAME { __device__ void q(float *o) { o[0] = 1; } };",
    ),
    (
        "kernel-ellipsis",
        "__global__ void NAME(int n, ...) {}",
        "template <class... T> __global__ void NAME(int n, T... t) {}",
    ),
    (
        "kernel-and-device",
        "__global__ __device__ void NAME(float *o) { o[0] = 1; }",
        "__host__ __device__ void NAME(float *o) { o[0] = 1; }",
    ),
    (
        "dynamic-initialiser",
        "__device__ int NAMEf() { return 3; } __device__ int NAME = NAMEf();",
        "__device__ int NAME = 3 * 4;",
    ),
    (
        "dynamic-shared-name",
        "__global__ void NAME(int *o) { extern __shared__ int s[]; s[0] = 1; o[0] = s[0]; } "
        "__global__ void NAMEb(float *o) { extern __shared__ float s[]; s[0] = 1; o[0] = s[0]; }",
        "__global__ void NAME(int *o) { extern __shared__ int NAMEs[]; NAMEs[0] = 1; o[0] = "
        "NAMEs[0]; } __global__ void NAMEb(float *o) { extern __shared__ float NAMEt[]; NAMEt[0] = "
        "1; o[0] = NAMEt[0]; }",
    ),
    (
        "shared-size",
        "__global__ void NAME(float *o, int i) { __shared__ float s[12289]; s[i] = 1; o[0] = s[0]; }",
        "__global__ void NAME(float *o, int i) { __shared__ float s[12288]; s[i] = 1; o[0] = s[0]; }",
    ),
    (
        "kernel-call",
        "__global__ void NAME(float *o) { o[0] = 1; } void NAMEh() { NAME(0); }",
        "__global__ void NAME(float *o) { o[0] = 1; } void NAMEh() { NAME<<<1, 1>>>(0); }",
    ),
    (
        "launch-of-function",
        "void NAME(float *o) { o[0] = 1; } void NAMEh() { NAME<<<1, 1>>>(0); }",
        "void NAME(float *o) { o[0] = 1; } void NAMEh() { NAME(0); }",
    ),
    (
        "device-function",
        "__device__ int NAME() { return 3; } int NAMEh() { return NAME(); }",
        "__host__ __device__ int NAME() { return 3; } int NAMEh() { return NAME(); }",
    ),
    ("device-function", "void NAME() { __syncthreads(); }", "__device__ void NAME() { __syncthreads(); }"),
    ("shared-on-host", "void NAME() { __shared__ float a[2]; }", "__device__ void NAME() { __shared__ float a[2]; }"),
    (
        "host-variable",
        "int NAME; __host__ __device__ int NAMEf() { return NAME; }",
        "int NAME; int NAMEf() { return NAME; }",
    ),
    (
        "extended-lambda",
        "template <class F> __global__ void NAME(F f, float *o) { o[0] = f(1.f); } void NAMEh() { "
        "NAME<<<1, 1>>>([=] __device__(float a) { return a; }, (float *)0); }",
        "template <class F> __global__ void NAME(F f, float *o) { o[0] = f(1.f); } struct NAMEs { "
        "__device__ float operator()(float a) { return a; } }; void NAMEh() { NAME<<<1, 1>>>(NAMEs(), (float *)0); }",
    ),
)
"""Rules about declarations: rule, a file that is refused, one that is taken."""

TAKEN = (
    (
        "host function unused",
        "float NAMEh(float a) { return a; } static __device__ float NAME(float a) { return NAMEh(a); }",
    ),
    (
        "host function from both sides",
        "float NAMEh(float a) { return a; } __host__ __device__ float NAME(float a) { return NAMEh(a); }",
    ),
    (
        "architecture",
        "int NAMEg; __host__ __device__ int NAME() {\n#ifdef __CUDA_ARCH__\nreturn 1;\n#else\nreturn NAMEg;\n#endif\n}",
    ),
    ("recursion", "__device__ int NAME(int n) { return n < 2 ? 1 : n * NAME(n - 1); }"),
    ("new", "__global__ void NAME(float *o, int i) { int *p = new int[i]; p[0] = i; o[0] = p[0]; delete[] p; }"),
    ("assert", "#include <assert.h>\n__global__ void NAME(float *o, int i) { assert(i < 3); o[0] = i; }"),
    (
        "std::sqrt, move, initializer_list",
        "#include <cmath>\n#include <utility>\n#include <initializer_list>\n__global__ void "
        "NAME(float *o, float x) { o[0] = std::sqrt(x) + std::abs(x) + std::isnan(x); float a = "
        "std::move(x); for (int b : {1, 2}) o[1] += a * b; }",
    ),
    ("lambda", "__global__ void NAME(float *o, float x) { auto f = [=](float a) { return a * x; }; o[0] = f(2); }"),
    (
        "bindings",
        "struct NAMEs { int a, b; }; __global__ void NAME(float *o) { auto [p, q] = NAMEs{1, 2}; if "
        "constexpr (sizeof(int) == 4) o[0] = p + q; }",
    ),
    (
        "restrict, default value, bounds",
        "__global__ void __launch_bounds__(64, 2) NAME(const float *__restrict__ a, float "
        "*__restrict__ b, int n = 3) { b[0] = a[n]; }",
    ),
    (
        "shared memory of a file",
        "__shared__ float NAME[4]; __global__ void NAMEk(float *o) { NAME[0] = 1; o[0] = NAME[0]; }",
    ),
    (
        "managed",
        "__managed__ int NAME; int NAMEh() { return NAME = 3; } __global__ void NAMEk(float *o) { o[0] = NAME; }",
    ),
    (
        "one number of dynamic shared memory",
        "__global__ void NAME(float *o) { extern __shared__ float s; s = 1; o[0] = s; }",
    ),
    (
        "pointer to a device function",
        "__device__ float NAMEf(float a) { return a; } __global__ void NAME(float *o) { float "
        "(*p)(float) = NAMEf; o[0] = p(1); }",
    ),
    (
        "symbol",
        "__constant__ float NAME[4]; __device__ int NAMEd; void NAMEh(float *p) { cudaMemcpyToSymbol(NAME, p, 16); }",
    ),
)
"""What nvcc takes, and a checker might not."""


def surroundings(statements: str, name: str) -> list[str]:
    """Return functions that have statements in several places: nested, behind a macro, in a template, in a lambda."""
    arguments = "float *o, int i, float x"
    return [
        f"__global__ void {name}_plain({arguments}) {{\n  {statements}\n}}",
        f"__device__ void {name}_called({arguments}) {{\n  for (int n = 0; n < i; n++) {{ if (n > 1) "
        f"{{\n  {statements}\n}} }} }}",
        f"#define {name.upper()}_MACRO {statements}\n__global__ void {name}_macro({arguments}) {{\n  "
        f"{name.upper()}_MACRO\n}}",
        f"template <int N> __global__ void {name}_template({arguments}) {{\n  {statements}\n}}\n"
        f"template __global__ void {name}_template<3>({arguments});",
        f"namespace {name}_space {{ struct Functor {{ __device__ void operator()({arguments}) const "
        f"{{\n  {statements}\n}} }};\n"
        f"__global__ void {name}_functor({arguments}) {{ Functor()(o, i, x); }} }}",
    ]
