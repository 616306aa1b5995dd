"""Arguments that tinyseg and Keras both have.

The same defaults, and the same order, so that a Keras program means the same here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import keras
import pytest

import tinyseg

BASES = {
    "Callback",
    "CallbackList",
    "Initializer",
    "InputLayer",
    "Layer",
    "LearningRateSchedule",
    "Loss",
    "Metric",
    "Optimizer",
}
"""What users derive from or never make themselves; there the arguments are tinyseg's own."""

MODULES = ["layers", "losses", "metrics", "optimizers", "optimizers.schedules", "initializers", "callbacks"]


def module(package: Any, path: str) -> Any:
    """Return a module by its dotted path in a package."""
    for part in path.split("."):
        package = getattr(package, part)
    return package


def shared_callables() -> Iterator[Any]:
    """Yield every public class (and the methods of models) that both have."""
    for path in MODULES:
        ours, theirs = module(tinyseg, path), module(keras, path)
        for name in sorted(set(ours.__all__) - BASES):
            if inspect.isclass(getattr(ours, name)) and inspect.isclass(getattr(theirs, name, None)):
                yield pytest.param(getattr(ours, name).__init__, getattr(theirs, name).__init__, id=f"{path}.{name}")
    for name in ("compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "summary", "load_weights"):
        yield pytest.param(getattr(tinyseg.Model, name), getattr(keras.Model, name), id=f"Model.{name}")
    yield pytest.param(tinyseg.utils.to_categorical, keras.utils.to_categorical, id="utils.to_categorical")
    yield pytest.param(tinyseg.models.load_model, keras.models.load_model, id="models.load_model")


DELIBERATE = {
    ("Model.evaluate", "verbose"): 0,  # these run inside loops and tests; fit is where one waits and watches
    ("Model.predict", "verbose"): 0,
    ("Model.summary", "print_fn"): print,
}
"""Defaults that differ on purpose."""


def arguments(function: Any) -> dict[str, Any]:
    """Return the named arguments with their defaults, in order, without self."""
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name != "self"]
    return {p.name: p.default for p in named}


def same_value(a: Any, b: Any) -> bool:
    """Compare defaults; a name and an object with that name, or a list and a tuple, mean the same."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return list(a) == list(b)
    return bool(a == b)


@pytest.mark.parametrize(("ours", "theirs"), shared_callables())
def test_defaults(ours: Any, theirs: Any, request: pytest.FixtureRequest) -> None:
    mine, reference = arguments(ours), arguments(theirs)
    different = {
        name: (mine[name], reference[name])
        for name in mine.keys() & reference.keys()
        # Where Keras requires an argument, a default does no harm; names of losses and metrics are tinyseg's own.
        if name != "name"
        and reference[name] is not inspect.Parameter.empty
        and not same_value(mine[name], reference[name])
    }
    case = request.node.callspec.id
    assert {k: v for k, v in different.items() if DELIBERATE.get((case, k), "") != v[0]} == {}


@pytest.mark.parametrize(("ours", "theirs"), shared_callables())
def test_order(ours: Any, theirs: Any) -> None:
    mine, reference = list(arguments(ours)), list(arguments(theirs))
    shared = [name for name in mine if name in reference]
    assert shared == [name for name in reference if name in mine]
