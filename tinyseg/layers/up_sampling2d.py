"""UpSampling2D."""

from __future__ import annotations

from typing import ClassVar, Unpack

from tinyseg_kernels.caches import Kept
from tinyseg_kernels.checks import as_pair
from tinyseg_kernels.errors import unknown_name
from tinyseg_kernels.resize import INTERPOLATIONS, resize_backward, resize_forward
from tinyseg_kernels.types import FloatArray, Pair
from tinyseg_kernels.upsampling2d import INTERPOLATIONS as WHOLE
from tinyseg_kernels.upsampling2d import upsampling2d_backward, upsampling2d_forward

from tinyseg.utils.types import JsonObject, LayerOptions

from .convolution import require_channels_last
from .layer import Gradients, Layer
from .symbolic import Shape


class UpSampling2D(Layer):
    """Enlarge images by whole factors.

    'nearest' repeats pixels, 'bilinear' blends the two neighbours along each axis; 'bicubic', 'lanczos3' and 'lanczos5'
    blend more of them, and may go beyond the values that are there (`tinyseg_kernels.resize`).

    Input shape:
        (N, H, W, C)
    Output shape:
        (N, H * size[0], W * size[1], C)

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import UpSampling2D
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
        >>> UpSampling2D(2)(x)[0, :, :, 0]
        array([[1., 1., 2., 2.],
               [1., 1., 2., 2.],
               [3., 3., 4., 4.],
               [3., 3., 4., 4.]])
    """

    expected_rank: ClassVar[int | None] = 4

    def __init__(
        self,
        size: int | Pair = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer."""
        super().__init__(**common)
        require_channels_last(data_format)
        self.size = as_pair(f"{self.label}: size", size)
        if interpolation not in INTERPOLATIONS:
            raise unknown_name(f"interpolation of {self.label}", interpolation, INTERPOLATIONS)
        self.interpolation = interpolation

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the enlarged shape."""
        height, width = (None if n is None else n * k for n, k in zip(input_shape[1:3], self.size, strict=True))
        return (input_shape[0], height, width, input_shape[3])

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Enlarge."""
        if self.interpolation not in WHOLE:
            size = (x.shape[1] * self.size[0], x.shape[2] * self.size[1])
            return resize_forward(x, size, interpolation=self.interpolation)
        return upsampling2d_forward(x, size=self.size, interpolation=self.interpolation)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Add up what each pixel gave."""
        back = upsampling2d_backward if self.interpolation in WHOLE else resize_backward
        return back(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "size": list(self.size), "interpolation": self.interpolation}
