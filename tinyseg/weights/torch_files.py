"""Files of `torch.save` in both formats, without PyTorch and without running the pickle that they hold.

Legacy (until PyTorch 1.5, and `_use_new_zipfile_serialization=False`): five pickles one after the other (a magic
number, the protocol's version, the machine that wrote it, the object, the storages' keys), then for each key the
number of its numbers (int64) and the numbers, always little-endian, whatever the writer's machine was.

Zip (since 1.6): an archive with the pickle `NAME/data.pkl`, each storage as `NAME/data/KEY`, and `NAME/byteorder`.
Source: `torch/serialization.py` of PyTorch 2.13, whose functions `_legacy_save`, `_save` and their readers say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from . import pickles
from .archives import Archive
from .pickles import Name, Value
from .tensors import Snapshot, TensorInfo, Tensors
from .torch_names import Found, tensors_of
from .torch_values import LARGEST_PICKLE, Storage, View, array_dtype, find, storage_of
from .window import Window

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001

Content = Callable[[Storage], bytes]
"""Returns all bytes under a storage's key."""


class _Storages:
    """The storages that a pickle refers to; one key must always say the same."""

    def __init__(self) -> None:
        self.found: dict[str, Storage] = {}

    def __call__(self, reference: Value) -> Storage:
        storage = storage_of(reference)
        first = self.found.setdefault(storage.key, storage)
        if (first.kind, first.whole) != (storage.kind, storage.whole):
            raise ValueError(f"storage {storage.key[:80]!r} is said to be two different ones")
        return storage


def read_legacy(path: Path, root: str | None) -> Tensors:
    """Read the index of a file in the legacy format; raises ValueError when it is damaged or holds other things."""
    snapshot, storages = Snapshot.of(path), _Storages()
    with path.open("rb") as file:
        window = Window(file, snapshot.size, LARGEST_PICKLE)
        if pickles.load(window, _no_names, _no_storages) != MAGIC:
            raise ValueError("no magic number of PyTorch")
        if pickles.load(window, _no_names, _no_storages) != PROTOCOL:
            raise ValueError(f"another protocol than {PROTOCOL}")
        machine = pickles.load(window, _no_names, _no_storages)
        found = tensors_of(pickles.load(window, find, storages), root)
        keys = pickles.load(window, _no_names, _no_storages)
        begins = _places(file, keys, storages.found, snapshot.size)

    def content(storage: Storage) -> bytes:
        return snapshot.bytes(begins[storage.key], storage.whole * storage.itemsize)

    if isinstance(machine, dict) and machine.get("little_endian") is False:
        found.metadata["written on"] = "a big-endian machine; the numbers are little-endian, as always in this format"
    return _tensors(path, "PyTorch (legacy)", found, content, "little")


def _places(file: BinaryIO, keys: Value, storages: Mapping[str, Storage], size: int) -> dict[str, int]:
    """Return where the numbers of each storage begin."""
    if not isinstance(keys, list) or len(set(map(str, keys))) != len(keys):
        raise ValueError("no list of storages")
    missing = storages.keys() - set(map(str, keys))
    if missing:
        raise ValueError(f"storage {min(missing)[:80]!r} is not in the file")
    begins: dict[str, int] = {}
    for key in keys:
        storage = storages.get(key) if isinstance(key, str) else None
        if storage is None:
            raise ValueError("a storage that no tensor has")
        count = int.from_bytes(file.read(8), "little")
        if count != storage.whole:
            raise ValueError(f"storage {key[:80]!r}: {count} numbers, where {storage.whole} are said to be")
        begins[key] = file.tell()
        end = file.tell() + count * storage.itemsize
        if end > size:
            raise ValueError(f"truncated: storage {key[:80]!r} ends at byte {end} of {size}")
        file.seek(end)
    return begins


def _no_names(module: str, name: str) -> Name:
    raise ValueError(f"{ascii(f'{module}.{name}'[:200])[1:-1]} where numbers and texts alone are expected")


def _no_storages(_: Value) -> Value:
    raise ValueError("a storage where numbers and texts alone are expected")


def read_zip(path: Path, archive: Archive, root: str | None) -> Tensors:
    """Read the index of a file in the zip format; raises ValueError when it is damaged or holds other things."""
    names = [name for name in archive.names if name.rpartition("/")[2] == "data.pkl"]
    if len(names) != 1:
        raise ValueError(f"expected one data.pkl in the archive, found {len(names)}")
    prefix = names[0].removesuffix("data.pkl")
    if f"{prefix}constants.pkl" in archive.names:
        raise ValueError(
            "this is a program of TorchScript (torch.jit.save), which is refused; "
            "save its tensors alone with torch.save(model.state_dict(), FILE)"
        )
    storages = _Storages()
    with archive.open(names[0], LARGEST_PICKLE) as file:
        window = Window(file, LARGEST_PICKLE, LARGEST_PICKLE)
        found = tensors_of(pickles.load(window, find, storages), root)
    order = "little"
    if f"{prefix}byteorder" in archive.names:
        order = archive.read(f"{prefix}byteorder", 16).decode()
        if order not in ("little", "big"):
            raise ValueError(f"byteorder: expected 'little' or 'big', got {order[:16]!r}")
    for key, storage in storages.found.items():
        size, expected = archive.size(f"{prefix}data/{key}"), storage.whole * storage.itemsize
        if size != expected:
            raise ValueError(f"storage {key[:80]!r}: {size} bytes, where {expected} are said to be")

    def content(storage: Storage) -> bytes:
        return archive.read(f"{prefix}data/{storage.key}", storage.whole * storage.itemsize)

    return _tensors(path, "PyTorch (zip)", found, content, order)


def _tensors(path: Path, format: str, found: Found, content: Content, order: str) -> Tensors:
    def info(name: str, view: View) -> TensorInfo:
        return TensorInfo(
            name, view.shape, array_dtype(view.kind), view.kind, lambda: view.array(content(view.storage), order)
        )

    return Tensors(path, format, "torch", (info(name, view) for name, view in found.views.items()), found.metadata)
