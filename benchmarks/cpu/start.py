"""Cold and warm start: the first use after installation, and a later process's way to its first step."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from ..common.records import now, software

LIMITS = {"cold": 20.0, "warm": 2.0}
"""Seconds: compiling the demo's network in all, and a later process's first step."""

PROGRAM = """
import time
started = time.perf_counter()
import numpy as np
import tinyseg
from tinyseg.runs.settings import Settings, build_model, compile_model
tinyseg.set_backend("numba")
settings = Settings()
model = build_model(settings, 3, 12)
compile_model(model, settings, 12, None, 10)
x = np.zeros((8, 64, 64, 3), np.float32)
y = np.zeros((8, 64, 64), np.int64)
x[:] = np.random.default_rng(0).random(x.shape)
imported = time.perf_counter()
model.fit(x, y, batch_size=8, epochs=1, verbose=0)
first = time.perf_counter()
model.evaluate(x, y, batch_size=8)
model.predict(x)
print([imported - started, first - started, time.perf_counter() - started])
"""
"""The demo's network with its losses and metrics: a training step, evaluation, prediction."""


def measure(repeats: int = 3) -> dict[str, list[float]]:
    """Return seconds of a process with an empty folder, and of later ones.

    To the end of its imports, of the first step, and of evaluation and prediction.
    """
    with tempfile.TemporaryDirectory() as cache:
        cold = _run(cache)
        later = [_run(cache) for _ in range(repeats)]
    return {"cold": cold, "warm": [median(values) for values in zip(*later, strict=True)]}


def _run(cache: str) -> list[float]:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TINYSEG_CACHE": cache},
        cwd=Path(__file__).parents[2],
    )
    values: list[float] = json.loads(found.stdout.splitlines()[-1])
    return values


def main(folder: Path) -> int:
    """Print and save the figures; return 1 when one is above its limit."""
    times = measure()
    spent = {"cold": times["cold"][2], "warm": times["warm"][1]}
    for kind, (imported, first, all_) in times.items():
        what = "first use after installation" if kind == "cold" else "later process"
        print(
            f"{what}: imported and built after {imported:.2f} s, first step after {first:.2f} s, evaluated and "
            f"predicted after {all_:.2f} s"
        )
    compiling = times["cold"][2] - times["warm"][2]
    print(f"compiling: {compiling:.1f} s")
    for kind, limit in LIMITS.items():
        print(f"{kind}: {spent[kind]:.2f} s, at most {limit:g}: {'pass' if spent[kind] <= limit else 'miss'}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now()[:10]}-cpu-start.json"
    content = {
        "date": now(),
        "software": software(("numpy", "numba", "llvmlite")),
        "seconds": times,
        "compiling": compiling,
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path}")
    return 1 if any(spent[kind] > limit for kind, limit in LIMITS.items()) else 0
