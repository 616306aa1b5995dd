"""The figures of a wrong output, and an example that can be checked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyseg.utils.types import JsonObject

from .comparison import FLOOR, Kind, scale_of
from .observing import Function
from .verdicts import WrongOutput

PRINTED = 48
"""Arrays of more numbers are not printed in an example."""


def numbers_of(wrong: WrongOutput) -> JsonObject:
    """Collect the figures about a wrong output."""
    first, output = wrong.failing[0], wrong.output
    found = first.findings[output]
    numbers: JsonObject = {
        "smallest failing configuration": first.case.label,
        "configurations": f"{len(wrong.failing)} wrong, {len(wrong.passing)} right",
    }
    if found.kind is Kind.SHAPE:
        return {**numbers, "expected shape": found.right.shape, "shape": np.shape(found.got)}
    if found.kind in (Kind.VALUE, Kind.PRECISION, Kind.NOT_FINITE) and found.right.size:
        with np.errstate(all="ignore"):
            distance = np.abs(np.asarray(found.got, np.float64) - found.right)
        place = np.unravel_index(int(np.argmax(np.where(np.isnan(distance), np.inf, distance))), distance.shape)
        right, got = float(found.right[place]), float(np.asarray(found.got)[place])
        numbers |= {
            "wrong numbers there": f"{int(found.wrong.sum())} of {found.right.size}",
            "worst at": f"{output}[{', '.join(str(int(i)) for i in place)}]" if place else output,
            "expected": right,
            "got": got,
        }
        if right:
            numbers["ratio"] = got / right
        errors = [f.error for f in (o.findings[output] for o in wrong.failing) if scale_of(f.right) > FLOOR]
        numbers |= {"largest error, relative": max(errors)} if errors else {}  # beside a right result of 0 it is none
    return numbers


def example_of(wrong: WrongOutput) -> str:
    """Show the smallest failing case that can be checked by hand: inputs, right and wrong result."""
    output = wrong.output
    by_hand = [o for o in wrong.failing if o.case.by_hand] or list(wrong.failing)
    in_order = sorted(by_hand, key=lambda o: sum(a.size for a in o.case.arrays.values()))
    # Numbers that differ beyond the digits that are printed show nothing.
    telling = [o for o in in_order if _array_text(o.findings[output].right) != _array_text(o.findings[output].got)]
    seen = (telling or in_order)[0]
    found = seen.findings[output]
    lines = [", ".join(f"{k}={v!r}" for k, v in seen.case.options.items())] if seen.case.options else []
    shown: dict[str, Any] = dict(seen.case.arrays)
    if wrong.function is Function.BACKWARD and seen.case.dy is not None:
        shown["dy"] = seen.case.dy
    shown |= {f"{output}, right": found.right, f"{output}, yours": found.got}
    return "\n".join(lines + [f"{name} = {_array_text(value)}" for name, value in shown.items()])


def _array_text(value: object) -> str:
    array = np.asarray(value)
    if array.size > PRINTED:
        return f"(shape {array.shape}; too large to print)"
    plain = np.squeeze(array)
    text = np.array2string(
        plain, precision=5, separator=", ", suppress_small=not plain.size or bool(np.abs(plain).max() > 1e-3)
    ).replace("\n", "\n    ")
    return f"{text}" + (f"   (shape {array.shape})" if plain.shape != array.shape else "")
