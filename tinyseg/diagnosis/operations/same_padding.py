"""same_padding: how many zeros, and on which side; and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array, Pair
from tinyseg_kernels.windows import explicit_padding

from ..case import Case, Outputs, case_rng, small_integers, strided
from ..operation import Hypothesis, Operation, axis_sizes
from ..traits import (
    FLOAT32,
    GAPS,
    OVERLAPS,
    SEVERAL_FILTERS,
    STRIDED,
)
from .windows import WindowCase

CASES = (
    WindowCase((1, 3, 3, 1), (3, 3), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), by_hand=True),
    WindowCase((1, 2, 2, 1), (4, 4), by_hand=True),
    WindowCase((1, 3, 3, 1), (1, 1), by_hand=True),
    WindowCase((2, 2, 2, 1), (3, 3), by_hand=True),
    WindowCase((1, 2, 2, 2), (3, 3), by_hand=True),
    WindowCase((1, 2, 3, 1), (3, 3), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 3), by_hand=True),
    WindowCase((1, 4, 4, 1), (3, 3), strides=(2, 2), by_hand=True),
    WindowCase((1, 5, 5, 1), (3, 3), strides=(2, 2), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 5, 5, 1), (1, 1), strides=(3, 3), by_hand=True),
    WindowCase((1, 4, 4, 1), (5, 5), strides=(2, 3), by_hand=True),
    WindowCase((1, 3, 3, 1), (3, 3), dilation=(2, 2), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), dilation=(3, 3), by_hand=True),
    WindowCase((1, 3, 3, 1), (3, 3), dilation=(1, 2), by_hand=True),
    WindowCase((2, 5, 6, 3), (4, 3)),
    WindowCase((2, 7, 5, 2), (3, 6), strides=(2, 1)),
    WindowCase((2, 7, 4, 2), (4, 5), strides=(3, 2)),
    WindowCase((2, 9, 9, 2), (2, 2), strides=(5, 4)),
    WindowCase((2, 9, 7, 2), (3, 2), strides=(5, 5)),
    WindowCase((2, 5, 6, 3), (3, 2), dilation=(1, 3)),
    WindowCase((2, 6, 7, 2), (5, 3), strides=(2, 3), dilation=(2, 1)),
    WindowCase((1, 9, 8, 2), (2, 3), strides=(4, 2), dilation=(1, 3)),
    WindowCase((3, 10, 7, 1), (4, 2), strides=(3, 4), dilation=(2, 5)),
    WindowCase((2, 6, 5, 3), (4, 3), strides=(2, 1), dilation=(1, 2), special=STRIDED),
    WindowCase((2, 6, 5, 3), (4, 3), strides=(2, 1), dilation=(1, 2), special=FLOAT32),
)
"""Stride 1 first, then strides, dilation, and both; some need no padding."""


class Axis(NamedTuple):
    """What the padding of one axis depends on."""

    size: int
    window: int
    stride: int
    dilation: int

    @property
    def span(self) -> int:
        """Positions from the first to the last tap."""
        return (self.window - 1) * self.dilation + 1

    @property
    def out(self) -> int:
        """Outputs."""
        return -(-self.size // self.stride)

    def total(self, *, out: int | None = None, span: int | None = None) -> int:
        """Padded positions in all."""
        outputs, reach = self.out if out is None else out, self.span if span is None else span
        return max((outputs - 1) * self.stride + reach - self.size, 0)


Rule = Callable[[Axis], Pair]


def halves(total: int) -> Pair:
    """Return (before, after)."""
    return (total // 2, total - total // 2)


def halves_or_one_end(axis: Axis, end: int) -> Pair:
    """Return (before, after); a negative number, of pixels to be cut off, at one end only."""
    total = (axis.out - 1) * axis.stride + axis.span - axis.size
    return halves(total) if total >= 0 else (0, total) if end else (total, 0)


def right_rule(axis: Axis) -> Pair:
    """The rule of Keras."""
    return halves(axis.total())


class SamePadding(Operation):
    """Zeros around images, as padding='same' adds them."""

    name = "same_padding"
    contract = (
        "forward(x, *, kernel_size, strides, dilation_rate) -> padded: x (N, H, W, C), pairs; zeros around x so that "
        "the window makes ceil(size / stride) outputs, an odd one after"
    )
    results = ("padded",)
    gradients = ()
    has_cache = False

    def cases(self) -> list[Case]:
        """By hand first."""
        return [self._case(shape, number) for number, shape in enumerate(CASES)]

    def _case(self, shape: WindowCase, number: int) -> Case:
        rng = case_rng(number, 21)
        x = small_integers(rng, shape.image) if shape.by_hand else rng.standard_normal(shape.image)
        if shape.special == FLOAT32:
            x = x.astype(np.float32)
        if shape.special == STRIDED:
            x = strided(x)
        options = {"kernel_size": shape.window, "strides": shape.strides, "dilation_rate": shape.dilation}
        traits = shape._replace(padding="same").traits - {OVERLAPS, GAPS, SEVERAL_FILTERS}
        return Case({"x": x}, options, traits, by_hand=shape.by_hand)

    def right(self, case: Case) -> Outputs:
        """Ask the library."""
        o = case.options
        pads = explicit_padding("same", case.arrays["x"].shape[1:3], o["kernel_size"], o["strides"], o["dilation_rate"])
        return {"padded": np.pad(case.arrays["x"], ((0, 0), *pads, (0, 0)))}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Sizes of the image and the window."""
        sizes = axis_sizes(("N", "H", "W", "C"), case.arrays["x"])
        return sizes | axis_sizes(("KH", "KW"), np.empty(case.options["kernel_size"]))

    def axes(self, case: Case) -> tuple[Axis, Axis]:
        """Return rows and columns."""
        o = case.options
        pairs = (case.arrays["x"].shape[1:3], o["kernel_size"], o["strides"], o["dilation_rate"])
        rows, columns = (Axis(*numbers) for numbers in zip(*pairs, strict=True))
        return rows, columns

    # Mistakes ---------------------------------------------------------------------------------------------------------
    def mistakes(self) -> Iterator[Hypothesis]:
        """How much, where, and of what."""
        for cause, rule in RULES:
            yield self._by_rule(cause, rule, rule)
        for cause, rule in RULES:
            yield self._by_rule(cause, rule, right_rule, "in rows")
            yield self._by_rule(cause, right_rule, rule, "in columns")
        yield from self._pair_mistakes()
        yield from self._axis_mistakes()
        for cause, fill in FILLS:
            yield Hypothesis(cause, lambda case, fill=fill: self._filled(case, fill))
        yield Hypothesis("only-first-image", lambda case: {"padded": self.right(case)["padded"][:1]})
        for part in (slice(None), 0):  # of (rows, columns), the first is taken for the result

            def numbers(case: Case, part: Any = part) -> Outputs:
                return {"padded": np.array([right_rule(axis) for axis in self.axes(case)])[part]}

            yield Hypothesis("numbers-instead-of-the-image", numbers)
        yield Hypothesis("only-the-padding", lambda case: {"padded": np.zeros_like(self.right(case)["padded"])})

    def _by_rule(self, cause: str, rows: Rule, columns: Rule, detail: str = "") -> Hypothesis:
        def predict(case: Case) -> Outputs:
            vertical, horizontal = self.axes(case)
            return {"padded": self.padded(case, rows(vertical), columns(horizontal))}

        return Hypothesis(cause, predict, detail)

    def padded(self, case: Case, rows: Pair, columns: Pair) -> Array:
        """Return x with so many zeros; of negative numbers so much of x is missing."""
        return np.pad(_cut(_cut(case.arrays["x"], 1, rows), 2, columns), ((0, 0), _up(rows), _up(columns), (0, 0)))

    def _pair_mistakes(self) -> Iterator[Hypothesis]:
        """A pair of numbers is read in the wrong order, or one for both."""
        for option, swapped, one in (
            ("strides", "strides-swapped", "one-stride-for-both-axes"),
            ("dilation_rate", "dilations-swapped", "one-dilation-for-both-axes"),
            ("kernel_size", "window-height-and-width-swapped", "window-square-assumed"),
        ):
            changes: tuple[tuple[str, Callable[[Pair], Pair]], ...] = (
                (swapped, lambda pair: pair[::-1]),
                (one, lambda pair: (pair[0], pair[0])),
                (one, lambda pair: (pair[1], pair[1])),
            )
            for cause, change in changes:
                yield Hypothesis(cause, self._with_option(option, change))

        def exchanged(case: Case) -> Outputs:
            o = case.options
            return self.right(case.with_options(strides=o["dilation_rate"], dilation_rate=o["strides"]))

        yield Hypothesis("stride-and-dilation-swapped", exchanged)

        def sideways(case: Case) -> Outputs:
            rows, columns = self.axes(case)
            pads = (right_rule(rows._replace(size=columns.size)), right_rule(columns._replace(size=rows.size)))
            return {"padded": self.padded(case, *pads)}

        yield Hypothesis("height-and-width-swapped", sideways)

        def square(case: Case, side: int) -> Outputs:
            size = case.arrays["x"].shape[1 + side]
            rows, columns = (right_rule(axis._replace(size=size)) for axis in self.axes(case))
            return {"padded": self.padded(case, rows, columns)}

        for side, name in enumerate(("its height", "its width")):
            yield Hypothesis("image-square-assumed", lambda case, side=side: square(case, side), name)

    def _with_option(self, option: str, change: Callable[[Pair], Pair]) -> Callable[[Case], Outputs]:
        return lambda case: self.right(case.with_options(**{option: change(case.options[option])}))

    def _axis_mistakes(self) -> Iterator[Hypothesis]:
        """The right numbers at other axes, or those of one axis for both."""

        def pads(case: Case) -> tuple[Pair, Pair]:
            rows, columns = self.axes(case)
            return right_rule(rows), right_rule(columns)

        def at(*order: int) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                known = (*pads(case), (0, 0))
                return {"padded": np.pad(case.arrays["x"], [known[k] for k in order])}

            return predict

        yield Hypothesis("paddings-swapped", at(2, 1, 0, 2))
        yield Hypothesis("padding-of-one-axis-for-both", at(2, 0, 0, 2), "that of rows")
        yield Hypothesis("padding-of-one-axis-for-both", at(2, 1, 1, 2), "that of columns")
        yield Hypothesis("padding-at-the-wrong-axes", at(0, 1, 2, 2), "images and rows")
        yield Hypothesis("padding-at-the-wrong-axes", at(2, 2, 0, 1), "columns and channels")
        yield Hypothesis("padding-at-the-wrong-axes", at(0, 2, 2, 1), "images and channels")
        yield Hypothesis("padding-at-the-wrong-axes", at(0, 0, 1, 1), "all four")

        def read_by_ends(case: Case) -> Outputs:
            (top, bottom), (left, right) = pads(case)
            return {"padded": np.pad(case.arrays["x"], ((0, 0), (top, left), (bottom, right), (0, 0)))}

        yield Hypothesis("explicit-padding-misread", read_by_ends)

    def _filled(self, case: Case, fill: Any) -> Outputs:
        rows, columns = self.axes(case)
        pads = ((0, 0), right_rule(rows), right_rule(columns), (0, 0))
        if isinstance(fill, str):
            return {"padded": np.pad(case.arrays["x"], pads, mode=fill)}  # type: ignore[call-overload]
        if callable(fill):
            fill = fill(case.arrays["x"])
        return {"padded": np.pad(case.arrays["x"], pads, constant_values=fill)}


