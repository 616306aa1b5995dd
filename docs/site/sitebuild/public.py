"""The public names of tinyseg, in the groups in which the reference shows them."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import tinyseg_kernels

import tinyseg

GROUPS = {
    "tinyseg.layers": "Layers",
    "tinyseg.models": "Models",
    "tinyseg.losses": "Losses",
    "tinyseg.metrics": "Metrics",
    "tinyseg.optimizers": "Optimizers",
    "tinyseg.optimizers.schedules": "Learning rate schedules",
    "tinyseg.callbacks": "Callbacks",
    "tinyseg.initializers": "Initializers",
    "tinyseg.regularizers": "Regularizers",
    "tinyseg.activations": "Activations",
    "tinyseg.applications": "Networks with a name",
    "tinyseg.weights": "Weights of other programs",
    "tinyseg.datasets": "Datasets",
    "tinyseg.datasets.mnist": "MNIST",
    "tinyseg.segmentation": "Segmentation without a network, and predictions of large images",
    "tinyseg.check": "Gradients against central differences",
    "tinyseg.diagnosis": "What is wrong with a backward",
    "tinyseg.visualization": "Pictures",
    "tinyseg.exercises": "The classroom",
    "tinyseg.runs": "Training runs",
    "tinyseg.book": "What chapters share",
    "tinyseg.utils": "Utilities",
    "tinyseg": "Backends, threads, precision",
}
"""Module -> its heading, in the order of the reference."""


@dataclass(frozen=True)
class Name:
    """A public name: the module from which it is imported, the name, and other names of the same thing."""

    module: str
    name: str
    thing: Any
    aliases: tuple[str, ...] = ()
    page: str = ""
    """Name of its page: not one that differs from another in capitals alone, which some systems take for the same."""

    @property
    def full(self) -> str:
        """Return the name with its module."""
        return f"{self.module}.{self.name}"

    @property
    def summary(self) -> str:
        """Return the first sentence of the docstring."""
        text = inspect.getdoc(self.thing) if inspect.isclass(self.thing) or inspect.isroutine(self.thing) else None
        return " ".join((text or "").split("\n\n")[0].split())


def public_names(module: str) -> list[Name]:
    """Return the public names of a module, without modules, and without what another group shows already."""
    room = import_module(module)
    found: dict[int, list[str]] = {}
    things: dict[int, Any] = {}
    for name in getattr(room, "__all__", None) or _activations(room):
        thing = getattr(room, name)
        if name.startswith("__") or (isinstance(thing, ModuleType) and not callable(thing)):
            continue
        if module == "tinyseg" and name in ("Input", "Model", "Sequential"):
            continue
        if module == "tinyseg.check" and name in import_module("tinyseg.diagnosis").__all__:
            continue
        found.setdefault(id(thing), []).append(name)
        things[id(thing)] = thing
    names = []
    for key, known in found.items():
        own = getattr(things[key], "__name__", None)
        first = own if own in known else known[0]
        twice = sum(name.lower() == first.lower() for others in found.values() for name in others) > 1
        page = f"{first}-function" if twice and inspect.isroutine(things[key]) else first
        names.append(Name(module, first, things[key], tuple(sorted(set(known) - {first})), page))
    return sorted(names, key=lambda name: (name.name.lower(), name.name))


def _activations(room: ModuleType) -> list[str]:
    if room.__name__ != "tinyseg.activations":
        return []
    return ["ActivationFunction", "from_function", "get", "serialize"]


def operations() -> Iterator[str]:
    """Yield the operations of `tinyseg_kernels`: the packages that have a ladder."""
    for info in pkgutil.iter_modules(tinyseg_kernels.__path__):
        if info.ispkg:
            package = import_module(f"tinyseg_kernels.{info.name}")
            inside = {part.name for part in pkgutil.iter_modules(package.__path__)}
            if {"naive", "numpy_cpu"} <= inside:
                yield info.name


def operation_functions(operation: str) -> list[Name]:
    """Return the public functions of an operation."""
    module = f"tinyseg_kernels.{operation}"
    package = import_module(module)
    return [
        Name(module, name, thing, page=name)
        for name, thing in vars(package).items()
        if inspect.isfunction(thing) and not name.startswith("_") and thing.__module__ == module
    ]


assert tinyseg.__all__  # the reference is that of the package that is imported
