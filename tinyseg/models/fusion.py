"""Layers that are computed together with the one before them, when nothing else needs the result in between.

    ... -> convolution or batch normalisation -> ReLU        the ReLU is applied while the numbers are written
    ... -> convolution -> batch normalisation                when only predicting: one convolution with another kernel and bias

By itself each of these reads and writes its whole array, which takes as long as a small convolution. What a network computes is the same, but for the rounding of the
second. The functions here find the places; `Network` computes them, and looks each time, since layers may be exchanged or replaced by their users.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

import numpy as np
from tinyseg_kernels.backend import on_gpu

from tinyseg import activations
from tinyseg.layers.activation import Activation, ReLU
from tinyseg.layers.batch_normalization import BatchNormalization
from tinyseg.layers.conv2d import Conv2D
from tinyseg.layers.conv2d_transpose import Conv2DTranspose
from tinyseg.layers.depthwise_conv2d import DepthwiseConv2D
from tinyseg.layers.layer import Layer
from tinyseg.layers.separable_conv2d import SeparableConv2D


def takes_relu(layer: Layer, following: Layer) -> bool:
    """Return whether a layer can compute the ReLU that follows it."""
    if type(following) is Activation:
        is_relu = following.activation is activations.RELU
    else:
        is_relu = type(following) is ReLU
    if not is_relu:
        return False
    ends_plainly = getattr(layer, "activation", None) in (None, activations.LINEAR, activations.RELU)
    return ends_plainly and _has_parameter(_function(layer), "relu") and is_untouched(following)


def takes_normalisation(layer: Layer, following: Layer) -> bool:
    """Return whether a layer can compute, when predicting, the batch normalisation that follows it."""
    return (
        type(layer) in (Conv2D, DepthwiseConv2D, Conv2DTranspose, SeparableConv2D)
        and type(following) is BatchNormalization
        and layer.activation is activations.LINEAR  # type: ignore[attr-defined]
        and layer.parameters[layer.last_kernel].dtype == np.float32  # type: ignore[attr-defined]  # float64 is asked for where exactness counts
        and not on_gpu()
        and _has_parameter(_function(layer), "normalisation")
        and is_untouched(following)
    )


def is_untouched(layer: Layer) -> bool:
    """Return whether a layer computes what its class says: who puts a method of their own in its place wants it called; who wraps it, to measure it, does not mind."""
    own = vars(layer)
    if "forward" not in own and "backward" not in own:
        return True
    return all(name not in own or hasattr(own[name], "__wrapped__") for name in ("forward", "backward"))


def _function(layer: Layer) -> Any:
    return getattr(layer.forward, "__func__", layer.forward)


@lru_cache(maxsize=256)
def _has_parameter(function: Any, name: str) -> bool:
    return name in inspect.signature(function).parameters
