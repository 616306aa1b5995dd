"""Barriers and atomics that may be left out of a kernel without changing what it may do, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_GPU = "kernels/tinyseg_kernels/gpu"
_LAUNCHES = "tests/emulator/programs/launches.cu"
_ALONE = "one thread of the launch gets there, and the next launch waits for it"
_ADDED_ALONE = (
    "static __global__ __launch_bounds__(BLOCK) void bounded(int *out) { if (threadIdx.x == 0) atomicAdd(out, 1); }",
    "__global__ void overloaded(int *out, float) { atomicAdd(out, 2); }",
    "__global__ void overloaded(int *out, int) { atomicAdd(out, 3); }",
    "if (!nothing && threadIdx.x == 0) atomicAdd(out, s[N - 1]);",
    "template <int N = 4> __global__ void defaulted(int *out) { atomicAdd(out, N); }",
    "__global__ void kernel(int *out) { atomicAdd(out, 6); }",
    "__global__ void by_value(int *out, Pair pair) { atomicAdd(out, pair.first + pair.second); }",
    "if (threadIdx.x == 0) for (int i = 0; i < blockDim.x; i++) atomicAdd(out, s[i]);",
)  # each the only line with its text

REDUNDANT: Mapping[tuple[str, str], str] = {
    (f"{_GPU}/common.cuh", "__syncthreads();  // scratch may still be read from an earlier call #1"): (
        "each of today's five kernels calls block_sum once, so nothing has read scratch before; it is there for a "
        "second call"
    ),
    (f"{_GPU}/softmax_registers.cuh", "__syncthreads(); #2"): (
        "each of today's stores follows loads only, behind which a thread reads its own row, and it writes this row "
        "alone; it is there for a second store"
    ),
    ("tests/emulator/programs/last_block.cu", "__syncthreads(); #2"): (
        "thread 0 alone uses last, which it wrote itself; what the other threads read is without effect, and compilers "
        "leave it out"
    ),
    **{(_LAUNCHES, f"{line} #1"): _ALONE for line in _ADDED_ALONE},
}
"""(file, text of the line and which of the lines with this text) -> why leaving it out changes nothing."""
