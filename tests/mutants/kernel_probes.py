"""Small workloads of GPU kernels, on which planted bugs must show.

Each computes results on the backend in use, whichever that is.

A probe takes a source of random numbers and returns arrays of the host. On the rung of NumPy it gives the numbers to
compare with, so nothing of a probe depends on the backend. This module imports little, since a process that checks one
bug starts with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
from tinyseg_kernels import (
    activation,
    batch_norm,
    confusion_matrix,
    conv2d,
    dense,
    depthwise_conv2d,
    dropout,
    global_pool2d,
    max_pool2d,
    optimizer,
    pad2d,
    softmax,
    softmax_cross_entropy,
    upsampling2d,
    weighted_sum,
)
from tinyseg_kernels.device import to_backend, to_host
from tinyseg_kernels.gpu.versions import versions
from tinyseg_kernels.precision import using_matmul_precision
from tinyseg_kernels.types import Array


class Probe(NamedTuple):
    """One workload: what it computes, on which GPU backend, by which versions of its kernels, and how close it comes to
    NumPy's float64.
    """

    backend: str
    compute: Callable[[np.random.Generator, str], Sequence[Any]]
    versions: Mapping[str, str] = MappingProxyType({})
    tolerance: float = 3e-5
    precision: str = "float32"
    ptx: str = ""
    """Module of Numba kernels whose PTX must be free of float64."""

    def results(self, dtype: str) -> list[Array]:
        """Compute on the backend in use, in a floating type."""
        with ExitStack() as stack:
            if self.versions:
                stack.enter_context(versions(**self.versions))
            stack.enter_context(using_matmul_precision(self.precision))
            return [np.asarray(to_host(array)) for array in self.compute(np.random.default_rng(3), dtype)]


def _operation(
    forward: Any, backward: Any, *shapes: tuple[int, ...], target: Any = None, draw: Any = None, **options: Any
) -> Any:
    """Return a probe's function for an operation: y, then the gradients."""

    def compute(rng: np.random.Generator, dtype: str) -> list[Any]:
        inputs = [(draw or np.random.Generator.standard_normal)(rng, size=shape).astype(dtype) for shape in shapes]
        constants = [] if target is None else [target(rng)]
        constants = [c.astype(dtype) if c.dtype.kind == "f" else c for c in constants]
        y, cache = forward(*map(to_backend, (*inputs, *constants)), **options)
        dy = to_backend(np.random.default_rng(4).standard_normal(y.shape).astype(dtype))
        gradients = backward(dy, cache)
        return [y, *(gradients if isinstance(gradients, tuple) else (gradients,))]

    return compute


def _ties(rng: np.random.Generator, size: tuple[int, ...]) -> Array:
    """Draw from few numbers, so that windows have several maxima."""
    return rng.integers(-3, 3, size).astype(np.float64)


def _far(rng: np.random.Generator, size: tuple[int, ...]) -> Array:
    """Draw numbers far from 0."""
    return rng.standard_normal(size) + 100.0


def _unaligned_relu(rng: np.random.Generator, dtype: str) -> list[Any]:
    """Take a view that begins at the second number of an array: contiguous, but not aligned to 16 bytes."""
    x = to_backend(rng.standard_normal(129).astype(dtype))[1:]
    return [activation.relu_forward(x)[0]]


def _adam(rng: np.random.Generator, dtype: str) -> list[Any]:
    shapes = [(3, 2, 4, 5), (7,), (9001,), (300,)]
    p, g, m = ([to_backend(rng.standard_normal(s).astype(dtype)) for s in shapes] for _ in range(3))
    v = [to_backend(rng.uniform(0, 1e-2, s).astype(dtype)) for s in shapes]
    scales = optimizer.clip_scales(g, clipnorm=5.0)
    preparation = optimizer.Preparation(scales, 0.4, 0.01)
    optimizer.adam_update(p, g, m, v, preparation, rate=0.1, beta_1=0.9, beta_2=0.99, epsilon=1e-3)
    return [np.asarray(to_host(scales)), *p, *m, *v]


def _confusion(positions: int, classes: int, weighted: bool = False) -> Any:
    def compute(rng: np.random.Generator, dtype: str) -> list[Any]:
        truth = to_backend(rng.integers(-1, classes + 1, positions))
        scores = to_backend(rng.integers(0, 5, (positions, classes)).astype(dtype))
        weight = to_backend(rng.uniform(0, 1, positions)) if weighted else None
        ids = to_backend(rng.integers(-1, classes + 1, positions))
        return [
            confusion_matrix.confusion_counts(truth, found, num_classes=classes, ignore_class=1, weight=weight)
            for found in (scores, ids)
        ]

    return compute


def _weighted_sum(rng: np.random.Generator, dtype: str) -> list[Any]:
    losses, weight = (to_backend(rng.uniform(1, 2, s).astype(dtype)) for s in ((3, 1500), (3, 1)))
    value, _ = weighted_sum.weighted_sum_forward(losses, weight, None, divisor=3.0, dtype=np.dtype(dtype))
    return [value]


