"""avg_pool2d: divisors and windows that only loops, tables and matrices get wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..geometry import Geometry, gather, scatter
from ..operation import Hypothesis
from .pooling import OF_BOTH, TAPS

if TYPE_CHECKING:
    from .avg_pooling import AvgPool2D


def divisor_mistakes(operation: AvgPool2D) -> Iterator[Hypothesis]:
    """Yield counts of another window or of several, weights of pixels, and windows that begin or end one off."""

    def divided(weight: Callable[[Geometry, int], Array]) -> Callable[[Case], Outputs]:
        """Divide by what is given for a geometry and a number of channels, as (1, OH, 1, OW, 1, C or 1)."""

        def predict(case: Case) -> Outputs:
            g, c = operation.geometry(case), case.arrays["x"].shape[3]
            by = weight(g, c)
            result = {"y": gather(case.arrays["x"], g).sum(axis=(2, 4)) * by[:, :, 0, :, 0]}
            if case.dy is not None:
                result["dx"] = scatter(np.broadcast_to(case.dy[:, :, None, :, None] * by, _shape(case, g)), g)
            return result

        return predict

    for index, word in ((0, "first"), (-1, "last")):
        yield Hypothesis(
            "divided-by-one-window",
            divided(lambda g, c, k=index: operation.weights(g) * 0 + operation.weights(g)[0, k, 0, k, 0, 0]),
            f"the {word}",
        )
    yield Hypothesis(
        "count-not-reset",
        divided(lambda g, c: operation.weights(g) / np.arange(1, c + 1)),
        "from channel to channel",
    )
    yield Hypothesis("overlaps-averaged", lambda case: _by_pixels(operation, case), "each axis by itself")
    for cause, taps in TAPS:
        which = f"{OF_BOTH[cause]}, not counted either" if cause in OF_BOTH else "and not counted"
        yield Hypothesis(cause, lambda case, taps=taps: _of_the_rest(operation, case, taps), which)


def _shape(case: Case, g: Geometry) -> tuple[int, ...]:
    n, oh, ow, c = case.dy.shape
    return (n, oh, g.window[0], ow, g.window[1], c)


def _by_pixels(operation: AvgPool2D, case: Case) -> Outputs:
    """dx where the weights with which a pixel enters add up to 1: the matrix of each axis normalised the other way."""
    g = operation.geometry(case)
    matrices = []
    for axis in (0, 1):
        m = np.zeros((g.out[axis], g.size[axis] + 1))
        np.add.at(m, (np.arange(g.out[axis])[:, None], g.positions(axis)), 1.0)
        inside = m[:, : g.size[axis]]
        rows = inside / np.maximum(inside.sum(axis=1, keepdims=True), 1)
        matrices.append(rows / np.maximum(rows.sum(axis=0), 1e-9))
    return {"dx": np.einsum("oh,pw,nopc->nhwc", *matrices, case.dy)}


def _of_the_rest(operation: AvgPool2D, case: Case, taps: tuple[slice, slice]) -> Outputs:
    """The mean of windows that lack a row or a column, of what is left: 0 where nothing is."""
    g = operation.geometry(case)
    kept = np.zeros((g.window[0], g.window[1]), bool)
    kept[taps] = True
    inside = g.inside.transpose(0, 2, 1, 3) & kept
    counts = inside.sum(axis=(2, 3))[None, :, :, None]
    chosen = inside.transpose(0, 2, 1, 3)[None, ..., None]
    y = (gather(case.arrays["x"], g) * chosen).sum(axis=(2, 4)) / np.maximum(counts, 1)
    if case.dy is None:
        return {"y": y}
    shares = (case.dy / np.maximum(counts, 1))[:, :, None, :, None] * chosen
    return {"y": y, "dx": scatter(shares, g)}
