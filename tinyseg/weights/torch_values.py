"""What PyTorch's pickles may name: the few constructors that tensors need, here as descriptions without numbers.

A tensor is a view of a storage, a run of numbers that stands outside of the pickle: element (i, j, ...) is number
offset + i * stride_0 + j * stride_1 + ... of it. Two tensors may share one. The pickle refers to a storage by
('storage', its class, its key, the device, how many numbers), and the legacy format adds (key, first number, count) for
a storage that is a part of another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided
from tinyseg_kernels.types import Array, DType

from .pickles import Name, Value
from .tensors import MOST_AXES

LARGEST_PICKLE = 64 << 20
"""Bytes of all pickles of a file, without its storages."""

MOST_REPEATED = 1 << 24
"""Numbers that a tensor may have beyond those of its storage, as `expand` makes them with strides of 0."""

KINDS: Mapping[str, str] = {
    "float64": "f8", "float32": "f4", "float16": "f2", "bfloat16": "u2", "int64": "i8", "int32": "i4", "int16": "i2",
    "int8": "i1", "uint8": "u1", "bool": "b1", "complex64": "c8", "complex128": "c16", "uint16": "u2", "uint32": "u4",
    "uint64": "u8",
}  # fmt: skip
"""PyTorch's dtypes, and how their numbers stand in a file."""

STORAGES: Mapping[str, str] = {
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
    "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8",
    "ByteStorage": "uint8", "BoolStorage": "bool", "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128", "UntypedStorage": "uint8",
}  # fmt: skip

ALIASES: Mapping[str, str] = {
    "double": "float64", "float": "float32", "half": "float16", "long": "int64", "int": "int32", "short": "int16",
    "cfloat": "complex64", "cdouble": "complex128",
}  # fmt: skip


def array_dtype(kind: str) -> DType:
    """Return the dtype of the arrays that are made of PyTorch's."""
    return np.dtype("f4") if kind == "bfloat16" else np.dtype(KINDS[kind])


def widened(numbers: Array, kind: str) -> Array:
    """Return the values of numbers as they stand in a file: bfloat16 is the upper half of a float32."""
    if kind == "bfloat16":
        return (numbers.astype("u4") << 16).view("f4")
    if kind == "bool":
        return numbers.view("u1") != 0
    return numbers.astype(numbers.dtype.newbyteorder("="))


@dataclass(frozen=True)
class Storage:
    """A run of numbers.

    Attributes:
        key: Of the bytes in the file.
        kind: PyTorch's name of the dtype.
        whole: How many numbers stand under the key.
        begin: The first of them that belongs to this storage.
        count: How many do.
    """

    key: str
    kind: str
    whole: int
    begin: int
    count: int

    @property
    def itemsize(self) -> int:
        """Bytes of one number."""
        return np.dtype(KINDS[self.kind]).itemsize


@dataclass(frozen=True)
class View:
    """A tensor: which numbers of a storage it has, in which order."""

    storage: Storage
    kind: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def span(self) -> int:
        """How many numbers lie between the first and the last one, both included."""
        if 0 in self.shape:
            return 0
        return 1 + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))

    def array(self, content: bytes, order: str) -> Array:
        """Return the tensor from its storage's bytes, in C order and memory of its own."""
        dtype = np.dtype(KINDS[self.kind]).newbyteorder("<" if order == "little" else ">")
        first = self.storage.begin * self.storage.itemsize + self.offset * dtype.itemsize
        numbers = np.frombuffer(content, dtype, self.span, first) if self.span else np.empty(0, dtype)
        strides = tuple(s * dtype.itemsize for s in self.strides)
        view = as_strided(numbers, self.shape, strides, writeable=False)
        return np.array(widened(view, self.kind), order="C", copy=True)


def _is_count(value: Value) -> bool:
    return type(value) is int and 0 <= value < 1 << 62


def storage_of(reference: Value) -> Storage:
    """Return what a persistent id stands for; raises ValueError for anything but a storage."""
    match reference:
        case ("storage", Name(name=name), str(key), str(), int(count)) if _is_count(count):
            return Storage(key, _kind(name), count, 0, count)
        case ("storage", Name(name=name), str(key), str(), int(count), None) if _is_count(count):
            return Storage(key, _kind(name), count, 0, count)
        case ("storage", Name(name=name), str(key), str(), int(count), (str(), int(begin), int(part))):
            if _is_count(count) and _is_count(begin) and _is_count(part) and begin + part <= count:
                return Storage(key, _kind(name), count, begin, part)
    raise ValueError("a reference that is no storage of PyTorch")


