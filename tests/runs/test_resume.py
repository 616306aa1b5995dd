"""A run that was interrupted, by the keyboard or by a kill, ends with the same bits as one that was not."""

from __future__ import annotations

import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tinyseg
import tinyseg.runs.training
from tests.utils.processes import run_python
from tinyseg.models import load_model
from tinyseg.runs import RunFolder, Settings

from .tiny import SETTINGS, Interruption, assert_same_run, measures, run, tensors, tiny_data

WHOLE = """
    import sys
    from pathlib import Path
    from tests.runs.tiny import run
    run(Path(sys.argv[1]))
"""

KILLED = """
    import os, signal, sys
    from pathlib import Path
    from tests.runs.tiny import Interruption, run

    class Interruption(Interruption):
        def on_train_batch_end(self, batch, logs):
            if (self.epoch, batch) == (self.at, 1):
                os.kill(os.getpid(), signal.SIGKILL)

    run(Path(sys.argv[1]), callbacks=[Interruption(int(sys.argv[2]))])
"""


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_an_interrupted_run_goes_on_to_the_bit(epoch: int, finished: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, callbacks=[Interruption(epoch)])
    folder = RunFolder(tmp_path)
    assert folder.exists
    assert not folder.finished
    assert folder.checkpoint.exists() == (epoch > 0)
    if epoch:
        assert tensors(folder.checkpoint)[1]["epochs_done"] == str(epoch)
    run(tmp_path, resume=True, callbacks=[Interruption(-1)])
    assert_same_run(tmp_path, finished)
    assert not folder.checkpoint.exists()
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in finished.iterdir()}


def test_a_killed_run_goes_on_to_the_bit(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Killed twice, by a signal that no program can catch.

    Each part, and the run to compare with, is a process of its own, as for users.
    """
    tmp_path, finished = tmp_path_factory.mktemp("killed"), tmp_path_factory.mktemp("whole") / "run"
    whole = run_python(WHOLE, str(finished))
    assert whole.returncode == 0, whole.stderr
    for epoch in (1, 2):
        program = (
            KILLED if epoch == 1 else KILLED.replace("run(Path(sys.argv[1])", "run(Path(sys.argv[1]), resume=True")
        )
        process = run_python(program, str(tmp_path), str(epoch))
        assert process.returncode == -signal.SIGKILL, process.stderr
        assert tensors(RunFolder(tmp_path).checkpoint)[1]["epochs_done"] == str(epoch)
    rest = run_python(WHOLE.replace("(Path(sys.argv[1])", "(Path(sys.argv[1]), resume=True"), str(tmp_path))
    assert rest.returncode == 0, rest.stderr
    assert_same_run(tmp_path, finished)


def test_an_interruption_between_training_and_evaluation(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tinyseg.runs.training, "evaluate_samples", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path)
    assert not RunFolder(tmp_path).finished
    run(tmp_path, resume=True)
    assert_same_run(tmp_path, finished)


@pytest.mark.parametrize(("first", "second"), [(0, 2), (2, 0), (0, "auto")])
def test_a_run_may_be_resumed_with_another_verbosity(first: Any, second: Any, finished: Path, tmp_path: Path) -> None:
    """What is printed has nothing to do with what is learnt."""
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, callbacks=[Interruption(1)], verbose=first)
    run(tmp_path, resume=True, callbacks=[Interruption(-1)], verbose=second)
    assert_same_run(tmp_path, finished)


def test_the_settings_of_the_run_count(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, callbacks=[Interruption(1)])
    run(tmp_path, Settings(width=9, epochs=1), resume=True, callbacks=[Interruption(-1)])
    assert_same_run(tmp_path, finished)


def test_resuming_what_was_never_begun_begins_it(finished: Path, tmp_path: Path) -> None:
    run(tmp_path / "new", resume=True)
    assert_same_run(tmp_path / "new", finished)


def test_a_finished_run_stays_what_it_is(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "run")
    lines: list[str] = []
    report = run(tmp_path / "run", resume=True, say=lines.append)
    assert any("finished already" in line for line in lines)
    assert_same_run(tmp_path / "run", finished)
    assert report.as_json()["mean_iou"] == measures(finished)["mean_iou"]


@pytest.mark.parametrize(
    "other", [{"channels": 3}, {"class_names": ["background", "square"]}, {"class_names": ["a", "b", "c"]}]
)
def test_other_data_are_refused(other: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, callbacks=[Interruption(1)])
    before = RunFolder(tmp_path).checkpoint.read_bytes()
    with pytest.raises(tinyseg.InvalidInput, match="the run was started with"):
        run(tmp_path, data=tiny_data(**other), resume=True)
    assert RunFolder(tmp_path).checkpoint.read_bytes() == before


@pytest.mark.parametrize("damage", ["cut", "flipped", "a model"])
def test_a_damaged_checkpoint_is_refused(damage: str, finished: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, callbacks=[Interruption(1)])
    path = RunFolder(tmp_path).checkpoint
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        content[20] ^= 0x40  # in the header
        path.write_bytes(content)
    else:
        shutil.copy(finished / "model.safetensors", path)
    with pytest.raises(tinyseg.InvalidInput, match=r"checkpoint\.safetensors"):
        run(tmp_path, resume=True, callbacks=[Interruption(-1)])


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    for name, width in (("one", 4), ("other", 5)):
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / name, replace(SETTINGS, width=width), callbacks=[Interruption(1)])
    shutil.copy(RunFolder(tmp_path / "other").checkpoint, RunFolder(tmp_path / "one").checkpoint)
    with pytest.raises(tinyseg.InvalidInput, match="another model"):
        run(tmp_path / "one", resume=True, callbacks=[Interruption(-1)])


def test_the_model_saved_so_far_can_be_used_while_the_run_goes_on(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, callbacks=[Interruption(1)])
    model = load_model(RunFolder(tmp_path).model)
    assert model.predict(tiny_data().val[0][0][None]).shape == (1, 32, 32, 2)
