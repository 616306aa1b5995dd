"""gpu_bounds: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case, Outputs, case_rng, small_integers
from tinyseg.diagnosis.operation import Hypothesis, Predict
from tinyseg.diagnosis.traits import traits_of

from ...gpu.operation import (
    BOUNDS,
    MORE_ELEMENTS,
    NOTHING,
    OVERHANG,
    SEVERAL_BLOCKS,
    SEVERAL_WRITERS,
    Arguments,
    Finds,
    KernelOperation,
    Launch,
    Traffic,
    unwritten,
)
from ...gpu.threads import Threads, gather, scatter, threads

LAUNCHES = (
    (1, 4, 4), (1, 4, 3), (2, 4, 8), (1, 4, 10), (1, 4, 1), (1, 1, 5), (2, 32, 50), (2, 32, 64), (2, 32, 65),
    (3, 16, 110), (4, 8, 31), (2, 32, 1), (1, 64, 150), (5, 32, 7), (2, 64, 160),
)  # fmt: skip
"""Blocks, threads of each, numbers."""

Index = Callable[[Threads], Array]
Step = Callable[[Threads], int]
Formula = Callable[[Array, float, float], Array]

FORMULAS: tuple[tuple[Formula, str], ...] = (
    (lambda x, m, s: x - m * s, "the product comes before the difference"),
    (lambda x, m, s: (x + m) * s, "the mean is added"),
    (lambda x, m, s: (m - x) * s, "the difference is the other way round"),
    (lambda x, m, s: (x - m) / s, "divided by the scale"),
    (lambda x, m, s: x - m, "without the scale"),
    (lambda x, m, s: x - m + s, "the scale is added"),
    (lambda x, m, s: x * s, "without the mean"),
    (lambda x, m, s: (x - s) * m, "mean and scale swapped"),
    (lambda x, m, s: x, "a copy of x"),
    (lambda x, m, s: x * s - m, "the mean is subtracted after the product"),
    (lambda x, m, s: x * s + m, "the mean is added after the product"),
)


class Standardize(KernelOperation):
    """y = (x - mean) * scale."""

    name = "gpu_bounds"
    language = "numba"
    kernel = "standardize"
    parameters = "x, y, mean, scale"
    contract = (
        "standardize[blocks, threads](x, y, mean, scale): y[i] = (x[i] - mean) * scale for all i, whether there are "
        "more threads than numbers or fewer"
    )
    finds: ClassVar[Finds] = {
        "index-one-off": BOUNDS | SEVERAL_WRITERS,
        "wrong-grid-stride": NOTHING,
        "rounds-counted": NOTHING,
        "thread-ignored": SEVERAL_WRITERS,
    }

    def cases(self) -> list[Case]:
        """As many threads as numbers, more, fewer."""
        cases = []
        for number, (blocks, width, size) in enumerate(LAUNCHES):
            rng = case_rng(number, 104)
            by_hand = number < 5
            x = small_integers(rng, (size,)) if by_hand else 3 * rng.standard_normal(size)
            mean, scale = (
                (float(rng.integers(2, 6)), float(rng.integers(2, 5)))
                if by_hand
                else (round(float(rng.uniform(1.2, 3.8)), 2), round(float(rng.uniform(0.2, 0.8)), 2))
            )
            traits = traits_of(
                {
                    SEVERAL_BLOCKS: blocks > 1,
                    OVERHANG: blocks * width > size,
                    MORE_ELEMENTS: blocks * width < size,
                }
            )
            options = {"mean": mean, "scale": scale, "grid": (blocks,), "block": (width,)}
            cases.append(Case({"x": x.astype(np.float32)}, options, traits, by_hand=by_hand))
        return cases

    def launch(self, case: Case) -> Launch:
        """More threads than numbers, or fewer."""
        x, o = case.arrays["x"], case.options
        arguments: Arguments = {
            "x": x, "y": unwritten(x.shape), "mean": np.float32(o["mean"]), "scale": np.float32(o["scale"]),
        }  # fmt: skip
        return Launch(o["grid"], o["block"], arguments)

    def right(self, case: Case) -> Outputs:
        """The formula."""
        return {"y": _by(case).astype(np.float32)}

    def traffic(self, case: Case) -> Sequence[Traffic]:
        """A warp of 32 threads writes 32 numbers."""
        full = case.options["block"][0] % 32 == 0 and case.arrays["x"].size >= 64
        return (Traffic("one-thread-does-the-work", "global", ("write",), "fill", 2.0),) if full else ()

    def hypotheses(self) -> Iterator[Hypothesis]:
        """Other elements, other steps, other formulas."""
        yield Hypothesis("grid-stride-missing", _walk())
        yield Hypothesis("block-ignored", _walk(lambda t: t.tx))
        yield Hypothesis("block-ignored", _walk(lambda t: t.tx, lambda t: t.width), "the step is one block's")
        yield Hypothesis("local-start", _walk(lambda t: t.tx, lambda t: t.size))
        yield Hypothesis("thread-ignored", _walk(lambda t: t.bx, lambda t: t.size), "blockIdx.x alone")
        yield Hypothesis("thread-ignored", _walk(lambda t: t.bx * t.width, lambda t: t.size), "the first of each block")
        yield Hypothesis("thread-ignored", _walk(lambda t: t.bx), "blockIdx.x alone, and one element")
        for step, words in STEPS:
            yield Hypothesis("wrong-grid-stride", _walk(_of_the_grid, step), words)
        yield Hypothesis("rounds-counted", _walk(_of_the_grid, lambda t: t.size, rounds=2), "two")
        yield Hypothesis("first-round-skipped", _walk(lambda t: t.x + t.size, lambda t: t.size))
        yield Hypothesis("last-element-skipped", _walk(_of_the_grid, lambda t: t.size, keep=lambda i, n: i < n - 1))
        yield Hypothesis("first-element-skipped", _walk(_of_the_grid, lambda t: t.size, keep=lambda i, n: i > 0))
        yield Hypothesis("last-block-ignored", _whole_rounds(lambda t: t.size), "rounds that are not full")
        yield Hypothesis("last-block-ignored", _whole_rounds(lambda t: t.width), "blocks that are not full")
        yield Hypothesis("index-one-off", _walk(lambda t: t.x + 1, lambda t: t.size), "the start is i + 1")
        yield Hypothesis("index-one-off", _moved(1, 0), "x[i + 1]")
        yield Hypothesis("index-one-off", _moved(-1, 0), "x[i - 1]")
        yield Hypothesis("index-one-off", _moved(0, 1), "y[i + 1]")
        for formula, words in FORMULAS:
            yield Hypothesis("wrong-formula", _given_by(formula), words)


STEPS: tuple[tuple[Step, str], ...] = (
    (lambda t: t.width, "blockDim.x"),
    (lambda t: t.columns, "gridDim.x"),
    (lambda t: t.size + 1, "one too many"),
    (lambda t: max(t.size - 1, 1), "one too few"),
    (lambda t: 2 * t.size, "twice as many"),
    (lambda t: t.width + t.columns, "blockDim.x + gridDim.x"),
    (lambda t: 32, "32"),
    (lambda t: 64, "64"),
)


def _of_the_grid(t: Threads) -> Array:
    return t.x


def _by(case: Case, formula: Formula = lambda x, m, s: (x - m) * s) -> Array:
    mean, scale = (float(np.float32(case.options[name])) for name in ("mean", "scale"))
    return formula(case.arrays["x"].astype(np.float64), mean, scale)


def _given_by(formula: Formula) -> Predict:
    return lambda case: {"y": _by(case, formula)}


def _walk(
    start: Index = _of_the_grid,
    step: Step | None = None,
    keep: Callable[[Array, int], Array] = lambda i, n: i < n,
    rounds: int = 1000,
) -> Predict:
    """What comes out when each thread walks from a start in steps (None: only one); elsewhere nothing is written."""

    def predict(case: Case) -> Outputs:
        t, right = threads(case.options["grid"], case.options["block"]), _by(case)
        index, many = start(t), rounds if step is not None else 1
        visited = np.zeros(right.size, bool)
        for _ in range(many):
            index = index[index < right.size]
            if not index.size:
                break
            visited[index[keep(index, right.size)]] = True
            index = index + (step(t) if step is not None else 0)
        return {"y": np.where(visited, right, np.nan)}

    return predict


def _whole_rounds(part: Step) -> Predict:
    """What comes out when only as many elements are worked on as whole parts fit in."""

    def predict(case: Case) -> Outputs:
        t, right = threads(case.options["grid"], case.options["block"]), _by(case)
        whole = right.size // part(t) * part(t)
        return {"y": np.where(np.arange(right.size) < whole, right, np.nan)}

    return predict


def _moved(read: int, write: int) -> Predict:
    """What comes out when a neighbour is read or written."""

    def predict(case: Case) -> Outputs:
        right = _by(case)
        index = np.arange(right.size)
        return {"y": scatter(right.shape, gather(right, index + read), index + write)}

    return predict
