"""MNIST's idx files: what is written is read, and what is damaged is refused by name."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.datasets.mnist import FILES, load_data, read_idx

from .real import real_data


def idx(array: Any) -> bytes:
    """Return an array of bytes as an idx file."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def arrays() -> dict[str, Any]:
    """Return small arrays for the four files."""
    rng = np.random.default_rng(0)
    found = {}
    for count, (images, labels) in zip((7, 4), FILES.values(), strict=True):
        found[images] = rng.integers(0, 256, (count, 5, 3), dtype=np.uint8)
        found[labels] = rng.integers(0, 10, count, dtype=np.uint8)
    return found


def write(folder: Path, compressed: bool, **other: Any) -> Path:
    """Write the four files; `other` replaces contents."""
    for name, array in arrays().items():
        content = other.get(name, idx(array))
        path = folder / (f"{name}.gz" if compressed else name)
        path.write_bytes(gzip.compress(content, mtime=0) if compressed else content)
    return folder


@pytest.mark.parametrize("compressed", [False, True])
def test_the_arrays_come_back(compressed: bool, tmp_path: Path) -> None:
    expected = arrays()
    parts = load_data(write(tmp_path, compressed))
    for (x, y), (images, labels) in zip(parts, FILES.values(), strict=True):
        assert x.dtype == y.dtype == np.uint8
        np.testing.assert_array_equal(x, expected[images])
        np.testing.assert_array_equal(y, expected[labels])


@pytest.mark.parametrize("name", [name for pair in FILES.values() for name in pair])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    (write(tmp_path, True) / f"{name}.gz").unlink()
    with pytest.raises(tinyseg.InvalidInput, match=name):
        load_data(tmp_path)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_truncated_file_is_refused_wherever_it_ends(compressed: bool, tmp_path: Path) -> None:
    content = idx(arrays()["t10k-images-idx3-ubyte"])
    content = gzip.compress(content, mtime=0) if compressed else content
    path = tmp_path / ("file.gz" if compressed else "file")
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(tinyseg.InvalidInput, match="file"):
            read_idx(path)


SOUND = idx(np.arange(12, dtype=np.uint8).reshape(3, 4))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "not an idx file"),
        (b"\x01" + SOUND[1:], "not an idx file"),
        (SOUND[:2] + b"\x0d" + SOUND[3:], "not an idx file"),
        (SOUND[:3] + b"\x00" + SOUND[4:], "not an idx file"),
        (SOUND[:3] + b"\x07" + SOUND[4:], "not an idx file"),
        (SOUND + b"\x00", "expected 12 bytes"),
        (SOUND[:4] + b"\xff" * 8 + SOUND[12:], "expected 18446744065119617025 bytes"),
    ],
    ids=["empty", "first byte", "floats", "no axes", "seven axes", "too long", "huge"],
)
def test_another_format_is_refused(content: bytes, text: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(tinyseg.InvalidInput, match=text):
        read_idx(tmp_path / "file")


@pytest.mark.parametrize(
    "content",
    [b"plain, not gzip at all", gzip.compress(SOUND, mtime=0)[:-3], b"\x1f\x8b\x08" + bytes(30)],
    ids=["plain", "cut", "header alone"],
)
def test_a_damaged_gzip_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file.gz").write_bytes(content)
    with pytest.raises(tinyseg.InvalidInput, match=r"file\.gz"):
        read_idx(tmp_path / "file.gz")


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("train-labels-idx1-ubyte", np.arange(6, dtype=np.uint8)),
        ("train-labels-idx1-ubyte", np.zeros((7, 1), np.uint8)),
        ("t10k-images-idx3-ubyte", np.zeros((4, 9), np.uint8)),
    ],
    ids=["fewer labels", "labels with two axes", "images with two axes"],
)
def test_files_that_do_not_belong_together(name: str, array: Any, tmp_path: Path) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="one label per image"):
        load_data(write(tmp_path, False, **{name: idx(array)}))


def test_the_real_files() -> None:
    (x_train, y_train), (x_test, y_test) = load_data(real_data("mnist"))
    assert (x_train.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert x_train.mean() == pytest.approx(33.3184, abs=1e-3)
    assert x_test.mean() == pytest.approx(33.7912, abs=1e-3)
