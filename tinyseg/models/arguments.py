"""Checks of what `compile`, `fit`, `evaluate` and `predict` are told."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Callable, Collection, Mapping
from typing import Any

from tinyseg_kernels.checks import as_count
from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg.losses.labels import LARGEST_WEIGHT


class _Unsaid(int):
    """True, Keras's default of an argument, when the caller did not say it."""

    def __repr__(self) -> str:
        """Show what it means."""
        return "True"


UNSAID = _Unsaid(True)


def flag(name: str, value: object) -> bool:
    """Return True or False; a number other than 0 and 1, or a text, is neither."""
    if value not in (False, True):
        raise InvalidInput(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def fraction(name: str, value: object) -> float:
    """Return a number above 0 and below 1."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0.0 < float(value) < 1.0:
        raise InvalidInput(f"{name}: expected a number above 0 and below 1, got {value!r}")
    return float(value)


def epochs_of_validation(validation_freq: object) -> Callable[[int], bool]:
    """Return which epochs (from 0) are validated.

    Every n-th, or those in a list (there they count from 1, as in Keras).
    """
    if isinstance(validation_freq, Collection) and not isinstance(validation_freq, (str, bytes, Mapping)):
        chosen = {as_count("validation_freq", epoch, 1) for epoch in validation_freq}
        return lambda epoch: epoch + 1 in chosen
    if not isinstance(validation_freq, numbers.Integral):
        raise InvalidInput(f"validation_freq: expected an integer or a list of epochs, got {validation_freq!r}")
    every = as_count("validation_freq", validation_freq, 1)
    return lambda epoch: (epoch + 1) % every == 0


def unknown_arguments(function: Callable[..., Any], given: Mapping[str, Any]) -> InvalidInput:
    """Make the error for arguments that a method does not have, with the nearest ones that it has."""
    known = [
        n for n, p in inspect.signature(function).parameters.items() if n != "self" and p.kind is not p.VAR_KEYWORD
    ]
    return unknown_name(f"argument of {function.__name__}", next(iter(given)), known)


def check_how_it_is_run(
    run_eagerly: object, steps_per_execution: object, jit_compile: object, auto_scale_loss: object
) -> None:
    """Take the values of `compile`'s arguments that mean what tinyseg does anyway, and refuse the others.

    Keras compiles a model's steps unless told not to. Here every step is run as it stands (Keras's run_eagerly=True),
    by kernels that are compiled or not as the backend says, which gives the same numbers as run_eagerly=False would.
    """
    for name, value in (("run_eagerly", run_eagerly), ("auto_scale_loss", auto_scale_loss)):
        if value is not None and not isinstance(value, bool):
            raise InvalidInput(f"{name}: expected True or False, got {value!r}")
    if jit_compile not in (False, None, "auto"):
        raise InvalidInput(
            f"jit_compile: expected False or 'auto', got {jit_compile!r}: there is no XLA here; whether kernels are compiled is chosen by "
            "tinyseg.set_backend('numba') and its like"
        )
    if isinstance(steps_per_execution, bool) or steps_per_execution != 1:
        raise InvalidInput(
            f"steps_per_execution: expected 1, got {steps_per_execution!r}: a step is never a part of a larger one here"
        )


def loss_factor(value: Any) -> float:
    """Return a factor of a loss in the sum, 1 for None."""
    if value is None:
        return 1.0
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not (is_number and -LARGEST_WEIGHT <= value <= LARGEST_WEIGHT):
        raise InvalidInput(
            f"loss_weights: expected numbers that are finite in float32, got {value!r}; metrics are given as "
            "metrics=[...]"
        )
    return float(value)
