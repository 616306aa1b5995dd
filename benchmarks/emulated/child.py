"""Measures one build of the emulator: prints a line of JSON. `benchmarks.emulator` runs it with that build's path."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.cuda.module import CudaModule
from tinyseg_emulator.cuda.native import runtime

SOURCE = Path(__file__).with_name("kernels.cu")


def launches() -> dict[str, tuple[Any, Any, list[Any]]]:
    """Return kernel -> (grid, block, arguments)."""
    generator = np.random.default_rng(0)

    def floats(*shape: int) -> Any:
        return generator.random(shape).astype(np.float32)

    n = np.int32
    return {
        "saxpy": ((512, 1, 1), (256, 1, 1), [floats(131072), floats(131072), np.float32(2), n(131072)]),
        "matmul_tiles": ((5, 5, 1), (16, 16, 1), [floats(80, 80), floats(80, 80), floats(80, 80), n(80)]),
        "block_sums": ((64, 1, 1), (256, 1, 1), [floats(262144), floats(64), n(262144)]),
        "histogram": (
            (16, 1, 1),
            (256, 1, 1),
            [generator.integers(0, 99, 131072).astype(np.int32), np.zeros(64, np.int32), n(131072)],
        ),
        "stencil": ((128, 1, 1), (256, 1, 1), [floats(32768), floats(32768), n(32768)]),
        "transpose": ((16, 16, 1), (32, 8, 1), [floats(512, 512), floats(512, 512), n(512)]),
        "warp_sums": ((128, 1, 1), (256, 1, 1), [floats(32768), floats(1), n(32768)]),
        "in_place_steps": ((4, 1, 1), (256, 1, 1), [floats(1024), n(1024), n(60)]),
    }


def main() -> None:
    """Print {"kernel": {"races": nanoseconds, "report": nanoseconds}, ..., "peak": KB that checked runs add}."""
    module = CudaModule(SOURCE.read_text(encoding="utf-8"), SOURCE.name)
    runtime()
    every = launches()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result: dict[str, Any] = {}
    for name, (grid, block, arguments) in every.items():
        result[name] = {}
        for form, options in (("races", {}), ("report", {"memory_report": True})):
            best = float("inf")
            for _ in range(int(sys.argv[1])):
                start = time.process_time()
                with emulation(races=True, **options):
                    module.kernel(name).launch(grid, block, arguments)
                best = min(best, time.process_time() - start)
            result[name][form] = best * 1e9 / runtime().tinyseg_access_count()
    result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps(result))


if __name__ == "__main__":
    main()
