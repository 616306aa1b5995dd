"""Damage as hypothesis strategies: to the bytes of a file, and to the values of a configuration."""

from __future__ import annotations

import copy
import json
import math
import struct
import zlib
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

HEADER = 160
"""Half of all damage goes here: most of a reader's decisions are made on the first bytes."""

COUNTS = (0, 1, 8, 255, 256, 65_535, 65_536, 100_000, 2**31 - 1, 2**31, 2**32 - 1)
"""Numbers that fields of 32 bits are not prepared for."""

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 7, 255, 256, 2**31 - 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30,
        10**400),
    *(0.5, -0.5, 1e-300, 1e308, math.inf, -math.inf, math.nan),
    *("", "a", "0", "-1", "nan", "None", "relu", "Dense", "../../x", "/etc/passwd", "\x00", "é\u2028\N{PILE OF POO}",
        "x" * 5000),
    *([], {}, [[]], [0], [0, 0], [1, 2, 3], [None], [-1, 5], ["a", "a"], {"": 0}, {"a": {"b": [1]}}, [2**40, 2**40]),
    *({"class_name": "Dense"}, {"class_name": "Adam", "config": {}}, {"class_name": [], "config": 5}),
)  # fmt: skip
"""What a configuration is not prepared for: other types, huge, negative, not finite, and names that lead elsewhere."""


# Bytes ---------------------------------------------------------------------------------------------------------------


def _cut(content: bytes, at: int, length: int) -> bytes:
    return content[:at]


def _remove(content: bytes, at: int, length: int) -> bytes:
    return content[:at] + content[at + length :]


def _repeat(content: bytes, at: int, length: int) -> bytes:
    return content[:at] + content[at : at + length] * 2 + content[at + length :]


def _move(content: bytes, at: int, length: int) -> bytes:
    return content[:at] + content[at + length :] + content[at : at + length]


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Cut, flip, overwrite, remove, repeat, move or append, mostly once, up to four times."""
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 4)))):
        size = len(content)
        at = draw(st.integers(0, min(size, HEADER))) if draw(st.booleans()) else draw(st.integers(0, size))
        kind = draw(st.sampled_from(("flip", "flip", "byte", "count", "junk", "append", _cut, _remove, _repeat, _move)))
        if callable(kind):
            content = kind(content, at, draw(st.integers(1, 1 + size // 3)))
        elif kind == "flip" and at < size:
            content = content[:at] + bytes([content[at] ^ 1 << draw(st.integers(0, 7))]) + content[at + 1 :]
        elif kind == "byte":
            content = content[:at] + draw(st.binary(min_size=1, max_size=1)) + content[at + 1 :]
        elif kind == "count":
            number = struct.pack(draw(st.sampled_from("<>")) + "I", draw(st.sampled_from(COUNTS)))
            content = content[:at] + number + content[at + 4 :]
        elif kind == "junk":
            content = content[:at] + draw(st.binary(max_size=40)) + content[at:]
        else:
            content += draw(st.binary(max_size=40))
    return content


def with_sound_checksums(png: bytes) -> bytes:
    """Return a PNG whose chunks have the checksums of what they hold now, so that damage gets past the first check."""
    if not png.startswith(b"\x89PNG"):
        return png
    fixed, at = png[:8], 8
    while at + 12 <= len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        data = png[at + 4 : at + 8 + length]
        fixed += png[at : at + 4] + data + struct.pack(">I", zlib.crc32(data))
        at += 12 + length
    return fixed + png[at:]


# Values --------------------------------------------------------------------------------------------------------------


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Return (container, key) of every value in a tree of dicts and lists."""
    found: list[tuple[Any, Any]] = []
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ():
        found += [(tree, key), *_places(tree[key])]
    return found


@st.composite
def damaged_tree(draw: st.DrawFn, tree: Any) -> Any:
    """Replace, remove, rename, repeat or exchange values, mostly one, up to three; now and then the whole."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        places = _places(tree)
        if not places or draw(st.integers(0, 60)) == 0:
            return draw(st.sampled_from(VALUES))
        container, key = draw(st.sampled_from(places))
        kind = draw(st.sampled_from(("replace", "replace", "scale", "remove", "rename", "repeat", "exchange")))
        value = container[key]
        if kind == "scale" and type(value) in (int, float):
            factor = draw(st.sampled_from((-1, 2, 1000, 10**9)))
            container[key] = value * factor + draw(st.sampled_from((-1, 0, 1)))
        elif kind == "remove":
            del container[key]
        elif kind == "rename" and isinstance(container, dict):
            container[draw(st.sampled_from(("", f"{key}x", "../../x", "name")))] = container.pop(key)
        elif kind == "repeat" and isinstance(container, list):
            container.insert(key, copy.deepcopy(value))
        elif kind == "exchange":
            other, its = draw(st.sampled_from(places))
            container[key] = copy.deepcopy(other[its])
        else:
            container[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
    return tree


# Forms in which a tree stands in a file: (file -> tree, tree -> file) -------------------------------------------------

Form = tuple[Callable[[bytes], Any], Callable[[Any], bytes]]


def _json_bytes(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _toml_value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(
        value, ensure_ascii=False
    )  # numbers, texts and truth are written alike; null is no TOML, as it should be


def _toml_bytes(tree: Any) -> bytes:
    if not isinstance(tree, dict):
        return _toml_value(tree).encode()
    return "\n".join(f"{json.dumps(key)} = {_toml_value(value)}" for key, value in tree.items()).encode()


def _toml_tree(content: bytes) -> Any:
    import tomllib

    return tomllib.loads(content.decode())


def split_safetensors(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return header and data of a safetensors file."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def join_safetensors(header: Any, data: bytes) -> bytes:
    """Return the file again."""
    text = header if isinstance(header, bytes) else _json_bytes(header)
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def _safetensors_tree(content: bytes) -> Any:
    """Return the header, with the JSON that stands in its texts opened up too, and the data as hexadecimal digits."""
    header, data = split_safetensors(content)
    texts = header.get("__metadata__", {})
    texts.pop("checksum", None)  # it would refuse every change before what reads the rest is reached
    for key, text in texts.items():
        try:
            texts[key] = json.loads(text)
        except ValueError:
            continue
    return {"header": header, "data": data.hex()}


def _safetensors_bytes(tree: Any) -> bytes:
    header = tree.get("header") if isinstance(tree, dict) else tree
    texts = header.get("__metadata__") if isinstance(header, dict) else None
    if isinstance(texts, dict):
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in texts.items()}
        header = {**header, "__metadata__": texts}
    data = tree.get("data") if isinstance(tree, dict) else ""
    try:
        return join_safetensors(header, bytes.fromhex(data) if isinstance(data, str) else b"")
    except ValueError:
        return join_safetensors(header, b"")


JSON: Form = (json.loads, _json_bytes)
TOML: Form = (_toml_tree, _toml_bytes)
SAFETENSORS: Form = (_safetensors_tree, _safetensors_bytes)
