r"""Activation functions: applied to every number by itself.

    relu(x)       = max(x, 0)                     dx = dy where y > 0, else 0 (also at exactly 0, where the slope is undefined)
    leaky_relu(x) = x if x > 0 else a * x         dx = dy where x > 0, else a * dy
    sigmoid(x)    = 1 / (1 + exp(-x))             dx = dy * y * (1 - y)
    tanh(x)                                       dx = dy * (1 - y^2)

All but leaky_relu need only their own output for the gradient, so that is all they keep. NaN stays NaN.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.activation import relu_backward, relu_forward
    >>> y, cache = relu_forward(np.array([-1.0, 0.0, 2.0]))
    >>> y, relu_backward(np.ones(3), cache)
    (array([0., 0., 2.]), array([0., 0., 1.]))
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..backend import get_backend, rung
from ..caches import Kept, given_back, keep
from ..checks import as_number, as_scalar, check_float
from ..errors import InvalidInput, unknown_name
from ..types import FloatArray
from .cache import Options
from .table import TABLE


def relu_forward(x: FloatArray) -> tuple[FloatArray, Kept]:
    """Return max(x, 0)."""
    check_float("relu", x=x)
    return keep("relu", *rung("activation").relu_forward(x))


def relu_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dy where x was positive, else 0."""
    return rung("activation").relu_backward(*given_back("relu", dy, cache))


def cap(y: FloatArray, most: float) -> FloatArray:
    """Return min(y, most), written over y, an array of the CPU that nobody else needs; there is no way back.

    With the ReLU of the operation before it is ReLU6 and the like. NaN stays NaN.
    """
    if get_backend() == "numba" and y.dtype == np.float32 and y.flags.c_contiguous:
        from .cpu.capping import cap as compiled  # needs Numba

        compiled(y, most)
        return y
    return np.minimum(y, y.dtype.type(most), out=y)


def leaky_relu_forward(x: FloatArray, *, negative_slope: float = 0.3) -> tuple[FloatArray, Kept]:
    """Return x where it is positive, else negative_slope * x."""
    check_float("leaky_relu", x=x)
    slope = as_number("leaky_relu: negative_slope", negative_slope)
    return keep("leaky_relu", *rung("activation").leaky_relu_forward(x, negative_slope=slope))


def leaky_relu_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dy where x was positive, else negative_slope * dy."""
    return rung("activation").leaky_relu_backward(*given_back("leaky_relu", dy, cache))


def sigmoid_forward(x: FloatArray) -> tuple[FloatArray, Kept]:
    """Return 1 / (1 + exp(-x)), without overflow for any x."""
    check_float("sigmoid", x=x)
    return keep("sigmoid", *rung("activation").sigmoid_forward(x))


def sigmoid_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dy * y * (1 - y)."""
    return rung("activation").sigmoid_backward(*given_back("sigmoid", dy, cache))


def tanh_forward(x: FloatArray) -> tuple[FloatArray, Kept]:
    """Return the hyperbolic tangent."""
    check_float("tanh", x=x)
    return keep("tanh", *rung("activation").tanh_forward(x))


def tanh_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dy * (1 - y^2)."""
    return rung("activation").tanh_backward(*given_back("tanh", dy, cache))


def elementwise_forward(x: FloatArray, *, function: str, **options: float) -> tuple[FloatArray, Kept]:
    """Return a function of the table for every number of x.

    Args:
        x: Of any shape, float32 or float64.
        function: A name in `table.TABLE`, such as 'gelu'.
        options: Those of the function, such as alpha=0.5 for 'elu'; they may be infinite.

    Raises:
        InvalidInput: An unknown function or option, or an option that is no number.

    Example:
        >>> import numpy as np
        >>> from tinyseg_kernels.activation import elementwise_backward, elementwise_forward
        >>> y, cache = elementwise_forward(np.array([-4.0, 0.0, 4.0]), function="hard_silu")
        >>> y, elementwise_backward(np.ones(3), cache)
        (array([-0.,  0.,  4.]), array([0. , 0.5, 1. ]))
    """
    check_float("elementwise", x=x)
    return keep("elementwise", *rung("activation").elementwise_forward(x, function, options_of(function, options)))


def elementwise_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dy times the function's slope."""
    return rung("activation").elementwise_backward(*given_back("elementwise", dy, cache))


def options_of(function: str, options: Mapping[str, float]) -> Options:
    """Return the options of a function of the table in its order, checked."""
    if function not in TABLE:
        raise unknown_name("function of the table", function, TABLE)
    own = TABLE[function].options
    for name in options:
        if name not in own:
            raise unknown_name(f"option of {function}", name, own)
    found = [as_scalar(f"{function}: {name}", options.get(name, default)) for name, default in own.items()]
    for name, value in zip(own, found, strict=True):
        if value != value:
            raise InvalidInput(f"{function}: {name}: expected a number, got {value!r}")
    a, b, c = (*found, 0.0, 0.0, 0.0)[:3]
    return a, b, c
