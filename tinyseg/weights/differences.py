"""What a file of weights does not say and results depend on: numbers and paddings that other libraries have else."""

from __future__ import annotations

from collections.abc import Sequence

from tinyseg.layers.batch_normalization import BatchNormalization
from tinyseg.layers.convolution import ConvolutionLayer
from tinyseg.layers.layer import Layer

from .report import shown

TORCH_EPSILON, TORCH_MOMENTUM = 1e-5, 0.1
"""PyTorch's defaults; its momentum is the share of the new batch, Keras's that of the old average."""


def differences(layers: Sequence[Layer], layout: str) -> list[str]:
    """Return notes on layers that were filled from a file in PyTorch's layout."""
    layers = list(dict.fromkeys(layers))
    return [*_normalisation(layers), *_padding(layers)] if layout == "torch" else []


def _normalisation(layers: Sequence[Layer]) -> list[str]:
    found = [layer for layer in layers if isinstance(layer, BatchNormalization)]
    notes = []
    if other := [layer for layer in found if abs(layer.epsilon - TORCH_EPSILON) > 1e-9]:
        notes.append(
            f"BatchNormalization: epsilon is {other[0].epsilon:g} in {shown([layer.name for layer in other])}; the "
            f"file does not say what it was, PyTorch's default is {TORCH_EPSILON:g}"
        )
    if other := [layer for layer in found if abs(layer.momentum - (1 - TORCH_MOMENTUM)) > 1e-9]:
        notes.append(
            f"BatchNormalization: momentum is {other[0].momentum:g} in {shown([layer.name for layer in other])}; "
            f"PyTorch's default {TORCH_MOMENTUM:g} is {1 - TORCH_MOMENTUM:g} here (training only)"
        )
    return notes


def _padding(layers: Sequence[Layer]) -> list[str]:
    found = [
        layer.name
        for layer in layers
        if isinstance(layer, ConvolutionLayer)
        and layer.padding == "same"
        and any((s > 1 and k > 1) or (k - 1) * d % 2 for s, k, d in _windows(layer))
    ]
    if not found:
        return []
    return [
        f"padding 'same' in {shown(found)} puts the odd pixel behind the image (TensorFlow's way), and with strides "
        "less in all; PyTorch's padding=p is padding=((p, p), (p, p)) here, and gives other results"
    ]


def _windows(layer: ConvolutionLayer) -> list[tuple[int, int, int]]:
    return list(zip(layer.strides, layer.kernel_size, layer.dilation_rate, strict=True))
