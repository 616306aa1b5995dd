"""Small image files of every kind, as bytes, to be read or damaged."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 13, 22


def pixels(kind: str) -> Any:
    """Return random pixels: 'grey', 'rgb', 'rgba' or 'la' uint8, 'grey16' uint16, 'bits' bool, 'ids' below 5."""
    rng = np.random.default_rng([7, *kind.encode()])
    if kind == "grey16":
        return rng.integers(0, 65536, (HEIGHT, WIDTH), dtype=np.uint16)
    if kind == "bits":
        return rng.random((HEIGHT, WIDTH)) < 0.5
    if kind == "ids":
        return rng.integers(0, 5, (HEIGHT, WIDTH), dtype=np.uint8)
    channels = {"grey": (), "la": (2,), "rgb": (3,), "rgba": (4,)}[kind]
    return rng.integers(0, 256, (HEIGHT, WIDTH, *channels), dtype=np.uint8)


def encode(array: Any, file_format: str, **options: Any) -> bytes:
    """Return the array as a file."""
    return encode_image(Image.fromarray(array), file_format, **options)


def encode_image(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """Return a Pillow image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def palette_image(ids: Any, colors: list[tuple[int, int, int]]) -> Image.Image:
    """Return an image of mode P."""
    image = Image.fromarray(ids)
    image.putpalette([value for color in colors for value in color])
    return image


FILES: dict[str, bytes] = {
    "grey.png": encode(pixels("grey"), "PNG"),
    "rgb.png": encode(pixels("rgb"), "PNG"),
    "rgba.png": encode(pixels("rgba"), "PNG"),
    "grey16.png": encode(pixels("grey16"), "PNG"),
    "palette.png": encode_image(palette_image(pixels("ids"),
        [(9, 8, 7), (200, 0, 0), (0, 200, 0), (0, 0, 200), (1, 1, 1)]), "PNG"),
    "bits.png": encode(pixels("bits"), "PNG"),
    "grey.jpg": encode(pixels("grey"), "JPEG", quality=90),
    "rgb.jpg": encode(pixels("rgb"), "JPEG", quality=90),
    "progressive.jpg": encode(pixels("rgb"), "JPEG", progressive=True),
    "grey.tif": encode(pixels("grey"), "TIFF"),
    "rgb-lzw.tif": encode(pixels("rgb"), "TIFF", compression="tiff_lzw"),
    "rgb-deflate.tif": encode(pixels("rgb"), "TIFF", compression="tiff_adobe_deflate"),
    "grey16.tif": encode(pixels("grey16"), "TIFF"),
}  # fmt: skip
"""Valid files, one of each kind."""


def png_claiming(width: int, height: int) -> bytes:
    """Return a PNG whose header claims a size, with sound checksums and next to no data."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(64))))
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in (*chunks, (b"IEND", b"")):
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return content
