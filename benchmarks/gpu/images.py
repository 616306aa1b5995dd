"""Layers that only move images: pooling, enlarging, joining. All are bound by memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tinyseg_kernels.arrange import concatenate_backward, concatenate_forward
from tinyseg_kernels.avg_pool2d import avg_pool2d_backward, avg_pool2d_forward
from tinyseg_kernels.max_pool2d import max_pool2d_backward, max_pool2d_forward
from tinyseg_kernels.upsampling2d import upsampling2d_backward, upsampling2d_forward

from ..common.arrays import Work, numbers
from .case import Case, Step
from .convolutions import by_autograd


def cases(tiny: bool) -> Iterator[Case]:
    """Return the cases; tiny ones have the same code and a few numbers."""
    n, edge, c = (1, 4, 4) if tiny else (64, 256, 32)
    large, small = n * edge * edge * c, n * edge * edge * c // 4

    def max_pool(torch: Any, x: Any) -> Any:
        return torch.nn.functional.max_pool2d(x, 2)

    def avg_pool(torch: Any, x: Any) -> Any:
        return torch.nn.functional.avg_pool2d(x, 2)

    def nearest(torch: Any, x: Any) -> Any:
        return torch.nn.functional.interpolate(x, scale_factor=2, mode="nearest")

    def bilinear(torch: Any, x: Any) -> Any:
        return torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)

    whole, half = (n, edge, edge, c), (n, edge // 2, edge // 2, c)
    # What backward of the max pool has to read besides dy is which of the four numbers of a window won: a byte, or as
    # PyTorch has it 8 bytes.
    pool = {"pool_size": 2}
    yield from _pair(
        "max pool 2x2",
        whole,
        half,
        partial(max_pool2d_forward, **pool),
        max_pool2d_backward,
        max_pool,
        (4 * (large + small) + small, 4 * (large + small) + small),
    )
    yield from _pair(
        "average pool 2x2",
        whole,
        half,
        partial(avg_pool2d_forward, **pool),
        avg_pool2d_backward,
        avg_pool,
        (4 * (large + small),) * 2,
    )
    for mode, peer in (("nearest", nearest), ("bilinear", bilinear)):
        forward = partial(upsampling2d_forward, size=2, interpolation=mode)
        yield from _pair(
            f"upsampling {mode} 2x2", half, whole, forward, upsampling2d_backward, peer, (4 * (large + small),) * 2
        )
    yield from _concatenate(n, edge, c)


def _pair(
    label: str,
    shape: tuple[int, ...],
    result: tuple[int, ...],
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    peer: Callable[..., Any],
    traffic: tuple[int, int],
) -> Iterator[Case]:
    """Return forward and backward of an operation on one image array."""
    name = f"{label} {'x'.join(map(str, shape))}"

    def ours_forward(x: Any) -> Step:
        return lambda: (forward(x)[0],)

    def ours_backward(x: Any, dy: Any) -> Step:
        _, cache = forward(x)
        return lambda: (backward(dy, cache),)

    yield Case(
        f"{name}, forward",
        "memory-bound",
        lambda: [numbers(*shape)],
        ours_forward,
        lambda torch, x: lambda: (peer(torch, x),),
        Work(traffic[0]),
        ("image",),
        ("image",),
    )
    yield Case(
        f"{name}, gradient",
        "memory-bound",
        lambda: [numbers(*shape), numbers(*result, seed=1)],
        ours_backward,
        by_autograd(peer),
        Work(traffic[1]),
        ("image", "image"),
        ("image",),
    )


def _concatenate(n: int, edge: int, c: int) -> Iterator[Case]:
    shape, size = (n, edge, edge, c), n * edge * edge * c
    name = f"concatenate 2 of {'x'.join(map(str, shape))}"

    def forward(a: Any, b: Any) -> Step:
        return lambda: (concatenate_forward([a, b])[0],)

    def backward(a: Any, b: Any, dy: Any) -> Step:
        _, cache = concatenate_forward([a, b])
        return lambda: concatenate_backward(dy, cache)

    def peer_backward(torch: Any, a: Any, b: Any, dy: Any) -> Step:
        # PyTorch's autograd gives views of dy here, which the next layer's backward has to copy or to read in strides;
        # a copy is what we give.
        return lambda: tuple(part.contiguous(memory_format=torch.channels_last) for part in dy.split(c, dim=1))

    yield Case(
        f"{name}, forward", "memory-bound", lambda: [numbers(*shape), numbers(*shape, seed=1)], forward,
        lambda torch, a, b: lambda: (torch.cat([a, b], dim=1),), Work(16 * size), ("image",) * 2, ("image",),
    )  # fmt: skip
    yield Case(
        f"{name}, gradients",
        "memory-bound",
        lambda: [numbers(*shape), numbers(*shape, seed=1), numbers(n, edge, edge, 2 * c, seed=2)],
        backward,
        peer_backward,
        Work(16 * size),
        ("image",) * 3,
        ("image",) * 2,
    )
