"""A machine that others use as well: `python -m benchmarks.cpu.sharing`.

    python -m benchmarks.cpu.sharing --before PATH         all four; PATH is a checkout of the build to compare with
    python -m benchmarks.cpu.sharing --only busy several   some of them: busy, several, free, first

Four ratios, of times: below 1 is better than what it is compared with.

    busy      a training step with one other busy process for each core but one, by the default threads over one thread
    several   trainings at once, two for each core, each with the default threads, over the same in turn with one thread
    free      a training step on a free machine, by this build over the build before
    first     the first step of four processes that start together and find nothing compiled, over that of one process

Each side is a process of its own that trains when it is told to. Sides are timed in turn; a ratio is the median over
the rounds. A time is that of all steps of a round over their number, so that a step which waited counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tinyseg_kernels.cpu.threading.cores import usable_cores

from ..common.records import RECORDS, now, software
from .machine import busy_share

HERE = Path(__file__).parents[2]
NAMES = ("busy", "several", "free", "first")

SIDE = """
import sys, time
import tinyseg
tinyseg.set_backend("numba")
from benchmarks.common.networks import unet
case = unet(int(sys.argv[3]), int(sys.argv[1]), 8, 3)
model, (x, y) = case.model(), case.data(8)
model.compile("adam", "sparse_categorical_crossentropy")
model.train_step(x, y)
print(time.perf_counter() - float(sys.argv[2]), flush=True)
for line in sys.stdin:
    end, steps, began = time.perf_counter() + float(line), 0, time.perf_counter()
    while time.perf_counter() < end:
        model.train_step(x, y)
        steps += 1
    print((time.perf_counter() - began) / max(1, steps), flush=True)
"""
"""A training that tells the time of its steps.

