"""What the search found first, one by one.

Files that came through as another exception, as gigabytes, or as a wrong state.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from PIL import Image

import tinyseg
from tests.datasets.encoded import encode
from tests.models.networks import assert_same_arrays, classifier, weights_of
from tinyseg import callbacks
from tinyseg.datasets import read_image, read_mask
from tinyseg.datasets.mnist import read_idx
from tinyseg.models import load_model
from tinyseg.runs import RunFolder, Settings
from tinyseg.runs.budget import TimeLimit
from tinyseg.utils.files import read_text

from .hostile import jpeg_claiming, tiff_claiming
from .readers import READERS, train_on, trained


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_image_of_floats_is_finite(value: float, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).random((4, 5), np.float32)
    pixels[2, 3] = value
    (tmp_path / "x.tif").write_bytes(encode(pixels, "TIFF"))
    with pytest.raises(tinyseg.InvalidInput, match=r"x\.tif: the image contains NaN"):
        read_image(tmp_path / "x.tif")


@pytest.mark.parametrize("content", [jpeg_claiming(3000, 3000), tiff_claiming(20_000, 8000)], ids=["jpeg", "tiff"])
def test_a_few_bytes_are_no_large_image(content: bytes, tmp_path: Path) -> None:
    """Read before as grey, and as an error after half a gigabyte."""
    (tmp_path / "x.jpg").write_bytes(content)
    for read in (read_image, read_mask):
        with pytest.raises(tinyseg.InvalidInput, match=r"x\.jpg: too short for an image of"):
            read(tmp_path / "x.jpg")


def test_a_large_blank_image_is_read(tmp_path: Path) -> None:
    """The bound on pixels per byte refuses nothing that an encoder can make."""
    for name, options in (
        ("x.png", {"optimize": True}),
        ("x.jpg", {"quality": 1, "progressive": True}),
        ("lzw.tif", {"compression": "tiff_lzw"}),
        ("deflate.tif", {"compression": "tiff_adobe_deflate"}),
        ("zstd.tif", {"compression": "zstd"}),
    ):
        Image.new("L", (3000, 2500), 7).save(tmp_path / name, **options)
        assert read_image(tmp_path / name).shape == (2500, 3000, 1)
    Image.new("1", (3000, 2500), 1).save(tmp_path / "fax.tif", compression="group4")
    assert read_mask(tmp_path / "fax.tif").shape == (2500, 3000)


@pytest.mark.parametrize("file_format", ["EPS", "ICO", "TGA", "PPM"])
def test_other_formats_are_not_opened_under_the_name_of_a_png(file_format: str, tmp_path: Path) -> None:
    """An EPS file is a program, which Pillow hands to Ghostscript."""
    Image.new("L", (16, 16), 9).save(tmp_path / "x.png", format=file_format)
    with pytest.raises(tinyseg.InvalidInput, match=r"x\.png: not a readable image"):
        read_image(tmp_path / "x.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize(
    "read", [read_image, read_mask, read_idx, load_model, lambda path: read_text(path, "TOML")], ids=range(5)
)
def test_a_pipe_is_not_waited_for(read: Callable[[Path], Any], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(tinyseg.InvalidInput, match="pipe: no such file"):
        read(tmp_path / "pipe")
    with pytest.raises(tinyseg.InvalidInput, match="aaa: not readable"):
        read(tmp_path / ("a" * 300))


def test_weights_of_other_kinds_of_numbers_do_not_fit(tmp_path: Path) -> None:
    """Integers and complex numbers were taken for parameters."""
    model = classifier()
    model.save_weights(tmp_path / "w")
    tensors = safetensors.numpy.load_file(tmp_path / "w")
    tensors["parameters/top/bias"] = np.arange(3)
    tensors["parameters/conv/bias"] = np.arange(4).astype(np.complex64)
    safetensors.numpy.save_file(tensors, tmp_path / "w", {"format": "tinyseg", "version": "1"})
    before = weights_of(model)
    with pytest.raises(tinyseg.InvalidInput, match=r"2 arrays do not fit.*complex64 in the file, float32 in the model"):
        model.load_weights(tmp_path / "w")
    assert_same_arrays(weights_of(model), before)
    assert model.load_weights(tmp_path / "w", skip_mismatch=True) == [
        "conv/bias: complex64 in the file, float32 in the model",
        "top/bias: int64 in the file, float32 in the model",
    ]


OPTIMIZER_STATES: dict[str, dict[str, Any]] = {
    "iterations: three": {"optimizer/iterations": np.arange(3)},
    "iterations: a fraction": {"optimizer/iterations": np.array(2.5)},
    "iterations: negative": {"optimizer/iterations": np.array(-1)},
    "a slot of another shape": {"optimizer/momentum/top/bias": np.ones(4, np.float32)},
    "a slot of another dtype": {"optimizer/momentum/top/bias": np.ones(3)},
    "a slot of no parameter": {"optimizer/momentum/other/bias": np.ones(3, np.float32)},
}


@pytest.mark.parametrize("change", OPTIMIZER_STATES.values(), ids=OPTIMIZER_STATES)
def test_an_optimizer_takes_back_only_what_fits(change: dict[str, Any], tmp_path: Path) -> None:
    """Before, the next step failed, or began again from zero in silence."""
    path = tmp_path / "m"
    trained().save(path)
    content = path.read_bytes()
    metadata = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    del metadata["checksum"]  # which would refuse it first
    tensors = safetensors.numpy.load_file(path)
    assert "optimizer/iterations" in tensors
    safetensors.numpy.save_file(tensors | change, path, metadata)
    with pytest.raises(tinyseg.InvalidInput, match=r"m: array 'optimizer/"):
        load_model(path)
    assert load_model(path, compile=False).count_params()
    safetensors.numpy.save_file(tensors | change, path, metadata | {"kind": "checkpoint"})
    with pytest.raises(tinyseg.InvalidInput, match=r"m: the checkpoint is of another model: array 'optimizer/"):
        trained().load_checkpoint(path)


STATES: list[tuple[Any, dict[str, Any], str]] = [
    (callbacks.ReduceLROnPlateau, {"wait": -1}, "wait"),
    (callbacks.ReduceLROnPlateau, {"cooling": 1.5}, "cooling"),
    (callbacks.ReduceLROnPlateau, {"best": "low"}, "best"),
    (callbacks.ReduceLROnPlateau, {"learning_rate": None}, "learning_rate"),
    (callbacks.EarlyStopping, {"best": []}, "best"),
    (callbacks.EarlyStopping, {"best": 10**400}, "best"),
    (callbacks.EarlyStopping, {"wait": None}, "wait"),
    (callbacks.EarlyStopping, {"best_epoch": True}, "best_epoch"),
    (callbacks.EarlyStopping, {"best_weights_0": np.ones(3)}, "weights"),
    (callbacks.CSVLogger, {"rows": 5}, "rows"),
    (callbacks.CSVLogger, {"rows": [5]}, "rows"),
    (callbacks.ModelCheckpoint, {"best": {}}, "best"),
    (TimeLimit, {"spent": "long"}, "spent"),
    (callbacks.History, {"history": 5}, "history"),
    (callbacks.History, {"history": {"loss": 5}}, "history"),
    (callbacks.History, {"epoch": None}, "history"),
]


@pytest.mark.parametrize(
    ("kind", "change", "word"), STATES,
    ids=[f"{kind.__name__}-{next(iter(change))}-{k}" for k, (kind, change, _) in enumerate(STATES)]
)  # fmt: skip
def test_a_callback_takes_back_only_what_it_can_use(
    kind: Any, change: dict[str, Any], word: str, tmp_path: Path
) -> None:
    """Before, training failed an epoch later, when the error could not name the file any more."""
    reader = next(reader for reader in READERS if reader.name == "interrupted training")
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(reader.sources()[path.name])
    length = int.from_bytes(path.read_bytes()[:8], "little")
    metadata = json.loads(path.read_bytes()[8 : 8 + length])["__metadata__"]
    del metadata["checksum"]  # which would refuse it first
    tensors, states = safetensors.numpy.load_file(path), json.loads(metadata["callbacks"])
    (k,) = (k for k, item in enumerate(states) if item["class_name"] == kind.__name__)
    states[k]["state"].update({key: value for key, value in change.items() if not isinstance(value, np.ndarray)})
    tensors |= {f"extra/{k}/{key}": value for key, value in change.items() if isinstance(value, np.ndarray)}
    safetensors.numpy.save_file(tensors, path, metadata | {"callbacks": json.dumps(states)})
    with pytest.raises(tinyseg.InvalidInput, match=rf"checkpoint\.safetensors: cannot resume .*{word}"):
        train_on(path)


def test_an_absurd_network_is_refused_and_a_large_one_is_not() -> None:
    for change in ({"depth": 16}, {"depth": 10**9}, {"width": 10**6}, {"learning_rate": 10**400}, {"minutes": 10**400}):
        with pytest.raises(tinyseg.InvalidInput):
            Settings(**change)
    assert Settings(width=64, depth=6).multiple_of == 64


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"epoch,loss\n0,low\n", "expected numbers"),
        (b"epoch,loss\n0\n", "line 2: expected 2 fields, got 1"),
        (b"epoch,loss\n0,1\n2,3,4\n", "line 3: expected 2 fields, got 3"),
        (b"epoch,epoch\n0,1\n", "same name"),
        (b"epoch,l\xffss\n0,1\n", "not a CSV file in UTF-8"),
        (None, "no such file"),
    ],
)
def test_a_history_is_a_table_of_numbers(content: bytes | None, text: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "history.csv").write_bytes(content)
    with pytest.raises(tinyseg.InvalidInput, match=rf"history\.csv: .*{text}"):
        RunFolder(tmp_path).read_history()
