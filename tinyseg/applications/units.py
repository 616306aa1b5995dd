"""What networks with published weights are made of: convolutions whose layers know their names in those files."""

from __future__ import annotations

from dataclasses import dataclass, field

from tinyseg_kernels.types import Padding

from tinyseg.layers import Activation, BatchNormalization, Conv2D, DepthwiseConv2D, ReLU, SymbolicTensor


@dataclass
class Units:
    """Makes layers of one style, and keeps track of names and strides.

    Attributes:
        activation: 'relu', 'relu6' or 'hard_swish'.
        epsilon: Of the normalisations.
        momentum: Of their moving averages: 1 minus PyTorch's.
        same: Pad as Keras does, more at the bottom and the right where a stride does not come out even; otherwise as
            PyTorch does, by the same number of zeros on all sides.
        halves: Whether each stride must halve exactly, which SqueezeNet's own poolings do not.
        use_bias: Of the convolutions before a normalisation.
        output_stride: How many pixels of the image one of the last result stands for. A stride that would go beyond it
            becomes 1, and all later windows are dilated instead: they see the same pixels, at more places.
        table: Layer -> its module's name in a file of PyTorch's.
        levels: Stride -> the last result with that stride.
        first: Stride -> the first result with that stride.
    """

    activation: str = "relu"
    epsilon: float = 1e-5
    momentum: float = 0.9
    same: bool = False
    halves: bool = False
    use_bias: bool = False
    output_stride: int = 32
    table: dict[str, str] = field(default_factory=dict)
    levels: dict[int, SymbolicTensor] = field(default_factory=dict)
    first: dict[int, SymbolicTensor] = field(default_factory=dict)
    stride: int = 1
    dilation: int = 1

    def enter(self, x: SymbolicTensor, strides: int) -> tuple[int, int]:
        """Return the stride and the dilation of the window that would have stride `strides`.

        The windows after it are dilated by `dilation`, which is then larger if the stride was left out.
        """
        if strides == 1:
            return 1, self.dilation
        self.levels[self.stride] = x
        if self.stride * strides > self.output_stride:
            before, self.dilation = self.dilation, self.dilation * strides
            return 1, before
        self.stride *= strides
        return strides, self.dilation

    def reached(self, x: SymbolicTensor) -> SymbolicTensor:
        """Take note of a result as the last one with its stride so far."""
        self.first.setdefault(self.stride, x)
        self.levels[self.stride] = x
        return x

    def padding(self, size: int, strides: int, dilation: int) -> Padding:
        """Return the padding of a window."""
        if size == 1:
            return "valid"
        if self.same or strides == 1:
            return "same"
        border = dilation * (size - 1) // 2
        return ((border, border), (border, border))

    def conv(
        self, x: SymbolicTensor, filters: int, size: int, name: str, source: str, *, strides: int = 1,
        dilation: int = 1, use_bias: bool | None = None, padding: Padding | None = None,
    ) -> SymbolicTensor:  # fmt: skip
        """Return the convolution of x, called `source` in PyTorch's file."""
        self.table[name] = source
        return Conv2D(
            filters,
            size,
            strides=strides,
            padding=self.padding(size, strides, dilation) if padding is None else padding,
            dilation_rate=dilation,
            use_bias=self.use_bias if use_bias is None else use_bias,
            kernel_initializer="he_normal",
            name=name,
        )(x)

    def depthwise(
        self, x: SymbolicTensor, size: int, name: str, source: str, *, strides: int = 1, dilation: int = 1
    ) -> SymbolicTensor:
        """Return the convolution of each channel of x by itself."""
        self.table[name] = source
        return DepthwiseConv2D(
            size,
            strides=strides,
            padding=self.padding(size, strides, dilation),
            dilation_rate=dilation,
            use_bias=self.use_bias,
            depthwise_initializer="he_normal",
            name=name,
        )(x)

    def normalised(
        self, x: SymbolicTensor, name: str, source: str, activation: tuple[str, str] | None = None
    ) -> SymbolicTensor:
        """Return x normalised and, with an `activation` of (kind, name), activated."""
        self.table[name] = source
        x = BatchNormalization(momentum=self.momentum, epsilon=self.epsilon, name=name)(x)
        return x if activation is None else activated(x, *activation)


def activated(x: SymbolicTensor, kind: str, name: str) -> SymbolicTensor:
    """Return the activation of x by a layer of this name; 'relu6' is ReLU with a largest value."""
    layer = ReLU(max_value=6.0, name=name) if kind == "relu6" else Activation(kind, name=name)
    result: SymbolicTensor = layer(x)
    return result


def divisible(number: float, by: int = 8) -> int:
    """Return the multiple of 8 that is nearest to a number of channels, but not more than 10 % below it.

    Source: Howard et al., MobileNets (arXiv:1704.04861), in the form of their program.
    """
    rounded = max(by, int(number + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * number else rounded
