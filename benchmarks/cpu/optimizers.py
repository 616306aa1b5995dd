"""Adam over all parameters of a network in one update."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tinyseg.applications import UNet
from tinyseg.optimizers import Adam

from ..common.arrays import Work, numbers
from .case import Operation, Outputs, Steps

ARTICLE = [(3, 3, 3, 64), (64,), (3, 3, 64, 64), (64,), (774400, 128), (128,), (128, 128), (128,), (128, 10), (10,)]
"""Parameters of the article's network at 224x224: 99.2 million numbers, nearly all of them in one array."""

EPSILON = 1e-7


def cases(tiny: bool) -> Iterator[Operation]:
    """Return the cases; tiny ones have the same code and a few numbers."""
    if tiny:
        yield _adam("tiny", [(3, 5), (7,)])
        return
    unet = UNet((256, 256, 3), 12, filters=32, depth=4)  # 7.8 million numbers in many small arrays
    yield _adam("U-Net base 32 depth 4", [array.shape for array in unet.parameters.values()])
    yield _adam("the article's network", ARTICLE)


def _adam(name: str, shapes: list[tuple[int, ...]]) -> Operation:
    size, count = sum(int(np.prod(shape)) for shape in shapes), len(shapes)

    def inputs() -> list[np.ndarray]:
        # Parameters as small as an update, so that a wrong update is not lost in them.
        parameters = [numbers(*shape, seed=k, scale=1e-3) for k, shape in enumerate(shapes)]
        return [*parameters, *(numbers(*shape, seed=1000 + k) for k, shape in enumerate(shapes))]

    def ours(*arrays: Any) -> Steps:
        parameters = {f"p{k:03}": np.array(array) for k, array in enumerate(arrays[:count])}
        gradients = {f"p{k:03}": array for k, array in enumerate(arrays[count:])}
        optimizer = Adam(1e-3, epsilon=EPSILON)

        def step() -> Outputs:
            optimizer.apply(parameters, gradients)
            return tuple(parameters.values())

        return {"both": step}

    def torch(torch: Any, *tensors: Any) -> Steps:
        parameters = [torch.nn.Parameter(tensor.clone()) for tensor in tensors[:count]]
        for parameter, gradient in zip(parameters, tensors[count:], strict=True):
            parameter.grad = gradient
        # PyTorch adds epsilon to the corrected root of the second moment, we to the root itself: this is our first
        # update's epsilon in its form.
        optimizer = torch.optim.Adam(parameters, 1e-3, eps=EPSILON / (1 - 0.999) ** 0.5, fused=True)

        def step() -> Outputs:
            optimizer.step()
            return tuple(parameters)

        return {"both": step}

    def tensorflow(tf: Any, jit: bool, *tensors: Any) -> Steps:
        import keras

        variables = [keras.Variable(tensor) for tensor in tensors[:count]]
        gradients = tensors[count:]
        optimizer = keras.optimizers.Adam(1e-3, epsilon=EPSILON)
        optimizer.build(variables)
        update: Callable[..., Any] = tf.function(lambda *given: optimizer.apply(given, variables), jit_compile=jit)

        def step() -> Outputs:
            update(*gradients)
            return tuple(variable.value for variable in variables)

        return {"both": step}

    # Parameter, gradient and both averages are read, all but the gradient written.
    plain = ("plain",) * count
    return Operation(
        f"Adam, {name}, {size:,} parameters", inputs, plain * 2, plain, Work(28 * size), ours, torch, tensorflow
    )
