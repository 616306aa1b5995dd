"""Conversions that stand in no word of the source, and signed numbers that overflow: a GPU's value, and a finding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.report import finding_text
from tinyseg_emulator.checks.undefined import UndefinedOperation
from tinyseg_emulator.cuda import implicit
from tinyseg_emulator.cuda.compiler import compiler, compiler_version
from tinyseg_emulator.cuda.module import CudaModule

from tests.emulator.cuda_source import checked, launch, line_of

pytestmark = pytest.mark.skipif("clang" in compiler_version(), reason="clang marks other pieces of an expression")

LARGE, SMALL = 2**31 - 1, -(2**31)
EXPRESSIONS = (
    "f", "-f", "+f", "(f)", "((f + 1))", "f / 0.5f", "f * (n ? 1.0f : 2.0f) + 1", "n ? f : 2.0f", "(n + 1, f)", "d * f",
    "(float)n * f", "float(n) * f", "static_cast<float>(n) * f", "(double)f * 2", "1e10f * n", "TWICE(f)",
    "ns::half_of(f)", "::ns::half_of(f)", "ns::same<float>(f)", "std::fabs(f)", "fminf(f, 1e20f)", "max(f, 1.0f)",
    "__ldg(&x[1])", "__fmul_rn(f, 2.0f)", "x[1]", "x[n] * 2", "x[threadIdx.x + 1]", "*(x + 1)", "shared[1]",
    "v.get(f)", "v()", "v.plain", "v.many[1]", "pointer->plain", "make_float2(f, f).x",
    "[&](float q) { return q * 2; }(f)", "fmaf(f,\n f, f)",
)  # fmt: skip
USES = "  {{ int a = {0}; o[{1}] = a; o[{1} + 1] = {0}; a = 0; a += {0}; o[{1} + 2] = a; o[{1} + 3] = same({0}); }}\n"
SWEEP = (
    r"""
