"""Kill trainings with SIGKILL at random moments, resume them, and compare what they come to, to the bit, with ones that
were left alone.

    python -m tests.robustness.kill --times 100 --seed 0

Half of the trainings are `tinyseg train` on a folder, half a script with `Model.fit` and `BackupAndRestore`. A training
is killed one to four times in a row and then finished. Of the kills, about a third fall at a random moment of the whole
run; the others wait for a phase (of those, most for a file being written) and strike at once or some milliseconds
later. After each kill every file must be whole. The exit code is 1 when a run was lost.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.datasets.blobs import write_blobs
from tests.runs.tiny import assert_same_file, assert_same_run, tensors

from .training import Phases

KINDS = ("command", "script")
TRAINING = ("--width", "8", "--depth", "2", "--epochs", "6", "--batch-size", "2", "--rotate", "10", "--dropout", "0.1")
FILES = (
    "writing checkpoint",
    "writing model",
    "writing best",
    "writing history",
    "writing log",
    "writing run",
    "writing metrics",
)
STEPS = ("importing", "preparing", "training step", "between steps", "validation", "end of epoch", "finishing")
TIMEOUT = 120


@dataclass
class Campaign:
    """What became of the kills so far."""

    kills: int = 0
    survived: int = 0
    lost: int = 0
    runs: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    halves: Counter[str] = field(default_factory=Counter)
    """Temporary files that a kill left behind, by the name of the file that they were to become."""
    first_error: str = ""

    def lines(self) -> Iterator[str]:
        """Yield the summary."""
        kinds = ", ".join(f"{name} {count}" for name, count in self.kinds.items())
        yield f"{self.kills} kills ({kinds}) of {self.runs} trainings: {self.survived} survived, {self.lost} lost"
        yield "fell into: " + ", ".join(f"{name} {count}" for name, count in self.phases.most_common())
        halves = ", ".join(f"{name} {count}" for name, count in self.halves.most_common())
        yield f"with a half-written file on the disk: {sum(self.halves.values())} ({halves})"


class Training:
    """One of the two programs, and the folder that it works in."""

    def __init__(self, kind: str, home: Path, data: Path) -> None:
        """Choose the folder; nothing is started."""
        self.kind, self.data = kind, data
        self.folder, self.phases = home / kind, Phases(home / f"{kind}.phases")

    def start(self) -> subprocess.Popen[str]:
        """Start the program, which resumes by itself if there is something to resume."""
        if self.kind == "script":
            arguments = [str(self.folder)]
        elif (self.folder / "run.json").exists():
            arguments = ["train", str(self.data), "--out", str(self.folder), "--resume"]
        else:
            arguments = ["train", str(self.data), "--out", str(self.folder), *TRAINING]
        phases = self.folder.parent / f"{self.kind}.phases"
        self.phases.write("starting")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        return subprocess.Popen(
            [sys.executable, "-m", "tests.robustness.training", str(phases), self.kind, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )

    def finish(self) -> float:
        """Run to the end; returns the seconds that it took."""
        started = time.monotonic()
        process = self.start()
        output, _ = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0, output[-2000:]
        return time.monotonic() - started

    def kill(self, wait: Callable[[Phases, Callable[[], bool]], None]) -> bool:
        """Run until `wait` comes back, then kill; returns whether there was still something to kill."""
        process = self.start()
        wait(self.phases, lambda: process.poll() is not None)
        process.kill()
        output, _ = process.communicate(timeout=TIMEOUT)
        assert process.returncode in (0, -signal.SIGKILL), output[-2000:]
        return process.returncode == -signal.SIGKILL

    def leftovers(self) -> list[str]:
        """Return the temporary files in the folder; the lock of a killed process is none."""
        return sorted(path.name for path in self.folder.glob(".*.part*")) if self.folder.exists() else []

    def check_files(self) -> None:
        """Read every file that has its final name; what a kill left must be whole."""
        for path in self.folder.glob("[!.]*") if self.folder.exists() else ():
            if path.suffix == ".safetensors":
                assert tensors(path)[0], path
            elif path.suffix == ".json":
                assert json.loads(path.read_text("utf-8")), path
            elif path.suffix == ".csv":
                rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
                assert rows, path
                assert all(None not in row.values() and None not in row for row in rows), path
            else:
                assert path.read_bytes().endswith(b"IEND\xae\x42\x60\x82"), path

    def compare(self, expected: Training) -> None:
        """Hold weights, optimizer's state, history and list of files against a training that was left alone."""
        names = [sorted(path.name for path in training.folder.iterdir()) for training in (self, expected)]
        if self.kind == "script":  # what `model.save` leaves when it is killed, no callback knows of
            names[0] = [name for name in names[0] if not name.startswith((".model-", ".history-"))]
        assert names[0] == names[1], names
        if self.kind == "command":
            assert_same_run(self.folder, expected.folder)
            assert_same_file(Path(f"{self.folder}.last"), Path(f"{expected.folder}.last"))
            return
        for name in names[0]:
            if name.endswith(".safetensors"):
                assert_same_file(self.folder / name, expected.folder / name)
            else:
                assert (self.folder / name).read_bytes() == (expected.folder / name).read_bytes(), name


