"""What resuming bit for bit rests on is recorded, and a change of it is said."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tests.datasets.blobs import write_blobs
from tinyseg.datasets import SegmentationFolder, write_mask
from tinyseg.runs import RunData, RunFolder, basis

from .tiny import SETTINGS, Interruption, run, tiny_data

pytestmark = pytest.mark.usefixtures("no_pictures")
BRIEF = replace(SETTINGS, epochs=2, width=2, depth=1, loss="cross-entropy")
ON_NUMBA = pytest.mark.skipif(tinyseg.get_backend() != "numba", reason="the backend 'numba' is not in use")


def interrupted(folder: Path, data: RunData | None = None) -> dict[str, Any]:
    """Stop a run in its second epoch; returns its run.json."""
    with pytest.raises(KeyboardInterrupt):
        run(folder, BRIEF, data, callbacks=[Interruption(1)])
    content: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return content


def resumed(folder: Path, data: RunData | None = None) -> list[str]:
    """Go on, and return what is said of changes."""
    lines: list[str] = []
    run(folder, data=data, resume=True, callbacks=[Interruption(-1)], say=lines.append)
    return [line for line in lines if "bit for bit" in line or "older tinyseg" in line]


def test_everything_is_recorded(tmp_path: Path) -> None:
    content = interrupted(tmp_path)["rests_on"]
    assert content["backend"] == tinyseg.get_backend()
    assert content["dtype"] == "float32"
    assert content["numpy"] == np.__version__
    assert {"tinyseg", "numba", "pillow", "processor", "system"} <= content.keys()
    if content["backend"] == "numba":
        assert content["threads"] == str(tinyseg.get_num_threads())
        assert content["vectors"].startswith(("of 8 numbers for ", "of 16 numbers for "))
    with tinyseg.backend("numpy"):
        assert "threads)" in basis.basis("float32")["BLAS"]


def test_nothing_is_said_when_nothing_changed(tmp_path: Path) -> None:
    interrupted(tmp_path)
    assert resumed(tmp_path) == []
    assert RunFolder(tmp_path).read_description().changed == []


@pytest.mark.parametrize(
    "name", ["numpy", "numba", "tinyseg", "pillow", "processor", "system", "dtype", "threads", "vectors"]
)
def test_each_change_is_said_and_kept(name: str, tmp_path: Path) -> None:
    content = interrupted(tmp_path)
    if name not in content["rests_on"]:
        pytest.skip("not of this backend")
    now = content["rests_on"][name]
    content["rests_on"][name] = "another"
    (tmp_path / "run.json").write_text(json.dumps(content))
    (line,) = resumed(tmp_path)
    assert f"{name} another when it began, {now} now: the run goes on, but not bit for bit" in line
    assert RunFolder(tmp_path).read_description().changed == [f"{name} another when it began, {now} now"]


@ON_NUMBA
def test_the_blas_of_scipy_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is loaded by some data and not by others, and no training uses it."""
    pool = {"user_api": "blas", "internal_api": "openblas", "version": "1", "architecture": "Zen", "num_threads": 2}
    folders = ("numpy.libs", "scipy.libs", "scipy/.dylibs")
    pools = [pool | {"filepath": f"/x/{folder}/blas.so", "version": folder} for folder in folders]
    monkeypatch.setattr("threadpoolctl.threadpool_info", lambda: pools)
    with tinyseg.backend("numpy"):
        assert basis.basis("float32")["BLAS"] == "openblas numpy.libs Zen (2 threads)"


def test_another_number_of_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    then = interrupted(tmp_path)["rests_on"]["threads"]
    monkeypatch.setattr("tinyseg_kernels.cpu.threading.threads._chosen", int(then) + 1)
    (line,) = resumed(tmp_path)
    assert f"threads {then} when it began, {int(then) + 1} now" in line


@ON_NUMBA
def test_another_backend(tmp_path: Path) -> None:
    interrupted(tmp_path)
    with tinyseg.backend("numpy"):
        (line,) = resumed(tmp_path)
    assert "backend numba when it began, numpy now" in line


