"""gpu_map: what is asked, and how it goes wrong."""

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

LAUNCHES = ((1, 4), (2, 4), (3, 4), (1, 32), (3, 32), (2, 64), (5, 16), (1, 1), (7, 1), (1, 96), (4, 128), (3, 33))
"""Blocks, and threads of each; there are as many numbers as threads."""

Index = Callable[[Threads], Array]
Formula = Callable[[Array, float, float], Array]


def _block_of(size: int) -> Index:
    return lambda t: t.bx * size + t.tx


def _plus(off: int) -> Index:
    return lambda t: t.x + off


INDICES: tuple[tuple[str, Index, str], ...] = (
    ("block-ignored", lambda t: t.tx, "threadIdx.x alone"),
    ("thread-ignored", lambda t: t.bx, "blockIdx.x alone"),
    ("thread-ignored", lambda t: t.bx * t.width, "blockIdx.x * blockDim.x alone"),
    ("block-and-thread-swapped", lambda t: t.tx * t.width + t.bx, "threadIdx.x * blockDim.x + blockIdx.x"),
    ("grid-size-for-block-size", lambda t: t.bx * t.columns + t.tx, "blockIdx.x * gridDim.x + threadIdx.x"),
    *(
        ("block-size-assumed", _block_of(k), f"blockIdx.x * {k} + threadIdx.x")
        for k in (4, 8, 16, 32, 64, 128, 256, 512, 1024)
    ),
    ("block-size-missing", lambda t: t.bx + t.tx, "blockIdx.x + threadIdx.x"),
    ("block-size-missing", lambda t: t.bx * t.tx, "blockIdx.x * threadIdx.x"),
    ("index-one-off", lambda t: t.x + 1, "i + 1"),
    ("index-one-off", lambda t: t.x - 1, "i - 1"),
    ("index-one-off", lambda t: (t.bx + 1) * t.width + t.tx, "blockIdx.x + 1"),
    ("index-one-off", lambda t: (t.bx - 1) * t.width + t.tx, "blockIdx.x - 1"),
    ("block-size-one-off", lambda t: t.bx * (t.width - 1) + t.tx, "blockDim.x - 1"),
    ("block-size-one-off", lambda t: t.bx * (t.width + 1) + t.tx, "blockDim.x + 1"),
    ("every-second-element", lambda t: 2 * t.x, "2 * i"),
)
"""Wrong elements of a thread, the same for reading and for writing."""

FORMULAS: tuple[tuple[Formula, str], ...] = (
    (lambda x, g, o: o * x + g, "gain and offset swapped"),
    (lambda x, g, o: g * (x + o), "the offset is added before the product"),
    (lambda x, g, o: g * (x - o), "the offset is subtracted before the product"),
    (lambda x, g, o: g * x, "without the offset"),
    (lambda x, g, o: x + o, "without the gain"),
    (lambda x, g, o: g * x - o, "the offset is subtracted"),
    (lambda x, g, o: g + x + o, "the gain is added"),
    (lambda x, g, o: x / g + o, "divided by the gain"),
    (lambda x, g, o: x, "a copy of x"),
    (lambda x, g, o: x * 0 + o, "without x"),
    (lambda x, g, o: int(g) * x + o, "the gain cut to an integer"),
    (lambda x, g, o: np.trunc(x) * g + o, "x cut to integers"),
    (lambda x, g, o: g * x + int(o), "the offset cut to an integer"),
)


