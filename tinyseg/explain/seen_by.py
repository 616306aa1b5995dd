"""Which inputs of a layer an interval of its outputs depends on, along one axis: a rule for each kind of layer.

Positions may lie outside of the image: they are zeros of the padding. An interval is (first, last).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from math import floor

import numpy as np
from tinyseg_kernels.conv2d_transpose.geometry import stamp_padding
from tinyseg_kernels.device import to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Padding, Pair, Shape
from tinyseg_kernels.windows import explicit_padding

from tinyseg.layers import (
    ELU,
    Activation,
    Add,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Conv2DTranspose,
    Cropping2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    GroupNormalization,
    InputLayer,
    LayerNormalization,
    LeakyReLU,
    PReLU,
    ReLU,
    Rescaling,
    SeparableConv2D,
    Softmax,
    SpatialDropout2D,
    UpSampling2D,
    ZeroPadding2D,
)
from tinyseg.layers.arithmetic import Merge
from tinyseg.layers.layer import Layer
from tinyseg.layers.pooling2d import Pooling2D


@dataclass(frozen=True)
class Axis:
    """One axis of images.

    Attributes:
        number: 0 for rows, 1 for columns.
        length: Of the layer's input.
        out: Of its output.
        shapes: Of the layer's inputs (1, H, W, C).
    """

    number: int
    length: int
    out: int
    shapes: tuple[Shape, ...]


@singledispatch
def seen_by(layer: Layer, span: Pair, axis: Axis) -> Pair:
    """Return the positions of the input that the outputs of `span` may depend on.

    For a layer without a rule of its own, such as somebody's own, backward is asked: which inputs have a gradient.
    """
    return measured(layer, span, axis)


@seen_by.register(Activation)
@seen_by.register(Add)
@seen_by.register(BatchNormalization)
@seen_by.register(Concatenate)
@seen_by.register(Dense)
@seen_by.register(Dropout)
@seen_by.register(ELU)
@seen_by.register(InputLayer)
@seen_by.register(LeakyReLU)
@seen_by.register(Merge)
@seen_by.register(PReLU)
@seen_by.register(ReLU)
@seen_by.register(Rescaling)
@seen_by.register(Softmax)
@seen_by.register(SpatialDropout2D)
def same_place(layer: Layer, span: Pair, axis: Axis) -> Pair:
    """Each output depends on the input at its own place; or on the only one there is, which is then everybody's."""
    along = getattr(layer, "axis", -1)
    if isinstance(along, int) and isinstance(layer, (Softmax, Concatenate)) and along % 4 == axis.number + 1:
        return (0, axis.length - 1)
    return (0, 0) if axis.length == 1 < axis.out else span


@seen_by.register(Conv2D)
@seen_by.register(DepthwiseConv2D)
@seen_by.register(SeparableConv2D)
def convolved(layer: Conv2D | DepthwiseConv2D | SeparableConv2D, span: Pair, axis: Axis) -> Pair:
    """A window of `(k - 1) * d + 1` positions, `s` further for each output."""
    return _window(span, axis, layer.kernel_size, layer.strides, layer.padding, layer.dilation_rate)


@seen_by.register(Pooling2D)
def pooled(layer: Pooling2D, span: Pair, axis: Axis) -> Pair:
    """A window as in a convolution."""
    return _window(span, axis, layer.pool_size, layer.strides, layer.padding, (1, 1))


def _window(span: Pair, axis: Axis, window: Pair, strides: Pair, padding: Padding, dilation: Pair) -> Pair:
    n, k, s, d = axis.number, window[axis.number], strides[axis.number], dilation[axis.number]
    before, _ = explicit_padding(padding, (axis.length, axis.length), window, strides, dilation)[n]
    return (span[0] * s - before, span[1] * s - before + (k - 1) * d)


