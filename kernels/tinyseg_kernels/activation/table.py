r"""The table of activation functions: each with its value and its slope, written once, for all rungs.

    y = f(x)                 forward
    dx = dy * f'             backward, where f' is worked out from x or from y, whichever the entry keeps

The functions below are those of numbers. Every rung computes these very lines with mathematics of its own
(`binding.py`): naive.py with Python's `math` on one number, numpy_cpu.py with NumPy on a whole array, numba_cpu.py and
numba_gpu.py compile them, and cupy_gpu.py takes C++ that is written of them (`table.cuh`, by `cuda_text.py`). So they
use only what all of these have:

    exp, expm1, log1p, erfc, tanh, sqrt     of a number
    where(condition, a, b)                  a where the condition holds, else b; an array computes both
    + - * / and comparisons                 with constants that are floats: 2.0, not 2

What an entry must hold: no overflow for any x, infinities included (no exponential of a large positive number, no
infinity times 0); NaN stays NaN (a comparison with it is false, and then x must come out); no digits lost to a
difference of nearly equal numbers. At a kink, where there is no slope, it is that of the flat side.

An entry to add: its value, its slope, a line in `TABLE`; then `python -m tinyseg_kernels.activation.cuda_text`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import pi
from math import sqrt as root
from typing import Any, TypeAlias

from .mathematics import erfc, exp, expm1, log1p, sqrt, tanh, where

Number = Any
"""A number, an array, or a text of C++: whatever the rung computes with."""
Formula: TypeAlias = Callable[..., Number]
"""Of a number, and of the entry's options."""


@dataclass(frozen=True)
class Elementwise:
    """A function of each number by itself."""

    name: str
    value: Formula
    """f(x, *options)."""
    slope: Formula
    """f'(x, *options), or of y where that is kept."""
    keeps: str = "x"
    """'x' or 'y': what backward needs. y costs no memory, since the layer that follows keeps it anyway."""
    options: Mapping[str, float] = field(default_factory=dict)
    """Further numbers that the function takes, and their defaults."""


# What several entries need --------------------------------------------------------------------------------------------


def clip(x: Number, low: Number, high: Number) -> Number:
    """x, but at least low and at most high."""
    return where(x < low, low, where(x > high, high, x))


def leaked(x: Number, negative_slope: Number) -> Number:
    """negative_slope * x; 0 for a slope of 0 also where x is -infinity, and NaN where it is NaN."""
    return where(negative_slope > 0.0, negative_slope * x, where(x < 0.0, 0.0, x))


def below(x: Number) -> Number:
    """min(x, 0)."""
    return where(x > 0.0, 0.0, x)


def decay(x: Number) -> Number:
    """exp(-|x|), which cannot overflow."""
    return exp(where(x > 0.0, -x, x))


def bounded(x: Number) -> Number:
    """x within 10^4 of 0: beyond, every exp(-|x|) here is 0, and an infinity times 0 would be NaN."""
    return clip(x, -1e4, 1e4)


def logistic(x: Number) -> Number:
    """1 / (1 + exp(-x)): with z = exp(-|x|) it is 1 / (1 + z), and z / (1 + z) for x < 0."""
    z = decay(x)
    return where(x < 0.0, z, 1.0) / (1.0 + z)


# Piecewise linear -----------------------------------------------------------------------------------------------------


def capped_relu(x: Number, max_value: Number, negative_slope: Number) -> Number:
    """max_value above it, x above 0, negative_slope * x below: ReLU6 with 6 and 0."""
    return where(x > max_value, max_value, where(x < 0.0, leaked(x, negative_slope), x))


def capped_relu_slope(y: Number, max_value: Number, negative_slope: Number) -> Number:
    """1 between 0 and max_value, negative_slope below, 0 above; y has x's sign, since negative_slope >= 0."""
    return where(y >= max_value, 0.0, where(y > 0.0, 1.0, negative_slope))


def threshold_relu(x: Number, max_value: Number, negative_slope: Number, threshold: Number) -> Number:
    """max_value above it, x above the threshold, negative_slope * (x - threshold) below."""
    return where(x > threshold, where(x > max_value, max_value, x), leaked(x - threshold, negative_slope))


