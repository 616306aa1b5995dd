"""The updates in NumPy, tensor by tensor; tinyseg's optimizers write the same rules themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..types import Array, FloatArray
from . import Preparation

FUSED: tuple[str, ...] = ()
"""The dtypes whose update is one kernel."""

Arrays = Sequence[FloatArray]


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
    for p, g, (m, v) in _prepared(parameters, gradients, (momenta, velocities), preparation):
        number = p.dtype.type
        m += (g - m) * number(1 - beta_1)
        v += (np.square(g) - v) * number(1 - beta_2)
        step = m * number(rate)
        step /= np.sqrt(v) + number(epsilon)
        p -= step


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
    for p, g, slots in _prepared(parameters, gradients, [] if momenta is None else [momenta], preparation):
        step: FloatArray = g * p.dtype.type(-rate)
        for v in slots:
            v *= p.dtype.type(momentum)
            v += step
            step = v * p.dtype.type(momentum) + step if nesterov else v
        p += step


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
    given = [slot for slot in (velocities, momenta, averages) if slot is not None]
    for p, g, slots in _prepared(parameters, gradients, given, preparation):
        number = p.dtype.type
        v = slots[0]
        v *= number(rho)
        v += np.square(g) * number(1 - rho)
        denominator = v + number(epsilon)
        if averages is not None:
            mean = slots[-1]
            mean *= number(rho)
            mean += g * number(1 - rho)
            denominator -= np.square(mean)
        step: FloatArray = g * number(rate)
        step /= np.sqrt(denominator)
        if momenta is not None:
            u = slots[1]
            u *= number(momentum)
            u += step
            step = u
        p -= step


def clip_scales(gradients: Arrays, *, clipnorm: float | None, global_clipnorm: float | None) -> list[float]:
    """Return min(1, limit / norm) for each gradient, or of all together."""
    return scales_of([_square_sum(gradient) for gradient in gradients], clipnorm, global_clipnorm)


def scales_of(squares: Sequence[float], clipnorm: float | None, global_clipnorm: float | None) -> list[float]:
    """Return the factors for gradients whose numbers have these sums of squares."""
    if global_clipnorm is not None:
        return [_scale(sum(squares), global_clipnorm)] * len(squares)
    assert clipnorm is not None
    return [_scale(square, clipnorm) for square in squares]


def _scale(square: float, limit: float) -> float:
    norm = float(np.sqrt(square))
    return min(1.0, limit / norm) if norm > 0 else 1.0


def _square_sum(array: Array) -> float:
    flat = array.reshape(-1)
    return float(np.dot(flat, flat))


def _prepared(
    parameters: Arrays, gradients: Arrays, slots: Sequence[Arrays], preparation: Preparation
) -> Iterator[tuple[FloatArray, FloatArray, list[FloatArray]]]:
    """Yield each parameter, which has decayed, its gradient, scaled and cut, and its slots."""
    scales, clipvalue, decay = preparation
    for k, p in enumerate(parameters):
        number = p.dtype.type
        g = gradients[k] if scales is None else gradients[k] * number(scales[k])
        if clipvalue is not None:
            g = np.clip(g, number(-clipvalue), number(clipvalue))
        if decay:
            p -= p * number(decay)
        yield p, g, [slot[k] for slot in slots]
