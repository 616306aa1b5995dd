"""DepthwiseConv2D."""

from __future__ import annotations

from typing import Unpack

from tinyseg_kernels.depthwise_conv2d import depthwise_conv2d_backward, depthwise_conv2d_forward
from tinyseg_kernels.types import FloatArray, Padding, Pair

from tinyseg.utils.arguments import Count
from tinyseg.utils.types import ActivationLike, InitializerLike, JsonObject, LayerOptions, RegularizerLike

from .convolution import ConvolutionLayer, as_count, known_channels, window_output_shape
from .symbolic import Shape
from .weight_attributes import Weight


class DepthwiseConv2D(ConvolutionLayer):
    """Convolution of each channel by itself, with `depth_multiplier` filters each.

    Input shape:
        (N, H, W, C)
    Output shape:
        (N, OH, OW, C * depth_multiplier); channel c * depth_multiplier + m is filter m of channel c.
    Parameters:
        kernel (KH, KW, C, depth_multiplier) and, with use_bias, bias (C * depth_multiplier,).

    Example:
        >>> from tinyseg.layers import DepthwiseConv2D, Input
        >>> layer = DepthwiseConv2D(3, padding="same", depth_multiplier=2)
        >>> layer(Input((16, 16, 8))).shape
        (None, 16, 16, 16)
        >>> layer.count_params()  # 3 * 3 * 8 * 2 weights and 16 biases
        160
    """

    kernel, bias = Weight(), Weight()
    convolve, convolve_backward = staticmethod(depthwise_conv2d_forward), staticmethod(depthwise_conv2d_backward)

    def __init__(
        self,
        kernel_size: int | Pair,
        strides: int | Pair = (1, 1),
        padding: Padding = "valid",
        depth_multiplier: Count = 1,
        data_format: str | None = None,
        dilation_rate: int | Pair = (1, 1),
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; arguments as in `Conv2D`."""
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            depthwise_initializer, bias_initializer, {"kernel": depthwise_regularizer, "bias": bias_regularizer},
            **common,
        )  # fmt: skip
        self.depth_multiplier = as_count(f"{self.label}: depth_multiplier", depth_multiplier)

    def build(self, input_shape: Shape) -> None:
        """Create kernel and bias."""
        channels = known_channels(self, input_shape)
        self.add_parameter("kernel", (*self.kernel_size, channels, self.depth_multiplier), self.kernel_initializer)
        if self.use_bias:
            self.add_parameter("bias", (channels * self.depth_multiplier,), self.bias_initializer)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (N, OH, OW, C * depth_multiplier)."""
        channels = known_channels(self, input_shape) * self.depth_multiplier
        return window_output_shape(
            self, input_shape, self.kernel_size, self.strides, self.padding, self.dilation_rate, channels
        )

    def of_filters(self, numbers: FloatArray) -> FloatArray:
        """Return one number for each channel and its filters."""
        return numbers.reshape(self.parameters["kernel"].shape[2:])

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        config = super().get_config()
        for kind in ("initializer", "regularizer"):
            if f"kernel_{kind}" in config:
                config[f"depthwise_{kind}"] = config.pop(f"kernel_{kind}")
        return {**config, "depth_multiplier": self.depth_multiplier}
