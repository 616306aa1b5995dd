"""Names of layers: 'conv2d', 'conv2d_1', ... as Keras gives them."""

from __future__ import annotations

import re
from collections import Counter

_used: Counter[str] = Counter()


def snake_case(name: str) -> str:
    """Turn a class name into Keras's form: Conv2D -> conv2d, MaxPooling2D -> max_pooling2d, ReLU -> re_lu."""
    name = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def unique_name(class_name: str) -> str:
    """Return a name that no automatically named layer of this process has."""
    base = snake_case(class_name)
    count = _used[base]
    _used[base] += 1
    return base if count == 0 else f"{base}_{count}"


def reset_names() -> None:
    """Start the automatic names again at 'conv2d', 'dense', ..."""
    _used.clear()
