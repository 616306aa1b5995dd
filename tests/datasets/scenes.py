"""One scene, stored in many ways.

By depth, mode, byte order, compression, planar configuration, photometric interpretation, orientation and writer.
"""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import tifffile
from PIL import Image

HEIGHT, WIDTH = 9, 14
ORIENTATION = 274


def scene(channels: int = 1) -> Any:
    """Return 8-bit pixels (H, W) or (H, W, 3) with few levels, 0 and 255 among them, and no symmetry."""
    rng = np.random.default_rng(channels)
    shape = (HEIGHT, WIDTH) if channels == 1 else (HEIGHT, WIDTH, channels)
    pixels = np.where(rng.random(shape) < 0.3, rng.integers(150, 256, shape), rng.integers(0, 70, shape)).astype(
        np.uint8
    )
    pixels[0, 0], pixels[-1, -1] = 0, 255
    return pixels


def ids() -> Any:
    """Return a mask of ids 0 to 3."""
    return np.random.default_rng(5).integers(0, 4, (HEIGHT, WIDTH)).astype(np.uint8)


def as_dtype(pixels: Any, dtype: str) -> Any:
    """Return 8-bit pixels stretched to the range of a dtype (floats: 0 to 1)."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return (pixels.astype(np.float64) / 255).astype(dtype)
    top = 255 if kind.kind == "i" else int(np.iinfo(kind).max)
    return (pixels.astype(object) * (top // 255)).astype(dtype)


def stored_by(orientation: int, array: Any) -> Any:
    """Return how a picture is stored that a viewer turns upright by the tag."""
    if orientation in (2, 3, 6, 7):
        array = {
            2: lambda a: a[:, ::-1],
            3: lambda a: a[::-1, ::-1],
            6: lambda a: np.rot90(a, 1),
            7: lambda a: np.rot90(a, 1)[:, ::-1],
        }[orientation](array)
    elif orientation in (4, 5, 8):
        array = {4: lambda a: a[::-1], 5: lambda a: a.swapaxes(0, 1), 8: lambda a: np.rot90(a, -1)}[orientation](array)
    return np.ascontiguousarray(array)


def tiff(array: Any, orientation: int = 1, tags: Any = (), **options: Any) -> bytes:
    """Return a file of tifffile's."""
    buffer = io.BytesIO()
    tags = [*tags, (ORIENTATION, "H", 1, orientation, True)] if orientation != 1 else [*tags]
    tifffile.imwrite(buffer, array, metadata=None, extratags=tags, **options)
    return buffer.getvalue()


def pillow(array: Any, file_format: str, orientation: int = 1, **options: Any) -> bytes:
    """Return a file of Pillow's."""
    buffer = io.BytesIO()
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    if orientation != 1:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        options["exif"] = exif
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


DTYPES = ("u1", "u2", "u4", "u8", "i2", "i4", "i8", "f2", "f4", "f8")
MODES = ("grey", "grey + alpha", "colour", "colour + alpha", "inverted grey")
COMPRESSIONS: tuple[dict[str, Any], ...] = (
    {}, {"compression": "zlib"}, {"compression": "zlib", "predictor": True}, {"compression": "lzma"},
    {"tile": (16, 16)},
    {"rowsperstrip": 2}, {"bigtiff": True}, {"tile": (16, 16), "compression": "zlib"},
)  # fmt: skip


def tiffs() -> Iterator[tuple[str, bytes, int]]:
    """Yield (name, content, channels) of the scene in TIFF, over dtypes, modes, byte orders and planar configurations.

    The rest takes turns.
    """
    turns = itertools.cycle(itertools.product(COMPRESSIONS, range(1, 9)))
    for dtype, mode, order, planar in itertools.product(DTYPES, MODES, "<>", ("contig", "separate")):
        if planar == "separate" and "grey" in mode:
            continue
        options, orientation = next(turns)
        next(turns)
        channels = 3 if "colour" in mode else 1
        array = as_dtype(scene(channels), dtype)
        top = {"f": 1, "i": 255}.get(array.dtype.kind) or np.iinfo(array.dtype).max
        if mode == "inverted grey":
            array = (np.array(top, array.dtype) - array).astype(dtype)
        if "alpha" in mode:
            alpha = np.full(array.shape[:2], top, array.dtype)
            array = np.dstack([array, alpha])
        array = stored_by(orientation, array)
        if planar == "separate":
            array = np.moveaxis(array, -1, 0)
        if dtype in ("f2", "f4", "f8", "u8", "i8") and options.get("predictor"):
            options = {"compression": "zlib"}
        photometric = "rgb" if channels == 3 else "miniswhite" if mode == "inverted grey" else "minisblack"
        more: dict[str, Any] = {"photometric": photometric, "byteorder": order}
        if channels == 3 or "alpha" in mode:
            more["planarconfig"] = planar
        if "alpha" in mode:
            more["extrasamples"] = ["unassalpha"]
        name = f"tiff {dtype} {mode} {order} {planar} {options} turned {orientation}"
        yield name, tiff(array, orientation, **options, **more), channels


