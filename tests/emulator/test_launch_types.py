"""Launch comments: every type of a signature, and what is expected of results, on random data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tinyseg_emulator.checks.element_types import BFLOAT16, decoded, element_type, encoded
from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.results import DependsOnUnset, NotANumber, WrongResult
from tinyseg_emulator.cuda.check import CompilerOptions, check_cuda, check_cuda_source
from tinyseg_kernels.errors import InvalidInput

ONE = ("up",)
COPIED = [
    "bool", "char", "signed char", "unsigned char", "uint8_t", "short", "unsigned short int", "int16_t", "int",
    "unsigned",
    "uint32_t", "long", "unsigned long", "size_t", "long long int", "uint64_t", "half", "__nv_bfloat16", "float",
    "double",
    "float2", "float3", "float4", "uchar4", "short2", "int3", "uint4", "double2", "longlong2", "half2",
    "__nv_bfloat162",
    "Pair", "Nested", "Vec<float, 3>", "Vec<Pair, 2>", "my_float", "Color", "dim3",
]  # fmt: skip
COPY = """
#include <stdint.h>
#include <cuda_fp16.h>
#include <cuda_bf16.h>
struct Pair { char a; double b; };
typedef struct { Pair pair; float4 corner; short side[3]; } Nested;
template <class T, int N> struct Vec { T v[N]; };
using my_float = float;
enum Color : unsigned char { RED, GREEN };
template <class T> __global__ void copy(const T *__restrict__ x, T one, T *y) {
  if (threadIdx.x < 31) y[threadIdx.x] = x[threadIdx.x];
  else y[31] = one;
}
"""


def values(kind: str) -> tuple[str, str]:
    """How an array of a type is filled, and a single one of it."""
    if kind in ("Nested", "Vec<Pair, 2>"):
        return "random", "{}" if kind == "Nested" else "{{{1, 2}, {3, 4.5}}}"
    if kind == "Pair":
        return "random", "{.a = 'x', .b = 2.5}"
    if kind.startswith("Vec"):
        return "random", "{1, 2, 3}"
    known = element_type(kind)
    names = known.dtype.names if known is not None and known.dtype != BFLOAT16 else None
    return "random", f"{{{', '.join(str(k + 1) for k, _ in enumerate(names))}}}" if names else "1"


def test_every_type_as_an_array_and_by_value() -> None:
    lines = []
    for kind in COPIED:
        fill, one = values(kind)
        plain = element_type(kind) is not None or kind in ("my_float", "Color")
        expected = " -> y[:31] = x[:31]" if plain else ""
        if kind == "Nested":
            expected = " -> y.side = concatenate([x.side[:31], zeros((1, 3))])"
        lines.append(
            f"// racecheck: copy<{kind}><<<1, 32>>>(const {kind} *x[32] = {fill}, {kind} one = {one}, {kind} y[32])"
            f"{expected}"
        )
    findings = check_cuda_source("\n".join(lines) + COPY, "copy.cu", thread_orders=ONE)
    assert not len(findings), str(findings)
    assert {line.kernel for line in findings.traffic} == {f"copy<{kind}>" for kind in COPIED}


FILE = """
#define N 96
#define RADIUS 2
constexpr int BLOCK = N / 3;
struct Filter { int length; float gain; const float *taps; float3 offset; };
__constant__ float coefficients[2 * RADIUS + 1];
__device__ int total = 5;
namespace inner { __device__ float4 corner; }
__global__ void stencil(const float *in, float *out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  float sum = 0;
  for (int k = -RADIUS; k <= RADIUS; k++) sum += in[i + k] * coefficients[k + RADIUS];
  out[i] = sum;
}
__global__ void filter(Filter f, const float *x, float *y, bool twice) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  float sum = f.offset.y;
  for (int k = 0; k < f.length && i + k < N; k++) sum += x[i + k] * f.taps[k];
  y[i] = f.gain * sum * (twice ? 2 : 1);
}
__global__ void count(const int *v, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) atomicAdd(&total, v[i]);
  if (i == 0) inner::corner.z = 7;
}
__global__ void shift(float *x, const float *y) { x[threadIdx.x] += y[threadIdx.x]; }
__global__ void maybe(const float *x, float *y) { y[threadIdx.x] = x ? x[threadIdx.x] : 1; }
__global__ void largest(const float *x, float *y) {
  const int i = threadIdx.x;
  y[i] = x[i] > y[i] ? x[i] : y[i];
}
__global__ void counted(const int *x, int *n) { if (x[threadIdx.x] > 4) atomicAdd(n, 1); }
__global__ void half_written(float *x, int *n) { if (threadIdx.x & 1) { x[threadIdx.x] = 1; n[threadIdx.x] = 2; } }
__global__ void root(const float *x, float *y) { y[threadIdx.x] = sqrtf(x[threadIdx.x]); }
"""


def check(*lines: str, seed: int = 0, **options: object) -> Findings:
    """Check launches of the file's kernels."""
    text = "\n".join(f"// racecheck: {line}" for line in lines) + FILE
    return check_cuda_source(text, "file.cu", seed=seed, options=CompilerOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [0, 3])
