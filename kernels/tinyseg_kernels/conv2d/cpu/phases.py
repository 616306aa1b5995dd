"""dx of a convolution with strides s, without dilation.

The pixels fall into s * s *phases*: those of one phase meet only every s-th tap of the kernel, and for them dx is again
a convolution of dy with stride 1, with these taps flipped.
"""

from __future__ import annotations

from ...cpu.memory.buffers import empty
from ...types import FloatArray, Pair
from ..cache import Conv2DCache
from . import direct
from .flipped_kernel import as_convolution


def input_gradient(dy: FloatArray, kernel: FloatArray, size: Pair, geometry: Conv2DCache) -> FloatArray:
    """Return dx (N, *size, C)."""
    sh, sw = geometry.strides
    (top, _), (left, _) = geometry.padding
    dx = empty((len(dy), *size, kernel.shape[2]), dy.dtype)
    for p in range(sh):
        for q in range(sw):
            rows, columns = -(-(size[0] - p) // sh), -(-(size[1] - q) // sw)
            if rows < 1 or columns < 1:
                continue
            i, j = (p + top) % sh, (q + left) % sw  # the first tap that meets this phase
            taps = kernel[i::sh, j::sw]
            if taps.size == 0:
                dx[:, p::sh, q::sw] = 0
                continue
            # Pixel p + s * h meets output o through tap i + s * k when p + s * h + top = s * o + i + s * k.
            before = ((p + top - i) // sh, (q + left - j) // sw)
            flipped, pads = as_convolution(dy, taps, (rows, columns), ((before[0], 0), (before[1], 0)), (1, 1))
            direct.write_every(dx, (p, q), (sh, sw), dy, flipped, pads)
    return dx
