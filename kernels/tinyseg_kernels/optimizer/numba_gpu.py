"""The updates by Numba kernels.

One launch for each tensor, since a Numba kernel takes arrays and no table of their addresses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import Kernel, cuda, device_function, jit, launch
from ..gpu.numba_sums import ROWS_PER_THREAD, sum_rows
from ..types import Argument, FloatArray, Real
from . import Preparation
from .tables import neutral_scales

THREADS = 128

FUSED: tuple[str, ...] = ("float32", "float64")
"""The dtypes whose update is one kernel."""

Arrays = Sequence[FloatArray]


@device_function
def _prepared_gradient(g: Real, scale: Real, clipvalue: Real) -> Real:
    """Scale and cut; NaN stays NaN."""
    g *= scale
    if g < -clipvalue:
        g = -clipvalue
    elif g > clipvalue:
        g = clipvalue
    return g


@jit
def _adam(
    p: FloatArray, g: FloatArray, m: FloatArray, v: FloatArray, scales: FloatArray, k: int, clipvalue: Real,
    decay: Real, rate: Real, share_1: Real, share_2: Real, epsilon: Real,
) -> None:  # fmt: skip
    """m += (g - m) * (1 - b1), v += (g^2 - v) * (1 - b2), p -= rate * m / (sqrt(v) + epsilon)."""
    i = cuda.grid(1)
    if i < p.size:
        gradient = _prepared_gradient(g[i], scales[k], clipvalue)
        value = p[i] - p[i] * decay
        mean = m[i] + (gradient - m[i]) * share_1
        square = v[i] + (gradient * gradient - v[i]) * share_2
        m[i] = mean
        v[i] = square
        p[i] = value - mean * rate / (math.sqrt(square) + epsilon)


@jit
def _sgd(
    p: FloatArray, g: FloatArray, v: FloatArray, scales: FloatArray, k: int, clipvalue: Real, decay: Real,
    rate: Real, momentum: Real, has_momentum: bool, nesterov: bool,
) -> None:  # fmt: skip
    """p -= rate * g, or with a memory of the steps."""
    i = cuda.grid(1)
    if i < p.size:
        value = p[i] - p[i] * decay
        step = -rate * _prepared_gradient(g[i], scales[k], clipvalue)
        if has_momentum:
            memory = momentum * v[i] + step
            v[i] = memory
            step = momentum * memory + step if nesterov else memory
        p[i] = value + step


@jit
def _rmsprop(
    p: FloatArray, g: FloatArray, v: FloatArray, u: FloatArray, a: FloatArray, scales: FloatArray, k: int,
    clipvalue: Real, decay: Real, rate: Real, rho: Real, share: Real, momentum: Real, epsilon: Real,
    has_momentum: bool, centered: bool,
) -> None:  # fmt: skip
    """p -= rate * g / sqrt(v + epsilon), or with a memory of the steps."""
    i = cuda.grid(1)
    if i < p.size:
        value = p[i] - p[i] * decay
        gradient = _prepared_gradient(g[i], scales[k], clipvalue)
        square = rho * v[i] + share * (gradient * gradient)
        v[i] = square
        variance = square + epsilon
        if centered:
            average = rho * a[i] + share * gradient
            a[i] = average
            variance -= average * average
        step = rate * gradient / math.sqrt(variance)
        if has_momentum:
            step += momentum * u[i]
            u[i] = step
        p[i] = value - step


@jit
def _square_sums(g: FloatArray, sums: FloatArray) -> None:
    """sums[t] = sum of the squares t, t + T, t + 2 T, ..., where T is the number of sums."""
    t = cuda.grid(1)
    if t < sums.size:
        total = sums.dtype.type(0)
        for i in range(t, g.size, sums.size):
            number = sums.dtype.type(g[i])
            total += number * number
        sums[t] = total


@jit
def _scales(squares: FloatArray, scales: FloatArray, limit: Real, together: bool) -> None:
    """min(1, limit / norm) of each tensor, or of all together."""
    k = cuda.grid(1)
    if k < scales.size:
        square = squares[k]
        if together:
            square = squares.dtype.type(0)
            for j in range(squares.size):
                square += squares[j]
        norm = math.sqrt(square)
        scales[k] = limit / norm if norm > limit else squares.dtype.type(1)


def adam_update(
    parameters: Arrays,
    gradients: Arrays,
    momenta: Arrays,
    velocities: Arrays,
    preparation: Preparation,
    *,
    rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    """m += (g - m) * (1 - b1), v += (g^2 - v) * (1 - b2), p -= rate * m / (sqrt(v) + epsilon)."""
    numbers = (float(rate), 1.0 - beta_1, 1.0 - beta_2, float(epsilon))
    _launch(_adam, parameters, gradients, (momenta, velocities), preparation, numbers)


def sgd_update(
    parameters: Arrays,
    gradients: Arrays,
    momenta: Arrays | None,
    preparation: Preparation,
    *,
    rate: float,
    momentum: float,
    nesterov: bool,
) -> None:
    """p -= rate * g, or with a memory of the steps."""
    numbers = (float(rate), float(momentum), momenta is not None, bool(nesterov))
    _launch(_sgd, parameters, gradients, (momenta,), preparation, numbers)


def rmsprop_update(
    parameters: Arrays,
    gradients: Arrays,
    velocities: Arrays,
    momenta: Arrays | None,
    averages: Arrays | None,
    preparation: Preparation,
    *,
    rate: float,
    rho: float,
    momentum: float,
    epsilon: float,
) -> None:
    """p -= rate * g / sqrt(v + epsilon), or with a memory of the steps."""
    numbers = (float(rate), float(rho), 1.0 - rho, float(momentum), float(epsilon))
    flags = (momenta is not None, averages is not None)
    _launch(_rmsprop, parameters, gradients, (velocities, momenta, averages), preparation, (*numbers, *flags))


def clip_scales(gradients: Arrays, *, clipnorm: float | None, global_clipnorm: float | None) -> FloatArray:
    """Return min(1, limit / norm) for each gradient, or of all together, on the device."""
    squares = empty(len(gradients), np.float64)
    for k, gradient in enumerate(gradients):
        sums = empty(blocks(gradient.size, ROWS_PER_THREAD), np.float64)
        launch(_square_sums, blocks(sums.size, THREADS), THREADS, contiguous(gradient).reshape(-1), sums)
        squares[k : k + 1] = sum_rows(sums.reshape(-1, 1))
    scales = empty(len(gradients), gradients[0].dtype)
    together = global_clipnorm is not None
    limit = np.float64(global_clipnorm if together else clipnorm)
    launch(_scales, blocks(scales.size, THREADS), THREADS, squares, scales, limit, together)
    return scales


def _launch(
    kernel: Kernel,
    parameters: Arrays,
    gradients: Arrays,
    slots: Sequence[Arrays | None],
    preparation: Preparation,
    numbers: tuple[Argument, ...],
) -> None:
    if not parameters:
        return
    given, clipvalue, decay = preparation
    scales: Any = neutral_scales(len(parameters), parameters[0].dtype) if given is None else given
    limits = (math.inf if clipvalue is None else float(clipvalue), float(decay))
    for k, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
        p, g = parameter.reshape(-1), contiguous(gradient).reshape(-1)
        own = [p if slot is None else slot[k].reshape(-1) for slot in slots]  # one that is not there is not touched
        launch(kernel, blocks(p.size, THREADS), THREADS, p, g, *own, scales, k, *limits, *numbers)


_V, _R, _INT = "float32[::1]", "float32", "int32"
_WHY = "float64-on-purpose: the norm of millions of numbers"
PTX_SIGNATURES = [
    (_adam, (_V, _V, _V, _V, _V, _INT, *[_R] * 6)),
    (_sgd, (_V, _V, _V, _V, _INT, *[_R] * 4, _INT, _INT)),
    (_rmsprop, (*[_V] * 6, _INT, *[_R] * 7, _INT, _INT)),
    (_square_sums, (_V, "float64[::1]"), _WHY),
    (_scales, ("float64[::1]", _V, "float64", _INT), _WHY),
]
"""For the check that float32 stays float32."""
