r"""Updates of parameters in place, for all tensors of a network at once: Adam, SGD, RMSprop, and the scales that clip gradients by their norm.

These are procedures, the only ones that change an array of somebody else: parameters and slots (moving averages, of the parameters' shapes). Gradients
stay as they are. Before its rule each parameter p and its gradient g are prepared:

    g = g * scale           scale: of this tensor, from `clip_scales`
    g = g cut to -clipvalue .. clipvalue
    p = p - p * decay       decoupled weight decay (Loshchilov and Hutter, ICLR 2019)

On a GPU one launch updates all tensors: a network has a hundred small ones, and a launch takes longer than the update of most of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..backend import rung
from ..checks import check_float
from ..errors import InvalidInput
from ..types import Array


class Preparation(NamedTuple):
    """What is done to gradients and parameters before the rule."""

    scales: Any = None
    """One factor per tensor, as `clip_scales` returns them; None: 1."""
    clipvalue: float | None = None
    decay: float = 0.0


NOTHING = Preparation()


def adam_update(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    momenta: Sequence[Array],
    velocities: Sequence[Array],
    preparation: Preparation = NOTHING,
    *,
    rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    """M += (g - m) * (1 - b1), v += (g^2 - v) * (1 - b2), p -= rate * m / (sqrt(v) + epsilon); the bias correction is in the rate.

    Args:
        parameters: Contiguous arrays, all float32 or all float64; changed.
        gradients: Of the parameters' shapes and dtype.
        momenta: m, of the parameters' shapes; changed.
        velocities: v, of the parameters' shapes; changed.
        preparation: What is done to gradients and parameters before.
        rate: Learning rate, times the bias correction.
        beta_1: b1.
        beta_2: b2.
        epsilon: Keeps the quotient finite.

    Raises:
        InvalidInput: Arrays that do not fit each other.
    """
    _check("adam_update", parameters, gradients, momenta, velocities)
    options = {"rate": rate, "beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon}
    rung("optimizer").adam_update(parameters, gradients, momenta, velocities, preparation, **options)


def sgd_update(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    momenta: Sequence[Array] | None,
    preparation: Preparation = NOTHING,
    *,
    rate: float,
    momentum: float = 0.0,
    nesterov: bool = False,
) -> None:
    """P -= rate * g; with momenta v = momentum * v - rate * g and p += v, or by Nesterov p += momentum * v - rate * g. Arrays as for `adam_update`."""
    _check("sgd_update", parameters, gradients, *([] if momenta is None else [momenta]))
    options = {"rate": rate, "momentum": momentum, "nesterov": nesterov}
    rung("optimizer").sgd_update(parameters, gradients, momenta, preparation, **options)


def rmsprop_update(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    velocities: Sequence[Array],
    momenta: Sequence[Array] | None,
    averages: Sequence[Array] | None,
    preparation: Preparation = NOTHING,
    *,
    rate: float,
    rho: float,
    momentum: float = 0.0,
    epsilon: float,
) -> None:
    """V = rho * v + (1 - rho) * g^2, step = rate * g / sqrt(v + epsilon), p -= step.

    With averages a = rho * a + (1 - rho) * g the variance v - a^2 stands for v in the step; with momenta u = momentum * u + step, and p -= u.
    Arrays as for `adam_update`.
    """
    _check(
        "rmsprop_update", parameters, gradients, velocities, *(slot for slot in (momenta, averages) if slot is not None)
    )
    options = {"rate": rate, "rho": rho, "momentum": momentum, "epsilon": epsilon}
    rung("optimizer").rmsprop_update(parameters, gradients, velocities, momenta, averages, preparation, **options)


def clip_scales(
    gradients: Sequence[Array], *, clipnorm: float | None = None, global_clipnorm: float | None = None
) -> Any:
    """Return the factor of each gradient that brings its norm, or the norm of all together, down to at most a limit: min(1, limit / norm).

    On a CPU a list of numbers; on a GPU an array (tensors,) that stays there, so that training does not wait for it. None without a limit.
    """
    if clipnorm is None and global_clipnorm is None:
        return None
    _check("clip_scales", gradients)
    if not gradients:
        return None
    return rung("optimizer").clip_scales(gradients, clipnorm=clipnorm, global_clipnorm=global_clipnorm)


def _check(operation: str, first: Sequence[Array], *others: Sequence[Array]) -> None:
    """Check that there is one array of each kind per tensor, and that all are alike. Called for each step, so it is quick when all is well."""
    if not first:
        return
    check_float(operation, parameters=first[0])
    place, dtype = type(first[0]), first[0].dtype
    for arrays in (first, *others):
        if len(arrays) != len(first):
            raise InvalidInput(f"{operation}: expected {len(first)} arrays of each kind, got {len(arrays)}")
        for k, array in enumerate(arrays):
            if type(array) is not place or array.dtype != dtype or array.shape != first[k].shape:
                raise InvalidInput(
                    f"{operation}: tensor {k}: expected arrays of shape {first[k].shape} and {dtype} in one place ({place.__module__}), "
                    f"got shape {array.shape} and {array.dtype} ({type(array).__module__})"
                )