def _kind(name: str) -> str:
    kind = STORAGES.get(name.rpartition(".")[2])
    if kind is None:
        raise ValueError(f"{name} is no storage whose numbers are known")
    return kind


def _tensor(storage: Value, offset: Value, shape: Value, strides: Value, *_: Value, dtype: str | None = None) -> View:
    """Check a view: all its numbers must lie in the storage."""
    if not isinstance(storage, Storage):
        raise ValueError("a tensor without a storage")
    if not isinstance(shape, tuple) or not isinstance(strides, tuple) or len(shape) != len(strides):
        raise ValueError("a tensor whose shape and strides do not fit")
    if not _is_count(offset) or not all(map(_is_count, (*shape, *strides))) or len(shape) > MOST_AXES:
        raise ValueError("a tensor whose offset, shape or strides are no counts")
    assert isinstance(offset, int)
    view = View(storage, dtype or storage.kind, offset, shape, strides)
    itemsize = np.dtype(KINDS[view.kind]).itemsize
    inside = storage.count * storage.itemsize // itemsize
    if dtype is None and view.kind != storage.kind:
        raise ValueError("a tensor of another dtype than its storage")
    if view.span and offset + view.span > inside:
        raise ValueError(f"a tensor with numbers up to {offset + view.span} of a storage of {inside}")
    if math.prod(shape) > inside + MOST_REPEATED:
        raise ValueError(f"a tensor of shape {shape} of a storage of {inside} numbers")
    return view


def _tensor_v3(
    storage: Value, offset: Value, shape: Value, strides: Value, _grad: Value, _hooks: Value, dtype: Value, *_: Value
) -> View:
    if not isinstance(dtype, Name) or dtype.name.removeprefix("torch.") not in KINDS:
        raise ValueError("a tensor of a dtype that is not known")
    return _tensor(storage, offset, shape, strides, dtype=dtype.name.removeprefix("torch."))


def _parameter(data: Value, *_: Value) -> View:
    if not isinstance(data, View):
        raise ValueError("a parameter that is no tensor")
    return data


def _from_type(function: Value, kind: Value, arguments: Value, *_: Value) -> View:
    """Make a tensor that has attributes of its own, which are dropped."""
    plain = isinstance(kind, Name) and kind.name in ("torch.Tensor", "torch.nn.parameter.Parameter")
    if not plain or not isinstance(function, Name) or function.name not in _REBUILD or type(arguments) is not tuple:
        raise ValueError("a tensor of a class that is not PyTorch's own")
    return _REBUILD[function.name](*arguments)


def _ordered(pairs: Value = ()) -> dict[Value, Value]:
    made: dict[Value, Value] = {}
    for pair in pairs if isinstance(pairs, list | tuple) else [None]:
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not isinstance(pair[0], str | int):
            raise ValueError("an OrderedDict that is not made of pairs")
        made[pair[0]] = pair[1]
    return made


def _size(lengths: Value = ()) -> tuple[Value, ...]:
    if not isinstance(lengths, list | tuple):
        raise ValueError("a torch.Size that is not made of lengths")
    return tuple(lengths)


def _text(text: Value = "", *_: Value) -> Value:
    return text if isinstance(text, str) else ""


_REBUILD: dict[str, Callable[..., View]] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_v3,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
}

ALLOWED: Mapping[str, Name] = {
    item.name: item
    for item in (
        *(Name(name, make) for name, make in _REBUILD.items()),
        Name("torch._tensor._rebuild_from_type_v2", _from_type),
        Name("collections.OrderedDict", _ordered),
        Name("torch.Size", _size),
        Name("torch.device", _text),
        *(Name(f"{module}{name}") for name in STORAGES for module in ("torch.", "torch.storage.")),
        *(Name(f"torch.{name}") for name in (*KINDS, *ALIASES)),
        Name("torch.Tensor"),
        Name("torch.nn.parameter.Parameter"),
    )
}
"""All that a file of PyTorch may name."""


def find(module: str, name: str) -> Name:
    """Return what a name stands for; raises ValueError that says the name for all others."""
    full = f"{module}.{name}"
    if full in ALLOWED:
        return ALLOWED[full]
    shown = ascii(full[:200])[1:-1]
    why = "it is not among the constructors that tensors need, and nothing else in a pickle is ever run"
    if module.startswith("torch.nn.") or name[:1].isupper():
        why = (
            f"{why}. This file holds a whole object of a Python class. If it is a network, save its tensors alone, "
            "where its program is: torch.save(model.state_dict(), FILE)"
        )
    raise ValueError(f"{shown} is refused: {why}")
