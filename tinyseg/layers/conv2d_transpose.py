"""Conv2DTranspose."""

from __future__ import annotations

from functools import partial
from typing import Unpack

from tinyseg_kernels.checks import as_pair
from tinyseg_kernels.conv2d_transpose import conv2d_transpose_backward, conv2d_transpose_forward
from tinyseg_kernels.conv2d_transpose.geometry import output_size
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray, Padding, Pair

from tinyseg.utils.arguments import Count
from tinyseg.utils.types import ActivationLike, InitializerLike, JsonObject, LayerOptions

from .convolution import ConvolutionLayer, as_count, known_channels
from .symbolic import Shape
from .weight_attributes import Weight


class Conv2DTranspose(ConvolutionLayer):
    """Transposed convolution: the gradient of a convolution used as a layer, which enlarges images by its stride.

    Every pixel of x stamps the kernel, times its value, onto the output; stamps that overlap add up. See
    `tinyseg_kernels.conv2d_transpose`.

    Input shape:
        (N, H, W, C)
    Output shape:
        (N, H * stride, W * stride, filters) with padding 'same'; (n - 1) * stride + max(span, stride) with 'valid'.
        With `output_padding` o: (n - 1) * stride + (span mod 2) + o, and (n - 1) * stride + span + o.
    Parameters:
        kernel (KH, KW, filters, C) and, with use_bias, bias (filters,).

    Example:
        >>> from tinyseg.layers import Conv2DTranspose, Input
        >>> Conv2DTranspose(8, 2, strides=2)(Input((16, 12, 32))).shape
        (None, 32, 24, 8)
    """

    kernel, bias = Weight(), Weight()
    convolve, convolve_backward = staticmethod(conv2d_transpose_forward), staticmethod(conv2d_transpose_backward)
    channels_axis = 3

    def __init__(
        self,
        filters: Count,
        kernel_size: int | Pair,
        strides: int | Pair = (1, 1),
        padding: Padding = "valid",
        output_padding: int | Pair | None = None,
        data_format: str | None = None,
        dilation_rate: int | Pair = (1, 1),
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; arguments as in `Conv2D`.

        `output_padding`, less than the strides, says which of the sizes to give that the convolution makes as small as
        the input; None gives the usual one (see below).
        """
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, **common,
        )  # fmt: skip
        self.filters = as_count(f"{self.label}: filters", filters)
        name = f"{self.label}: output_padding"
        self.output_padding = None if output_padding is None else as_pair(name, output_padding, 0)
        if self.output_padding and any(o >= n for o, n in zip(self.output_padding, self.strides, strict=True)):
            raise InvalidInput(f"{name}: expected less than the strides {self.strides}, got {output_padding}")
        if self.output_padding is not None:
            self.convolve = partial(conv2d_transpose_forward, output_padding=self.output_padding)
        if not isinstance(self.padding, str):
            raise InvalidInput(f"{self.label}: padding: expected 'valid' or 'same', got {padding!r}")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise InvalidInput(
                f"{self.label}: strides and dilation_rate cannot both be above 1, got {strides} and {dilation_rate}"
            )

    def build(self, input_shape: Shape) -> None:
        """Create kernel and bias."""
        channels = known_channels(self, input_shape)
        self.add_parameter("kernel", (*self.kernel_size, self.filters, channels), self.kernel_initializer)
        if self.use_bias:
            self.add_parameter("bias", (self.filters,), self.bias_initializer)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (N, OH, OW, filters)."""
        known = input_shape[1] or 1, input_shape[2] or 1
        size = output_size(
            known, self.kernel_size, self.strides, str(self.padding), self.dilation_rate, self.output_padding
        )
        height, width = (None if n is None else m for n, m in zip(input_shape[1:3], size, strict=True))
        return (input_shape[0], height, width, self.filters)

    def of_filters(self, numbers: FloatArray) -> FloatArray:
        """Return one number for each filter; in this kernel the channels come after them."""
        return numbers[:, None]

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        padding = None if self.output_padding is None else list(self.output_padding)
        return {"filters": self.filters, **super().get_config(), "output_padding": padding}
