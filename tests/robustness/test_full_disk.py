"""A disk that fills up while something is written.

The old file stays whole, nothing is left behind, and the error names the file.

The kernel's limit on the size of files stands for the disk: a write beyond it fails as one on a full disk does. It can
be set to any byte, and lifted again, within this process. One test at the end fills a real file system, where that can
be made.
"""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg.runs.training
from tests.datasets.blobs import blobs
from tests.models.networks import assert_same_arrays, classifier, images, weights_of
from tests.runs.tiny import SETTINGS, assert_same_file, assert_same_run, run, tensors
from tests.utils.processes import run_python
from tinyseg.callbacks import BackupAndRestore, Callback, CSVLogger, ModelCheckpoint
from tinyseg.datasets import write_image, write_mask
from tinyseg.models import Model, load_model
from tinyseg.runs import RunFolder
from tinyseg.runs.folder import RunDescription, read_json, write_json
from tinyseg.utils import set_random_seed
from tinyseg.utils.locks import NAME as LOCK
from tinyseg.visualization import plot_confusion, save_figure

resource = pytest.importorskip("resource", reason="needs limits on the size of files")

LIMITS = 12
"""Sizes tried for each writer, drawn at random between nothing and all but one byte."""


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond this number of bytes."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # or the signal would end the process
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def contents(folder: Path) -> dict[str, bytes]:
    """Return what is in each file, hidden ones too."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def assert_same_content(actual: Path, expected: Path) -> None:
    """Compare bytes; of safetensors files arrays and texts, whose order in the file is another one each time."""
    if actual.suffix == ".safetensors":
        assert_same_file(actual, expected)
    else:
        assert actual.read_bytes() == expected.read_bytes(), actual


# Every writer by itself -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Writer:
    """Something that writes `name`: `write(path, version)`, and how to see that a file is whole."""

    name: str
    write: Callable[[Path, int], Any]
    read: Callable[[Path], Any]


def trained(version: int) -> Model:
    """Return a network whose optimizer has a state; another one for another version."""
    set_random_seed(version)
    model = classifier(name="one")
    model.compile("adam", "sparse_categorical_crossentropy")
    model.train_on_batch(*images(4, version))
    return model


def drive(callback: Callback, version: int) -> None:
    """Let a callback go through an epoch of training, which ends before it could remove its file."""
    callback.model = trained(version)
    callback.params = {"epochs": 1, "steps": 1, "callbacks": [callback]}
    callback.on_epoch_end(version, {"loss": 0.1 * version, "accuracy": 0.5})


def csv_rows(path: Path) -> int:
    """Return the number of rows of a whole CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(None not in row.values() for row in rows)
    return len(rows)


def figure(version: int) -> Any:
    """Draw something."""
    return plot_confusion(np.arange(4).reshape(2, 2) + version, ["one", "two"])


def description(path: Path, version: int) -> None:
    """Write run.json."""
    run = RunDescription(SETTINGS, f"data {version}", 1, ["a", "b"], [(0, 0, 0), (1, 2, 3)])
    RunFolder(path.parent).write_description(run)


