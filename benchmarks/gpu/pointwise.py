"""Batch normalisation, relu, softmax with cross-entropy: a few operations a number, so bound by memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tinyseg_kernels.activation import relu_backward, relu_forward
from tinyseg_kernels.batch_norm import batch_norm_train_backward, batch_norm_train_forward
from tinyseg_kernels.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward

from ..common.arrays import Work, classes, numbers
from .case import Case, Step
from .convolutions import by_autograd

EPSILON = 1e-3


def cases(tiny: bool) -> Iterator[Case]:
    """Return the cases; tiny ones have the same code and a few numbers."""
    for shape in [(1, 4, 4, 8)] if tiny else [(64, 256, 256, 32), (64, 32, 32, 256)]:
        yield from _relu(shape)
        yield from _batch_norm(shape)
    for shape, count in [((1, 4, 4), 5)] if tiny else [((64, 256, 256), 12), ((64, 256, 256), 2), ((8192,), 1000)]:
        yield from _cross_entropy(shape, count)


def _relu(shape: tuple[int, ...]) -> Iterator[Case]:
    name, inputs = f"relu {'x'.join(map(str, shape))}", [numbers(*shape), numbers(*shape, seed=1)]
    size = inputs[0].size

    def forward(x: Any) -> Step:
        return lambda: (relu_forward(x)[0],)

    def backward(x: Any, dy: Any) -> Step:
        _, cache = relu_forward(x)
        return lambda: (relu_backward(dy, cache),)

    def peer(torch: Any, x: Any) -> Any:
        return torch.relu(x)

    yield Case(
        f"{name}, forward",
        "memory-bound",
        lambda: inputs[:1],
        forward,
        lambda torch, x: lambda: (torch.relu(x),),
        Work(8 * size),
        ("image",),
        ("image",),
    )
    yield Case(
        f"{name}, gradient",
        "memory-bound",
        lambda: inputs,
        backward,
        by_autograd(peer),
        Work(12 * size),
        ("image", "image"),
        ("image",),
    )


def _batch_norm(shape: tuple[int, ...]) -> Iterator[Case]:
    name, c = f"batch norm {'x'.join(map(str, shape))}", shape[-1]
    size = numbers(*shape).size

    def inputs() -> list[Any]:
        return [numbers(*shape), numbers(c, seed=1) + 2, numbers(c, seed=2)]

    def forward(x: Any, gamma: Any, beta: Any) -> Step:
        return lambda: (batch_norm_train_forward(x, gamma, beta, epsilon=EPSILON)[0],)

    def backward(x: Any, gamma: Any, beta: Any, dy: Any) -> Step:
        _, cache = batch_norm_train_forward(x, gamma, beta, epsilon=EPSILON)
        return lambda: batch_norm_train_backward(dy, cache)

    def peer(torch: Any, x: Any, gamma: Any, beta: Any) -> Any:
        return torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=EPSILON)

    plain = ("plain", "plain")
    # The mean must be known before the first number is normalised: x is read twice, and so are x and dy in the backward
    # pass.
    yield Case(
        f"{name}, forward",
        "memory-bound",
        inputs,
        forward,
        lambda torch, *given: lambda: (peer(torch, *given),),
        Work(12 * size),
        ("image", *plain),
        ("image",),
    )
    yield Case(
        f"{name}, gradients",
        "memory-bound",
        lambda: [*inputs(), numbers(*shape, seed=3)],
        backward,
        by_autograd(peer),
        Work(20 * size),
        ("image", *plain, "image"),
        ("image", *plain),
    )


def _cross_entropy(shape: tuple[int, ...], count: int) -> Iterator[Case]:
    positions = classes(*shape, count=count).size
    image = "image" if len(shape) == 3 else "plain"

    def ours(logits: Any, ids: Any, dloss: Any) -> Step:
        def step() -> tuple[Any, Any]:
            loss, cache = softmax_cross_entropy_forward(logits, ids)
            return loss, softmax_cross_entropy_backward(dloss, cache)

        return step

    def peer(torch: Any, logits: Any, ids: Any, dloss: Any) -> Step:
        logits.requires_grad_()

        def step() -> tuple[Any, Any]:
            loss = torch.nn.functional.cross_entropy(logits, ids, reduction="none")
            return loss, torch.autograd.grad(loss, logits, dloss)[0]

        return step

    # Logits and ids are read, the loss written; then logits (or the probabilities), ids and dloss are read and the
    # gradient written.
    traffic = positions * (4 * count + 8 + 4) + positions * (8 * count + 8 + 4)
    yield Case(
        f"softmax cross-entropy {'x'.join(map(str, shape))}, {count} classes, loss and gradient", "memory-bound",
        lambda: [numbers(*shape, count), classes(*shape, count=count), numbers(*shape, seed=1)],
        ours, peer, Work(traffic), (image, "plain", "plain"), ("plain", image),
    )  # fmt: skip
