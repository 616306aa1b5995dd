"""Conv2DTranspose."""

from __future__ import annotations

from typing import Unpack

from tinyseg_kernels.conv2d_transpose import conv2d_transpose_backward, conv2d_transpose_forward
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray, Padding, Pair
from tinyseg_kernels.windows import window_span

from tinyseg.utils.arguments import Count
from tinyseg.utils.types import ActivationLike, InitializerLike, JsonObject, LayerOptions, RegularizerLike

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
        output_padding: None = None,
        data_format: str | None = None,
        dilation_rate: int | Pair = (1, 1),
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; arguments as in `Conv2D`. `output_padding` must be None."""
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, {"kernel": kernel_regularizer, "bias": bias_regularizer}, **common,
        )  # fmt: skip
        self.filters = as_count(f"{self.label}: filters", filters)
        if output_padding is not None:
            raise InvalidInput(f"{self.label}: output_padding: expected None, got {output_padding!r}")
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
        lengths: list[int | None] = []
        for n, k, s, d in zip(input_shape[1:3], self.kernel_size, self.strides, self.dilation_rate, strict=True):
            if n is None:
                lengths.append(None)
            else:
                lengths.append(n * s if self.padding == "same" else (n - 1) * s + max(window_span(k, d), s))
        return (input_shape[0], lengths[0], lengths[1], self.filters)

    def of_filters(self, numbers: FloatArray) -> FloatArray:
        """Return one number for each filter; in this kernel the channels come after them."""
        return numbers[:, None]

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"filters": self.filters, **super().get_config()}
