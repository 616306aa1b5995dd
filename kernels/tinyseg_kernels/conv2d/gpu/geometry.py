"""The numbers that describe a convolution, in the order in which geometry.cuh's kernels take them."""

from __future__ import annotations

from typing import NamedTuple

from ...types import Pair
from ...windows import output_size


class Geometry(NamedTuple):
    """x (images, height, width, channels), kernel (kernel_height, kernel_width, channels, filters), y (images, out_height, out_width, filters)."""

    images: int
    height: int
    width: int
    channels: int
    kernel_height: int
    kernel_width: int
    filters: int
    out_height: int
    out_width: int
    stride_down: int
    stride_right: int
    top: int
    left: int
    dilation_down: int
    dilation_right: int

    @property
    def x_shape(self) -> tuple[int, int, int, int]:
        """Shape of the images."""
        return self[:4]

    @property
    def kernel_shape(self) -> tuple[int, int, int, int]:
        """Shape of the kernel."""
        return (self.kernel_height, self.kernel_width, self.channels, self.filters)

    @property
    def y_shape(self) -> tuple[int, int, int, int]:
        """Shape of the output."""
        return (self.images, self.out_height, self.out_width, self.filters)

    @property
    def positions(self) -> int:
        """Number of windows."""
        return self.images * self.out_height * self.out_width

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.images * self.height * self.width

    @property
    def kernel_rows(self) -> int:
        """Numbers in a window: rows of the kernel as a matrix."""
        return self.kernel_height * self.kernel_width * self.channels

    @property
    def phases(self) -> int:
        """Classes of pixels that meet the same taps (conv2d_input_gradient_tiles.cu)."""
        return self.stride_down * self.stride_right

    @property
    def pointwise(self) -> bool:
        """Whether each output sees exactly the pixel in its place.

        Then x and y are matrices, and the convolution is their product with the kernel.
        """
        return (
            self.kernel_height == self.kernel_width == 1 and self.phases == 1 and self.x_shape[:3] == self.y_shape[:3]
        )


def make_geometry(
    x_shape: tuple[int, ...],
    kernel_shape: tuple[int, ...],
    strides: Pair,
    padding: tuple[Pair, Pair],
    dilation_rate: Pair,
) -> Geometry:
    """Collect the numbers; `padding` is explicit."""
    images, height, width, channels = x_shape
    kernel_height, kernel_width, _, filters = kernel_shape
    out = output_size((height, width), (kernel_height, kernel_width), strides, padding, dilation_rate)
    (top, _), (left, _) = padding
    x, kernel = (images, height, width, channels), (kernel_height, kernel_width, filters)
    return Geometry(*x, *kernel, *out, *strides, top, left, *dilation_rate)
