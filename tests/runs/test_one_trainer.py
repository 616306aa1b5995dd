"""One folder has one trainer, and a start that comes to nothing leaves nothing behind."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
import tinyseg.runs.training
from tests.utils.test_locks import held_by_another
from tinyseg.callbacks import BackupAndRestore
from tinyseg.datasets import SegmentationBatches
from tinyseg.runs import RunFolder, build_model
from tinyseg.runs.settings import compile_model
from tinyseg.utils.locks import NAME

from .tiny import SETTINGS, Interruption, assert_same_run, run, tiny_data

pytestmark = pytest.mark.usefixtures("no_pictures")
BRIEF = replace(SETTINGS, epochs=1, width=2, depth=1)
TRAINER = """
    import sys
    from pathlib import Path
    from tests.runs.test_one_trainer import BRIEF
    from tests.runs.tiny import run
    from tinyseg.callbacks import Callback

    class Wait(Callback):
        def on_train_batch_end(self, batch, logs):
            print("held", flush=True)
            sys.stdin.readline()

    run(Path(sys.argv[1]), BRIEF, callbacks=[Wait()])
"""


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files, hidden ones too."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("resume", [False, True])
def test_a_second_trainer_is_refused_and_touches_nothing(resume: bool, tmp_path: Path) -> None:
    with held_by_another(tmp_path, TRAINER) as process:
        before = contents(tmp_path)
        with pytest.raises(tinyseg.InvalidInput, match=rf"another process \(pid {process.pid}, since .*\) trains in"):
            run(tmp_path, BRIEF, resume=resume)
        with pytest.raises(tinyseg.InvalidInput, match="choose another backup_dir"):
            fit(tmp_path)
        assert contents(tmp_path) == before
        process.send_signal(signal.SIGKILL)
        process.wait()
        run(tmp_path, BRIEF, resume=resume)  # nothing was learnt yet: it may also begin anew
    assert NAME not in contents(tmp_path)


def fit(folder: Path, **options: Any) -> None:
    """Train with Keras's words, one epoch."""
    model = build_model(BRIEF, 1, 2)
    compile_model(model, BRIEF, 2, None, 3)
    batches = SegmentationBatches(tiny_data().train, 4, multiple_of=2)
    callbacks = [*options.pop("callbacks", []), BackupAndRestore(folder, **options)]
    model.fit(batches, epochs=1, verbose=0, callbacks=callbacks)


def test_two_fits_in_one_folder(tmp_path: Path) -> None:
    """One after the other is as ever, also after one that was broken off; from two processes at once it is refused."""
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, callbacks=[Interruption(0)])
    fit(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with held_by_another(tmp_path), pytest.raises(tinyseg.InvalidInput, match="another process"):
        fit(tmp_path)
    fit(tmp_path, delete_checkpoint=False)
    assert set(contents(tmp_path)) == {"checkpoint.safetensors"}
    (tmp_path / "checkpoint.safetensors").write_bytes(b"damaged")
    with pytest.raises(tinyseg.InvalidInput, match=r"checkpoint\.safetensors"):
        fit(tmp_path)
    assert set(contents(tmp_path)) == {"checkpoint.safetensors"}


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinyseg.utils.locks._try", refuse_locks)
    lines: list[str] = []
    run(tmp_path / "run", BRIEF, say=lines.append)
    assert sum("no locks" in line for line in lines) == 1
    with pytest.warns(UserWarning, match="no locks"):
        fit(tmp_path / "other")


def refuse_locks(file: int) -> bool:
    """Answer as some network file systems do."""
    import errno

    raise OSError(errno.ENOLCK, "No locks available")


def test_a_folder_that_is_taken_away_and_begun_anew(tmp_path: Path) -> None:
    """The first trainer writes nothing into the second one's folder."""

    class Replace(Interruption):
        def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
            if batch == 0:
                (tmp_path / "run").rename(tmp_path / "old")
                (tmp_path / "run").mkdir()

    with pytest.raises(OSError, match="removed or replaced"):
        run(tmp_path / "run", BRIEF, callbacks=[Replace(0)])
    assert list((tmp_path / "run").iterdir()) == []


def bad_mask(data: Any) -> Any:
    """Give the last validation image a label that is no class."""
    image, ids = data.val[-1]
    return replace(data, val=[*data.val[:-1], (image, np.full_like(ids, 7))])


def bad_image(data: Any) -> Any:
    """Let the validation images be of more channels than the network takes."""
    return replace(data, val=[(np.repeat(image, 3, axis=2), ids) for image, ids in data.val])


@pytest.mark.parametrize("spoil", [bad_mask, bad_image])
@pytest.mark.parametrize("made", [False, True])
def test_a_start_that_fails_on_the_data_leaves_nothing(spoil: Any, made: bool, tmp_path: Path) -> None:
    out = tmp_path / "run"
    if made:
        out.mkdir()
        (out / "notes.txt").write_text("mine")
    with pytest.raises(tinyseg.InvalidInput):
        run(out, BRIEF, spoil(tiny_data()))
    assert contents(out) == {"notes.txt": b"mine"} if made else not out.exists()
    run(out, BRIEF)


@pytest.mark.parametrize("error", [tinyseg.InvalidInput, OSError, MemoryError, RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("moment", ["build_model", "compile_model", "write_description", "first step", "validation"])
def test_a_start_that_fails_anyhow_does_not_block_the_next(
    error: type[BaseException], moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise error

    callbacks = []
    with monkeypatch.context() as patch:
        if moment == "first step":
            callbacks = [Interruption(0, error)]
        elif moment == "validation":
            patch.setattr("tinyseg.models.Model._evaluate", fail)
        elif moment == "write_description":
            patch.setattr(RunFolder, moment, fail)
        else:
            patch.setattr(tinyseg.runs.training, moment, fail)
        with pytest.raises(error):
            run(tmp_path / "run", BRIEF, callbacks=callbacks)
    if error is not KeyboardInterrupt:
        assert not (tmp_path / "run").exists()
    RunFolder(tmp_path / "run").refuse_to_overwrite(resume=False)
    assert NAME not in (contents(tmp_path / "run") if (tmp_path / "run").exists() else ())


def test_after_a_start_that_was_stopped_another_may_begin(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", replace(BRIEF, width=3), callbacks=[Interruption(0)])
    for name in ("run", "other"):
        run(tmp_path / name, BRIEF)
    assert_same_run(tmp_path / "run", tmp_path / "other")


def test_a_resumed_start_that_fails_keeps_its_settings(tmp_path: Path) -> None:
    """The first one was stopped in its first epoch: what it was asked to do is still there to be gone on with."""
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, BRIEF, callbacks=[Interruption(0)])
    with pytest.raises(tinyseg.InvalidInput):
        run(tmp_path, resume=True, data=bad_mask(tiny_data()))
    run(tmp_path, resume=True)
    assert RunFolder(tmp_path).read_description().settings == BRIEF


def test_evaluation_at_work_keeps_its_temporary_file(tmp_path: Path) -> None:
    """Whoever begins to train removes what killed trainers left, and nothing else."""
    tmp_path.joinpath(".model-abcdefgh.part.safetensors").touch()
    tmp_path.joinpath(".confusion-test-abcdefgh.part.png").touch()
    RunFolder(tmp_path).remove_leftovers()
    assert set(contents(tmp_path)) == {".confusion-test-abcdefgh.part.png"}
