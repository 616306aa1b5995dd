"""How the kernels of max_pool2d and avg_pool2d are launched; pooling.cuh is their side of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..types import Pair
from ..windows import output_size
from .packs import pair_grid


class PoolingLaunch(NamedTuple):
    """Where the windows lie, as the kernels take it."""

    images: int
    height: int
    width: int
    channels: int
    out_height: int
    out_width: int
    window_height: int
    window_width: int
    stride_height: int
    stride_width: int
    top: int
    left: int

    @property
    def out_shape(self) -> tuple[int, int, int, int]:
        """Shape of y."""
        return self.images, self.out_height, self.out_width, self.channels

    @property
    def disjoint(self) -> bool:
        """Return whether no two windows share a pixel."""
        return self.stride_height >= self.window_height and self.stride_width >= self.window_width

    @property
    def cells(self) -> Pair:
        """Return how many cells of stride_height x stride_width pixels, with a window in the corner of each, cover the image."""
        return -(-(self.height + self.top) // self.stride_height), -(-(self.width + self.left) // self.stride_width)

    def grid(self, rows: int, columns: int, pack: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return (grid, block) for a thread for each of rows x columns positions of each image, and each pack of channels."""
        return pair_grid(self.images * rows, columns * (self.channels // pack))


def pooling_launch(shape: Sequence[int], window: Pair, strides: Pair, padding: tuple[Pair, Pair]) -> PoolingLaunch:
    """Return the geometry of a pooling of images of this shape."""
    images, height, width, channels = shape
    out = output_size((height, width), window, strides, padding)
    return PoolingLaunch(images, height, width, channels, *out, *window, *strides, padding[0][0], padding[1][0])
