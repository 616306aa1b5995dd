"""Windows over an image, as index tables that can be got wrong on purpose.

Output o of an axis sees the positions o * s - before + i * d. The kernels use views and slices for this; here it is an
explicit table, so that each number in the formula can be replaced by a wrong one (stride ignored, height and width
swapped, padding one off), and so that a sum into overlapping places can be replaced by an assignment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array, Padding, Pair
from tinyseg_kernels.windows import explicit_padding, output_size, window_span

Pads = tuple[Pair, Pair]


@dataclass(frozen=True)
class Geometry:
    """Image size, window, steps, zeros around, and number of outputs."""

    size: Pair
    window: Pair
    strides: Pair
    dilation: Pair
    pads: Pads
    out: Pair
    padding: Padding = "valid"
    outside: str = "skip"
    """What stands beyond the image: 'skip' (nothing), 'wrap' (a negative index counts from the end), 'circle' (the
    image begins anew), 'edge' (the border again), 'reflect', 'moved' (a window that begins before the image is moved
    into it), 'moved back' (at both ends)."""

    @classmethod
    def of(cls, size: Pair, window: Pair, strides: Pair, padding: Padding, dilation: Pair = (1, 1)) -> Geometry:
        """Work out the right geometry."""
        pads = explicit_padding(padding, size, window, strides, dilation)
        return cls(size, window, strides, dilation, pads, output_size(size, window, strides, pads, dilation), padding)

    def with_right_output(self) -> Geometry:
        """Return the geometry with as many outputs as its own (wrong) numbers give."""
        return replace(self, out=output_size(self.size, self.window, self.strides, self.pads, self.dilation))

    def positions(self, axis: int) -> Array:
        """Return the table (outputs, taps) of positions along an axis; the image's size stands for 'outside'."""
        o, i = np.arange(self.out[axis])[:, None], np.arange(self.window[axis])[None, :]
        p, n = o * self.strides[axis] - self.pads[axis][0] + i * self.dilation[axis], self.size[axis]
        if self.outside == "wrap":
            return np.where((p >= -n) & (p < n), p % n, n)
        if self.outside == "moved":
            start = np.maximum(o * self.strides[axis] - self.pads[axis][0], 0)
            p = start + i * self.dilation[axis]
        if self.outside == "moved back":
            start = o * self.strides[axis] - self.pads[axis][0]
            p = np.clip(start, 0, max(n - self.window[axis], 0)) + i * self.dilation[axis]
        if self.outside == "circle":
            return p % n
        if self.outside == "edge":
            return np.clip(p, 0, n - 1)
        if self.outside == "reflect":
            p = np.abs(p)
            return np.clip(np.where(p >= n, 2 * n - 2 - p, p), 0, n - 1)
        return np.where((p >= 0) & (p < n), p, n)

    @property
    def inside(self) -> Array:
        """Return which taps (OH, KH, OW, KW) lie in the image."""
        rows, columns = self.positions(0) < self.size[0], self.positions(1) < self.size[1]
        return rows[:, :, None, None] & columns[None, None]


def gather(image: Array, geometry: Geometry, fill: float = 0.0) -> Array:
    """Return the windows (N, OH, KH, OW, KW, C) of images (N, H, W, C)."""
    wide = np.pad(image, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=fill)
    return wide[:, geometry.positions(0)][:, :, :, geometry.positions(1)]


