"""`tinyseg profile`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tinyseg.layers import Dense, Input
from tinyseg.models import Sequential
from tinyseg.runs import RunFolder

from .command import is_refused, succeeds


def test_a_run_is_profiled_in_its_own_batch_and_stays_as_it_is(trained: Path, tmp_path: Path) -> None:
    before = (trained / "model.safetensors").read_bytes()
    figures, picture = tmp_path / "profile.json", tmp_path / "picture.png"
    out = succeeds("profile", trained, "--json", figures, "--picture", picture, "--steps", 1, "--backend", "numpy")
    assert "down1_conv1 (Conv2D)" in out
    content = json.loads(figures.read_text())
    description = RunFolder(trained).read_description()
    settings = description.settings
    assert content["input_shape"] == [settings.batch_size, *(settings.crop or (128, 128)), description.channels]
    assert (content["steps"], content["backend"]) == (1, "numpy")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert (trained / "model.safetensors").read_bytes() == before
    out = succeeds("profile", trained, "--size", "16x24", "--batch-size", 2, "--json", figures, "--picture", picture)
    assert json.loads(figures.read_text())["input_shape"] == [2, 16, 24, description.channels]
    assert f"wrote {picture}" in out.replace("\n", "")


def test_a_model_file_and_where_the_picture_goes(tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    Sequential([Input(shape=(5,)), Dense(4, name="hidden"), Dense(3)]).save(path)
    out = succeeds("profile", path, "--backend", "numpy", "--steps", 2)
    assert "hidden (Dense)" in out
    assert "median of 2 steps" in out
    assert (tmp_path / "small-profile.png").exists()
    assert "no images" in is_refused("profile", path, "--size", "4x4")


@pytest.mark.parametrize("size", ["0x4", "12", "4x", "axb"])
def test_a_size_that_is_none(trained: Path, size: str) -> None:
    assert "HEIGHTxWIDTH" in is_refused("profile", trained, "--size", size)


def test_what_is_no_run(tmp_path: Path) -> None:
    assert "run.json" in is_refused("profile", tmp_path)


def test_a_relu_that_another_layer_computes_is_named_with_it(trained: Path, tmp_path: Path) -> None:
    """It has no time of its own: 0.000 ms would be a lie."""
    figures, picture = tmp_path / "profile.json", tmp_path / "picture.png"
    out = succeeds("profile", trained, "--json", figures, "--picture", picture, "--steps", 1, "--size", "16x16")
    rows = {line.split()[0]: line.split() for line in out.splitlines() if "(" in line}
    assert rows["down1_act1"][4:6] == ["with", "down1_bn1"]
    layers = {layer["name"]: layer for layer in json.loads(figures.read_text())["layers"]}
    for name, layer in layers.items():
        fused = layer["kind"] == "Activation"
        assert (layer["computed_with"] is not None) == fused, name
        assert (layer["forward"] == 0) == fused, name
        assert fused or float(rows[name][-1]) >= 0
    assert " 0.000 " not in out.split("loss and its gradient")[0].replace("down1_conv1", "")
