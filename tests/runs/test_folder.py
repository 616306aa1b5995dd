"""A run's folder: what is read back, and what is said when a file of it is missing or damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tinyseg
from tinyseg.runs import RunDescription, RunFolder, Settings
from tinyseg.runs.folder import RESULTS, read_json, write_json

from .tiny import SETTINGS

DESCRIPTION = RunDescription(SETTINGS, "some/folder", 3, ["a", "b"], [(0, 0, 0), (1, 2, 3)], [0.5, 2.0])


@pytest.mark.parametrize("weights", [None, [0.5, 2.0]])
def test_the_description_comes_back(weights: list[float] | None, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "new")
    assert not folder.exists
    run = RunDescription(Settings(crop=(16, 32)), "data", 1, ["a", "b"], [(9, 8, 7), (0, 1, 255)], weights)
    folder.write_description(run)
    assert folder.exists
    assert not folder.finished
    assert folder.read_description() == run


def edited(**change: Any) -> Callable[[dict[str, Any]], Any]:
    """Return a function that changes entries of run.json, and leaves out those that are None."""
    return lambda content: {k: v for k, v in (content | change).items() if v is not None}


DAMAGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a list": lambda content: [content],
    "null": lambda content: None,
    "empty": lambda content: {},
    "no settings": edited(settings=None),
    "settings: a number": edited(settings=5),
    "settings: a list": edited(settings=["width"]),
    "width 0": edited(settings={"width": 0}),
    "unknown setting": edited(settings={"widht": 4}),
    "unknown augmentation": edited(settings={"augmentation": {"zoom": 1}}),
    "bad augmentation": edited(settings={"augmentation": {"rotate": -1}}),
    "crop: a number": edited(settings={"crop": 16}),
    "crop: one number": edited(settings={"crop": [16]}),
    "crop: text": edited(settings={"crop": [16, "a"]}),
    "epochs: text": edited(settings={"epochs": "2"}),
    "learning rate: text": edited(settings={"learning_rate": "fast"}),
    "channels: text": edited(channels="x"),
    "2 channels": edited(channels=2),
    "no classes": edited(class_names=None),
    "classes: a number": edited(class_names=5),
    "classes: empty": edited(class_names=[]),
    "colour of 2": edited(colors=[[1, 2]]),
    "a colour too few": edited(colors=[[0, 0, 0]]),
    "colour above 255": edited(colors=[[0, 0, 0], [0, 0, 300]]),
    "weights: text": edited(class_weight="heavy"),
    "a weight too few": edited(class_weight=[1.0]),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_description_is_refused(kind: str, tmp_path: Path) -> None:
    """What nothing can be done with is refused when it is read, by the file's name, not later by a traceback."""
    folder = RunFolder(tmp_path)
    folder.write_description(DESCRIPTION)
    content = json.loads(folder.description_file.read_text())
    folder.description_file.write_text(json.dumps(DAMAGES[kind](content)))
    with pytest.raises(tinyseg.InvalidInput, match=r"run\.json"):
        folder.read_description()


@pytest.mark.parametrize("text", ["", "{", '{"a": 1', "\x00\x01", "[" * 100_000], ids=["empty", "1", "2", "3", "deep"])
def test_a_file_that_is_not_json_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(tinyseg.InvalidInput, match=r"run\.json"):
        RunFolder(tmp_path).read_description()
    (tmp_path / "run.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(tinyseg.InvalidInput, match=r"run\.json"):
        RunFolder(tmp_path).read_description()


def test_json_is_written_whole_and_without_nan(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"
    write_json(path, {"a": [1.5, float("nan")], "b": {"c": (float("nan"), 2)}, "d": "NaN"})
    assert "NaN," not in path.read_text()
    assert read_json(path) == {"a": [1.5, None], "b": {"c": [None, 2]}, "d": "NaN"}
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_file_or_an_empty_folder_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(tinyseg.InvalidInput, match="expected a folder"):
        RunFolder(tmp_path / "file")
    with pytest.raises(tinyseg.InvalidInput, match="not the folder of a run"):
        RunFolder(tmp_path).read_description()
    with pytest.raises(tinyseg.InvalidInput, match="not the folder of a run"):
        RunFolder(tmp_path / "absent").read_description()


@pytest.mark.parametrize("name", RESULTS)
def test_a_run_is_not_overwritten(name: str, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.refuse_to_overwrite(resume=False)
    folder.write_description(DESCRIPTION)
    folder.refuse_to_overwrite(resume=True)
    folder.refuse_to_overwrite(resume=False)  # a start that came to nothing
    (tmp_path / name).touch()
    folder.refuse_to_overwrite(resume=True)
    with pytest.raises(tinyseg.InvalidInput, match="--resume"):
        folder.refuse_to_overwrite(resume=False)


@pytest.mark.parametrize("resume", [False, True])
def test_files_of_somebody_elses_are_not_overwritten(resume: bool, tmp_path: Path) -> None:
    """Nor is a foreign checkpoint gone on from."""
    folder = RunFolder(tmp_path)
    (tmp_path / "checkpoint.safetensors").touch()
    with pytest.raises(tinyseg.InvalidInput, match=r"holds checkpoint\.safetensors"):
        folder.refuse_to_overwrite(resume)
    (tmp_path / "checkpoint.safetensors").unlink()
    (tmp_path / "run.json").write_text('{"name": "of another program"}')
    with pytest.raises(tinyseg.InvalidInput, match=r"run\.json"):
        folder.refuse_to_overwrite(resume=False)


def test_a_run_without_model(tmp_path: Path) -> None:
    RunFolder(tmp_path).write_description(DESCRIPTION)
    with pytest.raises(tinyseg.InvalidInput, match="no model yet"):
        RunFolder(tmp_path).load_model()


def test_a_model_cut_short_is_refused_wherever_it_ends(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "run")
    folder = RunFolder(tmp_path / "run")
    content = folder.model.read_bytes()
    for length in (0, 7, 8, 100, len(content) // 2, len(content) - 1):
        folder.model.write_bytes(content[:length])
        with pytest.raises(tinyseg.InvalidInput, match=r"model\.safetensors"):
            folder.load_model()


def test_the_history_comes_back(finished: Path) -> None:
    history = RunFolder(finished).read_history()
    assert history["epoch"] == [0.0, 1.0, 2.0]
    assert set(history) >= {"loss", "val_loss", "mean_iou", "val_mean_iou", "pixel_accuracy", "val_pixel_accuracy"}
    assert {len(values) for values in history.values()} == {3}
