r"""Operations that only move numbers, or add arrays: concatenate, add, flatten, reshape.

    concatenate: y is the inputs side by side along an axis; each dx is its own part of dy.
    add:         y = x_1 + x_2 + ...; every dx is dy.
    flatten:     (N, ...) to (N, D), row-major; dx is dy in x's shape. reshape likewise.

dx may be a view of dy, or dy itself: nobody may change it in place, as with all arrays that tinyseg passes around.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.arrange import concatenate_backward, concatenate_forward
    >>> y, cache = concatenate_forward([np.zeros((1, 2)), np.ones((1, 3))])
    >>> y
    array([[0., 0., 1., 1., 1.]])
    >>> [part.shape for part in concatenate_backward(y, cache)]
    [(1, 2), (1, 3)]
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_axis, as_integer, check_float
from ..errors import InvalidInput
from ..types import FloatArray


def concatenate_forward(x: Sequence[FloatArray], *, axis: int = -1) -> tuple[FloatArray, Kept]:
    """Join arrays that agree on all other axes.

    Raises:
        InvalidInput: No array, no such axis, or shapes or dtypes that do not fit.
    """
    _check_group("concatenate", x)
    rank = x[0].ndim
    if type(axis) is not int or not -rank <= axis < rank:
        axis = as_axis("concatenate: axis", axis, rank, f"arrays of shape {x[0].shape}")
    for array in x[1:]:
        agrees = array.ndim == rank and all(
            k == axis % rank or a == b for k, (a, b) in enumerate(zip(array.shape, x[0].shape, strict=True))
        )
        if not agrees:
            raise InvalidInput(
                f"concatenate: expected shapes that agree on all axes but {axis}, got {[array.shape for array in x]}"
            )
    return keep("concatenate", *rung("arrange").concatenate_forward(x, axis=axis))


def concatenate_backward(dy: FloatArray, cache: Kept) -> list[FloatArray]:
    """Return each input's part of dy."""
    return rung("arrange").concatenate_backward(*given_back("concatenate", dy, cache))


def add_forward(x: Sequence[FloatArray]) -> tuple[FloatArray, Kept]:
    """Add arrays of exactly the same shape; nothing is broadcast.

    Raises:
        InvalidInput: No array, or shapes or dtypes that do not fit.
    """
    _check_group("add", x)
    if any(array.shape != x[0].shape for array in x):
        raise InvalidInput(f"add: expected arrays of the same shape, got {[array.shape for array in x]}")
    return keep("add", *rung("arrange").add_forward(x))


def add_backward(dy: FloatArray, cache: Kept) -> list[FloatArray]:
    """Return dy once for each input."""
    return rung("arrange").add_backward(*given_back("add", dy, cache))


def flatten_forward(x: FloatArray) -> tuple[FloatArray, Kept]:
    """Reshape (N, ...) to (N, D)."""
    check_float("flatten", x=x)
    if x.ndim < 1:
        raise InvalidInput(f"flatten: expected x (N, ...), got shape {x.shape}")
    return keep("flatten", *rung("arrange").flatten_forward(x))


def flatten_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dy in x's shape."""
    return rung("arrange").flatten_backward(*given_back("flatten", dy, cache))


def reshape_forward(x: FloatArray, *, shape: Sequence[int]) -> tuple[FloatArray, Kept]:
    """Give x another shape with as many numbers, row-major.

    Raises:
        InvalidInput: Another number of numbers.
    """
    check_float("reshape", x=x)
    if not isinstance(shape, (tuple, list)):
        raise InvalidInput(f"reshape: shape: expected a tuple of integers, got {shape!r}")
    lengths = tuple(as_integer("reshape: shape", length, -(2**63), 2**63) for length in shape)
    if prod(lengths) != x.size or min(lengths, default=0) < 0:
        raise InvalidInput(f"reshape: {x.size} numbers of shape {x.shape} do not fit into shape {lengths}")
    return keep("reshape", *rung("arrange").reshape_forward(x, shape=lengths))


def reshape_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dy in x's shape."""
    return rung("arrange").reshape_backward(*given_back("reshape", dy, cache))


def _check_group(operation: str, x: Sequence[FloatArray]) -> None:
    if not isinstance(x, (list, tuple)) or len(x) == 0:
        raise InvalidInput(f"{operation}: expected a list of at least one array, got {type(x).__name__}")
    check_float(operation, **{f"x[{k}]": array for k, array in enumerate(x)})
