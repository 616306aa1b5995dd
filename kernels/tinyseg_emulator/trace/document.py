"""Everything that the page of a trace shows, as one JSON document.

Events are columns of numbers, so that a block of 256 threads with 10,000 accesses is some hundred kilobytes.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..checks.findings import Findings
from ..checks.kernel_error import Index3
from ..checks.records import Access, Finding, Race
from ..checks.report import finding_text
from ..checks.trace import BLOCK_WAIT, BlockTrace, LaunchTrace, Trace
from .requests import WARP, passes, sectors
from .steps import Steps, line_up

LONGEST_SOURCE = 3_000
"""Lines of a source file that are embedded."""


def document(trace: Trace, findings: Findings, title: str) -> dict[str, Any]:
    """Return what the page shows.

    `files` are the sources; `launches` have their instructions (`sites`: file, line, what), arrays and blocks; a block
    has its `steps`, `events` and `requests` (step, warp, what was moved, the least; passes or sectors); `findings`
    name the launch, block and event of each access, where they were written down.
    """
    files: dict[str, int] = {}
    launches = [_launch(launch, files) for launch in trace.launches]
    told = [_finding(finding, trace.launches, launches, files) for finding in findings]
    return {
        "title": title,
        "launches": launches,
        "launches_left_out": trace.left_out,
        "findings": told,
        "not_checked": list(findings.not_checked),
        "files": [{"name": Path(name).name, "lines": _lines(name)} for name in files],
    }


def _launch(launch: LaunchTrace, files: dict[str, int]) -> dict[str, Any]:
    return {
        "kernel": launch.kernel,
        "grid": launch.grid,
        "block": launch.block,
        "sites": [[*_place(place, files), what] for place, what in launch.sites],
        "arrays": [[a.name, a.memory, a.shape, a.itemsize] for a in launch.arrays],
        "blocks": [_block(launch, block) for block in launch.blocks],
    }


def _block(launch: LaunchTrace, block: BlockTrace) -> dict[str, Any]:
    steps = line_up(block)
    texts: dict[str, int] = {"": 0}
    return {
        "index": block.index,
        "left_out": block.left_out,
        "steps": {"site": steps.site, "interval": steps.interval, "kind": steps.kind},
        "events": {
            "thread": block.thread,
            "kind": block.kind,
            "site": block.site,
            "step": steps.of_event,
            "array": block.array,
            "offset": block.offset,
            "size": block.size,
            "before": [texts.setdefault(text, len(texts)) for text in block.before],
            "after": [texts.setdefault(text, len(texts)) for text in block.after],
            "served": (served := [0] * len(block)),
        },
        "requests": _requests(launch, block, steps, served),
        "texts": list(texts),
    }


def _requests(launch: LaunchTrace, block: BlockTrace, steps: Steps, served: list[int]) -> list[list[int]]:
    """Return the requests of the block's warps; `served` gets each event's pass over the banks."""
    together: dict[tuple[int, int], list[int]] = {}
    for event, step in enumerate(steps.of_event):
        if block.kind[event] < BLOCK_WAIT:
            together.setdefault((step, block.thread[event] // WARP), []).append(event)
    requests = []
    for (step, warp), events in sorted(together.items()):
        size, offsets = block.size[events[0]], [block.offset[event] for event in events]
        if launch.arrays[block.array[events[0]]].memory == "shared":
            lanes = [(block.thread[event] % WARP, block.offset[event]) for event in events]
            moved, ideal, turns = passes(lanes, size)
            for event, turn in zip(events, turns, strict=True):
                served[event] = turn
        else:
            moved, ideal = sectors(offsets, size)
        requests.append([step, warp, moved, ideal])
    return requests


def _finding(
    finding: Finding, traced: list[LaunchTrace], launches: list[dict[str, Any]], files: dict[str, int]
) -> dict[str, Any]:
    head, *rest = finding_text(finding).splitlines()
    hint = rest[-1].strip() if rest and len(rest) > 2 * len(finding.accesses) else ""
    place = getattr(finding, "place", None)
    return {
        "kind": type(finding).__name__,
        "headline": head,
        "hint": hint,
        "place": _place(place, files) if place else None,
        "at": _event(finding, finding.accesses, traced, launches) or _where_it_stopped(finding, traced),
        "accesses": [
            {
                "kind": access.kind,
                "place": _place(access.place, files),
                "block": access.block,
                "thread": access.thread,
                "value": access.value,
            }
            for access in finding.accesses
        ],
    }


def _event(
    finding: Finding, accesses: tuple[Access, ...], traced: list[LaunchTrace], launches: list[dict[str, Any]]
) -> list[list[int] | None]:
    """Return launch, block and event of each access; None where it was not written down.

    The two of a race are looked for in one interval between barriers, at one place of one array.
    """
    for number, launch in enumerate(traced):
        if launch.kernel != finding.kernel or not accesses:
            continue
        found = [list(_candidates(access, launch)) for access in accesses]
        if not any(found):
            continue
        if isinstance(finding, Race) and all(found):
            pair = _together(found, launch, launches[number])
            if pair is not None:
                return [[number, *pair[0]], [number, *pair[1]]]
        return [[number, *its[0]] if its else None for its in found]
    return [None for _ in accesses]


def _where_it_stopped(finding: Finding, traced: list[LaunchTrace]) -> list[list[int] | None]:
    """Return the last event of the thread that a finding without accesses names, or one that waits at its line."""
    index, place, its_thread = (getattr(finding, name, None) for name in ("block", "place", "thread"))
    if index is None:
        return []
    for number, launch in enumerate(traced):
        for block_number, block in enumerate(launch.blocks):
            if launch.kernel != finding.kernel or block.index != index:
                continue
            thread = number_of(its_thread, launch.block) if its_thread else None
            for event in reversed(range(len(block))):
                waits = block.kind[event] >= BLOCK_WAIT and launch.sites[block.site[event]][0] == place
                if thread == block.thread[event] or (thread is None and waits):
                    return [[number, block_number, event]]
    return []


def number_of(thread: Index3, block: Index3) -> int:
    """Return the number of a thread in its block."""
    return thread[0] + block[0] * (thread[1] + block[1] * thread[2])


def _candidates(access: Access, launch: LaunchTrace) -> Iterable[tuple[int, int]]:
    thread = number_of(access.thread, launch.block)
    sites = {k for k, (place, _) in enumerate(launch.sites) if place == access.place}
    kinds = ("read", "write", "atomic")
    for number, block in enumerate(launch.blocks):
        if block.index != access.block:
            continue
        for event, its in enumerate(block.thread):
            if its != thread or block.site[event] not in sites or block.kind[event] >= BLOCK_WAIT:
                continue
            if access.kind not in kinds or kinds[block.kind[event]] == access.kind:
                yield number, event


def _together(
    found: list[list[tuple[int, int]]], launch: LaunchTrace, shown: dict[str, Any]
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    def bytes_of(number: int, event: int) -> tuple[str, int, int]:
        block = launch.blocks[number]
        return launch.arrays[block.array[event]].name, block.offset[event], block.offset[event] + block.size[event]

    for one in found[0]:
        for other in found[1]:
            (name, begin, end), (its, its_begin, its_end) = bytes_of(*one), bytes_of(*other)
            if name != its or end <= its_begin or its_end <= begin:
                continue
            intervals = [
                shown["blocks"][number]["steps"]["interval"][shown["blocks"][number]["events"]["step"][event]]
                for number, event in (one, other)
            ]
            if one[0] != other[0] or intervals[0] == intervals[1]:
                return one, other
    return None


def _place(place: str, files: dict[str, int]) -> tuple[int, int]:
    """Return a file's number in `files` and a line in it."""
    name, _, line = place.rpartition(":")
    return files.setdefault(name or place, len(files)), int(line) if line.isdigit() else 0


def _lines(name: str) -> list[str]:
    lines = linecache.getlines(name)[:LONGEST_SOURCE]
    return [line.rstrip("\n\r").expandtabs(4) for line in lines]
