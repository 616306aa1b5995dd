"""What an operation's benchmark is: inputs, and a step of each library.

The libraries must give the same numbers before they are timed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..common.arrays import Work, numbers

Outputs = Sequence[Any]
Step = Callable[[], Outputs]
Steps = dict[str, Step]
"""Kind of step -> step: 'both' and 'forward'; of networks 'train' and 'inference'.

'both' is forward and backward, the kind that is checked and judged.
"""

Forward = Callable[..., tuple[Any, Any]]
Backward = Callable[[Any, Any], Any]
Function = Callable[..., Any]


@dataclass(frozen=True)
class Operation:
    """An operation, its inputs and its sides.

    Attributes:
        name: What is computed, with the shape.
        inputs: Makes the inputs as NumPy arrays.
        layouts: Of the inputs in PyTorch, by `benchmarks.common.arrays.TO_TORCH`. TensorFlow has ours.
        results: Layouts of the outputs of the first kind of step.
        work: The least work of the first kind of step.
        ours: Takes the inputs and returns the steps.
        torch: The same for (torch, tensors).
        tensorflow: The same for (tf, jit, tensors).
        course: The same as `ours` as courses teach it, or None.
    """

    name: str
    inputs: Callable[[], list[np.ndarray]]
    layouts: tuple[str, ...]
    results: tuple[str, ...]
    work: Work
    ours: Callable[..., Steps]
    torch: Callable[..., Steps]
    tensorflow: Callable[..., Steps] | None = None
    course: Callable[..., Steps] | None = None


def differentiable(
    name: str,
    inputs: Callable[[], list[np.ndarray]],
    layouts: tuple[str, ...],
    output: tuple[tuple[int, ...], str],
    work: Work,
    forward: Forward,
    backward: Backward,
    torch: Function,
    tensorflow: Function | None = None,
    course: tuple[Forward, Backward] | None = None,
) -> Operation:
    """Return the case of a function y = f(inputs): y, and the gradients of all real inputs from a given dy.

    Args:
        name: What is computed, with the shape.
        inputs: Makes them.
        layouts: Of the inputs in PyTorch.
        output: Shape of y in our layout, and its layout.
        work: Of forward and backward.
        forward: Ours: inputs -> (y, cache).
        backward: Ours: (dy, cache) -> gradient, or several.
        torch: (torch, tensors) -> y.
        tensorflow: (tf, tensors) -> y.
        course: Forward and backward as courses teach it.
    """
    shape, layout = output

    def manual(run: Forward, back: Backward) -> Callable[..., Steps]:
        def build(*given: Any) -> Steps:
            *arrays, dy = given

            def both() -> Outputs:
                y, cache = run(*arrays)
                gradients = back(dy, cache)
                return (y, *gradients) if isinstance(gradients, tuple) else (y, gradients)

            return {"both": both, "forward": lambda: (run(*arrays)[0],)}

        return build

    def by_autograd(module: Any, *given: Any) -> Steps:
        *tensors, dy = given
        leaves = [tensor.requires_grad_() for tensor in tensors if tensor.is_floating_point()]

        def both() -> Outputs:
            y = torch(module, *tensors)
            return (y, *module.autograd.grad(y, leaves, dy))

        return {"both": both, "forward": lambda: (torch(module, *tensors),)}

    def by_tape(tf: Any, jit: bool, *given: Any) -> Steps:
        assert tensorflow is not None
        *tensors, dy = given

        @tf.function(jit_compile=jit)
        def both(dy: Any, *tensors: Any) -> Any:
            leaves = [tensor for tensor in tensors if tensor.dtype.is_floating]
            with tf.GradientTape() as tape:
                for leaf in leaves:
                    tape.watch(leaf)
                y = tensorflow(tf, *tensors)
            return (y, *tape.gradient(y, leaves, output_gradients=dy))

        forward_only = tf.function(lambda *tensors: tensorflow(tf, *tensors), jit_compile=jit)
        return {"both": lambda: both(dy, *tensors), "forward": lambda: (forward_only(*tensors),)}

    def gradients() -> tuple[str, ...]:
        arrays = inputs()
        return tuple(kind for kind, array in zip(layouts, arrays, strict=True) if array.dtype.kind == "f")

    return Operation(
        name,
        lambda: [*inputs(), numbers(*shape, seed=99)],
        (*layouts, layout),
        (layout, *gradients()),
        work,
        manual(forward, backward),
        by_autograd,
        None if tensorflow is None else by_tape,
        None if course is None else manual(*course),
    )