def test_emulation_is_part_of_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    from tinyseg_kernels.backend import Choice

    monkeypatch.setattr(basis, "current", lambda: Choice("cupy", True))
    monkeypatch.setattr(basis, "on_gpu", lambda: True)
    assert basis.basis("float32")["backend"] == "cupy (emulated)"


def test_a_run_of_an_older_tinyseg(tmp_path: Path) -> None:
    content = interrupted(tmp_path)
    for key in ("rests_on", "files", "changed"):
        del content[key]
    (tmp_path / "run.json").write_text(json.dumps(content))
    (line,) = resumed(tmp_path)
    assert "older tinyseg" in line


@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize("what", [0, 1])
def test_other_arrays(split: str, what: int, tmp_path: Path) -> None:
    interrupted(tmp_path)
    samples = [tuple(array.copy() for array in pair) for pair in getattr(tiny_data(), split)]
    samples[2][what][5, 6] = 1 - samples[2][what][5, 6]
    (line,) = resumed(tmp_path, replace(tiny_data(), **{split: samples}))
    assert f"{split}: 1 images or masks have changed" in line


def folder_data(path: Path) -> RunData:
    """Return a folder's samples."""
    folder = SegmentationFolder(path)
    return replace(tiny_data(), train=folder.samples("train"), val=folder.samples("val"), test=None)


def touch_only(data: Path) -> None:
    """Change the files' times, as a copy does."""
    for path in data.glob("*/*/*.png"):
        os.utime(path, ns=(1, 1))


def change_mask(data: Path) -> None:
    """Flip a mask's classes."""
    path = data / "train" / "masks" / "s03.png"
    state = path.stat()
    write_mask(path, 1 - tinyseg.datasets.read_mask(path))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))


def change_image(data: Path) -> None:
    """Take another's picture."""
    shutil.copy(data / "val" / "images" / "s00.png", data / "val" / "images" / "s01.png")


def add(data: Path) -> None:
    """Add a sample."""
    for kind in ("images", "masks"):
        shutil.copy(data / "train" / kind / "s00.png", data / "train" / kind / "t.png")


def remove(data: Path) -> None:
    """Take a sample away."""
    for kind in ("images", "masks"):
        (data / "val" / kind / "s02.png").unlink()


def other_meaning(data: Path) -> None:
    """Let the values of the masks mean something else."""
    (data / "dataset.toml").write_text('classes = ["class 0", "class 1"]\n[mask_values]\n0 = 1\n1 = 0')


CHANGES: dict[Any, tuple[str, ...]] = {
    touch_only: (),
    change_mask: ("train: 1 images or masks have changed (s03)",),
    change_image: ("val: 1 images or masks have changed (s01)",),
    add: ("train: 1 are new (t)",),
    remove: ("val: 1 are gone (s02)",),
    other_meaning: ("the values in the masks of train", "the values in the masks of val"),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda function: function.__name__)
def test_other_files_under_the_same_names(change: Any, tmp_path: Path) -> None:
    data, out = write_blobs(tmp_path / "data", 5, 3, 0), tmp_path / "run"
    source = replace(folder_data(data), class_names=["class 0", "class 1"])
    interrupted(out, source)
    change(data)
    lines = resumed(out, replace(folder_data(data), class_names=["class 0", "class 1"]))
    assert len(lines) == len(CHANGES[change])
    assert all(text in line for text, line in zip(CHANGES[change], lines, strict=True)), lines


def test_files_of_the_same_time_and_size_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = folder_data(write_blobs(tmp_path / "data", 3, 1, 0)).train
    first = basis.files({"train": samples})
    monkeypatch.setattr(basis.hashlib, "file_digest", lambda *given: pytest.fail("read"))
    assert basis.files({"train": samples}, first) == first


def test_a_file_of_the_same_size_and_another_time_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(b"one")
    first = basis._file(path, "")
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert basis._file(path, first).split()[0] == first.split()[0]
    assert basis._file(path, first).split()[-1] != first.split()[-1]
