"""Arithmetic with one constant operand: a number for all, or one for each channel."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg import activations
from tinyseg.layers.convolution import ConvolutionLayer
from tinyseg.layers.dense import Dense

from ..values import Reading, Refused, Tensor


def per_channel(x: Tensor, numbers: Array) -> Array | None:
    """Return a constant that is broadcast against x as one number (shape ()) or one for each channel; None if neither.

    The channels are the axis that is stored last.
    """
    numbers = np.asarray(numbers, np.float32)
    if numbers.size == 1 and numbers.ndim <= len(x.shape):
        return numbers.reshape(())
    shape = (1,) * (len(x.shape) - numbers.ndim) + numbers.shape
    channels = x.order[-1]
    if len(shape) != len(x.shape) or any(n != 1 for axis, n in enumerate(shape) if axis != channels):
        return None
    return numbers.reshape(-1) if shape[channels] == x.shape[channels] else None


def scaled(reading: Reading, x: Tensor, scale: Array | float, offset: Array | float) -> Tensor:
    """Return scale * x + offset: of one number each, or of one for each channel."""
    scale, offset = np.asarray(scale, np.float32), np.asarray(offset, np.float32)
    if scale.ndim == offset.ndim == 0 and scale == 1 and offset == 0:
        return x
    if scale.ndim == offset.ndim == 0:
        return reading.add("Rescaling", {"scale": float(scale), "offset": float(offset)}, x)
    channels = x.shape[x.order[-1]]
    scale, offset = np.broadcast_to(scale, channels), np.broadcast_to(offset, channels)
    if (scale == 1).all() and added_to_bias(reading, x, offset):
        return x
    if len(x.shape) == 4:
        weights = {"kernel": scale.reshape(1, 1, channels, 1), "bias": offset}
        return reading.add("DepthwiseConv2D", {"kernel_size": 1}, x, weights=weights)
    epsilon = 1e-3  # with a variance of 1 - epsilon nothing is left but gamma and beta
    weights = {
        "gamma": scale, "beta": offset, "moving_mean": np.zeros(channels, np.float32),
        "moving_variance": np.full(channels, 1 - epsilon, np.float32),
    }  # fmt: skip
    return reading.add("BatchNormalization", {"epsilon": epsilon, "trainable": False}, x, weights=weights)


def added_to_bias(reading: Reading, x: Tensor, offset: Array) -> bool:
    """Add to the bias of the layer that gives x, if nothing else takes x; return whether that was possible."""
    step = reading.steps[x.step]
    layer = step.layer
    if not isinstance(layer, (ConvolutionLayer, Dense)) or layer.activation is not activations.LINEAR:
        return False
    if not _only_user(reading, x):
        return False
    layer.use_bias = True
    step.weights["bias"] = step.weights.get("bias", np.float32(0)) + offset
    return True


def _only_user(reading: Reading, x: Tensor) -> bool:
    return any(reading.users.get(name, 0) == 1 and reading.givers.get(name) == x.step for name in reading.node.inputs)


def require_channels(x: Tensor, numbers: Array, what: str) -> Array:
    """Return a constant as `per_channel` does; refuses another one."""
    found = per_channel(x, numbers)
    if found is None:
        raise Refused(
            f"{what} a constant of shape {numbers.shape} with a tensor of shape {x.shape}: needs a layer that does so; "
            "there are those for one number, and for one for each channel"
        )
    return found
