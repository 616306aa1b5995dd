"""Dense layers, batch normalisation, relu, softmax cross-entropy: forward and backward."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tinyseg_kernels.activation import relu_backward, relu_forward
from tinyseg_kernels.batch_norm import batch_norm_train_backward, batch_norm_train_forward
from tinyseg_kernels.dense import dense_backward, dense_forward
from tinyseg_kernels.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward

from ..common.arrays import Work, classes, numbers
from . import course_layers
from .case import Operation, differentiable

EPSILON = 1e-3


def cases(tiny: bool) -> Iterator[Operation]:
    """Return the cases; tiny ones have the same code and a few numbers."""
    for shape in ((3, 12, 5), (4, 6, 8)) if tiny else ((8, 774400, 128), (256, 1024, 1024)):
        yield _dense(*shape)
    shape = (1, 4, 4, 8) if tiny else (8, 128, 128, 64)
    yield _batch_norm(shape)
    yield _relu(shape)
    yield _cross_entropy((1, 4, 4) if tiny else (8, 256, 256), 12)


def _dense(n: int, d: int, f: int) -> Operation:
    def torch(torch: Any, x: Any, kernel: Any, bias: Any) -> Any:
        return torch.nn.functional.linear(x, kernel, bias)

    def tensorflow(tf: Any, x: Any, kernel: Any, bias: Any) -> Any:
        return tf.nn.bias_add(x @ kernel, bias)

    return differentiable(
        f"dense {n}x{d} -> {f}", lambda: [numbers(n, d), numbers(d, f, seed=1, scale=d**-0.5), numbers(f, seed=2)],
        ("plain", "transposed", "plain"), ((n, f), "plain"), Work(4 * 3 * (n * d + d * f + n * f), 6 * n * d * f),
        dense_forward, dense_backward, torch, tensorflow, (course_layers.dense_forward, course_layers.dense_backward),
    )  # fmt: skip


def _relu(shape: tuple[int, ...]) -> Operation:
    inputs = partial(numbers, *shape)
    # x is read and y written; dy and y (or a mask) are read and dx is written.
    return differentiable(
        f"relu {'x'.join(map(str, shape))}", lambda: [inputs()], ("image",), (shape, "image"), Work(20 * inputs().size),
        relu_forward, relu_backward, lambda torch, x: torch.relu(x), lambda tf, x: tf.nn.relu(x),
    )  # fmt: skip


def _batch_norm(shape: tuple[int, ...]) -> Operation:
    c, size = shape[-1], numbers(*shape).size

    def torch(torch: Any, x: Any, gamma: Any, beta: Any) -> Any:
        return torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=EPSILON)

    def tensorflow(tf: Any, x: Any, gamma: Any, beta: Any) -> Any:
        return tf.compat.v1.nn.fused_batch_norm(x, gamma, beta, epsilon=EPSILON, is_training=True)[0]

    # The mean must be known before the first number is normalised: x is read twice, and so are x and dy in the backward
    # pass.
    return differentiable(
        f"batch norm {'x'.join(map(str, shape))}",
        lambda: [numbers(*shape), numbers(c, seed=1) + 2, numbers(c, seed=2)],
        ("image", "plain", "plain"),
        (shape, "image"),
        Work(32 * size),
        partial(batch_norm_train_forward, epsilon=EPSILON),
        batch_norm_train_backward,
        torch,
        tensorflow,
    )


def _cross_entropy(shape: tuple[int, ...], count: int) -> Operation:
    positions = classes(*shape, count=count).size

    def torch(torch: Any, logits: Any, ids: Any) -> Any:
        return torch.nn.functional.cross_entropy(logits, ids, reduction="none")

    def tensorflow(tf: Any, logits: Any, ids: Any) -> Any:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(ids, logits)

    # Logits and ids are read, the loss written; then logits (or the probabilities), ids and dloss are read and the
    # gradient written.
    return differentiable(
        f"softmax cross-entropy {'x'.join(map(str, shape))}, {count} classes",
        lambda: [numbers(*shape, count), classes(*shape, count=count)], ("image", "plain"), (shape, "plain"),
        Work(positions * (4 * count + 8 + 4) + positions * (8 * count + 8 + 4)),
        softmax_cross_entropy_forward, softmax_cross_entropy_backward, torch, tensorflow,
    )  # fmt: skip
