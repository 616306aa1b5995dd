"""A whole run: its files agree with each other and with what the saved model really does."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tinyseg
from tests.datasets.blobs import blobs
from tinyseg.callbacks import Callback
from tinyseg.datasets import VOID, SegmentationBatches
from tinyseg.models import load_model
from tinyseg.runs import RunData, RunFolder, Settings
from tinyseg.runs.settings import evaluation_metrics
from tinyseg.runs.training import class_weights

from .tiny import SETTINGS, assert_same_run, measures, run, tiny_data


def recomputed(model: Any, samples: list[tuple[Any, Any]], classes: int, multiple_of: int) -> Any:
    """Return the confusion matrix of a model, from first principles."""
    matrix = np.zeros((classes, classes), int)
    for image, ids in samples:
        x = (image.astype(np.float64) - image.mean()) / image.std()
        fill = [(0, -n % multiple_of) for n in ids.shape]
        y = model.predict(np.pad(x, [*fill, (0, 0)], mode="reflect").astype(np.float32)[None])[0]
        predicted = y[: ids.shape[0], : ids.shape[1]].argmax(axis=-1)
        for truth, guess in zip(ids.ravel(), predicted.ravel(), strict=True):
            if truth != VOID:
                matrix[truth, guess] += 1
    return matrix


def assert_measures(content: dict[str, Any], matrix: Any, names: list[str]) -> None:
    """Check everything in metrics.json that follows from a confusion matrix."""
    assert content["confusion_matrix"] == matrix.tolist()
    assert content["pixels"] == matrix.sum()
    assert content["pixel_accuracy"] == pytest.approx(np.trace(matrix) / matrix.sum())
    ious, dices = [], []
    for k, name in enumerate(names):
        both, truth, guess = matrix[k, k], matrix[k].sum(), matrix[:, k].sum()
        found = content["classes"][name]
        assert found["pixels"] == truth
        if truth + guess == 0:
            assert found["iou"] is None
            assert found["dice"] is None
            continue
        ious.append(both / (truth + guess - both))
        dices.append(2 * both / (truth + guess))
        assert found["iou"] == pytest.approx(ious[-1])
        assert found["dice"] == pytest.approx(dices[-1])
    assert content["mean_iou"] == pytest.approx(np.mean(ious))
    assert content["mean_dice"] == pytest.approx(np.mean(dices))


def test_all_files_are_there(finished: Path) -> None:
    names = {path.name for path in finished.iterdir()}
    assert names == {
        "run.json",
        "model.safetensors",
        "history.csv",
        "curves.png",
        "predictions.png",
        "confusion.png",
        "metrics.json",
    }
    for name in ("curves.png", "predictions.png", "confusion.png"):
        with Image.open(finished / name) as picture:
            picture.load()
            assert min(picture.size) > 100


def test_the_description_is_what_was_asked_for(finished: Path) -> None:
    description = RunFolder(finished).read_description()
    assert description.settings == SETTINGS
    assert (description.data, description.channels) == ("blobs", 1)
    assert (description.class_names, description.colors) == (["background", "disc"], [(0, 0, 0), (255, 160, 0)])
    assert description.class_weight == class_weights(tiny_data())


def test_the_measures_are_those_of_the_saved_model(finished: Path) -> None:
    content = json.loads((finished / "metrics.json").read_text())
    model = load_model(finished / "model.safetensors")
    data = tiny_data()
    assert (content["split"], content["samples"], content["parameters"]) == ("test", 3, model.count_params())
    assert_measures(content, recomputed(model, data.test, 2, 4), data.class_names)
    larger = max(values["pixels"] for values in content["classes"].values())
    assert content["pixel_accuracy"] > larger / content["pixels"] + 0.02  # it did learn


def test_the_history_is_consistent_with_the_measures(finished: Path) -> None:
    content = json.loads((finished / "metrics.json").read_text())
    with (finished / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    values = [float(row["val_mean_iou"]) for row in rows]
    assert len(rows) == content["epochs"] == 3
    assert content["best_epoch"] == int(np.argmax(values)) + 1
    assert content["best_val_mean_iou"] == max(values)


def test_the_saved_model_gives_the_best_validation_score(finished: Path) -> None:
    """The history's numbers and evaluation on whole images are one and the same measure where nothing has to be filled
    up.
    """
    content = json.loads((finished / "metrics.json").read_text())
    model = load_model(finished / "model.safetensors", compile=False)
    matrix = recomputed(model, tiny_data().val, 2, 4)
    ious = np.diag(matrix) / (matrix.sum(0) + matrix.sum(1) - np.diag(matrix))
    assert ious.mean() == pytest.approx(content["best_val_mean_iou"], abs=1e-12)
    again = load_model(finished / "model.safetensors")
    batches = SegmentationBatches(tiny_data().val, 3, multiple_of=4)
    assert again.evaluate(batches, return_dict=True)["mean_iou"] == pytest.approx(content["best_val_mean_iou"])


class Spoiler(Callback):
    """Keeps the parameters at the end of each epoch, spoils the model before the last one, and makes the loss praise
    what the IoU condemns.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.kept: list[dict[str, Any]] = []

    def on_epoch_begin(self, epoch: int) -> None:
        """Spoil."""
        if epoch == 2:
            for array in self.model.parameters.values():
                array[...] = -array

    def on_test_end(self, logs: dict[str, float]) -> None:
        """Give the epoch of the worst IoU the smallest loss."""
        logs["loss"] = logs["mean_iou"]

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Keep."""
        self.kept.append({key: array.copy() for key, array in {**self.model.parameters, **self.model.state}.items()})


def test_the_model_kept_is_that_of_the_best_epoch(tmp_path: Path) -> None:
    spoiler = Spoiler()
    run(tmp_path, callbacks=[spoiler])
    history = RunFolder(tmp_path).read_history()["val_mean_iou"]
    best = int(np.argmax(history))
    assert best < 2
    assert history[2] < history[best]
    model = RunFolder(tmp_path).load_model()
    for key, array in {**model.parameters, **model.state}.items():
        np.testing.assert_array_equal(array, spoiler.kept[best][key], err_msg=key)
    assert json.loads((tmp_path / "metrics.json").read_text())["best_epoch"] == best + 1


def test_the_same_seed_gives_the_same_run(finished: Path, tmp_path: Path) -> None:
    run(tmp_path / "same")
    assert_same_run(tmp_path / "same", finished)
    run(tmp_path / "other", replace(SETTINGS, seed=4))
    assert (tmp_path / "other" / "history.csv").read_text() != (finished / "history.csv").read_text()


@pytest.mark.parametrize("model", ["unet", "fcn"])
def test_colour_crops_void_and_absent_classes(model: str, tmp_path: Path) -> None:
    """Without test samples the validation samples are reported; void counts for nothing.

    A class that never occurs has no IoU.
    """
    pairs = blobs(7, size=(30, 41), channels=3)
    for _, ids in pairs:
        ids[:5] = VOID
    data = RunData("x", pairs[:4], pairs[4:], None, 3, ["a", "b", "never"], [(0, 0, 0), (9, 9, 9), (1, 1, 1)])
    settings = Settings(model=model, width=3, depth=2, epochs=1, batch_size=2, crop=(16, 20))
    lines: list[str] = []
    seen: list[tuple[str, int, int]] = []
    report = run(
        tmp_path, settings, data, say=lines.append, progress=lambda title: lambda k, n: seen.append((title, k, n))
    )
    content = json.loads((tmp_path / "metrics.json").read_text())
    matrix = recomputed(RunFolder(tmp_path).load_model(), data.val, 3, 4)
    assert content["split"] == "val"
    assert content["pixels"] == 3 * 25 * 41
    assert_measures(content, matrix, data.class_names)
    np.testing.assert_array_equal(report.matrix, matrix)
    assert seen == [("evaluating val", k, 3) for k in (1, 2, 3)]
    assert any(line.startswith(f"{model} of ") for line in lines)


def test_class_weights_by_hand() -> None:
    """1 / sqrt(share), with mean 1 over the pixels that are not void; absent classes weigh 1."""
    ids = np.array([[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, VOID], [3, VOID, VOID, VOID]], np.uint8)
    data = tiny_data(train=[(np.zeros((4, 4, 1)), ids), (np.zeros((1, 4, 1)), ids[:1])], class_names=list("abcd"))
    shares = np.array([12, 3, 1]) / 16
    expected = shares**-0.5 / (shares**-0.5 * shares).sum()
    weights = class_weights(data)
    np.testing.assert_allclose([weights[0], weights[1], weights[3]], expected)
    assert weights[2] == 1.0
    assert (np.array([12, 3, 0, 1]) / 16 * weights).sum() == pytest.approx(1)


def test_the_loss_decides_whether_classes_are_weighed(tmp_path: Path) -> None:
    run(tmp_path, replace(SETTINGS, loss="cross-entropy", epochs=1))
    assert RunFolder(tmp_path).read_description().class_weight is None


def test_a_run_is_not_started_over_another(finished: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in finished.iterdir()}
    with pytest.raises(tinyseg.InvalidInput, match="holds a run already"):
        run(finished)
    assert {path.name: path.stat().st_mtime_ns for path in finished.iterdir()} == before


def test_validation_that_is_all_void_is_told_as_such(tmp_path: Path) -> None:
    """There is no best epoch then.

    The text must not send the reader looking for a run that is still in its first epoch.
    """
    val = [(image, np.full_like(ids, VOID)) for image, ids in tiny_data().val]
    with pytest.raises(tinyseg.InvalidInput, match=r"void|label"):
        run(tmp_path, replace(SETTINGS, epochs=1), tiny_data(val=val))


def test_measures_of_the_evaluation_are_those_of_the_last_run(finished: Path) -> None:
    assert measures(finished)["backend"] == tinyseg.get_backend()
    assert {metric.name for metric in evaluation_metrics(2)} == {"pixel_accuracy", "mean_iou"}
