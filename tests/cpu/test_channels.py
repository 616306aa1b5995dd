"""Every number of channels from 1 to beyond four vectors.

A vector that is not full is where compiled kernels go wrong, and which numbers leave one differs between processors.

All are compared with the NumPy rung in float64, with more positions than any kernel takes at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.cpu.gemm.micro_kernel import LANES
from tinyseg_kernels.cpu.memory import buffers
from tinyseg_kernels.cpu.threading.threads import set_num_threads
from tinyseg_kernels.cpu.vectors.reductions import masked_and_summed, sum_to_last_axis
from tinyseg_kernels.types import Array

from tests.support.errors import ErrorLog, relative_error

COUNTS = range(1, 4 * LANES + 9)
LIMIT = 1e-5
Results = list[Array]
Operation = Callable[[Any, Array, Callable[..., Array]], Results]


def both_ways(module: Any, name: str, x: Array, numbers: Callable[..., Array], *more: Array, **options: Any) -> Results:
    """Return y and all gradients."""
    y, cache = getattr(module, f"{name}_forward")(x, *more, **options)
    gradients = getattr(module, f"{name}_backward")(numbers(*y.shape), cache)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    return [y, *gradients]


def batch_norm(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    return both_ways(module, "batch_norm_train", x, numbers, numbers(x.shape[3]), numbers(x.shape[3]))


def conv2d(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    return both_ways(module, "conv2d", x, numbers, numbers(3, 2, x.shape[3], 5), numbers(5), padding="same")


def conv2d_filters(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    filters = x.shape[3]
    return both_ways(
        module, "conv2d", x[..., :3], numbers, numbers(2, 3, min(filters, 3), filters), numbers(filters), padding="same"
    )


def conv2d_transpose(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    return both_ways(module, "conv2d_transpose", x, numbers, numbers(2, 2, 3, x.shape[3]), numbers(3), strides=(2, 2))


def depthwise_conv2d(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    channels = x.shape[3]
    return both_ways(
        module, "depthwise_conv2d", x, numbers, numbers(3, 3, channels, 1), numbers(channels), padding="same"
    )


def depthwise_conv2d_strides(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    channels = x.shape[3]
    return both_ways(
        module, "depthwise_conv2d", x, numbers, numbers(2, 3, channels, 1), numbers(channels), strides=(2, 1)
    )


def max_pool2d(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    return both_ways(module, "max_pool2d", x, numbers, pool_size=(3, 2), strides=(2, 2), padding="same")


def avg_pool2d(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    return both_ways(module, "avg_pool2d", x, numbers, pool_size=(3, 2), strides=(2, 2), padding="same")


def global_avg_pool2d(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    return both_ways(module, "global_avg_pool2d", x, numbers)


def upsampling2d(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    return both_ways(module, "upsampling2d", x, numbers, size=(2, 3), interpolation="bilinear")


def softmax(module: Any, x: Array, numbers: Callable[..., Array]) -> Results:
    return both_ways(module, "softmax", x, numbers)


OPERATIONS: list[Operation] = [
    batch_norm, conv2d, conv2d_filters, conv2d_transpose, depthwise_conv2d, depthwise_conv2d_strides, max_pool2d,
    avg_pool2d,
    global_avg_pool2d, upsampling2d, softmax,
]  # fmt: skip
FOLDERS = {
    conv2d_filters: "conv2d",
    depthwise_conv2d_strides: "depthwise_conv2d",
    global_avg_pool2d: "global_pool2d",
}


def numbers_of(seed: int, kind: Any) -> Callable[..., Array]:
    """Return a source of random numbers: the same ones for every kind."""
    rng = np.random.default_rng(seed)
    return lambda *shape: rng.standard_normal(shape).astype(np.float32).astype(kind)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_every_number_of_channels(operation: Operation, rng: np.random.Generator, record_error: ErrorLog) -> None:
    set_num_threads(2)
    buffers.poison(True)
    folder = f"tinyseg_kernels.{FOLDERS.get(operation, operation.__name__)}"
    compiled, reference = import_module(f"{folder}.numba_cpu"), import_module(f"{folder}.numpy_cpu")
    wrong = []
    for channels in COUNTS:
        x, seed = (rng.standard_normal((2, 9, 11, channels)) + 3).astype(np.float32), int(rng.integers(1 << 30))
        actual = operation(compiled, x, numbers_of(seed, np.float32))
        expected = operation(reference, x.astype(np.float64), numbers_of(seed, np.float64))
        assert len(actual) == len(expected)
        error = max(relative_error(a, e) for a, e in zip(actual, expected, strict=True))
        record_error(f"{operation.__name__}, every number of channels, float32 against float64", error)
        if not error < LIMIT:
            wrong.append(channels)
    assert wrong == []


@pytest.mark.parametrize("count", [1, 63, 64, 65, 300])
def test_sums_of_every_number_of_channels(count: int, rng: np.random.Generator) -> None:
    set_num_threads(2)
    for channels in COUNTS:
        dy, y = rng.standard_normal((2, count, channels)).astype(np.float32)
        np.testing.assert_allclose(sum_to_last_axis(dy), dy.astype(float).sum(axis=0), rtol=1e-5, atol=1e-4)
        dz, sums = masked_and_summed(dy, y)
        expected = np.where(y > 0, dy, np.float32(0))
        np.testing.assert_array_equal(dz, expected)
        np.testing.assert_allclose(sums, expected.astype(float).sum(axis=0), rtol=1e-5, atol=1e-4)
