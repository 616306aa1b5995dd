"""PNG, JPEG, WebP, BMP, GIF and JPEG 2000, by Pillow; and what Pillow gives for TIFF."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from .picture import MOST_PIXELS, Picture, check_size, grey_if_equal

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "JPEG2000")
"""The formats that are read: Pillow knows dozens more.

It goes by the content, not by the name: an EPS file would be given to another program to execute.
"""
MOST_PIXELS_PER_BYTE = {
    "JPEG": 1 << 10, "MPO": 1 << 10, "GIF": 1 << 13, "TIFF": 1 << 15, "WEBP": 1 << 17, "JPEG2000": 1 << 17,
    "BMP": 1 << 13
}  # fmt: skip
"""Most pixels in a byte of a file: a header that claims more is damaged.

Half a bit for each 8 x 8 block; a block of zstd, 128 KiB in 4 bytes. Their decoders
would take the memory all the same, and fill a JPEG up with grey. Pillow's decoder of PNG stops where the data do."""

DEEP_MODES = ("I;16", "I;16L", "I;16B", "I")
"""Pillow's names for grey images of 16 bits and more."""
GREY_MODES = ("1", "L", "LA", "F", *DEEP_MODES)

FEW_BITS = {"L;2": 85, "L;4": 17}
"""By what Pillow multiplies grey of 2 and 4 bits in PNG."""

LOWER_BYTE = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
"""Of colours of 16 bits per channel Pillow keeps the upper byte ("RGB;16B" from big-endian files).

The lower one comes when the same data are decoded in the
other order of bytes."""


def read(path: Path) -> Picture:
    """Read a file that is not TIFF."""
    from PIL import Image, ImageOps

    with Image.open(path, formats=FORMATS) as image:
        check_claim(path, image)
        frames = getattr(image, "n_frames", 1)
        if image.format != "MPO" and frames > 1:
            raise InvalidInput(
                f"{path}: expected one picture, got an animation of {frames} frames; save the frame that is meant as "
                "a PNG of its own"
            )
        depth, lossy = _jpeg_2000_depth(path, image), _loss(path, image)
        raw = coding(image) if image.format == "PNG" else ""
        if ";16" in raw and image.mode not in DEEP_MODES:
            return of_channels(path, all_bytes(path, "PNG"), 65535.0)
        upright = ImageOps.exif_transpose(image)  # a photo as one sees it, however the camera was held
        picture = of_mode(path, upright, depth)
        if image.format == "PNG" and image.mode == "I":  # so 16 bits come in Pillow 10.2, which Pyodide has
            picture.white = 65535.0
        picture.lossy, picture.palette_is_order = lossy, image.format != "GIF"
        if raw in FEW_BITS:
            picture.samples, picture.white = picture.samples // FEW_BITS[raw], 255.0 / FEW_BITS[raw]
        return picture


def is_grey(path: Path) -> bool:
    """Whether a file that is not TIFF is grey, by its header."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path, formats=FORMATS) as image:
            if image.mode == "P":
                return grey_if_equal(_palette(image)).ndim == 1
            return image.mode in GREY_MODES or coding(image) == "LA;16B"


def check_claim(path: Path, image: Image.Image) -> None:
    """Refuse a header that claims more than its file can hold."""
    width, height = image.size
    check_size(path, width, height)
    most = MOST_PIXELS_PER_BYTE.get(image.format or "", MOST_PIXELS)
    if width * height > most * path.stat().st_size and image.mode != "1":  # fax codes white for nothing
        raise InvalidInput(f"{path}: too short for an image of {width} x {height} pixels")


def of_mode(path: Path, image: Image.Image, depth: int = 8) -> Picture:
    """Return what an image of Pillow's holds, for each of its modes."""
    mode = image.mode
    if mode == "1":
        return Picture(path, np.asarray(image), 1.0)
    if mode in DEEP_MODES:
        samples = np.asarray(image)
        return Picture(path, samples, 65535.0 if mode != "I" or image.format == "PNG" else None)
    if mode == "F":
        return Picture(path, np.asarray(image), None)
    if mode == "P":
        palette = _palette(image)
        samples = np.asarray(image)
        if samples.size and samples.max() >= len(palette):
            palette = np.concatenate([palette, np.zeros((256 - len(palette), 3), np.uint8)])
        return Picture(path, samples, 255.0, palette=palette)
    if depth > 8:
        raise InvalidInput(
            f"{path}: a colour JPEG 2000 of {depth} bits per channel, of which only 8 could be read; save it as PNG "
            "or TIFF of 16 bits"
        )
    if mode in ("L", "LA", "RGB", "RGBA"):
        return of_channels(path, np.asarray(image), 255.0)
    return of_channels(path, np.asarray(image.convert("RGB")), 255.0)  # such as CMYK, YCbCr


