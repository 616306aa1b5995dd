"""The same scene means the same however it is stored.

What cannot be told with certainty is refused, with the file's name and the cure.
"""

from __future__ import annotations

import io
import itertools
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import numpy as np
import pytest
import tifffile
from PIL import Image

import tinyseg
from tinyseg.datasets import SegmentationFolder, read_image, read_mask, standardize, write_image, write_mask
from tinyseg.datasets.pictures import is_grey, read_picture
from tinyseg.segmentation import otsu_threshold, threshold

from .scenes import deep_png, ids, others, pillow, scene, stored_by, tiff, tiffs

STORED_AS_COLOUR = ("png grey as colour", "webp grey")
"""Grey scenes in files of three channels."""


def bright(path: Path) -> Any:
    """Return the mask of `tinyseg threshold`."""
    levels, _ = read_picture(path).levels()
    return threshold(levels, otsu_threshold(levels, bins=None))


@pytest.mark.parametrize("group", [tiffs, others])
def test_a_scene_is_the_same_however_it_is_stored(group: Callable[[], Any], tmp_path: Path) -> None:
    path, masks, inputs = tmp_path / "x", {}, {}
    for channels in (1, 3):
        path.write_bytes(pillow(scene(channels), "PNG"))
        masks[channels], inputs[channels] = bright(path), standardize(scene(channels).reshape(9, 14, channels) / 255)
    count = 0
    for name, content, stored in group():
        path.write_bytes(content)
        channels = 1 if name in STORED_AS_COLOUR else stored
        assert is_grey(path) == (stored == 1), name
        image = read_image(path, channels)
        np.testing.assert_array_equal(read_image(path).shape, (9, 14, stored), name)
        np.testing.assert_allclose(
            standardize(image), inputs[channels], atol=3e-3 if " f2 " in name else 1e-4, err_msg=name
        )
        np.testing.assert_array_equal(bright(path), masks[channels], name)
        if (
            "counts" not in name
            and "int32" not in name
            and not any(f" {kind} " in name for kind in ("i2", "i4", "i8", "u4", "u8"))
        ):
            np.testing.assert_allclose(image, scene(channels).reshape(image.shape) / 255, atol=1e-3, err_msg=name)
        count += 1
    assert count > 100


def test_a_grey_scene_in_colour_has_the_same_levels_to_the_bit(tmp_path: Path) -> None:
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    for array, top in ((levels, 65535), (levels.astype(np.uint8), 255)):
        (tmp_path / "x.png").write_bytes(
            deep_png(np.dstack([array] * 3)) if top > 255 else pillow(np.dstack([array] * 3), "PNG")
        )
        np.testing.assert_array_equal(
            read_image(tmp_path / "x.png", 1)[..., 0], array.astype(np.float32) / np.float32(top)
        )
        np.testing.assert_array_equal(read_picture(tmp_path / "x.png").levels()[0], array)


def test_all_16_bits_count(tmp_path: Path) -> None:
    """Levels that differ in the lower byte alone."""
    grey = 40000 + scene().astype(int) // 16
    for array in (grey.astype(np.uint16), np.dstack([grey] * 3).astype(np.uint16)):
        for name, content in (
            ("x.png", deep_png(array)),
            ("x.tif", tiff(array)),
            ("z.tif", tiff(array, compression="zlib")),
        ):
            (tmp_path / name).write_bytes(content)
            np.testing.assert_array_equal(np.rint(read_image(tmp_path / name, 1)[..., 0] * 65535), grey)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.float32([100, 160]), [0, 1]),
        (np.float64([271.2, 271.3]), [0, 1]),
        (np.int16([-1000, 40]), [0, 1]),
        (np.uint16([400, 460]), [0, 1]),
        (np.uint32([5, 2**31 + 7]), [0, 1]),
        (np.float32([1e-7, 3e-7]), [0, 1]),
    ],
    ids=["counts", "Kelvin", "Hounsfield", "12-bit camera", "beyond 2^31", "reflectance"],
)  # fmt: skip
def test_units_of_any_kind(values: Any, expected: list[int], tmp_path: Path) -> None:
    order = np.array([[0, 0, 1, 1], [0, 1, 1, 0]])
    (tmp_path / "x.tif").write_bytes(tiff(values[order]))
    np.testing.assert_array_equal(bright(tmp_path / "x.tif"), np.array(expected)[order])
    np.testing.assert_allclose(standardize(read_image(tmp_path / "x.tif"))[..., 0], order * 2.0 - 1, atol=1e-2)


