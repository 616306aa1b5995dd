"""LayerNormalization and GroupNormalization: statistics of each image by itself, so that batches may be small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, Unpack

from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.normalize import NormalizeCache, normalize_backward, normalize_forward
from tinyseg_kernels.types import FloatArray
from tinyseg_kernels.types import Shape as ArrayShape

from tinyseg import initializers
from tinyseg.regularizers import configs, regularizers_of
from tinyseg.utils.types import InitializerLike, JsonObject, LayerOptions, RegularizerLike

from .convolution import known_channels, known_lengths
from .layer import Gradients, Layer
from .symbolic import Shape
from .weight_attributes import Weight

Cache: TypeAlias = tuple[FloatArray, NormalizeCache]
"""The normalised numbers, and what is kept of how they came about."""


class Normalization(Layer):
    """The base: y = gamma * z + beta, with z normalised.

    The gradients: dgamma = sum of dy * z and dbeta = sum of dy over all places where they count, dz = gamma * dy; that
    by x stands in `tinyseg_kernels.normalize`.
    """

    gamma, beta = Weight(), Weight()

    def __init__(
        self,
        epsilon: float,
        center: bool,
        scale: bool,
        beta_initializer: InitializerLike,
        gamma_initializer: InitializerLike,
        beta_regularizer: RegularizerLike,
        gamma_regularizer: RegularizerLike,
        /,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Check and keep what both have."""
        super().__init__(**common)
        if not epsilon > 0:
            raise InvalidInput(f"{self.label}: epsilon: expected a number above 0, got {epsilon!r}")
        self.epsilon, self.center, self.scale = float(epsilon), bool(center), bool(scale)
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.regularizers = regularizers_of(self.label, {"beta": beta_regularizer, "gamma": gamma_regularizer})

    def add_scale_and_shift(self, shape: Sequence[int]) -> None:
        """Create gamma and beta."""
        if self.scale:
            self.add_parameter("gamma", shape, self.gamma_initializer)
        if self.center:
            self.add_parameter("beta", shape, self.beta_initializer)

    def check_lengths(self, shape: ArrayShape, axes: Sequence[int]) -> None:
        """Refuse an input whose axes have not the lengths that gamma and beta were made for."""
        for parameter in self.parameters.values():
            for a, n in zip(axes, parameter.shape, strict=True):
                if shape[a] != n:
                    raise InvalidInput(f"{self.label}: expected {n} numbers along axis {a}, got shape {shape}")

    def scaled(self, z: FloatArray, shape: ArrayShape) -> FloatArray:
        """Return gamma * z + beta, both seen in this shape."""
        for name, parameter in self.parameters.items():
            there = parameter.reshape(shape)
            z = z * there if name == "gamma" else z + there
        return z

    def scaled_backward(self, dy: FloatArray, z: FloatArray, shape: ArrayShape) -> tuple[FloatArray, Gradients]:
        """Return dz and the gradients of gamma and beta."""
        axes = tuple(k for k, n in enumerate(shape) if n == 1)
        gradients: Gradients = {}
        for name, parameter in self.parameters.items():
            of = dy * z if name == "gamma" else dy
            gradients[name] = of.sum(axis=axes).reshape(parameter.shape)
        return dy * self.parameters["gamma"].reshape(shape) if self.scale else dy, gradients

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            **configs(self.regularizers, ("beta", "gamma")),
        }


