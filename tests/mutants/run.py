"""Plant each bug in a copy of the sources, run the tests that should notice, and say which test did.

    python -m tests.mutants.run                          # all of them
    python -m tests.mutants.run adam-counts-from-zero    # by name
    python -m tests.mutants.run --sample 6 --seed 1      # some, drawn at random
    python -m tests.mutants.run --table docs/mutants.md  # also write the table of what killed what
    python -m tests.mutants.run --resume FILE            # note each outcome in FILE, and go on after an interruption

The test that the table names is asked first; only when it passes are all tests of a mutant run. In the end the tests
that failed are run without any bug: a failure of one that fails then, too, proves nothing. Nor does one that came to no
end, after three times as much time: such a mutant is not decided.

The exit code is 1 when a mutant is not killed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.mutants.planted import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("tinyseg", "kernels", "tests", "tutorials", "docs", "pyproject.toml", "README.md")
TIMEOUT = 600
"""Seconds; on a machine that others use as well some tests need more, and get three times as many."""

TESTS_AT_A_TIME = 100
"""As many names of tests as a command may have on any system."""

OUT_OF_TIME = "(out of time)"


class Outcome(NamedTuple):
    """What became of a mutant.

    'killed' by `test`, 'survived', 'broken' (the tests could not even be collected), or 'undecided' (no test has failed
    that passes without it).
    """

    mutant: Mutant
    state: str
    test: str
    seconds: float


@contextmanager
def copied_sources() -> Iterator[Path]:
    """Give a copy of the sources and tests to plant bugs in."""
    with tempfile.TemporaryDirectory(prefix="tinyseg-mutants-") as folder:
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, Path(folder, name))
        yield Path(folder)


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a process that runs the copy: it is found before an installed tinyseg.

    No bytecode, whose time stamps could hide a change.
    """
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder), str(folder / "kernels")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def run_tests(
    folder: Path, tests: Sequence[str], *options: str, timeout: float | None = TIMEOUT
) -> tuple[int, list[str]]:
    """Run tests in the copy; returns pytest's exit code and the tests that failed, else the end of what it said."""
    command = [sys.executable, "-m", "pytest", *options, "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    try:
        result = subprocess.run(
            command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return 1, [OUT_OF_TIME]
    failed = re.findall(r"^(?:FAILED|ERROR) ([^\[\s]+(?:\[.*?\])?)(?= - |$)", result.stdout, re.MULTILINE)
    return result.returncode, failed or [result.stdout[-300:]]


@contextmanager
def planted(folder: Path, mutant: Mutant) -> Iterator[None]:
    """Change the copy within a `with` block."""
    path = folder / mutant.file
    source = path.read_text("utf-8")
    assert source.count(mutant.before) == 1, f"{mutant.name}: expected its text once in {mutant.file}"
    path.write_text(source.replace(mutant.before, mutant.after), "utf-8")
    try:
        yield
    finally:
        path.write_text(source, "utf-8")


def plant(folder: Path, mutant: Mutant, first: str | None = None) -> Outcome:
    """Change the copy, run the tests, and change it back; the test `first`, which noticed it before, is asked first."""
    started = time.monotonic()
    code, test = 0, ""
    with planted(folder, mutant):
        if first is not None:
            code, (test, *_) = run_tests(folder, [first], "-x")
        if code != 1 or test == OUT_OF_TIME:
            code, (test, *_) = run_tests(folder, mutant.tests.split(), "-x")
        if test == OUT_OF_TIME:
            code, (test, *_) = run_tests(folder, mutant.tests.split(), "-x", timeout=3 * TIMEOUT)
    state = {0: "survived", 1: "killed" if "::" in test else "undecided"}.get(code, "broken")
    return Outcome(mutant, state, test if state != "survived" else "", time.monotonic() - started)


def run(mutants: Sequence[Mutant], first: Mapping[str, str] | None = None, notes: Path | None = None) -> list[Outcome]:
    """Plant one after the other.

    Args:
        mutants: Which ones.
        first: By the name of a mutant, the test to ask first.
        notes: A file of lines of JSON, one for each outcome; what was killed according to it is not planted again.
    """
    known = {outcome.mutant: outcome for outcome in noted(notes, mutants) if outcome.state == "killed"}
    outcomes = []
    with copied_sources() as folder:
        print(f"{len(mutants)} mutants, {len(known)} of them killed before", flush=True)
        for mutant in mutants:
            if mutant in known:
                outcomes.append(known[mutant])
                continue
            outcome = plant(folder, mutant, (first or {}).get(mutant.name))
            outcomes.append(outcome)
            print(f"{outcome.state:9}{outcome.seconds:6.1f} s  {mutant.name}  {outcome.test}", flush=True)
            if notes is not None:
                with notes.open("a", encoding="utf-8") as file:
                    print(json.dumps({**outcome._asdict(), "mutant": mutant}), file=file)
        return without_bugs(folder, outcomes)


def noted(notes: Path | None, mutants: Sequence[Mutant]) -> Iterator[Outcome]:
    """Yield the outcomes in a file, of mutants that are still the same."""
    same = set(mutants)
    for line in [] if notes is None or not notes.exists() else notes.read_text("utf-8").splitlines():
        found = json.loads(line)
        mutant = Mutant(*found.pop("mutant"))
        if mutant in same:
            yield Outcome(mutant, **found)


def without_bugs(folder: Path, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Run the tests that killed without any bug: what one says that fails even so proves nothing."""
    tests = sorted({outcome.test for outcome in outcomes if outcome.state == "killed"})
    failed: set[str] = set()
    for k in range(0, len(tests), TESTS_AT_A_TIME):
        code, names = run_tests(folder, tests[k : k + TESTS_AT_A_TIME], timeout=None)
        assert code in (0, 1), f"the tests cannot be run without bugs: {names}"
        failed |= set(names) if code else set()
    return [
        outcome._replace(state="undecided") if outcome.state == "killed" and outcome.test in failed else outcome
        for outcome in outcomes
    ]


def noticed_in(path: Path | None) -> dict[str, str]:
    """Return which test noticed which mutant, by its name, from a table that was written before."""
    text = path.read_text("utf-8") if path is not None and path.exists() else ""
    return dict(re.findall(r"^\| (\S+) \| `[^`]+` \| `([^`]+)` \|$", text, re.MULTILINE))


def table(outcomes: Sequence[Outcome]) -> str:
    """Return which test noticed which bug, as Markdown."""
    killed = sum(outcome.state == "killed" for outcome in outcomes)
    lines = [
        "# Planted bugs",
        "",
        (
            f"{len(outcomes)} realistic bugs, each planted alone; {killed} are noticed by the tests named here (the "
            "first that failed)."
        ),
        "Made by `python -m tests.mutants.run --table docs/mutants.md`; the bugs stand in `tests/mutants/planted.py`.",
        "",
        "| bug | in | noticed by |",
        "|---|---|---|",
    ]
    for outcome in outcomes:
        noticed = f"`{outcome.test}`" if outcome.state == "killed" else f"**{outcome.state}**"
        lines.append(f"| {outcome.mutant.name} | `{outcome.mutant.file}` | {noticed} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--sample", type=int, help="only this many, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", type=Path, help="write a Markdown table to this file")
    parser.add_argument("--resume", type=Path, help="note outcomes in this file, and leave out what it says was killed")
    options = parser.parse_args()
    known = {mutant.name: mutant for mutant in MUTANTS}
    for name in options.names:
        if name not in known:
            parser.error(f"unknown mutant {name!r}")
    chosen = [known[name] for name in options.names] or list(MUTANTS)
    if options.sample is not None:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    outcomes = run(chosen, noticed_in(options.table or ROOT / "docs/mutants.md"), options.resume)
    if options.table is not None:
        options.table.write_text(table(outcomes), "utf-8")
    others = [outcome for outcome in outcomes if outcome.state != "killed"]
    for outcome in others:
        print(f"{outcome.state}: {outcome.mutant.name}  {outcome.test}")
    print(f"{len(outcomes) - len(others)} of {len(outcomes)} killed")
    sys.exit(1 if others else 0)


if __name__ == "__main__":
    main()