@seen_by.register(Conv2DTranspose)
def stamped(layer: Conv2DTranspose, span: Pair, axis: Axis) -> Pair:
    """Input i is stamped onto the outputs i * s - before + t * d, t = 0 .. k - 1."""
    n = axis.number
    k, s, d = layer.kernel_size[n], layer.strides[n], layer.dilation_rate[n]
    size, out = (axis.length, axis.length), (axis.out, axis.out)
    assert isinstance(layer.padding, str)
    before, _ = stamp_padding(
        size, out, layer.kernel_size, layer.strides, layer.padding, layer.dilation_rate, layer.output_padding
    )[n]
    return (-((-(span[0] + before - (k - 1) * d)) // s), (span[1] + before) // s)


@seen_by.register(UpSampling2D)
def enlarged(layer: UpSampling2D, span: Pair, axis: Axis) -> Pair:
    """The nearest pixel, or those between whose middles the output's middle lies."""
    factor = layer.size[axis.number]
    return resampled(span, 1 / factor, layer.interpolation)


def resampled(span: Pair, scale: float, interpolation: str) -> Pair:
    """Return what outputs see whose middle (o + 1/2) lies at (o + 1/2) * scale of the input."""
    if interpolation == "nearest":
        return (floor((span[0] + 0.5) * scale), floor((span[1] + 0.5) * scale))
    more = {"bilinear": 0, "bicubic": 1, "lanczos3": 2, "lanczos5": 4}[interpolation]
    # A middle that meets an input's exactly (odd factors) needs that one alone.
    first, last = (floor(round((o + 0.5) * scale - 0.5, 9)) for o in span)
    exact = round((span[1] + 0.5) * scale - 0.5, 9) == last
    return (first - more, last + more + (0 if exact and not more else 1))


@seen_by.register(LayerNormalization)
def normalized(layer: LayerNormalization, span: Pair, axis: Axis) -> Pair:
    """The same place, unless it is normalised over rows or columns."""
    along = {a % 4 for a in layer.axis}
    return (0, axis.length - 1) if along - {3} else span


@seen_by.register(GroupNormalization)
def normalized_whole(layer: GroupNormalization, span: Pair, axis: Axis) -> Pair:
    """The whole image, whose mean and variance it takes."""
    return (0, axis.length - 1)


@seen_by.register(ZeroPadding2D)
def padded(layer: ZeroPadding2D, span: Pair, axis: Axis) -> Pair:
    """Moved by what is in front."""
    before = layer.padding[axis.number][0]
    return (span[0] - before, span[1] - before)


@seen_by.register(Cropping2D)
def cropped(layer: Cropping2D, span: Pair, axis: Axis) -> Pair:
    """Moved by what is cut off in front."""
    before = layer.cropping[axis.number][0]
    return (span[0] + before, span[1] + before)


def measured(layer: Layer, span: Pair, axis: Axis) -> Pair:
    """Ask backward: a random upstream gradient at the outputs of `span`, and where the input's gradient is not 0.

    Raises:
        InvalidInput: No input has a gradient.
    """
    generator = np.random.default_rng(0)
    xs = [generator.standard_normal(shape).astype(layer.dtype or np.float32) for shape in axis.shapes]
    y, cache = layer.forward(xs if layer.several_inputs else xs[0])
    dy = np.zeros_like(np.asarray(to_host(y)))
    place = [slice(None)] * dy.ndim
    if dy.ndim == 4:
        place[axis.number + 1] = slice(max(span[0], 0), max(span[1], 0) + 1)
    dy[tuple(place)] = generator.standard_normal(dy[tuple(place)].shape)
    dx, _ = layer.backward(dy, cache)
    found: list[int] = []
    for d in dx if layer.several_inputs else [dx]:
        gradient = np.asarray(to_host(d))
        if gradient.ndim == 4 and gradient.shape[axis.number + 1] == axis.length:
            others = tuple(k for k in range(4) if k != axis.number + 1)
            found += np.flatnonzero(gradient.any(axis=others)).tolist()
    if not found:
        raise InvalidInput(f"{layer.label}: no input has a gradient, so its receptive field is not known")
    return (min(found), max(found))
