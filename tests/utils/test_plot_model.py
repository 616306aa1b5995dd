"""plot_model: every layer is a box, no two boxes overlap, and lines end at boxes."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tinyseg import InvalidInput
from tinyseg.applications import UNet
from tinyseg.layers import Add, Concatenate, Conv2D, Dense, Input
from tinyseg.models import Model, Sequential
from tinyseg.utils import plot_model

SVG = "{http://www.w3.org/2000/svg}"


def branches() -> Model:
    """Make a network with branches of different lengths, a shared layer and two outputs."""
    x, shared = Input((8, 8, 3)), Conv2D(3, 1)
    a, b = Conv2D(3, 3, padding="same")(x), shared(x)
    c = Concatenate()([a, b, shared(b), x])
    return Model(x, [c, Add()([shared(b), x])])


@pytest.mark.parametrize("rankdir", ["TB", "LR"])
@pytest.mark.parametrize("model", [UNet((16, 16, 3), 3, depth=2, filters=4), branches()], ids=["unet", "branches"])
def test_boxes_and_lines(model: Model, rankdir: str, tmp_path: Path) -> None:
    path = plot_model(model, tmp_path / "m.svg", show_shapes=True, show_layer_names=True, rankdir=rankdir)
    root = ElementTree.parse(path).getroot()
    boxes = [tuple(float(r.get(k, 0)) for k in ("x", "y", "width", "height")) for r in root.iter(f"{SVG}rect")][1:]
    assert len(boxes) == len(model.graph.steps)
    for (x, y, w, h), (x2, y2, w2, h2) in combinations(boxes, 2):
        assert x + w <= x2 + 0.2 or x2 + w2 <= x + 0.2 or y + h <= y2 + 0.2 or y2 + h2 <= y + 0.2
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    assert all(x >= 0 and y >= 0 and x + w <= width + 1 and y + h <= height + 1 for x, y, w, h in boxes)
    lines = [p.get("d", "") for p in root.iter(f"{SVG}path")][1:]
    assert len(lines) == sum(len(step.inputs) for step in model.graph.steps)
    for line in lines:
        numbers = [float(n) for n in re.findall(r"-?[0-9.]+", line)]
        for px, py in (numbers[:2], numbers[-2:]):
            assert any(x - 1 <= px <= x + w + 1 and y - 1 <= py <= y + h + 1 for x, y, w, h in boxes)
    text = path.read_text("utf-8")
    for layer in model.layers:
        assert f">{layer.name}<" in text


def test_what_is_asked_for_is_written(tmp_path: Path) -> None:
    model = Sequential([Input((None, 3)), Dense(2, activation="gelu", name="a<b")])
    model.layers[0].trainable = False
    plain = plot_model(model, tmp_path / "a.svg").read_text("utf-8")
    assert "gelu" not in plain
    assert "float32" not in plain
    options = dict.fromkeys(("show_shapes", "show_dtype", "show_layer_names", "show_trainable"), True)
    full = plot_model(model, tmp_path / "b.svg", show_layer_activations=True, **options).read_text("utf-8")
    for word in ("gelu", "(-, -, 2)", "float32", "frozen", "a&lt;b"):
        assert word in full


def test_refuses(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Dense(2)])
    with pytest.raises(InvalidInput, match=r"ends in \.svg"):
        plot_model(model, tmp_path / "m.png")
    with pytest.raises(InvalidInput, match="rankdir"):
        plot_model(model, tmp_path / "m.svg", rankdir="XY")
    with pytest.raises(InvalidInput, match="shape is known"):
        plot_model(Sequential([Dense(2)]), tmp_path / "m.svg")
    assert not list(tmp_path.iterdir())
