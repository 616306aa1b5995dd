"""Comments that say how to launch a kernel."""

from __future__ import annotations

import contextlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinyseg_emulator.checks.launch_example import EXAMPLE_CUDA, EXAMPLE_NUMBA
from tinyseg_emulator.checks.launch_lines import launch_lines
from tinyseg_emulator.checks.results import NotANumber, WrongResult
from tinyseg_kernels.errors import InvalidInput


def test_one_grammar_for_both_languages() -> None:
    cuda = (
        "int x;\n  // racecheck: scale<<<dim3(2, 3), 8 * 8, 4 * 64>>>(const float x[16][8] = random, double "
        "y[128], unsigned int n = 2 * 64 - 1)  \n"
    )
    numba = (
        "x = 1\n# racecheck: scale[(2, 3), 8 * 8, 4 * 64](x: float32[16, 8] = random, y: float64[128], n: "
        "uint32 = 2 * 64 - 1)\n"
    )
    (a,), (b,) = launch_lines(cuda, "k.cu"), launch_lines(numba, "k.py")
    assert a == b
    assert (a.kernel, a.grid, a.block, a.shared_mem, a.line) == ("scale", (2, 3, 1), (64, 1, 1), 256, 2)
    x, y, n = a.make_arguments(seed=3)
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((16, 8), np.float32, (128,), np.float64)
    assert np.isfinite(x).all()
    assert np.isnan(y).all()
    assert (n, type(n)) == (127, np.uint32)
    np.testing.assert_array_equal(x, a.make_arguments(seed=3)[0])
    assert (x != a.make_arguments(seed=4)[0]).any()


def test_fills() -> None:
    text = (
        "// racecheck: k<<<1, 1>>>(float a[3] = zeros, int b[2][2] = arange, float c[2] = 0.5f, int d[500] = "
        "random, float e[500] = random(-2, 3), int f[500] = random(3, 5), int g[2] = ones, bool h = true, int i[2], "
        "float j = -inf)"
    )
    a, b, c, d, e, f, g, h, i, j = launch_lines(text, "k.cu")[0].make_arguments()
    np.testing.assert_array_equal(a, np.zeros(3, np.float32))
    np.testing.assert_array_equal(b, [[0, 1], [2, 3]])
    np.testing.assert_array_equal(c, np.full(2, 0.5, np.float32))
    assert set(d.tolist()) == set(range(10))
    assert -2 <= e.min() < -1.5
    assert 2.5 < e.max() <= 3
    assert set(f.tolist()) == {3, 4, 5}
    np.testing.assert_array_equal(g, [1, 1])
    assert bool(h) is True
    np.testing.assert_array_equal(i, [-1, -1])  # every byte 0xFF
    assert j == -np.inf


def test_several_lines_and_no_arguments() -> None:
    lines = launch_lines("# racecheck: a[1, 2]()\nx = 1\n# racecheck: b[(1, 2, 3), (4, 5), 6](n: int32 = 7)\n", "k.py")
    assert [(line.kernel, line.grid, line.block, line.shared_mem, line.line) for line in lines] == [
        ("a", (1, 1, 1), (2, 1, 1), 0, 1),
        ("b", (1, 2, 3), (4, 5, 1), 6, 3),
    ]
    assert lines[0].arguments == ()


