"""A run that takes a second, and what its files hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import safetensors

from tests.datasets.blobs import blobs
from tinyseg.callbacks import Callback
from tinyseg.datasets import Augmentation
from tinyseg.runs import Report, RunData, Settings, train_run

SETTINGS = Settings(
    width=4,
    depth=2,
    dropout=0.2,
    epochs=3,
    batch_size=3,
    learning_rate=1e-2,
    loss="balanced-cross-entropy",
    augmentation=Augmentation(flip_vertical=True, rotate=20, scale=0.2, brightness=0.1),
    seed=3,
)
"""Everything random is in it: order, augmentation, dropout, initial parameters."""


def tiny_data(**other: Any) -> RunData:
    """Return 8 training, 4 validation and 3 test samples.

    The test samples are of a size that does not fit the network.
    """
    content: dict[str, Any] = {
        "name": "blobs",
        "train": blobs(8, seed=1),
        "val": blobs(4, seed=2),
        "test": blobs(3, size=(29, 38), seed=3),
        "channels": 1,
        "class_names": ["background", "disc"],
        "colors": [(0, 0, 0), (255, 160, 0)],
    }
    return RunData(**(content | other))


def run(out: Path, settings: Settings = SETTINGS, data: RunData | None = None, **options: Any) -> Report:
    """Train without printing."""
    options = {"say": lambda text: None, "verbose": 0, **options}
    return train_run(data or tiny_data(), settings, out, **options)


class Interruption(Callback):
    """Raises in the middle of an epoch; after that, as one that was resumed, it lets everything pass."""

    def __init__(self, epoch: int, error: type[BaseException] = KeyboardInterrupt) -> None:
        """Set the epoch, from 0; a negative one never comes."""
        self.at, self.error, self.epoch = epoch, error, -1

    def on_epoch_begin(self, epoch: int) -> None:
        """Remember the epoch."""
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """Raise after the second step."""
        if self.epoch == self.at and batch == 1:
            raise self.error


def tensors(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Return arrays and texts of a safetensors file."""
    with safetensors.safe_open(path, framework="numpy") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # noqa: SIM118


def assert_same_file(actual: Path, expected: Path) -> None:
    """Compare two safetensors files to the bit, whatever the order of what is in them."""
    (arrays, texts), (expected_arrays, expected_texts) = tensors(actual), tensors(expected)
    assert texts.keys() == expected_texts.keys()
    for key, text in texts.items():
        assert text == expected_texts[key], key
    assert arrays.keys() == expected_arrays.keys()
    for key, array in arrays.items():
        assert array.dtype == expected_arrays[key].dtype
        np.testing.assert_array_equal(array, expected_arrays[key], err_msg=key)


def assert_same_run(actual: Path, expected: Path) -> None:
    """Compare what two runs came to: model, history and measures."""
    assert_same_file(actual / "model.safetensors", expected / "model.safetensors")
    assert (actual / "history.csv").read_text() == (expected / "history.csv").read_text()
    assert measures(actual) == measures(expected)


def measures(folder: Path) -> dict[str, Any]:
    """Return `metrics.json` without what depends on the hour and the call."""
    import json

    content = json.loads((folder / "metrics.json").read_text())
    return {key: value for key, value in content.items() if key not in ("seconds", "finished", "command")}
