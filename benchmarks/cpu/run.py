"""The command `python -m benchmarks.cpu`: this library beside its peers, in turn, in processes of their own.

See `--help`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from tinyseg_kernels.cpu.threading.threads import usable_cores
from tinyseg_kernels.errors import InvalidInput

from ..common.records import RECORDS, now, software
from . import growth, start, suite
from .machine import ALLOWED, busy_share
from .measuring import Plan, measure
from .memory import available_bytes
from .peers import CHANNELS_LAST, OURS, PLAIN, Peer, available
from .process import PeerFailed, PeerProcess
from .report import PACKAGES, Report, as_markdown, command_line, line, write
from .roofline import Roofline, best
from .rows import Measured, Row, judge
from .work import network_flops

EXAMPLES = """\
python -m benchmarks.cpu                                  everything, with all threads
python -m benchmarks.cpu --quick                          a few operations and networks
python -m benchmarks.cpu --threads 1 2                    with one thread, then with two
python -m benchmarks.cpu --only conv2d --peers torch-cl   cases whose name contains a word; against some peers
python -m benchmarks.cpu --growth                         time and memory against image size and channels
python -m benchmarks.cpu --start                          first use after installation, and a later process's first step

Peers are optional: pip install torch tensorflow-cpu keras. One that is missing is left out."""

LEISURELY = "base 16"
"""The networks that NumPy's sides take part in with `--quick`: larger ones take them many seconds."""

OTHERS_NEED = 3
"""A peer may need this many times this library's memory for a training step."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; return 1 when a target is missed or something could not be measured."""
    options = parser().parse_args(arguments)
    try:
        if options.growth:
            return growth.main(options.out or RECORDS, options.threads[-1], options.peers, tiny=options.tiny)
        if options.start:
            return start.main(options.out or RECORDS)
        report = answer(options)
    except InvalidInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(as_markdown(report))
    partial = options.tiny or options.only or options.peers or options.quick
    if not partial or options.out is not None:
        for path in write(report, options.out or RECORDS):
            print(f"wrote {path}")
    if partial:
        return 1 if any(row.ours is None for row in report.rows) else 0
    return 1 if any(verdict.state in ("miss", "open", "void") for verdict in report.verdicts) else 0


def parser() -> argparse.ArgumentParser:
    """Return the command's options."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.cpu",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--only", nargs="+", default=[], metavar="WORD", help="cases whose name contains one of the words"
    )
    made.add_argument("--peers", nargs="+", default=[], metavar="KEY", help="peers to compare with (default all)")
    made.add_argument("--quick", action="store_true", help="a few cases, fewer rounds")
    made.add_argument(
        "--tiny", action="store_true", help="a few numbers in each case: whether results agree, not times"
    )
    made.add_argument("--threads", nargs="+", type=int, default=[usable_cores()], help="default: all")
    made.add_argument("--repeats", type=int, help="rounds (default 5, quick 3)")
    made.add_argument("--growth", action="store_true", help="measure against image size and channels instead")
    made.add_argument("--start", action="store_true", help="measure cold and warm start instead")
    made.add_argument(
        "--out", type=Path, help=f"folder of the record (default {RECORDS.relative_to(Path(__file__).parents[2])})"
    )
    return made


def answer(options: argparse.Namespace) -> Report:
    """Measure the cases asked for with each number of threads."""
    started = time.monotonic()
    rounds = options.repeats or (3 if options.quick else 5)
    plan = Plan(rounds, 0.05, 4.0, quick=True) if options.quick else Plan(rounds)
    if options.tiny:
        plan = Plan(2, 0.0, 1.0, tiny=True)
    peers, notes = available(options.peers)
    if OURS not in peers:
        raise InvalidInput(f"nothing to measure: {'; '.join(notes)}")
    for note in notes:
        print(note, flush=True)
    rows: list[Row] = []
    busy: list[float] = []
    rooflines: dict[int, Roofline] = {}
    operations = suite.chosen(list(suite.operations(options.tiny)), options.only, options.quick)
    networks = suite.chosen(list(suite.network_cases(options.tiny)), options.only, options.quick)
    for threads in options.threads:
        with processes_of(peers, threads) as processes:
            rooflines[threads] = best(machine_rates(processes))
            for name in operations:
                busy.append(busy_share())
                rows += shown(operation_rows(processes, name, threads, plan, rooflines[threads]))
        for name in networks:
            busy.append(busy_share())
            rows += shown(network_rows(peers, name, threads, plan, rooflines[threads]))
    verdicts = [verdict for threads in options.threads for verdict in judge(rows, threads)]
    if max(busy, default=0.0) > ALLOWED:
        count = sum(share > ALLOWED for share in busy)
        notes.append(
            f"VOID: others used up to {max(busy):.0%} of the processors before {count} of {len(busy)} cases. Ratios "
            "mean nothing then: threads that spin lose most."
        )
        verdicts = [replace(verdict, state="void") for verdict in verdicts]
    seconds = time.monotonic() - started
    return Report(now(), command_line(), software(PACKAGES), seconds, rooflines, rows, verdicts, tuple(notes))


def machine_rates(processes: Sequence[PeerProcess]) -> Iterator[dict[str, float]]:
    """Yield the machine's rates as NumPy reaches them, and PyTorch if it takes part."""
    for process in processes:
        if process.peer in (OURS, PLAIN, CHANNELS_LAST):
            try:
                yield process.ask("rates")
            except PeerFailed:
                if process.peer is OURS:
                    raise
            process.wait_until_idle()


