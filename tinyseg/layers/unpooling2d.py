"""MaxUnpooling2D: numbers put back to where a maximum pooling took them from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeAlias, Unpack

from tinyseg_kernels.avg_pool2d import avg_pool2d_forward
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.checks import as_pair
from tinyseg_kernels.device import array_module
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.max_pool2d import max_pool2d_backward, max_pool2d_forward
from tinyseg_kernels.types import FloatArray, Pair

from tinyseg.utils.types import JsonObject, LayerOptions

from .layer import Gradients, Layer
from .symbolic import Shape

UnpoolingCache: TypeAlias = tuple[Kept, tuple[int, ...]]
"""Of the pooling, and the shape before it."""


class MaxUnpooling2D(Layer):
    """Put each number of x where the largest of its window stood before the pooling, and 0 elsewhere.

    It takes a list [x, before]: what to enlarge, and what `MaxPooling2D` of the same pool_size took when the network
    went down. Its windows tell where each maximum stood, the first one of a tie. That is all that SegNet carries
    across: an index for each number, where a U-Net carries all channels.

    This is what the pooling does with its gradient on the way back. So forward is the backward of the pooling, and
    backward takes from dy what stood at the maxima. Nothing flows back to `before`: where the maximum stands changes
    in jumps. Windows at the border that are not whole are left out by the pooling, and get 0.

    Source: Badrinarayanan, Kendall, Cipolla, "SegNet", PAMI 2017 (arXiv:1511.00561).

    Input shape:
        [(N, OH, OW, C), (N, H, W, C)]
    Output shape:
        (N, H, W, C)

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import MaxUnpooling2D
        >>> before = np.array([[1.0, 2.0, 5.0, 3.0], [4.0, 0.0, 1.0, 1.0]]).reshape(1, 2, 4, 1)
        >>> x = np.array([10.0, 20.0]).reshape(1, 1, 2, 1)
        >>> MaxUnpooling2D(2)([x, before])[0, :, :, 0]
        array([[ 0.,  0., 20.,  0.],
               [10.,  0.,  0.,  0.]])
    """

    several_inputs: ClassVar[bool] = True
    expected_rank: ClassVar[int | None] = 4

    def __init__(self, pool_size: int | Pair = (2, 2), **common: Unpack[LayerOptions]) -> None:
        """Make the layer for the windows of a `MaxPooling2D` that do not overlap."""
        super().__init__(**common)
        self.pool_size = as_pair(f"{self.label}: pool_size", pool_size)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Return the shape before the pooling."""
        if len(input_shape) != 2:
            raise InvalidInput(f"{self.label}: expected a list [x, before], got {len(input_shape)} inputs")
        x, before = input_shape
        pooled = [None if n is None else n // k for n, k in zip(before[1:3], self.pool_size, strict=True)]
        expected = (before[0], *pooled, before[3])
        if any(a != b for a, b in zip(x, expected, strict=True) if a is not None and b is not None):
            raise InvalidInput(
                f"{self.label}: expected x of shape {expected}, what a pooling of {before} gives, got {x}"
            )
        return before

    def forward(self, x: Sequence[FloatArray], training: bool = False) -> tuple[FloatArray, UnpoolingCache]:
        """Put the numbers back."""
        small, before = x
        self.compute_output_shape([small.shape, before.shape])
        _, pooling = max_pool2d_forward(before, pool_size=self.pool_size, strides=self.pool_size, padding="valid")
        return max_pool2d_backward(small, pooling), (pooling, before.shape)

    def backward(
        self, dy: FloatArray, cache: UnpoolingCache, need_dx: bool = True
    ) -> tuple[list[FloatArray], Gradients]:
        """Take from dy what stands at the maxima: one number of each window, the mean times the window's size."""
        pooling, shape = cache
        xp, (height, width) = array_module(dy), self.pool_size
        ones = xp.ones((shape[0], shape[1] // height, shape[2] // width, shape[3]), dy.dtype)
        at_maxima = max_pool2d_backward(ones, pooling)
        mean, _ = avg_pool2d_forward(dy * at_maxima, pool_size=self.pool_size, strides=self.pool_size, padding="valid")
        return [mean * dy.dtype.type(height * width), xp.zeros(shape, dy.dtype)], {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "pool_size": list(self.pool_size)}