class LayerNormalization(Normalization):
    """Give every position mean 0 and variance 1 over the channels (or over `axis`), then a learned scale and shift.

    y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, the same in training and otherwise.

    Source: Ba, Kiros and Hinton, "Layer Normalization", arXiv:1607.06450. Gradient: `tinyseg_kernels.normalize`.

    Input and output shape:
        (N, ..., C)
    Parameters:
        gamma and beta, of the lengths of `axis`.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import LayerNormalization
        >>> LayerNormalization(epsilon=1e-9)(np.array([[1.0, 3.0], [10.0, 30.0]])).round(3)
        array([[-1.,  1.],
               [-1.,  1.]])
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; `axis` is one axis or several, of which none is the batch."""
        super().__init__(
            epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, **common
        )
        given = axis if isinstance(axis, (tuple, list)) else (axis,)
        if not given or not all(isinstance(a, int) and not isinstance(a, bool) and a != 0 for a in given):
            raise InvalidInput(f"{self.label}: axis: expected integers other than 0, the batch, got {axis!r}")
        self.axis: tuple[int, ...] = tuple(sorted(given))

    def build(self, input_shape: Shape) -> None:
        """Create gamma and beta."""
        self.add_scale_and_shift(known_lengths(self, input_shape, self._axes(input_shape)))

    def _axes(self, shape: Shape) -> tuple[int, ...]:
        """Return the axes counted from the front."""
        rank = len(shape)
        axes = [a % rank if -rank <= a < rank else 0 for a in self.axis]
        if 0 in axes or len(set(axes)) < len(axes):
            raise InvalidInput(f"{self.label}: axis: expected axes other than the batch of {shape}, got {self.axis}")
        return tuple(axes)

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Cache]:
        """Normalise, scale and shift."""
        axes = self._axes(x.shape)
        self.check_lengths(x.shape, axes)
        z, cache = normalize_forward(x, axes, epsilon=self.epsilon)
        return self.scaled(z, self._seen(x.shape)), (z, cache)

    def backward(self, dy: FloatArray, cache: Cache, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Go back through scale and shift, then through the normalisation."""
        z, inner = cache
        dz, gradients = self.scaled_backward(dy, z, self._seen(dy.shape))
        return normalize_backward(dz, inner), gradients

    def _seen(self, shape: ArrayShape) -> ArrayShape:
        """Return the shape in which gamma and beta lie over the numbers."""
        axes = self._axes(shape)
        return tuple(n if k in axes else 1 for k, n in enumerate(shape))

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "axis": list(self.axis) if len(self.axis) > 1 else self.axis[0]}


class GroupNormalization(Normalization):
    """Give every group of channels of an image mean 0 and variance 1, then a learned scale and shift for each channel.

    With one group it is a layer normalisation over the whole image, with `groups=-1`, as many as channels, the instance
    normalisation. Unlike batch normalisation it does the same for batches of any size, and in training and otherwise.

    Source: Wu and He, "Group Normalization", ECCV 2018. Gradient: `tinyseg_kernels.normalize`.

    Input and output shape:
        (N, ..., C), C a multiple of the groups
    Parameters:
        gamma (C,) with `scale`, beta (C,) with `center`.

    Example:
        >>> from tinyseg.layers import GroupNormalization, Input
        >>> layer = GroupNormalization(groups=4)
        >>> layer(Input((16, 16, 8))).shape, layer.count_params()
        ((None, 16, 16, 8), 16)
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; `axis` must be -1, the channels, and `groups` -1 or a divisor of their number."""
        super().__init__(
            epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, **common
        )
        if axis != -1:
            raise InvalidInput(f"{self.label}: axis: expected -1 (channels last), got {axis!r}")
        if groups != -1 and groups < 1:
            raise InvalidInput(f"{self.label}: groups: expected an integer of at least 1, or -1, got {groups!r}")
        self.groups = int(groups)

    def build(self, input_shape: Shape) -> None:
        """Create gamma and beta."""
        channels = known_channels(self, input_shape)
        if self.groups != -1 and channels % self.groups:
            raise InvalidInput(
                f"{self.label}: groups: expected a divisor of the input's channels ({channels}), got {self.groups}"
            )
        self.add_scale_and_shift((channels,))

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Cache]:
        """Normalise, scale and shift."""
        self.check_lengths(x.shape, (x.ndim - 1,))
        parted = self._parted(x)
        axes = (*range(1, parted.ndim - 2), parted.ndim - 1)
        z, cache = normalize_forward(parted, axes, epsilon=self.epsilon)
        z = z.reshape(x.shape)
        return self.scaled(z, self._seen(x.shape)), (z, cache)

    def backward(self, dy: FloatArray, cache: Cache, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Go back through scale and shift, then through the normalisation."""
        z, inner = cache
        dz, gradients = self.scaled_backward(dy, z, self._seen(dy.shape))
        return normalize_backward(self._parted(dz), inner).reshape(dy.shape), gradients

    def _parted(self, x: FloatArray) -> FloatArray:
        """Return x as (N, ..., groups, channels of a group)."""
        channels = x.shape[-1]
        groups = channels if self.groups == -1 else self.groups
        if channels % groups:
            raise InvalidInput(f"{self.label}: expected channels that {groups} groups divide, got shape {x.shape}")
        return x.reshape(*x.shape[:-1], groups, channels // groups)

    def _seen(self, shape: ArrayShape) -> ArrayShape:
        return (*(1,) * (len(shape) - 1), shape[-1])

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "groups": self.groups}
