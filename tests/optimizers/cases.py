"""The optimizers under test; Keras's of the same name takes the same arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyseg import optimizers
from tinyseg.optimizers import Optimizer, schedules

SHAPES = {"kernel": (3, 2, 4, 5), "bias": (7,)}
STEPS = 20


@dataclass(frozen=True)
class Case:
    """One optimizer with arguments."""

    name: str
    arguments: dict[str, Any]

    def __str__(self) -> str:
        """Name the case in the test's id."""
        return "-".join([self.name, *(f"{key}={value}" for key, value in self.arguments.items())])

    def optimizer(self) -> Optimizer:
        """Make the optimizer."""
        made: Optimizer = getattr(optimizers, self.name)(**self.arguments)
        return made


OPTIMIZERS = [
    Case("SGD", {}),
    Case("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    Case("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    Case("SGD", {"learning_rate": 0.1, "weight_decay": 0.05}),
    Case("RMSprop", {}),
    Case("RMSprop", {"learning_rate": 0.01, "rho": 0.7, "momentum": 0.8}),
    Case("RMSprop", {"learning_rate": 0.01, "centered": True}),
    Case("RMSprop", {"learning_rate": 0.01, "centered": True, "momentum": 0.5, "epsilon": 1e-3, "weight_decay": 0.1}),
    Case("Adam", {}),
    Case("Adam", {"learning_rate": 0.05, "beta_1": 0.6, "beta_2": 0.9, "epsilon": 1e-2}),
    Case("Adam", {"learning_rate": 0.05, "weight_decay": 0.1}),
    Case("AdamW", {}),
    Case("AdamW", {"learning_rate": 0.02, "weight_decay": 0.3, "beta_1": 0.5}),
]

CLIPPED = [
    Case(name, {"learning_rate": 0.1, clip: limit})
    for name in ("SGD", "Adam")
    for clip, limit in (("clipnorm", 1.5), ("clipvalue", 0.4), ("global_clipnorm", 2.0), ("clipnorm", 1e6))
] + [Case("AdamW", {"learning_rate": 0.1, "clipnorm": 0.5}), Case("RMSprop", {"global_clipnorm": 3.0, "momentum": 0.5})]

CASES = OPTIMIZERS + CLIPPED

SCHEDULES: list[tuple[str, dict[str, Any]]] = [
    ("ExponentialDecay", {"initial_learning_rate": 0.3, "decay_steps": 7, "decay_rate": 0.5}),
    ("ExponentialDecay", {"initial_learning_rate": 0.3, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.3, "decay_steps": 4, "decay_rate": 0.8}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.3, "decay_steps": 4, "decay_rate": 0.8, "staircase": True}),
    ("PolynomialDecay", {"initial_learning_rate": 0.3, "decay_steps": 10}),
    ("PolynomialDecay", {"initial_learning_rate": 0.3, "decay_steps": 6, "end_learning_rate": 0.1, "power": 2.0}),
    ("PolynomialDecay", {"initial_learning_rate": 0.3, "decay_steps": 6, "power": 0.5, "cycle": True}),
    ("CosineDecay", {"initial_learning_rate": 0.3, "decay_steps": 12}),
    ("CosineDecay", {"initial_learning_rate": 0.3, "decay_steps": 9, "alpha": 0.2}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 9, "warmup_target": 0.4, "warmup_steps": 5}),
    ("CosineDecay",
     {"initial_learning_rate": 0.0, "decay_steps": 9, "alpha": 0.1, "warmup_target": 0.4, "warmup_steps": 3}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.3, "first_decay_steps": 4}),
    ("CosineDecayRestarts",
     {"initial_learning_rate": 0.3, "first_decay_steps": 5, "t_mul": 1.0, "m_mul": 0.8, "alpha": 0.05}),
    ("CosineDecayRestarts",
     {"initial_learning_rate": 0.3, "first_decay_steps": 3, "t_mul": 1.5, "m_mul": 0.7, "alpha": 0.1}),
    ("PiecewiseConstantDecay", {"boundaries": [3, 8], "values": [0.4, 0.1, 0.02]}),
]  # fmt: skip


def schedule(name: str, arguments: dict[str, Any]) -> schedules.LearningRateSchedule:
    """Make a schedule."""
    made: schedules.LearningRateSchedule = getattr(schedules, name)(**arguments)
    return made


def arrays(dtype: str, seed: int, scale: float = 1.0) -> dict[str, np.ndarray]:
    """Draw one array per shape."""
    rng = np.random.default_rng([seed, 99])
    return {name: (scale * rng.standard_normal(shape)).astype(dtype) for name, shape in SHAPES.items()}


def gradients(dtype: str) -> list[dict[str, np.ndarray]]:
    """Draw the gradients of every step; some small, some large, so that clipping cuts some and not others."""
    return [arrays(dtype, 100 + step, scale=3.0 if step % 3 == 0 else 0.05) for step in range(STEPS)]
