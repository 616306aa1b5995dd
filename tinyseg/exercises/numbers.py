"""Arrays as text for the eye: rows and columns, wrong numbers marked, right and wrong side by side."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from .columns import breadth, padded
from .showing import Example, Result, WrongMap, plane
from .words import Words

PRINTED = 64
"""Arrays of more numbers are not printed."""
DIGITS = (4, 7, 12)
"""Significant digits: the fewest with which something wrong looks wrong."""
GAP = "   "
MARGIN = 24
"""Columns that are left for names before options that are folded."""
STAR = "*"


class Block(NamedTuple):
    """A part of an array that is drawn as rows and columns.

    Attributes:
        name: 'dx[0, :, :, 1]', or 'dx' for all of a small array.
        rows: Its numbers as text, all cells of a column equally wide.
    """

    name: str
    rows: list[str]


def pieces(rank: int, shape: tuple[int, ...], axes: tuple[str, ...]) -> Iterator[tuple[tuple[int | slice, ...], str]]:
    """Yield the index of each plane of an array, as Python has it and as it is written."""
    if rank < 3:
        yield (slice(None),) * rank, ""
        return
    drawn = plane(rank, axes)
    others = [k for k in range(rank) if k not in drawn]
    for place in itertools.product(*(range(shape[k]) for k in others)):
        index: list[int | slice] = [slice(None)] * rank
        for k, value in zip(others, place, strict=True):
            index[k] = value
        yield tuple(index), "[" + ", ".join(":" if isinstance(i, slice) else str(i) for i in index) + "]"


def blocks(name: str, array: Array, axes: tuple[str, ...], wrong: Array | None = None, digits: int = 4) -> list[Block]:
    """Write an array as blocks; numbers at `wrong` get a star."""
    cells = _cells(array, digits)
    if wrong is not None:
        cells = np.where(wrong, np.char.add(STAR, cells), cells)
    width = max((len(cell) for cell in cells.ravel().tolist()), default=1)
    found = []
    for index, written in pieces(array.ndim, array.shape, axes):
        rows = np.atleast_2d(cells[index])
        found.append(Block(name + written, [GAP[1:].join(cell.rjust(width) for cell in row) for row in rows.tolist()]))
    return found


def _cells(array: Array, digits: int) -> Array:
    """Return each number as text: integers without a point."""
    if array.dtype.kind in "biu":
        return array.astype(np.int64).astype(str)
    if array.dtype.kind != "f":
        return array.astype(str)
    texts = [_number(float(value), digits) for value in array.ravel()]
    return np.array(texts, dtype=str).reshape(array.shape)


def _number(value: float, digits: int) -> str:
    if np.isfinite(value) and value == round(value) and abs(value) < 1e7:
        return str(round(value))
    return f"{value:.{digits}g}"


def example_lines(example: Example, words: Words, width: int) -> list[str]:
    """Write an example: what went in, then the right result beside the learner's."""
    found: list[Block] = []
    if example.options:
        said = ", ".join(f"{name} = {value!r}" for name, value in example.options.items())
        found.append(Block(words("options"), textwrap.wrap(said, max(width - MARGIN, MARGIN)) or [said]))
    for name, array in example.inputs.items():
        if array.size > PRINTED:
            found.append(Block(name, [words("too-large", shape=array.shape)]))
        else:
            found += blocks(name, array, _axes(example.axes, name, array.ndim))
    result = [] if example.result is None else _beside(example.result, words, width)
    names = [*(block.name for block in found), *(name for name, _, _ in result)]
    margin = max(map(breadth, names), default=0)
    lines = _in_column(found, margin)
    if result:
        lines.append("")
    for name, heading, rows in result:
        if heading:
            lines.append("".ljust(margin) + GAP + heading)
        lines += _in_column([Block(name, rows)], margin)
    return [line.rstrip() for line in lines]


def _axes(known: Mapping[str, tuple[str, ...]], name: str, rank: int) -> tuple[str, ...]:
    axes = known.get(name, ())
    return axes if len(axes) == rank else ("",) * rank


def _in_column(found: list[Block], margin: int) -> list[str]:
    return [
        padded(block.name if k == 0 else "", margin) + GAP + row for block in found for k, row in enumerate(block.rows)
    ]


def _beside(result: Result, words: Words, width: int) -> list[tuple[str, str, list[str]]]:
    """Return (name, heading, rows) for each block of a result: right and yours side by side where there is room."""
    if max(result.right.size, result.got.size) > PRINTED:
        shapes = [words("too-large", shape=np.shape(value)) for value in (result.right, result.got)]
        return [(result.name, words("right"), shapes[:1]), (result.name, words("yours"), shapes[1:])]
    digits = next((d for d in DIGITS if _tells(result, d)), DIGITS[-1])
    right = blocks(result.name, result.right, result.axes, digits=digits)
    axes = result.axes if result.got.ndim == result.right.ndim else ("",) * result.got.ndim
    yours = blocks(result.name, result.got, axes, result.wrong, digits)
    if result.wrong is None:  # of another shape: one below the other
        told = [words("shape", shape=value.shape) for value in (result.right, result.got)]
        return [
            *((b.name, f"{words('right')}, {told[0]}" if k == 0 else "", b.rows) for k, b in enumerate(right)),
            *((b.name, f"{words('yours')}, {told[1]}" if k == 0 else "", b.rows) for k, b in enumerate(yours)),
        ]
    left = max(breadth(words("right")), *(len(row) for block in right for row in block.rows))
    room = width - len(right[-1].name) - 3 * len(GAP)
    if left + max(len(row) for block in yours for row in block.rows) > room:
        return [
            *((b.name, words("right") if k == 0 else "", b.rows) for k, b in enumerate(right)),
            *((b.name, words("yours") if k == 0 else "", b.rows) for k, b in enumerate(yours)),
        ]
    heading = padded(words("right"), left) + 2 * GAP + words("yours")
    rows = [
        [x.ljust(left) + 2 * GAP + y for x, y in zip(a.rows, b.rows, strict=True)]
        for a, b in zip(right, yours, strict=True)
    ]
    return [(b.name, heading if k == 0 else "", rows[k]) for k, b in enumerate(right)]


def _tells(result: Result, digits: int) -> bool:
    """Whether every wrong number looks another than the right one."""
    if result.wrong is None:
        return True
    right, got = _cells(result.right, digits), _cells(result.got, digits)
    return bool((right != got)[result.wrong].all())


def map_lines(found: WrongMap) -> list[str]:
    """Draw where a result is wrong: a character for each place."""
    drawn = np.where(found.every, "#", np.where(found.some, "+", "."))
    return [" ".join(row) for row in drawn.tolist()]
