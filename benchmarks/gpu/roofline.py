"""What the chip can do, measured: how fast it copies, and how fast cuBLAS multiplies.

A row's share is the time of the slower of both for its work, over its own.

The share of a convolution can pass 1: its operations are those of the plain algorithm, and Winograd's needs fewer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from tinyseg_kernels.device import device_module, to_device

from ..common.arrays import Work, numbers
from .clock import Clock


@dataclass(frozen=True)
class Roofline:
    """Bytes per second that a copy reads and writes, and operations per second by precision.

    Operations are floating-point ones; None: not measured.
    """

    bandwidth: float
    rates: dict[str, float | None]

    def share(self, work: Work, seconds: float, precision: str) -> float | None:
        """Return how much of the chip's best a time is: 1 means that nothing could be faster."""
        rate = self.rates.get(precision)
        if work.flops and rate is None:
            return None
        least = max(work.bytes / self.bandwidth, work.flops / rate if rate else 0.0)
        return least / seconds

    def as_json(self) -> dict[str, Any]:
        """Return the numbers."""
        return asdict(self)


def measure(
    clock: Clock, torch: Any, device: str, *, copy_bytes: int = 1 << 30, edge: int = 8192, repeats: int = 7
) -> Roofline:
    """Measure both; TF32's rate needs PyTorch, because CuPy leaves TF32 off."""
    count = copy_bytes // 4
    source, target = to_device(numbers(count)), device_module().empty((count,), "float32")

    def copy() -> None:
        target[...] = source

    bandwidth = 2 * 4 * count / best_median(clock, copy, repeats)
    a, b = to_device(numbers(edge, edge)), to_device(numbers(edge, edge, seed=1))
    flops = 2 * edge**3
    rates: dict[str, float | None] = {"float32": flops / best_median(clock, lambda: a @ b, repeats), "tf32": None}
    if torch is not None:
        from .precision import set_torch_precision

        tensors = [torch.from_numpy(numbers(edge, edge, seed=k)).to(device) for k in (0, 1)]
        set_torch_precision(torch, "tf32")
        rates["tf32"] = flops / best_median(clock, lambda: tensors[0] @ tensors[1], repeats)
        set_torch_precision(torch, "float32")
    return Roofline(bandwidth, rates)


def best_median(clock: Clock, function: Any, repeats: int) -> float:
    """Return the median seconds of a call, after two calls to warm up."""
    clock.seconds([function], 2)
    return median(clock.seconds([function], 4) / 4 for _ in range(repeats))
