"""What the convolution layers share: arguments, bias, activation, and shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias, Unpack

from tinyseg_kernels.caches import Kept, before_relu
from tinyseg_kernels.checks import as_padding, as_pair
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray, KernelGradients, Padding, Pair
from tinyseg_kernels.windows import explicit_padding, output_size

from tinyseg import activations, initializers
from tinyseg.activations import ActivationCache
from tinyseg.regularizers import configs, regularizers_of
from tinyseg.utils.types import ActivationLike, InitializerLike, JsonObject, LayerOptions, RegularizerLike

from .layer import Gradients, Layer
from .symbolic import Shape


def as_count(name: str, value: Any) -> int:
    """Check an integer of at least 1."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
        raise InvalidInput(f"{name}: expected an integer of at least 1, got {value!r}")
    return int(value)


def require_channels_last(data_format: str | None) -> None:
    """Refuse the other layout with a clear text."""
    if data_format not in (None, "channels_last"):
        raise InvalidInput(
            f"data_format: tinyseg computes with 'channels_last' (N, H, W, C) only, got {data_format!r}; "
            "x.transpose(0, 2, 3, 1) turns images that have their channels first"
        )


def known_channels(layer: Layer, input_shape: Shape) -> int:
    """Return the channels of an input shape; they must be known to create a kernel."""
    channels = input_shape[-1]
    if channels is None:
        raise InvalidInput(f"{layer.label}: the last axis of the input must be known, got shape {input_shape}")
    return channels


def known_lengths(layer: Layer, input_shape: Shape, axes: Sequence[int], advice: str = "") -> list[int]:
    """Return the lengths of these axes, counted from the front; they must be known to create parameters of them."""
    lengths: list[int] = []
    for a in axes:
        n = input_shape[a]
        if n is None:
            which = "the last axis" if a == len(input_shape) - 1 else f"axis {a}"
            raise InvalidInput(f"{layer.label}: {which} of the input must be known, got shape {input_shape}{advice}")
        lengths.append(n)
    return lengths


def window_output_shape(
    layer: Layer, shape: Shape, window: Pair, strides: Pair, padding: Padding, dilation: Pair, channels: int | None
) -> Shape:
    """Return (N, OH, OW, channels) for windows over an image whose height or width may be unknown."""
    lengths: list[int | None] = []
    for axis in (0, 1):
        n = shape[1 + axis]
        if n is None:
            lengths.append(None)
            continue
        pads = explicit_padding(padding, (n, n), window, strides, dilation)
        out = output_size((n, n), window, strides, pads, dilation)[axis]
        if out < 1:
            raise InvalidInput(
                f"{layer.label}: the window {window} does not fit into an image of shape {shape[1:3]} "
                f"with padding {padding!r}; use a larger image, fewer poolings before it, or padding='same'"
            )
        lengths.append(out)
    return (shape[0], lengths[0], lengths[1], channels)


Parameters: TypeAlias = Mapping[str, FloatArray]
"""Arrays by name, such as the kernel and the bias."""

OperationCache: TypeAlias = Kept | tuple[Kept, Kept]
"""Of a convolution, or of the two that a separable one is made of."""

ConvolutionCache: TypeAlias = tuple[OperationCache, ActivationCache]
"""Of the operation, and of the activation after it."""


