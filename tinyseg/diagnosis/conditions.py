"""When does a fault appear, and where in the result does it lie?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.types import Array

from .generic import AXES
from .observing import Observation
from .operation import Operation


def conditions(failing: Sequence[Observation], passing: Sequence[Observation]) -> list[str]:
    """Return what all failing cases have in common and not all passing ones: the traits that no passing case has first."""
    if not failing or not passing:
        return []
    common = frozenset.intersection(*(o.case.traits for o in failing))
    exact = sorted(t for t in common if not any(t in o.case.traits for o in passing))
    if exact:
        return exact
    if not common:
        return []
    # No single trait tells them apart: name the ones that every failing case needs, the rarest among the passing first.
    share = {t: sum(t in o.case.traits for o in passing) for t in common}
    needed = sorted((t for t in common if 2 * share[t] < len(passing)), key=lambda t: (share[t], t))
    return needed[:2]


def region_of(operation: Operation, output: str, axes: Sequence[str], failing: Sequence[Observation]) -> str:
    """Name the part of a result where all wrong numbers lie: a named region, or the first or last place along an axis."""
    masks = [
        (seen, seen.findings[output].wrong)
        for seen in failing
        if seen.findings[output].kind in ("value", "not finite", "precision")
    ]
    if not masks:
        return ""
    alone = _one_number(masks)
    if alone:
        return alone
    named = _named_region(operation, output, masks)
    if named:
        return named
    ends = _at_one_end(masks, axes)
    if ends:
        return ends
    wrong, total = sum(int(m.sum()) for _, m in masks), sum(m.size for _, m in masks)
    if wrong == total or wrong > 0.97 * total:
        return "everywhere"
    return f"{100 * wrong / total:.0f} % of the numbers"


def _named_region(operation: Operation, output: str, masks: Sequence[tuple[Observation, Array]]) -> str:
    """Return the region that contains all that is wrong, in every case, and is not the whole in at least one."""
    known = [operation.regions(seen.case, output) for seen, _ in masks]
    for name in known[0]:
        if not all(name in regions for regions in known):
            continue
        inside = all(not (wrong & ~regions[name]).any() for (_, wrong), regions in zip(masks, known, strict=True))
        if inside and any(not regions[name].all() for regions in known):
            return name
    return ""


def _one_number(masks: Sequence[tuple[Observation, Array]]) -> str:
    for index, word in ((-1, "last"), (0, "first")):
        alone = all(wrong.size > 1 and wrong.sum() == 1 and wrong.reshape(-1)[index] for _, wrong in masks)
        if alone and len(masks) > 1:
            return f"the very {word} number only"
    return ""


def _at_one_end(masks: Sequence[tuple[Observation, Array]], axes: Sequence[str]) -> str:
    rank = masks[0][1].ndim
    for axis in range(rank):
        for index, word in ((-1, "last"), (0, "first")):
            several = False
            for _, wrong in masks:
                rest = np.delete(wrong, index if index == 0 else wrong.shape[axis] - 1, axis)
                if rest.any():
                    break
                several |= wrong.shape[axis] > 1
            else:
                if several:
                    label = (
                        AXES.get(axes[axis], f"index of axis {axis}") if axis < len(axes) else f"index of axis {axis}"
                    )
                    return f"the {word} {label} only"
    return ""
