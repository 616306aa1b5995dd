"""Which way a convolution goes on the CPU: one decision for y, dkernel and dx, from the geometry alone.

    matrix_product   a 1x1 window with stride 1 is a matrix product
    flipped          dx: the convolution of dy with the flipped kernel, which asks for its own way
    phases           dx: such a convolution for each phase of the strides
    numpy            dx: NumPy's rung, for strides with dilation

The others are files of this folder.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

from ...types import Pair
from . import dilated, few_channels, im2col, non_overlapping
from .winograd import convolution as winograd

Algorithm = Literal[
    "matrix_product", "im2col", "winograd", "dilated", "direct",
    "non_overlapping", "few_channels", "flipped", "phases", "numpy",
]  # fmt: skip


class Geometry(NamedTuple):
    """What decides: the sizes of a convolution, without its numbers."""

    window: Pair
    channels: int
    filters: int
    strides: Pair
    padding: tuple[Pair, Pair]
    dilation_rate: Pair
    images: int
    out: Pair

    @property
    def is_pointwise(self) -> bool:
        """Whether each output sees one pixel and each pixel is seen once: a matrix product."""
        return self.window == self.strides == (1, 1) and self.padding == ((0, 0), (0, 0))

    @property
    def has_few_pixels(self) -> bool:
        """Whether the kernel is so large beside the images that it should be read once, as it lies."""
        return im2col.suits(self.channels, self.filters, self.window, self.images * self.out[0] * self.out[1])


@lru_cache(maxsize=4096)
def algorithm(of: Literal["y", "dkernel", "dx"], g: Geometry) -> Algorithm:
    """Return how to compute the result of a convolution, or a gradient of it; decided once for each geometry."""
    if g.is_pointwise:
        return "matrix_product"
    if of == "dx":
        return _of_input_gradient(g)
    # Negative padding, which cuts rows off the images, comes from dx; windows are not copied from such images.
    if g.has_few_pixels and (of == "dkernel" or min(*g.padding[0], *g.padding[1]) >= 0):
        return "im2col"
    if winograd.suits(g.channels, g.filters, g.window, g.strides, g.dilation_rate):
        return "winograd"
    if dilated.suits(g.channels, g.filters, g.window, g.strides, g.dilation_rate, g.out):
        return "dilated"
    return "direct"


def _of_input_gradient(g: Geometry) -> Algorithm:
    if non_overlapping.suits(g.window, g.strides, g.padding, g.dilation_rate):
        return "non_overlapping"
    if g.has_few_pixels:
        return "im2col"
    if few_channels.suits(g.channels, g.window, g.strides):
        return "few_channels"
    if g.strides == (1, 1):
        return "flipped"
    return "phases" if g.dilation_rate == (1, 1) else "numpy"
