"""TIFF: tifffile reads what the tags say, and the samples where Pillow cannot, or guesses.

Pillow decodes up to 8 bits per sample, and grey of 16 bits: there it is exact, and knows every compression. All else
(16-bit colour, planar samples, floats, signed and wide integers) tifffile decodes; for LZW and other compressions it
needs the package imagecodecs, unless Pillow can decode them in one channel.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from . import pillow_files
from .picture import Picture, check_size

if TYPE_CHECKING:
    from tifffile import TiffPage

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

LOSSLESS = {1, 2, 3, 4, 5, 8, 32771, 32773, 32809, 32946, 34925, 34926, 34933, 50000}
"""Numbers of the compressions that keep each value.

None, fax, LZW, Deflate, PackBits, ThunderScan, LZMA, PNG, Zstandard.
"""
WITH_DIFFERENCES = {5, 8, 32946, 34925, 50000}
"""Compressions for which libtiff, and so Pillow, adds up the differences that the tag Predictor announces."""
JPEG = {6, 7}
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
GDAL_NO_DATA = 42113
REDUCED_OR_MASK = 1 | 4
"""Bits of NewSubfileType for what is no picture of its own.

A smaller version of a picture (thumbnail, overview), and a transparency mask.
"""

MOST_OVERVIEWS = 32
"""Each has half of the size."""

PILLOW_DTYPES = {("i", 8), ("u", 16), ("i", 16), ("u", 32), ("i", 32), ("f", 32)}
"""Of one channel, besides up to 8 bits: what Pillow decodes exactly."""

_reading: ContextVar[bool] = ContextVar("_reading", default=False)


def is_tiff(path: Path) -> bool:
    """Whether a file begins as TIFF does."""
    with path.open("rb") as file:
        return file.read(4) in MAGIC


def read(path: Path) -> Picture:
    """Read a file."""
    with _opened(path) as file:
        page = _only_page(path, file)
        bits, channels = _layout(path, page)
        lossless = page.compression in LOSSLESS
        if page.photometric in (CMYK, YCBCR) or page.compression in JPEG:
            if bits != 8:
                raise InvalidInput(f"{path}: {_name(page.photometric)} of {bits} bits is not read; save it as RGB")
            image = _by_pillow(path)
            if image is None:
                raise InvalidInput(
                    f"{path}: {_name(page.photometric)} compressed by {_name(page.compression)} is not read; save it "
                    "as RGB"
                )
            picture = pillow_files.of_mode(path, image)
        elif page.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE):
            picture = _of_samples(path, page, bits, channels)
        else:
            raise InvalidInput(
                f"{path}: colours of the kind {_name(page.photometric)} are not read; save it as grey or RGB"
            )
        picture.lossy = "" if lossless else f"a TIFF with {_name(page.compression)} may change values near every edge"
        return picture


def is_grey(path: Path) -> bool:
    """Whether a file is grey, by its header."""
    with _opened(path) as file:
        page = file.pages[0]
        if page.photometric == PALETTE:
            colors = np.asarray(page.colormap)
            return bool((colors == colors[:1]).all())
        return page.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO)


# What the tags say ---------------------------------------------------------------------------------------------------


def _only_page(path: Path, file: Any) -> Any:
    """Return the page; refuse stacks."""
    page = file.pages[0]
    # To begin with: it notices directories that lead in a circle, and going through them would not.
    pages = len(file.pages)
    if 1 < pages <= MOST_OVERVIEWS:
        pages = sum(1 for item in file.pages if not int(getattr(item, "subfiletype", 0)) & REDUCED_OR_MASK)
    within = int(page.imagedepth) if pages == 1 else 1
    if file.is_imagej:
        within = max(within, int((file.imagej_metadata or {}).get("images", 1)))
    if pages * within > 1:
        raise InvalidInput(
            f"{path}: expected one picture, got a stack of {max(pages, within)} pages; save the page that is meant "
            "as a file of its own, such as by tifffile.imwrite('page0.tif', tifffile.imread(path, key=0)), or "
            "colour channels as one RGB page"
        )
    check_size(path, int(page.imagewidth), int(page.imagelength))
    size = path.stat().st_size
    for start, length in zip(page.dataoffsets, page.databytecounts, strict=True):
        if length == 0 or start + length > size:
            raise InvalidInput(f"{path}: a damaged image, perhaps truncated (its data end beyond the file)")
    return page


def _layout(path: Path, page: TiffPage) -> tuple[int, int]:
    """Return the bits per sample and the number of channels that are no alpha."""
    bits, channels = page.bitspersample, int(page.samplesperpixel)
    if not isinstance(bits, int) or page.sampleformat not in (1, 2, 3, 4):
        raise InvalidInput(
            f"{path}: samples of {bits} bits of the kind {_name(page.sampleformat)} are not read; save it with 8, 16 "
            "or 32 bits"
        )
    extras = [int(item) for item in page.extrasamples]
    color = channels - len(extras)
    if color not in ((4,) if page.photometric == CMYK else (1, 3)) or len(extras) > 1 or extras == [0]:
        raise InvalidInput(
            f"{path}: expected grey or red, green, blue, perhaps with alpha, got {channels} channels, of which "
            f"{len(extras)} are {'not marked as alpha' if extras else 'extra'}; choose the channels that are meant, "
            "and save them as grey or RGB"
        )
    if (page.photometric == RGB) != (color == 3) and page.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE):
        raise InvalidInput(f"{path}: {color} channels do not fit colours of the kind {_name(page.photometric)}")
    return bits, color


def _name(code: object) -> str:
    return str(getattr(code, "name", code))


# Samples --------------------------------------------------------------------------------------------------------------


def _of_samples(path: Path, page: TiffPage, bits: int, color: int) -> Picture:
    """Read samples as they are stored, and take alpha apart."""
    kind = {1: "u", 2: "i", 3: "f", 4: "u"}[int(page.sampleformat)]
    samples = _samples(path, page, kind, bits)
    white = float(2**bits - 1) if kind == "u" and bits <= 16 else None
    picture = pillow_files.of_channels(path, samples, white)
    if samples.ndim == 3 and color == 1:
        picture.samples, picture.alpha = samples[:, :, 0], samples[:, :, 1]
    picture.inverted = page.photometric == WHITE_IS_ZERO
    picture.premultiplied = bits > 8 and [int(item) for item in page.extrasamples] == [1]  # of bytes Pillow has divided
    if page.photometric == PALETTE:
        picture.palette = (np.asarray(page.colormap).T >> 8).astype(np.uint8)
    if GDAL_NO_DATA in page.tags:
        try:
            picture.no_data = float(page.tags[GDAL_NO_DATA].value)
        except ValueError:
            picture.no_data = None
    return picture


def _samples(path: Path, page: TiffPage, kind: str, bits: int) -> Array:
    """Return (H, W) or (H, W, C) as stored, upright."""
    from tifffile import TIFF

    chunky = page.planarconfig == 1 or page.samplesperpixel == 1
    differences = page.predictor != 1 and page.compression not in WITH_DIFFERENCES  # which Pillow would take for values
    if kind == "u" and chunky and not differences and (bits <= 8 or (bits <= 16 and page.samplesperpixel == 1)):
        image = _by_pillow(path)
        if image is not None:
            return _undone(np.asarray(image), page, bits)
    known = page.compression in TIFF.DECOMPRESSORS and page.predictor in TIFF.UNPREDICTORS
    if known and (bits % 8 == 0 or find_spec("imagecodecs") is not None):
        _refuse_bombs(path, page)
        samples = page.asarray(maxworkers=1)
        if page.planarconfig == 2 and samples.ndim == 3:
            samples = np.moveaxis(samples, 0, -1)
        return _upright(samples, page.tags[274].value if 274 in page.tags else 1)
    if page.samplesperpixel == 1 and (kind, bits) in PILLOW_DTYPES:
        image = _by_pillow(path)
        if image is not None:
            return np.asarray(image).astype(f"{kind}{bits // 8}", casting="unsafe")  # Pillow holds uint32 as int32
    if chunky and kind == "u" and bits == 16 and page.photometric == RGB and not page.extrasamples:
        return pillow_files.all_bytes(path, "TIFF")
    raise InvalidInput(
        f"{path}: {page.samplesperpixel} channels of {bits} bits compressed by {_name(page.compression)} need the "
        "package imagecodecs: pip install imagecodecs; or save it without compression, or with Deflate"
    )


def _by_pillow(path: Path) -> Any:
    """Return Pillow's image, loaded and upright; None for samples of a kind that Pillow does not know."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    # From an open file: given a name, Pillow maps uncompressed files into memory, and mixes up rows and columns of
    # those with Orientation 5 to 8.
    with path.open("rb") as file:
        try:
            image = Image.open(file, formats=("TIFF",))
        except UnidentifiedImageError:
            return None
        pillow_files.check_claim(path, image)
        image.load()  # turns it by its tag, and drops the tag
        return ImageOps.exif_transpose(image)


