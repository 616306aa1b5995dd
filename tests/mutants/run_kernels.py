"""Plant each bug of kernel_bugs.py in a copy of the sources, and ask every check of the emulator about it.

Nothing here needs a GPU.

    python -m tests.mutants.run_kernels                                 # all of them
    python -m tests.mutants.run_kernels cuda-barrier-in-a-reduction     # by name
    python -m tests.mutants.run_kernels --table docs/kernel_mutants.md  # also write the table of what noticed what

First the same checks run without any bug and must find nothing. The exit code is 1 when a bug is not noticed by the
check that it was planted for.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tinyseg_emulator.cuda.build import cache_folder

from tests.mutants.kernel_bugs import HOW, KERNEL_BUGS, NUMBERS, PTX, KernelBug
from tests.mutants.run import copied_sources, environment, planted

TIMEOUT = 300


class Outcome(NamedTuple):
    """What the checks said about a bug: `missing` is why it does not count as noticed, '' if it does."""

    bug: KernelBug
    report: dict[str, Any]
    named: tuple[str, ...]
    """The lines that the report names."""
    missing: str
    seconds: float


def share_compiled(folder: Path) -> None:
    """Spare the copy the emulator's runtime and headers, which are the same; compiled kernels have its path in them."""
    own, cache = cache_folder(), folder / "compiled" / "emulator"
    cache.mkdir(parents=True, exist_ok=True)
    for path in (*own.glob("runtime-*.so"), *own.glob("prelude-*")):
        if not (cache / path.name).exists():
            (cache / path.name).symlink_to(path.resolve())


def checked(folder: Path, probe: str) -> dict[str, Any]:
    """Run all checks on a workload of the copy, in a process of its own."""
    share_compiled(folder)
    command = [sys.executable, "-m", "tests.mutants.kernel_checks", probe]
    # Compiled kernels go with the copy: their keys contain its path, so nobody else could use them.
    settings = {**environment(folder), "NUMBA_ENABLE_CUDASIM": "1", "TINYSEG_CACHE": str(folder / "compiled")}
    result = subprocess.run(
        command, cwd=folder, env=settings, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    report: dict[str, Any] = {}
    for line in result.stdout.splitlines():
        report |= json.loads(line)
    if "ptx" not in report or (result.returncode > 0 and "numbers" not in report):
        raise RuntimeError(f"{probe}: {result.stderr[-2000:]}")
    return {"numbers": f"ended by signal {-result.returncode}", **report}


def assert_clean(folder: Path, probe: str) -> None:
    """Fail when a check finds something in a workload without any bug."""
    report = checked(folder, probe)
    clean = not report["numbers"] and not report["ptx"] and not any(report["orders"].values())
    assert clean, f"{probe}: without any planted bug: {report}"


def plant(folder: Path, bug: KernelBug) -> Outcome:
    """Change the copy, run the checks, and change it back."""
    started = time.monotonic()
    with planted(folder, bug.mutant):
        report = checked(folder, bug.probe)
        missing, named = judge(folder, bug, report)
    return Outcome(bug, report, named, missing, time.monotonic() - started)


def judge(folder: Path, bug: KernelBug, report: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return why a bug was not noticed as it should be ('' if it was), and the lines that were named."""
    if bug.by == NUMBERS:
        return "" if report["numbers"] else "the numbers are right", ()
    if bug.by == PTX:
        instructions = [line.split("  ")[0] for line in report["ptx"]]
        source = Path(folder, bug.mutant.file).read_text("utf-8").splitlines()
        at_line = [place for place in instructions if all(text in _numbered(source, place) for text in bug.lines)]
        return ("", (at_line[0],)) if at_line else (f"no float64 at the line, but at {instructions}", ())
    named: tuple[str, ...] = ()
    for order, findings in report["orders"].items():
        places = [tuple(f["places"]) for f in findings if f["kind"] == bug.by]
        good = [group for group in places if names(folder, group, bug.lines)]
        if not good:
            return f"threads {order}: no {bug.by} at the lines among {findings}", ()
        named = named or good[0]
    return "", named


def names(folder: Path, places: Sequence[str], lines: Sequence[str]) -> bool:
    """Return whether each text stands in the line of one of the places."""
    texts = []
    for place in places:
        file, _, number = place.rpartition(":")
        path = Path(folder, file)
        texts.append(path.read_text("utf-8").splitlines()[int(number) - 1] if path.is_file() else "")
    return all(any(line in text for text in texts) for line in lines)


def _numbered(source: Sequence[str], place: str) -> str:
    number = place.rpartition(":")[2]
    return source[int(number) - 1] if number.isdigit() and int(number) <= len(source) else ""


def run(bugs: Sequence[KernelBug]) -> list[Outcome]:
    """Check the workloads without any bug, then plant one after the other."""
    outcomes = []
    with copied_sources() as folder:
        probes = sorted({bug.probe for bug in bugs})
        for probe in probes:
            assert_clean(folder, probe)
        print(f"{len(bugs)} bugs; nothing is found in their {len(probes)} workloads without them", flush=True)
        for bug in bugs:
            outcome = plant(folder, bug)
            outcomes.append(outcome)
            state = "MISSED" if outcome.missing else "noticed"
            print(f"{state:9}{outcome.seconds:6.1f} s  {bug.mutant.name}  {outcome.missing or HOW[bug.by]}", flush=True)
    return outcomes


def table(outcomes: Sequence[Outcome]) -> str:
    """Return which check noticed which bug, as Markdown."""
    noticed = [outcome for outcome in outcomes if not outcome.missing]
    silent = sum(outcome.bug.by != NUMBERS and not outcome.report["numbers"] for outcome in noticed)
    lines = [
        "# Planted kernel bugs",
        "",
        (
            f"{len(outcomes)} mistakes in CUDA C++ and Numba kernels, each planted alone in a kernel of this package, "
            f"without a GPU; {len(noticed)} are noticed by the check that is"
        ),
        (
            f"named. {silent} of them leave the emulator's numbers right when no check is on. The detector finds each "
            "of its bugs in all three orders of the"
        ),
        (
            "threads that are tried (up, down, rotated), and names the lines; without a bug it finds nothing. [What "
            "the checks are](emulator.md)."
        ),
        "",
        (
            "Made by `python -m tests.mutants.run_kernels --table docs/kernel_mutants.md`; the bugs stand in "
            "`tests/mutants/kernel_bugs.py`."
        ),
        "",
        "| bug | in | noticed by | at | numbers |",
        "|---|---|---|---|---|",
    ]
    for outcome in outcomes:
        bug = outcome.bug
        file = bug.mutant.file.removeprefix("kernels/tinyseg_kernels/")
        how = "**not noticed**" if outcome.missing else HOW[bug.by]
        at = ", ".join(dict.fromkeys(place.rpartition("/")[2] for place in outcome.named if place))
        numbers = "wrong" if outcome.report["numbers"] else "right"
        lines.append(f"| {bug.mutant.name} | `{file}` | {how} | {at} | {numbers} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--table", type=Path, help="write a Markdown table to this file")
    options = parser.parse_args()
    known = {bug.mutant.name: bug for bug in KERNEL_BUGS}
    for name in options.names:
        if name not in known:
            parser.error(f"unknown bug {name!r}")
    outcomes = run([known[name] for name in options.names] or KERNEL_BUGS)
    if options.table is not None:
        options.table.write_text(table(outcomes), "utf-8")
    missed = [outcome for outcome in outcomes if outcome.missing]
    print(f"{len(outcomes) - len(missed)} of {len(outcomes)} noticed")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
