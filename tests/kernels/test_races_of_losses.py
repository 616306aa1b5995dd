"""Losses, updates and counts in the race detector, in several orders of the threads.

Nothing is found, and the bits are the same as without it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.options import emulation
from tinyseg_kernels.device import to_backend, to_host

from tests.kernels.backends import BACKENDS, EMULATED, choose
from tests.utils.backends import loss_and_gradient
from tinyseg import losses, optimizers
from tinyseg.metrics import confusion_matrix

pytestmark = pytest.mark.skipif(not EMULATED, reason="the race detector is a part of the emulator")

LOSSES: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("SparseCategoricalCrossentropy", {"ignore_class": 3}, (2, 8, 9, 5)),
    ("SparseCategoricalCrossentropy", {}, (7, 40)),
    ("CategoricalCrossentropy", {}, (7, 25, 4)),
    ("CategoricalCrossentropy", {}, (2, 4, 3, 40)),
    ("BinaryCrossentropy", {"from_logits": True}, (3, 33)),
    ("BinaryCrossentropy", {}, (7, 1)),
    ("MeanAbsoluteError", {}, (4, 50)),
    ("Dice", {"axis": (1, 2)}, (3, 40, 3, 5)),
    ("Dice", {"axis": (0, 3)}, (3, 40, 3, 5)),
]
OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("Adam", {"weight_decay": 0.1, "clipnorm": 0.3}),
    ("SGD", {"momentum": 0.9, "global_clipnorm": 0.5}),
    ("RMSprop", {"centered": True, "momentum": 0.5}),
]


def results() -> list[Any]:
    """Compute everything once, from the same numbers each time."""
    found: list[Any] = []
    for name, arguments, shape in LOSSES:
        rng = np.random.default_rng(1)
        p, ids = rng.uniform(0.05, 0.95, shape).astype(np.float32), rng.integers(0, shape[-1], shape[:-1])
        one_hot = rng.integers(0, 2, shape) if name.startswith("Binary") else np.eye(shape[-1])[ids]
        labels = ids if name.startswith("Sparse") else one_hot
        found += loss_and_gradient(getattr(losses, name)(**arguments), labels, p)
    for name, arguments in OPTIMIZERS:
        rng = np.random.default_rng(1)
        shapes: dict[str, Any] = {"a": (3, 2, 4, 5), "b": (7,), "c": (300,)}
        parameters = {key: to_backend(rng.standard_normal(shape).astype(np.float32)) for key, shape in shapes.items()}
        optimizer = getattr(optimizers, name)(0.01, **arguments)
        for _ in range(2):
            gradients = {key: rng.standard_normal(shape).astype(np.float32) for key, shape in shapes.items()}
            optimizer.apply(parameters, {key: to_backend(gradient) for key, gradient in gradients.items()})
        found += [to_host(array) for array in parameters.values()]
    rng = np.random.default_rng(1)
    truth, scores = rng.integers(0, 5, (2, 20, 10)), to_backend(rng.uniform(0, 1, (2, 20, 10, 5)).astype(np.float32))
    weight = rng.uniform(0, 2, truth.shape)
    for classes, w in ((5, None), (5, weight), (120, None)):  # in shared memory, with weights, in global memory
        found.append(to_host(confusion_matrix(truth, scores, classes, 3, w)))
    return found


@pytest.mark.parametrize("name", [name for name in ("cupy", "numba-cuda") if name in BACKENDS])
def test_no_races_and_the_same_bits_in_every_order(name: str) -> None:
    with choose(name):
        expected = results()
        for order in (
            ("up", "down", "rotated:3") if name == "cupy" else ("rotated:3",)
        ):  # the simulator takes a minute each
            with emulation(races=True, thread_order=order) as findings:
                actual = results()
            assert not findings, order
            for a, b in zip(actual, expected, strict=True):
                np.testing.assert_array_equal(a, b, err_msg=order)
