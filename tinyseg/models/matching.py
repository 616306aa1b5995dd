"""Which layer of a file is which layer of a model.

A name that somebody gave is the same layer wherever it is found. A name that was given automatically (conv2d, conv2d_1,
...) counts the layers of a process, so that a notebook that runs a cell twice has other names: such layers are matched
in their order, as Keras does, when classes agree. What could be meant in two ways is refused.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.naming import snake_case

from .copying import NETWORK, leaves

if TYPE_CHECKING:
    from .network import Network

LAYERS = "layers"
"""Where a file's texts say which class each layer is of: {'conv2d': 'Conv2D', 'model/dense': 'Model/Dense', ...} in
order."""


@dataclass(frozen=True)
class _Layer:
    """A layer with arrays: its path, the classes along it, and for each array its shape and whether it holds floating-point numbers."""

    path: str
    classes: str
    arrays: dict[str, tuple[tuple[int, ...], bool]]

    @property
    def is_automatic(self) -> bool:
        """Whether a part of the path is a name that nobody gave."""
        return is_automatic(self.path, self.classes)

    @property
    def is_trained(self) -> bool:
        """Whether it holds more than counters, such as Dropout's."""
        return any(floating for _, floating in self.arrays.values())

    def fits(self, other: _Layer) -> bool:
        """Whether the arrays agree."""
        return self.arrays == other.arrays


def is_automatic(path: str, classes: str) -> bool:
    """Whether a part of a layer's path is a name that nobody gave, such as 'conv2d_3' of a Conv2D."""
    parts = zip(path.split("/"), classes.split("/"), strict=False)
    return any(re.fullmatch(rf"({_automatic(cls)})(_\d+)?", name) for name, cls in parts)


def _automatic(cls: str) -> str:
    return "model|sequential" if cls == NETWORK else re.escape(snake_case(cls))


def layers_text(model: Network) -> str:
    """Return what a file says of its layers."""
    return json.dumps(leaves(model))


class Renaming:
    """What the layers of a file are called in a model."""

    def __init__(
        self, model: Network, own: Mapping[str, Array], saved: Mapping[str, Array], layers: str | None, *, partly: bool
    ) -> None:
        """Match the layers.

        Args:
            model: The model.
            own: Its arrays by 'parameters/<path>/<name>' or 'state/<path>/<name>'.
            saved: The file's.
            layers: What the file says of its layers; without it all names count as given.
            partly: Whether some may be left over; then layers in the same order are matched as far as their classes
                agree, with a warning.

        Raises:
            InvalidInput: Automatic names and order say different things.
        """
        self.classes = classes_of_file(layers)
        self.unsure = ""
        self.to: dict[str, str] | None = None  # all names are the same
        if self.classes is None:
            return
        mine, theirs = _grouped(own, leaves(model)), _grouped(saved, self.classes)
        automatic = {layer.path for layer in mine if layer.is_automatic}
        self.to = {layer.path: layer.path for layer in theirs if not layer.is_automatic and layer.path not in automatic}
        for trained in (True, False):
            ours, given = ([a for a in group if a.is_automatic and a.is_trained == trained] for group in (mine, theirs))
            found = _in_order(ours, given, partly)
            self.to |= found
            if given and not found and not self.unsure:
                self.unsure = f"; layers with automatic names are matched in their order, and these are {_named(given)} in the file, {_named(ours)} in the model"

    def __call__(self, name: str) -> str | None:
        """Return what an array of the file, 'path/name', is called in the model; None when there is none such."""
        if self.classes is None or self.to is None:
            return name
        path, array = split(name, self.classes)
        return f"{self.to[path]}/{array}" if path in self.to else None


def _named(layers: list[_Layer]) -> str:
    return (
        ", ".join(f"{layer.path} ({layer.classes})" for layer in layers[:6]) + (" ..." if len(layers) > 6 else "")
        or "none"
    )


def _in_order(ours: list[_Layer], given: list[_Layer], partly: bool) -> dict[str, str]:
    """Match layers with automatic names."""
    if [layer.path for layer in ours] == [layer.path for layer in given]:
        return {layer.path: layer.path for layer in given}
    pairs = list(zip(given, ours, strict=False))
    same_classes = len(ours) == len(given) and all(a.classes == b.classes for a, b in pairs)
    if same_classes:
        there = {layer.path: layer for layer in ours}
        if {layer.path for layer in given} == set(there) and all(layer.fits(there[layer.path]) for layer in given):
            raise InvalidInput(
                f"the names of the layers ({', '.join(layer.path for layer in given)} in the file, {', '.join(there)} in the model) say something else than "
                "their order, and none of them was given by somebody: name the layers"
            )
        return {a.path: b.path for a, b in pairs}
    if not partly:
        return {}
    found: dict[str, str] = {}
    for a, b in pairs:
        if a.classes != b.classes or not a.fits(b):
            break
        found[a.path] = b.path
    if found:
        warnings.warn(
            f"layers with automatic names were matched in their order as far as classes and shapes agree ({', '.join(f'{a} -> {b}' for a, b in found.items())}); "
            "name the layers to be sure",
            stacklevel=_levels_to_the_caller(),
        )
    return found


def _levels_to_the_caller() -> int:
    """Return how far up the first function stands that is not tinyseg's, for a warning that is called from here."""
    frame, levels = sys._getframe(1), 1
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith("tinyseg."):
        frame, levels = frame.f_back, levels + 1
    return levels


def classes_of_file(layers: str | None) -> dict[str, str] | None:
    """Return what a file says of its layers, or None when it says nothing that can be used."""
    try:
        found = None if layers is None else json.loads(layers)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and all(isinstance(item, str) for item in found.values()) else None


def _grouped(arrays: Mapping[str, Array], classes: Mapping[str, str]) -> list[_Layer]:
    """Put arrays to their layers, in the layers' order."""
    found: dict[str, dict[str, tuple[tuple[int, ...], bool]]] = {path: {} for path in classes}
    for key, array in arrays.items():
        path, name = split(key.partition("/")[2], classes)
        found.setdefault(path, {})[name] = (tuple(array.shape), array.dtype.kind == "f")
    return [_Layer(path, classes.get(path, ""), items) for path, items in found.items() if items]


def split(name: str, classes: Mapping[str, str]) -> tuple[str, str]:
    """Return a layer's path and the name of its array from 'path/name'; both may hold slashes."""
    path = name.rpartition("/")[0]
    while path and path not in classes:
        path = path.rpartition("/")[0]
    path = path or name.rpartition("/")[0]
    return path, name[len(path) + 1 :]
