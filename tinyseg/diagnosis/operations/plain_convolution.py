"""conv2d as it is learnt: without strides, padding and dilation at first, one direction at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ..case import Case, Outputs
from ..geometry import Geometry, gather
from ..operation import Hypothesis
from ..traits import FLOAT32, STRIDED
from .convolution import Conv2D
from .depthwise import DepthwiseConv2D
from .windows import WindowCase

PLAIN = (
    WindowCase((1, 3, 3, 1), (1, 1), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), by_hand=True),
    WindowCase((2, 3, 3, 1), (2, 2), by_hand=True),
    WindowCase((1, 3, 3, 2), (2, 2), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), 2, by_hand=True),
    WindowCase((1, 3, 4, 1), (2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 3), by_hand=True),
    WindowCase((1, 5, 3, 1), (3, 1), by_hand=True),
    WindowCase((1, 3, 3, 1), (3, 3), by_hand=True),
    WindowCase((1, 4, 4, 3), (3, 3), 3),
    WindowCase((1, 5, 6, 3), (3, 2), 4),
    WindowCase((2, 4, 4, 3), (3, 3), 3),
    WindowCase((3, 6, 5, 2), (1, 3), 3),
    WindowCase((1, 4, 5, 2), (4, 5), 3),
    WindowCase((2, 5, 4, 3), (1, 1), 4),
    WindowCase((2, 6, 6, 1), (4, 4), 2),
    WindowCase((2, 5, 6, 2), (3, 2), 3, special=STRIDED),
    WindowCase((2, 5, 6, 2), (3, 2), 3, special=FLOAT32),
)
"""Windows that move by one pixel and stay in the image."""


class PlainConv2D(Conv2D):
    """Stride 1, no padding: y is smaller than x by the window less one."""

    shapes: ClassVar[tuple[WindowCase, ...]] = PLAIN
    options = ()
    contract = (
        "forward(x, kernel, bias) -> (y, cache): x (N, H, W, C), kernel (KH, KW, C, F), bias (F,), y (N, H - KH + 1, "
        "W - KW + 1, F); backward(dy, cache) -> (dx, dkernel, dbias)"
    )

    def mistakes(self) -> Iterator[Hypothesis]:
        """What conv2d knows, and padding although there is none."""
        yield from super().mistakes()
        yield Hypothesis("padding-where-none-was-asked", self._padded_to_same, "always 'same'")

    def _padded_to_same(self, case: Case) -> Outputs:
        x, kernel, bias = (case.arrays[name] for name in self.arrays)
        same = Geometry.of(x.shape[1:3], kernel.shape[:2], (1, 1), "same")
        return {"y": self.forward_sum(gather(x, same), kernel) + bias}


class PlainConv2DForward(PlainConv2D):
    """The forward alone."""

    gradients = ()
    has_cache = False
    contract = (
        "forward(x, kernel, bias) -> y: x (N, H, W, C), kernel (KH, KW, C, F), bias (F,), y (N, H - KH + 1, "
        "W - KW + 1, F)"
    )


class PlainConv2DBackward(PlainConv2D):
    """The backward alone: its cache is what the exercise says."""

    contract = (
        "backward(dy, cache) -> (dx, dkernel, dbias): dy (N, H - KH + 1, W - KW + 1, F), cache = (x, kernel) with x "
        "(N, H, W, C) and kernel (KH, KW, C, F)"
    )

    def library_caches(self, case: Case) -> list[object]:
        """(x, kernel)."""
        return [(case.arrays["x"], case.arrays["kernel"])]


STRIDED_AND_DILATED = (
    WindowCase((1, 3, 3, 1), (2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 5, 5, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 5, 5, 1), (2, 2), strides=(3, 3), by_hand=True),
    WindowCase((1, 5, 5, 1), (3, 3), strides=(2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), strides=(2, 1), by_hand=True),
    WindowCase((1, 4, 5, 1), (2, 3), strides=(1, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), dilation=(2, 2), by_hand=True),
    WindowCase((1, 5, 4, 1), (2, 2), dilation=(3, 1), by_hand=True),
    WindowCase((1, 5, 5, 1), (2, 2), strides=(2, 2), dilation=(2, 2), by_hand=True),
    WindowCase((2, 5, 6, 3), (3, 2), 4),
    WindowCase((2, 7, 8, 2), (3, 3), 3, strides=(3, 2)),
    WindowCase((2, 7, 6, 2), (2, 3), 3, strides=(1, 2)),
    WindowCase((2, 7, 8, 2), (2, 2), 3, strides=(3, 3)),
    WindowCase((2, 5, 6, 3), (1, 1), 4, strides=(2, 2)),
    WindowCase((2, 7, 8, 2), (3, 2), 3, dilation=(1, 2)),
    WindowCase((2, 8, 7, 2), (2, 3), 3, dilation=(2, 1)),
    WindowCase((2, 7, 9, 2), (3, 3), 2, dilation=(2, 3)),
    WindowCase((1, 9, 8, 2), (2, 3), 2, strides=(2, 2), dilation=(3, 1)),
    WindowCase((2, 9, 8, 2), (3, 2), 3, strides=(2, 3), dilation=(1, 4)),
    WindowCase((2, 8, 9, 2), (2, 2), 3, strides=(3, 1), dilation=(2, 3)),
    WindowCase((2, 8, 7, 2), (3, 2), 3, strides=(2, 1), dilation=(2, 3), special=STRIDED),
    WindowCase((2, 8, 7, 2), (3, 2), 3, strides=(2, 1), dilation=(2, 3), special=FLOAT32),
)


class StridedConv2D(Conv2D):
    """Strides and dilation, no padding."""

    shapes = STRIDED_AND_DILATED
    options = ("strides", "dilation_rate")
    contract = (
        "forward(x, kernel, bias, *, strides, dilation_rate) -> (y, cache): x (N, H, W, C), kernel (KH, KW, C, F), "
        "bias (F,), pairs, no padding; backward(dy, cache) -> (dx, dkernel, dbias)"
    )


STRIDED_CASES = (
    WindowCase((1, 3, 3, 1), (2, 2), by_hand=True),
    WindowCase((1, 3, 3, 2), (2, 2), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), 2, by_hand=True),
    WindowCase((1, 2, 3, 2), (2, 2), 2, by_hand=True),
    WindowCase((2, 3, 3, 1), (2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 3, 4, 2), (1, 1), by_hand=True),
    WindowCase((1, 4, 4, 2), (2, 3), by_hand=True),
    WindowCase((1, 5, 5, 1), (3, 3), strides=(2, 2), by_hand=True),
    WindowCase((1, 5, 5, 2), (2, 2), strides=(3, 3), by_hand=True),
    WindowCase((2, 4, 4, 3), (3, 3), 3),
    WindowCase((2, 5, 6, 3), (3, 2), 4),
    WindowCase((2, 5, 6, 4), (2, 2), 3),
    WindowCase((2, 7, 6, 2), (2, 3), 3, strides=(1, 2)),
    WindowCase((3, 7, 8, 3), (3, 3), 2, strides=(3, 2)),
    WindowCase((2, 7, 8, 2), (2, 2), 3, strides=(3, 3)),
    WindowCase((1, 4, 5, 3), (4, 5), 2),
    WindowCase((2, 7, 6, 3), (3, 2), 2, strides=(2, 1), special=STRIDED),
    WindowCase((2, 7, 6, 3), (3, 2), 2, strides=(2, 1), special=FLOAT32),
)


class PlainDepthwiseConv2D(DepthwiseConv2D):
    """Strides, no padding, no dilation."""

    shapes = STRIDED_CASES
    options = ("strides",)
    contract = (
        "forward(x, kernel, bias, *, strides) -> (y, cache): x (N, H, W, C), kernel (KH, KW, C, M), bias (C * M,), no "
        "padding, y (N, OH, OW, C * M) with output channel c * M + m; backward(dy, cache) -> (dx, dkernel, dbias)"
    )
