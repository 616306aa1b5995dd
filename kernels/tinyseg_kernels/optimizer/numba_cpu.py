"""Updates compiled for the CPU: each number of a parameter, its gradient and its slots is read once and written once.

NumPy's version makes about ten passes over a chunk; they stay in the cache, but each costs its instructions. All
tensors are updated by one call, by the table of their addresses: the numbers of all of them together are cut evenly
over the threads, so that each is woken once and has as much to do as the others.

The memory sets the pace: without the square root and the quotient, or with estimates of them, Adam takes as long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..cpu.compiled import inlined, kernel
from ..cpu.memory.addresses import contiguous, numbers_at, table_of
from ..cpu.sizes import SIZES
from ..cpu.threading.threads import parallel
from ..types import FloatArray, IntArray, Pair, Real
from . import Preparation, numpy_cpu

FUSED: tuple[str, ...] = ("float32",)
"""The dtypes whose update is one kernel."""

Arrays = Sequence[FloatArray]

NO_LIMIT = np.float32(np.inf)

SMALL = SIZES.optimizer_small


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
    """p -= rate * g, or with a memory of the steps."""
    if parameters and parameters[0].dtype != np.float32:
        return numpy_cpu.sgd_update(
            parameters, gradients, momenta, preparation, rate=rate, momentum=momentum, nesterov=nesterov
        )
    if momenta is None:
        _update_all(_sgd, parameters, gradients, (), preparation, [np.float32(rate)])
    else:
        numbers: list[Real | bool] = [np.float32(rate), np.float32(momentum), bool(nesterov)]
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
    """p -= rate * g / sqrt(v + epsilon), or with a memory of the steps."""
    if parameters and parameters[0].dtype != np.float32:
        options = {"rate": rate, "rho": rho, "momentum": momentum, "epsilon": epsilon}
        return numpy_cpu.rmsprop_update(parameters, gradients, velocities, momenta, averages, preparation, **options)
    numbers: list[Real | bool] = [np.float32(value) for value in (rate, rho, 1 - rho, momentum, epsilon)]
    numbers += [momenta is not None, averages is not None]
    _update_all(_rmsprop, parameters, gradients, (velocities, momenta, averages), preparation, numbers)
    return None


def clip_scales(gradients: Arrays, *, clipnorm: float | None, global_clipnorm: float | None) -> list[float]:
    """Return min(1, limit / norm) for each gradient, or of all together."""
    if gradients[0].dtype != np.float32:
        return numpy_cpu.clip_scales(gradients, clipnorm=clipnorm, global_clipnorm=global_clipnorm)
    return numpy_cpu.scales_of([_square_sum(gradient) for gradient in gradients], clipnorm, global_clipnorm)


def _square_sum(gradient: FloatArray) -> float:
    """Add up squares in float64: by chunks, so that the number of threads does not count."""
    sums = np.empty(-(-gradient.size // SMALL))
    parallel(_squares, len(sums), np.ascontiguousarray(gradient).reshape(-1), sums)
    return float(sums.sum())


@kernel
def _squares(start: int, stop: int, g: FloatArray, sums: FloatArray) -> None:
    for chunk in range(start, stop):
        total, part = 0.0, g[chunk * SMALL : (chunk + 1) * SMALL]
        for k in range(part.size):
            total += np.float64(part[k]) * np.float64(part[k])
        sums[chunk] = total


def _update_all(
    update: Callable[..., None],
    parameters: Arrays,
    gradients: Arrays,
    slots: Sequence[Arrays | None],
    preparation: Preparation,
    numbers: Sequence[Real | bool],
) -> None:
    """Run an update on all tensors at once."""
    limit = NO_LIMIT if preparation.clipvalue is None else np.float32(preparation.clipvalue)
    scales = np.ones(len(parameters), np.float32)
    if preparation.scales is not None:
        scales[:] = preparation.scales
    gradients = contiguous(gradients)  # kept until all is done
    begins, addresses = table_of((parameters, gradients, *slots), [gradient.size for gradient in gradients])
    count = int(begins[-1])
    given = (begins, addresses, scales, limit, np.float32(preparation.decay), *numbers)
    if count <= SMALL:
        update(0, count, *given)
    else:
        parallel(update, count, *given)


@inlined
def _part(start: int, stop: int, begins: IntArray, t: int) -> Pair:
    """Return which numbers of tensor t lie in start .. stop; none if the second is not above the first."""
    return max(start, begins[t]) - begins[t], min(stop, begins[t + 1]) - begins[t]


@kernel
def _adam(
    start: int,
    stop: int,
    begins: IntArray,
    addresses: IntArray,
    scales: FloatArray,
    limit: Real,
    decay: Real,
    rate: Real,
    part_1: Real,
    part_2: Real,
    epsilon: Real,
) -> None:
    for t in range(scales.size):
        first, last = _part(start, stop, begins, t)
        if first < last:
            p, g = numbers_at(addresses[0, t], first, last), numbers_at(addresses[1, t], first, last)
            m, v = numbers_at(addresses[2, t], first, last), numbers_at(addresses[3, t], first, last)
            scale = scales[t]
            for k in range(
                last - first
            ):  # counted from 0, k cannot be negative: only then vectors are made of the loop
                d = min(max(g[k] * scale, -limit), limit)
                m[k] += (d - m[k]) * part_1
                v[k] += (d * d - v[k]) * part_2
                p[k] = (p[k] - p[k] * decay) - m[k] * rate / (np.sqrt(v[k]) + epsilon)


@kernel
def _sgd(
    start: int, stop: int, begins: IntArray, addresses: IntArray, scales: FloatArray, limit: Real, decay: Real,
    rate: Real,
) -> None:  # fmt: skip
    for t in range(scales.size):
        first, last = _part(start, stop, begins, t)
        if first < last:
            p, g = numbers_at(addresses[0, t], first, last), numbers_at(addresses[1, t], first, last)
            scale = scales[t]
            for k in range(last - first):
                p[k] = (p[k] - p[k] * decay) - min(max(g[k] * scale, -limit), limit) * rate


@kernel
def _sgd_with_momentum(
    start: int,
    stop: int,
    begins: IntArray,
    addresses: IntArray,
    scales: FloatArray,
    limit: Real,
    decay: Real,
    rate: Real,
    momentum: Real,
    nesterov: bool,
) -> None:
    for t in range(scales.size):
        first, last = _part(start, stop, begins, t)
        if first < last:
            p, g = numbers_at(addresses[0, t], first, last), numbers_at(addresses[1, t], first, last)
            v, scale = numbers_at(addresses[2, t], first, last), scales[t]
            for k in range(last - first):
                step = -min(max(g[k] * scale, -limit), limit) * rate
                v[k] = v[k] * momentum + step
                p[k] = (p[k] - p[k] * decay) + (v[k] * momentum + step if nesterov else v[k])


@kernel
def _rmsprop(
    start: int,
    stop: int,
    begins: IntArray,
    addresses: IntArray,
    scales: FloatArray,
    limit: Real,
    decay: Real,
    rate: Real,
    rho: Real,
    part: Real,
    momentum: Real,
    epsilon: Real,
    remembered: bool,
    centred: bool,
) -> None:
    for t in range(scales.size):
        first, last = _part(start, stop, begins, t)
        if first < last:
            p, g = numbers_at(addresses[0, t], first, last), numbers_at(addresses[1, t], first, last)
            v, scale = numbers_at(addresses[2, t], first, last), scales[t]
            u, a = numbers_at(addresses[3, t], first, last), numbers_at(addresses[4, t], first, last)
            for k in range(last - first):
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
