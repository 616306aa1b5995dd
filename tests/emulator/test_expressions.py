"""Numbers and expressions of launch comments: worked out without running code, as C and NumPy would."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinyseg_emulator.checks.comments import racecheck_comments
from tinyseg_emulator.checks.expectations import Expected, compare, read_expected
from tinyseg_emulator.checks.expressions import Expression
from tinyseg_emulator.checks.names import Names
from tinyseg_emulator.checks.numbers import UnknownName, number, split


def test_numbers_as_c_and_as_python() -> None:
    same = {
        "1 << 10": 1024, "0x1Fu": 31, "1'000'000": 1_000_000, "2.5e-1f": 0.25, "-3 + 4 * 2L": 5, "~0 & 7": 7,
        "3 > 2": True,
        "'a'": 97, "(1 + 2) * (3)": 9, ".5f": 0.5, "1.f": 1.0, "-inf": -np.inf, "true": True, "6 ^ 3": 5,
    }  # fmt: skip
    for text, value in same.items():
        for c in (True, False):
            assert number(text, {}, c=c) == value, text
    assert [number(text, {}, c=True) for text in ("7 / 2", "-7 / 2", "-7 % 2", "7 % -2", "017", "7 / 2.0")] == [
        3,
        -3,
        -1,
        1,
        15,
        3.5,
    ]
    assert [number(text, {}, c=False) for text in ("7 / 2", "-7 // 2", "-7 % 2")] == [3.5, -4, 1]
    assert number("2 * N - M", {"N": 5, "M": 1}, c=True) == 9


@pytest.mark.parametrize(
    "text", ["", "x y", "1 +", "1 / 0", "[1]", "'ab'", "1 if 2 else 3", "2 ** 99999", "1 << 99999", "lambda: 3"]
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        number(text, {}, c=True)


@pytest.mark.parametrize(
    "text", ["N", "sizeof(float) * 3", "f(3)", "N ? 1 : 2", "a::b", "(int)2.5", "!N", "x.y", "t[3]"]
)
def test_what_only_the_compiler_can_tell(text: str) -> None:
    with pytest.raises(UnknownName):
        number(text, {}, c=True)
    names = Names(c=True, collecting=True)
    assert names.number(text) == 1
    assert list(names.asked_values) == [text]
    assert Names(c=True, values={text: 8}).number(text) == 8


@pytest.mark.parametrize("text", ["N); evil(", "N ; M", 'f("x")', "N]"])
def test_what_must_not_reach_the_compiler(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        Names(c=True, collecting=True).number(text)


def test_split_respects_brackets_quotation_marks_and_template_arguments() -> None:
    text = "Vec<float, 3> v = {1, 2}, int n = 1 << 2, 'a,b', f(1, [2, 3]), a < b, c"
    assert split(text) == ["Vec<float, 3> v = {1, 2}", "int n = 1 << 2", "'a,b'", "f(1, [2, 3])", "a < b", "c"]


@pytest.mark.parametrize("seed", range(3))
def test_expressions_are_numpys(seed: int) -> None:
    generator = np.random.default_rng(seed)
    x, m, n = generator.standard_normal(12), generator.integers(-5, 6, (3, 4)), int(generator.integers(2, 6))
    arrays = {"x": x, "m": m, "n": n, "in": x + 1, "lambda": 3.0}
    for text, want in (
        ("2 * x + 1.5f", 2 * x + 1.5),
        ("np.where(x > 0, sqrt(abs(x)), -x)", np.where(x > 0, np.sqrt(np.abs(x)), -x)),
        ("m.T @ m", m.T @ m),
        ("m.sum(axis=1)[:, None] * ones((1, n))", m.sum(axis=1)[:, None] * np.ones((1, n))),
        ("x[::-1].reshape(3, 4)[1:, :2]", x[::-1].reshape(3, 4)[1:, :2]),
        (
            "[x[i:i + n].sum() for i in range(0, 12 - n) if i != 2]",
            [x[i : i + n].sum() for i in range(12 - n) if i != 2],
        ),
        ("convolve(in, [1, 2, 1], 'same') * lambda", np.convolve(x + 1, [1, 2, 1], "same") * 3),
        ("(m << 2) // 3 % n ^ 1", (m << 2) // 3 % n ^ 1),
        ("-1 < x < 1", (x > -1) & (x < 1)),
        ("float32(x).astype(float64) if n > 3 else x", np.float32(x).astype(np.float64) if n > 3 else x),
        ("cumsum(sort(x))[n:]", np.cumsum(np.sort(x))[n:]),
        ("bincount(m.ravel() + 5, minlength=11)", np.bincount(m.ravel() + 5, minlength=11)),
    ):
        np.testing.assert_array_equal(Expression(text).evaluate(arrays), want, err_msg=text)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "x.__class__", "().__class__.__bases__", "open('/etc/passwd')",
        "np.load('x')",
        "np.fromfile('x')", "x.tofile('x')", "eval('1')", "(lambda: 1)()", "x.dtype", "np.core", "[].append(1)",
        "f'{x}'",
        "np.zeros(10**12)", "10**10**10", "1 << 10**9", "zeros((10**5, 10**5))", "[0 for i in range(10**12)]",
        "[0] * 10**10",
        "np.add(x, x, out=x)", "sum(*x)", "x if", "y", "x[99]", "x @ ones(3)", "{}", "x := 3", "globals()", "x.ctypes",
        "range.__doc__", "'{0.__class__}'.format(x)", "sqrt.__globals__", "getattr(x, 'T')", "np.sqrt.at(x, 0)",
    ],
)  # fmt: skip
def test_what_may_not_be_written_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Expression(text).evaluate({"x": np.arange(4.0)})


@given(st.text(alphabet="xn+-*/()[],:.<>=0123 '\"_forin", max_size=30))
def test_any_expression_is_worked_out_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        Expression(text).evaluate({"x": np.arange(4.0), "n": 3})
    with contextlib.suppress(ValueError):
        read_expected(text, Names(c=False))


def expected(text: str) -> Expected:
    """Read an expectation that names the array x."""
    names = Names(c=False)
    names.arrays["x"] = names.arrays["y"] = "float *"
    return read_expected(text, names)


@pytest.mark.parametrize(
    ("dtype", "allowed", "wrong"),
    [("float16", 1e-3, 1e-2), ("float32", 5e-5, 1e-3), ("float64", 1e-10, 1e-7)],
)
def test_tolerances_are_those_of_the_dtype(dtype: str, allowed: float, wrong: float) -> None:
    generator = np.random.default_rng(1)
    x = generator.uniform(1, 2, 50)
    for error, found in ((allowed, False), (wrong, True)):
        y = (x * (1 + error)).astype(dtype)
        mismatch = compare(expected("y = x"), y, {"x": x, "y": y})
        assert (mismatch is not None) is found
    assert compare(expected(f"y = x within {2 * wrong}"), (x * (1 + wrong)).astype(dtype), {"x": x}) is None


def test_integers_are_compared_exactly_and_wrap() -> None:
    x = np.array([250, 3, 7], np.uint8)
    assert compare(expected("y = x + 10"), np.array([4, 13, 17], np.uint8), {"x": x}) is None
    mismatch = compare(expected("y = x + 10"), np.array([4, 13, 18], np.uint8), {"x": x})
    assert mismatch is not None
    assert (mismatch.index, mismatch.value, mismatch.expected, mismatch.wrong, mismatch.total) == (
        "2",
        "18",
        "17",
        1,
        3,
    )
    assert compare(expected("y = x / 2"), np.array([125, 1, 3], np.uint8), {"x": x}) is not None
    assert compare(expected("y[1:] = 5"), np.array([4, 5, 5]), {"x": x}) is None


def test_nan_and_infinity_are_numbers_to_expect() -> None:
    y = np.array([np.nan, np.inf, 1], np.float32)
    assert compare(expected("y = [nan, inf, 1]"), y, {}) is None
    assert compare(expected("y = [nan, inf, 1]"), y[[1, 0, 2]], {}) is not None
    assert compare(expected("y = [1e39, 0, 0]"), np.array([np.inf, 0, 0], np.float32), {}) is None
    assert compare(expected("y = [0, 0, 1]"), y, {}) is not None


def test_comments_go_on_over_lines() -> None:
    text = (
        "// racecheck: a<<<1,\n//   2>>>(int x[2],\n//   int n = 3)\n//   -> x = 1\n// another comment\n"
        "/* racecheck: b<<<1, 1>>>() */\n * racecheck: c<<<1, 1>>>();\n   // d<<<1, 1>>>()\n"
        "#racecheck: e[1, 1]()\n# more\n"
        'x = "// racecheck: no"\n'
    )
    assert [(comment.text, comment.line) for comment in racecheck_comments(text)] == [
        ("a<<<1, 2>>>(int x[2], int n = 3) -> x = 1", 1), ("b<<<1, 1>>>()", 6), ("c<<<1, 1>>>(); d<<<1, 1>>>()", 7),
        ("e[1, 1]()", 9),
    ]  # fmt: skip
