"""A split by names: the same everywhere, and nobody moves when others come."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path
from typing import Any

import pytest

import tinyseg
from tinyseg.datasets import SegmentationFolder
from tinyseg.datasets.splitting import held_out, sample_name

from .blobs import write_blobs

NAMES = [f"image {k}" for k in range(2000)]


def names(folder: SegmentationFolder) -> dict[str, set[str]]:
    """Return the samples of each split."""
    return {split: {sample_name(pair.image) for pair in pairs} for split, pairs in folder.splits.items()}


@pytest.mark.parametrize("fraction", [0.01, 0.2, 0.5, 0.93])
def test_about_the_share_is_held_back(fraction: float) -> None:
    assert len(held_out(NAMES, fraction)) == pytest.approx(
        2000 * fraction, abs=4 * (2000 * fraction * (1 - fraction)) ** 0.5
    )


def test_the_split_is_always_the_same_one() -> None:
    """Written down, so that another version of tinyseg, or another machine, cannot split otherwise."""
    assert held_out(NAMES[:20], 0.2) == {
        "image 10",
        "image 13",
        "image 14",
        "image 16",
        "image 17",
        "image 19",
        "image 4",
        "image 5",
        "image 8",
    }
    assert held_out(NAMES[:20], 0.2, seed=1) != held_out(NAMES[:20], 0.2)
    assert held_out(NAMES[::-1], 0.2) == held_out(NAMES, 0.2)


def test_who_adds_images_moves_none() -> None:
    assert held_out(NAMES[:500], 0.2) == held_out(NAMES, 0.2) & set(NAMES[:500])
    assert held_out(NAMES, 0.1) < held_out(NAMES, 0.2)


@pytest.mark.parametrize("fraction", [1e-9, 0.3, 1 - 1e-9])
@pytest.mark.parametrize("count", [2, 3])
def test_of_few_images_one_is_on_each_side(count: int, fraction: float) -> None:
    assert 1 <= len(held_out(NAMES[:count], fraction)) <= count - 1


@pytest.mark.parametrize("fraction", [0, 1, -0.2, 1.5, float("nan"), float("inf"), True, "0.2", None])
def test_what_is_no_fraction(fraction: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="val_fraction: expected a number between 0 and 1"):
        held_out(NAMES, fraction)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1"])
def test_what_is_no_seed(seed: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="split_seed"):
        held_out(NAMES, 0.2, seed)


def test_one_image_cannot_be_split() -> None:
    with pytest.raises(tinyseg.InvalidInput, match="got 1"):
        held_out(["a"], 0.5)


def test_a_name_is_the_path_below_images_in_one_spelling() -> None:
    assert sample_name(Path("/photos/images/train/images/a/b.c.png")) == "a/b.c"
    assert sample_name(Path("x/é.png")) == unicodedata.normalize("NFC", "é")
    assert sample_name(Path("images", unicodedata.normalize("NFD", "é.png"))) == unicodedata.normalize("NFC", "é")


def test_a_folder_without_splits(tmp_path: Path) -> None:
    (tmp_path / "flat").mkdir()
    write_blobs(tmp_path / "data", 9, 1, 0)
    for kind in ("images", "masks"):
        (tmp_path / "data" / "train" / kind).rename(tmp_path / "flat" / kind)
    whole = SegmentationFolder(tmp_path / "flat")
    assert len(whole.samples("all")) == 9
    with pytest.raises(tinyseg.InvalidInput, match=r"no split 'train'; there are all; --val-fraction 0\.2"):
        whole.samples("train")
    found = names(SegmentationFolder(tmp_path / "flat", val_fraction=0.4, split_seed=3))
    assert found["val"] == held_out(sorted(names(whole)["all"]), 0.4, 3)
    assert found["train"] == names(whole)["all"] - found["val"]
    assert found.keys() == {"train", "val"}


def test_train_without_val(tmp_path: Path) -> None:
    data = write_blobs(tmp_path / "data", 6, 2, 3)
    with pytest.raises(tinyseg.InvalidInput, match="has a val/ already"):
        SegmentationFolder(data, val_fraction=0.3)
    shutil.rmtree(data / "val")
    with pytest.raises(tinyseg.InvalidInput, match=r"no split 'val'.*--val-fraction 0\.2"):
        SegmentationFolder(data).samples("val")
    folder = SegmentationFolder(data, val_fraction=0.3)
    assert {split: len(pairs) for split, pairs in folder.splits.items()}.keys() == {"train", "val", "test"}
    assert len(folder.splits["train"]) + len(folder.splits["val"]) == 6
    assert len(folder.splits["test"]) == 3
    shutil.rmtree(data / "train")
    with pytest.raises(tinyseg.InvalidInput, match="neither train/ nor images/"):
        SegmentationFolder(data, val_fraction=0.3)