def _undone(samples: Array, page: TiffPage, bits: int) -> Array:
    """Return samples as stored, from what Pillow makes of them: black is zero, and few bits are stretched to a byte."""
    if page.photometric == WHITE_IS_ZERO and bits <= 8:
        samples = ~samples  # for bool and bytes alike
    return samples if bits not in (2, 4) or page.photometric == PALETTE else samples // (255 // (2**bits - 1))


def _refuse_bombs(path: Path, page: Any) -> None:
    """Refuse data that unpack to more than the picture has."""
    import zlib

    if page.compression not in (8, 32946):
        return
    rows = int(page.rowsperstrip if not page.is_tiled else page.tilelength)
    columns = int(page.imagewidth if not page.is_tiled else page.tilewidth)
    expected = (
        min(rows, max(int(page.imagelength), rows if page.is_tiled else 0))
        * columns
        * int(page.samplesperpixel)
        * page.dtype.itemsize
    )
    with path.open("rb") as file:
        for start, length in zip(page.dataoffsets, page.databytecounts, strict=True):
            file.seek(start)
            unpacking = zlib.decompressobj()
            unpacking.decompress(file.read(length), expected + 1)
            if unpacking.unconsumed_tail and not unpacking.eof:
                raise InvalidInput(f"{path}: a damaged image (its data unpack to more than its size)")


def _upright(samples: Array, orientation: int) -> Array:
    """Turn and mirror by the tag Orientation.

    1 is upright, 2 mirrored, 3 half a turn, 4 upside down, 5 to 8 the same with rows and columns exchanged.
    """
    if orientation >= 5:
        samples = samples.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    return np.ascontiguousarray(samples)


# Quiet ----------------------------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file, and keep tifffile from logging what is wrong with it: that is raised, or does not matter."""
    try:
        import tifffile
    except ImportError as error:  # a browser tab begins without it
        raise InvalidInput(f"{path}: TIFF is read by the package tifffile: pip install tifffile") from error
    logger = logging.getLogger("tifffile")
    if not any(isinstance(item, _Quiet) for item in logger.filters):
        logger.addFilter(_Quiet())
    token = _reading.set(True)
    try:
        with tifffile.TiffFile(path, _multifile=False) as file:
            yield file
    finally:
        _reading.reset(token)


class _Quiet(logging.Filter):
    """Lets through what is logged while others use tifffile."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether to log."""
        return not _reading.get()