def others() -> Iterator[tuple[str, bytes, int]]:
    """Yield (name, content, channels) of the scene in other formats, by other writers."""
    grey, color = scene(), scene(3)
    deep, opaque = grey.astype(np.uint16) * 257, np.full(grey.shape, 255, np.uint8)
    deep_color = color.astype(np.uint16) * 257
    for turn in range(1, 9):
        for name, array in (
            ("grey", grey),
            ("16-bit grey", deep),
            ("colour", color),
            ("grey + alpha", np.dstack([grey, opaque])),
        ):
            yield (
                f"png {name} turned {turn}",
                pillow(stored_by(turn, array), "PNG", turn),
                (array.shape[2:] == (3,) and 3) or 1,
            )
        yield f"webp colour turned {turn}", pillow(stored_by(turn, color), "WEBP", turn, lossless=True), 3
        for how in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
            yield (
                f"pillow tiff grey {how} turned {turn}",
                pillow(stored_by(turn, grey), "TIFF", turn, compression=how),
                1,
            )
            yield (
                f"pillow tiff 16-bit {how} turned {turn}",
                pillow(stored_by(turn, deep), "TIFF", turn, compression=how),
                1,
            )
            yield (
                f"pillow tiff colour {how} turned {turn}",
                pillow(stored_by(turn, color), "TIFF", turn, compression=how),
                3,
            )
    for channels, array in (
        (1, deep),
        (1, np.dstack([deep, opaque.astype(np.uint16) * 257])),
        (3, deep_color),
        (3, np.dstack([deep_color, opaque.astype(np.uint16) * 257])),
    ):
        for turn in (1, 6):
            yield f"png 16 bits x {array.shape[2:]} turned {turn}", deep_png(stored_by(turn, array), turn), channels
    yield "packbits of differences", packbits_of_differences(grey), 1
    yield "bmp grey", pillow(grey, "BMP"), 1
    yield "bmp colour", pillow(color, "BMP"), 3
    yield "gif grey", pillow(grey, "GIF"), 1
    yield "webp grey", pillow(grey, "WEBP", lossless=True), 3
    yield "jp2 grey", pillow(grey, "JPEG2000"), 1
    yield "jp2 16-bit grey", pillow(deep, "JPEG2000"), 1
    yield "jp2 colour", pillow(color, "JPEG2000"), 3
    yield "png grey palette", pillow(palette_of_greys(grey), "PNG"), 1
    yield "tiff grey palette", pillow(palette_of_greys(grey), "TIFF"), 1
    yield "png grey as colour", pillow(np.dstack([grey] * 3), "PNG"), 3
    yield "float as 32-bit tiff of Pillow's", pillow(grey.astype(np.float32) / np.float32(255), "TIFF"), 1
    yield (
        "float tiff lzw of Pillow's",
        pillow(grey.astype(np.float32) / np.float32(255), "TIFF", compression="tiff_lzw"),
        1,
    )
    yield "int32 tiff lzw of Pillow's", pillow(grey.astype(np.int32), "TIFF", compression="tiff_lzw"), 1
    yield "counts as floats", tiff(grey.astype(np.float32) * 3 + 1000), 1
    yield "counts as colour floats", tiff(color.astype(np.float64) * 3 + 1000, photometric="rgb"), 3


def packbits_of_differences(grey: Any) -> bytes:
    """Return a TIFF with Predictor and PackBits, as tifffile writes it with imagecodecs.

    Each row as one literal run of differences.
    """
    rows = np.diff(grey, axis=1, prepend=np.zeros((len(grey), 1), np.uint8)).astype(np.uint8)
    data = b"".join(bytes([grey.shape[1] - 1]) + row.tobytes() for row in rows)
    size = grey.shape[::-1]
    tags = [
        (256, size[0]),
        (257, size[1]),
        (258, 8),
        (259, 32773),
        (262, 1),
        (273, 8 + 2 + 12 * 10 + 4),
        (277, 1),
        (278, size[1]),
        (279, len(data)),
        (317, 2),
    ]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + data


def palette_of_greys(grey: Any) -> Image.Image:
    """Return an image of mode P whose colours are greys, in another order."""
    image = Image.fromarray(255 - grey)
    image.putpalette([255 - k // 3 for k in range(768)])
    return image


def deep_png(array: Any, orientation: int = 1) -> bytes:
    """Return a PNG of 16 bits per channel, which Pillow does not write: rows without a filter."""
    height, width = array.shape[:2]
    kind = {(): 0, (2,): 4, (3,): 2, (4,): 6}[array.shape[2:]]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))]
    if orientation != 1:
        chunks.append(
            (b"eXIf", b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", ORIENTATION, 3, 1, orientation, 0) + bytes(4))
        )
    content = b"\x89PNG\r\n\x1a\n"
    for name, data in (*chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        content += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return content
