"""Resizing and Rescaling: what usually stands before a network, as its first layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Unpack

import numpy as np
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.device import like
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.resize import INTERPOLATIONS, resize_backward, resize_forward
from tinyseg_kernels.types import FloatArray

from tinyseg.utils.arguments import Count
from tinyseg.utils.types import JsonObject, LayerOptions

from .convolution import require_channels_last
from .layer import Gradients, Layer
from .symbolic import Shape


class Resizing(Layer):
    """Images of another size.

    The weights of each interpolation, and the gradient, stand in `tinyseg_kernels.resize`; they are those of
    `jax.image.resize` and of TensorFlow 2.

    Input shape:
        (N, H, W, C)
    Output shape:
        (N, height, width, C)

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Resizing
        >>> Resizing(1, 2)(np.arange(4.0).reshape(1, 1, 4, 1))[0, :, :, 0]
        array([[0.5, 2.5]])
    """

    expected_rank: ClassVar[int | None] = 4

    def __init__(
        self,
        height: Count,
        width: Count,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer.

        Args:
            height: Of the result.
            width: Of the result.
            interpolation: 'nearest', 'bilinear', 'bicubic', 'lanczos3' or 'lanczos5'.
            crop_to_aspect_ratio: False: images are stretched. Use Cropping2D before to cut them.
            pad_to_aspect_ratio: False: images are stretched. Use ZeroPadding2D before to pad them.
            fill_mode: 'constant'; without padding there is nothing to fill.
            fill_value: 0; without padding there is nothing to fill.
            antialias: Whether all pixels count where images become smaller.
            data_format: None or 'channels_last'.
            **common: name, trainable, dtype, input_shape (see `Layer`).

        Raises:
            InvalidInput: An interpolation that there is not, or anything but stretching.
        """
        super().__init__(**common)
        require_channels_last(data_format)
        if interpolation not in INTERPOLATIONS:
            raise unknown_name(f"interpolation of {self.label}", interpolation, INTERPOLATIONS)
        refused = {
            "crop_to_aspect_ratio": (crop_to_aspect_ratio, False, "cut the images with Cropping2D first"),
            "pad_to_aspect_ratio": (pad_to_aspect_ratio, False, "pad the images with ZeroPadding2D first"),
            "fill_mode": (fill_mode, "constant", "nothing is padded"),
            "fill_value": (fill_value, 0.0, "nothing is padded"),
        }
        for name, (value, only, words) in refused.items():
            if value != only:
                raise InvalidInput(f"{self.label}: {name}: expected {only!r}, got {value!r}; {words}")
        self.height, self.width = int(height), int(width)
        self.interpolation, self.antialias = interpolation, bool(antialias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (N, height, width, C)."""
        return (input_shape[0], self.height, self.width, input_shape[3])

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Resize."""
        size = (self.height, self.width)
        return resize_forward(x, size, interpolation=self.interpolation, antialias=self.antialias)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Hand each dy to the pixels that it was made of."""
        return resize_backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        own = {"height": self.height, "width": self.width, "interpolation": self.interpolation}
        return {**super().get_config(), **own, "antialias": self.antialias}


class Rescaling(Layer):
    """y = scale * x + offset: 'Rescaling(1 / 255)' brings pixels to 0 to 1. The gradient is scale * dy.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Rescaling
        >>> Rescaling(2 / 255, offset=-1)(np.array([[0.0, 127.5, 255.0]]))
        array([[-1.,  0.,  1.]])
    """

    def __init__(
        self, scale: float | Sequence[float], offset: float | Sequence[float] = 0.0, **common: Unpack[LayerOptions]
    ) -> None:
        """Make the layer; scale and offset are numbers, or one for each channel."""
        super().__init__(**common)
        self.scale, self.offset = self._numbers("scale", scale), self._numbers("offset", offset)

    def _numbers(self, name: str, value: object) -> float | list[float]:
        try:
            array = np.asarray(value, np.float64)
            ok = array.ndim <= 1 and array.size > 0 and np.isfinite(array).all() and not isinstance(value, (bool, str))
        except (TypeError, ValueError, OverflowError):
            ok = False
        if not ok:
            raise InvalidInput(f"{self.label}: {name}: expected a finite number or one per channel, got {value!r}")
        found: float | list[float] = array.tolist()
        return found

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        for name, value in (("scale", self.scale), ("offset", self.offset)):
            if isinstance(value, list) and input_shape[-1] not in (None, len(value)):
                raise InvalidInput(
                    f"{self.label}: {name}: got {len(value)} numbers for an input of shape {input_shape}"
                )
        return input_shape

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, None]:
        """Scale and shift."""
        self.compute_output_shape(x.shape)
        return x * self._of(self.scale, x) + self._of(self.offset, x), None

    def backward(self, dy: FloatArray, cache: None, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Scale."""
        return dy * self._of(self.scale, dy), {}

    @staticmethod
    def _of(value: float | list[float], x: FloatArray) -> FloatArray | np.floating:
        """Return numbers where x is and of its dtype."""
        return like(x, np.asarray(value, x.dtype)) if isinstance(value, list) else x.dtype.type(value)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "scale": self.scale, "offset": self.offset}
