"""The flipped kernel: turned by 180 degrees, its input and output channels swapped.

With it dx of a convolution with stride 1 is a convolution of dy.

Each tap is a matrix (C, F) that is transposed, a square in vector registers at a time. NumPy's copy of it took a third
of dx's time for 4 images of 16x16 with 512 to 512 channels.
"""

from __future__ import annotations

import numpy as np

from ...cpu.compiled import kernel as compiled_kernel
from ...cpu.gemm.micro_kernel import LANES
from ...cpu.gemm.packing import SMALL
from ...cpu.memory.buffers import empty
from ...cpu.threading.threads import parallel
from ...cpu.vectors.transposition import transpose
from ...types import FloatArray, Pair
from ...windows import input_gradient_padding


def as_convolution(
    dy: FloatArray, kernel: FloatArray, size: Pair, padding: tuple[Pair, Pair], dilation_rate: Pair
) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """Return kernel and padding of the convolution of dy that is dx (N, *size, C), for stride 1, padding before x."""
    return flipped(kernel), input_gradient_padding(size, kernel.shape[:2], dy.shape[1:3], padding, dilation_rate)


def flipped(kernel: FloatArray) -> FloatArray:
    """Return the kernel (KH, KW, F, C) of a kernel (KH, KW, C, F)."""
    kh, kw, channels, filters = kernel.shape
    result = empty((kh, kw, filters, channels), kernel.dtype)
    taps = np.ascontiguousarray(kernel).reshape(kh * kw, channels, filters)
    jobs, target = kh * kw * -(-channels // LANES), result.reshape(kh * kw, filters, channels)
    if kernel.size <= SMALL:
        _flip(0, jobs, taps, target)
    else:
        parallel(_flip, jobs, taps, target)
    return result


@compiled_kernel
def _flip(start: int, stop: int, kernel: FloatArray, result: FloatArray) -> None:
    """Write jobs start .. stop: a job has LANES channels of a tap."""
    taps, channels, filters = kernel.shape
    jobs_of_tap = -(-channels // LANES)
    for job in range(start, stop):
        tap, first = job // jobs_of_tap, job % jobs_of_tap * LANES
        target, whole = taps - 1 - tap, 0
        if first + LANES <= channels:
            whole = filters // LANES * LANES
            for f in range(0, whole, LANES):
                transpose(
                    kernel.ctypes.data + ((tap * channels + first) * filters + f) * 4, filters * 4,
                    result.ctypes.data + ((target * filters + f) * channels + first) * 4, channels * 4,
                )  # fmt: skip
        for f in range(whole, filters):
            for c in range(first, min(first + LANES, channels)):
                result[target, f, c] = kernel[tap, c, f]
