"""gpu_reduction: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case, Outputs, case_rng, small_integers
from tinyseg.diagnosis.operation import Hypothesis, Predict
from tinyseg.diagnosis.traits import traits_of

from ...gpu.operation import (
    NOTHING,
    OVERHANG,
    SEVERAL_BLOCKS,
    Finds,
    KernelOperation,
    Launch,
    Traffic,
    unwritten,
)
from ...gpu.threads import Threads, gather, threads

LARGEST_BLOCK = 128

LAUNCHES = (
    (1, 4, 4), (2, 4, 8), (1, 4, 3), (2, 4, 5), (1, 1, 1), (1, 8, 8), (2, 8, 13), (3, 16, 48), (2, 32, 64), (3, 32, 70),
    (3, 16, 33), (3, 16, 30), (1, 64, 64), (2, 64, 100), (2, 128, 200),
)  # fmt: skip
"""Blocks, threads of each, numbers."""

Values = Callable[[Array], Array]


class BlockSums(KernelOperation):
    """The sum of the numbers of each block."""

    name = "gpu_reduction"
    language = "numba"
    kernel = "block_sums"
    parameters = "x, sums"
    results = ("sums",)
    contract = (
        "block_sums[blocks, threads](x, sums): sums[b] is the sum of x[b * threads : (b + 1) * threads]; threads is a "
        f"power of two up to {LARGEST_BLOCK}"
    )
    finds: ClassVar[Finds] = {
        "last-step-missing": NOTHING,
        "first-step-missing": NOTHING,
        "wrong-neutral-element": NOTHING,
    }

    def cases(self) -> list[Case]:
        """One block, several, a last one that is not full."""
        cases = []
        for number, (blocks, width, size) in enumerate(LAUNCHES):
            rng = case_rng(number, 102)
            by_hand = number < 4
            x = small_integers(rng, (size,)) if by_hand else rng.standard_normal(size) + 0.5
            traits = traits_of({SEVERAL_BLOCKS: blocks > 1, OVERHANG: blocks * width > size})
            options = {"grid": (blocks,), "block": (width,)}
            cases.append(Case({"x": x.astype(np.float32)}, options, traits, by_hand=by_hand))
        return cases

    def launch(self, case: Case) -> Launch:
        """A thread for each number, and some more."""
        grid, block = case.options["grid"], case.options["block"]
        return Launch(grid, block, {"x": case.arrays["x"], "sums": unwritten(grid)}, ("sums",))

    def right(self, case: Case) -> Outputs:
        """The sums."""
        return {"sums": _parts(case).sum(axis=1).astype(np.float32)}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Numbers and threads."""
        return {"blockDim": float(case.options["block"][0]), "n": float(case.arrays["x"].size)}

    def traffic(self, case: Case) -> Sequence[Traffic]:
        """By halves, a block of 128 needs 7 steps, each a few requests of up to four warps."""
        (blocks,), (width,) = case.options["grid"], case.options["block"]
        if width < LARGEST_BLOCK:
            return ()
        return (
            Traffic("one-thread-does-the-work", "global", ("read",), "fill", 2.0, ("x",)),
            Traffic("sum-is-not-halved", "shared", ("atomic",), "requests", 0.0),
            Traffic("sum-is-not-halved", "shared", ("read",), "requests", 70.0 * blocks),
        )

    def hypotheses(self) -> Iterator[Hypothesis]:
        """Other elements, steps left out, other reductions."""
        yield Hypothesis("block-ignored-in-sum", _of(lambda p: p, lambda t: t.tx), "threadIdx.x alone")
        yield Hypothesis("thread-ignored", _of(lambda p: p, lambda t: t.bx * t.width), "the first of each block")
        yield Hypothesis("thread-ignored", _of(lambda p: p, lambda t: t.bx), "blockIdx.x alone")
        yield Hypothesis("block-size-missing", _of(lambda p: p, lambda t: t.bx + t.tx), "blockIdx.x + threadIdx.x")
        yield Hypothesis("grid-size-for-block-size", _of(lambda p: p, lambda t: t.bx * t.columns + t.tx))
        yield Hypothesis("block-and-thread-swapped", _of(lambda p: p, lambda t: t.tx * t.width + t.bx))
        yield Hypothesis("block-and-thread-swapped", _of(lambda p: p, lambda t: t.tx * t.columns + t.bx))
        for size in (32, 64, LARGEST_BLOCK, 256):
            yield Hypothesis("block-size-assumed", _of(lambda p: p, _block_of(size)), f"blocks of {size}")
        yield Hypothesis("index-one-off", _of(lambda p: p, lambda t: t.x + 1), "i + 1")
        yield Hypothesis("last-element-skipped", lambda c: {"sums": _without_last(c)})
        yield Hypothesis("last-step-missing", _of(lambda p: _halved(p, lambda w: w // 2, 2)))
        yield Hypothesis("last-step-missing", _of(lambda p: p[:, ::2]))
        yield Hypothesis("first-step-missing", _of(lambda p: p[:, : max(p.shape[1] // 2, 1)]))
        yield Hypothesis("no-step-at-all", _of(lambda p: p[:, :1]))
        yield Hypothesis("steps-left-out", _of(lambda p: _halved(p, lambda w: w // 2, 1, 4)), "a quarter each time")
        yield Hypothesis("steps-left-out", _of(lambda p: _one_step(p)), "only the first")
        yield Hypothesis("steps-left-out", _of(lambda p: _halved(p, lambda w: w // 3, 1)), "it begins with a third")
        yield Hypothesis("steps-left-out", _of(lambda p: _halved(p, lambda w: w // 2, 1, 3)), "a third each time")
        for less in (1, 2):
            yield Hypothesis("steps-overlap", _of(_lessened(less)), f"{less} less each time")
        yield Hypothesis("only-block-0-writes", lambda c: {"sums": _only(c, lambda b: b == 0)})
        yield Hypothesis("last-block-ignored", lambda c: {"sums": _only(c, lambda b: _is_full(c, b))})
        yield Hypothesis("last-block-ignored", lambda c: {"sums": _only(c, lambda b: _is_full(c, b), 0.0)}, "0")
        for neutral in (1.0, -1.0):
            yield Hypothesis("wrong-neutral-element", _filled(neutral), f"{neutral:g}")
        yield Hypothesis("wrong-neutral-element", _filled(None), "x[0]")
        yield Hypothesis("last-number-repeated", _of(lambda p: p, lambda t: t.x, clamp=True))
        for words, change in CHANGES:
            yield Hypothesis("another-reduction", _of(change), words)
        yield Hypothesis("another-reduction", lambda c: {"sums": np.cumsum(_parts(c).sum(axis=1))}, "a running sum")
        yield Hypothesis(
            "another-reduction", lambda c: {"sums": np.full(c.options["grid"], _parts(c).sum())}, "the sum of all"
        )
        yield Hypothesis("numbers-cut-to-integers", _of(np.trunc))


CHANGES: tuple[tuple[str, Values], ...] = (
    ("the largest number", lambda p: p.max(axis=1, keepdims=True)),
    ("the smallest number", lambda p: p.min(axis=1, keepdims=True)),
    ("the product", lambda p: p.prod(axis=1, keepdims=True)),
    ("the sum of squares", np.square),
    ("the sum of magnitudes", np.abs),
    ("the mean", lambda p: p.mean(axis=1, keepdims=True)),
    ("differences in place of sums", lambda p: _halved(p, lambda w: w // 2, 1, 2, -1)),
    ("the last number of each block", lambda p: p[:, -1:]),
    ("twice the sum", lambda p: 2 * p),
)


def _block_of(size: int) -> Callable[[Threads], Array]:
    return lambda t: t.bx * size + t.tx


def _parts(case: Case) -> Array:
    """The numbers of each block, zeros beyond the last."""
    (blocks,), (width,) = case.options["grid"], case.options["block"]
    padded = np.zeros(blocks * width)
    padded[: case.arrays["x"].size] = case.arrays["x"]
    return padded.reshape(blocks, width)


def _of(change: Values, index: Callable[[Threads], Array] | None = None, clamp: bool = False) -> Predict:
    """The sum of what `change` makes of the numbers of each block, chosen by `index`; 0 where there is no number."""

    def predict(case: Case) -> Outputs:
        t, x = threads(case.options["grid"], case.options["block"]), case.arrays["x"].astype(np.float64)
        places = t.x if index is None else index(t)
        values = gather(x, np.minimum(places, x.size - 1) if clamp else places)
        return {"sums": change(np.nan_to_num(values).reshape(t.columns, t.width)).sum(axis=1)}

    return predict


def _halved(parts: Array, start: Callable[[int], int], least: int, divide: int = 2, sign: int = 1) -> Array:
    """Return the first column after steps of halves from `start(width)` down to `least`."""
    part = parts.copy()
    half = start(part.shape[1])
    while half >= least:
        part[:, :half] += sign * part[:, half : 2 * half]
        half //= divide
    return part[:, :1]


def _lessened(less: int) -> Values:
    """The step's width becomes smaller by a fixed number."""

    def change(parts: Array) -> Array:
        part = parts.copy()
        for half in range(part.shape[1] // 2, 0, -less):
            part[:, :half] += part[:, half : 2 * half]
        return part[:, :1]

    return change


def _one_step(parts: Array) -> Array:
    half = parts.shape[1] // 2
    return parts[:, :1] + parts[:, half : half + 1] if half else parts[:, :1]


def _without_last(case: Case) -> Array:
    x = case.arrays["x"].copy()
    x[-1] = 0
    return _parts(case.with_arrays(x=x)).sum(axis=1)


def _is_full(case: Case, block: Array) -> Array:
    return (block + 1) * case.options["block"][0] <= case.arrays["x"].size


def _only(case: Case, keep: Callable[[Array], Array], other: float = float("nan")) -> Array:
    sums = _parts(case).sum(axis=1)
    return np.where(keep(np.arange(sums.size)), sums, other)


def _filled(neutral: float | None) -> Predict:
    def predict(case: Case) -> Outputs:
        parts, x = _parts(case), case.arrays["x"]
        missing = (np.arange(parts.size) >= x.size).reshape(parts.shape)
        return {"sums": np.where(missing, x[0] if neutral is None else neutral, parts).sum(axis=1)}

    return predict
