"""The ways of a convolution on the CPU, each by itself, against the NumPy rung in float64 at sizes as in use, and at
all remainders of tiles and bands.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product as combinations
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.conv2d import numba_cpu, numpy_cpu
from tinyseg_kernels.conv2d.cpu import dilated, direct, im2col
from tinyseg_kernels.conv2d.cpu.algorithm import algorithm
from tinyseg_kernels.conv2d.cpu.flipped_kernel import flipped
from tinyseg_kernels.conv2d.cpu.winograd import convolution as winograd
from tinyseg_kernels.conv2d_transpose import numba_cpu as transposed_numba
from tinyseg_kernels.conv2d_transpose import numpy_cpu as transposed_numpy
from tinyseg_kernels.cpu.gemm.micro_kernel import LANES
from tinyseg_kernels.cpu.memory.buffers import poison
from tinyseg_kernels.cpu.threading.threads import set_num_threads

from tests.support.errors import ErrorLog, relative_error

LIMIT = 1e-5


@pytest.fixture(autouse=True)
def _poisoned() -> None:
    poison(True)


def only(monkeypatch: pytest.MonkeyPatch, way: str) -> Callable[[], int]:
    """Let every convolution go one way; returns a function that tells how often it did."""
    calls = []

    def spy(module: Any, name: str, allowed: bool) -> None:
        function = getattr(module, name)

        def call(*args: Any, **options: Any) -> Any:
            assert allowed, f"{module.__name__}.{name} was called"
            calls.append(name)
            return function(*args, **options)

        monkeypatch.setattr(module, name, call)

    if way == "direct":
        monkeypatch.setattr(winograd, "suits", lambda *geometry: False)
        monkeypatch.setattr(numba_cpu, "algorithm", algorithm.__wrapped__)  # the decision anew, not the remembered one
    for module, name in combinations((direct, winograd), ("forward", "kernel_gradient")):
        spy(module, name, way in module.__name__)
    return lambda: len(calls)


def compare(
    x_shape: tuple[int, ...], k_shape: tuple[int, ...], rng: np.random.Generator, biased: bool = True, **options: Any
) -> float:
    """Return the largest relative error of y, dx, dkernel and dbias."""
    x, kernel = rng.standard_normal(x_shape), rng.standard_normal(k_shape) / np.sqrt(np.prod(k_shape[:3]))
    bias = rng.standard_normal(k_shape[3]) if biased else None
    inputs = [None if a is None else a.astype(np.float32) for a in (x, kernel, bias)]
    y, cache = numba_cpu.conv2d_forward(*inputs, **options)  # type: ignore[arg-type]
    dy = rng.standard_normal(y.shape).astype(np.float32)
    gradients = numba_cpu.conv2d_backward(dy, cache)
    wide = [None if a is None else a.astype(np.float64) for a in inputs]
    expected_y, expected_cache = numpy_cpu.conv2d_forward(*wide, **options)  # type: ignore[arg-type]
    expected = numpy_cpu.conv2d_backward(dy.astype(np.float64), expected_cache)
    errors = [relative_error(y, expected_y)]
    errors += [relative_error(a, b) for a, b in zip(gradients, expected, strict=True) if b is not None]
    return max(errors)


@pytest.mark.parametrize("shape", [(3, 3, 16, 32), (5, 4, 37, 20), (1, 1, 1, 1), (2, 3, 3, 70), (3, 1, 64, 5)])
def test_turned_kernels(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    set_num_threads(3)
    kernel = rng.standard_normal(shape).astype(np.float32)
    np.testing.assert_array_equal(flipped(kernel), kernel[::-1, ::-1].swapaxes(2, 3))
    strided = np.repeat(kernel, 2, axis=1)[:, ::2]
    np.testing.assert_array_equal(flipped(strided), kernel[::-1, ::-1].swapaxes(2, 3))


@pytest.mark.parametrize(
    ("x", "filters"),
    [
        ((2, 64, 64, 64), 64),
        ((4, 32, 32, 128), 64),
        ((2, 24, 28, 256), 256),
        ((1, 13, 18, 32), 48),
        ((3, 5, 4, 64), 32),
        ((1, 1, 1, 32), 32),
    ],
)  # fmt: skip
@pytest.mark.parametrize("padding", ["same", "valid", ((1, 3), (4, 1))])
def test_winograd_with_windows_of_5x5(
    x: tuple[int, ...], filters: int, padding: Any, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator,
    record_error: ErrorLog,
) -> None:  # fmt: skip
    set_num_threads(3)
    if padding == "valid" and min(x[1:3]) < 5:
        pytest.skip("no window fits")
    count = only(monkeypatch, "winograd")
    error = compare(x, (5, 5, x[3], filters), rng, padding=padding)
    record_error("Winograd F(2, 5) on the CPU, float32 against float64", error)
    assert count() == 3
    assert error < LIMIT


@pytest.mark.parametrize(
    ("x", "filters"),
    [
        ((2, 64, 64, 64), 64),
        ((1, 128, 128, 32), 32),
        ((2, 32, 32, 128), 128),
        ((8, 16, 16, 256), 256),
        ((1, 56, 56, 64), 128),
    ],
)  # fmt: skip
def test_winograd_at_sizes_as_in_use(
    x: tuple[int, ...], filters: int, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator, record_error: ErrorLog
) -> None:
    count = only(monkeypatch, "winograd")
    error = compare(x, (3, 3, x[3], filters), rng, padding="same")
    record_error("Winograd on the CPU, float32 against float64", error)
    assert count() == 3
    assert error < LIMIT


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("padding", ["same", "valid", ((0, 2), (3, 1))], ids=["same", "valid", "lopsided"])
def test_winograd_with_every_remainder_of_tiles(
    padding: Any, threads: int, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator, record_error: ErrorLog
) -> None:
    set_num_threads(threads)
    channels = -(-winograd.LEAST_CHANNELS // LANES) * LANES
    count = only(monkeypatch, "winograd")
    for height, width in combinations(range(3, 11), range(4, 8)):
        error = compare((3, height, width, channels), (3, 3, channels, 2 * channels), rng, padding=padding)
        record_error("Winograd on the CPU, float32 against float64", error)
        assert error < LIMIT, (height, width)
    assert count() == 3 * 32


@pytest.mark.parametrize("window", [3, 5])
@pytest.mark.parametrize("dilation_rate", [(2, 2), (3, 2), (1, 4), (5, 1)])
@pytest.mark.parametrize("padding", ["same", "valid", ((1, 9), (12, 0))], ids=["same", "valid", "lopsided"])
@pytest.mark.parametrize("size", [(41, 38), (40, 48)])
def test_dilated_convolutions_by_phases(
    window: int, dilation_rate: tuple[int, int], padding: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch,
    rng: np.random.Generator, record_error: ErrorLog,
) -> None:  # fmt: skip
    """Phases of one size and of several, dilation in one direction, and windows that reach far beyond the image."""
    set_num_threads(3)
    count = only(monkeypatch, "winograd")
    channels = dilated.LEAST_CHANNELS
    error = compare(
        (2, *size, channels), (window, window, channels, 48), rng, padding=padding, dilation_rate=dilation_rate
    )
    record_error("dilated convolutions by Winograd, float32 against float64", error)
    assert count() == 3
    assert error < LIMIT


def test_dilated_convolutions_of_strided_images(rng: np.random.Generator) -> None:
    """Arrays that do not lie in one piece, and a ReLU in the same pass."""
    channels = dilated.LEAST_CHANNELS
    x = rng.standard_normal((2, 24, 40, channels)).astype(np.float32)[:, :, ::2]
    kernel = rng.standard_normal((3, 3, channels, channels)).astype(np.float32)
    y, cache = numba_cpu.conv2d_forward(x, kernel, None, padding="same", dilation_rate=(2, 2), relu=True)
    dy = rng.standard_normal((2, 24, 20, 2 * channels)).astype(np.float32)[..., ::2]
    dx, dkernel, _ = numba_cpu.conv2d_backward(dy, cache)
    plain, plain_cache = numpy_cpu.conv2d_forward(
        x.astype(np.float64), kernel.astype(np.float64), None, padding="same", dilation_rate=(2, 2)
    )
    expected = numpy_cpu.conv2d_backward(np.where(plain > 0, dy, 0.0), plain_cache)
    assert relative_error(y, np.maximum(plain, 0)) < LIMIT
    assert relative_error(dx, expected[0]) < LIMIT
    assert relative_error(dkernel, expected[1]) < LIMIT


def test_dilation_goes_by_phases_only_where_it_pays() -> None:
    few = dilated.LEAST_CHANNELS // 2
    assert dilated.suits(64, 64, (3, 3), (1, 1), (2, 2), (64, 64))
    assert not dilated.suits(64, 64, (3, 3), (1, 1), (1, 1), (64, 64))
    assert not dilated.suits(few, few, (3, 3), (1, 1), (2, 2), (64, 64))
    assert not dilated.suits(64, 64, (3, 3), (2, 2), (2, 2), (64, 64))
    assert not dilated.suits(64, 64, (3, 3), (1, 1), (8, 8), (9, 9))  # phases of one or two pixels


@pytest.mark.parametrize(
    ("x", "kernel", "options"),
    [
        ((1, 4, 4, 128), (3, 3, 128, 128), {"padding": "same"}),
        ((2, 4, 7, 130), (3, 3, 130, 127), {"padding": "valid"}),
        ((1, 1, 1, 256), (3, 3, 256, 64), {"padding": "same"}),
        ((2, 9, 5, 128), (2, 3, 128, 192), {"strides": (2, 1), "padding": ((1, 0), (0, 2))}),
        ((1, 7, 8, 64), (3, 2, 64, 256), {"padding": "same", "dilation_rate": (2, 3)}),
        ((1, 11, 12, 96), (3, 5, 96, 200), {"strides": (3, 4), "padding": "same"}),
        ((1, 10, 12, 512), (3, 3, 512, 512), {"padding": "same"}),
        ((64, 1, 1, 128), (1, 2, 128, 128), {"padding": "same"}),
        ((1, 3, 3, 128), (3, 3, 128, 128),
         {"padding": ((0, 2), (1, 0)), "strides": (5, 1)}),  # a row that no window sees
    ],
)  # fmt: skip
@pytest.mark.parametrize("biased", [True, False])
def test_few_pixels_with_many_channels(
    x: tuple[int, ...], kernel: tuple[int, ...], options: dict[str, Any], biased: bool, monkeypatch: pytest.MonkeyPatch,
    rng: np.random.Generator, record_error: ErrorLog,
) -> None:  # fmt: skip
    set_num_threads(3)
    only(monkeypatch, "none")
    error = compare(x, kernel, rng, biased=biased, **options)
    record_error("convolution of few pixels, float32 against float64", error)
    assert error < LIMIT


def test_which_convolutions_have_few_pixels() -> None:
    suits = im2col.suits
    assert suits(128, 128, (3, 3), 64)
    assert not suits(128, 128, (3, 3), 65)
    assert suits(512, 512, (3, 3), 128)
    assert not suits(512, 512, (3, 3), 129)
    assert not suits(512, 512, (3, 3), 0)
    assert not suits(64, 64, (3, 3), 16)
    assert not suits(512, 512, (1, 1), 16)


def test_dx_of_few_pixels_from_many(rng: np.random.Generator) -> None:
    """Padded so much that dy has more pixels than x: dx is cut out of a convolution with negative padding."""
    error = compare((1, 6, 7, 128), (3, 3, 128, 128), rng, padding=((5, 4), (6, 3)))
    assert error < LIMIT


def test_few_pixels_of_strided_images(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    """Arrays that do not lie in one piece, and a ReLU in the same pass."""
    only(monkeypatch, "none")
    x = rng.standard_normal((2, 5, 8, 128)).astype(np.float32)[:, :, ::2]
    kernel = (rng.standard_normal((3, 3, 128, 256)) / 34).astype(np.float32)[..., ::2]
    y, cache = numba_cpu.conv2d_forward(x, kernel, None, padding="same", relu=True)
    dy = rng.standard_normal((2, 5, 4, 256)).astype(np.float32)[..., ::2]
    dx, dkernel, _ = numba_cpu.conv2d_backward(dy, cache)
    plain, plain_cache = numpy_cpu.conv2d_forward(x.astype(np.float64), kernel.astype(np.float64), None, padding="same")
    expected = numpy_cpu.conv2d_backward(np.where(plain > 0, dy, 0.0), plain_cache)
    assert relative_error(y, np.maximum(plain, 0)) < LIMIT
    assert relative_error(dx, expected[0]) < LIMIT
    assert relative_error(dkernel, expected[1]) < LIMIT


def test_transposed_convolution_of_few_pixels(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    only(monkeypatch, "none")
    x, kernel = rng.standard_normal((1, 4, 3, 128)), rng.standard_normal((3, 3, 128, 128)) / 34
    bias = rng.standard_normal(128)
    narrow = [a.astype(np.float32) for a in (x, kernel, bias)]
    options: dict[str, Any] = {"strides": (2, 2), "padding": "same"}
    y, cache = transposed_numba.conv2d_transpose_forward(*narrow, **options)
    dy = rng.standard_normal(y.shape).astype(np.float32)
    plain, plain_cache = transposed_numpy.conv2d_transpose_forward(*(a.astype(np.float64) for a in narrow), **options)
    assert relative_error(y, plain) < LIMIT
    expected = transposed_numpy.conv2d_transpose_backward(dy.astype(np.float64), plain_cache)
    for found, exact in zip(transposed_numba.conv2d_transpose_backward(dy, cache), expected, strict=True):
        assert relative_error(np.asarray(found), np.asarray(exact)) < LIMIT


def test_winograd_of_large_and_small_numbers(rng: np.random.Generator) -> None:
    """The error is relative: the transforms add nothing of a size of its own."""
    channels = -(-winograd.LEAST_CHANNELS // LANES) * LANES
    x, kernel = rng.standard_normal((1, 9, 9, channels)), rng.standard_normal((3, 3, channels, channels))
    for scale in (1e-15, 1e15):
        y, _ = numba_cpu.conv2d_forward((x * scale).astype("f4"), kernel.astype("f4"), padding="same")
        expected, _ = numpy_cpu.conv2d_forward(x, kernel, padding="same")
        assert relative_error(y / scale, expected) < LIMIT


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("channels", [(1, 1), (3, 16), (16, 3), (7, 33), (32, 40)])
@pytest.mark.parametrize(
    ("window", "options"),
    [
        ((3, 3), {"padding": "same"}),
        ((3, 3), {"padding": "same", "strides": (2, 2)}),
        ((2, 3), {"padding": "valid", "strides": (3, 1)}),
        ((5, 4), {"padding": "same"}),
        ((7, 7), {"padding": "same", "strides": (2, 2)}),
        ((3, 3), {"padding": "same", "dilation_rate": (2, 3)}),
        ((2, 2), {"padding": "valid", "strides": (2, 2), "dilation_rate": (3, 3)}),
        ((1, 1), {"padding": "valid", "strides": (2, 2)}),
        ((2, 2), {"padding": ((3, 0), (0, 5))}),
        ((1, 3), {"padding": ((2, 2), (4, 4)), "strides": (1, 2)}),
        ((3, 3), {"padding": "valid", "strides": (4, 5)}),
    ],
)
def test_direct_convolution(
    window: tuple[int, int], options: dict[str, Any], channels: tuple[int, int], threads: int,
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator, record_error: ErrorLog,
) -> None:  # fmt: skip
    set_num_threads(threads)
    count = only(monkeypatch, "direct")
    error = compare((2, 13, 17, channels[0]), (*window, *channels), rng, **options)
    record_error("direct convolution, float32 against float64", error)
    assert count() >= 2
    assert error < LIMIT


@pytest.mark.parametrize("shape", [(1, 200, 300, 8), (2, 70, 3, 100), (1, 3, 1000, 4)])
def test_direct_convolution_of_several_bands(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator, record_error: ErrorLog
) -> None:
    only(monkeypatch, "direct")
    error = compare(shape, (3, 3, shape[3], 12), rng, padding="same", biased=False)
    record_error("direct convolution, float32 against float64", error)
    assert error < LIMIT


@pytest.mark.parametrize("padding", [((-1, 0), (0, 0)), ((-2, -1), (-1, -3)), ((1, -2), (-2, 2))])
def test_padding_by_less_than_nothing_cuts_off(padding: Any, rng: np.random.Generator) -> None:
    """As dx asks for where a window has not seen the border."""
    x, kernel = rng.standard_normal((2, 11, 12, 5)), rng.standard_normal((3, 3, 5, 6))
    (top, bottom), (left, right) = padding
    cut = x[:, max(-top, 0) : 11 + min(bottom, 0), max(-left, 0) : 12 + min(right, 0)]
    positive = ((max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0)))
    expected, _ = numpy_cpu.conv2d_forward(cut, kernel, padding=positive)
    y = direct.forward(x.astype("f4"), kernel.astype("f4"), None, expected.shape[1:3], (1, 1), padding, (1, 1))
    assert relative_error(y, expected) < 1e-6


@pytest.mark.parametrize("channels", [(3, 64), (32, 32)])
def test_the_same_number_of_threads_gives_the_same_bits(channels: tuple[int, int], rng: np.random.Generator) -> None:
    x = rng.standard_normal((3, 33, 31, channels[0])).astype("f4")
    kernel = rng.standard_normal((3, 3, *channels)).astype("f4")
    set_num_threads(3)
    results = []
    for _ in range(3):
        y, cache = numba_cpu.conv2d_forward(x, kernel, padding="same")
        dx, dkernel, _ = numba_cpu.conv2d_backward(y, cache)
        assert dx is not None
        results.append(b"".join(array.tobytes() for array in (y, dx, dkernel)))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    ("window", "channels"), [((3, 3), (16, 40)), ((3, 3), (3, 33)), ((1, 1), (7, 12)), ((1, 1), (20, 3))]
)
def test_a_fused_relu_is_a_relu_by_itself(
    window: tuple[int, int], channels: tuple[int, int], threads: int, rng: np.random.Generator
) -> None:
    set_num_threads(threads)
    x, kernel, bias = (
        rng.standard_normal(shape).astype("f4")
        for shape in ((2, 13, 17, channels[0]), (*window, *channels), channels[1:])
    )
    y, cache = numba_cpu.conv2d_forward(x, kernel, bias, padding="same", relu=True)
    z, plain = numba_cpu.conv2d_forward(x, kernel, bias, padding="same")
    np.testing.assert_array_equal(y, np.maximum(z, 0))
    dy = rng.standard_normal(y.shape).astype("f4")
    gradients = numba_cpu.conv2d_backward(dy, cache)
    for a, b in zip(gradients, numba_cpu.conv2d_backward(np.where(z > 0, dy, np.float32(0)), plain), strict=True):
        assert relative_error(a, b) < LIMIT