# Masks ----------------------------------------------------------------------------------------------------------------


def masks() -> dict[str, bytes]:
    """Return the ids 0 to 3 in files of all kinds that keep them."""
    found = {}
    for dtype, order, orientation in itertools.product(
        ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"), "<>", (1, 6)
    ):
        for options in ({}, {"compression": "zlib"}, {"photometric": "miniswhite"}):
            content = tiff(stored_by(orientation, ids()).astype(dtype), orientation, byteorder=order, **options)
            found[f"tiff {dtype} {order} {options} turned {orientation}"] = content
    for orientation in range(1, 9):
        found[f"png turned {orientation}"] = pillow(stored_by(orientation, ids()), "PNG", orientation)
    deep, opaque = ids().astype(np.uint16), np.full(ids().shape, 65535, np.uint16)
    found["16-bit LA png"] = deep_png(np.dstack([deep, opaque]))
    found["16-bit RGB png"] = deep_png(np.dstack([deep] * 3))
    found["16-bit RGBA png"] = deep_png(np.dstack([deep] * 3 + [opaque]))
    found["16-bit RGB tiff"] = tiff(np.dstack([deep] * 3))
    found["planar RGB tiff"] = tiff(np.stack([deep] * 3), planarconfig="separate", photometric="rgb")
    found["16-bit LA tiff"] = tiff(
        np.dstack([deep, opaque]), extrasamples=["unassalpha"], photometric="minisblack", planarconfig="contig"
    )
    found["lossless webp"] = pillow(np.dstack([ids()] * 3), "WEBP", lossless=True)
    found["bmp"], found["gif of greys"] = pillow(ids(), "BMP"), pillow(ids(), "GIF")
    found["gif of few greys"] = pillow(Image.fromarray(ids()), "GIF", optimize=True)
    for bits in (2, 4):
        found[f"{bits}-bit grey png"] = few_bits_png(ids(), bits)
        found[f"{bits}-bit grey tiff"] = few_bits_tiff(ids(), bits, 1)
        found[f"{bits}-bit inverted tiff"] = few_bits_tiff(ids(), bits, 0)
    return found


def packed(array: Any, bits: int) -> list[bytes]:
    """Return rows of values of few bits."""
    size = 8 // bits
    wide = np.pad(array, ((0, 0), (0, -array.shape[1] % size)))
    return [
        sum(wide[:, k::size].astype(int) << (8 - bits * (k + 1)) for k in range(size)).astype(np.uint8)[r].tobytes()
        for r in range(len(array))
    ]  # type: ignore[union-attr]


def few_bits_png(array: Any, bits: int) -> bytes:
    """Return a grey PNG of 2 or 4 bits."""
    content = b"\x89PNG\r\n\x1a\n"
    head = struct.pack(">IIBBBBB", array.shape[1], array.shape[0], bits, 0, 0, 0, 0)
    rows = b"".join(b"\0" + row for row in packed(array, bits))
    for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return content


def few_bits_tiff(array: Any, bits: int, photometric: int) -> bytes:
    """Return a grey TIFF of 2 or 4 bits."""
    data = b"".join(packed(array, bits))
    tags = [
        (256, array.shape[1]),
        (257, array.shape[0]),
        (258, bits),
        (259, 1),
        (262, photometric),
        (273, 8 + 2 + 12 * 9 + 4),
        (277, 1),
        (278, array.shape[0]),
        (279, len(data)),
    ]
    return (
        b"II*\0"
        + struct.pack("<IH", 8, len(tags))
        + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
        + bytes(4)
        + data
    )


def test_masks_keep_their_stored_values(tmp_path: Path) -> None:
    for name, content in masks().items():
        (tmp_path / "mask").write_bytes(content)
        mask = read_mask(tmp_path / "mask")
        assert mask.dtype == np.uint8
        np.testing.assert_array_equal(mask, ids(), name)


def test_truth_values_mean_themselves(tmp_path: Path) -> None:
    """Bool is written as MinIsWhite by tifffile and imageio, and shown inverted by Pillow."""
    truth = ids() == 1
    tifffile.imwrite(tmp_path / "a.tif", truth)
    imageio.imwrite(tmp_path / "b.tif", truth)
    Image.fromarray(truth).save(tmp_path / "c.tif", compression="group4")
    Image.fromarray(truth).save(tmp_path / "d.png")
    for path in sorted(tmp_path.iterdir()):
        np.testing.assert_array_equal(read_mask(path) > 0, truth, path.name)


