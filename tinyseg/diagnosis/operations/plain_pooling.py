"""Pooling as it is learnt: no padding for the maximum, explicit padding for the mean."""

from __future__ import annotations

from dataclasses import replace

from ..case import Case
from ..traits import EXPLICIT_PADDING, FLOAT32, LARGE, STRIDED, TIES
from .avg_pooling import AvgPool2D
from .max_pooling import MaxPool2D
from .pooling import NEGATIVE
from .windows import WindowCase

PLAIN = (
    WindowCase((1, 2, 2, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((2, 2, 2, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 2, 2), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 4, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 4, 6, 1), (2, 3), strides=(2, 3), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), strides=(2, 2), by_hand=True, special=TIES),
    WindowCase((1, 5, 5, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 5, 5, 1), (2, 2), strides=(3, 3), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), strides=(1, 1), by_hand=True),
    WindowCase((1, 4, 3, 1), (3, 2), strides=(1, 1), by_hand=True),
    WindowCase((2, 4, 6, 3), (2, 2), strides=(2, 2)),
    WindowCase((2, 6, 5, 3), (3, 3), strides=(2, 2)),
    WindowCase((2, 7, 6, 2), (3, 2), strides=(1, 2)),
    WindowCase((3, 7, 8, 2), (2, 3), strides=(2, 1)),
    WindowCase((2, 7, 8, 2), (2, 2), strides=(3, 2)),
    WindowCase((2, 4, 5, 2), (4, 5), strides=(4, 5)),
    WindowCase((2, 4, 5, 2), (1, 1), strides=(1, 1)),
    WindowCase((2, 5, 6, 2), (2, 2), strides=(1, 1), special=TIES),
    WindowCase((2, 7, 6, 2), (3, 2), strides=(2, 2), special=TIES),
    WindowCase((2, 6, 6, 2), (3, 3), strides=(2, 2), special=NEGATIVE),
    WindowCase((1, 5, 6, 2), (3, 3), strides=(2, 2), special=LARGE),
    WindowCase((1, 18, 20, 1), (3, 3), strides=(3, 3)),
    WindowCase((2, 5, 6, 2), (3, 2), strides=(2, 2), special=STRIDED),
    WindowCase((2, 5, 6, 2), (3, 2), strides=(2, 2), special=FLOAT32),
)
"""Whole windows only: side by side, then with gaps and overlaps."""


class PlainMaxPool2D(MaxPool2D):
    """Max pooling without padding."""

    shapes = PLAIN
    options = ("pool_size", "strides")
    contract = (
        "forward(x, *, pool_size, strides) -> (y, cache): x (N, H, W, C), pairs, no padding; of equal numbers the "
        "first of the window in row-major order wins; backward(dy, cache) -> dx"
    )


PADDED = (
    WindowCase((1, 2, 2, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((2, 2, 2, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 2, 2), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 4, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 4, 6, 1), (2, 3), strides=(2, 3), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), strides=(1, 1), by_hand=True),
    WindowCase((1, 5, 5, 1), (2, 2), strides=(3, 3), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), strides=(2, 2), padding="same", by_hand=True),
    WindowCase((1, 3, 3, 1), (3, 3), strides=(1, 1), padding="same", by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), strides=(2, 2), padding=((1, 0), (0, 1)), by_hand=True),
    WindowCase((2, 4, 6, 3), (2, 2), strides=(2, 2)),
    WindowCase((2, 6, 5, 3), (3, 3), strides=(2, 2)),
    WindowCase((2, 7, 6, 2), (3, 2), strides=(1, 2)),
    WindowCase((2, 4, 5, 2), (4, 5), strides=(4, 5)),
    WindowCase((2, 4, 5, 2), (1, 1), strides=(1, 1)),
    WindowCase((2, 7, 8, 2), (2, 2), strides=(3, 3)),
    WindowCase((2, 6, 5, 3), (3, 3), strides=(2, 2), padding="same"),
    WindowCase((2, 5, 6, 2), (3, 3), strides=(1, 1), padding="same"),
    WindowCase((2, 7, 6, 2), (3, 2), strides=(2, 1), padding="same"),
    WindowCase((3, 6, 7, 2), (2, 3), strides=(2, 3), padding="same"),
    WindowCase((2, 7, 8, 2), (2, 2), strides=(3, 2), padding="same"),
    WindowCase((1, 6, 9, 2), (5, 5), strides=(3, 3), padding="same"),
    WindowCase((2, 5, 6, 2), (3, 3), strides=(2, 2), padding=((1, 0), (2, 1))),
    WindowCase((1, 5, 6, 2), (3, 3), strides=(2, 2), padding="same", special=LARGE),
    WindowCase((2, 5, 6, 2), (3, 2), strides=(2, 2), padding="same", special=STRIDED),
    WindowCase((2, 5, 6, 2), (3, 2), strides=(2, 2), padding="same", special=FLOAT32),
)
"""Windows inside the image first, then some that reach beyond its border."""


class PaddedAvgPool2D(AvgPool2D):
    """Average pooling that is told how many places stand around the image."""

    shapes = PADDED
    contract = (
        "forward(x, *, pool_size, strides, padding) -> (y, cache): x (N, H, W, C), pairs, padding ((top, bottom), "
        "(left, right)); the mean is over the pixels of the window, padded places do not count; backward(dy, cache) -> "
        "dx"
    )

    def cases(self) -> list[Case]:
        """Padding is always told in numbers; that it is, is nothing special."""
        return [
            replace(
                case.with_options(padding=self.geometry(case).pads),
                traits=case.traits - {EXPLICIT_PADDING},
            )
            for case in super().cases()
        ]
