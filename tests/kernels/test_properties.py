"""What must hold for any shape, stride, padding, dilation, dtype and memory layout.

Drawn at random by hypothesis, shrunk to the smallest failure.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tinyseg_kernels.backend import backend
from tinyseg_kernels.windows import explicit_padding, output_size

from tests.kernels.portable import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    conv2d_backward,
    conv2d_forward,
    conv2d_transpose_backward,
    conv2d_transpose_forward,
    depthwise_conv2d_backward,
    depthwise_conv2d_forward,
    max_pool2d_backward,
    max_pool2d_forward,
)
from tests.support.errors import relative_error

LIMITS = {"float64": 1e-12, "float32": 2e-5}
thorough = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much]
)

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
paddings = st.one_of(
    st.sampled_from(["valid", "same"]),
    st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 2),
)


@st.composite
def images(draw: Any, dtype: str | None = None) -> np.ndarray:
    """Images (N, H, W, C) in one of several memory layouts.

    Values of a seeded generator, not of hypothesis, which loves zeros.
    """
    n, c = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    h, w = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = dtype or draw(st.sampled_from(["float64", "float32"]))
    layout = draw(st.sampled_from(["contiguous", "channels first", "every second", "reversed", "fortran"]))
    if layout == "channels first":
        return rng.standard_normal((n, c, h, w)).astype(dtype).transpose(0, 2, 3, 1)
    if layout == "every second":
        return rng.standard_normal((n, h * 2, w, c)).astype(dtype)[:, ::2]
    x = rng.standard_normal((n, h, w, c)).astype(dtype)
    return {"contiguous": x, "reversed": x[:, ::-1, ::-1], "fortran": np.asfortranarray(x)}[layout]


def fits(x: np.ndarray, window: Any, strides: Any, padding: Any, dilation: Any = (1, 1)) -> bool:
    size = x.shape[1:3]
    return (
        min(output_size(size, window, strides, explicit_padding(padding, size, window, strides, dilation), dilation))
        >= 1
    )


def random_like(shape: tuple[int, ...], x: np.ndarray, seed: int = 1) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(x.dtype)


def agree(actual: Any, expected: Any, dtype: Any) -> None:
    for a, b in zip(actual, expected, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert a.dtype == b.dtype == dtype
            assert relative_error(a, b) <= LIMITS[np.dtype(dtype).name]


def forward_and_backward(name: str, forward: Any, backward: Any, *arrays: np.ndarray, **options: Any) -> list[Any]:
    with backend(name):
        y, cache = forward(*arrays, **options)
        result = backward(random_like(y.shape, y), cache)
    return [y, *(result if isinstance(result, tuple) else (result,))]


@thorough
@given(images(), pairs, pairs, paddings, pairs, st.integers(1, 4), st.booleans())
def test_rungs_of_conv2d(
    x: Any, window: Any, strides: Any, padding: Any, dilation: Any, filters: int, has_bias: bool
) -> None:
    assume(fits(x, window, strides, padding, dilation))
    kernel = random_like((*window, x.shape[3], filters), x)
    bias = random_like((filters,), x) if has_bias else None
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation}
    fast, naive = (
        forward_and_backward(name, conv2d_forward, conv2d_backward, x, kernel, bias, **options)
        for name in ("numpy", "naive")
    )
    agree(fast, naive, x.dtype)


@thorough
@given(images(), pairs, pairs, paddings, pairs, st.integers(1, 3))
def test_rungs_of_depthwise_conv2d(
    x: Any, window: Any, strides: Any, padding: Any, dilation: Any, multiplier: int
) -> None:
    assume(fits(x, window, strides, padding, dilation))
    kernel = random_like((*window, x.shape[3], multiplier), x)
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation}
    fast, naive = (
        forward_and_backward(name, depthwise_conv2d_forward, depthwise_conv2d_backward, x, kernel, None, **options)
        for name in ("numpy", "naive")
    )
    agree(fast, naive, x.dtype)


@thorough
@given(images(), pairs, pairs, st.sampled_from(["valid", "same"]), st.integers(1, 3))
def test_rungs_of_conv2d_transpose(x: Any, window: Any, strides: Any, padding: str, filters: int) -> None:
    kernel = random_like((*window, filters, x.shape[3]), x)
    fast, naive = (
        forward_and_backward(
            name, conv2d_transpose_forward, conv2d_transpose_backward, x, kernel, None, strides=strides, padding=padding
        )
        for name in ("numpy", "naive")
    )
    agree(fast, naive, x.dtype)


@thorough
@given(images(), pairs, pairs, st.sampled_from(["valid", "same"]), st.booleans())
def test_rungs_of_pooling(x: Any, window: Any, strides: Any, padding: str, ties: bool) -> None:
    assume(fits(x, window, strides, padding))
    x = np.round(x) if ties else x
    for forward, backward in ((max_pool2d_forward, max_pool2d_backward), (avg_pool2d_forward, avg_pool2d_backward)):
        options = {"pool_size": window, "strides": strides, "padding": padding}
        fast, naive = (forward_and_backward(name, forward, backward, x, **options) for name in ("numpy", "naive"))
        agree(fast, naive, x.dtype)


@thorough
@given(images("float64"), pairs, pairs, paddings, pairs)
def test_convolution_is_linear_and_backward_is_its_adjoint(
    x: Any, window: Any, strides: Any, padding: Any, dilation: Any
) -> None:
    """conv(a x + b x') = a conv(x) + b conv(x'), the same in the kernel; <dy, conv(x, k)> = <dx, x> = <dk, k>."""
    assume(fits(x, window, strides, padding, dilation))
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation}
    k, k2 = (random_like((*window, x.shape[3], 2), x, seed) for seed in (1, 2))
    x2 = random_like(x.shape, x, 3)

    def conv(x: Any, k: Any) -> Any:
        return conv2d_forward(np.ascontiguousarray(x), k, **options)[0]

    y, cache = conv2d_forward(x, k, **options)
    assert relative_error(conv(2.5 * x - 0.5 * x2, k), 2.5 * y - 0.5 * conv(x2, k)) < 1e-12
    assert relative_error(conv(x, 2.5 * k - 0.5 * k2), 2.5 * y - 0.5 * conv(x, k2)) < 1e-12
    dy = random_like(y.shape, y, 4)
    dx, dk, _ = conv2d_backward(dy, cache)
    size = np.abs(dy * y).sum() + 1e-30
    assert abs((dy * y).sum() - (dx * x).sum()) < 1e-12 * size
    assert abs((dy * y).sum() - (dk * k).sum()) < 1e-12 * size


@thorough
@given(images("float64"), pairs, pairs)
def test_the_transposed_convolution_is_the_adjoint(x: Any, window: Any, strides: Any) -> None:
    """<conv(u), x> = <u, conv_transpose(x)> with the same kernel."""
    kernel = random_like((*window, 2, x.shape[3]), x)
    y, _ = conv2d_transpose_forward(x, kernel, strides=strides, padding="valid")
    u = random_like(y.shape, x, 2)
    v, _ = conv2d_forward(u, kernel, strides=strides, padding="valid")
    rows, columns = min(v.shape[1], x.shape[1]), min(v.shape[2], x.shape[2])
    assert v.shape[1:3] == (rows, columns) == x.shape[1:3]
    assert abs((v * x).sum() - (u * y).sum()) < 1e-12 * (np.abs(v * x).sum() + 1e-30)


@thorough
@given(images("float64"), pairs, pairs, st.integers(0, 3), st.integers(0, 3))
def test_a_shift_of_the_image_shifts_the_result(x: Any, window: Any, dilation: Any, down: int, right: int) -> None:
    assume(fits(x, window, (1, 1), "valid", dilation))
    kernel = random_like((*window, x.shape[3], 2), x)
    shifted = np.pad(x, ((0, 0), (down, 0), (right, 0), (0, 0)), mode="wrap")
    y, _ = conv2d_forward(np.ascontiguousarray(x), kernel, dilation_rate=dilation)
    z, _ = conv2d_forward(shifted, kernel, dilation_rate=dilation)
    assert relative_error(z[:, down:, right:], y) < 1e-13
    options = {"pool_size": window, "strides": (1, 1)}
    if fits(x, window, (1, 1), "valid"):
        for pool in (max_pool2d_forward, avg_pool2d_forward):
            assert relative_error(pool(shifted, **options)[0][:, down:, right:], pool(x, **options)[0]) < 1e-13


@thorough
@given(images("float64"), pairs, pairs, st.data())
def test_tiles_give_what_the_whole_gives(x: Any, window: Any, strides: Any, data: Any) -> None:
    """An output needs its own window and nothing else.

    Cut out the rows that some outputs see, and they come out the same.
    """
    assume(fits(x, window, strides, "valid"))
    kernel = random_like((*window, x.shape[3], 2), x)
    whole, _ = conv2d_forward(x, kernel, strides=strides)
    first = data.draw(st.integers(0, whole.shape[1] - 1))
    last = data.draw(st.integers(first, whole.shape[1] - 1))
    rows = slice(first * strides[0], last * strides[0] + window[0])
    assert relative_error(conv2d_forward(x[:, rows], kernel, strides=strides)[0], whole[:, first : last + 1]) < 1e-13
    for pool in (max_pool2d_forward, avg_pool2d_forward):
        part, _ = pool(x[:, rows], pool_size=window, strides=strides)
        complete, _ = pool(x, pool_size=window, strides=strides)
        assert relative_error(part, complete[:, first : last + 1]) < 1e-13


@thorough
@given(images("float64"), pairs, pairs, st.sampled_from(["valid", "same"]))
def test_pooling_keeps_the_sum_of_the_gradient(x: Any, window: Any, strides: Any, padding: str) -> None:
    """Every entry of dy goes somewhere, whole.

    To one pixel of its window, or shared among those that are no padding.
    """
    assume(fits(x, window, strides, padding))
    options = {"pool_size": window, "strides": strides, "padding": padding}
    for forward, backward in ((max_pool2d_forward, max_pool2d_backward), (avg_pool2d_forward, avg_pool2d_backward)):
        y, cache = forward(x, **options)
        dy = np.abs(random_like(y.shape, y))
        dx = backward(dy, cache)
        np.testing.assert_allclose(dx.sum(axis=(1, 2)), dy.sum(axis=(1, 2)), rtol=1e-12)
        assert dx.shape == x.shape