def test_few_bits_are_grey_levels_of_an_image(tmp_path: Path) -> None:
    for bits, content in ((2, few_bits_png), (4, few_bits_png), (2, lambda a, b: few_bits_tiff(a, b, 1))):
        (tmp_path / "x").write_bytes(content(ids(), bits))
        np.testing.assert_allclose(read_image(tmp_path / "x")[..., 0], ids() / (2**bits - 1), atol=1e-6)
    (tmp_path / "x").write_bytes(few_bits_tiff(ids(), 4, 0))
    np.testing.assert_allclose(read_image(tmp_path / "x")[..., 0], 1 - ids() / 15, atol=1e-6)


def marked(value: float, dtype: Any = np.float32) -> Any:
    """Return the mask with one other value."""
    array = ids().astype(dtype)
    array[3, 4] = value
    return array


REFUSED_MASKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a fraction": (lambda: tiff(marked(1.7)), "whole numbers, got 1.7"),
    "NaN": (lambda: tiff(marked(np.nan)), "whole numbers, got nan"),
    "nodata": (lambda: tiff(marked(-9999)), "down to -9999; write 255"),
    "300": (lambda: tiff(marked(300)), "up to 300"),
    "negative int64": (lambda: tiff(marked(-1, np.int64)), "down to -1"),
    "2^63": (lambda: tiff(marked(2**63, np.uint64)), "from 0 to 255"),
    "white of 16 bits": (lambda: pillow(np.where(ids() > 0, 65535, 0).astype(np.uint16), "PNG"), "write 1 for 65535"),
    "JPEG": (lambda: pillow(ids(), "JPEG"), "JPEG changes values"),
    "lossy WebP": (lambda: pillow(np.dstack([ids()] * 3), "WEBP"), "lossy"),
    "JPEG 2000": (lambda: pillow(ids(), "JPEG2000", quality_mode="rates", quality_layers=[20]), "JPEG 2000"),
    "JPEG in TIFF": (lambda: pillow(ids(), "TIFF", compression="jpeg"), "JPEG may change values"),
    "a mask in alpha": (lambda: pillow(np.dstack([ids() * 0] * 3 + [ids() * 85]), "PNG"), "only their transparency"),
    "two pages": (lambda: tiff(np.stack([ids(), ids()])), "stack of 2 pages"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED_MASKS)
def test_masks_without_certain_ids_are_refused(kind: str, tmp_path: Path) -> None:
    content, text = REFUSED_MASKS[kind]
    (tmp_path / "mask.tif").write_bytes(content())
    with pytest.raises(tinyseg.InvalidInput, match=text) as caught:
        read_mask(tmp_path / "mask.tif")
    assert str(tmp_path / "mask.tif") in str(caught.value)


def animation(file_format: str) -> bytes:
    """Return two frames."""
    buffer = io.BytesIO()
    frames = [Image.fromarray(scene()), Image.fromarray(255 - scene())]
    frames[0].save(buffer, file_format, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def with_overview() -> bytes:
    """Return a picture, and a smaller version of it."""
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(scene(), metadata=None)
        writer.write(scene()[::2, ::2], subfiletype=1, metadata=None)
    return buffer.getvalue()


REFUSED_IMAGES: dict[str, tuple[Callable[[], bytes], str]] = {
    "pages": (lambda: tiff(np.stack([scene()] * 3), photometric="minisblack"), "stack of 3 pages.*imread"),
    "ImageJ's stack": (lambda: stack_of_imagej(), "stack of 4 pages"),
    "GIF": (lambda: animation("GIF"), "animation of 2 frames"),
    "APNG": (lambda: animation("PNG"), "animation of 2 frames"),
    "WebP": (lambda: animation("WEBP"), "animation of 2 frames"),
    "NaN": (lambda: tiff(marked(np.nan)), "NaN.*1 pixels.*nanmedian"),
    "nodata": (lambda: tiff(marked(-9999)), "'no data'"),
    "declared nodata": (lambda: tiff(marked(77), tags=[(42113, "s", 0, "77", True)]), "holds 77 .*'no data'"),
    "the lowest float": (lambda: tiff(marked(np.finfo(np.float32).min)), "'no data'"),
    "complex": (lambda: tiff(ids().astype(np.complex64)), "COMPLEXIEEEFP"),
    "five bands": (lambda: tiff(np.dstack([scene()] * 5), photometric="minisblack", planarconfig="contig"),
        "5 channels"),
    "a fourth band": (lambda: tiff(np.dstack([scene()] * 4), photometric="rgb", extrasamples=["unspecified"]),
        "not marked as alpha"),
    "too close for float32": (lambda: tiff(2**30 + scene().astype(np.int64)), "subtract the smallest"),
}  # fmt: skip


def stack_of_imagej() -> bytes:
    """Return four pages of which one directory tells."""
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.stack([scene()] * 4), imagej=True)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", REFUSED_IMAGES)
def test_images_without_certain_meaning_are_refused(kind: str, tmp_path: Path) -> None:
    content, text = REFUSED_IMAGES[kind]
    (tmp_path / "image.tif").write_bytes(content())
    with pytest.raises(tinyseg.InvalidInput, match=text) as caught:
        read_image(tmp_path / "image.tif")
    assert str(tmp_path / "image.tif") in str(caught.value)


