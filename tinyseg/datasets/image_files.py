"""Images and masks in files: PNG, JPEG, TIFF in; PNG out."""

from __future__ import annotations

import os
import warnings

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.files import atomic_path, existing_file

from .palette import Color, default_colors

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
LARGEST_SIDE = 32768
"""A header that claims more is taken for damage: reading would need gigabytes."""
MOST_PIXELS = 1 << 28
FORMATS = ("PNG", "JPEG", "TIFF")
"""Pillow knows dozens more, and goes by the content, not by the name: an EPS file would be given to another program to execute."""
MOST_PIXELS_PER_BYTE = {"JPEG": 1 << 10, "MPO": 1 << 10, "TIFF": 1 << 15}
"""No file of the format holds more (half a bit per 8 x 8 block; a block of zstd, 128 KiB in 4 bytes); a header that claims more is damaged. Their decoders
would take the memory all the same, and fill a JPEG up with grey. Pillow's decoder of PNG stops where the data do."""

DEEP_MODES = ("I;16", "I;16L", "I;16B", "I")
"""Pillow's names for grey images of 16 bits and more."""
GREY_MODES = ("L", "LA", "1", "F", *DEEP_MODES)


def read_image(path: str | os.PathLike[str], channels: int | None = None) -> Array:
    """Read an image as float32 from 0 to 1.

    Args:
        path: A PNG, JPEG or TIFF file; grey or colour, 8 or 16 bits.
        channels: 1 (colour is turned into grey), 3 (grey is repeated), or None: 1 for grey files and 3 for others.

    Returns:
        (H, W, channels).

    Raises:
        InvalidInput: No such file, or not a readable image; the text names the file.
    """
    pixels = _read(path, palette_as_ids=False)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if channels == 1 and pixels.shape[2] == 3:
        pixels = pixels @ np.array([[0.299], [0.587], [0.114]], np.float32)  # luma of ITU-R BT.601, as Pillow's "L"
    elif channels == 3 and pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return np.ascontiguousarray(pixels, dtype=np.float32)


def is_grey(path: str | os.PathLike[str]) -> bool:
    """Whether an image file is grey, by its header; a file that cannot be read counts as grey, and fails when it is read."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(existing_file(path), formats=FORMATS) as image:
                return image.mode in GREY_MODES
    except Exception:  # as in _read
        return True


def read_mask(path: str | os.PathLike[str]) -> Array:
    """Read a mask as class ids, (H, W) uint8: the palette's index, or the grey value itself.

    Raises:
        InvalidInput: No such file, not a readable image, or a colour image, whose colours say nothing of class ids.
    """
    ids = _read(path, palette_as_ids=True)
    if ids.ndim == 3 and (ids == ids[:, :, :1]).all():
        ids = ids[:, :, 0]
    if ids.ndim == 3:
        raise InvalidInput(
            f"{path}: expected a mask of class ids (palette PNG or grey image), got a colour image; "
            "save the index of each pixel's class instead of its colour"
        )
    if ids.min(initial=0) < 0 or ids.max(initial=0) > 255:
        below = f" and down to {ids.min()}" if ids.min() < 0 else ""
        raise InvalidInput(f"{path}: expected class ids from 0 to 255, got values up to {ids.max()}{below}")
    return ids.astype(np.uint8)


def _read(path: str | os.PathLike[str], *, palette_as_ids: bool) -> Array:
    """Return pixels as stored ids, or as float32 from 0 to 1; (H, W) or (H, W, 3)."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    path = existing_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of damage that can be read around; of large sizes, which are checked below
            with Image.open(path, formats=FORMATS) as image:
                width, height = image.size
                if max(width, height) > LARGEST_SIDE or width * height > MOST_PIXELS:
                    raise InvalidInput(f"{path}: an image of {width} x {height} pixels is too large to be read")
                most = MOST_PIXELS_PER_BYTE.get(image.format or "", MOST_PIXELS)
                if width * height > most * path.stat().st_size and image.mode != "1":  # fax codes white for nothing
                    raise InvalidInput(f"{path}: too short for an image of {width} x {height} pixels")
                if palette_as_ids:
                    return np.asarray(image if image.mode in ("P", "L", "1", *DEEP_MODES) else image.convert("RGB"))
                if image.mode in DEEP_MODES:
                    return np.asarray(image).astype(np.float32) / np.float32(65535)
                if image.mode == "F":
                    values = np.asarray(image)
                    if not np.isfinite(values).all():
                        raise InvalidInput(f"{path}: the image contains NaN or infinity")
                    return values
                grey = image.mode in GREY_MODES
                upright = ImageOps.exif_transpose(image)  # a photo as one sees it, however the camera was held
                values = np.asarray(upright.convert("L" if grey else "RGB")).astype(np.float32)
                values /= 255  # in place: of a large image there is one copy less
                return values
    except InvalidInput:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InvalidInput(f"{path}: not a readable image ({error})") from error
    except Exception as error:  # damaged files make Pillow's decoders raise whatever Python has
        raise InvalidInput(f"{path}: a damaged image, perhaps truncated ({error})") from error


def write_mask(path: str | os.PathLike[str], ids: Array, colors: list[Color] | None = None) -> None:
    """Write class ids (H, W) as a palette PNG: viewers show the colours, programs read the ids. Whole or not at all."""
    from PIL import Image

    if ids.ndim != 2 or ids.dtype.kind not in "iub" or ids.min(initial=0) < 0 or ids.max(initial=0) > 255:
        raise InvalidInput(f"{path}: expected class ids (H, W) from 0 to 255, got shape {ids.shape} of {ids.dtype}")
    image = Image.fromarray(ids.astype(np.uint8))
    image.putpalette([value for color in colors or default_colors(256) for value in color])
    with atomic_path(path) as temporary:
        image.save(temporary, format="PNG")


def write_image(path: str | os.PathLike[str], pixels: Array) -> None:
    """Write pixels (H, W), (H, W, 1) or (H, W, 3), floats from 0 to 1 or bytes, as a PNG. Whole or not at all."""
    from PIL import Image

    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (1, 3)) or 0 in pixels.shape:
        raise InvalidInput(f"{path}: expected pixels (H, W), (H, W, 1) or (H, W, 3), got shape {pixels.shape}")
    if pixels.dtype != np.uint8:
        pixels = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    with atomic_path(path) as temporary:
        Image.fromarray(np.ascontiguousarray(pixels)).save(temporary, format="PNG")
