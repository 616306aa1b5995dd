"""Messages of protobuf as trees of dicts and lists, to damage their values; what no longer fits a field is left out."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from .mutations import Form


def _tree(message: Any) -> dict[str, Any]:
    return {field.name: _plain(value) for field, value in message.ListFields()}


def _plain(value: Any) -> Any:
    if hasattr(value, "ListFields"):
        return _tree(value)
    if hasattr(value, "extend"):
        return [_plain(item) for item in value]
    return value.hex() if isinstance(value, bytes) else value


def _fill(message: Any, tree: Any) -> None:
    fields = message.DESCRIPTOR.fields_by_name
    for name, value in tree.items() if isinstance(tree, dict) else ():
        if name not in fields:
            continue
        there = getattr(message, name)
        with suppress(TypeError, ValueError, OverflowError, UnicodeError):
            if hasattr(there, "add"):
                for item in value:
                    _fill(there.add(), item)
            elif hasattr(there, "extend"):
                for item in value:
                    there.append(bytes.fromhex(item) if fields[name].type == fields[name].TYPE_BYTES else item)
            elif hasattr(there, "ListFields"):
                there.SetInParent()
                _fill(there, value)
            else:
                setattr(message, name, bytes.fromhex(value) if isinstance(there, bytes) else value)


def form(message_class: Any) -> Form:
    """Return how files that hold one message of a class are seen as trees."""

    def tree(content: bytes) -> Any:
        return _tree(message_class.FromString(content))

    def content(tree: Any) -> bytes:
        message = message_class()
        _fill(message, tree)
        return bytes(message.SerializePartialToString())

    return tree, content