It says how long its first step took from its start on, then trains for as many seconds as a line says, and tells the
time of a step.
"""

BUSY = "while True: pass"


class Figure(NamedTuple):
    """A ratio, what it must be at most, and what it should be."""

    name: str
    ratios: list[float]
    must: float
    aim: float

    @property
    def ratio(self) -> float:
        """The median."""
        return median(self.ratios)

    @property
    def verdict(self) -> str:
        """How the median compares."""
        return "aim" if self.ratio <= self.aim else "pass" if self.ratio <= self.must else "MISS"


@contextmanager
def side(
    size: int, threads: int | None, root: Path = HERE, cache: str | None = None, filters: int = 8
) -> Iterator[subprocess.Popen[str]]:
    """Start a training of a U-Net with 8 images; ends with the block."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "kernels")])}
    environment.pop("TINYSEG_NUM_THREADS", None)
    if threads is not None:
        environment["TINYSEG_NUM_THREADS"] = str(threads)
    if cache is not None:
        environment["TINYSEG_CACHE"] = cache
    process = subprocess.Popen(
        [sys.executable, "-c", SIDE, str(size), str(time.perf_counter()), str(filters)],
        env=environment,
        cwd=root,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def answer(process: subprocess.Popen[str]) -> float:
    """Return the next number that a side tells."""
    assert process.stdout is not None
    return float(process.stdout.readline())


def order(process: subprocess.Popen[str], seconds: float) -> None:
    """Let a side train."""
    assert process.stdin is not None
    process.stdin.write(f"{seconds}\n")
    process.stdin.flush()


def step(process: subprocess.Popen[str], seconds: float) -> float:
    """Return the seconds of a step."""
    order(process, seconds)
    return answer(process)


def busy(size: int, rounds: int, seconds: float) -> list[float]:
    """Return the ratios of a step beside busy processes."""
    with ExitStack() as stack:
        alone, team = (stack.enter_context(side(size, threads)) for threads in (1, None))
        for one in (alone, team):
            answer(one)
        for _ in range(max(1, usable_cores() - 1)):
            other = subprocess.Popen([sys.executable, "-c", BUSY])
            stack.callback(other.wait)
            stack.callback(other.kill)
        return [step(team, seconds) / step(alone, seconds) for _ in range(rounds)]


def several(size: int, rounds: int, seconds: float) -> list[float]:
    """Return the ratios of trainings at once."""
    count = 2 * usable_cores()
    with ExitStack() as stack:
        alone = stack.enter_context(side(size, 1))
        team = [stack.enter_context(side(size, None)) for _ in range(count)]
        for one in (alone, *team):
            answer(one)
        ratios = []
        for _ in range(rounds):
            for one in team:
                order(one, seconds)
            together = 1 / sum(1 / answer(one) for one in team)  # seconds for a step of any of them
            ratios.append(together / step(alone, seconds))
        return ratios


def free(size: int, filters: int, rounds: int, seconds: float, before: Path) -> list[float]:
    """Return the ratios of this build's step over the other build's."""
    with ExitStack() as stack:
        old, new = (stack.enter_context(side(size, None, root, filters=filters)) for root in (before, HERE))
        for one in (old, new):
            answer(one)
        ratios = []
        for k in range(rounds):
            times = {one: step(one, seconds) for one in ((old, new) if k % 2 else (new, old))}
            ratios.append(times[new] / times[old])
        return ratios


def first(size: int, rounds: int) -> list[float]:
    """Return the ratios of the first steps of four processes that compile, over that of one."""
    ratios = []
    for _ in range(rounds):
        longest = []
        for count in (1, 4):
            with tempfile.TemporaryDirectory() as cache, ExitStack() as stack:
                team = [stack.enter_context(side(size, None, cache=cache)) for _ in range(count)]
                longest.append(max(answer(one) for one in team))
        ratios.append(longest[1] / longest[0])
    return ratios


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and save; returns 1 when a ratio is above what it must be."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.cpu.sharing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--before", type=Path, help="a checkout of the build to compare with; without it 'free' is left out"
    )
    made.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--seconds", type=float, default=1.5, help="of each training and round")
    made.add_argument("--out", type=Path, default=RECORDS, help="folder for the record")
    options = made.parse_args(arguments)
    timing = options.rounds, options.seconds
    cases: list[tuple[str, str, Callable[[], list[float]], float, float]] = [
        ("busy", "16 px beside busy processes, over one thread", lambda: busy(16, *timing), 1.5, 1.1),
        ("busy", "64 px beside busy processes, over one thread", lambda: busy(64, *timing), 1.5, 1.1),
        ("several", "16 px, trainings at once, over in turn with one thread", lambda: several(16, *timing), 1.1, 1.0),
        ("several", "64 px, trainings at once, over in turn with one thread", lambda: several(64, *timing), 1.1, 1.0),
        ("first", "first use in four processes, over in one", lambda: first(16, 1), 1.5, 1.1),
    ]
    if options.before is not None:
        cases += [
            (
                "free",
                f"U-Net {filters}, {size} px on a free machine, over the build before",
                lambda size=size, filters=filters: free(size, filters, *timing, options.before),
                1 / 0.98,
                1.0,
            )  # type: ignore[misc]
            for filters, size in ((8, 16), (8, 64), (16, 128))
        ]
    figures, others = [], busy_share()
    for kind, name, measure, must, aim in cases:
        if kind in options.only:
            figures.append(Figure(name, measure(), must, aim))
            found = figures[-1]
            spread = f"{min(found.ratios):.2f} to {max(found.ratios):.2f}"
            print(
                f"{name:58} {found.ratio:5.2f}  ({spread})  must {must:.2f}  aim {aim:.2f}  {found.verdict}", flush=True
            )
    print(f"others used {100 * others:.0f} % of the processors before")
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / f"{now()[:10]}-cpu-sharing-{'-'.join(options.only)}.json"
    content = {
        "date": now(),
        "software": software(("numpy", "numba")),
        "cores": usable_cores(),
        "others": others,
        "figures": [found._asdict() | {"ratio": found.ratio} for found in figures],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path}")
    return 1 if any(found.verdict == "MISS" for found in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