def scatter(windows: Array, geometry: Geometry, how: str = "add") -> Array:
    """Put windows (N, OH, KH, OW, KW, C) back onto an image (N, H, W, C), adding up where they overlap.

    `how`: 'add'; 'last window' (assigned, window by window); 'last tap' (assigned, tap by tap); 'first window'; 'mean'
    (of the contributions); 'maximum'.
    """
    images, channels = windows.shape[0], windows.shape[-1]
    height, width = geometry.size
    wide: Array = np.zeros((images, height + 1, width + 1, channels), windows.dtype)
    rows, columns = geometry.positions(0), geometry.positions(1)
    places: Any = (slice(None), rows[:, :, None, None], columns[None, None])
    if how in ("add", "mean"):
        np.add.at(wide, places, windows)
        if how == "mean":
            counts = np.zeros((height + 1, width + 1))
            np.add.at(counts, (rows[:, :, None, None], columns[None, None]), 1.0)
            wide = wide / np.maximum(counts, 1)[:, :, None]
    elif how == "last tap":
        for i, j in np.ndindex(*geometry.window):
            wide[:, rows[:, i][:, None], columns[:, j][None]] = windows[:, :, i, :, j]
    elif how == "maximum":
        np.maximum.at(wide, places, windows)
    else:
        outputs = list(np.ndindex(*geometry.out))
        for oh, ow in outputs if how == "last window" else reversed(outputs):
            wide[:, rows[oh][:, None], columns[ow][None]] = windows[:, oh, :, ow]
    return wide[:, :height, :width]


def overlap_counts(geometry: Geometry) -> Array:
    """Return how many windows meet each pixel (H, W)."""
    one = np.ones((1, *(n for pair in zip(geometry.out, geometry.window, strict=True) for n in pair), 1))
    return scatter(one, geometry)[0, :, :, 0]


Change = Callable[[Geometry], Geometry]


class GeometryMistake(NamedTuple):
    """A wrong number in o * s - before + i * d, or a wrong number of outputs."""

    cause: str
    change: Change
    of_dilation: bool = False
    """Whether it can only be made where there is a dilation."""


