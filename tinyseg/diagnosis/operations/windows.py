"""Configurations that all operations with windows are run on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array, Padding, Pair

from ..geometry import Geometry, overlap_counts
from ..place import BEYOND_THE_BORDER, BORDER, INTERIOR, NO_WINDOW, SEVERAL_WINDOWS, NamedRegion
from ..traits import (
    DILATION,
    EXPLICIT_PADDING,
    FLOAT32,
    GAPS,
    IMAGE_NOT_SQUARE,
    ONE_SIDED_PADDING,
    OVERLAPS,
    PADDING,
    SEVERAL_CHANNELS,
    SEVERAL_FILTERS,
    SEVERAL_IMAGES,
    STRIDED,
    STRIDES,
    UNEQUAL_DILATION,
    UNEQUAL_STRIDES,
    WINDOW_NOT_SQUARE,
    Trait,
    traits_of,
)


class WindowCase(NamedTuple):
    """Image (N, H, W, C), window, channels out, and how the window moves."""

    image: tuple[int, int, int, int]
    window: Pair
    filters: int = 1
    strides: Pair = (1, 1)
    padding: Padding = "valid"
    dilation: Pair = (1, 1)
    by_hand: bool = False
    lenient: bool = False
    special: Trait | None = None

    @property
    def traits(self) -> frozenset[Trait]:
        """Name what is special about it."""
        n, h, w, c = self.image
        g = Geometry.of((h, w), self.window, self.strides, self.padding, self.dilation)
        some = {
            SEVERAL_IMAGES: n > 1,
            SEVERAL_CHANNELS: c > 1,
            SEVERAL_FILTERS: self.filters > 1,
            IMAGE_NOT_SQUARE: h != w,
            WINDOW_NOT_SQUARE: self.window[0] != self.window[1],
            STRIDES: max(self.strides) > 1,
            UNEQUAL_STRIDES: self.strides[0] != self.strides[1],
            DILATION: max(self.dilation) > 1,
            UNEQUAL_DILATION: self.dilation[0] != self.dilation[1],
            PADDING: any(sum(pair) for pair in g.pads),
            ONE_SIDED_PADDING: any(a != b for a, b in g.pads),
            EXPLICIT_PADDING: not isinstance(self.padding, str),
            OVERLAPS: bool((overlap_counts(g) > 1).any()),
            GAPS: bool((overlap_counts(g) == 0).any()),
        }
        return traits_of(some, self.special)


CONVOLUTION_CASES = (
    WindowCase((1, 3, 3, 1), (1, 1), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 3, 3, 1), (3, 3), padding="same", by_hand=True),
    WindowCase((2, 3, 3, 1), (2, 2), by_hand=True),
    WindowCase((1, 3, 3, 2), (2, 2), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), 2, by_hand=True),
    WindowCase((1, 3, 4, 1), (2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 3), by_hand=True),
    WindowCase((1, 5, 5, 1), (3, 3), strides=(2, 2), by_hand=True),
    WindowCase((1, 5, 5, 1), (2, 2), dilation=(2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), padding="same", by_hand=True),
    WindowCase((1, 5, 5, 1), (2, 2), strides=(3, 3), by_hand=True),
    WindowCase((2, 4, 4, 3), (3, 3), 3),
    WindowCase((2, 5, 6, 3), (3, 2), 4),
    WindowCase((2, 6, 5, 2), (3, 3), 3, strides=(2, 2), padding="same"),
    WindowCase((2, 6, 6, 2), (3, 3), 3, strides=(2, 2), padding="same"),
    WindowCase((3, 6, 7, 3), (3, 3), 2, strides=(2, 1), padding="same"),
    WindowCase((2, 7, 6, 2), (2, 3), 3, strides=(1, 2)),
    WindowCase((2, 7, 8, 2), (2, 2), 3, strides=(3, 3), padding="same"),
    WindowCase((1, 6, 9, 2), (5, 5), 2, strides=(3, 3), padding="same"),
    WindowCase((2, 7, 8, 2), (3, 3), 3, strides=(3, 2)),
    WindowCase((2, 7, 7, 2), (3, 3), 3, padding="same", dilation=(2, 2)),
    WindowCase((2, 7, 8, 2), (3, 2), 3, dilation=(1, 2)),
    WindowCase((2, 8, 7, 2), (2, 3), 3, padding="same", dilation=(2, 1)),
    WindowCase((2, 5, 6, 3), (1, 1), 4, strides=(2, 2)),
    WindowCase((1, 4, 5, 2), (4, 5), 3),
    WindowCase((2, 5, 7, 3), (5, 3), 2, padding="same"),
    WindowCase((2, 5, 6, 2), (3, 2), 3, padding="same", special=STRIDED),
    WindowCase((2, 5, 6, 2), (3, 2), 3, padding="same", special=FLOAT32),
    WindowCase((2, 5, 6, 2), (3, 2), 3, padding=((1, 0), (2, 1)), lenient=True),
    WindowCase((1, 6, 5, 2), (3, 3), 2, padding=((1, 2), (0, 1)), strides=(2, 1), lenient=True),
    WindowCase((1, 9, 8, 2), (2, 3), 2, strides=(2, 2), dilation=(2, 1), lenient=True),
)


def window_regions(geometry: Geometry, output: str, array: Array) -> Mapping[NamedRegion, Array]:
    """Return the border, overlaps, ... of an image-like result (N, H, W, C)."""
    height, width = array.shape[1:3]
    border = np.zeros((height, width), bool)
    border[[0, -1], :] = border[:, [0, -1]] = True
    masks: dict[NamedRegion, Any] = {}
    if output == "y":
        touches = ~geometry.inside.all(axis=(1, 3)) if geometry.out == (height, width) else border
        masks[BEYOND_THE_BORDER] = touches
    elif geometry.size == (height, width):
        counts = overlap_counts(geometry)
        masks[SEVERAL_WINDOWS] = counts > 1
        masks[NO_WINDOW] = counts == 0
    masks[BORDER] = border
    masks[INTERIOR] = ~border
    return {name: np.broadcast_to(mask[None, :, :, None], array.shape) for name, mask in masks.items()}