def _ids(rows: int, classes: int) -> Any:
    return lambda rng: rng.integers(0, classes, rows)


_DENSE = _operation(dense.dense_forward, dense.dense_backward, (19, 37), (37, 21), (21,))
_LONG_DENSE = _operation(dense.dense_forward, dense.dense_backward, (2, 1500), (1500, 3), (3,))
_TILED_DENSE = _operation(dense.dense_forward, dense.dense_backward, (21, 52), (52, 40), (40,))
_CONV = _operation(
    conv2d.conv2d_forward, conv2d.conv2d_backward, (2, 7, 6, 3), (3, 2, 3, 5), (5,), strides=(1, 2), padding="same"
)
_LONG_CONV = _operation(
    conv2d.conv2d_forward, conv2d.conv2d_backward, (1, 40, 30, 1), (2, 2, 1, 3), (3,), padding="same"
)
_WINOGRAD = _operation(conv2d.conv2d_forward, conv2d.conv2d_backward, (2, 7, 9, 8), (3, 3, 8, 9), (9,), padding="same")
_DEPTHWISE = _operation(
    depthwise_conv2d.depthwise_conv2d_forward,
    depthwise_conv2d.depthwise_conv2d_backward,
    (2, 7, 10, 8), (3, 3, 8, 1), (8,), strides=(2, 1), padding="same",
)  # fmt: skip
_STRIPS = _operation(
    depthwise_conv2d.depthwise_conv2d_forward,
    depthwise_conv2d.depthwise_conv2d_backward,
    (2, 7, 10, 8), (3, 3, 8, 1), (8,), padding="same",
)  # fmt: skip


def _softmax(rows: int, classes: int) -> Any:
    return _operation(softmax.softmax_forward, softmax.softmax_backward, (rows, classes))


def _pooling(channels: int, pool: int, strides: tuple[int, int]) -> Any:
    return _operation(
        max_pool2d.max_pool2d_forward, max_pool2d.max_pool2d_backward, (2, 7, 9, channels), draw=_ties, pool_size=pool,
        strides=strides, padding="same",
    )  # fmt: skip


def _cross_entropy(rows: int, classes: int, ids: bool) -> Any:
    target = _ids(rows, classes) if ids else lambda rng: rng.dirichlet(np.ones(classes), rows)
    forward, backward = (
        softmax_cross_entropy.softmax_cross_entropy_forward,
        softmax_cross_entropy.softmax_cross_entropy_backward,
    )
    return _operation(forward, backward, (rows, classes), target=target)


def _norm(*shape: int) -> Any:
    channels = (shape[-1],)
    return _operation(
        batch_norm.batch_norm_train_forward, batch_norm.batch_norm_train_backward, shape, channels, channels, draw=_far
    )


_DROPOUT = _operation(dropout.dropout_forward, dropout.dropout_backward, (1, 5003), rate=0.3, seed=7, step=2)
_UPSAMPLING = _operation(
    upsampling2d.upsampling2d_forward, upsampling2d.upsampling2d_backward, (2, 4, 5, 3), size=(2, 3),
    interpolation="bilinear",
)  # fmt: skip
_NEAREST = _operation(upsampling2d.upsampling2d_forward, upsampling2d.upsampling2d_backward, (2, 4, 3, 3), size=(2, 3))
_PAD = _operation(pad2d.zero_padding2d_forward, pad2d.zero_padding2d_backward, (2, 5, 4, 3), padding=((1, 2), (0, 3)))
_AVERAGE = _operation(global_pool2d.global_avg_pool2d_forward, global_pool2d.global_avg_pool2d_backward, (2, 13, 11, 6))
_CONV_OF_SLICES = _operation(
    conv2d.conv2d_forward, conv2d.conv2d_backward, (1, 5, 6, 5), (2, 2, 5, 18), (18,), padding="same"
)


def _few_blocks(module: str, constant: str, *computes: Any) -> Any:
    """Compute with so few blocks that each has several images or tiles, as only huge arrays have otherwise."""

    def compute(rng: np.random.Generator, dtype: str) -> list[Any]:
        with patch.object(import_module(f"tinyseg_kernels.{module}"), constant, 1):
            return [array for one in computes for array in one(rng, dtype)]

    return compute


_POOLS = (
    _operation(global_pool2d.global_avg_pool2d_forward, global_pool2d.global_avg_pool2d_backward, (3, 13, 11, 6)),
    _operation(global_pool2d.global_max_pool2d_forward, global_pool2d.global_max_pool2d_backward, (3, 13, 11, 6)),
)
_WIDE_DENSE = _operation(dense.dense_forward, dense.dense_backward, (40, 5), (5, 70), (70,))
_RELU = _operation(activation.relu_forward, activation.relu_backward, (5, 53))

