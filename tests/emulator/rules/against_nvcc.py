"""Asks nvcc about every case of cases.py, each in its surroundings.

python -m tests.emulator.rules.against_nvcc [WORD ...]

It needs nvcc, but no GPU. Exits with 1 where nvcc does not agree.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.emulator.rules.cases import CASES, FILES, TAKEN, surroundings


def questions() -> Iterator[tuple[str, str, bool]]:
    """Yield a label, a file, and whether nvcc must take it."""
    for number, case in enumerate(CASES):
        for (before, statements), taken in ((case.refused, False), (case.taken, True)):
            for k, function in enumerate(surroundings(statements, "kernel")):
                text = f"{before}\n{function}\n".replace("NAME", "thing")
                yield f"{case.rule} {number}.{k} {'taken' if taken else 'refused'}", text, taken
    for rule, refused, taken_text in FILES:
        yield f"{rule} refused", refused.replace("NAME", "thing"), False
        yield f"{rule} taken", taken_text.replace("NAME", "thing"), True
    for label, text in TAKEN:
        yield label, text.replace("NAME", "thing"), True


def nvcc_takes(text: str) -> tuple[bool, str]:
    """Return whether nvcc compiles a file to machine code, and what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.cu"
        path.write_text(text, encoding="utf-8")
        command = ["nvcc", "-c", "-arch=sm_90", str(path), "-o", str(path.with_suffix(".o"))]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.returncode == 0, run.stdout + run.stderr


def main(words: Sequence[str]) -> int:
    """Print where nvcc disagrees; return 1 if it does."""
    if shutil.which("nvcc") is None:
        print("nvcc was not found", file=sys.stderr)
        return 1
    asked = wrong = 0
    for label, text, taken in questions():
        if words and not any(word in label for word in words):
            continue
        asked += 1
        answer, output = nvcc_takes(text)
        if answer != taken:
            wrong += 1
            print(f"{label}: nvcc {'takes' if answer else 'refuses'} it\n{text}\n{output[:400]}\n")
    print(f"{asked} files, {wrong} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
