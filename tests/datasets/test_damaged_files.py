"""Files that are missing, cut, flipped or huge end in an InvalidInput that names them.

No other exception comes through.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.datasets import read_image, read_mask

from .encoded import FILES, png_claiming

READERS = [read_image, read_mask]
FLIPS = 150


def outcome(reader: Callable[[Path], Any], path: Path) -> Any:
    """Return what a reader gives: an array, or None for an InvalidInput that names the file.

    Any other exception comes through.
    """
    try:
        return reader(path)
    except tinyseg.InvalidInput as error:
        text = str(error)
    assert str(path) in text
    assert len(text.splitlines()) == 1
    return None


def assert_sound(array: Any) -> None:
    """Check what every image or mask fulfils."""
    assert array.size > 0
    if array.dtype == np.uint8:
        assert array.ndim == 2
    else:
        assert array.dtype == np.float32
        assert array.shape[2] in (1, 3)
        assert array.min() >= 0
        assert array.max() <= 1


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("name", "text"),
    [("absent.png", "no such file"), ("folder.png", "folder"), ("empty.png", "readable"), ("text.png", "readable")]
)  # fmt: skip
def test_what_is_no_image_file(reader: Callable[[Path], Any], name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("not an image\n" * 20)
    with pytest.raises(tinyseg.InvalidInput, match=text) as caught:
        reader(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("size", [(100_000, 100_000), (40_000, 8), (16_000, 16_800)])
def test_a_header_that_claims_too_much(reader: Callable[[Path], Any], size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png_claiming(*size))
    assert outcome(reader, path) is None


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("size", [(4000, 3000), (0, 5)])
def test_a_header_that_claims_other_than_there_is(
    reader: Callable[[Path], Any], size: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "short.png"
    path.write_bytes(png_claiming(*size))
    assert outcome(reader, path) is None


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short(name: str, tmp_path: Path) -> None:
    """Without most of its data a file is refused; cut near its end it may still be whole."""
    content, path = FILES[name], tmp_path / name
    lengths = np.unique(np.r_[:24, np.linspace(24, len(content) - 1, 60).astype(int)])
    for length in lengths:
        path.write_bytes(content[:length])
        for reader in READERS:
            found = outcome(reader, path)
            if length < len(content) // 2:
                assert found is None, (
                    f"{reader.__name__} read a file of which {length} of {len(content)} bytes were left"
                )
            elif found is not None:
                assert_sound(found)


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_flipped_bits(name: str, tmp_path: Path) -> None:
    """Half of the flips hit the first 100 bytes, where the header is."""
    path, rng = tmp_path / name, np.random.default_rng(zlib.crc32(name.encode()))
    for k in range(FLIPS):
        content = bytearray(FILES[name])
        for _ in range(1 + k % 3):
            position = int(rng.integers(min(100, len(content)) if k % 2 else len(content)))
            content[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(content)
        for reader in READERS:
            found = outcome(reader, path)
            if found is not None:
                assert_sound(found)
