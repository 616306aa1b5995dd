"""Numba's types as far as they matter to arithmetic, and how the simulator holds their values.

A kind is the name of a scalar type ('int32', 'float64', 'bool', ...), a tuple of kinds for a tuple, or None for
everything else (arrays, functions). Integers are Python ints within the range of their kind, booleans Python bools,
floats and complex numbers NumPy scalars.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Kind = Any
"""str | tuple[Kind, ...] | None."""

INTEGERS: dict[str, tuple[int, int]] = {
    f"{'u' if unsigned else ''}int{bits}": ((0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))
    for bits in (8, 16, 32, 64)
    for unsigned in (False, True)
}
"""Kind -> its least and its largest value."""

FLOATS = {"float16": np.float16, "float32": np.float32, "float64": np.float64}
COMPLEX = {"complex64": np.complex64, "complex128": np.complex128}
SCALARS = frozenset(["bool", *INTEGERS, *FLOATS, *COMPLEX])


def kind_of_value(value: Any) -> Kind:
    """Return the kind of a number as Numba types a constant or an argument; None for anything else."""
    if isinstance(value, bool | np.bool_):
        return "bool"
    if isinstance(value, np.generic):
        name = value.dtype.name
        return name if name in SCALARS else None
    if isinstance(value, int):
        return "int64" if value <= INTEGERS["int64"][1] else "uint64"
    if isinstance(value, float):
        return "float64"
    if isinstance(value, complex):
        return "complex128"
    return None


def held(value: Any) -> Any:
    """Return a number as the simulator holds it, anything else as it is."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float) and not isinstance(value, np.generic):
        return np.float64(value)
    if isinstance(value, complex) and not isinstance(value, np.generic):
        return np.complex128(value)
    return value