FILLS: tuple[tuple[str, Any], ...] = (
    ("padding-repeats-the-edge", "edge"),
    ("padding-reflects", "reflect"),
    ("padding-reflects", "symmetric"),
    ("image-wraps-around", "wrap"),
    ("padding-of-ones", 1),
    ("padding-not-finite", np.nan),
    ("padding-of-the-mean", np.mean),
    ("padding-of-the-smallest", np.min),
)
"""What stands around the image instead of zeros."""


RULES: tuple[tuple[str, Rule], ...] = (
    ("padding-ignored", lambda a: (0, 0)),
    ("padding-at-the-wrong-end", lambda a: halves(a.total())[::-1]),
    ("padding-only-before", lambda a: (a.total(), 0)),
    ("padding-only-after", lambda a: (0, a.total())),
    ("padding-not-halved", lambda a: (a.total(), a.total())),
    ("padding-symmetric", lambda a: (a.total() // 2,) * 2),
    ("padding-symmetric", lambda a: (-(-a.total() // 2),) * 2),
    ("padding-of-the-window-only", lambda a: ((a.window - 1) // 2,) * 2),
    ("padding-of-the-window-only", lambda a: (a.window // 2,) * 2),
    ("padding-of-the-window-only", lambda a: ((a.span - 1) // 2,) * 2),
    ("padding-of-the-window-only", lambda a: (a.span // 2,) * 2),
    ("padding-of-the-window-only", lambda a: halves(a.window - 1)),
    ("padding-not-for-the-stride", lambda a: halves(a.span - 1)),
    ("padding-not-for-the-stride", lambda a: halves(max(a.out - 1 + a.span - a.size, 0))),
    ("padding-not-for-the-stride", lambda a: halves(max(a.out * a.stride - a.size, 0))),
    ("padding-not-for-the-dilation", lambda a: halves(a.total(span=a.window))),
    ("window-span-too-long", lambda a: halves(a.total(span=a.window * a.dilation))),
    ("window-span-one-off", lambda a: halves(a.total(span=(a.window - 1) * a.dilation))),
    ("window-span-one-off", lambda a: halves(a.total(span=(a.window - 1) * a.dilation + 2))),
    ("dilation-added-instead-of-multiplied", lambda a: halves(a.total(span=a.window + a.dilation))),
    ("dilation-added-instead-of-multiplied", lambda a: halves(a.total(span=a.window + a.dilation - 1))),
    ("dilation-one-off", lambda a: halves(a.total(span=(a.window - 1) * (a.dilation + 1) + 1))),
    ("output-size-rounded-down", lambda a: halves(a.total(out=a.size // a.stride))),
    ("output-one-too-many", lambda a: halves(a.total(out=a.out + 1))),
    ("output-one-too-many", lambda a: halves(a.total(out=a.size // a.stride + 1))),
    ("output-one-too-few", lambda a: halves(a.total(out=a.out - 1))),
    ("output-size-ignores-the-stride", lambda a: halves(a.total(out=a.size))),
    ("output-size-of-valid", lambda a: halves(a.total(out=max((a.size - a.span) // a.stride + 1, 0)))),
    ("padding-one-off", lambda a: halves(a.total() + 1)),
    ("padding-one-off", lambda a: halves(max(a.total() - 1, 0))),
    ("padding-one-off", lambda a: (a.total() // 2 + 1, a.total() - a.total() // 2 + 1)),
    ("negative-padding", lambda a: halves(abs((a.out - 1) * a.stride + a.span - a.size))),
    ("negative-padding", lambda a: halves((a.out - 1) * a.stride + a.span - a.size)),
    ("negative-padding", lambda a: halves(max((a.out - 1) * a.stride + a.span - a.size, 1))),
    ("negative-padding", lambda a: halves_or_one_end(a, 0)),
    ("negative-padding", lambda a: halves_or_one_end(a, 1)),
    ("image-size-forgotten", lambda a: halves(max((a.out - 1) * a.stride + a.span, 0))),
    ("padding-one-off", lambda a: (a.total() // 2, a.total() // 2 + 1 if a.total() else 0)),
    ("padding-rounded-to-even", lambda a: (round(a.total() / 2), a.total() - round(a.total() / 2))),
    ("padding-rounded-to-even", lambda a: (round(a.total() / 2),) * 2),
)
"""Wrong numbers of zeros (before, after) along one axis."""


def _up(pair: Pair) -> Pair:
    return (max(pair[0], 0), max(pair[1], 0))


def _cut(array: Array, axis: int, pair: Pair) -> Array:
    """Cut off as many entries at the ends as negative numbers say."""
    first, last = max(-pair[0], 0), array.shape[axis] - max(-pair[1], 0)
    return array.take(range(first, max(last, first)), axis)