def test_launches_as_host_code_writes_them(seed: int) -> None:
    findings = check(
        "coefficients = [1, 2, 3, 2, 1]",
        "float in[N + 2 * RADIUS] = random; stencil<<<dim3(N / BLOCK), BLOCK, 0, 0>>>(in + RADIUS, float *out[N])\n"
        "//   -> out = convolve(in, coefficients, 'valid')",
        "stencil<<<3, BLOCK>>>(&in[RADIUS], float *out = expected convolve(in, [1, 2, 3, 2, 1], 'valid'))",
        "float taps[] = {0.5f, .25f, 1e-1f}; filter<<<dim3{N / 32, 1}, {1 << 5}>>>(Filter f = {.length = 3, "
        ".gain = -2.0f, .taps = taps, .offset = {1, 2, 3}}, float x[N] = random, float y[N], true) "
        "-> y[:N - 2] = -4 * (2 + convolve(x, taps[::-1], 'valid')), y[N - 1] = -4 * (2 + x[N - 1] / 2)",
        "filter<<<3, 32>>>(Filter{3, 1, taps + 1 - 1}, float *x = random(1, 2), float *y = zeros, bool twice = false)",
        "total = 0; count<<<(4), 32>>>(int v[] = [3, -1, 4, 1, -5], 5) "
        "-> total = v.sum(), inner::corner = [0, 0, 7, 0]",
        "count<<<4, 32>>>(const int v[N] = arange, int n = N) -> total = total + v.sum()",
        "float s[32] = random; shift<<<1, 32>>>(s, float t[32] = ones) -> s = s + 1; "
        "shift<<<1, 32>>>(s, t) -> s = s + t",
        "shift<<<1, 32>>>(s, s) -> s = 2 * s",
        "maybe<<<1, 32>>>(NULL, float y[32]) -> y = 1",
        "maybe<<<1, 32>>>(float *x = nullptr, float y[32] = 3) -> y = ones(32)",
        seed=seed,
    )
    assert not [str(found) for found in findings]
    assert findings.not_checked == ["largest", "counted", "half_written", "root"]


def test_what_is_not_as_expected_is_found_with_index_value_and_expectation() -> None:
    findings = check(
        "shift<<<1, 32>>>(float x[32] = arange, float y[32] = 2) -> x = where(arange(32) < 30, x + y, x)",
        "count<<<1, 32>>>(int v[32] = 1, 32) -> total = 36",
        "shift<<<1, 32>>>(float x[32] = 1, float y[32] = 1e-3f) -> x = 1 within 1e-2",
        "shift<<<1, 32>>>(float x[32] = 1, float y[32] = 1e-3f) -> x = 1 within 1e-4",
    )
    wrong = findings.of(WrongResult)
    assert [(w.kernel, w.array, w.index, w.value, w.expected, w.wrong, w.total) for w in wrong] == [
        ("shift", "x", "30", "32", "30", 2, 32), ("count", "total", "", "37", "36", 1, 1), ("shift", "x", "0",
        "1.001", "1", 32, 32),
    ]  # fmt: skip
    assert wrong[0].place == "file.cu:1"
    assert "wrong result: 'x' at [30] is 32, expected 30 (2 of 32 differ), by the comment at file.cu:1" in str(findings)


