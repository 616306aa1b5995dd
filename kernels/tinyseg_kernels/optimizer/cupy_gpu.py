"""The updates in CUDA C++: one launch for all tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..device import empty
from ..gpu.cuda import Source
from ..types import Argument, FloatArray
from . import Preparation
from .tables import neutral_scales, table_of

_SOURCE = Source(__file__, "optimizer.cu")

THREADS = 256

FUSED: tuple[str, ...] = ("float32", "float64")
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
    numbers = (float(rate), 1.0 - beta_1, 1.0 - beta_2, float(epsilon))
    _launch("adam_update", parameters, gradients, (momenta, velocities), preparation, numbers)


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
    _launch("sgd_update", parameters, gradients, (momenta,), preparation, numbers)


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
    _launch("rmsprop_update", parameters, gradients, (velocities, momenta, averages), preparation, (*numbers, *flags))


def clip_scales(gradients: Arrays, *, clipnorm: float | None, global_clipnorm: float | None) -> FloatArray:
    """Return min(1, limit / norm) for each gradient, or of all together, on the device."""
    dtype, count = gradients[0].dtype, len(gradients)
    table, chunks, _kept = table_of(None, gradients, ())
    sums, scales = empty(chunks, np.float64), empty(count, dtype)
    _SOURCE.launch("square_sums", dtype, chunks, THREADS, (table, count, sums))
    together = global_clipnorm is not None
    limit = np.float64(global_clipnorm if together else clipnorm)
    _SOURCE.launch(
        "clip_scales", dtype, 1 if together else count, THREADS, (table, count, sums, scales, limit, together)
    )
    return scales


def _launch(
    kernel: str,
    parameters: Arrays,
    gradients: Arrays,
    slots: Sequence[Arrays | None],
    preparation: Preparation,
    numbers: tuple[Argument, ...],
) -> None:
    if not parameters:
        return
    dtype, count = parameters[0].dtype, len(parameters)
    table, chunks, _kept = table_of(parameters, gradients, slots)
    scales: Any = neutral_scales(count, dtype) if preparation.scales is None else preparation.scales
    clipvalue = math.inf if preparation.clipvalue is None else float(preparation.clipvalue)
    args = (table, count, scales, clipvalue, float(preparation.decay), *numbers)
    _SOURCE.launch(kernel, dtype, chunks, THREADS, args)
