"""BatchNormalization."""

from __future__ import annotations

from typing import TypeAlias, Unpack

import numpy as np
from tinyseg_kernels.batch_norm import (
    batch_norm_inference_backward,
    batch_norm_inference_forward,
    batch_norm_train_backward,
    batch_norm_train_forward,
    batch_statistics,
)
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

from tinyseg import initializers
from tinyseg.regularizers import configs, regularizers_of
from tinyseg.utils.types import InitializerLike, JsonObject, LayerOptions, RegularizerLike

from .convolution import known_channels
from .layer import Gradients, Layer
from .symbolic import Shape
from .weight_attributes import Weight

NormalizationCache: TypeAlias = tuple[bool, Kept]
"""Whether the statistics were those of the batch, and what the operation kept."""


class BatchNormalization(Layer):
    """Give every channel mean 0 and variance 1 over the batch, then a learned scale and shift.

    In training: y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and (biased) variance of the batch,
    over all axes but the last. Otherwise the moving averages stand for them: moving = moving * momentum + batch * (1 -
    momentum), taken once per training step. A frozen layer (`trainable = False`) uses the moving averages in training
    too, and leaves them as they are.

    Source: Ioffe and Szegedy, "Batch Normalization", ICML 2015 (arXiv:1502.03167). Gradient:
    `tinyseg_kernels.batch_norm`.

    Input and output shape:
        (N, ..., C)
    Parameters:
        gamma (C,) with `scale`, beta (C,) with `center`. State: moving_mean (C,), moving_variance (C,).

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import BatchNormalization
        >>> x = np.array([[1.0], [2.0], [3.0], [6.0]])
        >>> y = BatchNormalization(epsilon=1e-7)(x, training=True)
        >>> bool(abs(y.mean()) < 1e-6 and abs(y.var() - 1) < 1e-6)
        True
    """

    gamma, beta, moving_mean, moving_variance = Weight(), Weight(), Weight(), Weight()

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        moving_mean_initializer: InitializerLike = "zeros",
        moving_variance_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; `axis` must be -1, the channels."""
        super().__init__(**common)
        if axis != -1:
            raise InvalidInput(f"{self.label}: axis: expected -1 (channels last), got {axis!r}")
        if not 0.0 <= momentum <= 1.0:
            raise InvalidInput(f"{self.label}: momentum: expected a number from 0 to 1, got {momentum!r}")
        if not epsilon > 0:
            raise InvalidInput(f"{self.label}: epsilon: expected a number above 0, got {epsilon!r}")
        self.momentum, self.epsilon = float(momentum), float(epsilon)
        self.center, self.scale = bool(center), bool(scale)
        self.regularizers = regularizers_of(self.label, {"beta": beta_regularizer, "gamma": gamma_regularizer})
        self.initializers = {
            "beta": initializers.get(beta_initializer),
            "gamma": initializers.get(gamma_initializer),
            "moving_mean": initializers.get(moving_mean_initializer),
            "moving_variance": initializers.get(moving_variance_initializer),
        }

    def build(self, input_shape: Shape) -> None:
        """Create gamma, beta and the moving averages."""
        shape = (known_channels(self, input_shape),)
        if self.scale:
            self.add_parameter("gamma", shape, self.initializers["gamma"])
        if self.center:
            self.add_parameter("beta", shape, self.initializers["beta"])
        self.add_state("moving_mean", shape, self.initializers["moving_mean"])
        self.add_state("moving_variance", shape, self.initializers["moving_variance"])

    def forward(
        self, x: FloatArray, training: bool = False, relu: bool = False
    ) -> tuple[FloatArray, NormalizationCache]:
        """Normalise by the batch's statistics in training, by the moving averages otherwise or when frozen.

        With `relu`, y is max(y, 0).
        """
        gamma, beta = self.parameters.get("gamma"), self.parameters.get("beta")
        mean, variance = self.state["moving_mean"], self.state["moving_variance"]
        if x.shape[-1] != mean.size:
            raise InvalidInput(f"{self.label}: expected {mean.size} channels in the last axis, got shape {x.shape}")
        by_batch = training and self.trainable
        if by_batch:
            y, cache = batch_norm_train_forward(x, gamma, beta, epsilon=self.epsilon, relu=relu)
        else:
            y, cache = batch_norm_inference_forward(x, gamma, beta, mean, variance, epsilon=self.epsilon, relu=relu)
        return y, (by_batch, cache)

    def scale_and_shift(self) -> tuple[FloatArray, FloatArray]:
        """Return what the layer does when it does not learn, as y = scale * x + shift for each channel."""
        gamma, beta = self.parameters.get("gamma"), self.parameters.get("beta")
        scale = 1.0 / np.sqrt(self.state["moving_variance"].astype(np.float64) + self.epsilon)
        if gamma is not None:
            scale = scale * gamma
        shift = -self.state["moving_mean"] * scale
        if beta is not None:
            shift = shift + beta
        dtype = self.state["moving_mean"].dtype
        return scale.astype(dtype), shift.astype(dtype)

    def backward(
        self, dy: FloatArray, cache: NormalizationCache, need_dx: bool = True, overwrite_dy: bool = False
    ) -> tuple[FloatArray, Gradients]:
        """Go back through the normalisation; in training also through mean and variance, which depend on x.

        With `overwrite_dy` dx may be written where dy was.
        """
        by_batch, inner = cache
        if by_batch:
            dx, dgamma, dbeta = batch_norm_train_backward(dy, inner, overwrite_dy=overwrite_dy)
        else:
            dx, dgamma, dbeta = batch_norm_inference_backward(dy, inner)
        given = {"gamma": dgamma if self.scale else None, "beta": dbeta if self.center else None}
        return dx, {name: gradient for name, gradient in given.items() if gradient is not None}

    def update_state(self, cache: NormalizationCache) -> None:
        """Move the averages towards the batch's mean and variance."""
        by_batch, inner = cache
        if by_batch:
            for name, batch in zip(("moving_mean", "moving_variance"), batch_statistics(inner), strict=True):
                moving = self.state[name]
                moving[...] = moving * self.momentum + batch * (1.0 - self.momentum)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            **{f"{name}_initializer": initializers.serialize(value) for name, value in self.initializers.items()},
            **configs(self.regularizers, ("beta", "gamma")),
        }
