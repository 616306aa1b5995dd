"""Images and masks in files: every kind of file gives the right pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tinyseg
from tinyseg.datasets import default_colors, read_image, read_mask, write_image, write_mask

from .encoded import FILES, encode, encode_image, palette_image, pixels

COLORS = [(10, 20, 30), (250, 0, 5), (0, 240, 15), (3, 2, 255), (99, 98, 97)]
LUMA = np.array([0.299, 0.587, 0.114])


def unit(array: Any, top: float = 255.0) -> Any:
    """Return pixels as floats from 0 to 1, (H, W, C)."""
    array = np.asarray(array, np.float64) / top
    return array if array.ndim == 3 else array[:, :, None]


EXACT: dict[str, tuple[bytes, Any]] = {
    "grey PNG": (FILES["grey.png"], unit(pixels("grey"))),
    "grey TIFF": (FILES["grey.tif"], unit(pixels("grey"))),
    "RGB PNG": (FILES["rgb.png"], unit(pixels("rgb"))),
    "RGB TIFF, LZW": (FILES["rgb-lzw.tif"], unit(pixels("rgb"))),
    "RGB TIFF, deflate": (FILES["rgb-deflate.tif"], unit(pixels("rgb"))),
    "RGBA PNG: alpha is dropped": (FILES["rgba.png"], unit(pixels("rgba")[:, :, :3])),
    "grey PNG with alpha": (encode(pixels("la"), "PNG"), unit(pixels("la")[:, :, :1])),
    "16-bit PNG": (FILES["grey16.png"], unit(pixels("grey16"), 65535)),
    "16-bit TIFF": (FILES["grey16.tif"], unit(pixels("grey16"), 65535)),
    "16-bit big-endian TIFF": (encode(pixels("grey16").astype(">u2"), "TIFF"), unit(pixels("grey16"), 65535)),
    "palette PNG": (encode_image(palette_image(pixels("ids"), COLORS), "PNG"), unit(np.array(COLORS)[pixels("ids")])),
    "1-bit PNG": (FILES["bits.png"], unit(pixels("bits"), 1)),
    "1-bit TIFF": (encode(pixels("bits"), "TIFF"), unit(pixels("bits"), 1)),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXACT)
def test_images_give_their_pixels(kind: str, tmp_path: Path) -> None:
    content, expected = EXACT[kind]
    path = tmp_path / "image"
    path.write_bytes(content)
    image = read_image(path)
    assert image.dtype == np.float32
    assert image.flags.c_contiguous
    assert image.shape == expected.shape
    np.testing.assert_allclose(image, expected, atol=1e-6)


@pytest.mark.parametrize("kind", EXACT)
def test_channels_are_as_asked_for(kind: str, tmp_path: Path) -> None:
    content, expected = EXACT[kind]
    path = tmp_path / "image"
    path.write_bytes(content)
    grey = expected if expected.shape[2] == 1 else (expected @ LUMA)[:, :, None]
    np.testing.assert_allclose(read_image(path, 1), grey, atol=1e-6)
    colour = np.repeat(expected, 3, axis=2) if expected.shape[2] == 1 else expected
    np.testing.assert_allclose(read_image(path, channels=3), colour, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_comes_close(channels: int, tmp_path: Path) -> None:
    rows, columns = np.mgrid[:40, :31]
    smooth = np.stack([rows * 5, columns * 7, 200 - rows * 2], axis=-1).astype(np.uint8)[:, :, :channels]
    path = tmp_path / "image.jpeg"
    path.write_bytes(encode(smooth if channels == 3 else smooth[:, :, 0], "JPEG", quality=95, subsampling=0))
    image = read_image(path)
    assert image.shape == (40, 31, channels)
    np.testing.assert_allclose(image, smooth / 255, atol=0.03)


IDS = pixels("ids")
MASKS: dict[str, tuple[bytes, Any]] = {
    "grey PNG": (encode(IDS, "PNG"), IDS),
    "grey TIFF": (encode(IDS, "TIFF"), IDS),
    "16-bit PNG": (encode(IDS.astype(np.uint16), "PNG"), IDS),
    "16-bit TIFF": (encode(IDS.astype(np.uint16), "TIFF"), IDS),
    "16-bit big-endian TIFF": (encode(IDS.astype(">u2"), "TIFF"), IDS),
    "32-bit TIFF": (encode(IDS.astype(np.int32), "TIFF"), IDS),
    "palette PNG": (encode_image(palette_image(IDS, COLORS), "PNG"), IDS),
    "palette PNG of 4 bits a pixel": (encode_image(palette_image(IDS, COLORS), "PNG", bits=4), IDS),
    "palette PNG with transparency": (encode_image(palette_image(IDS, COLORS), "PNG", transparency=0), IDS),
    "palette TIFF": (encode_image(palette_image(IDS, COLORS), "TIFF"), IDS),
    "1-bit PNG": (FILES["bits.png"], pixels("bits").astype(np.uint8)),
    "RGB with equal channels": (encode(np.stack([IDS] * 3, axis=-1), "PNG"), IDS),
    "RGBA with equal channels": (encode(np.stack([*[IDS] * 3, IDS * 0 + 255], axis=-1), "PNG"), IDS),
    "grey PNG with alpha": (encode(np.stack([IDS, IDS * 0 + 255], axis=-1), "PNG"), IDS),
    "grey PNG with 255": (encode(np.where(IDS == 4, 255, IDS).astype(np.uint8), "PNG"), np.where(IDS == 4, 255, IDS)),
}  # fmt: skip


@pytest.mark.parametrize("kind", MASKS)
def test_masks_give_their_ids(kind: str, tmp_path: Path) -> None:
    content, expected = MASKS[kind]
    path = tmp_path / "mask"
    path.write_bytes(content)
    ids = read_mask(path)
    assert ids.dtype == np.uint8
    np.testing.assert_array_equal(ids, expected)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (FILES["rgb.png"], "colour image"),
        (FILES["rgb.jpg"], "colour image"),
        (encode(IDS.astype(np.uint16) + 300, "PNG"), "304"),
        (encode((IDS.astype(np.uint16) + 300).astype(">u2"), "TIFF"), "304"),
        (encode(IDS.astype(np.int32) + 70000, "TIFF"), "70004"),
        (encode(IDS.astype(np.int32) - 1, "TIFF"), "from 0 to 255"),
    ],
    ids=[
        "colours",
        "JPEG in colour",
        "16-bit ids above 255",
        "big-endian ids above 255",
        "32-bit ids above 255",
        "negative ids",
    ],
)
def test_masks_that_hold_no_ids_are_refused(content: bytes, text: str, tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(content)
    with pytest.raises(tinyseg.InvalidInput, match=text) as caught:
        read_mask(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("colors", [None, COLORS], ids=["default colours", "own colours"])
def test_a_written_mask_has_ids_and_colours(colors: list[tuple[int, int, int]] | None, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "mask.png"
    write_mask(path, IDS.T, colors)
    np.testing.assert_array_equal(read_mask(path), IDS.T)
    with Image.open(path) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "P", (13, 22))
        shown = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(shown, np.array(colors or default_colors(5))[IDS.T])
    assert [item.name for item in path.parent.iterdir()] == ["mask.png"]


def test_every_id_survives_in_a_written_mask(tmp_path: Path) -> None:
    ids = np.arange(256).reshape(8, 32)
    write_mask(tmp_path / "mask.png", ids)
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), ids)


@pytest.mark.parametrize(
    "ids",
    [np.full((3, 4), 256), np.full((3, 4), -1), np.zeros((3, 4, 1), int), np.full((3, 4), np.nan), np.full((3, 4), 0.5),
     [[0, 300]], np.zeros((0, 4), int)],
    ids=["256", "-1", "three axes", "NaN", "fractions", "a list", "empty"],
)  # fmt: skip
def test_what_is_no_mask_is_not_written(ids: Any, tmp_path: Path) -> None:
    write_mask(tmp_path / "mask.png", IDS)
    before = (tmp_path / "mask.png").read_bytes()
    with pytest.raises(tinyseg.InvalidInput, match="class ids"):
        write_mask(tmp_path / "mask.png", ids)
    assert (tmp_path / "mask.png").read_bytes() == before


@pytest.mark.parametrize("kind", ["grey", "rgb"])
@pytest.mark.parametrize("form", ["bytes", "floats", "non-contiguous", "float64"])
def test_written_images_come_back(kind: str, form: str, tmp_path: Path) -> None:
    array = pixels(kind)
    given = {
        "bytes": array,
        "floats": array.astype(np.float32) / np.float32(255),
        "float64": array / 255,
        "non-contiguous": np.asfortranarray(array)[::-1, ::-2],
    }[form]
    expected = array[::-1, ::-2] if form == "non-contiguous" else array
    write_image(tmp_path / "image.png", given)
    np.testing.assert_allclose(read_image(tmp_path / "image.png"), unit(expected), atol=1e-6)
    if kind == "grey":
        write_image(tmp_path / "again.png", given[:, :, None])
        assert (tmp_path / "again.png").read_bytes() == (tmp_path / "image.png").read_bytes()


def test_floats_are_clipped_and_rounded(tmp_path: Path) -> None:
    write_image(tmp_path / "image.png", np.array([[-0.5, 0.0, 0.3 / 255, 0.6 / 255, 0.9999, 1.5]]))
    with Image.open(tmp_path / "image.png") as image:
        assert np.asarray(image).tolist() == [[0, 0, 0, 1, 255, 255]]


@pytest.mark.parametrize("shape", [(5, 4, 2), (5,), (2, 5, 4, 3)])
def test_what_is_no_image_is_not_written(shape: tuple[int, ...], tmp_path: Path) -> None:
    with pytest.raises(tinyseg.InvalidInput):
        write_image(tmp_path / "image.png", np.full(shape, 0.5))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "values",
    [
        np.array([[0, 255]]),
        np.array([[0, 65535]], np.uint16),
        np.array([[0.0, 255.0]]),
        np.array([[np.nan, 0.5]]),
        np.array([[-9999.0, 0.5]]),
        np.array([[1j]]),
    ],
    ids=["int64", "uint16", "floats up to 255", "NaN", "no data", "complex"],
)
def test_pixels_that_would_all_be_cut_to_white_are_not_written(values: Any, tmp_path: Path) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="expected floats from 0"):
        write_image(tmp_path / "image.png", values)
    assert not list(tmp_path.iterdir())


def test_lists_are_written_as_arrays(tmp_path: Path) -> None:
    write_image(tmp_path / "image.png", [[0.0, 1.0]])  # type: ignore[arg-type]
    write_mask(tmp_path / "mask.png", [[0, 7]], COLORS)  # type: ignore[arg-type]
    assert read_image(tmp_path / "image.png").tolist() == [[[0.0], [1.0]]]
    assert read_mask(tmp_path / "mask.png").tolist() == [[0, 7]]


@pytest.mark.parametrize("colors", [[(0, 0)], [(0, 0, 256)], "red", [(0.5, 0, 0)], [0, 0, 0]])
def test_what_are_no_colours_is_refused(colors: Any, tmp_path: Path) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="colors: expected"):
        write_mask(tmp_path / "mask.png", IDS, colors)
    (tmp_path / "mask").write_bytes(FILES["rgb.png"])
    for given in (colors, dict.fromkeys(colors, 0), {(0, 0, 0): 300}, {0: (0, 0, 0)}):
        with pytest.raises(tinyseg.InvalidInput, match="colors: expected"):
            read_mask(tmp_path / "mask", given)


@pytest.mark.parametrize("channels", [0, 2, 4, "3", True, 1.5])
def test_channels_are_one_three_or_as_the_file(channels: Any, tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(FILES["rgb.png"])
    with pytest.raises(tinyseg.InvalidInput, match="channels: expected 1"):
        read_image(tmp_path / "image", channels)


@pytest.mark.parametrize("path", [None, 3, b"image.png", ["image.png"], np.zeros((2, 2))])
def test_what_is_no_path_is_refused(path: Any) -> None:
    for function in (read_image, read_mask, lambda path: write_mask(path, IDS)):
        with pytest.raises(tinyseg.InvalidInput, match="expected a path"):
            function(path)


def test_cmyk_is_read_from_tiff_as_from_jpeg(tmp_path: Path) -> None:
    image = Image.fromarray(pixels("rgb"))
    for options in ({}, {"compression": "tiff_lzw"}):
        (tmp_path / "image").write_bytes(encode_image(image.convert("CMYK"), "TIFF", **options))
        np.testing.assert_allclose(read_image(tmp_path / "image"), unit(pixels("rgb")), atol=1e-6)


def test_a_path_that_cannot_be_written_is_an_oserror_naming_it(tmp_path: Path) -> None:
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(OSError, match=r"taken\.png"):
        write_mask(tmp_path / "taken.png", IDS)
    assert [item.name for item in tmp_path.iterdir()] == ["taken.png"]


def test_a_photo_is_turned_as_its_camera_was_held(tmp_path: Path) -> None:
    """EXIF orientation 6: the stored rows are the columns that one sees, from right to left."""
    pixels = np.random.default_rng(0).integers(0, 256, (8, 16, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "photo.png", exif=exif)
    expected = np.rot90(pixels, -1) / np.float32(255)
    np.testing.assert_allclose(read_image(tmp_path / "photo.png"), expected, atol=1e-6)
