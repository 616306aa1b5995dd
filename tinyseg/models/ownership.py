"""The gradients on their way back through a network, and which of them may be overwritten.

Where a result was used by several layers, the gradients that they give add up. A gradient that one layer's backward has
just made, and that only the next one will read, can be overwritten by that one: it saves an array as large as the
layer's output, at the moment when training needs the most memory. The same array must not be given to two layers: `Add`
hands dy on to all of its inputs, and views share memory. So a gradient is a network's own when it is a sum, or when it
comes from a layer known to write its dx to new memory.
"""

from __future__ import annotations

from tinyseg_kernels.arrange import add_forward
from tinyseg_kernels.types import Array

from tinyseg.layers.batch_normalization import BatchNormalization
from tinyseg.layers.convolution import ConvolutionLayer
from tinyseg.layers.dense import Dense
from tinyseg.layers.layer import Layer
from tinyseg.layers.pooling2d import AveragePooling2D, MaxPooling2D
from tinyseg.layers.up_sampling2d import UpSampling2D

_WITH_NEW_DX = (
    AveragePooling2D.backward, BatchNormalization.backward, ConvolutionLayer.backward, Dense.backward, MaxPooling2D.backward, UpSampling2D.backward,
)  # fmt: skip
"""Backwards whose dx is nobody else's.

Where one was allowed to overwrite dy, dx may be that memory, whose only owner it then is.
"""

_OVERWRITING = (BatchNormalization.backward, ConvolutionLayer.backward)
"""Backwards that take `overwrite_dy`."""


class Upstream(dict[int, Array]):
    """The gradient of the loss by the result of each step, as far as it is known.

    `pop` hands one out for good: whoever takes it may drop it before its own work is done.
    """

    def __init__(self) -> None:
        """Begin without any."""
        super().__init__()
        self.own: set[int] = set()

    def add(self, k: int, d: Array, giver: Layer | None = None) -> None:
        """Add a gradient by the result of step k, which the backward of a layer (or the loss) gave."""
        if k in self:
            d = add_forward([self[k], d])[0]
            self.own.add(k)
        elif giver is not None and _method(giver) in _WITH_NEW_DX:
            self.own.add(k)
        self[k] = d

    def may_be_overwritten(self, k: int, taker: Layer) -> bool:
        """Return whether a layer's backward may write over the gradient by step k, and knows how to."""
        return k in self.own and _method(taker) in _OVERWRITING


def _method(layer: Layer) -> object:
    """Return a layer's backward as tinyseg's class defines it; another one is known to nobody."""
    return None if has_own_methods(layer) else type(layer).backward


def has_own_methods(layer: Layer) -> bool:
    """Return whether somebody's own code stands between a layer's methods and the kernels, in its class or in it."""
    own = vars(layer)
    return layer.checked or "forward" in own or "backward" in own
