"""After Ctrl-C: the command that goes on, as it can be pasted."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.runs.tiny import assert_same_run
from tinyseg.cli.going_on import called, pasted
from tinyseg.runs import RunFolder

from .command import in_own_process, killed_in_step, succeeds
from .conftest import TRAINING


@pytest.mark.parametrize(("step", "said"), [(1, "in the first epoch"), (4, "1 epoch kept"), (6, "2 epochs kept")])
def test_the_line_after_ctrl_c_goes_on(step: int, said: str, data: Path, trained: Path, tmp_path: Path) -> None:
    """Two steps are an epoch. Names with spaces, quotes and what a shell would take for its own."""
    source, run = tmp_path / "my $data", tmp_path / "it's a 'run'"
    shutil.copytree(data, source)
    process = in_own_process(killed_in_step(step, "SIGINT"), "train", source, "--out", run, *TRAINING)
    assert process.returncode == 130, process.stderr
    assert said in process.stderr
    (line,) = (line.strip() for line in process.stderr.splitlines() if "--resume" in line)
    arguments = shlex.split(line)
    assert arguments == ["tinyseg", "train", str(source), "--out", str(run), "--resume"]
    if step == 4:
        succeeds(*arguments[1:])
        assert_same_run(run, trained)


def test_before_there_is_anything_to_go_on_with(data: Path, tmp_path: Path) -> None:
    preamble = "import tinyseg.datasets as d\ndef stop(*a, **k): raise KeyboardInterrupt\nd.SegmentationFolder = stop"
    process = in_own_process(preamble, "train", data, "--out", tmp_path / "run", *TRAINING)
    assert process.returncode == 130
    assert "nothing was written" in process.stderr
    assert not (tmp_path / "run").exists()


def test_the_demo_and_its_own_options(tmp_path: Path) -> None:
    options = ("--scenes", 16, "--seed", 3, "--backend", "numpy")
    preamble = "import tinyseg.cli.demo as d\nd.VAL_SCENES = d.TEST_SCENES = 4"
    process = in_own_process(
        preamble + killed_in_step(1, "SIGINT"), "demo", "--out", tmp_path / "d", "--epochs", 2, *options
    )
    assert process.returncode == 130, process.stderr
    assert f"tinyseg demo --out {tmp_path / 'd'} --scenes 16 --seed 3 --backend numpy --resume" in process.stderr
    assert RunFolder(tmp_path / "d").exists


@pytest.mark.parametrize("name", ["-x", "a b", "ä'\"$(ls)", "plain"])
def test_paths_as_a_shell_takes_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["tinyseg"])
    arguments = shlex.split(pasted(["train", Path(name), "--resume"], windows=False))
    assert arguments[:2] == ["tinyseg", "train"]
    assert Path(arguments[2]) == Path(name)
    assert not arguments[2].startswith("-")
    assert pasted(["train", Path("a b")], windows=True) == 'tinyseg train "a b"'


def test_the_command_is_named_as_it_was_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its path when the shell would not find it, or would find another one."""
    for folder in ("here", "elsewhere"):
        script = tmp_path / folder / "tinyseg"
        script.parent.mkdir()
        script.write_text("#!/bin/sh\n")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    for argument, expected in (
        ("tinyseg", ["tinyseg"]),
        (str(tmp_path / "elsewhere" / "tinyseg"), ["tinyseg"]),
        (str(tmp_path / "here" / "tinyseg"), [str(tmp_path / "here" / "tinyseg")]),
        (str(tmp_path / "tinyseg" / "__main__.py"), [sys.executable, "-m", "tinyseg"]),
    ):
        monkeypatch.setattr(sys, "argv", [argument])
        assert called() == expected
