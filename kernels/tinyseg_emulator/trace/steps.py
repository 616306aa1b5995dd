"""Lines the events of a block's threads up in steps, as a GPU's warps would issue them.

The emulator runs one thread after the other, up to the next barrier. A GPU runs the lanes of a warp together, so the
page shows the n-th execution of an instruction between two barriers of the block, by all threads, as one step: what
the memory report calls a request of a warp is one warp's part of a step. Where threads take different ways, the steps
of both are kept, and no thread's own order is ever changed.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..checks.trace import BLOCK_WAIT, BlockTrace

Key = TypeVar("Key", bound=Hashable)


@dataclass
class Steps:
    """The steps of a block.

    Args:
        of_event: The step of each event.
        interval: For each step, how many barriers of the block came before it.
        site: For each step, its instruction, as in the launch's `sites`.
        kind: For each step, the kind of its events.
    """

    of_event: list[int]
    interval: list[int] = field(default_factory=list)
    site: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)


def line_up(block: BlockTrace) -> Steps:
    """Return the steps of a block's events."""
    intervals = _intervals(block)
    steps = Steps([-1] * len(block))
    for number, threads in enumerate(intervals):
        keys, waits = [], []
        for events in threads.values():
            turns: dict[int, int] = {}
            its = []
            for event in events:
                site = block.site[event]
                turns[site] = turns.get(site, 0) + 1
                its.append((site, turns[site]))
            if block.kind[events[-1]] == BLOCK_WAIT:
                its.pop()
                waits.append(events[-1])
            keys.append(its)
        merged, places = merge(keys)
        first = len(steps.site)
        for events, where in zip(threads.values(), places, strict=True):
            for event, place in zip(events, where, strict=False):
                steps.of_event[event] = first + place
        steps.site += [site for site, _ in merged]
        steps.interval += [number] * len(merged)
        if waits:  # at one barrier, or, where they diverge, at several
            for event in waits:
                steps.of_event[event] = len(steps.site)
            steps.site.append(block.site[waits[0]])
            steps.interval.append(number)
    steps.kind = [0] * len(steps.site)
    for event, step in enumerate(steps.of_event):
        steps.kind[step] = block.kind[event]
    return steps


def _intervals(block: BlockTrace) -> list[dict[int, list[int]]]:
    """Return, for each interval between barriers of the block, each thread's events, ended by its wait."""
    intervals: list[dict[int, list[int]]] = []
    passed: dict[int, int] = {}
    for event, thread in enumerate(block.thread):
        number = passed.get(thread, 0)
        while len(intervals) <= number:
            intervals.append({})
        intervals[number].setdefault(thread, []).append(event)
        if block.kind[event] == BLOCK_WAIT:
            passed[thread] = number + 1
    return [dict(sorted(threads.items())) for threads in intervals]


def merge(sequences: Sequence[Sequence[Key]]) -> tuple[list[Key], list[list[int]]]:
    """Merge sequences into one that has each of them in its own order, and equal items once where that can be.

    Returns the merged sequence, and for each of the given ones the place of each item in it. An item comes as soon as
    no sequence has it further back; where that never is (one has a b, another b a), one sequence's item comes, and
    again later. Where several may come, the sequence that came last goes on, so that the ways of a branch stay whole.
    """
    distinct = {tuple(sequence): [0, *[0] * len(sequence)] for sequence in sequences}  # next item, then places
    remaining: dict[Key, int] = {}
    heads: dict[Key, list[tuple[Key, ...]]] = {}
    for sequence in reversed(distinct):
        for item in sequence:
            remaining[item] = remaining.get(item, 0) + 1
        if sequence:
            heads.setdefault(sequence[0], []).append(sequence)
    merged: list[Key] = []
    while heads:
        ready = (item for item, at in reversed(heads.items()) if remaining[item] == len(at))
        chosen = next(ready, None) or next(reversed(heads))
        for sequence in heads.pop(chosen):
            state = distinct[sequence]
            state[0] += 1
            state[state[0]] = len(merged)
            remaining[chosen] -= 1
            if state[0] < len(sequence):
                heads.setdefault(sequence[state[0]], []).append(sequence)
        merged.append(chosen)
    return merged, [distinct[tuple(sequence)][1:] for sequence in sequences]
