"""SeparableConv2D."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from tinyseg_kernels.caches import Kept
from tinyseg_kernels.conv2d import conv2d_backward, conv2d_forward
from tinyseg_kernels.depthwise_conv2d import depthwise_conv2d_backward, depthwise_conv2d_forward
from tinyseg_kernels.types import FloatArray, Padding, Pair

from tinyseg import initializers
from tinyseg.utils.arguments import Count
from tinyseg.utils.types import ActivationLike, InitializerLike, JsonObject, LayerOptions, RegularizerLike

from .convolution import ConvolutionLayer, as_count, known_channels, window_output_shape
from .layer import Gradients
from .symbolic import Shape
from .weight_attributes import Weight


class SeparableConv2D(ConvolutionLayer):
    """A depthwise convolution, then a 1x1 convolution that mixes the channels: far fewer products than `Conv2D`.

    Source: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", CVPR 2017.

    Input shape:
        (N, H, W, C)
    Output shape:
        (N, OH, OW, filters)
    Parameters:
        depthwise_kernel (KH, KW, C, depth_multiplier), pointwise_kernel (1, 1, C * depth_multiplier, filters) and, with
        use_bias, bias (filters,).

    Example:
        >>> from tinyseg.layers import Conv2D, Input, SeparableConv2D
        >>> separable, full = SeparableConv2D(64, 3), Conv2D(64, 3)
        >>> separable(Input((32, 32, 32))).shape
        (None, 30, 30, 64)
        >>> _ = full(Input((32, 32, 32)))
        >>> separable.count_params(), full.count_params()
        (2400, 18496)
    """

    last_kernel = "pointwise_kernel"

    depthwise_kernel, pointwise_kernel, bias = Weight(), Weight(), Weight()

    def __init__(
        self,
        filters: Count,
        kernel_size: int | Pair,
        strides: int | Pair = (1, 1),
        padding: Padding = "valid",
        data_format: str | None = None,
        dilation_rate: int | Pair = (1, 1),
        depth_multiplier: Count = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        pointwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        pointwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; arguments as in `Conv2D`."""
        kernels = {"depthwise_kernel": depthwise_regularizer, "pointwise_kernel": pointwise_regularizer}
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            depthwise_initializer, bias_initializer, {**kernels, "bias": bias_regularizer}, **common,
        )  # fmt: skip
        self.filters = as_count(f"{self.label}: filters", filters)
        self.depth_multiplier = as_count(f"{self.label}: depth_multiplier", depth_multiplier)
        self.pointwise_initializer = initializers.get(pointwise_initializer)

    def build(self, input_shape: Shape) -> None:
        """Create both kernels and the bias."""
        channels, m = known_channels(self, input_shape), self.depth_multiplier
        self.add_parameter("depthwise_kernel", (*self.kernel_size, channels, m), self.kernel_initializer)
        self.add_parameter("pointwise_kernel", (1, 1, channels * m, self.filters), self.pointwise_initializer)
        if self.use_bias:
            self.add_parameter("bias", (self.filters,), self.bias_initializer)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (N, OH, OW, filters)."""
        return window_output_shape(
            self, input_shape, self.kernel_size, self.strides, self.padding, self.dilation_rate, self.filters
        )

    def operation(
        self, x: FloatArray, relu: bool, parameters: Mapping[str, FloatArray]
    ) -> tuple[FloatArray, tuple[Kept, Kept]]:
        """Compute the depthwise, then the pointwise convolution with bias."""
        depthwise_kernel = parameters["depthwise_kernel"]
        if x.ndim != 4 or x.shape[3] != depthwise_kernel.shape[2]:
            raise self.wrong_input(x, depthwise_kernel.shape[2])
        between, depthwise = depthwise_conv2d_forward(
            x, depthwise_kernel, strides=self.strides, padding=self.padding, dilation_rate=self.dilation_rate
        )
        y, pointwise = conv2d_forward(between, parameters["pointwise_kernel"], parameters.get("bias"), relu=relu)
        return y, (depthwise, pointwise)

    def operation_backward(
        self, dy: FloatArray, cache: tuple[Kept, Kept], need_dx: bool
    ) -> tuple[FloatArray | None, Gradients]:
        """Go back through the pointwise, then the depthwise convolution."""
        depthwise, pointwise = cache
        dbetween, dpointwise, dbias = conv2d_backward(dy, pointwise)
        assert dbetween is not None
        dx, ddepthwise, _ = depthwise_conv2d_backward(dbetween, depthwise, need_dx=need_dx)
        gradients = {"depthwise_kernel": ddepthwise, "pointwise_kernel": dpointwise}
        if dbias is not None:
            gradients["bias"] = dbias
        return dx, gradients

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        config = super().get_config()
        config["depthwise_initializer"] = config.pop("kernel_initializer")
        config["pointwise_initializer"] = initializers.serialize(self.pointwise_initializer)
        return {"filters": self.filters, **config, "depth_multiplier": self.depth_multiplier}
