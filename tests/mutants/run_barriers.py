"""Leave out each barrier, fence and atomic of our GPU code in turn, and ask the checks of the emulator about it.

    python -m tests.mutants.run_barriers                               # all of the library, exercises and programs
    python -m tests.mutants.run_barriers confusion_matrix gpu/rows     # those whose file has one of these in its path
    python -m tests.mutants.run_barriers --sample 6 --seed 1           # some, drawn at random
    python -m tests.mutants.run_barriers --table docs/barriers.md      # also write the table
    python -m tests.mutants.run_barriers --resume FILE                 # note each outcome, and go on after a break

The workloads that launch kernels of a site's file (or of files that include it) run in a copy of the sources in three
orders of the threads, until one of them finds something in every order. What nothing finds must be in `REDUNDANT` of
redundant_barriers.py with the reason why it changes nothing; the exit code is 1 otherwise, and also when something is
found there.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.mutants.barrier_checks import LOSSES
from tests.mutants.barriers import Site, exercise_sites, library_sites, program_sites, users_of
from tests.mutants.kernel_probes import PROBES
from tests.mutants.redundant_barriers import REDUNDANT
from tests.mutants.run import copied_sources, environment

TIMEOUT = 900


class Outcome(NamedTuple):
    """What became of a site: `found` says what was found and `workload` where; `reason` why it may be left out."""

    site: Site
    found: str
    workload: str
    partly: str
    seconds: float

    @property
    def reason(self) -> str:
        return REDUNDANT.get((self.site.file, _line_of(self.site)), "")

    @property
    def verdict(self) -> str:
        """'found', 'redundant', 'missed', or 'found, though it is listed as redundant'."""
        if self.found:
            return "found" if not self.reason else "found, though it is listed as redundant"
        return "redundant" if self.reason else "missed"


def _line_of(site: Site) -> str:
    """Return the text of a site's line and the number of such lines above it, as redundant_barriers.py has it."""
    lines = (Path(__file__).resolve().parents[2] / site.file).read_text("utf-8").splitlines()
    text = lines[site.line - 1].strip()
    return f"{text} #{sum(line.strip() == text for line in lines[: site.line - 1]) + 1}"


