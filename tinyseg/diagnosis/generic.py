"""Mistakes that any operation can have: an input read wrongly, or a right result treated wrongly at the end.

Both need no knowledge of the operation. The first kind runs the right operation on changed inputs (the last image left
out, dy replaced by ones); the second changes the right result (sign, factor, transposition, a row missing).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Outputs

from .axes import AXES, plural
from .case import Case
from .operation import Hypothesis, Operation

Change = Callable[[Array], Array | None]
"""What is done to an array; None where it cannot be done."""

# Inputs read wrongly -------------------------------------------------------------------------------------------------


def input_hypotheses(operation: Operation) -> Iterator[Hypothesis]:
    """Yield what comes out when an input is read wrongly."""
    for name, axes in operation.input_changes().items():
        for cause, change in _changes(name, axes):
            yield Hypothesis(cause, _on_changed_input(operation, name, change), f"in {name}")


def _on_changed_input(operation: Operation, name: str, change: Callable[[Array], Array | None]) -> Any:
    def predict(case: Case) -> Outputs:
        old = case.dy if name == "dy" else case.arrays[name]
        if old is None:
            return {}
        new = change(np.asarray(old))
        if new is None or new.shape != np.shape(old):
            return {}
        # What was right about the case's own reduction or mask stays; only the number that is read changes.
        return operation.right(case.with_dy(new) if name == "dy" else case.with_arrays(**{name: new}))

    return predict


OPTIONS: Mapping[str, tuple[str, str, str]] = {
    "strides": ("strides-swapped", "one-stride-for-both-axes", "stride-ignored"),
    "dilation_rate": ("dilations-swapped", "one-dilation-for-both-axes", "dilation-ignored"),
    "pool_size": ("window-height-and-width-swapped", "window-square-assumed", "window-ignored"),
    "size": ("factors-swapped", "one-factor-for-both-axes", "factor-ignored"),
}
"""Causes of a pair of numbers that is swapped, used in part, or replaced by 1 or 2."""


def option_hypotheses(operation: Operation) -> Iterator[Hypothesis]:
    """Yield what comes out when an option is read wrongly, the size of the output included."""

    def with_pair(option: str, change: Callable[[tuple[int, int]], tuple[int, int]]) -> Any:
        def predict(case: Case) -> Outputs:
            return _fitting(operation, case, case.with_options(**{option: change(case.options[option])}))

        return predict

    for option, (swapped, one, ignored) in OPTIONS.items():
        if any(option in case.options for case in operation.cases()):
            yield Hypothesis(swapped, with_pair(option, lambda pair: pair[::-1]))
            yield Hypothesis(one, with_pair(option, lambda pair: (pair[0], pair[0])), "the vertical one")
            yield Hypothesis(one, with_pair(option, lambda pair: (pair[1], pair[1])), "the horizontal one")
            yield Hypothesis(ignored, with_pair(option, lambda pair: (1, 1)), "1 is used")
            yield Hypothesis(ignored, with_pair(option, lambda pair: (2, 2)), "2 is used")
    if any("padding" in case.options for case in operation.cases()):
        for always, cause in (("valid", "padding-ignored"), ("same", "padding-where-none-was-asked")):
            yield Hypothesis(
                cause,
                lambda case, a=always: _fitting(operation, case, case.with_options(padding=a)),
                f"always {always!r}",
            )


def _fitting(operation: Operation, case: Case, wrong: Case) -> Outputs:
    """Return the results of another configuration; gradients only where dy fits its output."""
    y = operation.right(wrong.with_dy(None))
    if case.dy is not None and all(np.shape(value) == np.shape(case.dy) for value in y.values()):
        return operation.right(wrong)
    return y


def _changes(name: str, axes: tuple[str, ...]) -> Iterator[tuple[str, Callable[[Array], Array | None]]]:
    if name == "dy":
        yield "upstream-ignored", np.ones_like
        yield "upstream-summed", lambda a: np.broadcast_to(a.sum(), a.shape)
        yield "upstream-averaged", lambda a: np.broadcast_to(a.mean(), a.shape)
        if len(axes) == 4:
            yield "upstream-averaged", lambda a: np.broadcast_to(a.mean(axis=(1, 2), keepdims=True), a.shape)
        yield "upstream-squared", np.square
        yield "upstream-sign-lost", np.abs
        yield "upstream-sign-only", np.sign
        yield "upstream-cut-off-at-zero", lambda a: np.maximum(a, 0)
    # Counted from the end: where the first is all positions, an array has as many axes for them as it has.
    named = [(axis - len(axes), label) for axis, label in enumerate(axes) if label != "P" or len(axes) == 1]
    for axis, label in named:
        word = AXES[label]
        for cause, part in _ends(word):
            for at_least_one in (False, True):
                yield cause, lambda a, axis=axis, p=part, one=at_least_one: _keep(a, axis, p, at_least_one=one)
    yield from _changes_of_numbers(name, len(axes))
    yield from _changes_of_positions(axes)
    for axis, label in named:
        word = AXES[label]
        yield f"{plural(word)}-reversed", lambda a, axis=axis: np.flip(a, axis)
        yield f"{plural(word)}-shifted", lambda a, axis=axis: np.roll(a, 1, axis)
        yield f"{plural(word)}-shifted", lambda a, axis=axis: np.roll(a, -1, axis)
        yield f"first-{word}-for-all", lambda a, axis=axis: np.broadcast_to(a.take([0], axis), a.shape)
        yield (
            f"{plural(word)}-averaged",
            lambda a, axis=axis: np.broadcast_to(a.mean(axis=axis, keepdims=True), a.shape),
        )
        yield f"{plural(word)}-summed", lambda a, axis=axis: np.broadcast_to(a.sum(axis=axis, keepdims=True), a.shape)
    if len(axes) > 2:
        yield "only-last-position", lambda a: _keep_last_place(a)
    if len(axes) >= 4:
        rows = 1 if axes[0] == "N" else 0
        yield "height-and-width-swapped", lambda a: a.swapaxes(rows, rows + 1)
        yield "flipped", lambda a: np.flip(a, (rows, rows + 1))
    for order in _orders(len(axes)):
        yield "reshaped-instead-of-transposed", lambda a, order=order: _reshape_transpose(a, order)
        yield "reshaped-instead-of-transposed", lambda a, order=order: a.transpose(order).reshape(a.shape)


def _changes_of_numbers(name: str, rank: int) -> Iterator[tuple[str, Change]]:
    """Yield what becomes of the numbers of an input that is prepared first."""
    if name != "dy":
        yield "input-sign-lost", np.abs
        yield "input-squared", np.square
        yield "input-cut-off-at-zero", lambda a: np.maximum(a, 0)
        yield "input-centred", lambda a: a - a.mean()
    for axis in range(rank):
        yield "input-centred", lambda a, axis=axis: a - a.mean(axis=axis, keepdims=True)
        yield "input-normalised", lambda a, axis=axis: a / np.sqrt((a**2).sum(axis=axis, keepdims=True))
    yield "input-normalised", lambda a: a / np.sqrt((a**2).sum())


def _changes_of_positions(axes: tuple[str, ...]) -> Iterator[tuple[str, Change]]:
    """Yield what becomes of rows and columns together, or of the taps of a kernel."""
    if len(axes) == 4 and axes[0] in ("N", "KH"):
        place, word = ((1, 2), "position") if axes[0] == "N" else ((0, 1), "tap")
        for cause, part in _ends(word):
            yield cause, lambda a, place=place, p=part: _keep_both(a, place, p)
        yield f"{word}s-summed", lambda a, place=place: np.broadcast_to(a.sum(axis=place, keepdims=True), a.shape)
        yield f"{word}s-averaged", lambda a, place=place: np.broadcast_to(a.mean(axis=place, keepdims=True), a.shape)
    if axes[:1] == ("P",):  # all axes but the last are positions
        yield "first-position-for-all", lambda a: _first_place(a, rows=len(axes) > 1)
        for cause, part in _ends("position"):
            for one in (False, True):
                yield cause, lambda a, p=part, one=one: _keep_flat(a, p, rows=len(axes) > 1, at_least_one=one)


def _first_place(a: Array, *, rows: bool) -> Array:
    """Return the first position (or number) in the place of all."""
    first = a.reshape(-1, a.shape[-1])[:1] if rows and a.ndim > 1 else a.reshape(-1)[:1]
    return np.broadcast_to(first, a.shape)


def _keep_both(a: Array, axes: tuple[int, int], part: slice) -> Array:
    """Keep a part of all places along two axes, in row-major order."""
    moved = np.moveaxis(a, axes, (0, 1))
    flat = moved.reshape(-1, *moved.shape[2:])
    return np.moveaxis(_keep(flat, 0, part).reshape(moved.shape), (0, 1), axes)


def _ends(word: str) -> tuple[tuple[str, slice], ...]:
    """Return what is left when a loop over an axis begins or ends at the wrong place."""
    return (
        (f"only-first-{word}", slice(0, 1)),
        (f"only-last-{word}", slice(-1, None)),
        (f"last-{word}-missing", slice(0, -1)),
        (f"first-{word}-missing", slice(1, None)),
    )


def _keep(a: Array, axis: int, part: slice, *, at_least_one: bool = False) -> Array:
    """Keep a part along an axis, zeros elsewhere; `at_least_one`: an axis of one entry keeps it."""
    index = (slice(None),) * (axis % a.ndim) + (part,)
    if at_least_one and a.shape[axis] < 2:
        return a
    kept = np.zeros_like(a)
    kept[index] = a[index]
    return kept


def _keep_last_place(a: Array) -> Array:
    kept = np.zeros_like(a)
    index = (-1,) * (a.ndim - 1)
    kept[index] = a[index]
    return kept


def _orders(rank: int) -> list[tuple[int, ...]]:
    """Return the permutations of the axes that layouts differ by; all for up to three axes."""
    if rank < 2 or rank > 5:
        return []
    if rank <= 4:
        return [p for p in itertools.permutations(range(rank)) if p != tuple(range(rank))]
    return [(4, 0, 1, 2, 3), (1, 2, 3, 4, 0)]


def _reshape_transpose(a: Array, order: tuple[int, ...]) -> Array:
    """Read the same memory in another order: reshape to the permuted shape, then transpose back."""
    shape = tuple(a.shape[k] for k in order)
    return np.ascontiguousarray(a).reshape(shape).transpose(np.argsort(order))


# Right results treated wrongly ---------------------------------------------------------------------------------------


def result_relations(axes: Mapping[int, str]) -> Iterator[tuple[str, Change, str]]:
    """Yield (cause, change, detail): simple things done to a right result; `axes` names its axes by number."""

    def word(axis: int) -> str:
        return AXES.get(axes.get(axis, ""), f"axis-{axis}")

    rank = len(axes)
    yield "sign-flipped", np.negative, ""
    yield "all-zero", np.zeros_like, ""
    yield "all-ones", np.ones_like, ""
    yield "sign-lost", np.abs, ""
    yield "negative-part-lost", lambda a: np.maximum(a, 0), ""
    yield "positive-part-lost", lambda a: np.minimum(a, 0), ""
    yield "squared", np.square, ""
    yield "clipped", lambda a: np.clip(a, -1, 1), "to the range from -1 to 1"
    yield "clipped", lambda a: np.clip(a, 0, 1), "to the range from 0 to 1"
    yield "clipped", lambda a: np.clip(a, 0, 6), "to the range from 0 to 6"
    yield "scaled-to-unit-length", lambda a: a / np.sqrt((a**2).sum()), ""
    yield "scaled-to-unit-length", lambda a: a / np.abs(a).max(), "by its largest magnitude"
    yield (
        "scaled-to-unit-length",
        lambda a: a / max(np.abs(a).max(), 1),
        "by its largest magnitude where that is above 1",
    )
    yield "mean-subtracted", lambda a: a - a.mean(), ""
    yield "square-root-missing", np.square, ""
    yield "truncated-to-integers", np.trunc, ""
    yield "truncated-to-integers", np.floor, ""
    yield "truncated-to-integers", np.round, ""
    for digits in range(1, 7):
        yield "rounded", lambda a, k=digits: np.round(a, k), f"to {digits} digits"
        if rank == 0:  # Python's round and NumPy's differ where a number looks like a tie
            yield "rounded", lambda a, k=digits: np.asarray(round(float(a), k)), f"to {digits} digits"
    yield "offset-by-one", lambda a: a + 1, ""
    yield "offset-by-one", lambda a: a - 1, ""
    yield "inverted", lambda a: 1 / a, ""
    yield "one-minus", lambda a: 1 - a, ""
    yield "logarithm-missing", np.exp, ""
    yield "logarithm-taken", np.log, ""
    yield "transposed", lambda x: x.T, "all axes reversed"
    for a, b in itertools.combinations(range(rank), 2):
        yield "transposed", lambda x, a=a, b=b: x.swapaxes(a, b), f"axes {a} and {b}"
    for k in range(1, min(rank, 3) + 1):
        for chosen in itertools.combinations(range(rank), k):
            yield "flipped", lambda x, chosen=chosen: np.flip(x, chosen), f"along {_list(chosen)}"
    for cause, change in left_out(axes):
        yield cause, change, ""
    for axis in range(rank):
        name = word(axis)
        yield "mean-subtracted", lambda x, axis=axis: x - x.mean(axis=axis, keepdims=True), f"along axis {axis}"
        for index, end in ((0, "first"), (-1, "last")):
            yield f"all-in-the-{end}-{name}", lambda x, axis=axis, index=index: _heaped(x, axis, index), ""
        for by in (1, -1):
            yield "shifted", lambda x, axis=axis, by=by: np.roll(x, by, axis), f"by one along axis {axis}"
            yield "shifted", lambda x, axis=axis, by=by: _shift(x, by, axis), f"by one along axis {axis}"
        yield "summed-over-an-axis", lambda x, axis=axis: x.sum(axis=axis), f"axis {axis}"
        yield "summed-over-an-axis", lambda x, axis=axis: x.sum(axis=axis, keepdims=True), f"axis {axis}"
        yield "summed-over-an-axis", lambda x, axis=axis: x * 0 + x.sum(axis=axis, keepdims=True), f"axis {axis}"
        yield "averaged-over-an-axis", lambda x, axis=axis: x.mean(axis=axis), f"axis {axis}"
        yield "averaged-over-an-axis", lambda x, axis=axis: x.mean(axis=axis, keepdims=True), f"axis {axis}"
        yield "averaged-over-an-axis", lambda x, axis=axis: x * 0 + x.mean(axis=axis, keepdims=True), f"axis {axis}"
        yield "accumulated", lambda x, axis=axis: np.cumsum(x, axis), f"along axis {axis}"
        yield "one-entry-for-all", lambda x, axis=axis: x * 0 + x.take([0], axis), f"along axis {axis}"
        yield "one-entry-for-all", lambda x, axis=axis: x * 0 + x.take([-1], axis), f"along axis {axis}"
    yield "summed-to-a-scalar", lambda x: x.sum(), ""
    yield "averaged-to-a-scalar", lambda x: x.mean(), ""
    yield "extra-axis", lambda x: x[None], "in front"
    yield "extra-axis", lambda x: x[..., None], "at the end"
    yield "extra-axis", lambda x: x.reshape((1,) * (rank - 1) + x.shape) if rank == 1 else x.reshape(1, *x.shape), ""
    yield "flattened", lambda x: x.reshape(-1), ""
    yield "flattened", lambda x: x.reshape(len(x), -1) if rank > 1 else None, ""
    yield "zeros-removed", lambda a: a[a != 0], ""  # without zeros it is only flattened
    for order in _orders(rank):
        yield "layout-not-restored", lambda x, order=order: x.transpose(order), f"axes in the order {order}"
        yield (
            "reshaped-instead-of-transposed",
            lambda x, order=order: x.transpose(order).reshape(x.shape),
            f"axes in the order {order}",
        )
        yield "reshaped-instead-of-transposed", lambda x, order=order: _reshape_transpose(x, order), f"{order}"


def _heaped(x: Array, axis: int, index: int) -> Array | None:
    """Everything along an axis in one entry, zeros in the others."""
    if x.shape[axis] < 2:
        return None
    heap = np.zeros_like(x)
    place: list[Any] = [slice(None)] * x.ndim
    place[axis] = index
    heap[tuple(place)] = x.sum(axis=axis)
    return heap


def _shift(x: Array, by: int, axis: int) -> Array:
    """Shift with zeros coming in."""
    moved = np.roll(x, by, axis)
    index: list[Any] = [slice(None)] * x.ndim
    index[axis] = 0 if by > 0 else -1
    moved[tuple(index)] = 0
    return moved


def _list(axes: tuple[int, ...]) -> str:
    return "axis " + str(axes[0]) if len(axes) == 1 else "axes " + ", ".join(map(str, axes))


def left_out(axes: Mapping[int, str]) -> Iterator[tuple[str, Change]]:
    """Yield what loops leave that begin or end at the wrong place: along an axis, over positions, over all numbers."""
    words = [(axis, AXES.get(label, f"axis-{axis}")) for axis, label in axes.items()]
    if not any(axes.values()):  # of arrays of any rank, the last axis is another one each time
        words = [(0, "axis-0"), (-1, "last-axis")] if len(axes) > 1 else [(0, "axis-0")]
    for axis, word in words:
        for cause, part in _ends(word):
            for one in (False, True):
                yield cause, lambda x, axis=axis, p=part, one=one: _keep(x, axis, p, at_least_one=one)
    for word, rows in (("position", True), ("entry", False)):
        for cause, part in _ends(word):
            for one in (False, True):
                yield cause, lambda x, p=part, rows=rows, one=one: _keep_flat(x, p, rows=rows, at_least_one=one)


def _keep_flat(x: Array, part: slice, *, rows: bool, at_least_one: bool) -> Array | None:
    """Keep a part of all positions (rows of the last axis), or of all numbers."""
    if x.ndim < 1 + rows:
        return None
    flat = x.reshape(-1, x.shape[-1]) if rows else x.reshape(-1)
    return _keep(flat, 0, part, at_least_one=at_least_one).reshape(x.shape)


# Factors -------------------------------------------------------------------------------------------------------------


def factor_names(symbols: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield (name, value) of the factors that mistakes are made of: numbers first, then sizes, products of sizes."""
    for text, value in (("2", 2.0), ("1/2", 0.5), ("-2", -2.0), ("-1/2", -0.5), ("4", 4.0), ("1/4", 0.25), ("3", 3.0)):
        yield text, value
    singles = {name: value for name, value in symbols.items() if value > 0}
    for sign, mark in ((1.0, ""), (-1.0, "-")):
        for size in range(1, 4):
            for names in itertools.combinations(singles, size):
                value = float(np.prod([singles[n] for n in names]))
                product = " * ".join(names)
                bracket = product if size == 1 else f"({product})"
                yield f"{mark}1 / {bracket}", sign / value
                yield mark + product, sign * value
                if size == 1:
                    yield f"{mark}1 / {bracket}^2", sign / value**2
                    yield f"{mark}{bracket}^2", sign * value**2
                yield f"{mark}sqrt({product})", sign * value**0.5
                yield f"{mark}1 / sqrt({product})", sign / value**0.5
    for one, other in itertools.permutations(singles, 2):
        yield f"{one} / {other}", singles[one] / singles[other]
    for name, value in singles.items():
        for near, text in ((value - 1, f"({name} - 1)"), (value + 1, f"({name} + 1)")):
            if near > 0:
                yield text, near
                yield f"{name} / {text}", value / near
                yield f"{text} / {name}", near / value
                yield f"1 / {text}", 1 / near


def ratio_of(right: Array, got: Array, tolerance: float = 1e-7) -> float | None:
    """Return c with got = c * right, or None when there is none."""
    a, b = np.asarray(right, np.float64).ravel(), np.asarray(got, np.float64).ravel()
    if a.shape != b.shape or not np.isfinite(b).all() or not np.isfinite(a).all():
        return None
    with np.errstate(over="ignore", invalid="ignore"):  # unwritten memory holds numbers of any size
        square = float(a @ a)
        c = float(a @ b) / square if square else 0.0
        if c == 0 or not np.isfinite(c):
            return None
        largest = max(float(np.abs(b).max(initial=0)), abs(c) * float(np.abs(a).max(initial=0)))
        near = float(np.abs(b - c * a).max(initial=0)) <= tolerance * max(largest, 1e-300)
    return c if near and np.isfinite(largest) else None
