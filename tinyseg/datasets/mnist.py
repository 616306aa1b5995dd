"""MNIST from its original idx files, which you have downloaded."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.files import existing_file

FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
LARGEST_DATA = 1 << 27
"""Bytes; MNIST's largest file has 47 million."""


def load_data(folder: str | os.PathLike[str]) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Read ((x_train, y_train), (x_test, y_test)), uint8, as Keras's `mnist.load_data` returns them.

    Images are (60000, 28, 28), labels (60000,).

    Args:
        folder: Holds the four files under their original names, with or without `.gz`.

    Raises:
        InvalidInput: A file that is missing, truncated or of another format; the text names it.
    """
    parts = []
    for images, labels in FILES.values():
        x, y = (read_idx(_find(Path(folder), name)) for name in (images, labels))
        if x.ndim != 3 or y.ndim != 1 or len(x) != len(y):
            raise InvalidInput(
                f"{folder}: {images} holds {x.shape} and {labels} holds {y.shape}; expected one label per image"
            )
        parts.append((x, y))
    return parts[0], parts[1]


def read_idx(path: str | os.PathLike[str]) -> Array:
    """Read an idx file of bytes.

    Two zero bytes, the type (8), the number of axes, their lengths as big-endian 32-bit numbers, and the data.
    """
    path = existing_file(path)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return _read_idx(path, file)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(f"{path}: not readable, perhaps truncated ({error})") from error


def _read_idx(path: Path, file: BufferedIOBase) -> Array:
    """Read the header first: only what it announces is read, and only if that is not absurd.

    A small .gz file can hold any number of bytes.
    """
    start = file.read(4)
    axes = start[3] if len(start) == 4 and start[:3] == b"\0\0\x08" else 0
    lengths = file.read(4 * axes)
    if not 1 <= axes <= 4 or len(lengths) < 4 * axes:
        raise InvalidInput(f"{path}: not an idx file of bytes")
    shape = tuple(int(length) for length in np.frombuffer(lengths, ">u4"))
    expected = math.prod(shape)
    if math.prod(max(length, 1) for length in shape) > LARGEST_DATA:
        raise InvalidInput(
            f"{path}: expected {expected} bytes of data for shape {shape}, too many: MNIST has fewer than "
            f"{LARGEST_DATA:,}"
        )
    content = file.read(expected)
    if len(content) < expected or file.read(1):
        got = f"got {len(content)}" if len(content) < expected else "there are more"
        raise InvalidInput(f"{path}: expected {expected} bytes of data for shape {shape}, {got}")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise InvalidInput(f"{folder}: expected the file {name} or {name}.gz, found neither")
