"""Enlarging, shrinking, and scaling of numbers."""

from __future__ import annotations

from functools import partial
from math import pi

import numpy as np
from tinyseg_kernels.resize import weights

from tinyseg.layers.resizing import Rescaling, Resizing
from tinyseg.layers.up_sampling2d import UpSampling2D

from ..drawing import Drawing, Value
from .table import nodes_for

TURNED = (0, 1, 3, 2)
"""Height and width exchanged."""


@nodes_for(UpSampling2D)
def up_sampling2d(d: Drawing, layer: UpSampling2D, x: Value) -> Value:
    """Resize by whole factors.

    'nearest' repeats each pixel: output o takes input floor(o / factor). 'bilinear' has half-pixel centres. The others
    are products with matrices.
    """
    x = d.first(x)
    if layer.interpolation not in ("nearest", "bilinear"):
        return _by_matrices(d, x, (None, None), layer.size, layer.interpolation, False)
    scales = d.constant([1.0, 1.0, *map(float, layer.size)], "scales")
    if layer.interpolation == "nearest":
        how: dict[str, str] = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return d.apply("Resize", x, "", scales, mode="nearest", **how)
    return d.apply("Resize", x, "", scales, mode="linear", coordinate_transformation_mode="half_pixel")


@nodes_for(Resizing)
def resizing(d: Drawing, layer: Resizing, x: Value) -> Value:
    """Products with matrices; 'nearest' takes pixels."""
    x, size = d.first(x), (layer.height, layer.width)
    if layer.interpolation != "nearest":
        return _by_matrices(d, x, size, (1, 1), layer.interpolation, layer.antialias)
    y = x.name
    for axis, m in ((2, layer.height), (3, layer.width)):
        y = d.add("Gather", y, _nearest(d, y, axis, x.shape[axis - 1], m), axis=axis)
    return Value(y, layer.compute_output_shape(x.shape), channels_first=True)


def _nearest(d: Drawing, x: str, axis: int, n: int | None, m: int) -> str:
    """Return which pixel each of the m takes: the one that its centre lies in, floor((2 i + 1) n / (2 m))."""
    if n is not None:
        return d.constant(weights(n, m, "nearest", False).argmax(axis=1), "pixels")
    centres = d.add("Mul", d.constant(2 * np.arange(m) + 1), d.add("Shape", x, start=axis, end=axis + 1))
    return d.add("Div", centres, d.constant([2 * m]))


def _by_matrices(
    d: Drawing, x: Value, size: tuple[int | None, int | None], factors: tuple[int, int], interpolation: str,
    antialias: bool,
) -> Value:  # fmt: skip
    """A x B^T, as `tinyseg_kernels.resize` has it: ONNX's Resize means the borders otherwise in some runtimes.

    Height and width are exchanged twice, so that both matrices stand on the right.
    """
    y = x.name
    for k in (1, 0):
        n, m = x.shape[1 + k], size[k]
        if n is not None:
            matrix = d.constant(weights(n, m or n * factors[k], interpolation, antialias).T, "weights")
        else:
            matrix = _matrix(d, x.name, 2 + k, m, factors[k], interpolation, antialias)
        y = d.add("Transpose", d.add("MatMul", y, matrix), perm=TURNED)
    return Value(y, x.shape, channels_first=True)


def _matrix(d: Drawing, x: str, axis: int, m: int | None, factor: int, interpolation: str, antialias: bool) -> str:
    """Return the weights (n, m) for an axis of unknown length, worked out in float64."""
    number = partial(_double, d)
    length = d.add("Shape", x, start=axis, end=axis + 1)
    new = d.constant([m], "new") if m is not None else d.add("Mul", length, d.constant([factor]))
    n, ratio = d.add("Cast", length, to="float64"), d.add("Cast", new, to="float64")
    ratio = d.add("Div", n, ratio)  # of the lengths
    positions = _range(d, new) if m is None else d.add("Cast", d.constant(np.arange(m)), to="float64")
    pixels = _range(d, length)
    centres = d.add("Sub", d.add("Mul", d.add("Add", positions, number(0.5)), ratio), number(0.5))
    away = d.add("Abs", d.add("Sub", centres, d.add("Reshape", pixels, d.constant([-1, 1]))))
    if antialias:
        away = d.add("Div", away, d.add("Max", ratio, number(1.0)))
    found = _kernel(d, away, interpolation)
    found = d.add("Div", found, d.add("ReduceSum", found, d.constant([0]), keepdims=1))
    return d.add("Cast", found, to="float32")


def _double(d: Drawing, value: float) -> str:
    return d.add("Cast", d.constant(value), to="float64")


def _range(d: Drawing, count: str) -> str:
    """Return 0, 1, ... as float64."""
    end = d.add("Squeeze", count, d.constant([0]))
    return d.add("Cast", d.add("Range", d.constant(0), end, d.constant(1)), to="float64")


def _kernel(d: Drawing, t: str, interpolation: str) -> str:
    """Return k(t) of `tinyseg_kernels.resize`."""
    number = partial(_double, d)

    def polynomial(*coefficients: float) -> str:
        """Horner's scheme, the highest power first."""
        y = number(coefficients[0])
        for c in coefficients[1:]:
            y = d.add("Add", d.add("Mul", y, t), number(c))
        return y

    zero = number(0.0)
    if interpolation == "bilinear":
        return d.add("Max", d.add("Sub", number(1.0), t), zero)
    if interpolation == "bicubic":
        near, far = polynomial(1.5, -2.5, 0.0, 1.0), polynomial(-0.5, 2.5, -4.0, 2.0)
        beyond = d.add("Where", d.add("Less", t, number(2.0)), far, zero)
        return d.add("Where", d.add("Less", t, number(1.0)), near, beyond)
    radius = float(interpolation.removeprefix("lanczos"))

    def sinc(x: str) -> str:
        x = d.add("Max", d.add("Mul", x, number(pi)), number(1e-12))  # sin(x) / x is 1 there
        return d.add("Div", d.add("Cast", d.add("Sin", d.add("Cast", x, to="float32")), to="float64"), x)

    y = d.add("Mul", sinc(t), sinc(d.add("Div", t, number(radius))))
    return d.add("Where", d.add("Less", t, number(radius)), y, zero)


@nodes_for(Rescaling)
def rescaling(d: Drawing, layer: Rescaling, x: Value) -> Value:
    """scale * x + offset: numbers, or one for each channel."""
    y = x
    for operation, numbers, nothing in (("Mul", layer.scale, 1.0), ("Add", layer.offset, 0.0)):
        if numbers != nothing:
            array = np.asarray(numbers, np.float32)
            y = d.apply(operation, y, d.per_channel(y, array, "numbers") if array.ndim else d.constant(array))
    return y
