"""When does a fault appear, and where in the result does it lie?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.types import Array

from .axes import AXES, End
from .comparison import Kind
from .observing import Observation
from .operation import Operation
from .place import NamedRegion, OneEnd, OneNumber, Region, Share
from .traits import Trait, in_order


def conditions(failing: Sequence[Observation], passing: Sequence[Observation]) -> tuple[Trait, ...]:
    """Return what all failing cases have in common and not all passing ones: what no passing case has first."""
    if not failing or not passing:
        return ()
    common = frozenset.intersection(*(o.case.traits for o in failing))
    exact = in_order(t for t in common if not any(t in o.case.traits for o in passing))
    if exact or not common:
        return tuple(exact)
    # No single trait tells them apart: name those that every failing case needs, the rarest among the passing first.
    share = {t: sum(t in o.case.traits for o in passing) for t in in_order(common)}
    needed = sorted((t for t in share if 2 * share[t] < len(passing)), key=share.__getitem__)
    return tuple(needed[:2])


def region_of(
    operation: Operation,
    output: str,
    axes: Sequence[str],
    failing: Sequence[Observation],
    *,
    places: bool = True,
) -> Region | None:
    """Return the part of a result where all wrong numbers lie; None when no case has the right shape.

    `axes` names the axes of the result ('N', 'H', ...), with '' for those without a name; without `places` only the
    share of the wrong numbers is returned.
    """
    masks = _masks(output, failing)
    if not masks:
        return None
    wrong = [mask for _, mask in masks]
    place = _one_number(wrong) or _named_region(operation, output, masks) or _one_end(wrong, axes) if places else None
    return place or Share(sum(int(m.sum()) for m in wrong), sum(m.size for m in wrong))


def lies_in(
    operation: Operation, output: str, axes: Sequence[str], region: Region, seen: Sequence[Observation]
) -> bool:
    """Whether all that is wrong in these observations lies in a region."""
    known = [o for o in seen if output in o.findings and not o.findings[output].is_right]
    masks = [mask for _, mask in _masks(output, known)]
    if isinstance(region, Share):
        return any(mask.any() for mask in masks) or not masks
    if isinstance(region, OneNumber):
        return all(mask.sum() == 1 and bool(mask.reshape(-1)[region.end.index]) for mask in masks)
    if isinstance(region, OneEnd):
        return not any(np.delete(mask, region.end.index, region.axis).any() for mask in masks)
    found = [(mask, operation.regions(o.case, output)) for o, mask in _masks(output, known)]
    return all(region in regions and not (mask & ~regions[region]).any() for mask, regions in found)


def _masks(output: str, failing: Sequence[Observation]) -> list[tuple[Observation, Array]]:
    numbers = (Kind.VALUE, Kind.NOT_FINITE, Kind.PRECISION)
    return [(o, o.findings[output].wrong) for o in failing if o.findings[output].kind in numbers]


def _named_region(operation: Operation, output: str, masks: Sequence[tuple[Observation, Array]]) -> NamedRegion | None:
    """Return the region that contains all that is wrong, in every case, and is not the whole in at least one."""
    known = [operation.regions(seen.case, output) for seen, _ in masks]
    for region in known[0]:
        if not all(region in regions for regions in known):
            continue
        inside = all(not (wrong & ~regions[region]).any() for (_, wrong), regions in zip(masks, known, strict=True))
        if inside and any(not regions[region].all() for regions in known):
            return region
    return None


def _one_number(masks: Sequence[Array]) -> OneNumber | None:
    for end in (End.LAST, End.FIRST):
        alone = all(wrong.size > 1 and wrong.sum() == 1 and wrong.reshape(-1)[end.index] for wrong in masks)
        if alone and len(masks) > 1:
            return OneNumber(end)
    return None


def _one_end(masks: Sequence[Array], axes: Sequence[str]) -> OneEnd | None:
    for axis in range(masks[0].ndim):
        for end in (End.LAST, End.FIRST):
            elsewhere = (np.delete(wrong, end.index, axis).any() for wrong in masks)
            if not any(elsewhere) and any(wrong.shape[axis] > 1 for wrong in masks):
                return OneEnd(end, axis, AXES.get(axes[axis], "") if axis < len(axes) else "")
    return None
