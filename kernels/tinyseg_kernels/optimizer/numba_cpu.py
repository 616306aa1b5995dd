"""Updates compiled for the CPU: each number of a parameter, its gradient and its slots is read once and written once, all tensors in one go over the threads.

NumPy's version makes about ten passes over a chunk; they stay in the cache, but each costs its instructions. Adam and SGD are compiled; RMSprop and clipping are NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..cpu.compiled import kernel
from ..cpu.threads import parallel
from ..types import Array
from . import Preparation, numpy_cpu
from .numpy_cpu import clip_scales, rmsprop_update

__all__ = ["adam_update", "clip_scales", "rmsprop_update", "sgd_update"]

Arrays = Sequence[Array]

NO_LIMIT = np.float32(np.inf)


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
        parallel(
            update, parameter.size, parameter.reshape(-1), *flat, scale, limit, np.float32(preparation.decay), *numbers
        )


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
    for k in range(start, stop):
        d = min(max(g[k] * scale, -limit), limit)
        m[k] += (d - m[k]) * part_1
        v[k] += (d * d - v[k]) * part_2
        p[k] = (p[k] - p[k] * decay) - m[k] * rate / (np.sqrt(v[k]) + epsilon)


@kernel
def _sgd(start: int, stop: int, p: Any, g: Any, scale: Any, limit: Any, decay: Any, rate: Any) -> None:
    for k in range(start, stop):
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
    for k in range(start, stop):
        step = -min(max(g[k] * scale, -limit), limit) * rate
        v[k] = v[k] * momentum + step
        p[k] = (p[k] - p[k] * decay) + (v[k] * momentum + step if nesterov else v[k])
