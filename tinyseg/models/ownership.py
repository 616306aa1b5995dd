"""Which gradients may be overwritten on their way back through a network: decided once, before the first step.

Where a result was used by several layers, the gradients that they give add up. A gradient that one layer's backward has
just made, and that only the next one will read, can be overwritten by that one: it saves an array as large as the
layer's output, at the moment when training needs the most memory. The same array must not be given to two layers: `Add`
hands dy on to all of its inputs, and views share memory. So a gradient is a network's own when it is a sum, or when it
comes from a layer known to write its dx to new memory.
"""

from __future__ import annotations

from collections.abc import Sequence

from tinyseg.layers.batch_normalization import BatchNormalization
from tinyseg.layers.convolution import ConvolutionLayer
from tinyseg.layers.dense import Dense
from tinyseg.layers.layer import Layer
from tinyseg.layers.pooling2d import AveragePooling2D, MaxPooling2D
from tinyseg.layers.up_sampling2d import UpSampling2D

from .plan import Call, has_own_methods

_WITH_NEW_DX = (
    AveragePooling2D.backward, BatchNormalization.backward, ConvolutionLayer.backward, Dense.backward, MaxPooling2D.backward, UpSampling2D.backward,
)  # fmt: skip
"""Backwards whose dx is nobody else's.

Where one was allowed to overwrite dy, dx may be that memory, whose only owner it then is.
"""

_OVERWRITING = (BatchNormalization.backward, ConvolutionLayer.backward)
"""Backwards that take `overwrite_dy`."""


def with_ownership(calls: list[Call], outputs: Sequence[int]) -> list[Call]:
    """Return the calls of a training step, each with whether its backward may write over the gradient by its result.

    `outputs` are the steps by whose results the loss gives gradients; it may keep what it gives.
    """
    givers: dict[int, list[object]] = {}
    for k in outputs:
        givers.setdefault(k, []).append(None)
    for call in calls:
        for i in call.inputs:
            givers.setdefault(i, []).append(_method(call.layer))
    for call in calls:
        given = givers[call.result]
        is_own = len(given) > 1 or given[0] in _WITH_NEW_DX
        call.overwrites = is_own and _method(call.layer) in _OVERWRITING
    return calls


def _method(layer: Layer) -> object:
    """Return a layer's backward as tinyseg's class defines it; another one is known to nobody."""
    return None if has_own_methods(layer) else type(layer).backward
