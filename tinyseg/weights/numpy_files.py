"""NumPy's archives (`np.savez`): arrays by name; arrays of objects, which are pickles, are refused."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from tinyseg_kernels.types import Array, DType

from .archives import Archive
from .tensors import TensorInfo, Tensors, likely_layout

LONGEST_HEADER = 1 << 16


def read_npz(path: Path, archive: Archive) -> Tensors:
    """Read the headers of all arrays; raises ValueError when one is damaged or holds objects."""
    infos = []
    for name in archive.names:
        shape, dtype = _header(archive.start(name, LONGEST_HEADER))
        if dtype.hasobject or dtype.kind not in "fiubc":
            raise ValueError(f"{name[:80]!r}: {dtype} are no numbers")
        tensor = name.removesuffix(".npy")
        infos.append(TensorInfo(tensor, shape, dtype.newbyteorder("="), str(dtype), partial(_array, archive, name)))
    return Tensors(path, "NumPy's archive", likely_layout(info.name for info in infos), infos, {})


def _header(start: bytes) -> tuple[tuple[int, ...], DType]:
    file = BytesIO(start)
    version = npy.read_magic(file)
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise ValueError(f"version {version} of an array")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file, max_header_size=LONGEST_HEADER)
    if not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"an array of shape {shape}")
    return shape, dtype


def _array(archive: Archive, name: str) -> Array:
    array = npy.read_array(BytesIO(archive.read(name, archive.size(name))), allow_pickle=False)
    return np.array(array, array.dtype.newbyteorder("="), order="C")
