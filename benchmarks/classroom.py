"""Grade a made-up class: `python -m benchmarks.classroom --students 100 --exercises 12`.

Each student hands in a ZIP file of answers, each drawn at random: right, one of the planted bugs, the stub, nothing, a
file that is no Python, a loop without end. The class is graded by the command, and timed.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from tinyseg.exercises import Exercise, exercise, names

SHARES = {"right": 0.45, "wrong": 0.4, "stub": 0.05, "nothing": 0.06, "no Python": 0.03, "endless": 0.01}


def answer(of: Exercise, rng: random.Random) -> str | None:
    """Draw an answer; None for nothing."""
    kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
    if kind == "wrong":
        mistake = rng.choice(of.mistakes)
        return of.solution.replace(mistake.before, mistake.after)
    texts = {"right": of.solution, "stub": of.stub, "no Python": "def f(:\n", "endless": "while True:\n    pass\n"}
    return texts.get(kind)


def hand_in(folder: Path, students: int, chosen: list[str], seed: int) -> None:
    """Write the submissions."""
    rng = random.Random(seed)
    for number in range(students):
        with zipfile.ZipFile(folder / f"student-{number:03}.zip", "w") as archive:
            for name in chosen:
                text = answer(exercise(name), rng)
                if text is not None:
                    archive.writestr(f"work/{name}.py", text)


def main() -> None:
    """Make a class, grade it, and print the time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--exercises", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    of_python = [name for name in names() if exercise(name).kind == "functions"]
    chosen = random.Random(options.seed).sample(of_python, options.exercises)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "handed-in")
        folder.mkdir()
        hand_in(folder, options.students, chosen, options.seed)
        command = [sys.executable, "-m", "tinyseg", "grade", "--class", str(folder), "--out", str(Path(place, "out"))]
        for name in chosen:
            command += ["--exercise", name]
        began = time.perf_counter()
        done = subprocess.run([*command, "--seed", "1", "--seed", "2"], check=False)
        seconds = time.perf_counter() - began
        again = time.perf_counter()
        subprocess.run([*command, "--seed", "1", "--seed", "2"], check=False, stdout=subprocess.DEVNULL)
        again = time.perf_counter() - again
    print(
        f"{options.students} students, {options.exercises} exercises ({', '.join(chosen)}), two seeds: "
        f"{seconds:.0f} s; the same command again: {again:.1f} s; exit code {done.returncode}"
    )


if __name__ == "__main__":
    main()
