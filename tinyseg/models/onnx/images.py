"""What stands between an image file and a network, as nodes: the same as `tinyseg predict` does in Python."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from .drawing import Drawing, Value

SMALLEST_STD = float(np.finfo(np.float32).tiny)
WHITE = 255.0


@dataclass(frozen=True)
class Images:
    """How images of bytes become a network's input.

    Attributes:
        standardize: Subtract the image's mean and divide by its standard deviation, as in `tinyseg.datasets`.
        multiple_of: Fill height and width up to multiples of this by reflection, and cut the result back.
    """

    standardize: bool = True
    multiple_of: int = 1


def prepared(images: Images, x: Array) -> Array:
    """Do in NumPy what `draw_images` draws, to images (N, H, W, C) of uint8."""
    y = x.astype(np.float32) / np.float32(WHITE)
    if images.standardize:
        mean = y.mean((1, 2, 3), np.float64, keepdims=True)
        deviation = np.maximum(y.std((1, 2, 3), np.float64, keepdims=True).astype(np.float32), SMALLEST_STD)
        y = (y - mean.astype(np.float32)) / deviation
    for axis in (1, 2):
        n = y.shape[axis]
        widths = [(0, -n % images.multiple_of if a == axis else 0) for a in range(4)]
        y = np.pad(y, widths, mode="reflect" if n > 1 else "edge")
    return y


def draw_images(d: Drawing, images: Images, x: Value) -> tuple[Value, str]:
    """Turn images (N, H, W, C) of uint8 into what the network takes; also return the name of their (H, W)."""
    d.layer = "images"
    size = d.add("Shape", x.name, start=1, end=3)
    y = d.add("Div", d.add("Cast", x.name, to="float32"), d.constant(WHITE, "white"))
    if images.standardize:
        y = _standardized(d, y)
    if images.multiple_of > 1:
        for axis in (1, 2):
            y = _reflected(d, y, axis, images.multiple_of)
    return Value(y, (x.shape[0], None, None, x.shape[3])), size


def _standardized(d: Drawing, x: str) -> str:
    """(x - mean) / standard deviation of each image, both in float64, rounded as NumPy's are."""
    axes = d.constant([1, 2, 3], "axes")
    wide = d.add("Cast", x, to="float64")
    mean = d.add("ReduceMean", wide, axes, keepdims=1)
    away = d.add("Sub", wide, mean)
    variance = d.add("ReduceMean", d.add("Mul", away, away), axes, keepdims=1)
    deviation = d.add("Cast", d.add("Sqrt", variance), to="float32")
    deviation = d.add("Max", deviation, d.constant(SMALLEST_STD, "smallest"))
    return d.add("Div", d.add("Sub", x, d.add("Cast", mean, to="float32")), deviation)


def _reflected(d: Drawing, x: str, axis: int, multiple: int) -> str:
    """Lengthen an axis to a multiple by reflection, as often as needed; an axis of length 1 repeats its pixel.

    Position i of the longer axis shows pixel min(r, p - r) with r = i mod p and the period p = 2 (n - 1).
    """
    zero, one, by = d.constant(0), d.constant(1), d.constant(multiple)
    n = d.add("Squeeze", d.add("Shape", x, start=axis, end=axis + 1), d.constant([0]))
    longer = d.add("Mul", d.add("Div", d.add("Add", n, d.constant(multiple - 1)), by), by)
    period = d.add("Max", d.add("Mul", d.add("Sub", n, one), d.constant(2)), one)
    rest = d.add("Mod", d.add("Range", zero, longer, one), period)
    return d.add("Gather", x, d.add("Min", rest, d.add("Sub", period, rest)), axis=axis)


def cut_back(d: Drawing, y: Value, size: str) -> Value:
    """Cut height and width back to the image's."""
    if len(y.shape) != 4:
        raise InvalidInput(f"filling images up needs an output (N, H, W, K), got shape {y.shape}")
    y = d.last(y)
    d.layer = "result"
    return Value(d.add("Slice", y.name, d.constant([0, 0]), size, d.constant([1, 2], "axes")), y.shape)


def mask_of(d: Drawing, y: Value) -> Value:
    """Return the class of each pixel (N, H, W) as uint8; the first one of a tie."""
    y = d.last(y)
    d.layer = "result"
    best = d.add("ArgMax", y.name, axis=len(y.shape) - 1, keepdims=0)
    return Value(d.add("Cast", best, to="uint8"), y.shape[:-1])
