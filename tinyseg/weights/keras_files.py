"""Keras's files: .weights.h5 and .keras of Keras 3, and the .h5 of Keras 2 (and of `model.save("x.h5")`).

Keras 3 keeps the arrays of a layer under a path of class names with counters, `layers/conv2d_1/vars/0`, and the name
that somebody gave the layer in an attribute alone. Here tensors are called by these names: 'stem/0' is the first array
of the layer 'stem', or by the path where there are no names or two are the same. A layer that stands in several places
is there once. Keras 2 has the names as paths, and their order in an attribute.

HDF5 files can lead elsewhere (links into other files, datasets that are kept in other files, groups in themselves): of
all these nothing is followed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from .archives import Archive
from .tensors import MOST_TENSORS, Snapshot, TensorInfo, Tensors, shortened

if TYPE_CHECKING:
    import h5py

DEEPEST, SMALL_CHUNK, LARGEST_CONFIG = 32, 1 << 20, 64 << 20
SECONDARY = ("optimizer", "optimizer_weights", "loss_tracker", "metrics", "seed_generator")
"""Groups of a file that are no layers."""

Open = Callable[[], AbstractContextManager["h5py.File"]]


@dataclass(frozen=True)
class _Found:
    """A dataset: where it is, its layer's names along the path, those of the classes with counters, and its own."""

    path: str
    names: tuple[str, ...]
    classes: tuple[str, ...]
    member: str


def read_h5(path: Path) -> Tensors:
    """Read the index of an HDF5 file of Keras."""
    package, snapshot = _h5py(path), Snapshot.of(path)

    def opened() -> h5py.File:
        snapshot.bytes(0, 0)
        return package.File(path, "r")

    return _tensors(path, "Keras (HDF5)", opened, None)


def read_keras(path: Path, archive: Archive) -> Tensors:
    """Read the index of a .keras archive."""
    from io import BytesIO

    package, name = _h5py(path), "model.weights.h5"

    def opened() -> h5py.File:
        return package.File(BytesIO(archive.read(name, archive.size(name))), "r")

    config = archive.read("config.json", LARGEST_CONFIG) if "config.json" in archive.names else None
    return _tensors(path, "Keras (.keras)", opened, None if config is None else config.decode())


def _h5py(path: Path) -> type[h5py]:
    try:
        import h5py
    except ImportError as error:
        raise InvalidInput(f"{path}: reading Keras's files needs h5py: pip install 'tinyseg[weights]'") from error
    return h5py


def _tensors(path: Path, format: str, opened: Open, config: str | None) -> Tensors:
    try:
        with opened() as file:
            old = "layer_names" in file.attrs or "model_weights" in file
            if old and config is None and "model_config" in file.attrs:
                config = _text(file.attrs["model_config"])
            found = list(_old(file) if old else _new(file, "", (), (), set()))
            described = _described(config)
            infos = [_info(_at(file, item.path), item, described, opened) for item in found]
            metadata = _metadata(file, config)
    except (RuntimeError, AttributeError) as error:  # how h5py says that something is damaged
        raise ValueError(str(error)) from error
    return Tensors(path, format, "keras", _named(infos, found), metadata)


# Where the arrays are -------------------------------------------------------------------------------------------------


def _inside(group: h5py.Group) -> Iterator[tuple[str, h5py.Group | h5py.Dataset]]:
    """Yield what a group holds itself, by numbers in their order; links are refused."""
    import h5py

    def key(name: str) -> tuple[str, int]:
        stem, _, digits = name.rpartition("_")
        if name.isdecimal():
            return ("", int(name[:12]))
        return (stem, int(digits)) if stem and digits.isdecimal() and len(digits) < 12 else (name, 0)

    for name in sorted(group, key=key):
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"{group.name}/{name}: a link is refused")
        yield name, group[name]


def _at(group: h5py.Group, path: str) -> h5py.Group | h5py.Dataset:
    """Return what stands at a path within a group, without following a link."""
    import h5py

    for name in path.strip("/").split("/"):
        if name in ("", ".", "..") or not isinstance(group, h5py.Group) or name not in group:
            raise ValueError(f"{path[:80]!r}: nothing is there")
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"{path[:80]!r}: a link is refused")
        group = group[name]
    return group


def _new(
    group: h5py.Group, path: str, names: tuple[str, ...], classes: tuple[str, ...], seen: set[int]
) -> Iterator[_Found]:
    """Yield the datasets of Keras 3 below a group."""
    import h5py

    address = h5py.h5o.get_info(group.id).addr
    if address in seen or len(classes) > DEEPEST or len(seen) > MOST_TENSORS:
        raise ValueError("groups that are nested too deeply, or in themselves")
    seen.add(address)
    for name, item in _inside(group):
        here = f"{path}/{name}" if path else name
        if name == "vars" and isinstance(item, h5py.Group):
            for member, dataset in _inside(item):
                if isinstance(dataset, h5py.Dataset):
                    yield _Found(f"{here}/{member}", names, classes, member)
        elif isinstance(item, h5py.Group) and name not in SECONDARY:
            inner = item.get("vars") if "vars" in item else None
            given = inner.attrs.get("name") if isinstance(inner, h5py.Group) else None
            if given is None and name in ("layers", "_layers") and not isinstance(inner, h5py.Group):
                yield from _new(item, here, names, classes, seen)
            else:
                yield from _new(
                    item, here, (*names, _text(given) if given is not None else name), (*classes, name), seen
                )