PROBES: dict[str, Probe] = {
    "dense by shared tiles": Probe("cupy", _DENSE, {"gemm": "shared_tiles"}),
    "dense by register tiles": Probe("cupy", _TILED_DENSE, {"gemm": "register_tiles"}),
    "dense, a long sum": Probe("cupy", _LONG_DENSE, {"gemm": "register_tiles"}, 1e-4),
    "dense by tensor cores": Probe("cupy", _TILED_DENSE, {"gemm": "register_tiles"}, 3e-3, "tf32"),
    "conv2d, coalesced": Probe("cupy", _LONG_CONV, {"conv2d": "coalesced"}),
    "conv2d by shared tiles": Probe("cupy", _CONV, {"conv2d": "shared_tiles"}),
    "conv2d by Winograd": Probe("cupy", _WINOGRAD, {"conv2d": "winograd"}),
    "depthwise, direct": Probe("cupy", _DEPTHWISE, {"depthwise_conv2d": "direct"}),
    "depthwise by strips": Probe("cupy", _STRIPS, {"depthwise_conv2d": "strips"}),
    "softmax, few classes": Probe("cupy", _softmax(300, 7)),
    "softmax, long rows": Probe("cupy", _softmax(2, 2100)),
    "softmax, rows of a warp": Probe("cupy", _softmax(5, 100)),
    "cross-entropy, long rows": Probe("cupy", _cross_entropy(2, 2100, ids=False)),
    "cross-entropy of ids, long rows": Probe("cupy", _cross_entropy(2, 2100, ids=True)),
    "cross-entropy, rows of a warp": Probe("cupy", _cross_entropy(5, 100, ids=False)),
    "max_pool2d": Probe("cupy", _pooling(3, 3, (2, 1))),
    "max_pool2d in packs": Probe("cupy", _pooling(8, 2, (2, 2))),
    "global average": Probe("cupy", _AVERAGE),
    "global pools in few blocks": Probe("cupy", _few_blocks("global_pool2d.cupy_gpu", "MOST_BLOCKS", *_POOLS)),
    "column sums in few blocks": Probe("cupy", _few_blocks("gpu.column_sums", "_LARGEST_GRID_Y", _WIDE_DENSE)),
    "batch_norm": Probe("cupy", _norm(6, 40, 30, 8), tolerance=2e-4),
    "upsampling, bilinear": Probe("cupy", _UPSAMPLING),
    "padding": Probe("cupy", _PAD),
    "dropout": Probe("cupy", _DROPOUT),
    "relu of a view": Probe("cupy", _unaligned_relu),
    "adam with clipping": Probe("cupy", _adam),
    "confusion counts": Probe("cupy", _confusion(900, 5)),
    "weighted counts": Probe("cupy", _confusion(300, 4, weighted=True)),
    "weighted sum": Probe("cupy", _weighted_sum),
    "Numba: dense by shared tiles": Probe("numba-cuda",
        _operation(dense.dense_forward, dense.dense_backward, (9, 19), (19, 10), (10,)), {"gemm": "shared_tiles"}),
    "Numba: dense by register tiles": Probe("numba-cuda",
        _operation(dense.dense_forward, dense.dense_backward, (17, 19), (19, 18), (18,)), {"gemm": "register_tiles"}),
    "Numba: dense, a long sum": Probe("numba-cuda", _LONG_DENSE, {"gemm": "naive"}, 1e-4),
    "Numba: conv2d": Probe("numba-cuda", _CONV, {"conv2d": "coalesced"}),
    "Numba: conv2d by shared tiles": Probe("numba-cuda", _CONV_OF_SLICES, {"conv2d": "shared_tiles"}),
    "Numba: conv2d by register tiles": Probe("numba-cuda", _CONV_OF_SLICES, {"conv2d": "register_tiles"}),
    "Numba: softmax": Probe("numba-cuda", _softmax(3, 40), ptx="tinyseg_kernels.softmax.numba_gpu"),
    "Numba: batch_norm": Probe("numba-cuda", _norm(3, 5, 4, 6), tolerance=2e-4),
    "Numba: max_pool2d": Probe("numba-cuda", _pooling(2, 3, (2, 1))),
    "Numba: upsampling": Probe("numba-cuda", _NEAREST),
    "Numba: confusion counts": Probe("numba-cuda", _confusion(300, 4)),
    "Numba: dropout": Probe("numba-cuda",
        _operation(dropout.dropout_forward, dropout.dropout_backward, (1, 803), rate=0.3, seed=7, step=2)),
    "Numba: relu": Probe("numba-cuda", _RELU, ptx="tinyseg_kernels.activation.numba_gpu"),
    "Numba: global average": Probe("numba-cuda",
        _operation(global_pool2d.global_avg_pool2d_forward, global_pool2d.global_avg_pool2d_backward, (2, 9, 11, 3)),
        ptx="tinyseg_kernels.global_pool2d.numba_gpu"),
}  # fmt: skip
"""The workloads by name."""
