"""Files in the format safetensors, of any program; what stands in them is read without a package.

The package's own reader gives no bfloat16 to NumPy, which this one widens to float32. See `models.plain_safetensors`
for the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.models.matching import LAYERS, classes_of_file, split
from tinyseg.models.plain_safetensors import DTYPES, Place, read_header
from tinyseg.utils.naming import snake_case

from .tensors import Snapshot, TensorInfo, Tensors, likely_layout

WIDENED = {"BF16": "<u2"}
"""Dtypes that NumPy does not have."""


def read_safetensors(path: Path) -> Tensors:
    """Read the header; raises ValueError when it is damaged."""
    snapshot = Snapshot.of(path)
    places, metadata, begin = read_header(path, DTYPES | WIDENED)
    classes = classes_of_file(metadata.get(LAYERS)) or {}
    infos = [
        TensorInfo(
            name,
            place.shape,
            np.dtype("f4") if place.kind in WIDENED else place.dtype.newbyteorder("="),
            place.kind,
            partial(_numbers, snapshot, begin, place),
            _own(name, classes),
        )
        for name, place in places.items()
    ]
    metadata.pop("checksum", None)
    layout = {"tinyseg": "tinyseg", "pt": "torch"}.get(metadata.get("format", ""), likely_layout(places))
    return Tensors(path, "safetensors", layout, infos, metadata)


def _own(name: str, classes: Mapping[str, str]) -> dict[str, str]:
    """Return layer, array and class for the name of an array in a file of tinyseg."""
    kind, _, rest = name.partition("/")
    if kind not in ("parameters", "state") or not classes:
        return {}
    module, member = split(rest, classes)
    return {"module": module, "member": member, "class": snake_case(classes.get(module, "").rpartition("/")[2])}


def _numbers(snapshot: Snapshot, begin: int, place: Place) -> Array:
    content = snapshot.bytes(begin + place.begin, place.end - place.begin)
    numbers = np.frombuffer(content, place.dtype).reshape(place.shape)
    if place.kind in WIDENED:
        return (numbers.astype("u4") << 16).view("f4")
    return numbers.astype(place.dtype.newbyteorder("="))
