"""Temporary files that killed processes left.

Those of this training are removed when it is started again, all others are kept.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.models.networks import classifier, images
from tests.runs.tiny import assert_same_run, run, tensors
from tinyseg.callbacks import BackupAndRestore, Callback, CSVLogger, ModelCheckpoint
from tinyseg.runs import RunFolder
from tinyseg.utils import atomic_path


def leave(path: Path) -> Path:
    """Leave behind what a process leaves that is killed while it writes a file.

    Under the name that it would really have.
    """
    with atomic_path(path.parent / "elsewhere" / path.name) as temporary:
        temporary.write_bytes(b"whole")
    shutil.rmtree(path.parent / "elsewhere")
    left = path.parent / temporary.name
    left.write_bytes(b"half")
    return left


def fit(*callbacks: Callback) -> None:
    """Train for one epoch."""
    model = classifier()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(*images(8), epochs=1, verbose=0, callbacks=list(callbacks))


def test_callbacks_remove_what_their_files_left(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("log.csv", "best [1].safetensors", "checkpoint.safetensors")]
    left = [leave(path) for path in files for _ in range(2)]
    folder = tmp_path / f"{left[-1].name}-a1b2c3d4"  # where safetensors was writing
    folder.mkdir()
    (folder / ".tmpAbCdEf").write_bytes(b"half")
    kept = [
        leave(tmp_path / "other.csv"),
        leave(tmp_path / "other.safetensors"),
        leave(tmp_path / "checkpoint.csv"),
        leave(tmp_path / "best 1.safetensors"),
        leave(tmp_path / "my-log.csv"),
        tmp_path / "log-abcdefgh.part.csv",  # not hidden: somebody's own
        tmp_path / ".log-abc.part.csv",
    ]
    for path in kept:
        path.write_bytes(b"somebody's")
    fit(CSVLogger(files[0]), ModelCheckpoint(files[1]), BackupAndRestore(tmp_path, delete_checkpoint=False))
    assert sorted(tmp_path.iterdir()) == sorted([*kept, *files])
    assert all(path.read_bytes() == b"somebody's" for path in kept)


def test_a_name_that_is_to_be_filled_in_removes_nothing(tmp_path: Path) -> None:
    kept = leave(tmp_path / "model-1.safetensors")
    fit(ModelCheckpoint(tmp_path / "{epoch}.safetensors"), ModelCheckpoint(tmp_path / "model-{epoch}.safetensors"))
    assert kept.exists()


def test_a_run_removes_all_that_it_left(finished: Path, tmp_path: Path) -> None:
    """Also the checkpoint, when the process was killed after the measures were written and before it was removed."""
    folder = RunFolder(shutil.copytree(finished, tmp_path / "run"))
    for name in ("run.json", "model.safetensors", "curves.png", "history.csv", "metrics.json"):
        leave(folder.path / name)
    (folder.path / f"{leave(folder.checkpoint).name}-________").mkdir()
    shutil.copy(folder.model, folder.checkpoint)
    note = folder.path / ".notes"
    note.write_text("mine")
    run(folder.path, resume=True)
    assert note.read_text() == "mine"
    note.unlink()
    assert {path.name for path in folder.path.iterdir()} == {path.name for path in finished.iterdir()}
    assert_same_run(folder.path, finished)
    assert tensors(folder.model)[0]
