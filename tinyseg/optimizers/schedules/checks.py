"""Checks of learning rates and of the arguments of schedules."""

from __future__ import annotations

import math
from typing import Any

from tinyseg_kernels.errors import InvalidInput


def checked_number(
    what: str, value: Any, least: float = -math.inf, above: float = -math.inf, kind: str = "a number"
) -> float:
    """Return a finite number as it is, if it is at least `least` and greater than `above`; a text or a bool is none.

    Args:
        what: Beginning of the error's text: whose argument it is.
        value: A number of Python or NumPy, or anything else that is one number, such as an array without axes.
        least: Bound that may be reached.
        above: Bound that may not.
        kind: What else is taken, for the error's text.

    Raises:
        InvalidInput: It is not.
    """
    try:
        number = None if isinstance(value, (bool, str, bytes)) or value is None else float(value)
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None:
        raise InvalidInput(f"{what}: expected {kind}, got {value!r}")
    if not (math.isfinite(number) and number >= least and number > above):
        finite = "" if math.isfinite(number) else "finite "
        bound = f" of at least {least:g}" if least > -math.inf else f" above {above:g}" if above > -math.inf else ""
        raise InvalidInput(f"{what}: expected a {finite}number{bound}, got {value!r}")
    return value if isinstance(value, int) else number


def checked_rate(what: str, value: object, kind: str = "a number") -> float:
    """Return a learning rate as a float: a finite number of at least 0."""
    return float(checked_number(what, value, least=0.0, kind=kind))
