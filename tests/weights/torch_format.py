"""Files in PyTorch's two formats, written here opcode by opcode, so that any damage can be described."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001

STORAGES = {
    "f8": "DoubleStorage", "f4": "FloatStorage", "f2": "HalfStorage", "i8": "LongStorage", "i4": "IntStorage",
    "i2": "ShortStorage", "i1": "CharStorage", "u1": "ByteStorage", "b1": "BoolStorage", "bf": "BFloat16Storage",
    "c8": "ComplexFloatStorage",
}  # fmt: skip


@dataclass(frozen=True)
class Name:
    """A name of a module."""

    module: str
    name: str


@dataclass(frozen=True)
class Call:
    """A call of something; with `state` the result's state is set (BUILD)."""

    function: Any
    arguments: tuple[Any, ...] = ()
    state: Any = None


@dataclass(frozen=True)
class Reference:
    """Something outside of the pickle."""

    value: Any


@dataclass(frozen=True)
class Raw:
    """Opcodes as they are."""

    code: bytes


def _text(text: str) -> bytes:
    content = text.encode()
    return b"X" + struct.pack("<I", len(content)) + content


def encoded(value: Any) -> bytes:
    """Return the opcodes of protocol 2 that make a value."""
    match value:
        case None | True | False:
            return {None: b"N", True: b"\x88", False: b"\x89"}[value]
        case int():
            size = (value.bit_length() + 8) // 8
            return b"\x8a" + bytes([size]) + value.to_bytes(size, "little", signed=True)
        case float():
            return b"G" + struct.pack(">d", value)
        case str():
            return _text(value)
        case tuple():
            return b"(" + b"".join(map(encoded, value)) + b"t"
        case list():
            return b"](" + b"".join(map(encoded, value)) + b"e"
        case dict():
            return b"}(" + b"".join(encoded(k) + encoded(v) for k, v in value.items()) + b"u"
        case Name(module, name):
            return b"c" + f"{module}\n{name}\n".encode()
        case Call(function, arguments, state):
            call = encoded(function) + encoded(arguments) + b"R"
            return call if state is None else call + encoded(state) + b"b"
        case Reference(inner):
            return encoded(inner) + b"Q"
        case Raw(code):
            return code
    raise TypeError(type(value))


def pickled(value: Any) -> bytes:
    """Return a whole pickle."""
    return b"\x80\x02" + encoded(value) + b"."


@dataclass(frozen=True)
class Stored:
    """A storage: its key, kind ('f4', 'bf' for bfloat16, ...) and numbers as they stand in a file, little-endian."""

    key: str
    kind: str
    content: bytes
    view: Any = None

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return len(self.content) // {"bf": 2}.get(self.kind, np.dtype(self.kind.replace("bf", "u2")).itemsize)

    def reference(self, legacy: bool, **changed: Any) -> Reference:
        """Return what a pickle says of it."""
        parts = {"what": "storage", "cls": Name("torch", STORAGES[self.kind]), "key": self.key, "at": "cpu"}
        parts |= {"count": self.count} | changed
        return Reference((*parts.values(), *([self.view] if legacy else [])))


def stored(key: str, array: np.ndarray) -> Stored:
    """Return a storage with the numbers of an array."""
    return Stored(key, array.dtype.str[1:], array.astype(array.dtype.newbyteorder("<")).tobytes())


def tensor(
    reference: Any, shape: Sequence[int], strides: Sequence[int] | None = None, offset: Any = 0, version: str = "_v2"
) -> Call:
    """Return the call that makes a tensor; strides of C order when they are not given."""
    if strides is None:
        strides = [int(np.prod(shape[k + 1 :])) for k in range(len(shape))]
    arguments: tuple[Any, ...] = (reference, offset, tuple(shape), tuple(strides))
    if version == "_v2":
        arguments += (False, Call(Name("collections", "OrderedDict")))
    return Call(Name("torch._utils", f"_rebuild_tensor{version}"), arguments)


def state_dict(arrays: Mapping[str, np.ndarray], legacy: bool) -> tuple[Call, list[Stored]]:
    """Return what `torch.save(model.state_dict())` pickles, and its storages."""
    storages = [stored(str(k), array) for k, array in enumerate(arrays.values())]
    items = {
        name: tensor(storage.reference(legacy), array.shape)
        for (name, array), storage in zip(arrays.items(), storages, strict=True)
    }
    pairs = Raw(
        encoded(Call(Name("collections", "OrderedDict")))
        + b"(" + b"".join(encoded(k) + encoded(v) for k, v in items.items()) + b"u"
    )  # fmt: skip
    return pairs, storages  # type: ignore[return-value]


def legacy_file(tree: Any, storages: Sequence[Stored], *, machine: Any = None, keys: Any = None) -> bytes:
    """Return a file of the legacy format."""
    said = {"protocol_version": PROTOCOL, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    parts = [MAGIC, PROTOCOL, said if machine is None else machine, tree]
    parts.append([storage.key for storage in storages] if keys is None else keys)
    content = b"".join(map(pickled, parts))
    return content + b"".join(struct.pack("<q", storage.count) + storage.content for storage in storages)


def zip_file(
    tree: Any, storages: Sequence[Stored], *, order: str | None = "little", compression: int = 0, **more: bytes
) -> bytes:
    """Return a file of the zip format."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("archive/data.pkl", pickled(tree))
        if order is not None:
            archive.writestr("archive/byteorder", order)
        for storage in storages:
            archive.writestr(f"archive/data/{storage.key}", storage.content)
        archive.writestr("archive/version", "3\n")
        for name, content in more.items():
            archive.writestr(f"archive/{name}", content)
    return buffer.getvalue()


def file_of(arrays: Mapping[str, np.ndarray], legacy: bool) -> bytes:
    """Return a file with these arrays."""
    return (legacy_file if legacy else zip_file)(*state_dict(arrays, legacy))
