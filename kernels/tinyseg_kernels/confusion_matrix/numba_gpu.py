"""confusion_counts by Numba kernels: scores to classes to counts in one pass."""

from __future__ import annotations

import numpy as np

from ..device import as_int32_ids, contiguous, empty, zeros
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, device_function, jit, launch
from ..gpu.numba_sums import sum_rows
from ..types import Array, FloatArray, IntArray, Real

THREADS = 128
MOST_BLOCKS = 1024

SHARED_CELLS = 1024
"""Cells that a block counts in shared memory, whose size a Numba kernel fixes when it is compiled: matrices of up to 32
classes."""

POSITIONS_OF_A_THREAD = 256


@device_function
def _predicted_class(scores: FloatArray, i: int, half: Real) -> int:
    """The first of the largest scores, or of the NaN ones; a single score is cut at one half."""
    top = scores[i, 0]
    if scores.shape[1] == 1:
        return 1 if top > half else 0
    best = 0
    for k in range(1, scores.shape[1]):
        score = scores[i, k]
        if top == top and (score > top or score != score):  # NaN is not equal to itself
            top = score
            best = k
    return best


@device_function
def _cell_of(t: int, p: int, classes: int, ignored: int, has_ignored: bool) -> int:
    """Number of a position's cell, or -1 if it counts for nothing."""
    if t < 0 or t >= classes or p < 0 or p >= classes or (has_ignored and t == ignored):
        return -1
    return t * classes + p


@jit
def _cells_of_scores(
    truth: IntArray, scores: FloatArray, cells: IntArray, classes: int, ignored: int, has_ignored: bool, half: Real
) -> None:
    """The cell of each position from its scores."""
    i = cuda.grid(1)
    if i < cells.size:
        cells[i] = _cell_of(truth[i], _predicted_class(scores, i, half), classes, ignored, has_ignored)


@jit
def _cells_of_ids(
    truth: IntArray, ids: IntArray, cells: IntArray, classes: int, ignored: int, has_ignored: bool
) -> None:
    """The cell of each position from its predicted id."""
    i = cuda.grid(1)
    if i < cells.size:
        cells[i] = _cell_of(truth[i], ids[i], classes, ignored, has_ignored)


@jit
def _count_in_shared_memory(cells: IntArray, counts: IntArray) -> None:
    """Each block counts by itself, then adds what it counted."""
    own = cuda.shared.array(SHARED_CELLS, np.int32)
    for k in range(cuda.threadIdx.x, counts.size, cuda.blockDim.x):
        own[k] = 0
    cuda.syncthreads()
    for i in range(cuda.grid(1), cells.size, cuda.gridsize(1)):
        if cells[i] >= 0:
            cuda.atomic.add(own, cells[i], 1)
    cuda.syncthreads()
    for k in range(cuda.threadIdx.x, counts.size, cuda.blockDim.x):
        if own[k] > 0:
            cuda.atomic.add(counts, k, own[k])


@jit
def _count_in_global_memory(cells: IntArray, counts: IntArray) -> None:
    """For matrices too large for shared memory."""
    for i in range(cuda.grid(1), cells.size, cuda.gridsize(1)):
        if cells[i] >= 0:
            cuda.atomic.add(counts, cells[i], 1)


@jit
def _weigh(cells: IntArray, weight: FloatArray, sums: FloatArray) -> None:
    """sums[g, c] = sum over i = g, g + G, g + 2 G, and so on of the weights in cell c.

    A thread for each sum, so the order is fixed.
    """
    t = cuda.grid(1)
    if t < sums.size:
        g, c = t // sums.shape[1], t % sums.shape[1]
        total = sums.dtype.type(0)
        for i in range(g, cells.size, sums.shape[0]):
            if cells[i] == c:
                total += weight[i]
        sums[g, c] = total


def confusion_counts(
    truth: Array, prediction: Array, *, num_classes: int, ignore_class: int | None = None,
    weight: FloatArray | None = None,
) -> Array:  # fmt: skip
    """Find the cell of each position, then count or weigh."""
    truth = contiguous(as_int32_ids(truth, num_classes)).reshape(-1)
    positions, shape = truth.size, (num_classes, num_classes)
    cells = empty(positions, np.int32)
    options = (num_classes, 0 if ignore_class is None else ignore_class, ignore_class is not None)
    grid = blocks(positions, THREADS)
    if prediction.dtype.kind == "f":
        scores = contiguous(prediction).reshape(positions, prediction.shape[-1])
        launch(_cells_of_scores, grid, THREADS, truth, scores, cells, *options, 0.5)
    else:
        ids = contiguous(as_int32_ids(prediction, num_classes)).reshape(-1)
        launch(_cells_of_ids, grid, THREADS, truth, ids, cells, *options)
    if weight is not None:
        sums = empty((blocks(positions, POSITIONS_OF_A_THREAD), num_classes**2), np.float64)
        launch(_weigh, blocks(sums.size, THREADS), THREADS, cells, contiguous(weight).reshape(-1), sums)
        return sum_rows(sums).reshape(shape)
    counts = zeros(num_classes**2, np.int64)
    kernel = _count_in_shared_memory if counts.size <= SHARED_CELLS else _count_in_global_memory
    launch(kernel, min(grid, MOST_BLOCKS), THREADS, cells, counts)
    return counts.reshape(shape)


_IDS, _INT = "int32[::1]", "int32"
PTX_SIGNATURES = [
    (_cells_of_scores, (_IDS, "float32[:,::1]", _IDS, _INT, _INT, _INT, "float32")),
    (_cells_of_ids, (_IDS, _IDS, _IDS, _INT, _INT, _INT)),
    (_count_in_shared_memory, (_IDS, "int64[::1]")),
    (_count_in_global_memory, (_IDS, "int64[::1]")),
    (_weigh, (_IDS, "float64[::1]", "float64[:,::1]"), "float64-on-purpose: weights are float64 as on the CPU"),
]
"""For the check that float32 stays float32."""
