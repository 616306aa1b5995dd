"""Convolutions: 3x3 at the shapes of a U-Net, 1x1, depthwise and transposed; forward, and both gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tinyseg_kernels.conv2d import conv2d_backward, conv2d_forward
from tinyseg_kernels.conv2d_transpose import conv2d_transpose_backward, conv2d_transpose_forward
from tinyseg_kernels.depthwise_conv2d import depthwise_conv2d_backward, depthwise_conv2d_forward
from tinyseg_kernels.gpu.versions import VERSIONS, versions

from ..common.arrays import Work, numbers
from .case import Case, Step

UNET_SHAPES = (
    (64, 256, 32, 32),
    (64, 256, 64, 32),
    (64, 128, 64, 64),
    (64, 64, 128, 128),
    (64, 32, 256, 256),
    (64, 16, 512, 512),
    (64, 256, 3, 32),
)
"""Images, height = width, channels, filters.

The levels of a U-Net with base 32 at 256x256, a decoder block after the concatenation, and the first layer.
"""

LADDER_SHAPE = (32, 64, 128, 128)


def cases(tiny: bool) -> Iterator[Case]:
    """Return the cases; tiny ones have the same code and a few numbers."""
    for shape in [(2, 6, 4, 4), (1, 5, 3, 8)] if tiny else UNET_SHAPES:
        yield from _conv2d(3, *shape, group="conv2d 3x3")
        if shape[2] > 3:
            yield from _conv2d(3, *shape, group="conv2d 3x3, tf32", precision="tf32")
    yield from _conv2d(1, *((1, 4, 8, 4) if tiny else (64, 128, 128, 64)), group="conv2d 1x1")
    yield from _depthwise(*((1, 5, 8) if tiny else (64, 128, 128)))
    yield from _transposed(*((1, 3, 8, 4) if tiny else (64, 64, 128, 64)))


def ladder(tiny: bool) -> Iterator[Case]:
    """Return each version of conv2d at one shape."""
    shape = (1, 6, 4, 4) if tiny else LADDER_SHAPE
    for name in VERSIONS["conv2d"]:
        if name != "tensor_cores":  # that is a precision, and a group of its own
            yield from _conv2d(3, *shape, group=f"ladder conv2d: {name}", version=name)


def _conv2d(
    size: int, n: int, edge: int, c: int, f: int, *, group: str, precision: str = "float32", version: str | None = None
) -> Iterator[Case]:
    label = f"conv2d {size}x{size} {n}x{edge}x{edge}x{c} -> {f}"
    image, result, kernel = n * edge * edge * c, n * edge * edge * f, size * size * c * f
    flops = 2 * n * edge * edge * kernel
    options = {} if version is None else {"version": lambda: versions(conv2d=version)}
    weight_scale = (size * size * c) ** -0.5

    def forward(x: Any, kernel: Any, bias: Any) -> Step:
        return lambda: (conv2d_forward(x, kernel, bias, padding="same")[0],)

    def peer_forward(torch: Any, x: Any, kernel: Any, bias: Any) -> Step:
        return lambda: (torch.nn.functional.conv2d(x, kernel, bias, padding=size // 2),)

    def backward(x: Any, kernel: Any, bias: Any, dy: Any) -> Step:
        _, cache = conv2d_forward(x, kernel, bias, padding="same")
        return lambda: conv2d_backward(dy, cache)

    def peer_backward(torch: Any, x: Any, kernel: Any, bias: Any, dy: Any) -> Step:
        pads, ones = [size // 2] * 2, [1, 1]
        operator, wanted = torch.ops.aten.convolution_backward, [True, True, True]
        return lambda: operator(dy, x, kernel, [f], ones, pads, ones, False, [0, 0], 1, wanted)

    def inputs() -> list[Any]:
        return [numbers(n, edge, edge, c), numbers(size, size, c, f, seed=1, scale=weight_scale), numbers(f, seed=2)]

    common: dict[str, Any] = {"group": group, "precision": precision, **options}
    yield Case(
        f"{label}, forward",
        inputs=inputs,
        ours=forward,
        peer=peer_forward,
        work=Work(4 * (image + result + kernel), flops),
        layouts=("image", "kernel", "plain"),
        results=("image",),
        **common,
    )
    yield Case(
        f"{label}, gradients",
        inputs=lambda: [*inputs(), numbers(n, edge, edge, f, seed=3)],
        ours=backward,
        peer=peer_backward,
        work=Work(4 * (2 * image + 2 * result + 2 * kernel), 2 * flops),
        layouts=("image", "kernel", "plain", "image"),
        results=("image", "kernel", "plain"),
        **common,
    )


def by_autograd(function: Callable[..., Any]) -> Callable[..., Step]:
    """Make the peer's backward of a function whose result's gradient is its last argument."""

    def build(torch: Any, *tensors: Any) -> Step:
        *given, dy = tensors
        leaves = [tensor.requires_grad_(tensor.is_floating_point()) for tensor in given]
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        y = function(torch, *leaves)
        return lambda: torch.autograd.grad(y, wanted, dy, retain_graph=True)

    return build


def _depthwise(n: int, edge: int, c: int) -> Iterator[Case]:
    label, size, kernel = f"depthwise 3x3 {n}x{edge}x{edge}x{c}", n * edge * edge * c, 9 * c

    def forward(x: Any, kernel: Any, bias: Any) -> Step:
        return lambda: (depthwise_conv2d_forward(x, kernel, bias, padding="same")[0],)

    def backward(x: Any, kernel: Any, bias: Any, dy: Any) -> Step:
        _, cache = depthwise_conv2d_forward(x, kernel, bias, padding="same")
        return lambda: depthwise_conv2d_backward(dy, cache)

    def peer(torch: Any, x: Any, kernel: Any, bias: Any) -> Any:
        # Our kernel (3, 3, C, 1) arrives as (1, C, 3, 3), PyTorch's is (C, 1, 3, 3).
        return torch.nn.functional.conv2d(x, kernel.transpose(0, 1), bias, padding=1, groups=c)

    def inputs() -> list[Any]:
        return [numbers(n, edge, edge, c), numbers(3, 3, c, 1, seed=1), numbers(c, seed=2)]

    yield Case(
        f"{label}, forward", "depthwise", inputs, forward, lambda torch, *given: lambda: (peer(torch, *given),),
        Work(4 * (2 * size + kernel), 18 * size), ("image", "kernel", "plain"), ("image",),
    )  # fmt: skip
    yield Case(
        f"{label}, gradients",
        "depthwise",
        lambda: [*inputs(), numbers(n, edge, edge, c, seed=3)],
        backward,
        by_autograd(peer),
        Work(4 * (3 * size + 2 * kernel), 36 * size),
        ("image", "kernel", "plain", "image"),
        ("image", "kernel", "plain"),
    )


def _transposed(n: int, edge: int, c: int, f: int) -> Iterator[Case]:
    label = f"transposed 2x2 {n}x{edge}x{edge}x{c} -> {2 * edge}x{2 * edge}x{f}"
    image, result, kernel = n * edge * edge * c, 4 * n * edge * edge * f, 4 * c * f

    def forward(x: Any, kernel: Any, bias: Any) -> Step:
        return lambda: (conv2d_transpose_forward(x, kernel, bias, strides=2)[0],)

    def backward(x: Any, kernel: Any, bias: Any, dy: Any) -> Step:
        _, cache = conv2d_transpose_forward(x, kernel, bias, strides=2)
        return lambda: conv2d_transpose_backward(dy, cache)

    def peer(torch: Any, x: Any, kernel: Any, bias: Any) -> Any:
        return torch.nn.functional.conv_transpose2d(x, kernel, bias, stride=2)

    def inputs() -> list[Any]:
        return [numbers(n, edge, edge, c), numbers(2, 2, f, c, seed=1, scale=c**-0.5), numbers(f, seed=2)]

    flops = 2 * result * c
    yield Case(
        f"{label}, forward", "transposed", inputs, forward, lambda torch, *given: lambda: (peer(torch, *given),),
        Work(4 * (image + result + kernel), flops), ("image", "kernel", "plain"), ("image",),
    )  # fmt: skip
    yield Case(
        f"{label}, gradients",
        "transposed",
        lambda: [*inputs(), numbers(n, 2 * edge, 2 * edge, f, seed=3)],
        backward,
        by_autograd(peer),
        Work(4 * (2 * image + result + 2 * kernel), 2 * flops),
        ("image", "kernel", "plain", "image"),
        ("image", "kernel", "plain"),
    )
