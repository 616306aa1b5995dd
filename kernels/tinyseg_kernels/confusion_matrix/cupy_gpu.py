"""confusion_counts in CUDA C++: scores to classes to counts in one pass."""

from __future__ import annotations

import numpy as np

from ..device import as_int32_ids, contiguous, empty, zeros
from ..gpu.cuda import Source, blocks
from ..types import Array, DType, FloatArray

_SOURCE = Source(__file__, "confusion_matrix.cu")

THREADS = 256
MOST_BLOCKS = 1024
WARP = 32
SHARED_BYTES = 48 << 10


def confusion_counts(
    truth: Array, prediction: Array, *, num_classes: int, ignore_class: int | None = None,
    weight: FloatArray | None = None,
) -> Array:  # fmt: skip
    """Count in shared memory; with weights, one sum for each cell."""
    positions, cells = truth.size, num_classes**2
    dtype, inputs = kernel_inputs(truth, prediction, num_classes)
    classes = prediction.shape[-1] if prediction.dtype.kind == "f" else 0
    ignored = 0 if ignore_class is None else ignore_class
    options = (positions, classes, num_classes, ignored, ignore_class is not None)
    grid = blocks(positions, THREADS, limit=MOST_BLOCKS)
    shape = (num_classes, num_classes)
    if weight is not None:
        of_positions, sums = empty(positions, np.int32), empty(shape, np.float64)
        _SOURCE.launch("find_cells", dtype, grid, THREADS, (*inputs, of_positions, *options))
        _SOURCE.launch("weigh_cells", dtype, cells, THREADS, (of_positions, contiguous(weight), sums, positions))
        return sums
    # Kernels count without a sign: CUDA's 64-bit atomic addition knows no other.
    counts = zeros(shape, np.uint64)
    copies = min(WARP, SHARED_BYTES // (4 * cells))
    if copies > 0:
        args = (*inputs, counts, *options, copies)
        _SOURCE.launch("count_in_shared_memory", dtype, grid, THREADS, args, shared_mem=4 * cells * copies)
    else:
        _SOURCE.launch("count_in_global_memory", dtype, grid, THREADS, (*inputs, counts, *options))
    return counts.view(np.int64)


def kernel_inputs(truth: Array, prediction: Array, num_classes: int) -> tuple[DType, tuple[Array, Array, Array]]:
    """Return the floating type, and truth, predicted ids and scores as the kernels take them.

    One of the latter two is there in name only.
    """
    truth = contiguous(as_int32_ids(truth, num_classes))
    if prediction.dtype.kind == "f":
        return prediction.dtype, (truth, truth, contiguous(prediction))
    ids = contiguous(as_int32_ids(prediction, num_classes))
    return np.dtype(np.float32), (truth, ids, empty(1, np.float32))