def threshold_relu_slope(x: Number, max_value: Number, negative_slope: Number, threshold: Number) -> Number:
    """1 between threshold and max_value, negative_slope below, 0 above."""
    return where(x > threshold, where(x >= max_value, 0.0, 1.0), negative_slope)


def hard_sigmoid(x: Number) -> Number:
    """min(max(x + 3, 0), 6) / 6."""
    return clip(x + 3.0, 0.0, 6.0) / 6.0


def hard_sigmoid_slope(y: Number) -> Number:
    """1/6 where 0 < y < 1."""
    return where(y > 0.0, where(y < 1.0, 1.0 / 6.0, 0.0), 0.0)


def hard_silu(x: Number) -> Number:
    """x * hard_sigmoid(x): 0 up to -3, x from 3 on, x (x + 3) / 6 between."""
    c = clip(x, -3.0, 3.0)
    return where(x > 3.0, x, c * (c + 3.0) / 6.0)


def hard_silu_slope(x: Number) -> Number:
    """0, (2 x + 3) / 6, 1."""
    c = clip(x, -3.0, 3.0)
    return where(x > 3.0, 1.0, where(x <= -3.0, 0.0, (2.0 * c + 3.0) / 6.0))


def hard_tanh(x: Number) -> Number:
    """min(max(x, -1), 1)."""
    return clip(x, -1.0, 1.0)


def hard_tanh_slope(y: Number) -> Number:
    """1 where -1 < y < 1."""
    return where(y > -1.0, where(y < 1.0, 1.0, 0.0), 0.0)


def soft_shrink(x: Number, threshold: Number) -> Number:
    """x moved towards 0 by the threshold, 0 within it."""
    return x - clip(x, -threshold, threshold)


def hard_shrink(x: Number, threshold: Number) -> Number:
    """x, but 0 within the threshold."""
    return where(x > threshold, x, where(x >= -threshold, 0.0, x))


def shrink_slope(y: Number, threshold: Number) -> Number:
    """1 where y is not 0."""
    return where(y > 0.0, 1.0, where(y < 0.0, 1.0, 0.0))


def threshold(x: Number, threshold: Number, default_value: Number) -> Number:
    """x above the threshold, else default_value."""
    return where(x <= threshold, default_value, x)


def threshold_slope(x: Number, threshold: Number, default_value: Number) -> Number:
    """1 above the threshold."""
    return where(x > threshold, 1.0, 0.0)


# Exponential ----------------------------------------------------------------------------------------------------------


def elu(x: Number, alpha: Number) -> Number:
    """x above 0, alpha * (exp(x) - 1) below."""
    return where(x > 0.0, x, alpha * expm1(below(x)))


def elu_slope(x: Number, alpha: Number) -> Number:
    """1, alpha * exp(x)."""
    return where(x > 0.0, 1.0, alpha * exp(below(x)))


def celu(x: Number, alpha: Number) -> Number:
    """x above 0, alpha * (exp(x / alpha) - 1) below: its slope is continuous for every alpha."""
    return where(x > 0.0, x, alpha * expm1(below(x) / alpha))


def celu_slope(x: Number, alpha: Number) -> Number:
    """1, exp(x / alpha)."""
    return where(x > 0.0, 1.0, exp(below(x) / alpha))


def selu(x: Number) -> Number:
    """1.0507 * elu(x, 1.6733): numbers of mean 0 and variance 1 keep them."""
    return 1.0507009873554805 * elu(x, 1.6732632423543772)


def selu_slope(x: Number) -> Number:
    """1.0507 * that of elu."""
    return 1.0507009873554805 * elu_slope(x, 1.6732632423543772)


def exponential(x: Number) -> Number:
    """exp(x): infinity above 88 in float32, above 709 in float64."""
    return exp(x)


def exponential_slope(y: Number) -> Number:
    """exp(x), which is y."""
    return y


# Smooth ReLUs ---------------------------------------------------------------------------------------------------------