WRITERS = (
    Writer("model.safetensors", lambda path, v: trained(v).save(path), load_model),
    Writer("weights.safetensors", lambda path, v: trained(v).save_weights(path), classifier(name="one").load_weights),
    Writer("checkpoint.safetensors", lambda path, v: drive(BackupAndRestore(path.parent), v), tensors),
    Writer("best.safetensors", lambda path, v: drive(ModelCheckpoint(path), v), load_model),
    Writer(
        "best-weights.safetensors",
        lambda path, v: drive(ModelCheckpoint(path, save_weights_only=True), v),
        classifier(name="one").load_weights,
    ),
    Writer("log.csv", lambda path, v: drive(CSVLogger(path), v), csv_rows),
    Writer("run.json", description, lambda path: RunFolder(path.parent).read_description()),
    Writer("metrics.json", lambda path, v: write_json(path, {"iou": [0.1 * v] * 9}), read_json),
    Writer("mask.png", lambda path, v: write_mask(path, blobs(1, seed=v)[0][1]), Path.read_bytes),
    Writer("image.png", lambda path, v: write_image(path, blobs(1, seed=v)[0][0]), Path.read_bytes),
    Writer("picture.png", lambda path, v: save_figure(figure(v), path), Path.read_bytes),
)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
@pytest.mark.parametrize("existing", [True, False], ids=["over an old file", "a new file"])
def test_at_any_byte(writer: Writer, existing: bool, tmp_path: Path, rng: np.random.Generator) -> None:
    path, expected = tmp_path / "here" / writer.name, tmp_path / "expected" / writer.name
    writer.write(expected, 2)  # also loads what is loaded when it is first needed
    whole = expected.stat().st_size
    path.parent.mkdir()
    if existing:
        writer.write(path, 1)
        with pytest.raises(AssertionError):
            assert_same_content(path, expected)
    before = contents(path.parent)
    for limit in {0, 1, whole - 1, *rng.integers(0, whole, LIMITS)}:
        with room_for(int(limit)), pytest.raises(OSError, match="cannot write") as caught:
            writer.write(path, 2)
        assert str(path) in str(caught.value), limit
        assert contents(path.parent) == before, limit
    if existing:
        writer.read(path)
    with room_for(whole):
        writer.write(path, 2)
    assert_same_content(path, expected)
    assert [other.name for other in path.parent.iterdir()] == [writer.name]
    writer.read(path)


# While training -------------------------------------------------------------------------------------------------------