def test_results_made_of_numbers_that_nothing_has_written_to() -> None:
    findings = check(
        "shift<<<1, 32>>>(float x[32], float y[32] = random)",
        "largest<<<1, 32>>>(float x[32] = random, float y[32])",
        "counted<<<1, 32>>>(int x[32] = random, int n[1])",
        "half_written<<<1, 32>>>(float x[32], int n[32])",
        "root<<<1, 32>>>(float x[32] = random, float y[32])",
        "root<<<1, 32>>>(float x[32] = random(0, 1), float y[32])",
        "root<<<1, 32>>>(float x[32] = random, float y[32]) -> y = sqrt(x)",
    )
    assert [(n.kernel, n.array, n.source) for n in findings.of(NotANumber)] == [
        ("shift", "x", "'x'"),
        ("root", "y", ""),
    ]
    assert [(d.kernel, d.array) for d in findings.of(DependsOnUnset)] == [("largest", "y"), ("counted", "n")]
    assert len(findings) == 4, str(findings)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("shift<<<1, 32>>>(float x[32], Filtr y[32])", "file.cu:1: error: 'Filtr' was not declared"),
        ("shift<<<1, M>>>(float x[32], float y[32])", "file.cu:1: error: 'M' was not declared"),
        ("shift<<<1, 32>>>(float x[32])", "expected 2 arguments (float * x, const float * y), got 1"),
        ("shift<<<1, 32>>>(float x[32], double y[32])", "argument 2 (y): expected an array of f4, got f8"),
        (
            "filter<<<1, 32>>>(Filter f = {.size = 3}, NULL, float y[96], true)",
            "unknown field 'size' (known: length, gain,",
        ),
        ("filter<<<1, 32>>>({.length = 3}, NULL, float y[96], true)", "its type is not known; write it"),
        (
            "weights = 3; count<<<1, 1>>>(int v[1], 1)",
            "variable of the file (known: coefficients, total, inner::corner)",
        ),
        ("coefficients = [1, 2]; count<<<1, 1>>>(int v[1], 1)", "variable 'coefficients': expected 5 numbers, got 2"),
        ("count<<<1, 1>>>(int v[2] = [1, 2, 3], 1)", "argument 'v': expected 2 numbers, got 3"),
        ("count<<<1, 1>>>(int v[1] = 3000000000, 1)", "3000000000 does not fit into int32"),
        ("count<<<1, 1>>>(int v[1], 1) -> v = open('x')", "'open' was not declared"),
        ("count<<<1, 1>>>(int v[1], 1) -> w = 3", "'w' is no array of the launch"),
        ("count<<<1, 1>>>(int v[1], 1) -> v = [1, 2, 3]", "has shape (3,), and 'v' has (1,)"),
        ("count<<<1, 1>>>(int v[1], 1) -> v", "expected  name = expression"),
        ("count<<<1, 1>>>(int v[1], 1) => v = 3", "expected  -> name = expression"),
    ],
)
def test_what_is_wrong_with_a_comment_is_told_with_its_line(line: str, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check(line)
    assert text in str(caught.value)
    assert "file.cu:1: " in str(caught.value)


def test_options_of_the_compiler(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "twice.cuh").write_text("#define TWICE(x) (2 * (x))\n")
    path = tmp_path / "k.cuh"
    path.write_text(
        '// racecheck: k<<<1, THREADS>>>(float x[THREADS] = random) -> x = x * 2 + NAMED\n#include "twice.cuh"\n'
        "template <class T> concept number = sizeof(T) == 4;\n"
        "template <number T> __device__ T same(T v) { return v; }\n"
        "__global__ void k(float *x) { x[threadIdx.x] = same(TWICE(x[threadIdx.x])) + NAMED; }\n"
    )
    with pytest.raises(InvalidInput, match="-I FOLDER"):
        check_cuda(path, options=CompilerOptions(std="c++20"))
    options = CompilerOptions({"THREADS": 32, "NAMED": "3"}, [tmp_path / "own"], "c++20")
    assert not len(check_cuda(path, options=options))


SHORT = """
// racecheck: f<<<2, 32>>>(x[64] = arange, y[64], 3) -> y = 3 * x
// racecheck: g<<<1, 32>>>(int *flags = zeros, Op op = ADD, int64_t big = 1LL << 40, unsigned char c = 255)
//   -> flags = arange(32) % 2
// racecheck: poly<<<1, 8>>>(double x[8] = linspace(0, 1, 8), const double c[3] = {1.0, -2.0, 0.5}, double y[8])
//   -> y = 1 - 2 * x + x**2 / 2
// racecheck: text<<<1, 5>>>(char s[] = "hello") -> s = [105, 102, 109, 109, 112, 0]
// racecheck: tmpl<Add<int>><<<1, 32>>>(int v[32] = random, Add<int>{5}) -> v = v + 5
enum Op { ADD = 1, MUL };
#include <stdint.h>
template <class T> struct Add { T by; __device__ T operator()(T v) const { return v + by; } };
template <class F> __global__ void tmpl(int *v, F f) { v[threadIdx.x] = f(v[threadIdx.x]); }
__global__ void f(const float *x, float *y, int n) {
  int i = blockIdx.x * 32 + threadIdx.x;
  y[i] = n * x[i];
}
__global__ void g(int *flags, Op op, int64_t big, unsigned char c) {
  if (op == ADD && big >> 40 == 1 && c == 255) flags[threadIdx.x] = threadIdx.x & 1;
}
__global__ void poly(const double *x, const double *c, double *y) {
  int i = threadIdx.x;
  y[i] = c[0] + x[i] * (c[1] + x[i] * c[2]);
}
__global__ void text(char *s) { s[threadIdx.x]++; }
int main() {
  int *v;
  cudaMalloc(&v, 128);
  tmpl << <1, 32>> > (v, Add<int>{1});
  text<<<1, 1>>>(nullptr);
}
"""


def test_short_forms_and_a_host_part_that_is_left_out() -> None:
    findings = check_cuda_source(SHORT, "short.cu", thread_orders=ONE)
    assert not [str(found) for found in findings]
    assert len({line.kernel for line in findings.traffic}) == 5


PAGE = """
#define N 128
#define RADIUS 2
__constant__ float coefficients[2 * RADIUS + 1];
__global__ void blur(const float *in, float *out) {
  const int i = blockIdx.x * 64 + threadIdx.x;
  float sum = 0;
  for (int k = -RADIUS; k <= RADIUS; k++) sum += in[i + k] * coefficients[k + RADIUS];
  out[i] = sum / 16;
}
template <class T, int UNUSED> __global__ void scale(T *x, T factor) { x[blockIdx.x * 64 + threadIdx.x] *= factor; }
"""


def test_the_example_of_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")
    block = page.partition("## Launch lines")[2].partition("```cuda\n")[2].partition("```")[0]
    findings = check_cuda_source(block + PAGE, "page.cu")
    assert not [str(found) for found in findings]
    assert findings.not_checked == []
    broken = check_cuda_source(block + PAGE.replace("sum / 16", "sum / 15"), "page.cu", thread_orders=ONE)
    assert [found.array for found in broken.of(WrongResult)] == ["out"]


def test_bfloat16_rounds_to_nearest_even() -> None:
    generator = np.random.default_rng(0)
    scale = np.float32(10) ** generator.integers(-30, 30, 2000)
    special = np.array([0, -0.0, np.inf, -np.inf, 3e38, 1.00390625, 1.01171875], np.float32)
    floats = np.concatenate([generator.standard_normal(2000).astype(np.float32) * scale, special], dtype=np.float32)
    back = decoded(encoded(floats, BFLOAT16))
    ml_dtypes = pytest.importorskip("ml_dtypes")
    np.testing.assert_array_equal(back, floats.astype(ml_dtypes.bfloat16).astype(np.float32))
    assert np.isnan(decoded(encoded(np.array([np.nan]), BFLOAT16))).all()
