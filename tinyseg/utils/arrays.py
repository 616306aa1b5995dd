"""Arrays of other libraries as NumPy arrays, and arrays in lists and dicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.device import is_device_array
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array


def as_array(values: object) -> Array:
    """Return an array of NumPy or of a device as it is, else a NumPy array, without a copy where possible."""
    if type(values) is np.ndarray or is_device_array(values):
        return values
    return _converted(values)


def _converted(values: Any) -> Array:
    kind = f"{type(values).__module__.partition('.')[0]}.{type(values).__name__}"
    if kind == "numpy.MaskedArray":
        raise InvalidInput(
            "expected an array without a mask, got a masked array; say what masked places hold with .filled(value)"
        )
    if hasattr(values, "detach") and hasattr(values, "cpu"):  # PyTorch: without its gradient, on the host
        values = values.detach().cpu()
        values = values.float() if str(values.dtype) == "torch.bfloat16" else values  # NumPy has no such numbers
    try:
        if hasattr(values, "__dlpack__") and not hasattr(values, "__array__"):
            return np.from_dlpack(values)
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        hint = (
            "; lists must be as long as one another, and images of one size"
            if isinstance(values, (list, tuple))
            else ""
        )
        raise InvalidInput(f"cannot make a NumPy array of {kind}: {error}{hint}") from None
    # JAX's bfloat16 and float8 are no numbers for NumPy's arithmetic.
    return array.astype(np.float32) if array.dtype.kind == "V" and "float" in array.dtype.name else array


def apart_from(given: list[Array], output: Any) -> Any:
    """Return an output, or a list of them; a copy where one may share memory with the caller's arrays."""
    if isinstance(output, (list, tuple)):
        return [apart_from(given, item) for item in output]
    return output.copy() if any(_may_share(array, output) for array in given) else output


def _may_share(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return np.may_share_memory(a, b)
    bases = [getattr(array, "base", None) for array in (a, b)]
    return a is b or bases[1] is a or (bases[0] is not None and bases[0] is bases[1])


def map_arrays(function: Callable[[Array], Any], structure: Any) -> Any:
    """Apply a function to an array, or to each array in a list or dict; None stays None."""
    if structure is None:
        return None
    if isinstance(structure, Mapping):
        return {key: map_arrays(function, item) for key, item in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [map_arrays(function, item) for item in structure]
    return function(structure)


def arrays_in(structure: object) -> list[Array]:
    """Return all arrays of an array, list, dict or None."""
    found: list[Array] = []
    map_arrays(found.append, structure)
    return found


def as_arrays(structure: object) -> Any:
    """Turn what the caller gave as data into arrays: a dict by name and a tuple or list of arrays stay groups."""
    if isinstance(structure, Mapping):
        return {key: as_array(item) for key, item in structure.items()}
    if isinstance(structure, (list, tuple)) and structure and all(hasattr(item, "shape") for item in structure):
        return [as_array(item) for item in structure]
    return None if structure is None else as_array(structure)


def is_group(value: object) -> bool:
    """Whether this is a list or tuple of arrays."""
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(len(getattr(v, "shape", ())) > 0 for v in value)
