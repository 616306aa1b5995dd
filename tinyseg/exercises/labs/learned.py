"""A layer, a loss and an optimizer whose arithmetic is somebody's functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.calling import Call
from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.observing import Learner, gradients_of
from tinyseg.diagnosis.operation import Operation
from tinyseg.layers import Layer

Shapes = Callable[[int], Mapping[str, tuple[int, ...]]]
"""From the channels of the input to the shapes of the parameters, by name, in the order of forward's arguments."""

PATIENCE = 60.0
"""Seconds that one call may take."""


@dataclass
class Answer:
    """Functions that are called on any configuration; what they lack comes from the library.

    Attributes:
        operation: What they compute.
        forward: As the operation's contract says, or None.
        backward: The same.
        seconds: That their calls have taken so far.
        calls: How many calls there were.
        everywhere: Whether they stand in all places of a network where they could, or in the first alone.
    """

    operation: Operation
    forward: Callable[..., object] | None
    backward: Callable[..., object] | None
    seconds: float = 0.0
    calls: int = 0
    everywhere: bool = True

    def __post_init__(self) -> None:
        """Make what calls them."""
        self.learner = Learner(self.operation, self.forward, self.backward, PATIENCE, 0)

    def compute(self, case: Case) -> tuple[Any, Any]:
        """Return the result and what `gradients` needs."""
        if self.forward is None:
            return self.operation.right(case)["y"], None
        done, _ = self.learner.run_forward(case)
        self._note("forward", case, done)
        return done.result if self.operation.has_cache else (done.result, None)

    def gradients(self, case: Case, dy: Array, cache: Any) -> list[Array]:
        """Return the gradients in the order of the contract."""
        names = self.operation.gradients
        if self.backward is None:
            right = self.operation.right(case.with_dy(dy))
            return [right[name] for name in names]
        if self.forward is None:
            cache = self.learner.cache_of(case)
        done = self.learner.run_backward(dy, cache, {})
        self._note("backward", case, done)
        return list(gradients_of(done.result, names))

    def _note(self, what: str, case: Case, done: Call) -> None:
        self.seconds += done.seconds
        self.calls += 1
        if done.timed_out or done.raised:
            why = f"it takes more than {PATIENCE:g} s" if done.timed_out else str(done.raised)
            raise InvalidInput(f"use: your {what} fails in the network with {case.label}: {why}")


class LearnedLayer(Layer):
    """A layer that asks an answer for its result and its gradients."""

    def __init__(self, answer: Answer, shapes: Shapes, options: Mapping[str, Any], **common: Any) -> None:
        """Make the layer.

        Args:
            answer: Whose functions are called.
            shapes: Of the parameters.
            options: Keyword arguments of forward.
            common: Name and the like.
        """
        super().__init__(**common)
        self.answer, self.shapes, self.options = answer, shapes, dict(options)

    def build(self, input_shape: Any) -> None:
        """Draw kernels as Keras does (Glorot, uniform); biases and shifts are 0, scales 1."""
        for name, shape in self.shapes(int(input_shape[-1])).items():
            kind = "glorot_uniform" if len(shape) > 1 else "ones" if name == "gamma" else "zeros"
            self.add_weight(shape=shape, initializer=kind, name=name)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Try it on zeros, with the library's own arithmetic."""
        sizes = tuple(4 if size is None else int(size) for size in input_shape)
        y = self.answer.operation.right(self._case(np.zeros(sizes, np.float32)))["y"]
        unknown = input_shape[0] is None
        return (None if unknown else y.shape[0], *y.shape[1:])

    def forward(self, x: Any, training: bool = False) -> tuple[Any, Any]:
        """Ask for y."""
        case = self._case(x)
        y, cache = self.answer.compute(case)
        return _fitting(y, x.dtype), (case, cache)

    def backward(self, dy: Any, cache: Any, need_dx: bool = True) -> Any:
        """Ask for dx and the parameters' gradients."""
        case, kept = cache
        dx, *others = self.answer.gradients(case, np.ascontiguousarray(dy), kept)
        names = list(self.shapes(case.arrays["x"].shape[-1]))
        gradients = {name: _fitting(value, dy.dtype) for name, value in zip(names, others, strict=True)}
        return _fitting(dx, dy.dtype), gradients

    def _case(self, x: Any) -> Case:
        return Case({"x": x, **{name: self.parameters[name] for name in self.parameters}}, self.options)


def _fitting(array: Any, dtype: Any) -> Any:
    """Return the numbers in the network's type: an answer may compute in float64."""
    return np.asarray(array).astype(dtype, copy=False)
