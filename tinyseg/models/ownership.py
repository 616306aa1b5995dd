"""Which gradients a network's backward may overwrite.

A gradient that one layer's backward has just made, and that only the next one will read, can be overwritten by it: that saves an array as large as the layer's output, at the moment when
training needs the most memory. The same array must not be given to two layers: `Add` hands dy on to all of its inputs, and views share memory. So a gradient is a network's own when it
is a sum, or when it comes from a layer known to write its dx to new memory.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

from tinyseg.layers.batch_normalization import BatchNormalization
from tinyseg.layers.conv2d import Conv2D
from tinyseg.layers.conv2d_transpose import Conv2DTranspose
from tinyseg.layers.dense import Dense
from tinyseg.layers.depthwise_conv2d import DepthwiseConv2D
from tinyseg.layers.layer import Layer
from tinyseg.layers.pooling2d import AveragePooling2D, MaxPooling2D
from tinyseg.layers.separable_conv2d import SeparableConv2D
from tinyseg.layers.up_sampling2d import UpSampling2D

from .fusion import is_untouched

_WITH_NEW_DX = (
    AveragePooling2D, BatchNormalization, Conv2D, Conv2DTranspose, Dense, DepthwiseConv2D, MaxPooling2D, SeparableConv2D, UpSampling2D,
)  # fmt: skip


def is_new(layer: Layer) -> bool:
    """Return whether the dx that this layer's backward returns is nobody else's. Where it was allowed to overwrite dy, dx may be that memory, whose only owner it then is."""
    return type(layer) in _WITH_NEW_DX and is_untouched(layer)


def overwrites(layer: Layer) -> bool:
    """Return whether a layer's backward takes `overwrite_dy`."""
    return _takes_overwrite(getattr(layer.backward, "__func__", layer.backward))


@lru_cache(maxsize=256)
def _takes_overwrite(function: Any) -> bool:
    return "overwrite_dy" in inspect.signature(function).parameters
