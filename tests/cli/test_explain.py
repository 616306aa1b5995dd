"""`tinyseg explain`: a run's prediction on one image, explained by all methods."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinyseg.datasets import read_image, write_image
from tinyseg.explain.report import explain_image

from .command import is_refused, succeeds

RESULTS = ("explained.png", "feature_maps.png", "explained.npz", "explained.json")


@pytest.fixture
def image(data: Path, tmp_path: Path) -> Path:
    """An image whose sides are no multiples of what the network takes."""
    (first, *_) = sorted((data / "test" / "images").glob("*.png"))
    file = tmp_path / "photo.png"
    write_image(file, read_image(first, 3)[:21, :30])
    return file


def test_all_methods(trained: Path, image: Path, tmp_path: Path) -> None:
    """Pictures, and the maps' numbers at the image's own size."""
    names = json.loads((trained / "run.json").read_text())["class_names"]
    said = succeeds("explain", trained, image, "--out", tmp_path / "out", "--class", names[1])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"photo_{kind}" for kind in RESULTS}
    assert f"{names[1]}: score" in said
    assert re.search(r"at the \d+ pixels of this class|all pixels", said)
    maps = np.load(tmp_path / "out" / "photo_explained.npz")
    assert [name.split("_at_")[0] for name in maps.files] == [
        "saliency",
        "integrated_gradients",
        "occlusion",
        "Grad-CAM",
    ]
    assert all(maps[name].shape[:2] == (21, 30) and maps[name].any() for name in maps.files)
    figures = json.loads((tmp_path / "out" / "photo_explained.json").read_text())
    assert figures["class"] == names[1]
    assert figures["methods"]["integrated gradients"]["steps"] >= 32
    for kind in RESULTS[:2]:
        with Image.open(tmp_path / "out" / f"photo_{kind}") as picture:
            assert min(picture.size) > 150


def test_one_pixel_and_one_method(trained: Path, image: Path, tmp_path: Path) -> None:
    """Only that method's map, and the pixel's receptive field is drawn."""
    succeeds("explain", trained, image, "--out", tmp_path, "--pixel", "3, 25", "--method", "saliency")
    assert (tmp_path / "photo_receptive_field.png").exists()
    maps = np.load(tmp_path / "photo_explained.npz")
    assert maps.files == ["saliency"]
    assert maps["saliency"].shape == (21, 30, 1)
    assert maps["saliency"][3, 25].any()


def test_what_is_asked_about_is_of_the_images_size(trained: Path, image: Path, tmp_path: Path) -> None:
    """The image is filled up for the network; its outline in the picture needs pixels of the image itself."""
    for pixel in (None, (20, 29)):
        for found in explain_image(
            trained, image, tmp_path, pixel=pixel, methods=("saliency", "grad-cam")
        ).explanations:
            assert found.target.where is not None
            assert found.target.where.shape == found.map.shape == (21, 30)
            assert found.target.pixel == pixel


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--class", "zebra"), "expected one of"),
        (("--pixel", "21,0"), "row below 21"),
        (("--pixel", "3;4"), "ROW,COLUMN"),
        (("--method", "magic"), "integrated-gradients"),
        (("--layer", "nowhere"), "nowhere"),
    ],
)
def test_mistakes_are_told(trained: Path, image: Path, tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    """And nothing is written."""
    assert words in is_refused("explain", trained, image, "--out", tmp_path / "out", *options)
    assert not (tmp_path / "out").exists()
    assert "no such file" in is_refused("explain", trained, tmp_path / "none.png", "--out", tmp_path / "out")