def ask(folder: Path, arguments: Sequence[str]) -> list[dict[str, object]]:
    """Run workloads in the copy, in a process of its own."""
    command = [sys.executable, "-m", "tests.mutants.barrier_checks", *arguments]
    settings = {**environment(folder), "NUMBA_ENABLE_CUDASIM": "1", "TINYSEG_CACHE": str(folder / "compiled")}
    result = subprocess.run(
        command, cwd=folder, env=settings, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    if result.returncode < 0 and "--files" not in arguments:  # a kernel that writes over the process's own memory
        lines.append({"workload": "", "orders": {"any": f"ended by signal {-result.returncode}"}})
    elif result.returncode:
        raise RuntimeError(result.stderr[-3000:])
    return lines


def workloads_by_file(folder: Path) -> dict[str, list[str]]:
    """Return which workloads launch kernels of which file."""
    by_file: dict[str, list[str]] = {}
    for line in ask(folder, ["--files", *PROBES, *LOSSES]):
        files = line["files"]
        assert isinstance(files, list)
        for file in files:
            by_file.setdefault(file, []).append(str(line["workload"]))
    return by_file


def workloads_of(site: Site, by_file: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the workloads that may show that a site is missing."""
    if site.file.startswith("tinyseg/exercises"):
        return [f"exercise {Path(site.file).parent.name}"]
    if site.file.startswith("tests/"):
        return [f"program {site.file}"]
    return list(dict.fromkeys(name for file in sorted(users_of(site.file)) for name in by_file.get(file, ())))


def leave_out(folder: Path, site: Site, workloads: Sequence[str]) -> Outcome:
    """Leave a site out of the copy, run workloads, and put it back."""
    began = time.monotonic()
    path = folder / site.file
    source = path.read_text("utf-8")
    path.write_text(site.removed(source), "utf-8")
    try:
        lines = ask(folder, workloads) if workloads else []
    finally:
        path.write_text(source, "utf-8")
    partly = ""
    for line in lines:
        orders = line["orders"]
        assert isinstance(orders, dict)
        if all(orders.values()):
            return Outcome(site, str(next(iter(orders.values()))), str(line["workload"]), "", time.monotonic() - began)
        partly = partly or (f"{line['workload']}: {orders}" if any(orders.values()) else "")
    return Outcome(site, "", "", partly, time.monotonic() - began)


def run(sites: Sequence[Site], notes: Path | None = None) -> list[Outcome]:
    """Leave out one after the other; what a file of notes says was found, or changes nothing, is not tried again."""
    known = {outcome.site: outcome for outcome in noted(notes) if outcome.verdict in ("found", "redundant")}
    outcomes = []
    with copied_sources() as folder:
        library = any(site.file.startswith("kernels/") for site in set(sites) - set(known))
        by_file = workloads_by_file(folder) if library else {}
        for site in sites:
            if site in known:
                outcomes.append(known[site])
                continue
            workloads = workloads_of(site, by_file)
            outcome = leave_out(folder, site, workloads)
            outcomes.append(outcome)
            if notes is not None:
                with notes.open("a", encoding="utf-8") as file:
                    print(json.dumps(outcome), file=file)
            note = outcome.reason or outcome.partly or f"{len(workloads)} workloads"
            what = f"{outcome.found} ({outcome.workload})" if outcome.found else note
            print(f"{outcome.verdict:10}{outcome.seconds:6.1f} s  {site.name}  {site.what}  {what}", flush=True)
    return outcomes


def noted(notes: Path | None) -> Iterator[Outcome]:
    """Yield the outcomes in a file of notes."""
    for line in [] if notes is None or not notes.exists() else notes.read_text("utf-8").splitlines():
        site, *rest = json.loads(line)
        yield Outcome(Site(*site), *rest)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as Markdown."""
    found = sum(outcome.verdict == "found" for outcome in outcomes)
    redundant = sum(outcome.verdict == "redundant" for outcome in outcomes)
    lines = [
        "# Barriers left out",
        "",
        f"{len(outcomes)} barriers, fences and atomics of this library's GPU kernels, of the exercises' solutions",
        f"and of the emulator's programs, each left out alone: {found} are found, those of the library in every order",
        f"of the threads (up, down, rotated); {redundant} change nothing, for the reason told. An atomic becomes the",
        "plain operation.",
        "",
        "Made by `python -m tests.mutants.run_barriers --table docs/barriers.md`; the reasons stand in",
        "`tests/mutants/redundant_barriers.py`.",
        "",
        "| where | without | found | by the workload, or why it may be left out |",
        "|---|---|---|---|",
    ]
    for outcome in outcomes:
        what = outcome.site.what.replace("|", "\\|").replace("\n", " ")
        what = what if len(what) <= 60 else f"{what[:57]}..."
        file = outcome.site.file.removeprefix("kernels/tinyseg_kernels/").removeprefix("tinyseg/exercises/catalogue/")
        how = outcome.found or ("" if outcome.reason else "**missed**")
        lines.append(f"| `{file}:{outcome.site.line}` | `{what}` | {how} | {outcome.workload or outcome.reason} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="parts of paths; FILE:LINE for one site")
    parser.add_argument("--sample", type=int, help="only this many, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", type=Path, help="write a Markdown table to this file")
    parser.add_argument("--resume", type=Path, help="note outcomes in this file, and leave out what it knows")
    options = parser.parse_args()
    sites = [*library_sites(), *exercise_sites(), *program_sites()]
    if options.words:
        sites = [site for site in sites if any(word in site.name for word in options.words)]
    if options.sample is not None:
        sites = random.Random(options.seed).sample(sites, min(options.sample, len(sites)))
    outcomes = run(sites, options.resume)
    if options.table is not None:
        options.table.write_text(table(outcomes), "utf-8")
    bad = [outcome for outcome in outcomes if outcome.verdict not in ("found", "redundant")]
    print(f"{len(outcomes) - len(bad)} of {len(outcomes)} found or known to change nothing")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
