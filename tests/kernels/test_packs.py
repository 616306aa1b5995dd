"""The layers that are bound by memory, 16 bytes at a time and number by number.

On shapes that fill packs, on views that are not aligned, in long loops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import backend
from tinyseg_kernels.device import to_device, to_host
from tinyseg_kernels.gpu.versions import versions
from tinyseg_kernels.types import Array

from tests.kernels import portable
from tests.kernels.backends import BACKENDS, choose
from tests.support.errors import relative_error

pytestmark = pytest.mark.skipif("cupy" not in BACKENDS, reason="CUDA C++ cannot run here")

TOLERANCE = {"float32": 2e-6, "float64": 1e-13}

VERSIONS = ({"packs": "scalar"}, {"packs": "vectors"}, {"packs": "vectors", "depthwise_conv2d": "direct"})

Shapes = tuple[tuple[int, ...], ...]


def pooled(kind: str, shape: tuple[int, ...], **options: Any) -> tuple[str, Shapes, dict[str, Any]]:
    """Make a row of OPERATIONS."""
    return f"{kind}_pool2d", (shape,), options


def depthwise(
    x: tuple[int, ...], window: int, multiplier: int = 1, **options: Any
) -> tuple[str, Shapes, dict[str, Any]]:
    """Make a row of OPERATIONS, with a bias."""
    kernel = (window, window, x[3], multiplier)
    return "depthwise_conv2d", (x, kernel, (x[3] * multiplier,)), options


OPERATIONS = [
    ("relu", ((3, 5, 8),), {}),
    ("relu", ((3, 5, 7),), {}),  # 105 numbers: a rest of one
    ("leaky_relu", ((2, 3, 5),), {"negative_slope": -0.5}),
    ("sigmoid", ((2, 1, 7),), {}),
    ("tanh", ((2, 3),), {}),
    ("zero_padding2d", ((2, 3, 4, 8),), {"padding": ((1, 2), (3, 1))}),
    ("cropping2d", ((2, 5, 6, 4),), {"cropping": ((1, 2), (2, 1))}),
    *(
        pooled(kind, (2, 7, 9, 8), pool_size=window, strides=strides, padding=padding)
        for kind in ("max", "avg")
        for window, strides, padding in (
            (2, 2, "valid"),
            (2, 2, "same"),
            (3, 2, "same"),
            (3, 1, "same"),
            ((2, 3), 3, "valid"),
            (2, 3, ((1, 0), (0, 1))),
        )
    ),
    pooled("max", (1, 20, 17, 4), pool_size=17, strides=(1, 1)),
    pooled("global_avg", (2, 40, 30, 8)),
    pooled("global_max", (2, 40, 30, 8)),
    pooled("global_max", (1, 70, 60, 12), keepdims=True),
    pooled("global_avg", (1, 5, 4, 160)),  # more packs than a block is wide
    *(
        ("upsampling2d", ((2, 3, 4, 8),), {"size": size, "interpolation": interpolation})
        for size in (2, (3, 1), (1, 2), 4)
        for interpolation in ("nearest", "bilinear")
    ),
    *(
        depthwise((2, 9, 11, 8), window, strides=stride, padding=padding)
        for window in (3, 5)
        for stride in (1, 2)
        for padding in ("same", ((0, 3), (4, 1)))
    ),
    depthwise((2, 9, 11, 8), 3, strides=3, padding="same"),
    depthwise((2, 9, 11, 8), 3, dilation_rate=2, padding="same"),
    depthwise((1, 13, 12, 8), 3, dilation_rate=(2, 4), strides=(4, 2), padding="same"),
    depthwise((2, 6, 5, 4), 3, 2, padding="same"),
    depthwise((1, 70, 67, 4), 3, padding="same"),  # more than one share of the strips
    depthwise((1, 5, 6, 160), 3),  # more packs than a block is wide
]


def results(operation: str, arrays: list[Array], options: dict[str, Any]) -> list[Array]:
    """Return y and the gradients under the backend in use."""
    forward: Callable[..., Any] = getattr(portable, f"{operation}_forward")
    y, cache = forward(*arrays, **options)
    dy = np.random.default_rng(1).standard_normal(y.shape).astype(y.dtype)
    gradients = getattr(portable, f"{operation}_backward")(dy, cache)
    return [y, *(gradients if isinstance(gradients, tuple) else (gradients,))]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda v: "-".join(v.values()))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("operation", "shapes", "options"), OPERATIONS)
def test_every_version_agrees_with_numpy(
    rng: np.random.Generator, operation: str, shapes: Shapes, options: Any, dtype: str, version: dict[str, str]
) -> None:
    if "depthwise_conv2d" in version and operation != "depthwise_conv2d":
        return
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
    with backend("numpy"):
        expected = results(operation, arrays, options)
    with choose("cupy"), versions(**version):
        actual = results(operation, arrays, options)
    for a, b in zip(actual, expected, strict=True):
        assert a.dtype == b.dtype
        assert relative_error(a, b) < TOLERANCE[dtype]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_add_of_any_number_of_arrays(rng: np.random.Generator, count: int, dtype: str) -> None:
    from tinyseg_kernels.arrange import add_forward

    arrays = [rng.standard_normal((3, 7)).astype(dtype) for _ in range(count)]
    with choose("cupy"):
        y, _ = add_forward([to_device(array) for array in arrays])
        np.testing.assert_allclose(to_host(y), sum(arrays), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("axis", "lengths"), [(-1, (8, 4, 12)), (-1, (8, 3, 4)), (1, (2, 3)), (0, (1, 2))])
def test_concatenate_and_back(rng: np.random.Generator, dtype: str, axis: int, lengths: tuple[int, ...]) -> None:
    from tinyseg_kernels.arrange import concatenate_backward, concatenate_forward

    shapes = [[3, 5, 8] for _ in lengths]
    for shape, length in zip(shapes, lengths, strict=True):
        shape[axis] = length
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
    for version in VERSIONS[:2]:
        with choose("cupy"), versions(**version):
            y, cache = concatenate_forward([to_device(array) for array in arrays], axis=axis)
            np.testing.assert_array_equal(to_host(y), np.concatenate(arrays, axis))
            for part, array in zip(concatenate_backward(y, cache), arrays, strict=True):
                np.testing.assert_array_equal(to_host(part), array)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_view_that_is_not_aligned_is_done_number_by_number(rng: np.random.Generator, dtype: str) -> None:
    """Its first byte is no multiple of 16, though it is contiguous; a GPU would stop at a pack there."""
    from tinyseg_kernels.activation import relu_backward, relu_forward

    whole = rng.standard_normal(4 * 9 + 1).astype(dtype)
    with choose("cupy"):
        x = to_device(whole)[1:].reshape(3, 3, 4)
        assert x.flags.c_contiguous
        assert x.data.ptr % 16 != 0
        y, cache = relu_forward(x)
        expected = np.maximum(whole[1:], 0)
        np.testing.assert_array_equal(to_host(y).ravel(), expected)
        np.testing.assert_array_equal(to_host(relu_backward(x, cache)).ravel(), expected)


@pytest.mark.parametrize("vector", [0, 1])
@pytest.mark.parametrize("count", [1, 255, 4096, 4099, 50_001])
def test_threads_of_a_small_grid_go_round_until_all_is_done(rng: np.random.Generator, count: int, vector: int) -> None:
    """As those of the largest grid do for arrays of hundreds of millions of numbers."""
    from tinyseg_kernels.device import empty

    with choose("cupy"):
        from tinyseg_kernels.activation.cupy_gpu import _SOURCE

        x = rng.standard_normal(count).astype(np.float32)
        y = empty(count, "float32")
        _SOURCE.launch("relu_forward", "float32", 2, 256, (to_device(x), y, count), defines={"VECTOR": vector})
        np.testing.assert_array_equal(to_host(y), np.maximum(x, 0))


def test_a_large_array_gives_each_thread_several_packs(rng: np.random.Generator) -> None:
    from tinyseg_kernels.activation import relu_forward

    x = rng.standard_normal(1024 * 1024 + 4 * 256 * 3 + 5).astype(np.float32)
    with choose("cupy"):
        y, _ = relu_forward(to_device(x))
        np.testing.assert_array_equal(to_host(y), np.maximum(x, 0))


@pytest.mark.parametrize(("dtype", "length", "fits"), [
    ("float32", 8, True), ("float32", 6, False), ("float64", 6, True), ("float64", 5, False),
])  # fmt: skip
def test_packs_are_chosen_where_they_fit(dtype: str, length: int, fits: bool) -> None:
    from tinyseg_kernels.device import empty
    from tinyseg_kernels.gpu.packs import vectors

    with choose("cupy"):
        x = empty((3, length), dtype)
        assert vectors(length, x) is fits
        with versions(packs="scalar"):
            assert not vectors(length, x)
