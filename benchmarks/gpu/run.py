"""The command `python -m benchmarks.gpu`: tests, roofline, rows, record. See `--help`."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from tinyseg_kernels.backend import backend
from tinyseg_kernels.errors import InvalidInput

from ..common.records import RECORDS, now, software
from . import convolutions, images, networks, optimizers, pointwise, products, roofline, suite
from .clock import GpuClock, HostClock
from .measuring import Bench, measure, measure_network
from .report import PACKAGES, Report, as_markdown, command_line, write
from .rows import REQUIREMENTS, Row, judge

EXAMPLES = """\
python -m benchmarks.gpu                             everything, within ten minutes, on a machine with a GPU
python -m benchmarks.gpu --no-tests --only conv2d    rows whose name or group contains a word
python -m benchmarks.gpu --emulate --tiny            the same code without a GPU: agreement only, the times mean nothing

PyTorch is the peer: pip install "tinyseg[cuda13,benchmark,test]" (or cuda12).
Without it rows have a time and a share, but no ratio."""

SHARE_OF_TESTS = 0.45
"""Of the time limit, at most."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; return 1 when a test failed, a requirement was missed, or nothing could be measured."""
    options = parser().parse_args(arguments)
    torch = find_torch()
    if torch is None:
        print("PyTorch is not installed: no ratios (pip install torch).", flush=True)
    try:
        with backend(options.backend, emulate=options.emulate):
            report = answer(options, torch)
    except InvalidInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(as_markdown(report))
    if not (options.tiny or options.only) or options.out is not None:
        for path in write(report, options.out or RECORDS):
            print(f"wrote {path}")
    failed = report.tests is not None and (report.tests.failed or not report.tests.finished)
    broken = options.tiny and any(row.ours is None for row in report.rows)
    return 1 if failed or broken or any(verdict.state == "miss" for verdict in report.verdicts) else 0


def parser() -> argparse.ArgumentParser:
    """Return the command's options."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--backend", default="cupy", choices=["cupy", "numba-cuda"])
    made.add_argument("--emulate", action="store_true", help="run the kernels on the CPU")
    made.add_argument("--tiny", action="store_true", help="a few numbers in each case")
    made.add_argument(
        "--only", nargs="+", default=[], metavar="WORD", help="rows whose name or group contains one of the words"
    )
    made.add_argument("--no-tests", action="store_true", help="leave the test suite out")
    made.add_argument(
        "--minutes", type=float, default=10.0, help="rows that do not fit into this time stay open (default 10)"
    )
    made.add_argument("--processes", type=int, default=4, help="of the test suite")
    made.add_argument(
        "--out", type=Path, help=f"folder of the record (default {RECORDS.relative_to(Path(__file__).parents[2])})"
    )
    return made


def find_torch() -> Any:
    """Return PyTorch, or None."""
    try:
        return importlib.import_module("torch")
    except ImportError:
        return None


def answer(options: argparse.Namespace, torch: Any) -> Report:
    """Run tests and rows on the backend in use."""
    started = time.monotonic()

    def left() -> float:
        return 60 * options.minutes - (time.monotonic() - started)

    notes = []
    tests = None
    if not (options.no_tests or options.tiny or options.only):
        tests = suite.run(SHARE_OF_TESTS * 60 * options.minutes, processes=options.processes)
        print(f"tests: {tests.counts} in {tests.seconds:.0f} s", flush=True)
    if torch is not None and not options.emulate and not torch.cuda.is_available():
        notes.append("This PyTorch sees no GPU (a build for the CPU?), so there are no ratios.")
        torch = None
    bench, device = prepare(options, torch)
    rows: list[Row] = []
    for job in jobs(options, bench):
        if left() < 0:
            rows.append(Row(job.name, job.group, note="not measured: out of time"))
            continue
        for row in job.work():
            if options.emulate:  # what the emulator's times mean for a GPU: nothing
                row = replace(row, ratio=None, share=None)
            rows.append(row)
            ratio = (
                "" if row.ratio is None else f"  {row.ratio.median:.2f} ({row.ratio.low:.2f} to {row.ratio.high:.2f})"
            )
            print(f"{row.name} [{row.precision}]{ratio}  {row.note}", flush=True)
    seconds = time.monotonic() - started
    return Report(
        now(),
        device,
        command_line(),
        software(PACKAGES),
        seconds,
        tests,
        bench.roofline,
        rows,
        judge(rows),
        tuple(notes),
    )


def prepare(options: argparse.Namespace, torch: Any) -> tuple[Bench, str]:
    """Return how rows are measured, and the device's name."""
    from tinyseg_kernels.device import device_module

    small: dict[str, Any] = {"rounds": 2, "sample": 0.0} if options.tiny else {}
    if options.emulate:
        clock: Any = HostClock()
        chip = roofline.measure(clock, torch, "cpu", copy_bytes=1 << 16, edge=16, repeats=3) if options.tiny else None
        return Bench(clock, torch, "cpu", chip, 0, **small), "emulated GPU"
    cupy = device_module()
    properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    clock = GpuClock(cupy)
    chip = roofline.measure(clock, torch, "cuda")
    cache = int(properties["l2CacheSize"])
    return Bench(clock, torch, "cuda", chip, cache, **small), properties["name"].decode()


@dataclass(frozen=True)
class Job:
    """Work that gives rows."""

    name: str
    group: str
    work: Callable[[], list[Row]]


def jobs(options: argparse.Namespace, bench: Bench) -> list[Job]:
    """Return what was asked for, rows with a requirement first, so that a time limit cuts off the others."""
    tiny = options.tiny
    modules = (images, pointwise, optimizers, convolutions, products)
    operations = [case for module in modules for case in module.cases(tiny)]
    operations += [*convolutions.ladder(tiny), *products.ladder(tiny)]
    found = [Job(case.name, case.group, partial(_rows, bench, case)) for case in operations]
    for number, network in enumerate(networks.cases(tiny)):
        found.append(Job(network.name, network.group, partial(_network_rows, bench, network, number == 0, tiny)))
    required = {requirement.group for requirement in REQUIREMENTS}
    found.sort(key=lambda job: job.group not in required)
    return [
        job for job in found if not options.only or any(word in job.name or word in job.group for word in options.only)
    ]


def _rows(bench: Bench, case: Any) -> list[Row]:
    return [measure(bench, case)]


def _network_rows(bench: Bench, case: networks.NetworkCase, beside_cpu: bool, tiny: bool) -> list[Row]:
    cpu = networks.cpu_seconds_per_image(case, 2 if tiny else networks.CPU_BATCH) if beside_cpu else None
    return measure_network(bench, case, cpu=cpu)