class Adjust(KernelOperation):
    """y = gain * x + offset."""

    name = "gpu_map"
    language = "cuda"
    kernel = "adjust"
    parameters = "const float *x, float *y, float gain, float offset"
    contract = "adjust<<<blocks, threads>>>(x, y, gain, offset): y[i] = gain * x[i] + offset, one thread for each i"
    finds: ClassVar[Finds] = {
        "thread-ignored": SEVERAL_WRITERS,
        "block-size-missing": SEVERAL_WRITERS,
        "local-index-for-writing": SEVERAL_WRITERS,
        "index-one-off": BOUNDS,
    }

    def cases(self) -> list[Case]:
        """One block, several, blocks of other sizes."""
        cases = []
        for number, (blocks, width) in enumerate(LAUNCHES):
            rng = case_rng(number, 101)
            by_hand, size = number < 3, blocks * width
            x = small_integers(rng, (size,)) if by_hand else 3 * rng.standard_normal(size)
            gain, offset = (
                (float(rng.integers(2, 6)), float(rng.integers(6, 10)))
                if by_hand
                else (float(rng.uniform(1.2, 3.8)), float(rng.uniform(4.1, 8.9)))
            )
            traits = traits_of({SEVERAL_BLOCKS: blocks > 1})
            options = {"gain": round(gain, 2), "offset": round(offset, 2), "grid": (blocks,), "block": (width,)}
            cases.append(Case({"x": x.astype(np.float32)}, options, traits, by_hand=by_hand))
        return cases

    def launch(self, case: Case) -> Launch:
        """As many threads as numbers."""
        x, o = case.arrays["x"], case.options
        arguments: Arguments = {
            "x": x, "y": unwritten(x.shape), "gain": np.float32(o["gain"]), "offset": np.float32(o["offset"]),
        }  # fmt: skip
        return Launch(o["grid"], o["block"], arguments)

    def right(self, case: Case) -> Outputs:
        """The formula."""
        return {"y": _by(case, lambda x, g, o: g * x + o).astype(np.float32)}

    def traffic(self, case: Case) -> Sequence[Traffic]:
        """A warp of 32 threads writes 32 numbers."""
        full = case.options["block"][0] % 32 == 0
        return (Traffic("one-thread-does-the-work", "global", ("write",), "fill", 2.0),) if full else ()

    def hypotheses(self) -> Iterator[Hypothesis]:
        """Other elements, other formulas."""
        for cause, index, words in INDICES:
            yield Hypothesis(cause, _on(index, index), words)
        yield Hypothesis("local-index-for-reading", _on(lambda t: t.tx, lambda t: t.x))
        yield Hypothesis("local-index-for-writing", _on(lambda t: t.x, lambda t: t.tx))
        for off in (1, -1):
            words = f"{off:+d}".replace("+", "+ ").replace("-", "- ")
            yield Hypothesis("index-one-off", _on(_plus(off), _plus(0)), f"x[i {words}]")
            yield Hypothesis("index-one-off", _on(_plus(0), _plus(off)), f"y[i {words}]")
        yield Hypothesis("order-reversed", _on(lambda t: t.x, lambda t: t.size - 1 - t.x))
        yield Hypothesis("first-element-skipped", _kept(lambda t: t.x > 0))
        yield Hypothesis("last-element-skipped", _kept(lambda t: t.x < t.size - 1))
        yield Hypothesis("some-threads-idle", _kept(lambda t: t.tx == 0), "all but the first of each block")
        yield Hypothesis("some-threads-idle", _kept(lambda t: t.tx > 0), "the first of each block")
        yield Hypothesis("some-threads-idle", _kept(lambda t: t.tx < t.width - 1), "the last of each block")
        yield Hypothesis("some-threads-idle", _kept(lambda t: t.tx % 2 == 0), "every second of each block")
        yield Hypothesis("some-threads-idle", _kept(lambda t: t.bx > 0), "those of block 0")
        yield Hypothesis("some-threads-idle", _kept(lambda t: t.bx < t.columns - 1), "those of the last block")
        for formula, words in FORMULAS:
            yield Hypothesis("wrong-formula", _given_by(formula), words)


def _by(case: Case, formula: Formula) -> Array:
    gain, offset = (float(np.float32(case.options[name])) for name in ("gain", "offset"))
    return formula(case.arrays["x"].astype(np.float64), gain, offset)


def _given_by(formula: Formula) -> Predict:
    return lambda case: {"y": _by(case, formula)}


def _on(read: Index, write: Index) -> Predict:
    """What comes out when each thread reads and writes other elements."""

    def predict(case: Case) -> Outputs:
        t = threads(case.options["grid"], case.options["block"])
        values = gather(_by(case, lambda x, g, o: g * x + o), read(t))
        return {"y": scatter(case.arrays["x"].shape, values, write(t))}

    return predict


def _kept(keep: Callable[[Threads], Array]) -> Predict:
    """What comes out when only some threads work."""

    def predict(case: Case) -> Outputs:
        t = threads(case.options["grid"], case.options["block"])
        index = np.where(keep(t), t.x, -1)
        return {"y": scatter(case.arrays["x"].shape, gather(_by(case, lambda x, g, o: g * x + o), t.x), index)}

    return predict
