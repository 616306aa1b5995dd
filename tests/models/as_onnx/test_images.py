"""Images of bytes go into the file of a run, and what comes out is what `tinyseg predict` gives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tinyseg_kernels.types import Array

from tinyseg.cli.app import app
from tinyseg.datasets import default_colors, read_image, write_image
from tinyseg.models import Model
from tinyseg.models.onnx.images import Images
from tinyseg.runs import RunDescription, RunFolder, Settings, build_model, export_run, predict_sample

from .runtimes import RUNTIMES, by_onnxruntime, onnx

SIZES = ((16, 24), (13, 9), (1, 7), (33, 2), (40, 1))


def run_of(folder: Path, channels: int, depth: int = 2) -> Model:
    """Write a run's folder."""
    settings, run = Settings(width=4, depth=depth), RunFolder(folder)
    folder.mkdir()
    run.write_description(RunDescription(settings, "blank", channels, ["a", "b", "c"], default_colors(3)))
    model = build_model(settings, channels=channels, classes=3)
    rng = np.random.default_rng(5)
    for array in model.weights:
        array[...] += rng.normal(0, 0.05, array.shape)
    model.save(run.model)
    return model


def picture(height: int, width: int, channels: int) -> Array:
    """Draw bytes."""
    return np.random.default_rng(height).integers(0, 256, (height, width, channels), np.uint8)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("channels", [1, 3])
def test_masks_are_those_of_predict(channels: int, runtime: str, tmp_path: Path) -> None:
    model = run_of(tmp_path / "run", channels)
    export_run(RunFolder(tmp_path / "run"), tmp_path / "net.onnx")
    content = (tmp_path / "net.onnx").read_bytes()
    for size in SIZES:
        image = picture(*size, channels)
        write_image(tmp_path / "image.png", image)
        expected = predict_sample(model, read_image(tmp_path / "image.png", channels), 4)
        scores, mask = RUNTIMES[runtime](content, {"image": image[None]})
        assert scores.shape == (1, *size, 3)
        np.testing.assert_array_equal(mask[0], expected)
        assert mask.dtype == np.uint8


def test_each_image_of_a_batch_by_its_own_numbers(tmp_path: Path) -> None:
    model = run_of(tmp_path / "run", 1)
    export_run(RunFolder(tmp_path / "run"), tmp_path / "net.onnx")
    dark = picture(12, 20, 1) // 8
    flat = np.full_like(dark, 77)
    _, masks = by_onnxruntime((tmp_path / "net.onnx").read_bytes(), {"image": np.stack([dark, flat, dark * 5])})
    for image, mask in zip((dark, flat, dark * 5), masks, strict=True):
        np.testing.assert_array_equal(mask, predict_sample(model, image / np.float32(255), 4))


def test_the_command_writes_both(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    run_of(tmp_path / "run", 3)
    for name, said in (("net.onnx", "nodes of ONNX's operators"), ("page.html", "open it in a browser")):
        result = CliRunner().invoke(app, ["export", str(tmp_path / "run"), str(tmp_path / name)])
        assert result.exit_code == 0, result.output
        assert said in " ".join(result.output.split())
    words = {entry.key: entry.value for entry in onnx.load(tmp_path / "net.onnx").metadata_props}
    assert json.loads(words["class_names"]) == ["a", "b", "c"]
    assert json.loads(words["images"]) == {"standardize": True, "multiple_of": 4}
    plain = ["export", str(tmp_path / "run"), str(tmp_path / "plain.onnx"), "--no-images", "--channels-first"]
    assert CliRunner().invoke(app, plain).exit_code == 0
    assert [end.name for end in onnx.load(tmp_path / "plain.onnx").graph.output] == ["scores"]


def test_other_endings_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    run_of(tmp_path / "run", 1)
    before = sorted(tmp_path.rglob("*"))
    for name, options in (("net.pt", {}), ("net.onnx", {"data_format": "channels_first"})):
        with pytest.raises(ValueError, match=r"\.onnx|channels|images"):
            export_run(RunFolder(tmp_path / "run"), tmp_path / name, **options)
    assert sorted(tmp_path.rglob("*")) == before


def test_images_need_one_input_of_images(tmp_path: Path) -> None:
    from tinyseg.layers import Dense, Input

    x = Input((4,))
    with pytest.raises(ValueError, match="images inside need one input"):
        Model(x, Dense(2)(x)).export(tmp_path / "net.onnx", images=Images())