class FillUp(Callback):
    """Leaves room for this many bytes a file from a moment on.

    'epoch_begin' or 'epoch_end' of an epoch, or 'train_end'.
    """

    def __init__(self, moment: str, epoch: int, size: int) -> None:
        self.moment, self.at, self.size = moment, epoch, size

    def now(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    def on_epoch_begin(self, epoch: int) -> None:
        if (self.moment, self.at) == ("epoch_begin", epoch):
            self.now()

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if (self.moment, self.at) == ("epoch_end", epoch):
            self.now()

    def on_train_end(self) -> None:
        if self.moment == "train_end":
            self.now()


@contextmanager
def full_disk() -> Iterator[list[str]]:
    """Expect an error of writing, after which there is room again; gives the name of the file that it names."""
    names: list[str] = []
    with room_for(resource.RLIM_INFINITY), pytest.raises(OSError, match="cannot write") as caught:
        yield names
    names.append(Path(str(caught.value).split("cannot write ")[1].split(":")[0]).name)


def fit(folder: Path, *full: Callback) -> tuple[Model, Any]:
    """Train with all callbacks that write."""
    set_random_seed(5)
    model = classifier(dropout=0.3)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    callbacks = [
        *full,
        CSVLogger(folder / "log.csv"),
        ModelCheckpoint(folder / "best.safetensors", "loss", save_best_only=True),
        BackupAndRestore(folder),
    ]
    x, y = images(24)
    return model, model.fit(x, y, 8, epochs=5, verbose=0, callbacks=callbacks).history


def test_training_goes_on_to_the_bit_when_there_is_room_again(tmp_path: Path, rng: np.random.Generator) -> None:
    """Full from the third epoch on, at sizes around those of log, model and checkpoint."""
    whole, expected = fit(tmp_path / "whole")
    failed = set()
    for number, size in enumerate((40, *rng.integers(100, 5_000, 5))):
        folder = tmp_path / str(number)
        with full_disk() as names:
            fit(folder, FillUp("epoch_begin", 2, int(size)))
        failed.update(names)
        assert [path.name for path in folder.glob(".*")] in ([], [LOCK]), size  # held until this thread fits again
        assert tensors(folder / "checkpoint.safetensors")[1]["epochs_done"] == "2", size
        load_model(folder / "best.safetensors")
        assert csv_rows(folder / "log.csv") in (2, 3)
        resumed, history = fit(folder)
        assert history == expected, size
        assert_same_arrays(weights_of(resumed), weights_of(whole))
        for name in ("log.csv", "best.safetensors"):
            assert_same_content(folder / name, tmp_path / "whole" / name)
    assert failed == {"log.csv", "best.safetensors"}


@pytest.mark.parametrize(
    ("moment", "epoch", "size", "file"),
    [
        ("start", 0, 100, "run.json"),
        ("start", 0, 5_000, "model.safetensors"),
        ("epoch_begin", 1, 200, "history.csv"),
        ("epoch_begin", 0, 60_000, "model.safetensors"),
        ("epoch_end", 0, 60_000, "checkpoint.safetensors"),
        ("epoch_end", 2, 99, "checkpoint.safetensors"),
        ("train_end", 0, 20_000, "curves.png"),
        ("train_end", 0, 500, "curves.png"),
        ("finish", 0, 20_000, "predictions.png"),
        ("finish", 0, 700, "metrics.json"),
    ],
)
def test_a_run_goes_on_to_the_bit_when_there_is_room_again(
    moment: str, epoch: int, size: int, file: str, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Full at every stage of a run."""
    folder, full = tmp_path / "run", FillUp(moment, epoch, size)
    with monkeypatch.context() as patch, full_disk() as names:
        if moment == "start":
            full.now()
        elif moment == "finish":  # the pictures before were written
            late = "draw_predictions" if file == "predictions.png" else "write_json"
            ordinary = getattr(tinyseg.runs.training, late)
            patch.setattr(tinyseg.runs.training, late, lambda *a: (full.now(), ordinary(*a)))
        run(folder, callbacks=[full])
    assert names == [file]
    for path in folder.iterdir() if folder.exists() else ():  # a start that fails leaves nothing
        assert not path.name.startswith("."), path
        if path.suffix == ".safetensors":
            assert tensors(path)[0], path
        elif path.suffix == ".json":
            assert json.loads(path.read_text("utf-8")), path
        elif path.suffix == ".csv":
            assert csv_rows(path)
    run(folder, resume=True, callbacks=[FillUp("never", 0, 0)])
    assert_same_run(folder, finished)
    assert contents(folder).keys() == contents(finished).keys()


PROGRAM = """
    import sys
    from pathlib import Path
    from tests.runs.tiny import run
    run(Path(sys.argv[1]), resume=True)
"""

SMALL_DISK = """
    mount -t tmpfs -o size={kibibytes}k tmpfs {folder}
    {python} -c 'import sys; exec(sys.stdin.read())' {folder}/run
    status=$?
    ls -A {folder}/run
    mount -o remount,size=9m {folder}
    {python} -c 'import sys; exec(sys.stdin.read())' {folder}/run < {again} || exit 99
    cp -r {folder}/run {copy}
    exit $status
"""


def test_on_a_small_file_system(finished: Path, tmp_path: Path) -> None:
    """The same on a real disk that has no room left, which is then given some."""
    import textwrap

    def namespace(script: str, **options: Any) -> subprocess.CompletedProcess[str]:
        command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
        return subprocess.run(command, capture_output=True, text=True, check=False, **options)

    (tmp_path / "disk").mkdir()
    try:
        if namespace(f"mount -t tmpfs -o size=64k tmpfs {tmp_path}/disk").returncode != 0:
            pytest.skip("no file system of one's own can be mounted here")
    except OSError:
        pytest.skip("unshare is not there")
    program = textwrap.dedent(PROGRAM)
    (tmp_path / "program.py").write_text(program)
    script = SMALL_DISK.format(
        kibibytes=100,
        folder=tmp_path / "disk",
        python=sys.executable,
        again=tmp_path / "program.py",
        copy=tmp_path / "copy",
    )
    environment = run_python("import os, json; print(json.dumps(dict(os.environ)))")
    done = namespace(script, input=program, env=json.loads(environment.stdout), timeout=120)
    assert done.returncode == 1, done.stderr  # the first one failed, the second one did not
    assert "cannot write" in done.stderr
    assert "No space left on device" in done.stderr
    assert not [name for name in done.stdout.split() if name.startswith(".")]
    assert_same_run(tmp_path / "copy", finished)