@contextmanager
def processes_of(peers: Sequence[Peer], threads: int) -> Iterator[list[PeerProcess]]:
    """Start a process for each peer, and end them all."""
    processes = [PeerProcess(peer, threads) for peer in peers]
    try:
        for process in processes:
            process.send("begin")  # they load their libraries at the same time
        for process in processes:
            with suppress(PeerFailed):  # it will say so again when it is asked for a case
                process.receive()
        for process in processes:
            process.wait_until_idle()
        yield processes
    finally:
        for process in processes:
            process.close()


def shown(rows: list[Row]) -> list[Row]:
    """Print rows when they are there."""
    for row in rows:
        print(line(row), flush=True)
    return rows


def operation_rows(
    processes: Sequence[PeerProcess], name: str, threads: int, plan: Plan, roofline: Roofline
) -> list[Row]:
    """Return the rows of an operation; memory is that of networks, so it is left out."""
    work = suite.operations(plan.tiny)[name].work
    processes = [process for process in processes if suite.takes_part(process.peer, name, plan.tiny)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            kinds = measure(processes, name, plan, Path(folder))
        except PeerFailed as failed:
            return [Row(name, "both", threads, {OURS.key: Measured(note=str(failed))})]
    for process in processes:
        if process.process.poll() is None:
            process.ask("drop")
    rows = []
    for kind, sides in kinds.items():
        sides = {key: replace(side, peak=None, added=None) for key, side in sides.items()}
        row = Row(name, kind or "both", threads, sides)
        if kind == "both" and row.ours is not None:
            row = replace(row, flops=work.flops, bytes=work.bytes, share=roofline.share(work, row.ours))
        rows.append(row)
    return rows


def network_rows(peers: Sequence[Peer], name: str, threads: int, plan: Plan, roofline: Roofline) -> list[Row]:
    """Return the rows of a network, in fresh processes, as many at a time as memory holds."""
    merged: dict[str, dict[str, Measured]] = {}
    others = [peer for peer in peers if peer is not OURS and suite.takes_part(peer, name, plan.tiny)]
    if plan.quick and LEISURELY not in name:
        others = [peer for peer in others if not peer.leisurely]
    with tempfile.TemporaryDirectory() as folder, processes_of([OURS], threads) as (ours,):
        try:
            kinds = measure([ours], name, replace(plan, rounds=1), Path(folder))
        except PeerFailed as failed:
            return [Row(name, "train", threads, {OURS.key: Measured(note=str(failed))})]
        if "" in kinds:
            return [Row(name, "train", threads, kinds[""])]
        alone = {kind: sides[OURS.key] for kind, sides in kinds.items()}
        need = OTHERS_NEED * (alone["train"].added or 0) + (1 << 29)
        while others:
            count = max(1, min(len(others), available_bytes() // need))
            group, others = others[:count], others[count:]
            with processes_of(group, threads) as processes:
                try:
                    kinds = measure(processes, name, plan, Path(folder), [ours])
                except PeerFailed as failed:
                    kinds = {kind: {peer.key: Measured(note=str(failed)) for peer in group} for kind in alone}
            for kind, sides in kinds.items():
                merged.setdefault(kind, {}).update(sides)
    rows = []
    for kind, own in alone.items():
        sides = merged.get(kind, {})
        mine = [side.ours for side in sides.values() if side.ours] or [own.seconds]
        seconds = tuple(sum(mine, ()))
        sides = {
            OURS.key: replace(own, seconds=seconds, ours=seconds),
            **{k: s for k, s in sides.items() if k != OURS.key},
        }
        row = Row(name, kind, threads, sides, flops=network_flops(name, plan.tiny, training=kind == "train"))
        assert row.ours is not None
        rows.append(replace(row, share=row.flops / roofline.flops / row.ours))
    return rows
