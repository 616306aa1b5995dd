"""Gradients with one mistake each, of the kinds that people make, planted into the layers of a network.

Each is a backward like tinyseg's, (dy, cache) -> gradients, but for one line. The network's layers call it instead of
their own; `tinyseg.diagnosis` is given the same function, and is not told which one it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.activation import relu_forward
from tinyseg_kernels.conv2d import conv2d_backward, conv2d_forward
from tinyseg_kernels.conv2d.numpy_cpu import input_gradient
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.max_pool2d import max_pool2d_forward
from tinyseg_kernels.types import FloatArray, KernelGradients
from tinyseg_kernels.windows import tap

from tinyseg.layers import Activation, Conv2D, Layer, MaxPooling2D
from tinyseg.models import Model


@dataclass(frozen=True)
class Bug:
    """A mistake.

    Attributes:
        operation: Of tinyseg's diagnosis.
        forward: Which is right.
        backward: Which is not.
        pooling: Without which there is no such layer.
        activation: The same.
    """

    operation: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    pooling: str = ""
    activation: str = ""

    def check(self, pooling: str, activation: str) -> None:
        """Refuse a network in which it would be in no layer."""
        for needed, given in ((self.pooling, pooling), (self.activation, activation)):
            if needed and needed != given:
                raise InvalidInput(f"this mistake is one of {needed!r}: choose it instead of {given!r}")

    def plant(self, model: Model) -> list[str]:
        """Let the model's layers of this kind compute by it; returns their names."""
        own = [layer for layer in model.layers if self._is_in(layer)]
        for layer in own:
            if self.operation == "conv2d":
                layer.convolve_backward = self.backward
            else:
                layer.backward = _of_layer(self.backward)
        return [layer.name for layer in own]

    def _is_in(self, layer: Layer) -> bool:
        kind = {"conv2d": Conv2D, "relu": Activation, "max_pool2d": MaxPooling2D}[self.operation]
        return type(layer) is kind


def heal(model: Model) -> None:
    """Let all layers compute their own gradients again."""
    for layer in model.layers:
        for name in ("backward", "convolve_backward"):
            vars(layer).pop(name, None)


def _of_layer(backward: Callable[..., Any]) -> Callable[..., Any]:
    def method(dy: FloatArray, cache: Any, need_dx: bool = True) -> tuple[FloatArray, dict[str, FloatArray]]:
        return backward(dy, cache), {}

    return method


def kernel_not_turned(dy: FloatArray, cache: Any, need_dx: bool = True) -> KernelGradients:
    """dx with the kernel as the forward has it, where it must be turned by 180 degrees."""
    _, dkernel, dbias = conv2d_backward(dy, cache, need_dx=False)
    kernel = np.ascontiguousarray(cache.kernel[::-1, ::-1])  # turned here, and turned back in there
    dx = input_gradient(dy, kernel, cache.x.shape[1:3], cache.cache) if need_dx else None
    return dx, dkernel, dbias


def kernel_sign(dy: FloatArray, cache: Any, need_dx: bool = True) -> KernelGradients:
    """dkernel with a minus: the way up the loss, not down."""
    dx, dkernel, dbias = conv2d_backward(dy, cache, need_dx=need_dx)
    return dx, -dkernel, dbias


def kernel_half(dy: FloatArray, cache: Any, need_dx: bool = True) -> KernelGradients:
    """dkernel without a factor of 2."""
    dx, dkernel, dbias = conv2d_backward(dy, cache, need_dx=need_dx)
    return dx, dkernel / 2, dbias


def bias_mean(dy: FloatArray, cache: Any, need_dx: bool = True) -> KernelGradients:
    """dbias as a mean over all places, where it is a sum."""
    dx, dkernel, dbias = conv2d_backward(dy, cache, need_dx=need_dx)
    return dx, dkernel, None if dbias is None else dy.mean(axis=(0, 1, 2))


def relu_mask_of_dy(dy: FloatArray, cache: Any) -> FloatArray:
    """The mask is taken from dy, not from x."""
    return dy * (dy > 0)


def relu_no_mask(dy: FloatArray, cache: Any) -> FloatArray:
    """Everything is let through."""
    return dy.copy()


def pool_to_all(dy: FloatArray, cache: Any) -> FloatArray:
    """Every pixel of a window is given dy, not only the largest."""
    images, height, width, channels = cache.shape
    (top, bottom), (left, right) = cache.padding
    (kh, kw), (sh, sw) = cache.pool_size, cache.strides
    dx = np.zeros((images, top + height + bottom, left + width + right, channels), dy.dtype)
    for i in range(kh):
        for j in range(kw):
            dx[:, tap(i, sh, dy.shape[1]), tap(j, sw, dy.shape[2])] += dy
    return dx[:, top : top + height, left : left + width]


_conv = {"operation": "conv2d", "forward": conv2d_forward}
_relu: dict[str, Any] = {"operation": "relu", "forward": relu_forward, "activation": "relu"}
BUGS = {
    "kernel-not-turned": Bug(**_conv, backward=kernel_not_turned),
    "kernel-sign": Bug(**_conv, backward=kernel_sign),
    "kernel-half": Bug(**_conv, backward=kernel_half),
    "bias-mean": Bug(**_conv, backward=bias_mean),
    "relu-mask-of-dy": Bug(**_relu, backward=relu_mask_of_dy),
    "relu-no-mask": Bug(**_relu, backward=relu_no_mask),
    "pool-to-all": Bug("max_pool2d", max_pool2d_forward, pool_to_all, pooling="max"),
}
