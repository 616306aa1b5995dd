"""Barriers and atomics that may be left out of a kernel without changing what it may do, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_GPU = "kernels/tinyseg_kernels/gpu"

REDUNDANT: Mapping[tuple[str, str], str] = {
    (f"{_GPU}/common.cuh", "__syncthreads();  // scratch may still be read from an earlier call #1"): (
        "each of today's five kernels calls block_sum once, so nothing has read scratch before; it is there for a "
        "second call"
    ),
    (f"{_GPU}/softmax_registers.cuh", "__syncthreads(); #2"): (
        "each of today's stores follows loads only, behind which a thread reads its own row, and it writes this row "
        "alone; it is there for a second store"
    ),
}
"""(file, text of the line and which of the lines with this text) -> why leaving it out changes nothing."""
