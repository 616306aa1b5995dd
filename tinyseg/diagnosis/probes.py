"""The same configuration without one of the things that are special about it.

That all failing configurations have several channels, and none that is right, does not say that channels matter: the
ones with one channel may be right for another reason. What is asked here is the failing configuration itself, with one
channel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from . import traits as t
from .case import Case
from .operation import Operation
from .traits import Trait

Reduction = Callable[[Operation, Case], Case | None]


def without(operation: Operation, case: Case, trait: Trait) -> Case | None:
    """Return the case without a trait, as far as that can be had and what is right is known."""
    reduce = operation.reductions().get(trait) or REDUCTIONS.get(trait)
    if reduce is None:
        return None
    bare = replace(case, dy=None, seen={}, lenient=False)
    try:
        reduced = reduce(operation, bare)
        if reduced is None:
            return None
    except (KeyError, ValueError, IndexError, TypeError):
        return None
    reduced = replace(reduced, traits=case.traits - {trait})
    return reduced if is_known(operation, reduced) else None


def is_known(operation: Operation, case: Case) -> bool:
    """Whether an operation can be asked about a configuration that is none of its own."""
    try:
        known = operation.adapt(case, None)
        right = operation.right(known)
        if any(np.size(value) == 0 for value in right.values()):
            return False
        if operation.gradients:
            operation.right(known.with_dy(np.ones(np.shape(right["y"]), case.dtype)))
        operation.library_caches(case)
    except Exception:  # whatever it says about a configuration that it cannot have
        return False
    return True


def _axes(operation: Operation, case: Case) -> Mapping[str, tuple[str, ...]]:
    named = operation.array_axes(case).items()
    return {n: axes for n, axes in named if n in case.arrays and len(axes) == case.arrays[n].ndim}


def first_along(*labels: str) -> Reduction:
    """Keep the first entry along axes of these names."""

    def reduce(operation: Operation, case: Case) -> Case | None:
        changed = {}
        for name, axes in _axes(operation, case).items():
            array = case.arrays[name]
            for axis, label in enumerate(axes):
                if label in labels:
                    array = array.take([0], axis)
            if array is not case.arrays[name]:
                changed[name] = array
        return case.with_arrays(**changed) if changed else None

    return reduce


def _one_sample(operation: Operation, case: Case) -> Case | None:
    """Keep the first image or sample of all arrays that have several."""
    named = first_along("N", "S")(operation, case)
    if named is not None:
        return named
    first = next(iter(case.arrays.values()))
    if first.ndim < 2:
        return None
    return case.with_arrays(**{n: a[:1] for n, a in case.arrays.items() if a.shape[:1] == first.shape[:1]})


def _one_position(operation: Operation, case: Case) -> Case | None:
    """Keep one of all positions in front of the last axis."""
    first = next(iter(case.arrays.values()))
    index = (slice(0, 1),) * (first.ndim - 1)
    lead = first.shape[:-1]
    return case.with_arrays(**{n: a[index] for n, a in case.arrays.items() if a.shape[: len(lead)] == lead})


def one_less(operation: Operation, case: Case) -> Case | None:
    """Leave out the last sample, where there are as many as there are of something else."""
    first = next(iter(case.arrays.values()))
    if len(first) < 3:
        return None
    return case.with_arrays(**{n: a[:-1] for n, a in case.arrays.items() if a.ndim >= first.ndim - 1 > 0})


def _option(name: str, change: Callable[[Any], Any]) -> Reduction:
    def reduce(operation: Operation, case: Case) -> Case | None:
        return case.with_options(**{name: change(case.options[name])}) if name in case.options else None

    return reduce


def _first_of_two(pair: tuple[int, int]) -> tuple[int, int]:
    return (pair[0], pair[0])


def _square_image(operation: Operation, case: Case) -> Case | None:
    name, x = next(iter(case.arrays.items()))
    if x.ndim != 4:
        return None
    side = min(x.shape[1:3])
    return case.with_arrays(**{name: x[:, :side, :side]})


def _square_window(operation: Operation, case: Case) -> Case | None:
    if "kernel" in case.arrays:
        kernel = case.arrays["kernel"]
        side = min(kernel.shape[:2])
        return case.with_arrays(kernel=kernel[:side, :side])
    return _option("pool_size", lambda size: (min(size),) * 2)(operation, case)


def _side_by_side(operation: Operation, case: Case) -> Case | None:
    window = case.arrays["kernel"].shape[:2] if "kernel" in case.arrays else case.options["pool_size"]
    by = case.options.get("dilation_rate", (1, 1))
    return case.with_options(strides=tuple((k - 1) * d + 1 for k, d in zip(window, by, strict=True)))


def _floats(change: Callable[[Array], Array]) -> Reduction:
    def reduce(operation: Operation, case: Case) -> Case | None:
        return case.with_arrays(**{n: change(a) for n, a in case.arrays.items() if a.dtype.kind == "f"})

    return reduce


def _of_ordinary_size(a: Array) -> Array:
    """Bring numbers to the order of 1."""
    return (a / (np.abs(a).max(initial=0) or 1.0) * 4).astype(a.dtype)


def _apart(a: Array) -> Array:
    """Make equal numbers distinct."""
    return (a + 1e-3 * np.random.default_rng(0).permutation(a.size).reshape(a.shape)).astype(a.dtype)


REDUCTIONS: Mapping[Trait, Reduction] = {
    t.SEVERAL_IMAGES: _one_sample,
    t.SEVERAL_SAMPLES: _one_position,
    t.SEVERAL_CHANNELS: first_along("C"),
    t.SEVERAL_FILTERS: first_along("F"),
    t.IMAGE_NOT_SQUARE: _square_image,
    t.WINDOW_NOT_SQUARE: _square_window,
    t.STRIDES: _option("strides", lambda _: (1, 1)),
    t.UNEQUAL_STRIDES: _option("strides", _first_of_two),
    t.DILATION: _option("dilation_rate", lambda _: (1, 1)),
    t.UNEQUAL_DILATION: _option("dilation_rate", _first_of_two),
    t.PADDING: _option("padding", lambda _: "valid"),
    t.ONE_SIDED_PADDING: _option("padding", lambda _: "valid"),
    t.EXPLICIT_PADDING: _option("padding", lambda _: "same"),
    t.OVERLAPS: _side_by_side,
    t.FLOAT32: _floats(lambda a: a.astype(np.float64)),
    t.STRIDED: _floats(np.ascontiguousarray),
    t.LARGE: _floats(_of_ordinary_size),
    t.TINY: _floats(_of_ordinary_size),
    t.TIES: _floats(_apart),
    t.ZEROS: _floats(lambda a: np.where(a == 0, 0.37, a).astype(a.dtype)),
    t.LARGE_EPSILON: _option("epsilon", lambda _: 1e-4),
    t.LABELS_OF_8_BITS: lambda operation, case: case.with_arrays(
        **{n: a.astype(np.int64) for n, a in case.arrays.items() if a.dtype == np.uint8}
    ),
}
"""How a trait is taken away."""
