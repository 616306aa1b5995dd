"""The process of one peer: `python -m benchmarks.cpu.worker KEY THREADS`.

It reads requests from its input, one JSON object a line, and answers each with one.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from .case import Operation, Steps
from .memory import forget_peak, peak_bytes, resident_bytes
from .peers import PEERS
from .suite import find

SAMPLE = 1 << 20
"""Numbers of an output that are compared at most: evenly spaced ones."""


class Worker:
    """Holds the steps of one case at a time."""

    def __init__(self, key: str, threads: int) -> None:
        """Load the peer's library."""
        peer = next(peer for peer in PEERS if peer.key == key)
        module = importlib.import_module(f"{__package__}.{peer.module}")
        self.side = module.Side(peer.argument, threads)
        self.steps: Steps = {}
        self.before = 0

    def prepare(self, case: str, tiny: bool) -> dict[str, Any]:
        """Make a case's inputs and steps."""
        self.drop()
        self.case = find(case, tiny)
        gc.collect()
        forget_peak()
        self.before = resident_bytes()
        operation = isinstance(self.case, Operation)
        self.steps = self.side.operation(self.case) if operation else self.side.network(self.case)
        return {}

    def kinds(self) -> dict[str, Any]:
        """Return the kinds of steps."""
        return {"kinds": list(self.steps)}

    def check(self, folder: str) -> dict[str, Any]:
        """Write the outputs of the first step.

        Of a network: those of inference before training, and the losses of two steps.
        """
        if isinstance(self.case, Operation):
            outputs = self.side.to_numpy(self.steps["both"](), self.case.results)
        else:
            layout = "image" if self.case.segments else "plain"
            outputs = self.side.to_numpy(self.steps["inference"](), [layout])
            outputs += [np.asarray(self.steps["train"]()[0], np.float64) for _ in range(2)]
        for k, output in enumerate(outputs):
            step = 1 + (output.size - 1) // SAMPLE | 1  # odd, so that it meets all channels
            np.save(Path(folder) / f"{k}.npy", np.ascontiguousarray(output).reshape(-1)[::step])
        return {"shapes": [list(output.shape) for output in outputs]}

    def time(self, kind: str, calls: int, warm: int) -> dict[str, Any]:
        """Call a step this many times; return the median of its times in seconds."""
        step = self.steps[kind]
        for _ in range(warm):
            step()
        times = []
        for _ in range(calls):
            started = time.perf_counter()
            step()
            times.append(time.perf_counter() - started)
        return {"seconds": median(times)}

    def memory(self) -> dict[str, Any]:
        """Return the peak of the process's memory, and what it had before the case."""
        return {"peak": peak_bytes(), "before": self.before}

    def drop(self) -> dict[str, Any]:
        """Forget the case."""
        self.steps = {}
        gc.collect()
        return {}

    def rates(self) -> dict[str, Any]:
        """Return the machine's rates as this library reaches them."""
        return dict(self.side.rates())


def main() -> None:
    """Answer requests until the input ends. What libraries print goes to the error stream."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker: Worker | None = None
    for line in sys.stdin:
        request = json.loads(line)
        action = request.pop("do")
        try:
            if worker is None:
                worker = Worker(sys.argv[1], int(sys.argv[2]))
            answer = {} if action == "begin" else getattr(worker, action)(**request)
        except Exception as error:  # told to the driver: one broken case must not cost all the others
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
