"""The trainings that `tests.robustness.kill` kills, as programs that tell what they are doing at every moment.

    python -m tests.robustness.training PHASES command ARGUMENTS-OF-TINYSEG...
    python -m tests.robustness.training PHASES script FOLDER

PHASES is a file that both processes map into memory: what was written there last is still there after SIGKILL.
"""

from __future__ import annotations

import mmap
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZE = 64


class Phases:
    """What a process is doing: a count of the changes, and a name; one process writes, another reads."""

    def __init__(self, path: Path) -> None:
        """Map the file, which is made if it does not exist."""
        if not path.exists():
            path.write_bytes(bytes(SIZE))
        with path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), SIZE)

    def read(self) -> tuple[int, str]:
        """Return the number of changes so far, and the phase."""
        count, name = struct.unpack(f"q{SIZE - 8}s", self.memory[:])
        return count, name.rstrip(b"\0").decode()

    def write(self, name: str) -> None:
        """Enter a phase."""
        self.memory[:] = struct.pack(f"q{SIZE - 8}s", self.read()[0] + 1, name.encode()[: SIZE - 8])


def tell(phases: Phases) -> None:
    """Report from now on when files are written, and once tinyseg is imported, also steps and validation.

    Files by Python's own audit events, so that nothing in tinyseg has to be replaced for it: a temporary file is made,
    ..., its name is removed.
    """
    before: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "tempfile.mkstemp":
            before.append(phases.read()[1])
            phases.write(f"writing {Path(arguments[0]).name.lstrip('.').split('-')[0]}")
        elif event == "os.remove" and ".part" in str(arguments[0]) and before:
            phases.write(before.pop())

    sys.addaudithook(hook)
    phases.write("importing")
    from tinyseg.callbacks import CallbackList
    from tinyseg.models import Model, saving

    def during(owner: type, name: str, phase: str, after: str) -> None:
        ordinary: Callable[..., Any] = getattr(owner, name)

        def wrapped(*arguments: Any, **options: Any) -> Any:
            phases.write(phase)
            result = ordinary(*arguments, **options)
            phases.write(after)
            return result

        setattr(owner, name, wrapped)

    write = saving.write_tensors

    def write_tensors(path: Any, *content: Any) -> None:
        """Tell it also if it should ever write without a temporary file."""
        phase = phases.read()[1]
        phases.write(f"writing {Path(path).stem}")
        write(path, *content)
        phases.write(phase)

    saving.write_tensors = write_tensors
    during(Model, "train_step", "training step", "between steps")
    during(CallbackList, "on_test_begin", "validation", "validation")
    during(CallbackList, "on_test_end", "validation", "end of epoch")
    during(CallbackList, "on_train_end", "end of training", "finishing")
    phases.write("preparing")


def command(*arguments: str) -> None:
    """Run `tinyseg`; the last checkpoint of a run, which is deleted when it is finished, is kept as FOLDER.last."""
    import shutil

    from tinyseg.callbacks import BackupAndRestore
    from tinyseg.cli import main

    def keep(self: BackupAndRestore) -> None:
        shutil.copy(self.path, f"{self.path.parent}.last")

    BackupAndRestore.on_train_end = keep  # type: ignore[method-assign]
    sys.argv = ["tinyseg", *arguments]
    main()


def script(folder: str) -> None:
    """Train a small classifier with all callbacks that remember something, and start again where a backup was left."""
    from tests.models.networks import classifier, images
    from tinyseg.callbacks import BackupAndRestore, CSVLogger, EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
    from tinyseg.optimizers import Adam
    from tinyseg.runs.folder import write_json
    from tinyseg.utils import set_random_seed

    out = Path(folder)
    set_random_seed(7)
    x, y = images(320)
    model = classifier(dropout=0.4)
    model.compile(Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x, y, batch_size=16, epochs=12, validation_split=0.2, verbose=0,
        callbacks=[
            ReduceLROnPlateau(patience=1, factor=0.5),
            EarlyStopping(patience=9, restore_best_weights=True),
            CSVLogger(out / "log.csv"),
            ModelCheckpoint(out / "best.safetensors", save_best_only=True),
            BackupAndRestore(out),
        ],
    )  # fmt: skip
    model.save(out / "model.safetensors")
    write_json(out / "history.json", [history.epoch, history.history])


if __name__ == "__main__":
    told = Phases(Path(sys.argv[1]))
    tell(told)
    {"command": command, "script": script}[sys.argv[2]](*sys.argv[3:])
    told.write("ending")
