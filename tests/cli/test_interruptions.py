"""The command in a process of its own: killed, interrupted, and on a full disk."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.runs.tiny import assert_same_run, tensors
from tinyseg.utils.locks import NAME

from .command import disk_of, in_own_process, killed_in_step, succeeds
from .conftest import TRAINING


def assert_one_message(process: subprocess.CompletedProcess[str], code: int, text: str) -> None:
    """Check exit code and stderr."""
    assert process.returncode == code, process.stdout + process.stderr
    assert process.stderr.startswith("error: ")
    assert len(process.stderr.splitlines()) == 1, process.stderr
    assert text in process.stderr


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of all files, hidden ones too."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def killed(data: Path, tmp_path: Path) -> Path:
    """A run that was killed in its second epoch (two steps are an epoch)."""
    run = tmp_path / "run"
    process = in_own_process(killed_in_step(4), "train", data, "--out", run, *TRAINING)
    assert process.returncode == -signal.SIGKILL, process.stderr
    assert tensors(run / "checkpoint.safetensors")[1]["epochs_done"] == "1"
    return run


def test_a_killed_run_is_resumed_to_the_bit(killed: Path, trained: Path, data: Path) -> None:
    process = in_own_process("", "train", data, "--out", killed, "--resume")
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert_same_run(killed, trained)
    assert {*files(killed)} == {*files(trained)} - {"confusion-test.png"}  # another test evaluates the trained one


def test_a_full_disk_leaves_the_old_checkpoint_whole(killed: Path, trained: Path, data: Path) -> None:
    """Files of this run's settings and history are far below the limit, model and checkpoint above."""
    pytest.importorskip("resource")
    before = files(killed)
    process = in_own_process(disk_of(40_000), "train", data, "--out", killed, "--resume")
    assert_one_message(process, 1, "cannot write")
    after = files(killed)
    assert after.keys() == before.keys() - {NAME}  # no temporary files are left, nor the killed one's lock
    for name in ("checkpoint.safetensors", "model.safetensors", "run.json"):
        assert after[name] == before[name], name
    succeeds("train", data, "--out", killed, "--resume")
    assert_same_run(killed, trained)


@pytest.mark.parametrize("command", ["predict", "threshold", "evaluate"])
def test_a_full_disk_when_results_are_written(command: str, trained: Path, data: Path, tmp_path: Path) -> None:
    pytest.importorskip("resource")
    images, out = data / "test" / "images", ("--out", tmp_path / "out")
    arguments: tuple[Any, ...] = {
        "predict": ("predict", trained, images, *out),
        "threshold": ("threshold", images, *out),
        "evaluate": ("evaluate", trained, data, "--picture", tmp_path / "out" / "picture.png"),
    }[command]
    process = in_own_process("import matplotlib.font_manager" + disk_of(40), *arguments)
    assert_one_message(process, 1, "cannot write")
    assert files(tmp_path / "out") == {}


def test_interrupted_from_the_keyboard(data: Path, trained: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = in_own_process(killed_in_step(4, "SIGINT"), "train", data, "--out", run, *TRAINING)
    assert process.returncode == 130
    assert "Traceback" not in process.stderr
    succeeds("train", data, "--out", run, "--resume")
    assert_same_run(run, trained)


def test_interrupted_while_it_starts() -> None:
    """Most of the first second goes into imports."""
    code = (
        "import importlib.abc, os, signal, sys, tinyseg, tinyseg.cli\n"
        "class Stop(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'tinyseg.cli.app': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Stop())\n"
        "tinyseg.cli.main()"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (process.returncode, process.stderr, process.stdout) == (130, "interrupted\n", "")


def test_the_module_is_the_command(trained: Path) -> None:
    process = in_own_process("", "summary", trained)
    assert process.returncode == 0
    assert "down1_conv1" in process.stdout


def test_a_diverging_run_ends_with_advice(data: Path, tmp_path: Path) -> None:
    """Parameters that overflow make the loss NaN. That is a mistake in the settings, told in words, not in NumPy's
    warnings.
    """
    process = in_own_process(
        "", "train", data, "--out", tmp_path / "run", *TRAINING, "--learning-rate", "1e30", "--schedule", "constant"
    )
    assert process.returncode in (0, 2), process.stderr
    assert "smaller learning rate" in process.stdout + process.stderr
    assert "Warning" not in process.stderr
    assert "Traceback" not in process.stderr
