"""Plant each bug in a copy of the sources, run the tests that should notice, and say which test did.

    python -m tests.mutants.run                          # all of them
    python -m tests.mutants.run adam-counts-from-zero    # by name
    python -m tests.mutants.run --sample 6 --seed 1      # some, drawn at random
    python -m tests.mutants.run --table docs/mutants.md  # also write the table of what killed what

The exit code is 1 when a mutant survives.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.mutants.planted import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("tinyseg", "kernels", "tests", "tutorials", "pyproject.toml", "README.md")
TIMEOUT = 600


class Outcome(NamedTuple):
    """What became of a mutant: 'killed' by `test`, 'survived', or 'broken' (the tests could not even be collected)."""

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


def run_tests(folder: Path, tests: str) -> tuple[int, str]:
    """Run tests in the copy until one fails; returns pytest's exit code and the name of the failed test."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests.split()]
    try:
        result = subprocess.run(
            command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return 1, "(out of time)"
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", result.stdout, re.MULTILINE)
    return result.returncode, failed.group(1) if failed else result.stdout[-300:]


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


def plant(folder: Path, mutant: Mutant) -> Outcome:
    """Change the copy, run the tests, and change it back."""
    started = time.monotonic()
    with planted(folder, mutant):
        code, test = run_tests(folder, mutant.tests)
    state = {0: "survived", 1: "killed"}.get(code, "broken")
    return Outcome(mutant, state, test if state != "survived" else "", time.monotonic() - started)


def run(mutants: Sequence[Mutant]) -> list[Outcome]:
    """Plant one after the other; first make sure that the tests pass without any, or a failure would prove nothing."""
    outcomes = []
    with copied_sources() as folder:
        for path in sorted({path for mutant in mutants for path in mutant.tests.split()}):
            code, test = run_tests(folder, path)
            assert code == 0, f"{path} fails without any planted bug: {test}"
        print(f"{len(mutants)} mutants; their tests pass without them", flush=True)
        for mutant in mutants:
            outcome = plant(folder, mutant)
            outcomes.append(outcome)
            print(f"{outcome.state:9}{outcome.seconds:6.1f} s  {mutant.name}  {outcome.test}", flush=True)
    return outcomes


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
    options = parser.parse_args()
    known = {mutant.name: mutant for mutant in MUTANTS}
    for name in options.names:
        if name not in known:
            parser.error(f"unknown mutant {name!r}")
    chosen = [known[name] for name in options.names] or list(MUTANTS)
    if options.sample is not None:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    outcomes = run(chosen)
    if options.table is not None:
        options.table.write_text(table(outcomes), "utf-8")
    survived = [outcome for outcome in outcomes if outcome.state != "killed"]
    print(f"{len(outcomes) - len(survived)} of {len(outcomes)} killed")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