def silu(x: Number) -> Number:
    """x / (1 + exp(-x))."""
    x = where(x < -1e4, -1e4, x)
    return x * logistic(x)


def silu_slope(x: Number) -> Number:
    """s + x s (1 - s) with s = 1 / (1 + exp(-x)) and s (1 - s) = z / (1 + z)^2."""
    x = bounded(x)
    z = decay(x)
    share = 1.0 / (1.0 + z)
    return where(x < 0.0, z, 1.0) * share + x * z * share * share


def gelu(x: Number) -> Number:
    """x P(x), P the share of a normal distribution below x: erfc(-x / sqrt(2)) / 2."""
    x = where(x < -1e4, -1e4, x)
    return 0.5 * x * erfc(-ROOT_HALF * x)


def gelu_slope(x: Number) -> Number:
    """P(x) + x exp(-x^2 / 2) / sqrt(2 pi)."""
    x = bounded(x)
    return 0.5 * erfc(-ROOT_HALF * x) + DENSITY * x * exp(-0.5 * x * x)


def gelu_tanh(x: Number) -> Number:
    """x (1 + tanh(u)) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), which is x / (1 + exp(-2 u))."""
    c = bounded(x)
    twice_u = TWICE_ROOT * c * (1.0 + 0.044715 * c * c)
    return where(x < -1e4, -1e4, x) * logistic(twice_u)


def gelu_tanh_slope(x: Number) -> Number:
    """s + x s (1 - s) 2 du/dx with s = 1 / (1 + exp(-2 u))."""
    x = bounded(x)
    square = 0.044715 * x * x
    u = TWICE_ROOT * x * (1.0 + square)
    z = decay(u)
    share = 1.0 / (1.0 + z)
    steepness = TWICE_ROOT * (1.0 + 3.0 * square)
    return where(u < 0.0, z, 1.0) * share + x * z * share * share * steepness


def mish(x: Number) -> Number:
    """x tanh(log(1 + exp(x))) = x n / (n + 2) with n = e (e + 2), e = exp(x); above 0 both are divided by e^2."""
    x = where(x < -1e4, -1e4, x)
    z = decay(x)
    n = where(x < 0.0, z * (z + 2.0), 1.0 + 2.0 * z)
    return x * n / (n + 2.0 * where(x < 0.0, 1.0, z * z))


def mish_slope(x: Number) -> Number:
    """t + x (1 - t^2) s with t = n / (n + 2), 1 - t = 2 / (n + 2) and s = e / (1 + e)."""
    x = bounded(x)
    z = decay(x)
    n = where(x < 0.0, z * (z + 2.0), 1.0 + 2.0 * z)
    two = 2.0 * where(x < 0.0, 1.0, z * z)
    t = n / (n + two)
    return t + x * (two / (n + two)) * (1.0 + t) * where(x < 0.0, z, 1.0) / (1.0 + z)


def softplus(x: Number) -> Number:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
    return where(x < 0.0, 0.0, x) + log1p(decay(x))


def softplus_slope(y: Number) -> Number:
    """1 / (1 + exp(-x)) = 1 - exp(-y)."""
    return -expm1(-y)


def log_sigmoid(x: Number) -> Number:
    """log(1 / (1 + exp(-x))) = min(x, 0) - log(1 + exp(-|x|))."""
    return below(x) - log1p(decay(x))


def log_sigmoid_slope(y: Number) -> Number:
    """1 / (1 + exp(x)) = 1 - exp(y)."""
    return -expm1(y)


def squareplus(x: Number, b: Number) -> Number:
    """(x + h) / 2 with h = sqrt(x^2 + b); below 0 that is b / (2 (h - x)), which loses no digits."""
    c = clip(x, -1e15, 1e15)
    h = sqrt(c * c + b)
    inside = where(c < 0.0, 0.5 * b / (h + where(c < 0.0, -c, c)), 0.5 * (c + h))
    return where(x > 1e15, x, inside)


def squareplus_slope(x: Number, b: Number) -> Number:
    """(1 + x / h) / 2, and b / (2 h (h - x)) below 0."""
    c = clip(x, -1e15, 1e15)
    h = sqrt(c * c + b)
    return where(x < 0.0, 0.5 * b / (h + where(c < 0.0, -c, c)), 0.5 * (c + h)) / h