#include <cmath>
namespace ns {
__device__ float half_of(float x) { return x / 2; }
template <class T> __device__ T same(T x) { return x; }
}
struct V {
  float plain, many[2];
  __device__ float get(float x) const { return x + plain; }
  __device__ float operator()() const { return plain; }
};
#define TWICE(x) ((x) * 2)
__device__ int same(int x) { return x; }
extern "C" __global__ void sweep(int *o, const float *x, float f, double d, int n) {
  __shared__ float shared[2];
  shared[1] = f;
  V v{f, {f, f}}, *pointer = &v;
"""
    + "".join(USES.format(expression, 4 * k) for k, expression in enumerate(EXPRESSIONS))
    + "}\n"
)


@pytest.mark.parametrize("races", [False, True])
def test_every_expression_converts_as_on_a_gpu_wherever_it_stands(races: bool) -> None:
    o = np.zeros((len(EXPRESSIONS), 4), np.int32)
    with emulation(races=races) as findings:
        launch(SWEEP, "sweep", 1, 1, (o, np.full(4, 1e10, np.float32), np.float32(1e10), np.float64(1e15), np.int32(3)))
    wrong = [
        (expression, row.tolist())
        for expression, row in zip(EXPRESSIONS, o, strict=True)
        if (row != (SMALL if expression == "-f" else LARGE)).any()
    ]
    assert not wrong
    found = {one.place for one in findings.of(UndefinedOperation)}
    assert len(found) >= (len(EXPRESSIONS) if races else 0)


PLACES = r"""
__device__ int given_back(float f) { return f; }
__device__ int two(unsigned char a, short b) { return a * 1000 + b; }
template <class T> __device__ T made(float f) { T v = f * 2.0f; return v; }
template <class T> __device__ void added(T *o, float f) { *o += f * 3; o[1] = f; }
struct Holder { int x; unsigned char c; };
struct Made { int at; __device__ Made(int a) : at(a) {} };
#define SET(a, b) a = b
extern "C" __global__ void places(int *o, unsigned *u, unsigned char *c, long long *w, float f, float nan, double d) {
  int i(f);
  o[0] = i;
  i = 0; i -= d;
  o[1] = i;
  Holder h; h.x = -f; h.c = 300.0f + f * 0;
  o[2] = h.x; o[3] = h.c;
  o[4] = given_back(nan);
  o[5] = two(f, -f);
  u[0] = f, u[1] = -f;
  u[2] = made<unsigned>(-f); o[6] = made<int>(f);
  float kept[2] = {1, 1}; added(kept, 0.5f); o[7] = kept[0] * 10;
  int turned[2] = {1, 1}; added(turned, f); o[8] = turned[0]; o[9] = turned[1];
  c[0] = f * 0.5f; c[1] *= f; c[2] = nan;
  w[0] = d; w[1] = nan; w[2] = f * f * f;
  bool any = f; o[10] = any;
  SET(o[11], f);
  Made m = f; o[12] = m.at;
  i = 5; i /= f * 0; o[13] = i;
  for (int k = 2.5f; k < 3; k++) o[14] = k;
  double other = f; o[15] = other > 1e9;
}
extern "C" __global__ void overflows(int *o, long long *w, int big, int small, int one) {
  o[0] = big + one;
  o[1] = small - one;
  o[2] = big * 2;
  int a = big; a++;
  o[3] = -small;
  o[4] = abs(small);
  o[5] = small / -one;
  o[6] = small % -one;
  o[7] = a; a = big; a += big;
  o[8] = a; a = small; --a;
  o[9] = a; a = big; a *= 3;
  o[10] = a;
  o[11] = 3 << (one + 30);
  w[0] = (long long)big * big * 4;
}
extern "C" __global__ void in_range(int *o, unsigned *u, short *s, float f, int n) {
  unsigned hash = 2166136261u;
  for (int k = 0; k < 100; k++) hash = (hash ^ k) * 16777619u;
  unsigned state = n; state = state * 1664525u + 1013904223u; state ^= state << 13;
  u[0] = hash; u[1] = state; u[2] = 0u - 1u;
  short few = 32767; few++; s[0] = few;
  o[0] = f; o[1] = 3.99f; o[2] = -f; o[0] += 0.5f;
  unsigned char byte = f * 20; o[3] = byte;
  o[4] = 1 << 31; o[5] = -4 << n; o[6] = n - 10; o[7] = (int)(2147483647u + 1u);
  atomicAdd(&o[8], 2147483647); atomicAdd(&o[8], 1);
  o[9] = __mul24(1 << 20, 1 << 20) + __sad(-2147483647 - 1, 2147483647, 0u);
}
"""


def arrays() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros(20, np.int32), np.zeros(4, np.uint32), np.full(4, 3, np.uint8), np.zeros(4, np.int64)


@pytest.mark.parametrize("races", [False, True])
def test_places_where_nothing_says_that_a_number_is_converted(races: bool) -> None:
    o, u, c, w = arrays()
    given = (o, u, c, w, np.float32(1e10), np.float32("nan"), np.float64(1e300))
    with emulation(races=races) as findings:
        launch(PLACES, "places", 1, 1, given)
    expected = [LARGE, SMALL, SMALL, 300 & 255, 0, 255 * 1000, LARGE, 25, LARGE, LARGE, 1, LARGE, LARGE, LARGE, 2, 1]
    assert o[:16].tolist() == expected
    assert u[:3].tolist() == [2**32 - 1, 0, 0]
    assert c[:3].tolist() == [255, 255, 0]
    assert w[:3].tolist() == [2**63 - 1, -(2**63), 2**63 - 1]
    if races:
        found = {one.place for one in findings.of(UndefinedOperation)}
        lines = (
            "int i(f);",
            "{ return f; }",
            "T v = f * 2.0f",
            "SET(o[11], f)",
            "Made m = f",
            "i /= f * 0",
            "c[1] *= f",
        )
        assert {f"test.cu:{line_of(PLACES, text)}" for text in lines} <= found
        assert f"test.cu:{line_of(PLACES, 'for (int k = 2.5f')}" not in found


@pytest.mark.parametrize("races", [False, True])
def test_signed_numbers_wrap_and_each_line_is_told_with_both_values(races: bool) -> None:
    o, _, _, w = arrays()
    given = (o, w, np.int32(LARGE), np.int32(SMALL), np.int32(1))
    with emulation(races=races) as findings:
        launch(PLACES, "overflows", 1, 1, given)
    assert o[:12].tolist() == [SMALL, LARGE, -2, SMALL, SMALL, SMALL, 0, SMALL, -2, LARGE, LARGE - 2, SMALL]
    assert w[0] == LARGE**2 * 4 - 2**64
    if races:
        found = {one.place: one for one in findings.of(UndefinedOperation)}
        lines = ("big + one", "small - one", "big * 2", "a++", "= -small", "abs(small)", "/ -one", "% -one", "a += big",
                 "--a", "a *= 3", "3 << (one", "big * big * 4")  # fmt: skip
        assert {f"test.cu:{line_of(PLACES, text)}" for text in lines} == found.keys()
        told = finding_text(found[f"test.cu:{line_of(PLACES, 'small - one')}"])
        assert f"a is {SMALL} and b is 1" in told
        assert f"a GPU gives {LARGE}" in told


def test_numbers_that_fit_and_unsigned_ones_are_not_told() -> None:
    o, u, _, _ = arrays()
    findings, error = checked(PLACES, "in_range", 1, 1, (o, u, np.zeros(1, np.int16), np.float32(5.5), np.int32(2)))
    assert (error, len(findings)) == (None, 0), str(findings)
    assert o[:8].tolist() == [5, 3, -5, 110, SMALL, -16, -8, SMALL]
    assert o[8] == SMALL


def test_a_file_without_such_conversions_is_compiled_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TINYSEG_CACHE", str(tmp_path))
    looked: list[int] = []
    monkeypatch.setattr(implicit, "with_conversions", lambda *given: looked.append(1))
    CudaModule('extern "C" __global__ void k(float *o, int n) { o[n] = n; }', "once.cu")
    assert not looked


def test_what_is_a_part_of_an_expression_only_is_left_alone() -> None:
    text = '# 1 "some.cu"\nvoid f(int *o, float x) { o[0] = x; int a = 1, b = 2; a += b; o[1] = a + b; }\n'
    changed = implicit.with_conversions(text, [*compiler(), implicit.WARNING], {("some.cu", 1)})
    assert changed.count("emulator::") == 1
    assert "o[0] = emulator::converted<int>(x);" in changed
    assert implicit.with_conversions(text, [*compiler(), implicit.WARNING], {("another.cu", 1)}) == text