def test_overviews_are_no_pages(tmp_path: Path) -> None:
    (tmp_path / "x.tif").write_bytes(with_overview())
    np.testing.assert_allclose(read_image(tmp_path / "x.tif")[..., 0], scene() / 255, atol=1e-6)


def test_what_a_compression_needs_is_named(tmp_path: Path) -> None:
    content = bytearray(tiff(np.dstack([scene().astype(np.float32)] * 3), photometric="rgb", compression="zlib"))
    at = content.find(struct.pack("<HHI", 259, 3, 1))
    content[at + 8 : at + 10] = struct.pack("<H", 34887)  # LERC
    (tmp_path / "x.tif").write_bytes(content)
    with pytest.raises(
        tinyseg.InvalidInput, match=r"x\.tif: 3 channels of 32 bits compressed by LERC need .*pip install imagecodecs"
    ):
        read_image(tmp_path / "x.tif")


# Folders --------------------------------------------------------------------------------------------------------------


def folder(root: Path, *values: Any, split: str = "train", first: int = 0) -> Path:
    """Write masks and images of their sizes."""
    for k, mask in enumerate(values, start=first):
        write_mask(root / split / "masks" / f"{k}.png", np.asarray(mask, np.uint8))
        write_image(root / split / "images" / f"{k}.png", np.zeros(np.shape(mask)))
    return root


def test_image_and_mask_are_turned_alike(tmp_path: Path) -> None:
    folder(tmp_path, ids())
    (tmp_path / "train/images/0.png").write_bytes(pillow(stored_by(6, ids() * 80), "PNG", 6))
    (tmp_path / "train/masks/0.png").write_bytes(pillow(stored_by(6, ids()), "PNG", 6))
    image, mask = SegmentationFolder(tmp_path).samples("train")[0]
    np.testing.assert_array_equal(mask, ids())
    np.testing.assert_allclose(image[..., 0], ids() * 80 / 255, atol=1e-6)


def test_values_that_are_no_classes_are_refused(tmp_path: Path) -> None:
    for name, values, text in (
        ("void", [np.arange(172).reshape(4, 43), np.full((4, 43), 255)], "ignore_class = 255"),
        ("smooth", [np.linspace(0, 255, 300).reshape(10, 30)], "smoothing"),
        ("objects", [np.arange(12).reshape(3, 4), np.arange(31).reshape(1, 31)], r"instances.*classes = \["),
    ):
        with pytest.raises(tinyseg.InvalidInput, match=text) as caught:
            SegmentationFolder(folder(tmp_path / name, *values))
        assert str(tmp_path / name) in str(caught.value)
    (tmp_path / "objects/dataset.toml").write_text(f"classes = {[f'c{k}' for k in range(31)]}", "utf-8")
    assert SegmentationFolder(tmp_path / "objects").num_classes == 31


@pytest.mark.parametrize("named", [False, True])
def test_classes_that_never_occur_in_train_are_said(named: bool, tmp_path: Path) -> None:
    folder(tmp_path, ids() % 2)
    stray = ids() % 2
    stray[2, 2] = 7
    folder(tmp_path, stray, split="val")
    if named:
        (tmp_path / "dataset.toml").write_text(f"classes = {[f'class {k}' for k in range(8)]}", "utf-8")
    (remark,) = SegmentationFolder(tmp_path).remarks()
    assert "6 of 8 classes never occur in train/" in remark
    assert f"class 7 (7) has 1 pixels in val/, such as in {tmp_path / 'val/masks/0.png'}" in remark
    assert SegmentationFolder(folder(tmp_path / "b", ids())).remarks() == []


