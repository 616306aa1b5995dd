"""The updates in loops."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from ..types import FloatArray
from . import Preparation

FUSED: tuple[str, ...] = ()
"""The dtypes whose update is one kernel."""

Arrays = Sequence[FloatArray]
Place = tuple[int, ...]


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
    """m = b1 * m + (1 - b1) * g, v = b2 * v + (1 - b2) * g^2, p -= rate * m / (sqrt(v) + epsilon)."""
    for k, i, g in _prepared(parameters, gradients, preparation):
        m, v = momenta[k], velocities[k]
        m[i] = beta_1 * float(m[i]) + (1 - beta_1) * g
        v[i] = beta_2 * float(v[i]) + (1 - beta_2) * g * g
        parameters[k][i] -= rate * float(m[i]) / (math.sqrt(v[i]) + epsilon)


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
    """p -= rate * g; v = momentum * v - rate * g and p += v; or p += momentum * v - rate * g."""
    for k, i, g in _prepared(parameters, gradients, preparation):
        step = -rate * g
        if momenta is not None:
            v = momenta[k]
            v[i] = momentum * float(v[i]) + step
            step = momentum * float(v[i]) + step if nesterov else float(v[i])
        parameters[k][i] += step


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
    """v = rho * v + (1 - rho) * g^2, p -= rate * g / sqrt(v + epsilon), or with a memory of the steps."""
    for k, i, g in _prepared(parameters, gradients, preparation):
        v = velocities[k]
        v[i] = rho * float(v[i]) + (1 - rho) * g * g
        variance = float(v[i])
        if averages is not None:
            a = averages[k]
            a[i] = rho * float(a[i]) + (1 - rho) * g
            variance -= float(a[i]) ** 2
        step = rate * g / math.sqrt(variance + epsilon)
        if momenta is not None:
            u = momenta[k]
            u[i] = momentum * float(u[i]) + step
            step = float(u[i])
        parameters[k][i] -= step


def clip_scales(gradients: Arrays, *, clipnorm: float | None, global_clipnorm: float | None) -> list[float]:
    """Return min(1, limit / norm) for each gradient, or of all together."""
    squares = [sum(float(g) ** 2 for g in gradient.flat) for gradient in gradients]
    if global_clipnorm is not None:
        squares = [sum(squares)] * len(squares)
    limit = clipnorm if global_clipnorm is None else global_clipnorm
    assert limit is not None
    return [min(1.0, limit / math.sqrt(square)) if square > 0 else 1.0 for square in squares]


def _prepared(parameters: Arrays, gradients: Arrays, preparation: Preparation) -> Iterator[tuple[int, Place, float]]:
    """Yield each tensor, place in it, and its prepared gradient; the parameter at this place has decayed."""
    scales, clipvalue, decay = preparation
    for k, p in enumerate(parameters):
        for i in np.ndindex(p.shape):
            g = float(gradients[k][i]) * (1.0 if scales is None else scales[k])
            if clipvalue is not None:
                g = -clipvalue if g < -clipvalue else clipvalue if g > clipvalue else g  # NaN stays NaN
            p[i] -= p[i] * decay
            yield k, i, g