def _symmetric_padding(g: Geometry, dilation: Pair, *, up: bool) -> Geometry:
    """Pad by half the span on both sides, whatever the stride: what 'same' means where all sides get the same zeros."""
    half = tuple((window_span(k, d) - 1 + up) // 2 for k, d in zip(g.window, dilation, strict=True))
    return replace(g, pads=((half[0], half[0]), (half[1], half[1])))


def _moved(g: Geometry, h: int, w: int) -> Geometry:
    (top, bottom), (left, right) = g.pads
    return replace(g, pads=((top + h, bottom - h), (left + w, right - w)))


def _grown(g: Geometry, by: int) -> Geometry:
    """Pad more or less on all sides that are padded at all."""
    top_bottom, left_right = ((max(b + by, 0), max(a + by, 0)) if b or a else (0, 0) for b, a in g.pads)
    return replace(g, pads=(top_bottom, left_right))


def _remade(g: Geometry, strides: Pair, dilation: Pair) -> Geometry:
    """Return the geometry of other steps, padding included."""
    return Geometry.of(g.size, g.window, strides, g.padding, dilation)


def _padding_of_stride_one(g: Geometry, dilation: Pair) -> Geometry:
    if g.padding != "same":
        return g
    return replace(g, pads=explicit_padding("same", g.size, g.window, (1, 1), dilation))


def _other_strides(g: Geometry, change: Callable[[int], int]) -> Geometry:
    return replace(g, strides=(change(g.strides[0]), change(g.strides[1])))


def _ends_swapped(g: Geometry) -> Geometry:
    (top, bottom), (left, right) = g.pads
    return replace(g, pads=((bottom, top), (right, left)))


def cut_alike(geometry: Geometry, whole: Array, end: int) -> Array:
    """Return an image without its padding, as if at both ends there were as much as before (0) or after it (1)."""
    top, left = (max(pads[end], 0) for pads in geometry.pads)
    return whole[:, top : whole.shape[1] - top, left : whole.shape[2] - left]


def geometry_mistakes() -> Iterator[GeometryMistake]:
    """Yield wrong numbers in o * s - before + i * d."""
    yield GeometryMistake("stride-ignored", lambda g: replace(g, strides=(1, 1)))
    yield GeometryMistake("stride-ignored", lambda g: _remade(g, (1, 1), g.dilation))
    yield GeometryMistake("strides-swapped", lambda g: _remade(g, g.strides[::-1], g.dilation))
    yield GeometryMistake("one-stride-for-both-axes", lambda g: _remade(g, (g.strides[0],) * 2, g.dilation))
    yield GeometryMistake("one-stride-for-both-axes", lambda g: _remade(g, (g.strides[1],) * 2, g.dilation))
    yield GeometryMistake("dilation-ignored", lambda g: _remade(g, g.strides, (1, 1)), of_dilation=True)
    yield GeometryMistake("dilations-swapped", lambda g: _remade(g, g.strides, g.dilation[::-1]), of_dilation=True)
    yield GeometryMistake(
        "one-dilation-for-both-axes", lambda g: _remade(g, g.strides, (g.dilation[0],) * 2), of_dilation=True
    )
    yield GeometryMistake(
        "one-dilation-for-both-axes", lambda g: _remade(g, g.strides, (g.dilation[1],) * 2), of_dilation=True
    )
    yield GeometryMistake("strides-swapped", lambda g: replace(g, strides=g.strides[::-1]))
    yield GeometryMistake("one-stride-for-both-axes", lambda g: replace(g, strides=(g.strides[0],) * 2))
    yield GeometryMistake("one-stride-for-both-axes", lambda g: replace(g, strides=(g.strides[1],) * 2))
    yield GeometryMistake("stride-ignored-in-one-axis", lambda g: replace(g, strides=(1, g.strides[1])))
    yield GeometryMistake("stride-ignored-in-one-axis", lambda g: replace(g, strides=(g.strides[0], 1)))
    yield GeometryMistake("stride-replaced-by-window", lambda g: replace(g, strides=g.window))
    yield GeometryMistake("stride-replaced-by-window", lambda g: _remade(g, g.window, g.dilation))
    yield GeometryMistake(
        "stride-one-off", lambda g: _remade(g, (max(g.strides[0] - 1, 1), max(g.strides[1] - 1, 1)), g.dilation)
    )
    yield GeometryMistake("dilation-ignored", lambda g: replace(g, dilation=(1, 1)), of_dilation=True)
    yield GeometryMistake("dilations-swapped", lambda g: replace(g, dilation=g.dilation[::-1]), of_dilation=True)
    yield GeometryMistake(
        "dilation-ignored-in-one-axis", lambda g: replace(g, dilation=(1, g.dilation[1])), of_dilation=True
    )
    yield GeometryMistake(
        "dilation-ignored-in-one-axis", lambda g: replace(g, dilation=(g.dilation[0], 1)), of_dilation=True
    )
    yield GeometryMistake(
        "one-dilation-for-both-axes", lambda g: replace(g, dilation=(g.dilation[0],) * 2), of_dilation=True
    )
    yield GeometryMistake(
        "one-dilation-for-both-axes", lambda g: replace(g, dilation=(g.dilation[1],) * 2), of_dilation=True
    )
    yield GeometryMistake(
        "dilation-added-instead-of-multiplied",
        lambda g: replace(_moved(g, 1 - g.dilation[0], 1 - g.dilation[1]), dilation=(1, 1)),
        of_dilation=True,
    )
    yield GeometryMistake(
        "explicit-padding-misread",
        lambda g: (
            g
            if isinstance(g.padding, str)
            else replace(g, pads=((g.pads[0][0], g.pads[1][0]), (g.pads[0][1], g.pads[1][1])))
        ),
    )
    yield GeometryMistake(
        "dilation-one-off", lambda g: replace(g, dilation=(g.dilation[0] + 1, g.dilation[1] + 1)), of_dilation=True
    )
    yield GeometryMistake("stride-one-off", lambda g: _other_strides(g, lambda s: s + (s > 1)))
    yield GeometryMistake("stride-one-off", lambda g: replace(g, strides=(g.strides[0] + 1, g.strides[1] + 1)))
    yield GeometryMistake("stride-one-off", lambda g: _other_strides(g, lambda s: max(s - 1, 1)))
    yield GeometryMistake(
        "stride-and-dilation-swapped", lambda g: replace(g, strides=g.dilation, dilation=g.strides), of_dilation=True
    )
    yield GeometryMistake(
        "dilation-in-the-place-of-the-stride", lambda g: replace(g, strides=g.dilation), of_dilation=True
    )
    yield GeometryMistake(
        "stride-in-the-place-of-the-dilation", lambda g: replace(g, dilation=g.strides), of_dilation=True
    )
    yield GeometryMistake("padding-ignored", lambda g: replace(g, pads=((0, 0), (0, 0))))
    yield GeometryMistake(
        "padding-added-instead-of-subtracted",
        lambda g: replace(g, pads=((-g.pads[0][0], g.pads[0][1]), (-g.pads[1][0], g.pads[1][1]))),
    )
    yield GeometryMistake("paddings-swapped", lambda g: replace(g, pads=g.pads[::-1]))
    yield GeometryMistake("padding-not-for-the-stride", lambda g: _padding_of_stride_one(g, g.dilation))
    yield GeometryMistake(
        "padding-not-for-the-dilation",
        lambda g: (
            replace(g, pads=explicit_padding("same", g.size, g.window, g.strides, (1, 1))) if g.padding == "same" else g
        ),
        of_dilation=True,
    )
    yield GeometryMistake("padding-at-the-wrong-end", _ends_swapped)
    yield GeometryMistake(
        "padding-symmetric", lambda g: _symmetric_padding(g, g.dilation, up=False) if g.padding == "same" else g
    )
    yield GeometryMistake(
        "padding-symmetric", lambda g: _symmetric_padding(g, g.dilation, up=True) if g.padding == "same" else g
    )
    yield GeometryMistake(
        "padding-symmetric", lambda g: _symmetric_padding(g, (1, 1), up=False) if g.padding == "same" else g
    )
    yield GeometryMistake("padding-of-one-axis-for-both", lambda g: replace(g, pads=(g.pads[0], g.pads[0])))
    yield GeometryMistake("padding-of-one-axis-for-both", lambda g: replace(g, pads=(g.pads[1], g.pads[1])))
    yield GeometryMistake(
        "padding-of-one-end-for-both", lambda g: replace(g, pads=((g.pads[0][0],) * 2, (g.pads[1][0],) * 2))
    )
    yield GeometryMistake(
        "padding-of-one-end-for-both", lambda g: replace(g, pads=((g.pads[0][1],) * 2, (g.pads[1][1],) * 2))
    )
    yield GeometryMistake("padding-ignored-in-one-axis", lambda g: replace(g, pads=((0, 0), g.pads[1])))
    yield GeometryMistake("padding-ignored-in-one-axis", lambda g: replace(g, pads=(g.pads[0], (0, 0))))
    yield GeometryMistake("padding-only-before", lambda g: replace(g, pads=((sum(g.pads[0]), 0), (sum(g.pads[1]), 0))))
    yield GeometryMistake("padding-only-after", lambda g: replace(g, pads=((0, sum(g.pads[0])), (0, sum(g.pads[1])))))
    yield GeometryMistake("padding-one-off", lambda g: _grown(g, -1))
    yield GeometryMistake("padding-one-off", lambda g: _grown(g, 1))
    for h, w in ((1, 1), (-1, -1), (1, 0), (0, 1), (-1, 0), (0, -1)):
        yield GeometryMistake("index-one-off", lambda g, h=h, w=w: _moved(g, h, w))
    yield GeometryMistake("negative-index-wraps", lambda g: replace(g, outside="wrap"))
    yield GeometryMistake("image-wraps-around", lambda g: replace(g, outside="circle"))
    yield GeometryMistake("border-windows-moved", lambda g: replace(g, outside="moved"))
    yield GeometryMistake("border-windows-moved", lambda g: replace(g, outside="moved back"))
    yield GeometryMistake("padding-repeats-the-edge", lambda g: replace(g, outside="edge"))
    yield GeometryMistake("padding-reflects", lambda g: replace(g, outside="reflect"))
    yield GeometryMistake(
        "height-and-width-swapped",
        lambda g: replace(g, strides=g.strides[::-1], dilation=g.dilation[::-1], pads=g.pads[::-1]),
    )


def index_mistakes() -> Iterator[tuple[str, Change]]:
    """Yield o * s - before + i * d without one of its terms, or with the tap subtracted."""
    for axes in ((0, 1), (0,), (1,)):

        def without(pair: Pair, axes: tuple[int, ...] = axes) -> Pair:
            return (0 if 0 in axes else pair[0], 0 if 1 in axes else pair[1])

        def minus(pair: Pair, axes: tuple[int, ...] = axes) -> Pair:
            return (-pair[0] if 0 in axes else pair[0], -pair[1] if 1 in axes else pair[1])

        yield "tap-offset-missing", lambda g, f=without: replace(g, dilation=f(g.dilation))
        yield "window-does-not-move", lambda g, f=without: replace(g, strides=f(g.strides))
        yield (
            "tap-offset-subtracted",
            lambda g, f=minus: replace(g, dilation=f(g.dilation), outside="wrap"),
        )
        yield "tap-offset-subtracted", lambda g, f=minus: replace(g, dilation=f(g.dilation))


def output_mistakes() -> Iterator[GeometryMistake]:
    """Yield wrong numbers of outputs."""
    yield GeometryMistake("output-one-too-few", lambda g: replace(g, out=(max(g.out[0] - 1, 0), max(g.out[1] - 1, 0))))
    yield GeometryMistake("output-one-too-many", lambda g: replace(g, out=(g.out[0] + 1, g.out[1] + 1)))
    for h, w in ((1, 0), (0, 1)):
        yield GeometryMistake(
            "output-one-too-few", lambda g, h=h, w=w: replace(g, out=(max(g.out[0] - h, 0), max(g.out[1] - w, 0)))
        )
        yield GeometryMistake("output-one-too-many", lambda g, h=h, w=w: replace(g, out=(g.out[0] + h, g.out[1] + w)))
    yield GeometryMistake(
        "output-size-ignores-the-padding",
        lambda g: replace(g, out=output_size(g.size, g.window, g.strides, ((0, 0), (0, 0)), g.dilation)),
    )
    for axis in (0, 1):
        yield GeometryMistake(
            "output-size-ignores-the-padding",
            lambda g, axis=axis: replace(
                g,
                out=output_size(
                    g.size,
                    g.window,
                    g.strides,
                    (g.pads[0] if axis else (0, 0), (0, 0) if axis else g.pads[1]),
                    g.dilation,
                ),
            ),
        )
    yield GeometryMistake(
        "output-size-of-windows-side-by-side",
        lambda g: replace(g, out=(g.size[0] // g.window[0], g.size[1] // g.window[1])),
    )
    yield GeometryMistake(
        "output-size-rounded-up",
        lambda g: replace(
            g,
            out=tuple(  # type: ignore[arg-type]
                -(-(n + sum(p) - window_span(k, d)) // s) + 1
                for n, p, k, s, d in zip(g.size, g.pads, g.window, g.strides, g.dilation, strict=True)
            ),
        ),
    )
    yield GeometryMistake(
        "output-size-rounded-down", lambda g: replace(g, out=(g.size[0] // g.strides[0], g.size[1] // g.strides[1]))
    )
    yield GeometryMistake(
        "output-size-rounded-down",
        lambda g: replace(g, out=(g.size[0] // g.strides[0], g.size[1] // g.strides[1])) if g.padding == "same" else g,
    )
    yield GeometryMistake(
        "output-size-ignores-the-window",
        lambda g: replace(g, out=(-(-g.size[0] // g.strides[0]), -(-g.size[1] // g.strides[1]))),
    )
    yield GeometryMistake(
        "output-size-without-plus-one",
        lambda g: replace(
            g,
            out=tuple(  # type: ignore[arg-type]
                (n + sum(p) - window_span(k, d)) // s
                for n, p, k, s, d in zip(g.size, g.pads, g.window, g.strides, g.dilation, strict=True)
            ),
        ),
    )
    yield GeometryMistake(
        "output-size-ignores-dilation",
        lambda g: replace(g, out=output_size(g.size, g.window, g.strides, g.pads)),
        of_dilation=True,
    )
    yield GeometryMistake(
        "window-span-too-long",
        lambda g: replace(
            g,
            out=output_size(g.size, (g.window[0] * g.dilation[0], g.window[1] * g.dilation[1]), g.strides, g.pads),
        ),
        of_dilation=True,
    )
    yield GeometryMistake("output-height-and-width-swapped", lambda g: replace(g, out=g.out[::-1]))
