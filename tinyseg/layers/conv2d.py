"""Conv2D."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Unpack

from tinyseg_kernels.conv2d import conv2d_backward, conv2d_forward
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.grouped_conv2d import grouped_conv2d_backward, grouped_conv2d_forward
from tinyseg_kernels.types import FloatArray, KernelGradients, Padding, Pair

from tinyseg.utils.arguments import Count
from tinyseg.utils.types import ActivationLike, InitializerLike, JsonObject, LayerOptions

from .convolution import ConvolutionLayer, as_count, known_channels, window_output_shape
from .symbolic import Shape
from .weight_attributes import Weight


class Conv2D(ConvolutionLayer):
    """Convolution of images with a kernel: y = activation(x * kernel + bias).

    The formula and its gradient are derived in `tinyseg_kernels.conv2d`. With `groups` channels and filters are in as
    many groups, and each group of filters sees its own group of channels (`tinyseg_kernels.grouped_conv2d`).

    Input shape:
        (N, H, W, C)
    Output shape:
        (N, OH, OW, filters)
    Parameters:
        kernel (KH, KW, C / groups, filters) and, with use_bias, bias (filters,).

    Example:
        >>> from tinyseg.layers import Conv2D, Input
        >>> Conv2D(16, 3, padding="same", activation="relu")(Input(shape=(64, 48, 3))).shape
        (None, 64, 48, 16)
    """

    kernel, bias = Weight(), Weight()
    convolve: Callable[..., tuple[FloatArray, Any]] = staticmethod(conv2d_forward)
    convolve_backward: Callable[..., KernelGradients] = staticmethod(conv2d_backward)

    def __init__(
        self,
        filters: Count,
        kernel_size: int | Pair,
        strides: int | Pair = (1, 1),
        padding: Padding = "valid",
        data_format: str | None = None,
        dilation_rate: int | Pair = (1, 1),
        groups: Count = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; the parameters are created at the first use, when the channels of the input are known.

        Args:
            filters: Number of output channels.
            kernel_size: Height and width of the kernel.
            strides: Steps between windows.
            padding: 'valid', 'same' or explicit zeros ((top, bottom), (left, right)).
            data_format: None or 'channels_last'.
            dilation_rate: Steps between the taps of a window.
            groups: A divisor of filters and of the input's channels.
            activation: Name of an activation, or None.
            use_bias: Whether to add a bias.
            kernel_initializer: Name or object.
            bias_initializer: Name or object.
            **common: name, trainable, dtype, input_shape (see `Layer`).

        Raises:
            InvalidInput: An argument out of its range, or an unknown name.
        """
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, **common,
        )  # fmt: skip
        self.filters = as_count(f"{self.label}: filters", filters)
        self.groups = as_count(f"{self.label}: groups", groups)
        if self.filters % self.groups:
            raise InvalidInput(f"{self.label}: groups: expected a divisor of filters ({self.filters}), got {groups}")
        if self.groups > 1:
            self.convolve = partial(grouped_conv2d_forward, groups=self.groups)
            self.convolve_backward = grouped_conv2d_backward

    def build(self, input_shape: Shape) -> None:
        """Create kernel and bias."""
        channels = known_channels(self, input_shape)
        if channels % self.groups:
            raise InvalidInput(
                f"{self.label}: groups: expected a divisor of the input's channels ({channels}), got {self.groups}"
            )
        channels //= self.groups
        self.add_parameter("kernel", (*self.kernel_size, channels, self.filters), self.kernel_initializer)
        if self.use_bias:
            self.add_parameter("bias", (self.filters,), self.bias_initializer)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (N, OH, OW, filters)."""
        return window_output_shape(
            self, input_shape, self.kernel_size, self.strides, self.padding, self.dilation_rate, self.filters
        )

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"filters": self.filters, **super().get_config(), "groups": self.groups}
