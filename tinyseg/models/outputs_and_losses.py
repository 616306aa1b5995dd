"""Whether a model's last activation and its loss fit.

Pairs that compute, and learn nothing or something else, are refused or said before training.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers.symbolic import SymbolicTensor
from tinyseg.losses import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy

_OVER_CLASSES = (CategoricalCrossentropy, SparseCategoricalCrossentropy)
_PROBABILITIES = ("softmax", "sigmoid")
_NO_PROBABILITIES = ("linear", "relu", "leaky_relu", "tanh")
_KEEPS_VALUES = ("Cropping2D", "Flatten", "Reshape", "UpSampling2D")
"""Layers that hand on what an activation gave, as far as this question goes."""


def last_activation(tensor: SymbolicTensor) -> str | None:
    """Return the name of the activation that gave a tensor.

    None where that cannot be told, as after a layer of somebody's own.
    """
    layer: Any = tensor.node.layer
    name = type(layer).__name__
    if not type(layer).__module__.startswith("tinyseg."):
        return None
    if name in _KEEPS_VALUES:
        return last_activation(tensor.node.inputs[0])
    if name in ("Softmax", "ReLU", "LeakyReLU"):
        axis = getattr(layer, "axis", -1)
        return None if axis not in (-1, len(tensor.shape) - 1) else {"LeakyReLU": "leaky_relu"}.get(name, name.lower())
    outputs: list[SymbolicTensor] = getattr(layer, "outputs", [])  # of a model inside this one
    if len(outputs) == 1:
        return last_activation(outputs[0])
    activation = getattr(getattr(layer, "activation", None), "name", None)
    return activation if activation in (*_PROBABILITIES, *_NO_PROBABILITIES) else None


def check_outputs(label: str, outputs: Sequence[SymbolicTensor], losses: Sequence[Any]) -> None:
    """Look at each output and its loss.

    Raises:
        InvalidInput: A pair that cannot learn: a softmax over one channel, which is always 1, or a cross-entropy
            between classes of which there is one.
    """
    parts = [(tensor, part) for tensor, loss in zip(outputs, losses, strict=True) if loss for part in loss.parts()]
    for tensor, loss in parts:
        activation, channels = last_activation(tensor), tensor.shape[-1]
        where = f"{label}: output {tensor.name!r}"
        if channels is None:
            continue
        if activation == "softmax" and channels == 1:
            raise InvalidInput(
                f"{where}: a softmax over one channel is always 1, so nothing can be learned: use activation='sigmoid' "
                "with binary_crossentropy, or two channels with a softmax"
            )
        if isinstance(loss, _OVER_CLASSES) and channels == 1:
            raise InvalidInput(
                f"{where}: {loss.name} between classes needs at least two channels, got 1 (with one it is 0 whatever is predicted): "
                "use activation='sigmoid' with binary_crossentropy, or two channels with a softmax"
            )
        if isinstance(loss, (BinaryCrossentropy, *_OVER_CLASSES)):
            _check_probabilities(where, activation, loss)


def _check_probabilities(where: str, activation: str | None, loss: Any) -> None:
    right = "sigmoid" if isinstance(loss, BinaryCrossentropy) else "softmax"
    text = None
    if loss.from_logits and activation in _PROBABILITIES:
        text = f"{loss.name} with from_logits=True expects logits, and the {activation} gives probabilities: use activation=None, or from_logits=False"
    elif not loss.from_logits and activation in _NO_PROBABILITIES:
        text = f"{loss.name} expects probabilities, and the activation is {activation!r}: use activation={right!r}, or from_logits=True for logits"
    elif isinstance(loss, BinaryCrossentropy) and activation == "softmax":
        text = f"{loss.name} asks each channel by itself, and a softmax makes them share: use categorical_crossentropy, or activation='sigmoid'"
    if text is not None:
        warnings.warn(f"{where}: {text}", UserWarning, stacklevel=5)