def _old(file: h5py.File) -> Iterator[_Found]:
    """Yield the datasets of Keras 2, in the order that the attributes say."""
    root = _at(file, "model_weights") if "model_weights" in file else file
    for layer in _texts(root.attrs["layer_names"]):
        group = _at(root, layer)
        for weight in _texts(group.attrs["weight_names"]):
            parts = weight.split("/")
            module = parts[:-1] if parts[0] == layer and len(parts) > 1 else [layer, *parts[:-1]]
            yield _Found(f"{root.name.rstrip('/')}/{layer}/{weight}", tuple(module), (), parts[-1].removesuffix(":0"))


def _text(value: object) -> str:
    text = value.decode() if isinstance(value, bytes) else value
    if not isinstance(text, str):
        raise ValueError("an attribute that is no text")
    return str(text)


def _texts(value: object) -> list[str]:
    return [_text(item) for item in np.asarray(value).reshape(-1).tolist()]


# What the arrays are --------------------------------------------------------------------------------------------------


def _info(dataset: object, item: _Found, described: Mapping[str, Mapping[str, str]], opened: Open) -> TensorInfo:
    """Check a dataset without reading it."""
    import h5py

    if not isinstance(dataset, h5py.Dataset) or dataset.external or dataset.is_virtual or dataset.shape is None:
        raise ValueError(f"{item.path}: no plain array")
    dtype = dataset.dtype
    if dtype.kind not in "fiub" or dtype.itemsize > 8:
        raise ValueError(f"{item.path}: {dtype} are no numbers")
    largest = max(SMALL_CHUNK, dataset.size * dtype.itemsize)
    if dataset.chunks is not None and int(np.prod(dataset.chunks, dtype=object)) * dtype.itemsize > largest:
        raise ValueError(f"{item.path}: chunks that are larger than the array")
    stored = "bfloat16" if dataset.attrs.get("dtype") == "bfloat16" else str(dtype)
    module = "/".join(item.names)
    settings = {"module": module, "member": item.member, **described.get(module, {})}
    if item.classes:
        settings["class"] = "/".join(re.sub(r"_\d+$", "", part) for part in item.classes)
    to = np.dtype("f4") if stored == "bfloat16" else dtype.newbyteorder("=")
    return TensorInfo(item.path, dataset.shape, to, stored, partial(_array, opened, item.path, to), settings)


def _array(opened: Open, path: str, to: np.dtype[np.generic]) -> Array:
    with opened() as file:
        array = np.array(_at(file, path)[()], order="C")
    return array.astype(to)


def _named(infos: list[TensorInfo], found: list[_Found]) -> list[TensorInfo]:
    """Call the tensors by their layers' names, if these are all different."""
    names = ["/".join((*item.names, item.member)) for item in found]
    if len(set(names)) < len(names):
        return [
            replace(info, settings={**info.settings, "module": info.name.removesuffix(f"/vars/{item.member}")})
            for info, item in zip(infos, found, strict=True)
        ]
    return [replace(info, name=name) for info, name in zip(infos, names, strict=True)]


def _metadata(file: h5py.File, config: str | None) -> dict[str, str]:
    kept = {key: _text(file.attrs[key]) for key in ("keras_version", "backend") if key in file.attrs}
    return kept | ({"config": shortened(config, 2000)} if config is not None else {})


def _described(config: str | None) -> dict[str, dict[str, str]]:
    """Return what the architecture says of layers that a result depends on: epsilon and momentum."""
    try:
        tree = None if config is None else json.loads(config)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a damaged architecture ({error})") from error
    found: dict[str, dict[str, str]] = {}
    _describe(tree, "", found, 0)
    return found


def _describe(tree: object, path: str, found: dict[str, dict[str, str]], depth: int) -> None:
    inside = tree.get("config") if isinstance(tree, dict) else None
    layers = inside.get("layers") if isinstance(inside, dict) else None
    for layer in layers if isinstance(layers, list) and depth < DEEPEST else ():
        settings = layer.get("config") if isinstance(layer, dict) else None
        if not isinstance(settings, dict) or not isinstance(settings.get("name"), str):
            continue
        name = f"{path}{settings['name']}"
        numbers = {key: settings[key] for key in ("epsilon", "momentum") if isinstance(settings.get(key), float)}
        found[name] = {key: repr(value) for key, value in numbers.items()}
        _describe(layer, f"{name}/", found, depth + 1)
