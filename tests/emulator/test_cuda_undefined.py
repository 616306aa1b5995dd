"""Operations that C++ leaves undefined: a GPU's value, and a finding that tells the operands."""

from __future__ import annotations

import numpy as np
import pytest
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import OutOfBounds, Race
from tinyseg_emulator.checks.report import finding_text
from tinyseg_emulator.checks.undefined import UndefinedOperation
from tinyseg_emulator.cuda.translate.arithmetic import exact_arithmetic
from tinyseg_emulator.cuda.translate.statements import statements
from tinyseg_emulator.cuda.translate.tokens import Edits, tokenize

from tests.emulator.cuda_source import checked, launch, line_of

SOURCE = r"""
template <class T> struct Wrapped { T value; };
template <class T> __device__ T shifted(T a, int n) { return a << n; }
struct Bits { unsigned a : 5; int b : 9; };
#define DIVIDE(a, b) ((a) / (b))
constexpr int EIGHT = 1 << 3, FOUR = EIGHT / 2;
extern "C" __global__ void shifts(int *o, unsigned *u, long long *l, int a, int n) {
  o[0] = a << n;
  o[1] = a >> n;
  u[0] = 1u << n;
  u[1] = 0x80000000u >> n;
  l[0] = 1ll << n;
  l[1] = -5ll >> (n + 32);
  o[2] = a; o[2] <<= n;
  o[3] = a; o[3] >>= n;
  u[2] = shifted(7u, n);
  l[2] = shifted(7ll, n);
  o[4] = 1 << (n - 40);
}
extern "C" __global__ void divisions(int *o, unsigned *u, long long *l, float *f, int a, int zero, int minus) {
  o[0] = a / zero;
  o[1] = a % zero;
  u[0] = 7u / unsigned(zero);
  l[0] = (long long)a / zero;
  o[2] = a / minus;
  o[3] = a % minus;
  o[4] = DIVIDE(a, zero);
  o[5] = a; o[5] /= zero;
  o[6] = a; o[6] %= 7;
  f[0] = 1.0f / float(zero);
  f[1] = f[0] / f[0];
  o[7] = 12 / EIGHT / (a ? 1 : 2) % 5;
}
extern "C" __global__ void conversions(int *o, unsigned *u, long long *l, float x, double d) {
  o[0] = (int)x;
  o[1] = int(d);
  o[2] = static_cast<int>(-x);
  u[0] = (unsigned)x;
  u[1] = (unsigned int)-3.5f;
  l[0] = (long long)(x * x * x);
  o[3] = (int)(x - x + NAN);
  o[4] = (int)2147483520.0f;
  u[2] = (unsigned)-0.5f;
  o[5] = (int)d;
}
extern "C" __global__ void usual(int *o, float *f, int a, int b) {
  __shared__ float s[EIGHT / FOUR][1 << 2];
  Bits bits{21, -7};
  Wrapped<Wrapped<int>> inner{{5}};
  volatile int v = 6;
  s[0][0] = 3;
  o[0] = bits.a >> 1 | bits.b / b;
  o[1] = a + b;
  o[2] = a < b >> 1 ? 1 : 2;
  o[3] = inner.value.value >> b;
  o[4] = v / b % 2;
  o[5] = sizeof(int) * 8 / sizeof(short);
  o[6] = (short)a + (unsigned char)b + int(3.9f) + static_cast<int>(f[0]);
  f[1] = float(a) / float(b) / s[0][0];
  switch (a) { case EIGHT / 2: o[7] = 1; break; default: o[7] = 1 << b << b >> b; }
  for (int i = a >> b, j = 0; i > 0; i >>= b, j++) o[8] = j;
  float4 q = make_float4(1, 2, 3, 4);
  q.x /= 2 / f[0]; q.y /= b;
  f[2] = q.x + q.y;
  o[9] = a / (b ? b : 1) * b + a % b - a;
}
"""


def arrays() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros(16, np.int32), np.zeros(16, np.uint32), np.zeros(16, np.int64)


def test_shifts_are_clamped() -> None:
    o, u, w = arrays()
    launch(SOURCE, "shifts", 1, 1, (o, u, w, np.int32(-8), np.int32(32)))
    assert o[:5].tolist() == [0, -1, 0, -1, 0]
    assert u[:3].tolist() == [0, 0, 0]
    assert w[:3].tolist() == [1 << 32, -1, 7 << 32]
    launch(SOURCE, "shifts", 1, 1, (o, u, w, np.int32(-8), np.int32(5)))
    assert (o[:4].tolist(), u[:3].tolist(), w[0]) == ([-256, -1, -256, -1], [32, 1 << 26, 7 << 5], 32)


