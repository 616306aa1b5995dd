"""gpu_race_repair: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case, Outputs, case_rng
from tinyseg.diagnosis.operation import Hypothesis, Predict
from tinyseg.diagnosis.traits import traits_of

from ...gpu.operation import NOTHING, OVERHANG, SEVERAL_BLOCKS, Arguments, Finds, KernelOperation, Launch, Traffic
from ...gpu.threads import Threads, threads

BINS = 8

LAUNCHES = (
    (1, 8, 8), (1, 8, 5), (2, 8, 16), (1, 32, 1), (1, 64, 64), (1, 32, 20), (2, 32, 64), (3, 16, 40), (4, 32, 100),
    (5, 64, 300), (2, 128, 256),
)  # fmt: skip
"""Blocks, threads of each, pixels."""


class Histogram(KernelOperation):
    """How many pixels each of eight bins has."""

    name = "gpu_race_repair"
    language = "cuda"
    kernel = "histogram"
    parameters = "const unsigned char *image, int *counts, int n"
    arrays = ("image",)
    results = ("counts",)
    reads_results = True
    contract = (
        "histogram<<<blocks, threads>>>(image, counts, n): counts[b] is the number of pixels with image[i] / 32 == b, "
        "added to the zeros that are there"
    )
    finds: ClassVar[Finds] = {
        "wrong-bins": NOTHING,
        "one-block-counts": NOTHING,
        "counted-more-than-once": NOTHING,
        "counts-begin-elsewhere": NOTHING,
    }

    def cases(self) -> list[Case]:
        """One block, several, a last one that is not full."""
        cases = []
        for number, (blocks, width, size) in enumerate(LAUNCHES):
            image = case_rng(number, 103).integers(0, 256, size)
            image[: size // 3] = 32 * 5 + 7  # a bin that many threads want
            image[0] = 201
            traits = traits_of({SEVERAL_BLOCKS: blocks > 1, OVERHANG: blocks * width > size})
            options = {"n": size, "grid": (blocks,), "block": (width,)}
            cases.append(Case({"image": image.astype(np.uint8)}, options, traits, by_hand=number < 3))
        return cases

    def launch(self, case: Case) -> Launch:
        """A thread for each pixel, and some more."""
        counts = np.zeros(BINS, np.int32)
        arguments: Arguments = {"image": case.arrays["image"], "counts": counts, "n": np.int32(case.options["n"])}
        return Launch(case.options["grid"], case.options["block"], arguments, ("counts",))

    def right(self, case: Case) -> Outputs:
        """Count."""
        return {"counts": _counts(case, lambda v: v // 32).astype(np.int32)}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Threads and blocks."""
        return {"blockDim": float(case.options["block"][0]), "gridDim": float(case.options["grid"][0])}

    def traffic(self, case: Case) -> Sequence[Traffic]:
        """Each pixel is read once, by its own thread, and counted in shared memory."""
        (blocks,), (width,), size = case.options["grid"], case.options["block"], case.arrays["image"].size
        if size < 64:
            return ()
        warps = blocks * -(-width // 32)
        return (
            Traffic("one-thread-does-the-work", "global", ("read",), "requests", 2.0 * warps, ("image",)),
            Traffic("shared-counters-unused", "shared", ("atomic", "read"), "uses", size // 32),
        )

    def hypotheses(self) -> Iterator[Hypothesis]:
        """Other bins, and counts that are lost or made twice without a race."""
        for words, bins in BIN_FORMULAS:
            yield Hypothesis("wrong-bins", _binned(bins), words)
        yield Hypothesis("one-block-counts", _of(lambda c: _by_block(c)[-1]), "that of the last block")
        yield Hypothesis("one-block-counts", _of(lambda c: _by_block(c)[0]), "that of the first block")
        yield Hypothesis("one-block-counts", _of(lambda c: _by_block(c).max(axis=0)), "the largest")
        yield Hypothesis(
            "counted-more-than-once", _of(lambda c: _counts(c, _bin) * c.options["block"][0]), "once by each thread"
        )
        for index, words in INDICES:
            yield Hypothesis("wrong-pixels", _of(_indexed(index)), words)
        for value in (1, -1):
            yield Hypothesis("counts-begin-elsewhere", _beginning(value), f"at {value}")
        yield Hypothesis("only-the-first-bin", _of(lambda c: _counts(c, _bin) * (np.arange(BINS) == 0)))
        yield Hypothesis("last-bin-missing", _of(lambda c: _counts(c, _bin) * (np.arange(BINS) < BINS - 1)))
        yield Hypothesis("subtracted", _of(lambda c: -_counts(c, _bin)))
        yield Hypothesis("only-whether-there-are-any", _of(lambda c: (_by_block(c) > 0).sum(axis=0)))
        yield Hypothesis("threads-counted", _of(lambda c: np.full(BINS, c.options["grid"][0])), "not pixels")
        yield Hypothesis("pixels-of-the-first-block", _of(lambda c: _by_block(c)[0] * c.options["grid"][0]))
        yield Hypothesis("last-element-skipped", _of(lambda c: _without_last(c)))
        yield Hypothesis("last-block-ignored", _of(lambda c: _by_block(c)[_full(c)].sum(axis=0)))


INDICES: tuple[tuple[Callable[[Threads], Array], str], ...] = (
    (lambda t: t.bx * t.columns + t.tx, "gridDim.x for blockDim.x"),
    (lambda t: t.bx + t.tx, "blockIdx.x + threadIdx.x"),
    (lambda t: t.bx * t.width, "those of the first thread of each block"),
    (lambda t: t.bx * 32 + t.tx, "blocks of 32"),
    (lambda t: t.x + 1, "i + 1"),
)
BIN_FORMULAS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("the rest of a division by 8", lambda v: v % 8),
    ("the rest of a division by 32", lambda v: v % 32),
    ("divided by 64", lambda v: v // 64),
    ("divided by 128", lambda v: v // 128),
    ("divided by 31", lambda v: v // 31),
    ("divided by 33", lambda v: v // 33),
    ("divided by 36", lambda v: v // 36),
    ("one too low", lambda v: v // 32 - 1),
    ("in the opposite order", lambda v: 7 - v // 32),
    ("rounded to the nearest", lambda v: (v + 16) // 32),
)


def _bin(values: Array) -> Array:
    return values // 32


def _binned(bins: Callable[[Array], Array]) -> Predict:
    return lambda case: {"counts": _counts(case, bins)}


def _of(count: Callable[[Case], Array]) -> Predict:
    return lambda case: {"counts": count(case)}


def _counts(case: Case, bins: Callable[[Array], Array]) -> Array:
    """Count; what falls outside of all bins is lost."""
    found = bins(case.arrays["image"].astype(np.int64))
    return np.bincount(found[(found >= 0) & (found < BINS)], minlength=BINS)


def _indexed(index: Callable[[Threads], Array]) -> Callable[[Case], Array]:
    """Count the pixels that the threads take."""

    def counted(case: Case) -> Array:
        taken = index(threads(case.options["grid"], case.options["block"]))
        image = case.arrays["image"]
        return _counts(case.with_arrays(image=image[taken[taken < image.size]]), _bin)

    return counted


def _beginning(value: int) -> Predict:
    return lambda case: {"counts": _counts(case, _bin) + value * case.options["grid"][0]}


def _by_block(case: Case) -> Array:
    """The counts of each block."""
    (blocks,), (width,), image = case.options["grid"], case.options["block"], case.arrays["image"]
    parts = [image[b * width : (b + 1) * width] for b in range(blocks)]
    return np.array([_counts(case.with_arrays(image=part), _bin) for part in parts])


def _full(case: Case) -> Array:
    (blocks,), (width,) = case.options["grid"], case.options["block"]
    return (np.arange(blocks) + 1) * width <= case.arrays["image"].size


def _without_last(case: Case) -> Array:
    return _counts(case.with_arrays(image=case.arrays["image"][:-1]), _bin)
