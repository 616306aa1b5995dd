"""MobileNetV2 at 224 x 224, side by side with PyTorch: `python -m benchmarks.classifiers --batch 1 8`.

Rounds alternate between the two, and the ratio is that of their medians. PyTorch computes channels_last, without
gradients; set its allocator's thresholds as for the other benchmarks (MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from tinyseg.applications import MobileNetV2


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compared(batch: int, rounds: int) -> tuple[float, float]:
    """Return the medians of tinyseg and of PyTorch, in seconds."""
    import torch

    from tests.applications.torch_networks import MobileNetV2 as Peer

    model, peer = MobileNetV2(), Peer(1000).eval().to(memory_format=torch.channels_last)
    x = np.random.default_rng(0).normal(size=(batch, 224, 224, 3)).astype(np.float32)
    there = torch.from_numpy(x.transpose(0, 3, 1, 2))  # the same memory: channels last

    def of_peer() -> object:
        with torch.inference_mode():
            return peer(there)

    def of_ours() -> object:
        return model.predict(x, batch_size=batch, verbose=0)

    for call in (of_ours, of_peer) * 2:
        call()
    times = [(seconds(of_ours), seconds(of_peer)) for _ in range(rounds)]
    return median(own for own, _ in times), median(other for _, other in times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    for batch in options.batch:
        own, other = compared(batch, options.rounds)
        print(
            f"batch {batch}: tinyseg {1000 * own:.1f} ms, PyTorch {1000 * other:.1f} ms, "
            f"{other / own:.2f} times as fast"
        )


if __name__ == "__main__":
    main()