def test_divisions_by_zero_give_all_bits() -> None:
    o, u, w = arrays()
    f = np.zeros(2, np.float32)
    launch(SOURCE, "divisions", 1, 1, (o, u, w, f, np.int32(-(2**31)), np.int32(0), np.int32(-1)))
    assert o[:8].tolist() == [-1, -1, -(2**31), 0, -1, -1, -2, 1]
    assert (u[0], w[0]) == (2**32 - 1, -1)
    assert np.isinf(f[0])
    assert np.isnan(f[1])


def test_conversions_saturate() -> None:
    o, u, w = arrays()
    launch(SOURCE, "conversions", 1, 1, (o, u, w, np.float32(1e10), np.float64(-1e300)))
    assert o[:6].tolist() == [2**31 - 1, -(2**31), -(2**31), 0, 2147483520, -(2**31)]
    assert (u[:3].tolist(), w[0]) == ([2**32 - 1, 0, 0], 2**63 - 1)


def test_each_is_a_finding_with_operands_result_and_line() -> None:
    o, u, w = arrays()
    findings, error = checked(SOURCE, "shifts", 1, 1, (o, u, w, np.int32(-8), np.int32(32)))
    assert error is None
    found = {one.place: one for one in findings.of(UndefinedOperation)}
    one = found[f"test.cu:{line_of(SOURCE, 'o[1] = a >> n')}"]
    assert (one.left, one.right, one.result) == ("-8", "32", "-1")
    assert "a is -8 and b is 32" in finding_text(one)
    assert "a GPU gives -1" in finding_text(one)
    assert f"test.cu:{line_of(SOURCE, 'l[0] = 1ll << n')}" not in found
    findings, _ = checked(SOURCE, "conversions", 1, 1, (o, u, w, np.float32(1e10), np.float64(0)))
    texts = [finding_text(one) for one in findings.of(UndefinedOperation)]
    assert any("the number is 1e+10" in text and "a GPU gives 2147483647" in text for text in texts)


@pytest.mark.parametrize("races", [False, True])
def test_defined_operations_stay_as_they_are(races: bool) -> None:
    o, f = np.zeros(16, np.int32), np.zeros(4, np.float32)
    f[0] = 2
    with emulation(races=races) as findings:
        launch(SOURCE, "usual", 1, 1, (o, f, np.int32(9), np.int32(2)))
    assert findings.of(UndefinedOperation) == []
    assert o[:10].tolist() == [10 | -3, 11, 2, 1, 1, 16, 9 + 2 + 3 + 2, 4, 0, 0]
    assert f[1:3].tolist() == [1.5, 1 + 1]


COPIES = r"""
#include <cstring>
extern "C" __global__ void copies(float *o, const float *x, int n) {
  __shared__ float s[8];
  if (threadIdx.x == 0) std::memcpy(s, x, 32);
  __syncthreads();
  o[threadIdx.x] = s[threadIdx.x];
  if (threadIdx.x == 0 && n) memset(o, 0, n);
}
extern "C" __global__ void racing(float *o, const float *x) {
  __shared__ float s[8];
  memcpy(s, x, 32);
  o[threadIdx.x] = s[threadIdx.x];
}
"""


def test_copies_are_checked() -> None:
    o, x = np.zeros(8, np.float32), np.arange(8, dtype=np.float32)
    findings, error = checked(COPIES, "copies", 1, 8, (o, x, np.int32(0)))
    assert (error, len(findings), o.tolist()) == (None, 0, x.tolist())
    findings, error = checked(COPIES, "copies", 1, 8, (o, x, np.int32(2**31 - 1)))
    assert error is not None
    found = list(findings.of(OutOfBounds))
    assert [(one.array, one.index) for one in found] == [("o", "8")]
    assert found[0].access.place == f"test.cu:{line_of(COPIES, 'memset')}"
    findings, error = checked(COPIES, "racing", 1, 8, (o, x))
    assert error is None
    assert {one.array for one in findings.of(Race)} == {"s"}


def rewritten(body: str) -> str:
    text = f"__device__ void f() {{ {body} }}"
    tokens = tokenize(text)
    edits = Edits(text)
    exact_arithmetic(tokens, statements(tokens), edits)
    return edits.apply().partition("{ ")[2].removesuffix(" }")


def test_lists_of_template_arguments_and_harmless_numbers_are_left_alone() -> None:
    for body in ("A<B<int>> x;", "f<g<3>>(1);", "x = y / 2 + (z >> 3) % 7u;", "x = sizeof(int);", "x = 1.5f / 2.0f;"):
        assert rewritten(body) == body
    assert rewritten("x = i < n >> k;") == "x = i < n >>emulator::Shift{}>> k;"
    assert rewritten("if (a < b && c < d >> e) g();") == "if (a < b && c < d >>emulator::Shift{}>> e) g();"
    assert rewritten("x = (int)y + f((int)z);").count("saturating<int>") == 2
    host = "void f() { x = a / b; }"
    edits = Edits(host)
    exact_arithmetic(tokenize(host), statements(tokenize(host)), edits)
    assert edits.apply() == host