def random_moment(rng: random.Random, seconds: float) -> Callable[[Phases, Callable[[], bool]], None]:
    """Choose when to strike in a training that takes about this many seconds."""
    if rng.random() < 0.35:
        delay = rng.uniform(0.0, seconds)
        return lambda phases, over: time.sleep(delay)
    # The checkpoint is the file that matters most: as often as all others together.
    kind = rng.random()
    wanted = FILES[0] if kind < 0.4 else rng.choice(FILES[1:]) if kind < 0.7 else rng.choice(STEPS)
    times, delay = rng.randrange(1, 5), rng.choice((0.0, rng.uniform(0.0, 1e-3), rng.uniform(0.0, 5e-3)))

    def wait(phases: Phases, over: Callable[[], bool]) -> None:
        seen, last = 0, phases.read()[0]
        while seen < times and not over():
            for _ in range(2000):  # asking whether the process is over costs more than a look at the phase
                count, phase = phases.read()
                if count != last:
                    last = count
                    seen += phase == wanted
                    if seen == times:
                        break
        time.sleep(delay)

    return wait


def campaign(times: int, seed: int, kinds: tuple[str, ...] = KINDS, say: Callable[[str], None] = print) -> Campaign:
    """Kill this many times, and compare after every few kills."""
    rng, result = random.Random(seed), Campaign()
    with tempfile.TemporaryDirectory(prefix="tinyseg-kill-") as name:
        home = Path(name)
        data = write_blobs(home / "data")
        (home / "alone").mkdir()
        alone = {kind: Training(kind, home / "alone", data) for kind in kinds}
        seconds = {kind: training.finish() for kind, training in alone.items()}
        say("left alone, a training takes " + ", ".join(f"{s:.1f} s ({kind})" for kind, s in seconds.items()))
        while result.kills < times:
            kind = min(kinds, key=lambda k: result.kinds[k])
            place = home / f"{result.runs}"
            place.mkdir()
            training = Training(kind, place, data)
            planned = min(rng.randrange(1, 5), times - result.kills)
            struck, errors = [], ""
            try:
                while len(struck) < planned:
                    before = training.leftovers()
                    if not training.kill(random_moment(rng, seconds[kind])):
                        if struck:
                            break
                        continue  # it was over before the moment came, so it was not killed at all
                    struck.append(training.phases.read()[1])
                    halves = {half.lstrip(".").split("-")[0] for half in set(training.leftovers()) - set(before)}
                    result.halves.update(halves)
                    training.check_files()
                training.finish()
                training.compare(alone[kind])
            except Exception as error:  # a damaged file is told by whoever reads it
                errors = f"{kind}, killed in {struck}: {type(error).__name__}: {error}"
                result.first_error = result.first_error or errors
            result.runs += 1
            result.kills += len(struck)
            result.kinds[kind] += len(struck)
            result.phases.update(struck)
            result.lost += len(struck) if errors else 0
            result.survived += 0 if errors else len(struck)
            verdict = f"LOST: {errors}" if errors else "the same to the bit"
            say(f"{result.kills:4}/{times}  {kind}: {'; '.join(struck)}: {verdict}")
            shutil.rmtree(place)
    return result


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS, help="only one of the two kinds of training")
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the same number of threads in all runs that are compared
    kinds = KINDS if options.kind is None else (options.kind,)
    result = campaign(options.times, options.seed, kinds, lambda line: print(line, flush=True))
    print(*result.lines(), sep="\n")
    sys.exit(1 if result.lost else 0)


if __name__ == "__main__":
    main()
