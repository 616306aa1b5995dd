"""Updates compiled for the CPU: each number of a parameter, its gradient and its slots is read once and written once.

NumPy's version makes about ten passes over a chunk; they stay in the cache, but each costs its instructions. Tensors too small to be worth waking the other threads
for, which most of a network's are, are updated by the calling thread alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..cpu.compiled import kernel
from ..cpu.threads import parallel
from ..types import Array
from . import Preparation, numpy_cpu

Arrays = Sequence[Array]

NO_LIMIT = np.float32(np.inf)

SMALL = 1 << 14
"""Numbers that one thread updates in the time that it takes to wake another."""


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
    """M += (g - m) * (1 - b1), v += (g^2 - v) * (1 - b2), p -= rate * m / (sqrt(v) + epsilon)."""
    if parameters and parameters[0].dtype != np.float32:
        options = {"rate": rate, "beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon}
        return numpy_cpu.adam_update(parameters, gradients, momenta, velocities, preparation, **options)
    numbers = [np.float32(value) for value in (rate, 1 - beta_1, 1 - beta_2, epsilon)]
    _update_all(_adam, parameters, gradients, (momenta, velocities), preparation, numbers)
    return None


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
    """P -= rate * g, or with a memory of the steps."""
    if parameters and parameters[0].dtype != np.float32:
        options: dict[str, Any] = {"rate": rate, "momentum": momentum, "nesterov": nesterov}
        return numpy_cpu.sgd_update(parameters, gradients, momenta, preparation, **options)
    if momenta is None:
        _update_all(_sgd, parameters, gradients, (), preparation, [np.float32(rate)])
    else:
        numbers: list[Any] = [np.float32(rate), np.float32(momentum), bool(nesterov)]
        _update_all(_sgd_with_momentum, parameters, gradients, (momenta,), preparation, numbers)
    return None


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
    """P -= rate * g / sqrt(v + epsilon), or with a memory of the steps."""
    if parameters and parameters[0].dtype != np.float32:
        options = {"rate": rate, "rho": rho, "momentum": momentum, "epsilon": epsilon}
        return numpy_cpu.rmsprop_update(parameters, gradients, velocities, momenta, averages, preparation, **options)
    without: Arrays = [np.empty(0, np.float32)] * len(parameters)  # slots that there are not: never touched
    slots = (velocities, without if momenta is None else momenta, without if averages is None else averages)
    numbers: list[Any] = [np.float32(value) for value in (rate, rho, 1 - rho, momentum, epsilon)]
    numbers += [momenta is not None, averages is not None]
    _update_all(_rmsprop, parameters, gradients, slots, preparation, numbers)
    return None


def clip_scales(gradients: Arrays, *, clipnorm: float | None, global_clipnorm: float | None) -> list[float]:
    """Return min(1, limit / norm) for each gradient, or of all together."""
    if gradients[0].dtype != np.float32:
        return numpy_cpu.clip_scales(gradients, clipnorm=clipnorm, global_clipnorm=global_clipnorm)
    return numpy_cpu.scales_of([_square_sum(gradient) for gradient in gradients], clipnorm, global_clipnorm)


def _square_sum(gradient: Array) -> float:
    """Add up squares in float64: by chunks, so that the number of threads does not count."""
    sums = np.empty(-(-gradient.size // SMALL))
    parallel(_squares, len(sums), np.ascontiguousarray(gradient).reshape(-1), sums)
    return float(sums.sum())


@kernel
def _squares(start: int, stop: int, g: Any, sums: Any) -> None:
    for chunk in range(start, stop):
        total, part = 0.0, g[chunk * SMALL : (chunk + 1) * SMALL]
        for k in range(part.size):
            total += np.float64(part[k]) * np.float64(part[k])
        sums[chunk] = total


def _update_all(
    update: Callable[..., None],
    parameters: Arrays,
    gradients: Arrays,
    slots: Sequence[Arrays],
    preparation: Preparation,
    numbers: Sequence[Any],
) -> None:
    """Run an update on every tensor."""
    limit = NO_LIMIT if preparation.clipvalue is None else np.float32(preparation.clipvalue)
    for k, parameter in enumerate(parameters):
        scale = np.float32(1.0 if preparation.scales is None else preparation.scales[k])
        flat = [np.ascontiguousarray(gradients[k]).reshape(-1), *(slot[k].reshape(-1) for slot in slots)]
        given = (parameter.reshape(-1), *flat, scale, limit, np.float32(preparation.decay), *numbers)
        if parameter.size <= SMALL:
            update(0, parameter.size, *given)
        else:
            parallel(update, parameter.size, *given)


@kernel
def _adam(
    start: int,
    stop: int,
    p: Any,
    g: Any,
    m: Any,
    v: Any,
    scale: Any,
    limit: Any,
    decay: Any,
    rate: Any,
    part_1: Any,
    part_2: Any,
    epsilon: Any,
) -> None:
    p, g, m, v = p[start:stop], g[start:stop], m[start:stop], v[start:stop]
    for k in range(p.size):  # counted from 0, k cannot be negative: only then vectors are made of the loop
        d = min(max(g[k] * scale, -limit), limit)
        m[k] += (d - m[k]) * part_1
        v[k] += (d * d - v[k]) * part_2
        p[k] = (p[k] - p[k] * decay) - m[k] * rate / (np.sqrt(v[k]) + epsilon)


@kernel
def _sgd(start: int, stop: int, p: Any, g: Any, scale: Any, limit: Any, decay: Any, rate: Any) -> None:
    p, g = p[start:stop], g[start:stop]
    for k in range(p.size):
        p[k] = (p[k] - p[k] * decay) - min(max(g[k] * scale, -limit), limit) * rate


@kernel
def _sgd_with_momentum(
    start: int,
    stop: int,
    p: Any,
    g: Any,
    v: Any,
    scale: Any,
    limit: Any,
    decay: Any,
    rate: Any,
    momentum: Any,
    nesterov: bool,
) -> None:
    p, g, v = p[start:stop], g[start:stop], v[start:stop]
    for k in range(p.size):
        step = -min(max(g[k] * scale, -limit), limit) * rate
        v[k] = v[k] * momentum + step
        p[k] = (p[k] - p[k] * decay) + (v[k] * momentum + step if nesterov else v[k])


@kernel
def _rmsprop(
    start: int,
    stop: int,
    p: Any,
    g: Any,
    v: Any,
    u: Any,
    a: Any,
    scale: Any,
    limit: Any,
    decay: Any,
    rate: Any,
    rho: Any,
    part: Any,
    momentum: Any,
    epsilon: Any,
    remembered: bool,
    centred: bool,
) -> None:
    p, g, v, u, a = p[start:stop], g[start:stop], v[start:stop], u[start:stop], a[start:stop]
    for k in range(p.size):
        d = min(max(g[k] * scale, -limit), limit)
        v[k] = v[k] * rho + d * d * part
        variance = v[k] + epsilon
        if centred:
            a[k] = a[k] * rho + d * part
            variance -= a[k] * a[k]
        step = d * rate / np.sqrt(variance)
        if remembered:
            u[k] = u[k] * momentum + step
            step = u[k]
        p[k] = (p[k] - p[k] * decay) - step
