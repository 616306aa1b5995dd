r"""Is this backward right? Central differences against it, for a function pair, a layer, a loss or a model.

What is checked is a scalar L = sum(y * dy) with a random dy (see `finite_differences`), in float64. Where the function
has a kink, the slopes to the left and to the right differ, and the central difference is their mean, which no backward
returns: such positions are found by comparing the two one-sided slopes, of which backward knows nothing, and are left
out with a count.

Some rungs have kernels for float32 only and hand float64 over to another rung. So the same code is run in float32 as
well, and held against what it gave in float64; the report says which rungs computed either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np
from tinyseg_kernels.backend import backend as use_backend
from tinyseg_kernels.backend import get_backend, is_emulated, on_gpu
from tinyseg_kernels.device import to_backend, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.layers.layer import Layer
from tinyseg.losses.loss import Loss
from tinyseg.models.training import Trainer
from tinyseg.regularizers import penalized

from .finite_differences import STEP, one_sided_slopes, sampled_indices
from .report import ArgumentCheck, GradientReport
from .rungs import RungsUsed

KINK = 1e-3
"""One-sided slopes that differ by more than this share of the largest slope are those of a kink.

For a smooth function they differ by about the step, 6e-6.
"""


def gradients(
    subject: object,
    *arguments: object,
    backward: Callable[..., Any] | None = None,
    y_true: Any = None,
    names: Iterable[str] | None = None,
    limit: int = 200,
    tolerance: float = 1e-6,
    float32_tolerance: float | None = 1e-4,
    seed: int = 0,
    backend: str | None = None,
    emulate: bool = False,
    raise_on_failure: bool = False,
) -> GradientReport:
    """Check a backward against central differences.

    Args:
        subject: One of
            - a function `forward(*arguments) -> (y, cache)`, with `backward(dy, cache) -> gradient(s)`, one per
              argument in their order; it is given NumPy arrays, unless it is one of `tinyseg_kernels`, which are given
              arrays of the backend in use;
            - a layer, or a network, with its input (or inputs) as arguments: checked are dx and all trainable
              parameters. It is run as in training; a layer with parameters of its own in float32 is refused, as central
              differences need float64 (`dtype="float64"`, or `tinyseg.utils.set_floatx("float64")` before it is made);
            - a loss, with predictions as the argument and labels as `y_true`;
            - a compiled model with its input (or inputs) and labels as `y_true`: the whole training step, from the
              input through network and loss.
        *arguments: Arrays; float ones are differentiated by, others (labels) are handed on.
        backward: For a function pair.
        y_true: For a loss or a compiled model.
        names: Names of the arguments for the report.
        limit: Arrays of more entries are checked at this many of them, drawn with `seed`.
        tolerance: Largest error relative to the largest entry of the gradient.
        float32_tolerance: The same for the same code in float32, against float64; for function pairs, losses and single
            layers. None: no run in float32.
        seed: Of dy and of the sample.
        backend: Where to compute; the one in use when None.
        emulate: Run the kernels of a GPU's `backend` on the CPU.
        raise_on_failure: Raise `GradientError` with the table when something is wrong.

    Returns:
        A report that prints as a table; see `GradientReport`.

    Raises:
        InvalidInput: Something that cannot be checked.
        GradientError: With `raise_on_failure`.

    Example:
        >>> import numpy as np
        >>> from tinyseg.check import gradients
        >>> def square(x):
        ...     return x**2, x
        >>> report = gradients(square, np.array([1.0, -2.0, 3.0]), backward=lambda dy, x: x * dy)
        >>> report.passed, round(report.arguments[0].ratio, 6)
        (False, 0.5)
    """
    chosen = (get_backend(), is_emulated()) if backend is None else (backend, emulate)
    with use_backend(chosen[0], emulate=chosen[1]):
        problem = _problem(subject, arguments, backward, y_true, names)
        checks = tuple(problem.check(limit, tolerance, float32_tolerance, seed))
        report = GradientReport(
            problem.name, get_backend(), checks, problem.double_rungs.names, problem.single_rungs.names
        )
    return report.raise_on_failure() if raise_on_failure else report


class _Problem:
    """A function of named arrays and what it claims its gradients to be."""

    def __init__(
        self,
        name: str,
        arrays: Mapping[str, Array],
        forward: Callable[[Mapping[str, Array]], tuple[Any, Any]],
        backward: Callable[[Any, Any], Mapping[str, Any]],
        *,
        single: Callable[[], AbstractContextManager[None]] | None,
    ) -> None:
        """`forward` computes from the arrays, which it reads anew each time.

        `single` makes what it reads besides float32 for a while, and is None where that cannot be.
        """
        self.name, self.forward, self.backward, self.single = name, forward, backward, single
        self.arrays = dict(arrays)
        self.double_rungs, self.single_rungs = RungsUsed(), RungsUsed()

    def check(
        self, limit: int, tolerance: float, float32_tolerance: float | None, seed: int
    ) -> Iterable[ArgumentCheck]:
        """Yield the check of each argument."""
        # A stream of its own: with default_rng(seed), the dy of somebody who drew x the same way would be x itself.
        rng = np.random.default_rng([seed, 0x6479])
        with self.double_rungs:
            y, cache = self.forward(self.arrays)
        several = isinstance(y, (list, tuple))
        upstream = [rng.standard_normal(np.shape(part)) for part in (y if several else [y])]
        before = [np.copy(d) for d in upstream]
        with self.double_rungs:
            claimed = self.backward(upstream if several else upstream[0], cache)
        if any(not np.array_equal(a, b) for a, b in zip(before, upstream, strict=True)):
            yield ArgumentCheck("dy", upstream[0].shape, "backward changed the caller's dy in place")
            upstream = before

        def loss() -> float:
            parts = self.forward(self.arrays)[0]
            return sum(float(np.sum(p * d)) for p, d in zip(parts if several else [parts], upstream, strict=True))

        wanted = self.single is not None and float32_tolerance is not None
        single = self._in_float32(upstream, several) if wanted else {}
        for name, array in self.arrays.items():
            gradient = claimed.get(name)
            problem = _shape_problem(gradient, array, array.dtype)
            if problem is None and wanted:
                problem = _shape_problem(single.get(name), array)
                problem = problem and f"in float32: {problem}"
            if problem is not None:
                yield ArgumentCheck(name, array.shape, problem)
                continue
            yield _compare(
                name, array, np.asarray(gradient), loss, limit, tolerance, float32_tolerance or 0.0, seed,
                single.get(name),
            )  # fmt: skip
        if on_gpu():
            self.forward(self.arrays)  # parameters on a device were last set for a difference; now to what they were

    def _in_float32(self, upstream: list[Array], several: bool) -> Mapping[str, Any]:
        assert self.single is not None
        dy = [d.astype(np.float32) for d in upstream]
        with self.single(), self.single_rungs:
            _, cache = self.forward({name: array.astype(np.float32) for name, array in self.arrays.items()})
            return self.backward(dy if several else dy[0], cache)


def _shape_problem(gradient: Any, array: Array, dtype: Any = None) -> str | None:
    if gradient is None:
        return "no gradient was returned"
    if np.shape(gradient) != array.shape:
        return f"shape {np.shape(gradient)} instead of {array.shape}"
    if dtype is not None and np.asarray(gradient).dtype != dtype:
        return f"dtype {np.asarray(gradient).dtype} instead of {dtype}"
    if not np.isfinite(gradient).all():
        return "NaN or infinity in it"
    return None


def _compare(
    name: str,
    array: Array,
    gradient: Array,
    loss: Callable[[], float],
    limit: int,
    tolerance: float,
    float32_tolerance: float,
    seed: int,
    single: Any,
) -> ArgumentCheck:
    indices = sampled_indices(array.size, limit, seed)
    left, right = one_sided_slopes(loss, array, indices)
    numeric = (left + right) / 2
    analytic = gradient.reshape(-1)[indices]
    steepest = float(max(np.abs(left).max(initial=0), np.abs(right).max(initial=0), 1e-12))
    # Rounding of L alone makes slopes of about this size, which mean nothing.
    noise = 64 * float(np.finfo(np.float64).eps) * max(abs(loss()), 1.0) / STEP
    smooth = np.abs(left - right) <= KINK * steepest + noise
    scale = max(float(np.abs(analytic[smooth]).max(initial=0)), float(np.abs(numeric[smooth]).max(initial=0)))
    scale = max(scale, noise / tolerance)
    differences = np.full(array.size, np.nan)
    differences[indices[smooth]] = (analytic - numeric)[smooth]
    float32_error = float("nan")
    if single is not None:
        largest = max(float(np.abs(gradient).max(initial=0)), 1e-12)
        float32_error = float(np.abs(np.asarray(single, np.float64) - gradient).max(initial=0)) / largest
    options: dict[str, Any] = {
        "checked": int(smooth.sum()),
        "excluded": int((~smooth).sum()),
        "float32_error": float32_error,
        "differences": differences.reshape(array.shape),
        "tolerance": tolerance,
        "float32_tolerance": float32_tolerance,
    }
    if not smooth.any():
        return ArgumentCheck(name, array.shape, **options)
    worst = int(np.argmax(np.where(smooth, np.abs(analytic - numeric), -1.0)))
    return ArgumentCheck(
        name,
        array.shape,
        error=float(abs(analytic[worst] - numeric[worst])) / scale,
        worst=tuple(int(i) for i in np.unravel_index(indices[worst], array.shape)),
        analytic=float(analytic[worst]),
        numeric=float(numeric[worst]),
        **options,
    )


# What can be checked -------------------------------------------------------------------------------------------------


def _problem(
    subject: object, arguments: tuple[Any, ...], backward: Any, y_true: Any, names: Iterable[str] | None
) -> _Problem:
    arrays = [np.asarray(a) for a in arguments]
    if not arrays:
        raise InvalidInput("gradients: expected at least one array to differentiate by, got none")
    labels = (
        list(names) if names is not None else (["x"] if len(arrays) == 1 else [f"x{k}" for k in range(len(arrays))])
    )
    if len(labels) != len(arrays):
        raise InvalidInput(f"gradients: expected {len(arrays)} names, got {len(labels)}")
    floats = {n: np.array(a, np.float64, order="C") for n, a in zip(labels, arrays, strict=True) if a.dtype.kind == "f"}
    fixed = {n: a for n, a in zip(labels, arrays, strict=True) if a.dtype.kind != "f"}
    if not floats:
        raise InvalidInput("gradients: expected at least one array of floats to differentiate by")
    if isinstance(subject, Trainer) and y_true is not None:
        return _training_problem(subject, y_true, floats, fixed)
    if isinstance(subject, Layer):
        return _layer_problem(subject, floats, fixed)
    if isinstance(subject, Loss):
        if y_true is None or len(floats) != 1:
            raise InvalidInput("gradients: a loss needs one array of predictions, and labels as y_true=")
        name = labels[0]
        return _Problem(
            subject.name,
            floats,
            lambda given: _on_host(subject.forward(y_true, to_backend(given[name]))),
            lambda dy, cache: {name: to_host(subject.backward(float(dy), cache))},
            single=nullcontext,
        )
    if not callable(subject) or backward is None:
        raise InvalidInput(
            "gradients: expected a layer, a loss, or a function forward(...) -> (y, cache) with backward=, got "
            f"{subject!r}"
        )
    return _pair_problem(subject, backward, labels, floats, fixed)


def _on_host(result: tuple[Any, Any]) -> tuple[float, Any]:
    return float(result[0]), result[1]


def _pair_problem(
    forward: Any, backward: Any, labels: list[str], floats: dict[str, Array], fixed: dict[str, Array]
) -> _Problem:
    ours = str(getattr(forward, "__module__", "")).partition(".")[0] == "tinyseg_kernels"
    place = to_backend if ours else to_host

    def compute(given: Mapping[str, Array]) -> tuple[Any, Any]:
        result = forward(*[place(given[name] if name in given else fixed[name]) for name in labels])
        if not isinstance(result, tuple) or len(result) != 2:
            raise InvalidInput(f"gradients: expected forward to return (y, cache), got {type(result).__name__}")
        y, cache = result
        return to_host(y), cache

    def claimed(dy: object, cache: object) -> Mapping[str, Any]:
        result = backward(place(dy), cache)
        parts = tuple(map(to_host, result if isinstance(result, tuple) else (result,)))
        if len(parts) == len(floats):
            return dict(zip(floats, parts, strict=True))
        return dict(zip(labels, parts, strict=False))

    return _Problem(getattr(forward, "__name__", "the function"), floats, compute, claimed, single=nullcontext)


def _layer_problem(layer: Layer, floats: dict[str, Array], fixed: dict[str, Array]) -> _Problem:
    if fixed:
        raise InvalidInput(
            f"gradients: {layer.label}: expected inputs of floats, got {[str(a.dtype) for a in fixed.values()]}"
        )
    layer.ensure_built([a.shape for a in floats.values()], "float64")
    layer.to_backend()
    # On a device differences are taken of copies on the host, which every forward brings to the device.
    parameters = {name: to_host(array) for name, array in layer.trainable_parameters.items()}
    for name, array in parameters.items():
        if array.dtype != np.float64:
            raise InvalidInput(
                f"gradients: {layer.label}: expected parameters in float64, {name!r} is {array.dtype}; make the layer "
                "with dtype='float64', or the network after tinyseg.utils.set_floatx('float64')"
            )
    for name in floats:
        if name in parameters:
            raise InvalidInput(f"gradients: {layer.label} has a parameter {name!r}; give the input another name")

    def compute(given: Mapping[str, Array]) -> tuple[Any, Any]:
        for name, array in layer.trainable_parameters.items() if on_gpu() else ():
            array[...] = to_backend(given[name])
        inputs = [to_backend(given[name]) for name in floats]
        y, cache = layer.forward(inputs if layer.several_inputs else inputs[0], True)
        return (list(map(to_host, y)) if isinstance(y, (list, tuple)) else to_host(y)), cache

    def claimed(dy: object, cache: object) -> Mapping[str, Any]:
        there = list(map(to_backend, dy)) if isinstance(dy, (list, tuple)) else to_backend(dy)
        back = layer.backward(there, cache)
        dx, own = back if isinstance(back, tuple) else (back, {})  # one of your own without weights gives dx alone
        own = {name: to_host(gradient) for name, gradient in own.items()}
        return {**dict(zip(floats, map(to_host, dx if layer.several_inputs else [dx]), strict=True)), **own}

    single = None if isinstance(layer, Trainer) else lambda: _in_float32(layer)
    return _Problem(layer.label, {**floats, **parameters}, compute, claimed, single=single)


@contextmanager
def _in_float32(layer: Layer) -> Iterator[None]:
    """Let a layer have its parameters and its state in float32 within the block."""
    kept = [dict(layer.parameters), dict(layer.state)]
    try:
        for arrays in (layer.parameters, layer.state):
            for name, array in arrays.items():
                if array.dtype.kind == "f":
                    arrays[name] = array.astype(np.float32)
        yield
    finally:
        layer.parameters.update(kept[0])
        layer.state.update(kept[1])


def _training_problem(model: Trainer, y_true: Any, floats: dict[str, Array], fixed: dict[str, Array]) -> _Problem:
    """Differentiate the loss of a batch by the model's inputs and parameters."""
    if not any(model.losses):
        raise InvalidInput(
            f"gradients: {model.label}: call compile(optimizer=..., loss=...) before its loss is checked"
        )
    network = _layer_problem(model, floats, fixed)

    def compute(given: Mapping[str, Array]) -> tuple[Any, Any]:
        y, cache = network.forward(given)
        there = list(map(to_backend, y)) if isinstance(y, (list, tuple)) else to_backend(y)
        values, dy = model.loss_and_gradient(y_true, there, None)
        dy = list(map(to_host, dy)) if isinstance(dy, (list, tuple)) else to_host(dy)
        return float(values[0]), (dy, cache)

    def claimed(dloss: Any, cache: Any) -> Mapping[str, Any]:
        dy, inner = cache
        scaled = [d * float(dloss) for d in dy] if isinstance(dy, list) else dy * float(dloss)
        gradients, trained = dict(network.backward(scaled, inner)), model.trainable_parameters
        pulls = {name: 0 * trained[name] for name in model.regularizers if name in trained}
        penalized(model, pulls)
        return gradients | {name: gradients[name] + float(dloss) * to_host(pull) for name, pull in pulls.items()}

    return _Problem(f"{model.label} with its loss", network.arrays, compute, claimed, single=None)
