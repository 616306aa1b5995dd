"""What the numbers of an array or an argument are at first: `random`, `zeros`, a list, a structure, an expression."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from .element_types import BFLOAT16, decoded, encoded, is_float, is_vector
from .expressions import Expression
from .names import Names
from .numbers import one_bracket, split
from .pointers import Pointer

SIGNALLING: dict[int, tuple[str, int, int]] = {
    2: ("<u2", 0xFC80, 0x7F), 4: ("<u4", 0xFF900000, 0xFFFFF), 8: ("<u8", 0xFFF2000000000000, 0xFFFFF),
}  # fmt: skip
"""Bytes of a float -> its bits as an integer, the NaN of an unset number, and the bits that say of which array it is.

The NaN is a signalling one: whatever computes with it makes it a quiet one, and keeps its other bits. So a number that
nothing has written to can be told from one that was made of such a number, which also tells the array.
"""


_NAMED = re.compile(r"[\w:]+\s*(?:<[^{}]*>\s*)?\{|make_\w+\s*\(")


@dataclass(frozen=True)
class Random:
    """Normal numbers, or evenly spread ones between two limits; for integers both limits may come."""

    limits: tuple[Any, Any] | None


@dataclass(frozen=True)
class Values:
    """Numbers one by one: lists in lists, dictionaries for fields of structures, names of arrays for pointers."""

    content: Any


@dataclass(frozen=True)
class Computed:
    """An expression, with the numbers of the file that it names."""

    expression: Expression
    constants: tuple[tuple[str, Any], ...]


Fill = Random | Values | Computed | None
"""None: nothing has written to the numbers."""


def read_fill(text: str | None, names: Names, is_array: bool) -> Fill:
    """Read what stands behind `=`.

    Raises:
        ValueError: It cannot be read.
    """
    if text is None or text == "unset":
        return None
    if text == "random" or re.match(r"random\s*\(", text):
        return Random(_limits(text, names))
    if re.fullmatch(r'"(?:[^"\\]|\\.)*"', text):
        return Values([*text[1:-1].encode("utf-8").decode("unicode_escape").encode("latin-1", "replace"), 0])
    if text[:1] in "[{(" or _NAMED.match(text):
        content = _values(text, names)
        if content is not None:
            return Values(content)
    if not is_array:
        return Values(_leaf(text, names))
    if text in ("zeros", "ones"):
        return Values(float(text == "ones"))
    try:
        return Values(names.number(text, ask=False))
    except ValueError:
        return computed("arange(tinyseg_count).reshape(tinyseg_shape)" if text == "arange" else text, names)


def computed(text: str, names: Names) -> Computed:
    """Read an expression, and look up the numbers of the file that it names."""
    expression = Expression(text)
    constants = [(name, names.number(name)) for name in sorted(expression.names) if names.is_constant(name)]
    return Computed(expression, tuple(constants))


def arrays_in(fill: Fill) -> set[str]:
    """Return the names that values and expressions use: arrays of the comments, where they are such."""
    if isinstance(fill, Computed):
        return set(fill.expression.names)
    found: set[str] = set()
    waiting = [fill.content] if isinstance(fill, Values) else []
    while waiting:
        content = waiting.pop()
        if isinstance(content, (list, dict)):
            waiting += content.values() if isinstance(content, dict) else content
        elif isinstance(content, tuple):
            found.add(content[0])
    return found


def _limits(text: str, names: Names) -> tuple[Any, Any] | None:
    if text == "random":
        return None
    inside = re.fullmatch(r"random\s*\((.*)\)", text)
    limits = [names.number(part) for part in split(inside[1])] if inside is not None else []
    if len(limits) != 2:
        raise ValueError(f"expected random or random(low, high), got {text!r}")
    return limits[0], limits[1]


def _values(text: str, names: Names) -> Any:
    """Read `[1, 2]`, `{.n = 3, .scale = 0.5}`, `(1, 2, 3, 4)`, `Params{3, 0.5}`; None when it is none of these."""
    outer = re.fullmatch(r"(?:[\w:]+\s*(?:<[^{}]*>\s*)?(?=[{(]))?([\[({])(.*)[\])}]", text.strip(), re.DOTALL)
    if outer is None or not one_bracket(text.strip()):
        return None
    fields: dict[str, Any] = {}
    items: list[Any] = []
    for part in split(outer[2]):
        named = re.fullmatch(r"\.?([A-Za-z_]\w*)\s*(?:=(?!=)|:(?!:))\s*(.*)", part, re.DOTALL)
        inner = named[2] if named else part
        nested = _values(inner, names) if inner[:1] in "[{(" or _NAMED.match(inner) else None
        value = nested if nested is not None else _leaf(inner, names)
        if named:
            fields[named[1]] = value
        else:
            items.append(value)
    if fields and items:
        raise ValueError(f"{text!r}: give all fields their names, or none")
    if outer[1] == "(" and len(items) == 1:
        return items[0]
    return fields or items


def _leaf(text: str, names: Names) -> Any:
    plain = text.strip()
    if plain in ("NULL", "nullptr", "None"):
        return Pointer(None)
    reference = re.fullmatch(r"&?\s*(\w+)\s*(?:\+\s*(.+)|\[(.+)\])?", plain)
    if reference and names.is_array(reference[1]):
        offset = reference[2] or reference[3]
        return (reference[1], 0 if offset is None else names.whole(offset))
    if re.fullmatch(r"'(?:[^'\\]|\\.)'", plain):
        return ord(plain[1:-1].encode().decode("unicode_escape"))
    return names.number(plain)


def unset(shape: Sequence[int], dtype: np.dtype[Any], number: int, variant: int = 0) -> Array:
    """Return numbers that nothing has written to.

    Args:
        shape: Lengths.
        dtype: Their dtype.
        number: Of the array; a NaN names it.
        variant: 0 for bytes of 0xFF, and for floats a NaN; 1 and 2 for large numbers above and below 0, which results
            must not depend on either.
    """
    count = int(np.prod(shape, dtype=object))
    array = np.full(count * dtype.itemsize, 0xFF, np.uint8).view(dtype).reshape(tuple(shape))
    if variant:
        _fill_large(array, 1 if variant == 1 else -1, number)
    else:
        for bits in _floats(array):
            _, nan, mask = SIGNALLING[bits.itemsize]
            bits[...] = nan | (number & mask)
    return array


def _fill_large(array: Array, sign: int, number: int) -> None:
    if array.dtype.names is not None and array.dtype != BFLOAT16:
        for name in array.dtype.names:
            _fill_large(array[name], sign, number)
    elif is_float(array.dtype):
        array[...] = encoded(
            np.array(sign * (6e4 if array.dtype.name == "float16" else 1e30 * (1 + number))), array.dtype
        )
    elif array.dtype.kind in "iu":
        limits = np.iinfo(array.dtype)
        array[...] = min(max(sign * (1_000_000 + 1000 * number), limits.min), limits.max)
    elif array.dtype.kind == "b":
        array[...] = sign > 0


def _floats(array: Array) -> list[Array]:
    """Return the bits of all floating-point numbers of an array: of each floating-point field of a structure."""
    if array.dtype == BFLOAT16:
        return []  # all ones is a NaN here too
    if array.dtype.names is not None:
        return [bits for name in array.dtype.names for bits in _floats(array[name])]
    return [array.view(SIGNALLING[array.itemsize][0])] if array.dtype.kind == "f" else []


def make_array(
    fill: Fill,
    shape: tuple[int, ...] | None,
    dtype: np.dtype[Any],
    generator: np.random.Generator,
    arrays: Mapping[str, Any],
) -> Array:
    """Return an array as it is at first; without a shape it gets that of its values.

    Raises:
        ValueError: Values that do not fit.
    """
    if isinstance(fill, Random):
        return _random(fill, shape or (), dtype, generator)
    if isinstance(fill, Computed):
        known = {name: decoded(value) for name, value in arrays.items() if isinstance(value, np.ndarray)}
        sizes = {"tinyseg_shape": shape or (-1,), "tinyseg_count": int(np.prod(shape or (), dtype=object))}
        content: Any = fill.expression.evaluate({**known, **dict(fill.constants), **sizes})
    else:
        content = fill.content if fill is not None else None
    if dtype.names and dtype != BFLOAT16 and (not is_vector(dtype) or _has_fields(content)):
        return _structures(content, shape, dtype, arrays)
    values = np.asarray(_addresses(content, arrays))
    if values.dtype.kind not in "biuf":
        raise ValueError(f"expected numbers, got {content!r}")
    components = (len(dtype.names),) if is_vector(dtype) and dtype.names else ()
    if shape is None:
        shape = values.shape[: values.ndim - len(components)] if components else values.shape
    whole = (*shape, *components)
    if values.shape != whole and values.size == int(np.prod(whole, dtype=object)):
        values = values.reshape(whole)  # a list of 16 numbers for x[4][4]
    try:
        values = np.broadcast_to(values, whole)
    except ValueError:
        raise ValueError(f"expected {' x '.join(map(str, whole)) or '1'} numbers, got {values.size}") from None
    return np.array(encoded(fitting(values, dtype), dtype), order="C")


def fitting(values: Array, dtype: np.dtype[Any]) -> Array:
    """Return numbers that a dtype can hold; raises `ValueError` for an integer out of its range."""
    number = dtype.fields[dtype.names[0]][0] if dtype.names and dtype.fields else dtype
    if number.kind in "iu" and values.size and not is_float(dtype):
        limits = np.iinfo(number)
        low, high = values.min(), values.max()
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError(f"expected whole numbers for {number}, got {low if np.isfinite(high) else high}")
        if int(low) < limits.min or int(high) > limits.max:
            raise ValueError(f"{int(low) if int(low) < limits.min else int(high)} does not fit into {number}")
    return values


def _random(fill: Random, shape: tuple[int, ...], dtype: np.dtype[Any], generator: np.random.Generator) -> Array:
    if dtype.names and dtype != BFLOAT16 and not is_vector(dtype):
        out = np.zeros(shape, dtype)
        for name in dtype.names:
            field = out.dtype[name]
            out[name] = _random(fill, (*shape, *field.shape), field.base, generator)
        return out
    whole = (*shape, len(dtype.names)) if is_vector(dtype) and dtype.names else shape
    number = dtype.fields[dtype.names[0]][0] if is_vector(dtype) and dtype.names and dtype.fields else dtype
    if is_float(number):
        if fill.limits is None:
            return encoded(generator.standard_normal(whole), dtype)
        return encoded(generator.uniform(*fill.limits, whole), dtype)
    low, high = fill.limits or ((0, 1) if number.kind == "b" else (0, 9))
    drawn = generator.integers(int(low), int(high) + 1, whole, np.uint64 if int(high) >= 2**63 - 1 else np.int64)
    return encoded(fitting(drawn, dtype), dtype)


def _has_fields(content: Any) -> bool:
    return isinstance(content, dict) or (isinstance(content, list) and bool(content) and _has_fields(content[0]))


def _addresses(content: Any, arrays: Mapping[str, Any]) -> Any:
    """Turn names of arrays into their addresses."""
    if isinstance(content, list):
        return [_addresses(item, arrays) for item in content]
    if isinstance(content, Pointer):
        return 0
    if isinstance(content, tuple) and len(content) == 2 and isinstance(content[0], str):
        return Pointer(arrays[content[0]], content[1]).address
    return content


def _structures(content: Any, shape: tuple[int, ...] | None, dtype: np.dtype[Any], arrays: Mapping[str, Any]) -> Array:
    one = isinstance(content, dict) or (shape == () and isinstance(content, list))
    if shape is None:
        shape = () if one else (len(content) if isinstance(content, list) else 1,)
    out = np.zeros(shape, dtype)
    if content in (0, None) or not isinstance(content, (dict, list)):
        if content not in (0, None):
            raise ValueError(f"expected the fields {', '.join(dtype.names or ())} in brackets, got {content!r}")
        return out
    flat = out.reshape(-1)
    items: list[Any] = [content] if one or isinstance(content, dict) else content
    items = items * flat.size if len(items) == 1 else items
    if len(items) != flat.size:
        raise ValueError(f"expected {flat.size} structures, got {len(items)}")
    for k, item in enumerate(items):
        _put(flat[k : k + 1], item, arrays)
    return out


def _put(record: Array, content: Any, arrays: Mapping[str, Any]) -> None:
    """Fill one structure, an array of length 1, from its fields by name or in order."""
    known = list(record.dtype.names or ())
    if isinstance(content, dict):
        unknown = [name for name in content if name not in known]
        if unknown:
            raise ValueError(f"unknown field {unknown[0]!r} (known: {', '.join(known)})")
        pairs = list(content.items())
    else:
        values = content if isinstance(content, list) else [content]
        if len(known) == 1 and record.dtype[0].shape and len(values) > 1:
            values = [values]  # C lets the inner brackets be left out
        if len(values) > len(known):
            raise ValueError(f"expected at most {len(known)} values ({', '.join(known)}), got {len(values)}")
        pairs = list(zip(known, values, strict=False))
    for name, value in pairs:
        kind = record.dtype[name]
        if kind.names and kind != BFLOAT16:
            _put(record[name], value, arrays)
        elif kind.base.names and kind.base != BFLOAT16:
            record[name] = _structures(value, kind.shape, kind.base, arrays)
        else:
            numbers = np.broadcast_to(np.asarray(_addresses(value, arrays)), kind.shape)
            record[name] = encoded(fitting(numbers, kind.base), kind.base)