@pytest.mark.parametrize(("name", "example"), [("k.cu", EXAMPLE_CUDA), ("k.py", EXAMPLE_NUMBA)])
def test_examples_can_be_read_and_are_shown_when_a_file_has_none(name: str, example: str) -> None:
    assert launch_lines(example, name)[0].kernel == "kernel"
    with pytest.raises(InvalidInput) as caught:
        launch_lines("nothing here\n", name)
    assert example in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "example"),
    [
        (
            "k.cu",
            (
                'extern "C" __global__ void __launch_bounds__(256) blur(const float *__restrict__ x,\n    float* const '
                "y, unsigned int n, float f) {}"
            ),
            ("// racecheck: blur<<<2, 64>>>(float x[128] = random, float y[128], unsigned int n = 128, float f = 0.5)"),
        ),
        ("k.cu", "__global__ void f(double *y, real a) {}", "// racecheck: f<<<2, 64>>>(double y[128], real a = 0.5)"),
        ("k.cu", "__global__ void f() {}", "// racecheck: f<<<2, 64>>>()"),
        ("k.cu", "__global__ void f(float *) {}", EXAMPLE_CUDA),
        (
            "k.py",
            "def helper(a): pass\n@cuda.jit(fastmath=False)\ndef blur(x, y: Any): pass\n",
            "# racecheck: blur[2, 64](x: float32[128] = random, y: float32[128] = random)",
        ),
        ("k.py", "@cuda.jit\ndef blur(*arrays): pass\n", EXAMPLE_NUMBA),
        ("k.py", "def helper(a): pass\n", EXAMPLE_NUMBA),
    ],
)
def test_the_example_is_made_for_the_files_own_kernel(name: str, text: str, example: str) -> None:
    """And can be copied as it is."""
    with pytest.raises(InvalidInput) as caught:
        launch_lines(text, name)
    assert str(caught.value).endswith(f"such as: {example}")
    assert len(launch_lines(f"{example}\n{text}", name)) == 1


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("k", "'k' is no launch"),
        ("k[1](x: float32[2])", "got 1 values"),
        ("k[1, 2, 3, 4, 5]()", "got 5 values"),
        ("k[1, 2](x: float31[2])", "unknown type 'float31'"),
        ("k[1, 2](x)", "argument 'x' has no name and type"),
        ("k[1, 2](n: int32)", "a number needs a value"),
        ("k[1, 2](n: int32 = m)", "'m' is no number"),
        ("k[1, 2](x: float32[n])", "'n' is no number"),
        ("k[1, 2](x: float32[2] = randm)", "'randm' is no number"),
        ("k[1, 2](x: float32[2] = random(1))", r"random(low, high)"),
        ("k[(1, 2, 3, 4), 2]()", "1 to 3 lengths"),
        ("k[1 / 0, 2]()", "no number"),
        ("k[__import__('os'), 2]()", "no number"),
        ("k[1, 2](x: float32[-3])", "-3"),
        ("k[1, 2](x: int8 = 1000)", "1000"),
        ("k[1, 2.5]()", "whole number, got '2.5'"),
        ("k[inf, 2]()", "whole number, got 'inf'"),
        ("k[1, 2](x: float32[100000, 100000])", "(100000, 100000)"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(line: str, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        launch_lines(f"\n# racecheck: {line}\n", "file.py")
    assert str(caught.value).startswith("file.py:2: ")
    assert text in str(caught.value)
    assert EXAMPLE_NUMBA in str(caught.value)


@given(st.text(alphabet="k[]()<>,=:123 float*+-/xn.e", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        launch_lines(f"# racecheck: {text}", "file.py")


@pytest.mark.skipif(find_spec("greenlet") is None, reason="NOT TESTED: the simulator needs greenlet")
def test_results_of_numba_kernels_are_compared_too(tmp_path: Path) -> None:
    from tinyseg_emulator.simulator.check import check_numba

    path = tmp_path / "k.py"
    path.write_text(
        "from numba import cuda\n"
        "# racecheck: scale[2, 16](x: float32[32] = random, f: float32 = 3, y: float32[32] = expected x * f)\n"
        "# racecheck: scale[2, 16](x: float32[32] = arange, f: float32 = 3, y: float32[32]) -> y = x * f + (x > 30)\n"
        "# racecheck: scale[2, 16](x: float32[32], f: float32 = 3, y: float32[32])\n"
        "@cuda.jit\ndef scale(x, f, y):\n    i = cuda.grid(1)\n    y[i] = x[i] * f\n"
    )
    findings = check_numba(path, thread_orders=("up",))
    (wrong,), (nan,) = findings.of(WrongResult), findings.of(NotANumber)
    assert (wrong.index, wrong.value, wrong.expected, wrong.place) == ("31", "93", "94", f"{path}:3")
    assert (nan.array, nan.source, nan.place) == ("y", "'x'", f"{path}:4")