def sparse_plus(x: Number) -> Number:
    """0 up to -1, (x + 1)^2 / 4 up to 1, then x."""
    c = clip(x, -1.0, 1.0) + 1.0
    return where(x > 1.0, x, 0.25 * c * c)


def sparse_plus_slope(x: Number) -> Number:
    """0, (x + 1) / 2, 1."""
    return 0.5 * clip(x, -1.0, 1.0) + 0.5


# Like tanh and sigmoid ------------------------------------------------------------------------------------------------


def sparse_sigmoid(x: Number) -> Number:
    """min(max((x + 1) / 2, 0), 1)."""
    return clip(0.5 * x + 0.5, 0.0, 1.0)


def sparse_sigmoid_slope(y: Number) -> Number:
    """1/2 where 0 < y < 1."""
    return where(y > 0.0, where(y < 1.0, 0.5, 0.0), 0.0)


def softsign(x: Number) -> Number:
    """x / (1 + |x|)."""
    c = clip(x, -1e30, 1e30)
    return c / (1.0 + where(c < 0.0, -c, c))


def softsign_slope(x: Number) -> Number:
    """1 / (1 + |x|)^2."""
    share = 1.0 / (1.0 + where(x < 0.0, -x, x))
    return share * share


def tanh_shrink(x: Number) -> Number:
    """x - tanh(x)."""
    return x - tanh(x)


def tanh_shrink_slope(x: Number) -> Number:
    """tanh(x)^2."""
    t = tanh(x)
    return t * t


ROOT_HALF, DENSITY, TWICE_ROOT = root(0.5), 1.0 / root(2.0 * pi), 2.0 * root(2.0 / pi)

PARTS = (clip, leaked, below, decay, bounded, logistic)
"""What entries call, in an order in which each calls only those before it."""

_SIX = {"max_value": 6.0, "negative_slope": 0.0}
_HALF = {"threshold": 0.5}

TABLE: dict[str, Elementwise] = {
    entry.name: entry
    for entry in (
        Elementwise("capped_relu", capped_relu, capped_relu_slope, "y", _SIX),
        Elementwise("threshold_relu", threshold_relu, threshold_relu_slope, "x", {**_SIX, "threshold": 0.0}),
        Elementwise("hard_sigmoid", hard_sigmoid, hard_sigmoid_slope, "y"),
        Elementwise("hard_silu", hard_silu, hard_silu_slope),
        Elementwise("hard_tanh", hard_tanh, hard_tanh_slope, "y"),
        Elementwise("soft_shrink", soft_shrink, shrink_slope, "y", _HALF),
        Elementwise("hard_shrink", hard_shrink, shrink_slope, "y", _HALF),
        Elementwise("threshold", threshold, threshold_slope, "x", {"threshold": 0.0, "default_value": 0.0}),
        Elementwise("elu", elu, elu_slope, "x", {"alpha": 1.0}),
        Elementwise("celu", celu, celu_slope, "x", {"alpha": 1.0}),
        Elementwise("selu", selu, selu_slope),
        Elementwise("exponential", exponential, exponential_slope, "y"),
        Elementwise("silu", silu, silu_slope),
        Elementwise("gelu", gelu, gelu_slope),
        Elementwise("gelu_tanh", gelu_tanh, gelu_tanh_slope),
        Elementwise("mish", mish, mish_slope),
        Elementwise("softplus", softplus, softplus_slope, "y"),
        Elementwise("log_sigmoid", log_sigmoid, log_sigmoid_slope, "y"),
        Elementwise("squareplus", squareplus, squareplus_slope, "x", {"b": 4.0}),
        Elementwise("sparse_plus", sparse_plus, sparse_plus_slope),
        Elementwise("sparse_sigmoid", sparse_sigmoid, sparse_sigmoid_slope, "y"),
        Elementwise("softsign", softsign, softsign_slope),
        Elementwise("tanh_shrink", tanh_shrink, tanh_shrink_slope),
    )
}
"""The entries by name."""
