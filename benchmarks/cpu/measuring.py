"""From a case to rows: every peer prepares it, the results are compared, then all are timed in turn."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

from .peers import OURS
from .process import PeerFailed, PeerProcess
from .rows import Measured

TOLERANCE = 1e-4
"""Largest difference over the largest number, of two results in float32 that were added up in different orders."""

LOSSES_AGREE = 0.01
"""Relative difference of two losses.

Adam's first step depends on little more than the gradients' signs, some of which differ.
"""


@dataclass(frozen=True)
class Plan:
    """How often to measure.

    Rounds, seconds that a measurement should take at least, and seconds that one peer may take for all rounds of a
    case.
    """

    rounds: int = 5
    sample: float = 0.1
    most: float = 12.0
    tiny: bool = False
    quick: bool = False


def prepared(
    processes: Sequence[PeerProcess], case: str, tiny: bool, folder: Path
) -> tuple[list[PeerProcess], dict[str, Measured]]:
    """Let every peer prepare the case and do its first step, and compare the results with ours.

    Ours lie in the folder, or come from the first process.

    Returns:
        The processes that can be timed, and by key the difference, or a note why there is none.
    """
    ready: list[PeerProcess] = []
    sides: dict[str, Measured] = {}
    reference = folder / OURS.key
    for process in processes:
        key = process.peer.key
        own = folder / key
        own.mkdir()
        try:
            process.ask("prepare", case=case, tiny=tiny)
            shapes = process.ask("check", folder=str(own))["shapes"]
            (own / "shapes.json").write_text(json.dumps(shapes))
            sides[key] = Measured(error=None if process.peer is OURS else _difference(own, reference))
            ready.append(process)
        except PeerFailed as failed:
            sides[key] = Measured(note=str(failed))
            _drop(process)
        if process.peer is not OURS:
            shutil.rmtree(own)
        process.wait_until_idle()
    return ready, sides


def _drop(process: PeerProcess) -> None:
    try:
        process.ask("drop")
    except PeerFailed:
        return


def _difference(folder: Path, reference: Path) -> float:
    """Return the largest difference over the largest number of all outputs; raises PeerFailed when it is too large."""
    if not (reference / "shapes.json").exists():
        raise PeerFailed("nothing to compare with: this library's step failed")
    shapes, expected = ((path / "shapes.json").read_text() for path in (folder, reference))
    if shapes != expected:
        raise PeerFailed(f"the shapes differ: {shapes}, ours {expected}")
    errors = []
    paths = sorted(reference.glob("*.npy"))
    if not paths:
        raise PeerFailed("nothing to compare with: this library's step gave no results")
    for path in paths:
        ours, other = np.load(path), np.load(folder / path.name)
        is_loss = ours.dtype == np.float64
        scale = float(np.abs(other).max(initial=0.0)) or 1.0
        error = float(np.abs(ours - other).max(initial=0.0)) / scale
        allowed = LOSSES_AGREE if is_loss else TOLERANCE
        if not error <= allowed:
            raise PeerFailed(f"the results differ by {error:.1e} of the largest number; {allowed:.0e} is allowed")
        if not is_loss:
            errors.append(error)
    return max(errors, default=0.0)


def time_in_turn(processes: Sequence[PeerProcess], kind: str, plan: Plan) -> dict[str, tuple[float, ...]]:
    """Return each peer's seconds per round; the one that begins changes from round to round.

    A peer whose step is so slow that its rounds would take too long drops out after fewer; its later rounds repeat its
    median. Of a leisurely one, the call that finds out how long it takes is then the only one.
    """
    calls: dict[str, int] = {}
    rounds: dict[str, int] = {}
    warm: dict[str, int] = {}
    times: dict[str, list[float]] = {}
    for process in processes:
        first = process.ask("time", kind=kind, calls=1, warm=0 if process.peer.leisurely else 1)["seconds"]
        process.wait_until_idle()
        key = process.peer.key
        calls[key] = max(1, min(200, round(plan.sample / max(first, 1e-9))))
        warm[key] = 1 if first < plan.sample else 0
        least = 0 if process.peer.leisurely else min(3, plan.rounds)
        rounds[key] = max(least, min(plan.rounds, int(plan.most / (first * (calls[key] + warm[key])))))
        times[key] = [] if rounds[key] else [first]
    for number in range(plan.rounds):
        shift = number % len(processes)
        for process in [*processes[shift:], *processes[:shift]]:
            key = process.peer.key
            if number < rounds[key]:
                answer = process.ask("time", kind=kind, calls=calls[key], warm=warm[key])
                times[key].append(answer["seconds"])
                process.wait_until_idle()
    return {key: tuple(found + [median(found)] * (plan.rounds - len(found))) for key, found in times.items()}


def measure(
    processes: Sequence[PeerProcess], case: str, plan: Plan, folder: Path, prepared_before: Sequence[PeerProcess] = ()
) -> dict[str, dict[str, Measured]]:
    """Return kind of step -> key of a peer -> what it did, this library's among them.

    Args:
        processes: The peers, this library first if it has not prepared the case yet.
        case: Its name.
        plan: How often.
        folder: Where results are put to be compared.
        prepared_before: Processes that have prepared the case, and take part.
    """
    ready, sides = prepared(processes, case, plan.tiny, folder)
    ready = [*prepared_before, *ready]
    if not ready or ready[0].peer is not OURS:
        return {"": sides}
    kinds: dict[str, dict[str, Measured]] = {}
    for kind in ready[0].ask("kinds")["kinds"]:
        found = dict(sides)
        for key, seconds in (times := time_in_turn(ready, kind, plan)).items():
            side = sides.get(key, Measured())
            found[key] = replace(side, seconds=seconds, ours=times[OURS.key])
        kinds[kind] = found
    for process in ready:
        memory = process.ask("memory")
        for found in kinds.values():
            key = process.peer.key
            found[key] = replace(found[key], peak=memory["peak"], added=memory["peak"] - memory["before"])
    return kinds