COLORS = [(0, 0, 0), (255, 160, 0), (0, 40, 200), (90, 90, 90)]


@pytest.mark.parametrize("form", ["png", "16-bit-free tiff", "rgba", "bmp", "webp", "gif"])
def test_colours_are_classes(form: str, tmp_path: Path) -> None:
    folder(tmp_path, ids(), ids() * 0)
    for k, mask in enumerate((ids(), ids() * 0)):
        shown = np.array(COLORS, np.uint8)[mask]
        content = {
            "png": lambda a: pillow(a, "PNG"),
            "16-bit-free tiff": lambda a: pillow(a, "TIFF", compression="tiff_lzw"),
            "rgba": lambda a: pillow(np.dstack([a, a[..., 0] * 0 + 255]), "PNG"),
            "bmp": lambda a: pillow(a, "BMP"),
            "webp": lambda a: pillow(a, "WEBP", lossless=True),
            "gif": lambda a: pillow(a, "GIF"),
        }[form](shown)
        (tmp_path / f"train/masks/{k}.png").write_bytes(content)
    (tmp_path / "dataset.toml").write_text(f"colors = {[list(color) for color in COLORS]}", "utf-8")
    dataset = SegmentationFolder(tmp_path)
    assert dataset.num_classes == 4
    samples = dataset.samples("train")
    np.testing.assert_array_equal(samples[0][1], ids())
    np.testing.assert_array_equal(samples[1][1], ids() * 0)


def test_colours_of_no_class_are_named_with_their_number_and_file(tmp_path: Path) -> None:
    folder(tmp_path, ids())
    shown = np.array(COLORS, np.uint8)[ids()]
    shown[0, :3] = (1, 2, 3)
    path = tmp_path / "train/masks/0.png"
    path.write_bytes(pillow(shown, "PNG"))
    (tmp_path / "dataset.toml").write_text(
        f"classes = ['a', 'b', 'c', 'd']\ncolors = {[list(color) for color in COLORS]}", "utf-8"
    )
    with pytest.raises(tinyseg.InvalidInput, match=r"\[1, 2, 3\] in 3 pixels.*ignore_color") as caught:
        SegmentationFolder(tmp_path).samples("train")[0]
    assert str(path) in str(caught.value)
    with (tmp_path / "dataset.toml").open("a", encoding="utf-8") as file:
        file.write("\nignore_color = [1, 2, 3]")
    mask = SegmentationFolder(tmp_path).samples("train")[0][1]
    assert (mask[0, :3] == 255).all()
    np.testing.assert_array_equal(mask[1:], ids()[1:])


def test_names_pair_as_they_are_read(tmp_path: Path) -> None:
    """A name with an accent in one character, and in two; a sub-folder; a byte-order mark."""
    folder(tmp_path, ids())
    name = "caf\u00e9"
    (tmp_path / "train/images/0.png").rename(tmp_path / "train/images" / unicodedata.normalize("NFC", f"{name}.png"))
    (tmp_path / "train/masks/0.png").rename(tmp_path / "train/masks" / unicodedata.normalize("NFD", f"{name}.png"))
    for kind in ("images", "masks"):
        (tmp_path / "train" / kind / "deeper").mkdir()
        Image.fromarray(ids()).save(tmp_path / "train" / kind / "deeper" / f"{name}.bmp")
    (tmp_path / "dataset.toml").write_bytes(b"\xef\xbb\xbfclasses = ['a', 'b', 'c', 'd']\r\n")
    samples = SegmentationFolder(tmp_path).samples("train")
    assert len(samples) == 2
    for k in range(2):
        np.testing.assert_array_equal(samples[k][1], ids())


def test_a_partner_of_an_unknown_kind_is_named(tmp_path: Path) -> None:
    folder(tmp_path, ids())
    (tmp_path / "train/images/0.png").rename(tmp_path / "train/images/0.heic")
    with pytest.raises(
        tinyseg.InvalidInput, match=r"expected an image of the same base name.*0\.heic is there, but \.heic is not read"
    ):
        SegmentationFolder(tmp_path)


def test_images_are_opened_in_one_place() -> None:
    package = Path(tinyseg.__file__).parent
    opening = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(r"Image\.open|imread|TiffFile\(", path.read_text("utf-8"))
    }
    assert opening == {"datasets/pictures/pillow_files.py", "datasets/pictures/tiff.py"}
