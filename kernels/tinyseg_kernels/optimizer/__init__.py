r"""Updates of parameters in place, for all tensors of a network at once.

Adam, SGD, RMSprop, and the scales that clip gradients by their norm.

These are procedures, the only ones that change an array of somebody else: parameters and slots (moving averages, of the
parameters' shapes). Gradients stay as they are. Before its rule each parameter p and its gradient g are prepared:

    g = g * scale           scale: of this tensor, from `clip_scales`
    g = g cut to -clipvalue .. clipvalue
    p = p - p * decay       decoupled weight decay (Loshchilov and Hutter, ICLR 2019)

On a GPU one launch updates all tensors: a network has a hundred small ones, and a launch takes longer than the update
of most of them. So does a compiled kernel of the CPU, which reads and writes each number once. A rung says in `FUSED`
for which dtypes it has such a kernel; where there is none, tinyseg's optimizers write the rule in NumPy themselves.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.optimizer import clip_scales
    >>> clip_scales([np.array([3.0, 4.0])], clipnorm=1.0)
    [0.2]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ..backend import rung
from ..checks import as_flag, as_number, as_scalar, check_float
from ..device import is_array
from ..errors import InvalidInput
from ..types import Array, DType, FloatArray

Arrays: TypeAlias = Sequence[FloatArray]
"""One for each tensor."""

Scales: TypeAlias = Sequence[float] | FloatArray
"""One factor for each tensor: a list of numbers on a CPU, an array of the device on a GPU."""


class Preparation(NamedTuple):
    """What is done to gradients and parameters before the rule."""

    scales: Scales | None = None
    """One factor per tensor, as `clip_scales` returns them; None: 1."""
    clipvalue: float | None = None
    decay: float = 0.0


NOTHING = Preparation()


def adam_update(
    parameters: Arrays,
    gradients: Arrays,
    momenta: Arrays,
    velocities: Arrays,
    preparation: Preparation = NOTHING,
    *,
    rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    """m += (g - m) * (1 - b1), v += (g^2 - v) * (1 - b2), p -= rate * m / (sqrt(v) + epsilon).

    The bias correction is in the rate.

    Args:
        parameters: Contiguous arrays, all float32 or all float64, in memory of their own; changed.
        gradients: Of the parameters' shapes and dtype.
        momenta: m, of the parameters' shapes; changed.
        velocities: v, of the parameters' shapes; changed.
        preparation: What is done to gradients and parameters before.
        rate: Learning rate, times the bias correction.
        beta_1: b1.
        beta_2: b2.
        epsilon: Keeps the quotient finite.

    Raises:
        InvalidInput: Arrays that do not fit each other, or that cannot be changed in their place.
    """
    options, preparation = _plain("adam_update", preparation, rate=rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)
    _check("adam_update", gradients, parameters, momenta, velocities, scales=preparation.scales)
    rung("optimizer").adam_update(parameters, gradients, momenta, velocities, preparation, **options)


def sgd_update(
    parameters: Arrays,
    gradients: Arrays,
    momenta: Arrays | None,
    preparation: Preparation = NOTHING,
    *,
    rate: float,
    momentum: float = 0.0,
    nesterov: bool = False,
) -> None:
    """p -= rate * g; with momenta v = momentum * v - rate * g and p += v, or by Nesterov p += momentum * v - rate * g.

    Arrays as for `adam_update`.
    """
    slots = [] if momenta is None else [momenta]
    options, preparation = _plain("sgd_update", preparation, rate=rate, momentum=momentum)
    options["nesterov"] = as_flag("sgd_update: nesterov", nesterov)
    _check("sgd_update", gradients, parameters, *slots, scales=preparation.scales)
    rung("optimizer").sgd_update(parameters, gradients, momenta, preparation, **options)


def rmsprop_update(
    parameters: Arrays,
    gradients: Arrays,
    velocities: Arrays,
    momenta: Arrays | None,
    averages: Arrays | None,
    preparation: Preparation = NOTHING,
    *,
    rate: float,
    rho: float,
    momentum: float = 0.0,
    epsilon: float,
) -> None:
    """v = rho * v + (1 - rho) * g^2, step = rate * g / sqrt(v + epsilon), p -= step.

    With averages a = rho * a + (1 - rho) * g the variance v - a^2 stands for v in the step; with momenta u = momentum *
    u + step, and p -= u. Arrays as for `adam_update`.
    """
    slots = [slot for slot in (velocities, momenta, averages) if slot is not None]
    name, numbers = "rmsprop_update", {"rate": rate, "rho": rho, "momentum": momentum, "epsilon": epsilon}
    options, preparation = _plain(name, preparation, **numbers)
    _check("rmsprop_update", gradients, parameters, *slots, scales=preparation.scales)
    rung("optimizer").rmsprop_update(parameters, gradients, velocities, momenta, averages, preparation, **options)


def clip_scales(
    gradients: Arrays, *, clipnorm: float | None = None, global_clipnorm: float | None = None
) -> Scales | None:
    """Return the factor of each gradient that brings its norm, or the norm of all together, down to at most a limit.

    min(1, limit / norm).

    On a CPU a list of numbers; on a GPU an array (tensors,) that stays there, so that training does not wait for it.
    None without a limit.
    """
    if clipnorm is None and global_clipnorm is None:
        return None
    clipnorm, global_clipnorm = _limit("clipnorm", clipnorm), _limit("global_clipnorm", global_clipnorm)
    _check("clip_scales", gradients)
    if not gradients:
        return None
    return rung("optimizer").clip_scales(gradients, clipnorm=clipnorm, global_clipnorm=global_clipnorm)


def _limit(name: str, value: object) -> float | None:
    return None if value is None else as_number(f"clip_scales: {name}", value, "a number of at least 0", 0.0)


def _plain(operation: str, preparation: Preparation, **options: float) -> tuple[dict[str, float], Preparation]:
    """Check numbers: the slow questions are asked only where one is not a usual float."""
    usual = type(preparation) is Preparation and preparation.scales is None is preparation.clipvalue
    if usual and all(type(value) is float and 0 <= value <= 1 for value in (preparation.decay, *options.values())):
        return options, preparation
    return _numbers(operation, options), _prepared(operation, preparation)


def _numbers(operation: str, options: dict[str, float]) -> dict[str, float]:
    """Return the options as floats."""
    share = ("a number from 0 to 1", 0.0, 1.0)
    limits: dict[str, tuple[str, float] | tuple[str, float, float]] = {
        "epsilon": ("a number of at least 0", 0.0),
        **dict.fromkeys(("beta_1", "beta_2", "rho"), share),
    }
    return {name: as_number(f"{operation}: {name}", value, *limits.get(name, ())) for name, value in options.items()}


def _prepared(operation: str, preparation: Preparation) -> Preparation:
    """Return a preparation whose parts are numbers; scales of NaN come from gradients of NaN."""
    if not isinstance(preparation, Preparation):
        raise InvalidInput(f"{operation}: preparation: expected a Preparation, got {preparation!r}")
    scales, clipvalue, decay = preparation
    if isinstance(scales, (list, tuple)):
        scales = [as_scalar(f"{operation}: preparation.scales", scale) for scale in scales]
    elif scales is not None and not is_array(scales):
        raise InvalidInput(f"{operation}: preparation.scales: expected one number per tensor, got {scales!r}")
    if clipvalue is not None:
        clipvalue = as_number(f"{operation}: preparation.clipvalue", clipvalue, "a number of at least 0", 0.0)
    return Preparation(scales, clipvalue, as_number(f"{operation}: preparation.decay", decay))


def _check(operation: str, gradients: Arrays, *changed: Arrays, scales: Scales | None = None) -> None:
    """Check that there is one array of each kind per tensor, all alike; in each step, so quickly when all is well.

    Gradients are only read; what is changed, parameters and slots, lies in one piece, may be written, and shares no
    memory with any other array. Scales: one number per tensor, or None.
    """
    kinds = (*changed, gradients)
    if not all(isinstance(arrays, (list, tuple)) and len(arrays) == len(kinds[0]) for arrays in kinds):
        raise _uneven(operation, kinds)
    if not gradients:
        return
    check_float(operation, parameters=(first := kinds[0][0]))
    for k, tensor in enumerate(zip(*kinds, strict=True)):
        for array in tensor:
            if type(array) is not type(first) or array.dtype != first.dtype or array.shape != tensor[0].shape:
                raise _unlike(operation, k, tensor[0], first.dtype, array)
    if changed:
        _check_changed(operation, gradients, list(chain(*changed)), scales)


def _check_changed(operation: str, gradients: Arrays, changed: Arrays, scales: Scales | None) -> None:
    """Check that arrays can be changed where they lie, and that nothing else lies there."""
    on_host, owners = isinstance(changed[0], np.ndarray), {id(array) for array in changed}
    for array in changed:
        if not (array.flags.carray if on_host else array.flags.c_contiguous):
            raise _unfit(operation, array)
    # Different arrays with memory of their own, of which no gradient is a part, do not overlap: no need to ask where
    # they lie.
    alone = on_host and len(owners) == len(changed) and all(array.base is None for array in changed)
    if not alone or any(id(array) in owners or id(array.base) in owners for array in gradients):
        _check_apart(operation, gradients, changed, on_host)
    if scales is not None and not (len(scales) == len(gradients) and (on_host or type(scales) is type(changed[0]))):
        raise InvalidInput(f"{operation}: expected {len(gradients)} scales, one for each tensor, got {scales!r}")


def _uneven(operation: str, kinds: Sequence[object]) -> InvalidInput:
    wanted = f"{len(kinds[0])} arrays" if isinstance(kinds[0], (list, tuple)) else "a list of arrays"
    got = [len(arrays) if isinstance(arrays, (list, tuple)) else type(arrays).__name__ for arrays in kinds]
    return InvalidInput(
        f"{operation}: expected {wanted} of each kind, got {next((n for n in got if n != got[0]), got[0])}"
    )


def _unfit(operation: str, array: Array) -> InvalidInput:
    flags = "" if getattr(array.flags, "writeable", True) else ", read-only"
    return InvalidInput(
        f"{operation}: expected contiguous arrays that may be written, got shape {array.shape} with strides {array.strides}{flags}"
    )


def _unlike(operation: str, k: int, expected: Array, dtype: DType, array: Array) -> InvalidInput:
    got = type(array).__name__
    if hasattr(array, "shape") and hasattr(array, "dtype"):
        got = f"shape {array.shape} and {array.dtype} ({type(array).__module__})"
    shape, place = getattr(expected, "shape", None), type(expected).__module__
    return InvalidInput(
        f"{operation}: tensor {k}: expected arrays of shape {shape} and {dtype} in one place ({place}), got {got}"
    )


def _check_apart(operation: str, gradients: Arrays, changed: Arrays, on_host: bool) -> None:
    """Check by addresses that no changed array shares memory with another one."""
    places = sorted(_extents(changed, True, on_host) + _extents(gradients, False, on_host))
    end, end_of_changed = 0, 0
    for start, stop, is_changed in places:
        if start < (end if is_changed else end_of_changed):
            raise InvalidInput(
                f"{operation}: expected parameters and slots in memory of their own, got two arrays that overlap; copy one of them"
            )
        end = max(end, stop)
        end_of_changed = max(end_of_changed, stop) if is_changed else end_of_changed


def _extents(arrays: Iterable[Any], changed: bool, on_host: bool) -> list[tuple[int, int, bool]]:
    """Return from where to where arrays lie; of one with gaps or reversed axes, all that it spans."""
    extents = []
    for array in arrays:
        if array.size:
            first = array.__array_interface__["data"][0] if on_host else int(array.data.ptr)
            steps = [(length - 1) * stride for length, stride in zip(array.shape, array.strides, strict=True)]
            low, high = first + sum(min(step, 0) for step in steps), first + sum(max(step, 0) for step in steps)
            extents.append((low, high + array.itemsize, changed))
    return extents