class ConvolutionLayer(Layer):
    """A kernel that slides over images, a bias and an activation.

    The subclasses name the operation and the kernel's shape.
    """

    expected_rank: ClassVar[int | None] = 4
    last_kernel: ClassVar[str] = "kernel"
    """The parameter whose filters are the layer's."""
    channels_axis: ClassVar[int] = 2
    """The axis of the kernel that is as long as x's last one, or as a group of it."""
    groups: int = 1
    """How many groups of channels there are; each filter sees one."""

    convolve: Callable[..., tuple[FloatArray, Any]]
    convolve_backward: Callable[..., KernelGradients]
    """Forward and backward of the operation in `tinyseg_kernels`."""

    def __init__(
        self,
        kernel_size: int | Pair,
        strides: int | Pair,
        padding: Padding,
        data_format: str | None,
        dilation_rate: int | Pair,
        activation: ActivationLike,
        use_bias: bool,
        kernel_initializer: InitializerLike,
        bias_initializer: InitializerLike,
        regularizers: Mapping[str, RegularizerLike],
        /,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Check and keep the arguments that all convolutions have."""
        super().__init__(**common)
        require_channels_last(data_format)
        self.kernel_size = as_pair(f"{self.label}: kernel_size", kernel_size)
        self.strides = as_pair(f"{self.label}: strides", strides)
        self.padding = as_padding(f"{self.label}: padding", padding)
        self.dilation_rate = as_pair(f"{self.label}: dilation_rate", dilation_rate)
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.regularized, self.regularizers = tuple(regularizers), regularizers_of(self.label, regularizers)

    def operation(self, x: FloatArray, relu: bool, parameters: Parameters) -> tuple[FloatArray, OperationCache]:
        """Compute the convolution with these parameters, and with `relu` max(y, 0) of it."""
        kernel = parameters["kernel"]
        if x.ndim != 4 or x.shape[3] != kernel.shape[self.channels_axis] * self.groups:
            raise self.wrong_input(x, kernel.shape[self.channels_axis] * self.groups)
        geometry = {"strides": self.strides, "padding": self.padding, "dilation_rate": self.dilation_rate}
        return self.convolve(x, kernel, parameters.get("bias"), **geometry, relu=relu)

    def operation_backward(self, dy: FloatArray, cache: Any, need_dx: bool) -> tuple[FloatArray | None, Gradients]:
        """Return dx and the parameters' gradients of the convolution with bias."""
        dx, dkernel, dbias = self.convolve_backward(dy, cache, need_dx=need_dx)
        return dx, {"kernel": dkernel} if dbias is None else {"kernel": dkernel, "bias": dbias}

    def wrong_input(self, x: FloatArray, channels: int) -> InvalidInput:
        """Say that x has not this many channels, or is no batch of images."""
        return InvalidInput(
            f"{self.label}: expected {channels} channels in the last axis of (N, H, W, C), got shape {x.shape}"
        )

    def forward(
        self,
        x: FloatArray,
        training: bool = False,
        relu: bool = False,
        parameters: Parameters | None = None,
    ) -> tuple[FloatArray, ConvolutionCache]:
        """Compute activation(convolution(x) + bias).

        Args:
            x: Images (N, H, W, C).
            training: Makes no difference.
            relu: Whether to compute max(y, 0) of it, for a ReLU that follows a layer without another activation.
            parameters: What to compute with instead of the layer's own; the cache is then of no use for its gradients.
        """
        relu = relu or self.activation is activations.RELU
        y, convolution = self.operation(x, relu, self.parameters if parameters is None else parameters)
        y, activation = (y, None) if relu else self.activation.forward(y)
        return y, (convolution, activation)

    def of_filters(self, numbers: FloatArray) -> FloatArray:
        """Return one number for each filter in a shape that fits the kernel's filters."""
        return numbers

    def backward(
        self, dy: FloatArray, cache: ConvolutionCache, need_dx: bool = True, overwrite_dy: bool = False
    ) -> tuple[FloatArray | None, Gradients]:
        """Go back through activation, then convolution; `overwrite_dy`: results in between may take dy's place."""
        convolution, activation = cache
        del cache
        if self.activation is not activations.RELU:  # the operation did a ReLU's part itself
            dy = self.activation.backward(dy, activation)
        # What they were is not needed any more, and dx takes as much memory.
        dy, convolution = before_relu(dy, convolution, overwrite_dy)
        return self.operation_backward(dy, convolution, need_dx)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {
            **super().get_config(),
            "kernel_size": list(self.kernel_size),
            "strides": list(self.strides),
            "padding": self.padding if isinstance(self.padding, str) else [list(pair) for pair in self.padding],
            "dilation_rate": list(self.dilation_rate),
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            **configs(self.regularizers, self.regularized),
        }
