"""How far the emulator and nvcc agree: `python -m benchmarks.gpu_features`, and `--help`."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .cases import FOLDER, Case, read_cases, record
from .compilers import ask_emulator, ask_nvcc, find_nvcc
from .report import Outcome, page, table

PAGE = Path(__file__).parents[2] / "docs" / "gpu_features.md"


def main() -> None:
    """Ask the emulator about each case, and nvcc where that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the cases are")
    parser.add_argument("--group", action="append", help="only these groups")
    parser.add_argument("--name", help="only cases with this in their name")
    parser.add_argument("--record", action="store_true", help="ask nvcc, and write its verdicts into the files")
    parser.add_argument("--missing", action="store_true", help="with --record: only cases without a verdict")
    parser.add_argument("--write", action="store_true", help="write docs/gpu_features.md")
    parser.add_argument("--words", action="store_true", help="print what was said where the two differ")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    cases = [case for case in read_cases(options.folder) if _wanted(case, options.group, options.name)]
    if options.record:
        if find_nvcc() is None:
            sys.exit("nvcc was not found: neither on PATH nor in /usr/local/cuda/bin")
        asked = [case for case in cases if case.accepted is None or not options.missing]
        with ThreadPoolExecutor(options.jobs) as pool:
            verdicts = [answer.accepted for answer in pool.map(ask_nvcc, asked)]
        record(
            options.folder, {(case.group, case.name): verdict for case, verdict in zip(asked, verdicts, strict=True)}
        )
        cases = [case for case in read_cases(options.folder) if _wanted(case, options.group, options.name)]
    unknown = [case.name for case in cases if case.accepted is None]
    if unknown:
        sys.exit(f"nvcc was not asked about {len(unknown)} cases ({unknown[0]!r}, ...): run with --record")
    groups = [[case for case in cases if case.group == group] for group in dict.fromkeys(case.group for case in cases)]
    with ThreadPoolExecutor(options.jobs) as pool:
        answers = [answer for some in pool.map(ask_emulator, groups) for answer in some]
    outcomes = [Outcome(case, answer) for case, answer in zip(cases, answers, strict=True)]
    for outcome in outcomes:
        if options.words and not outcome.agrees:
            print(f"--- {outcome.case.group}: {outcome.case.name}\n{outcome.answer.words or 'taken'}")
    print(table(outcomes))
    if options.write:
        PAGE.write_text(page(outcomes), encoding="utf-8")


def _wanted(case: Case, groups: list[str] | None, name: str | None) -> bool:
    return (not groups or case.group in groups) and (name is None or name in case.name)


if __name__ == "__main__":
    main()
