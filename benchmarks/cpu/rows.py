"""Measured rows, the issue's targets, and whether they are met."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from ..common.statistics import Ratio, ratio_of
from .peers import CHANNELS_LAST, COURSE, OURS, PLAIN, is_rival, is_torch


@dataclass(frozen=True)
class Measured:
    """One peer's side of a row.

    Seconds per round, peak memory in bytes and how much of it the case added, difference from our results.
    """

    seconds: tuple[float, ...] = ()
    ours: tuple[float, ...] = ()
    """This library's seconds in the same rounds.

    Peers that do not fit into memory together take turns with it in groups.
    """
    peak: int | None = None
    added: int | None = None
    error: float | None = None
    note: str = ""
    """Why there is no time."""

    @property
    def median(self) -> float | None:
        """The median time."""
        return median(self.seconds) if self.seconds else None


@dataclass(frozen=True)
class Row:
    """A case with all its sides.

    Attributes:
        name: Of the case.
        kind: 'both' (forward and backward), 'forward', 'train' or 'inference'.
        threads: Of each side.
        sides: Key of a peer -> what it did.
        flops: Of the plain algorithm.
        bytes: Read and written at least; 0 where unknown.
        share: Of what the machine can do; None where unknown.
    """

    name: str
    kind: str
    threads: int
    sides: dict[str, Measured] = field(default_factory=dict)
    flops: int = 0
    bytes: int = 0
    share: float | None = None

    @property
    def ours(self) -> float | None:
        """This library's median time."""
        return self.sides.get(OURS.key, Measured()).median

    def ratio(self, key: str, base: str = OURS.key) -> Ratio | None:
        """Return a peer's time over ours, or over another side's; None when one of them was not measured."""
        mine, theirs = self.sides.get(base, Measured()), self.sides.get(key, Measured())
        if not mine.seconds or not theirs.seconds:
            return None
        if base == OURS.key:
            return ratio_of(theirs.ours, theirs.seconds)
        # Both over ours, in case they were not measured in the same rounds.
        relative = [[s / o for s, o in zip(side.seconds, side.ours, strict=True)] for side in (mine, theirs)]
        return ratio_of(*relative)

    def best(self, which: Callable[[str], bool] = is_rival) -> str | None:
        """Return the key of the fastest peer among those asked for."""
        times = {key: side.median for key, side in self.sides.items() if which(key) and side.median is not None}
        return min(times, key=lambda key: times[key] or 0.0) if times else None

    def as_json(self) -> dict[str, Any]:
        """Return all figures, ratios included."""
        ratios = {key: ratio._asdict() for key in self.sides if key != OURS.key and (ratio := self.ratio(key))}
        return {**asdict(self), "ratios": ratios, "best peer": self.best()}


@dataclass(frozen=True)
class Target:
    """A line of the issue's table: which rows, what number of a row, and how much it must be."""

    text: str
    must: float
    aim: float
    belongs: Callable[[Row], bool]
    value: Callable[[Row], float | None]
    at_most: bool = False


def _against(which: Callable[[str], bool]) -> Callable[[Row], float | None]:
    def value(row: Row) -> float | None:
        best = row.best(which)
        ratio = None if best is None else row.ratio(best)
        return None if ratio is None else ratio.median

    return value


def _numpy_against_torch(row: Row) -> float | None:
    best = row.best(is_torch)
    ratio = None if best is None else row.ratio(best, PLAIN.key)
    return None if ratio is None else ratio.median


def _memory(row: Row) -> float | None:
    """Return our peak over the leanest peer's: what training adds to a process that has loaded its library."""
    ours = row.sides.get(OURS.key, Measured()).added
    others = [side.added for key, side in row.sides.items() if is_rival(key) and side.added]
    return None if ours is None or not others else ours / min(others)


TARGETS = (
    Target("training step against the best peer", 1.2, 1.8, lambda r: r.kind == "train", _against(is_rival)),
    Target(
        "training step against PyTorch channels_last as it comes",
        1.5,
        2.5,
        lambda r: r.kind == "train",
        _against(lambda key: key == CHANNELS_LAST.key),
    ),
    Target("inference against the best peer", 1.2, 2.0, lambda r: r.kind == "inference", _against(is_rival)),
    Target("operation, forward + backward, against PyTorch", 1.0, 1.5, lambda r: r.kind == "both", _against(is_torch)),
    Target(
        "peak memory of a training step / the leanest peer's",
        1.0,
        0.7,
        lambda r: r.kind == "train",
        _memory,
        at_most=True,
    ),
    Target(
        "NumPy backend, U-Net base 16, training step against PyTorch",
        0.15,
        0.3,
        lambda r: r.kind == "train" and "base 16" in r.name,
        _numpy_against_torch,
    ),
    Target(
        "training step against im2col NumPy",
        10,
        30,
        lambda r: r.kind == "train" and not r.name.startswith("separable"),
        _against(lambda key: key == COURSE.key),
    ),
)


@dataclass(frozen=True)
class Verdict:
    """How the rows of a target stand."""

    target: Target
    threads: int
    state: str
    """'aim' or 'pass' (every row), 'miss', 'open' when a row was not measured, 'void' when others used the machine."""
    worst: float | None
    middle: float | None
    missed: tuple[str, ...]
    unmeasured: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the numbers."""
        target = {"target": self.target.text, "must": self.target.must, "aim": self.target.aim}
        own = {key: value for key, value in vars(self).items() if key != "target"}
        return {**target, **own}


def reaches(target: Target, value: float, limit: float) -> bool:
    """Return whether a number is on the right side of a limit."""
    return value <= limit if target.at_most else value >= limit


def judge(rows: Sequence[Row], threads: int) -> list[Verdict]:
    """Return the verdict on each target for the rows with this many threads."""
    verdicts = []
    for target in TARGETS:
        group = [row for row in rows if row.threads == threads and target.belongs(row)]
        values = {row.name: target.value(row) for row in group}
        known = {name: value for name, value in values.items() if value is not None}
        missed = tuple(name for name, value in known.items() if not reaches(target, value, target.must))
        unmeasured = tuple(name for name, value in values.items() if value is None)
        if missed:
            state = "miss"
        elif unmeasured or not group:
            state = "open"
        else:
            state = "aim" if all(reaches(target, value, target.aim) for value in known.values()) else "pass"
        extreme = max if target.at_most else min
        worst = extreme(known.values()) if known else None
        middle = median(known.values()) if known else None
        verdicts.append(Verdict(target, threads, state, worst, middle, missed, unmeasured))
    return verdicts