def of_channels(path: Path, samples: Array, white: float | None) -> Picture:
    """Take alpha, the second or fourth channel, apart."""
    if samples.ndim == 2:
        return Picture(path, samples, white)
    color = samples[:, :, 0] if samples.shape[2] < 3 else samples[:, :, :3]
    return Picture(path, color, white, alpha=samples[:, :, -1] if samples.shape[2] in (2, 4) else None)


def _palette(image: Image.Image) -> Array:
    return np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)


def coding(image: Any) -> str:
    """Return how Pillow says that the samples are coded."""
    args = image.tile[0][3] if image.tile else ""
    return args if isinstance(args, str) else str(args[0]) if args else ""


def all_bytes(path: Path, file_format: str) -> Array:
    """Return the samples of a picture with 16 bits in each of several channels, (H, W, C) uint16, upright."""
    from PIL import Image

    with path.open("rb") as file:
        image = Image.open(file, formats=(file_format,))
        check_claim(path, image)
        raw = coding(image)
        if raw == "LA;16B":  # as many bytes as RGBA of 8 bits
            both = _decoded_as(image, "RGBA", "RGBA")
            return both[:, :, 0::2].astype(np.uint16) << 8 | both[:, :, 1::2]
        upper = _decoded_as(image, image.mode, raw)
        image = Image.open(file, formats=(file_format,))
        return upper.astype(np.uint16) << 8 | _decoded_as(image, image.mode, raw[:-1] + LOWER_BYTE[raw[-1]])


def _decoded_as(image: Any, mode: str, raw: str) -> Array:
    from PIL import ImageOps

    tile = list(image.tile[0])
    tile[3] = raw if isinstance(tile[3], str) else (raw, *tile[3][1:])
    image._mode, image.tile = mode, [type(image.tile[0])(*tile) if hasattr(image.tile[0], "_fields") else tuple(tile)]
    image.load()  # Pillow turns TIFF by its tag here
    return np.asarray(ImageOps.exif_transpose(image))


def _loss(path: Path, image: Image.Image) -> str:
    """Return why a format does not keep each value, or ""."""
    if image.format in ("JPEG", "MPO"):
        return "JPEG changes values near every edge"
    if image.format == "JPEG2000":
        return "JPEG 2000 changes values, or does not say that it has not"
    if image.format == "WEBP":
        with path.open("rb") as file:
            if b"VP8L" not in file.read(1 << 16):
                return "this WebP is lossy and changes values near every edge"
    return ""


def _jpeg_2000_depth(path: Path, image: Image.Image) -> int:
    """Return the bits per sample of a JPEG 2000 file; 8 for other formats."""
    if image.format != "JPEG2000":
        return 8
    with path.open("rb") as file:
        head = file.read(1 << 16)
    at = head.find(
        b"\xff\x4f\xff\x51"
    )  # start of the codestream, and the marker of its sizes; 40 bytes on: the depth of the first component
    return (head[at + 42] & 0x7F) + 1 if 0 <= at < len(head) - 42 else 8
