"""A cap on numbers where they are, compiled for the CPU: half of the memory traffic of a result of its own."""

from __future__ import annotations

import numpy as np

from ...cpu.compiled import kernel
from ...cpu.threading.threads import parallel
from ...types import FloatArray, Real


def cap(y: FloatArray, most: float) -> None:
    """Write min(y, most) over y, a float32 array in C order; NaN stays NaN."""
    parallel(_cap, y.size, y.reshape(-1), np.float32(most))


@kernel
def _cap(start: int, stop: int, y: FloatArray, most: Real) -> None:
    y = y[start:stop]  # counted from 0, k cannot be negative: only then vectors are made of the loop
    for k in range(y.size):
        y[k] = most if y[k] > most else y[k]  # a NaN is not above it
