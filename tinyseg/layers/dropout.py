"""Dropout and SpatialDropout2D."""

from __future__ import annotations

from typing import ClassVar, Unpack

import numpy as np
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.device import array_module
from tinyseg_kernels.dropout import dropout_backward, dropout_forward
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.arguments import Natural
from tinyseg.utils.random import new_seed
from tinyseg.utils.types import JsonObject, LayerOptions

from .convolution import require_channels_last
from .layer import Gradients, Layer


class Dropout(Layer):
    """In training, set a random part of the numbers to 0 and divide the others by 1 - rate; otherwise do nothing.

    The mask is a function of (seed, step), where the step counts training steps: forward stays a pure function, so its
    gradient can be checked, and a run that resumes draws the masks that it would have drawn. A layer applied twice in
    one network uses the same mask twice in a step.

    Source: Srivastava et al., "Dropout", JMLR 15 (2014).

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Dropout
        >>> x = np.ones((2, 500))
        >>> layer = Dropout(0.5, seed=1)
        >>> bool((layer(x) == x).all())
        True
        >>> sorted(set(layer(x, training=True).ravel().tolist()))
        [0.0, 2.0]
    """

    def __init__(self, rate: float, seed: Natural | None = None, **common: Unpack[LayerOptions]) -> None:
        """Make the layer.

        Args:
            rate: Share of the numbers to drop, from 0 up to but not 1.
            seed: Seed of the masks; drawn from tinyseg's generator (`tinyseg.utils.set_random_seed`) when None.
            **common: name, dtype, input_shape (see `Layer`).
        """
        super().__init__(**common)
        if isinstance(rate, bool) or not 0.0 <= rate < 1.0:
            raise InvalidInput(f"{self.label}: rate: expected a number from 0 up to but not 1, got {rate!r}")
        self.rate = float(rate)
        self.seed = new_seed() if seed is None else int(seed)
        self.state["step"] = np.zeros((), np.int64)

    @property
    def weights(self) -> list[Array]:
        """None: the step is saved with a model, but it is not a weight."""
        return []

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept | None]:
        """Drop and scale in training; hand x on otherwise."""
        if not training or self.rate == 0.0:
            return x, None
        return dropout_forward(x, rate=self.rate, seed=self.seed, step=int(self.state["step"]))

    def backward(self, dy: FloatArray, cache: Kept | None, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Drop and scale dy as forward did with x."""
        return (dy if cache is None else dropout_backward(dy, cache)), {}

    def update_state(self, cache: Kept | None) -> None:
        """Go on to the next step's mask."""
        self.state["step"] += 1

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


class SpatialDropout2D(Dropout):
    """In training, set a random part of the channels of each image to 0 and divide the others by 1 - rate.

    Neighbouring pixels of a channel are alike, so that one of them tells what another one was: dropping single numbers
    takes little away. y = x * m, with one m for each channel of an image, drawn as in `Dropout`; dx = dy * m.

    Source: Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015.

    Input and output shape:
        (N, H, W, C)

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import SpatialDropout2D
        >>> y = SpatialDropout2D(0.5, seed=1)(np.ones((2, 3, 3, 50)), training=True)
        >>> sorted(set(y.mean((1, 2)).ravel().tolist()))
        [0.0, 2.0]
    """

    expected_rank: ClassVar[int | None] = 4

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: Natural | None = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; arguments as in `Dropout`, and data_format, which must be 'channels_last' or None."""
        super().__init__(rate, seed=seed, **common)
        require_channels_last(data_format)

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept | None]:
        """Drop and scale in training; hand x on otherwise."""
        factors, cache = super().forward(_ones(x), training)
        return (x if cache is None else x * factors), cache

    def backward(self, dy: FloatArray, cache: Kept | None, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Drop and scale dy as forward did with x."""
        return (dy if cache is None else dy * dropout_backward(_ones(dy), cache)), {}


def _ones(x: FloatArray) -> FloatArray:
    """Return a 1 for each channel of each image."""
    ones: FloatArray = array_module(x).ones((x.shape[0], 1, 1, x.shape[3]), x.dtype)
    return ones
