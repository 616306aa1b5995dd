"""A network in plain NumPy as courses teach it.

Layers that courses leave out (bilinear enlargement, dilation) are left out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..common.networks import NetworkCase, compiled
from .case import Operation, Steps
from .course_network import CourseNetwork


class Side:
    """Steps in plain NumPy."""

    def __init__(self, argument: str, threads: int) -> None:
        """Do nothing: the threads, of OpenBLAS, come from the environment."""

    def operation(self, case: Operation) -> Steps:
        """Return the steps of an operation."""
        if case.course is None:
            raise ValueError("not a part of courses")
        return case.course(*case.inputs())

    def network(self, case: NetworkCase) -> Steps:
        """Return a training step and inference."""
        net = CourseNetwork(compiled(case))
        images, labels = case.data(case.batch)
        return {"train": lambda: (net.train_step(images, labels),), "inference": lambda: (net.predict(images),)}

    def to_numpy(self, outputs: Sequence[Any], layouts: Sequence[str]) -> list[np.ndarray]:
        """Return the outputs."""
        return [np.asarray(output) for output in outputs]
