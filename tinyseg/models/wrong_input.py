"""What to say to data whose shape does not fit a model's input."""

from __future__ import annotations

from typing import Any

import numpy as np
from tinyseg_kernels.device import array_module
from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers.symbolic import SymbolicTensor


def narrowed(what: str, array: Any) -> Any:
    """Return the numbers in float32; raises `InvalidInput` for one that is too large and would become infinite."""
    module = array_module(array)
    with np.errstate(over="ignore"):
        narrow = array.astype(np.float32)
    if not bool(module.isfinite(narrow).all()) and bool((module.isinf(narrow) & module.isfinite(array)).any()):
        raise InvalidInput(
            f"{what}: numbers of up to 3.4e+38 fit into float32, got {array.dtype} with larger ones; "
            "scale the data, or make the model with dtype='float64'"
        )
    return narrow


def wrong_input(label: str, tensor: SymbolicTensor, shape: tuple[int, ...]) -> InvalidInput:
    """Return the error, with a guess at what is meant."""
    expected, hint = tensor.shape, ""
    if len(shape) == len(expected) - 1:
        if expected[-1] == 1 and all(e in (None, n) for e, n in zip(expected[1:], shape[1:], strict=False)):
            hint = "; add the channel axis with x[..., None]"
        else:
            hint = "; a single sample needs a batch axis: x[None]"
    elif len(shape) == 4 and len(expected) == 4 and shape[1] == expected[3]:
        hint = "; channels come last here: x.transpose(0, 2, 3, 1)"
    return InvalidInput(f"{label}: input {tensor.name!r}: expected shape {expected}, got {shape}{hint}")
