"""What the launches of a kernel showed, collected.

A finding that recurs, such as a race between the same two lines at another address, is kept once with a count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from .records import Failure, Finding, LineTraffic
from .report import render
from .roofline.text import roofline_json, roofline_text
from .roofline.work import Work


class Findings:
    """What the launches within one `emulation(...)` showed.

    Findings, the traffic of each line when a memory report was asked for, which kernels of a
    file were not launched, and notes that are no findings.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[Any, ...], Finding] = {}
        self.traffic: list[LineTraffic] = []
        self.not_checked: list[str] = []
        self.notes: list[str] = []
        self.resources: list[dict[str, Any]] = []
        """What launches take of a GPU, one dictionary for each launch and architecture."""
        self.works: list[Work] = []
        """What the launches of each kernel, grid and block do, when operations were counted."""

    def add(self, finding: Finding) -> None:
        """Add a finding, or count it when there is one of its kind."""
        key = finding.key
        known = self._found.get(key)
        if known is None:
            self._found[key] = finding
        else:
            object.__setattr__(known, "count", known.count + finding.count)

    def add_traffic(self, line: LineTraffic) -> None:
        """Add a line's traffic to what is known of that line."""
        for known in self.traffic:
            if (known.kernel, known.place, known.memory, known.kind, known.array) == (
                line.kernel, line.place, line.memory, line.kind, line.array,
            ):  # fmt: skip
                known.requests += line.requests
                known.sectors += line.sectors
                known.ideal_sectors += line.ideal_sectors
                known.wavefronts += line.wavefronts
                known.ideal_wavefronts += line.ideal_wavefronts
                known.useful_bytes += line.useful_bytes
                known.worst_ways = max(known.worst_ways, line.worst_ways)
                return
        self.traffic.append(line)

    def add_work(self, work: Work) -> None:
        """Add a launch's work to what is known of that kernel with that grid and block."""
        for k, known in enumerate(self.works):
            if (known.kernel, known.grid, known.block) == (work.kernel, work.grid, work.block):
                self.works[k] = known.plus(work)
                return
        self.works.append(work)

    def include(self, other: Findings) -> None:
        """Add all that another object holds."""
        for finding in other:
            self.add(replace(finding))
        for line in other.traffic:
            self.add_traffic(replace(line))
        for work in other.works:
            self.add_work(work)
        self.notes += [note for note in other.notes if note not in self.notes]
        self.resources += [use for use in other.resources if use not in self.resources]

    def tell_what_was_not_checked(self, launched: Collection[str], kernels: Iterable[str]) -> None:
        """Keep which kernels of a file were not launched.

        A launch that touched no memory is a finding, for nothing was looked at.
        """
        self.not_checked = [name for name in kernels if name not in launched]
        seen = {line.kernel for line in self.traffic} | {finding.kernel for finding in self}
        for name in sorted(set(launched) - seen):
            self.add(
                Failure(name, "reads and writes no memory with the arguments of its comment, so nothing was checked")
            )

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def of(self, kind: type[Finding]) -> list[Any]:
        """Return the findings of one class."""
        return [finding for finding in self if isinstance(finding, kind)]

    def to_json(self) -> dict[str, Any]:
        """Return everything as lists and dictionaries that `json.dumps` takes."""
        return {
            "findings": [{"kind": type(finding).__name__, **asdict(finding)} for finding in self],
            "traffic": [{**asdict(line), "bank_conflicts": line.bank_conflicts} for line in self.traffic],
            "not_checked": self.not_checked,
            "notes": self.notes,
            "resources": self.resources,
            "roofline": [roofline_json(work) for work in self.works],
        }

    def __str__(self) -> str:
        text = render(self, self.not_checked, self.traffic, self.notes)
        return f"{text}\n\n{roofline_text(self.works)}" if self.works else text
