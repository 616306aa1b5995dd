"""This library's side: a backend of the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tinyseg_kernels.backend import rung, set_backend

from ..common.networks import NetworkCase, compiled
from .case import Operation, Steps


class Side:
    """Steps of one backend."""

    def __init__(self, backend: str, threads: int) -> None:
        """Use the backend from now on; the threads come from the environment."""
        set_backend(backend)
        rung("conv2d")  # loads what the backend is made with, as the peers' libraries are loaded now

    def operation(self, case: Operation) -> Steps:
        """Return the steps of an operation."""
        return case.ours(*case.inputs())

    def network(self, case: NetworkCase) -> Steps:
        """Return a training step, which returns the loss, and inference, which returns what `predict` does."""
        model = compiled(case)
        images, labels = case.data(case.batch)
        return {
            "train": lambda: (float(model.train_step(images, labels)[0][0]),),
            "inference": lambda: (model.predict_on_batch(images),),
        }

    def to_numpy(self, outputs: Sequence[Any], layouts: Sequence[str]) -> list[np.ndarray]:
        """Return the outputs as arrays in our layout."""
        return [np.asarray(output) for output in outputs]

    def rates(self) -> dict[str, float]:
        """Return the rates that NumPy reaches: OpenBLAS's product, and a copy."""
        from .roofline import measure

        edge, count = 2048, 1 << 26
        a = np.ones((edge, edge), np.float32)
        product, source, target = np.empty_like(a), np.zeros(count, np.float32), np.zeros(count, np.float32)
        return measure(lambda: np.matmul(a, a, out=product), lambda: np.copyto(target, source), edge, 4 * count)
