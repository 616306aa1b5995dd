"""What the class ids of a dataset mean: `dataset.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg.utils.files import read_text
from tinyseg.utils.types import JsonObject

from .palette import Color, default_colors

VOID = 255
"""The label of pixels that count neither in the loss nor in the metrics, in every batch, whatever the files call it."""

LARGEST_FILE, MOST_DOTS = 1 << 18, 1000
"""Bytes, and dots of a line: the time for reading a key `a.a.a...` grows with the square of its length."""

BYTES = {str(value) for value in range(256)}
KEYS = ("classes", "colors", "ignore_class", "ignore_color", "mask_values")


@dataclass(frozen=True)
class Description:
    """The content of `dataset.toml`; everything may be missing.

    An example of such a file:

        classes = ["background", "nucleus"]          # names, in the order of the class ids
        colors = [[0, 0, 0], [255, 160, 0]]          # for pictures, and what the colours of RGB masks mean
        ignore_class = 11                            # this value in a mask means: unlabelled
        ignore_color = [255, 255, 255]               # this colour in an RGB mask means: unlabelled
        [mask_values]                                # value in the mask file = class id, when they differ
        0 = 0
        255 = 1

    Example:
        >>> from tinyseg.datasets import Description
        >>> Description(classes=("background", "cell"), ignore_class=255).classes
        ('background', 'cell')
    """

    classes: tuple[str, ...] = ()
    colors: tuple[Color, ...] = ()
    ignore_class: int | None = None
    mask_values: dict[int, int] = field(default_factory=dict)
    ignore_color: Color | None = None

    def ids_of_colors(self) -> dict[Color, int]:
        """Return the class id of each colour, for masks that are colour images; VOID for the one to ignore."""
        ids = {color: k for k, color in enumerate(self.colors)}
        if self.ignore_class is not None and self.ignore_class < len(self.colors):
            ids[self.colors[self.ignore_class]] = VOID
        return ids if self.ignore_color is None else ids | {self.ignore_color: VOID}

    def table(self, classes: int) -> Array:
        """Return the class id for each value of a mask file (256,).

        -1 stands for values that are not allowed, VOID for the one to ignore.
        """
        table = np.full(256, -1, np.int16)
        for value, label in (self.mask_values or {k: k for k in range(classes)}).items():
            if label < classes:
                table[value] = label
        if self.ignore_class is not None:
            table[self.ignore_class] = VOID
        return table

    def class_names(self, count: int) -> list[str]:
        """Return a name for each class."""
        return list(self.classes) if self.classes else [f"class {k}" for k in range(count)]

    def class_colors(self, count: int) -> list[Color]:
        """Return a colour for each class."""
        return [*self.colors[:count], *default_colors(count)[len(self.colors) :]]


def read_description(path: Path) -> Description:
    """Read `dataset.toml`.

    Raises:
        InvalidInput: Not TOML, an unknown key, or a value of the wrong kind; the text names the file.
    """
    text = read_text(path, "TOML", LARGEST_FILE)
    if max(line.count(".") for line in text.split("\n")) > MOST_DOTS:
        raise InvalidInput(f"{path}: a line with more than {MOST_DOTS:,} dots")
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number with more digits than Python reads
        raise InvalidInput(f"{path}: not a TOML file: {error}") from error
    try:
        return _checked(path, content)
    except InvalidInput:
        raise
    except (ValueError, RecursionError) as error:  # a value that cannot even be shown: too many digits, too deep
        raise InvalidInput(f"{path}: not a description of classes: {error}") from error


def _checked(path: Path, content: JsonObject) -> Description:
    for key in content:
        if key not in KEYS:
            raise InvalidInput(f"{path}: {unknown_name('key', key, KEYS)}")
    names = content.get("classes", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(names) > VOID:
        raise InvalidInput(f"{path}: classes: expected a list of names, such as ['background', 'cell'], got {names!r}")
    if names and (len(names) < 2 or len(set(names)) < len(names)):
        raise InvalidInput(
            f"{path}: classes: expected at least two different names, the background included, got {names!r}"
        )
    colors = content.get("colors", [])
    if not isinstance(colors, list) or not all(
        isinstance(c, list) and len(c) == 3 and all(_is_byte(v) for v in c) for c in colors
    ):
        raise InvalidInput(f"{path}: colors: expected a list of [red, green, blue] from 0 to 255, got {colors!r}")
    void = content.get("ignore_color")
    if void is not None and not (isinstance(void, list) and len(void) == 3 and all(_is_byte(v) for v in void)):
        raise InvalidInput(f"{path}: ignore_color: expected [red, green, blue] from 0 to 255, got {void!r}")
    if names and colors and len(colors) != len(names):
        raise InvalidInput(f"{path}: colors: expected one per class ({len(names)}), got {len(colors)}")
    owners: dict[tuple[int, ...], str] = {}
    for color, owner in [
        *((tuple(color), f"class {k}") for k, color in enumerate(colors)),
        *([] if void is None else [(tuple(void), "ignore_color")]),
    ]:
        other = owners.setdefault(color, owner)
        if other != owner:
            raise InvalidInput(
                f"{path}: {other} and {owner} have one colour, {list(color)}, so that masks and pictures cannot tell "
                "them apart; give each its own (two values or colours for one class: mask_values)"
            )
    ignored = content.get("ignore_class")
    if ignored is not None and not _is_byte(ignored):
        raise InvalidInput(f"{path}: ignore_class: expected a value from 0 to 255, got {ignored!r}")
    values = _mask_values(path, content)
    for value, label in values.items():
        if names and label >= len(names):
            raise InvalidInput(
                f"{path}: mask_values: {value} = {label}, but the {len(names)} classes have the ids 0 to "
                f"{len(names) - 1}"
            )
    if ignored in values:
        raise InvalidInput(
            f"{path}: the value {ignored} is class {values[ignored]} in mask_values, and unlabelled as ignore_class; "
            "leave out one of the two"
        )
    return Description(
        tuple(names),
        tuple((r, g, b) for r, g, b in colors),
        ignored,
        values,
        None if void is None else (void[0], void[1], void[2]),
    )


def _mask_values(path: Path, content: JsonObject) -> dict[int, int]:
    given = content.get("mask_values", {})
    values: dict[int, int] = {}
    pairs: list[tuple[str, Any]] = list(given.items()) if isinstance(given, dict) else [("", given)]
    for key, label in pairs:
        if key not in BYTES or not _is_byte(label) or label == VOID:
            void = "; 255 is no class: unlabelled pixels are named by ignore_class" if label == VOID else ""
            raise InvalidInput(
                f"{path}: mask_values: expected lines such as '255 = 1' (value in the file = class id), "
                f"got {key!r} = {label!r}{void}"
            )
        values[int(key)] = label
    return values


def _is_byte(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255
