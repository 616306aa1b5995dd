"""Pooling and enlarging, forward and backward: bound by memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tinyseg_kernels.avg_pool2d import avg_pool2d_backward, avg_pool2d_forward
from tinyseg_kernels.max_pool2d import max_pool2d_backward, max_pool2d_forward
from tinyseg_kernels.upsampling2d import upsampling2d_backward, upsampling2d_forward

from ..common.arrays import Work, numbers
from .case import Operation, differentiable


def cases(tiny: bool) -> Iterator[Operation]:
    """Return the cases; tiny ones have the same code and a few numbers."""
    n, edge, c = (1, 7, 4) if tiny else (8, 128, 64)
    for size in (2, 3):
        yield _pool("max", size, n, edge, c)
        yield _pool("average", size, n, edge, c)
    yield _bilinear(n, edge // 2, c)


def _pool(kind: str, size: int, n: int, edge: int, c: int) -> Operation:
    out = (edge - size) // 2 + 1
    image, result = n * edge * edge * c, n * out * out * c
    forward: Any = max_pool2d_forward if kind == "max" else avg_pool2d_forward
    backward: Any = max_pool2d_backward if kind == "max" else avg_pool2d_backward

    def torch(torch: Any, x: Any) -> Any:
        function = torch.nn.functional
        return (function.max_pool2d if kind == "max" else function.avg_pool2d)(x, size, 2)

    def tensorflow(tf: Any, x: Any) -> Any:
        return (tf.nn.max_pool2d if kind == "max" else tf.nn.avg_pool2d)(x, size, 2, "VALID")

    # Which number of a window won is a byte, written and read.
    index = 2 * result if kind == "max" else 0
    return differentiable(
        f"{kind} pool {size}x{size} stride 2 {n}x{edge}x{edge}x{c}",
        lambda: [numbers(n, edge, edge, c)],
        ("image",),
        ((n, out, out, c), "image"),
        Work(4 * (2 * image + 2 * result) + index),
        partial(forward, pool_size=size, strides=2),
        backward,
        torch,
        tensorflow,
    )


def _bilinear(n: int, edge: int, c: int) -> Operation:
    small, large = n * edge * edge * c, 4 * n * edge * edge * c

    def torch(torch: Any, x: Any) -> Any:
        return torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)

    def tensorflow(tf: Any, x: Any) -> Any:
        return tf.image.resize(x, (2 * edge, 2 * edge), "bilinear")

    return differentiable(
        f"bilinear upsampling 2x2 {n}x{edge}x{edge}x{c}",
        lambda: [numbers(n, edge, edge, c)],
        ("image",),
        ((n, 2 * edge, 2 * edge, c), "image"),
        Work(4 * (2 * small + 2 * large)),
        partial(upsampling2d_forward, size=2, interpolation="bilinear"),
        upsampling2d_backward,
        torch,
        tensorflow,
    )
