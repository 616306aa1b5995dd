"""Learning rates that fall: ExponentialDecay, InverseTimeDecay, PolynomialDecay, CosineDecay, PiecewiseConstantDecay."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from .schedule import LearningRateSchedule


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise InvalidInput(f"{name}: expected a number above 0, got {value!r}")
    return value


def _numbers(name: str, values: Any) -> list[float]:
    """Return a list of finite numbers."""
    try:
        numbers = [v if isinstance(v, int) else float(v) for v in values]
        usable = not isinstance(values, (str, bytes)) and all(type(n) is not bool and math.isfinite(n) for n in numbers)
    except (TypeError, ValueError, OverflowError):
        usable = False
    if not usable:
        raise InvalidInput(f"PiecewiseConstantDecay: {name}: expected a list of numbers, got {values!r}")
    return numbers


class ExponentialDecay(LearningRateSchedule):
    """initial * decay_rate^(step / decay_steps); in steps with staircase."""

    def __init__(
        self, initial_learning_rate: float, decay_steps: float, decay_rate: float, staircase: bool = False
    ) -> None:
        """Set the start, and by which factor it falls in how many steps."""
        self.initial_learning_rate, self.decay_rate, self.staircase = initial_learning_rate, decay_rate, staircase
        self.decay_steps = _positive("ExponentialDecay: decay_steps", decay_steps)

    def __call__(self, step: int) -> float:
        """Return the rate."""
        periods = step // self.decay_steps if self.staircase else step / self.decay_steps
        return float(self.initial_learning_rate * self.decay_rate**periods)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON types."""
        return dict(vars(self))


class InverseTimeDecay(ExponentialDecay):
    """initial / (1 + decay_rate * step / decay_steps); in steps with staircase."""

    def __call__(self, step: int) -> float:
        """Return the rate."""
        periods = step // self.decay_steps if self.staircase else step / self.decay_steps
        return float(self.initial_learning_rate / (1 + self.decay_rate * periods))


class PolynomialDecay(LearningRateSchedule):
    """(initial - end) * (1 - step / decay_steps)^power + end, then end; with cycle, decay_steps is doubled, tripled, ... as needed."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
    ) -> None:
        """Set start, length, end and shape."""
        self.initial_learning_rate, self.end_learning_rate = initial_learning_rate, end_learning_rate
        self.decay_steps = _positive("PolynomialDecay: decay_steps", decay_steps)
        self.power, self.cycle = power, cycle

    def __call__(self, step: int) -> float:
        """Return the rate."""
        length: float = self.decay_steps
        if self.cycle:
            length *= max(1, math.ceil(step / length))
        left = 1 - min(step, length) / length
        return float((self.initial_learning_rate - self.end_learning_rate) * left**self.power + self.end_learning_rate)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON types."""
        return dict(vars(self))


class CosineDecay(LearningRateSchedule):
    """Half a cosine from the initial rate to alpha times it; perhaps after a linear warm-up to warmup_target.

    Source: Loshchilov and Hutter, "SGDR", ICLR 2017 (arXiv:1608.03983).
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        """Set start, length, end and warm-up; with a warm-up the cosine falls from warmup_target."""
        self.initial_learning_rate, self.alpha = initial_learning_rate, alpha
        self.decay_steps = _positive("CosineDecay: decay_steps", decay_steps)
        if warmup_steps < 0:
            raise InvalidInput(f"CosineDecay: warmup_steps: expected a number of at least 0, got {warmup_steps!r}")
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step: int) -> float:
        """Return the rate."""
        top, after = self.initial_learning_rate, float(step)
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return top + (self.warmup_target - top) * step / self.warmup_steps
            top = self.warmup_target
            after = step - self.warmup_steps
        progress = min(after, self.decay_steps) / self.decay_steps
        cosine = 0.5 * (1 + math.cos(math.pi * progress))
        return top * ((1 - self.alpha) * cosine + self.alpha)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON types."""
        return dict(vars(self))


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[k] up to and including step boundaries[k], the last value after the last boundary."""

    def __init__(self, boundaries: Sequence[int], values: Sequence[float]) -> None:
        """Set the steps at which the rate changes, and one more value than these."""
        self.boundaries = _numbers("boundaries", boundaries)
        self.values = _numbers("values", values)
        if len(self.values) != len(self.boundaries) + 1 or sorted(self.boundaries) != self.boundaries:
            raise InvalidInput(
                "PiecewiseConstantDecay: expected rising boundaries and one value more than boundaries, "
                f"got {len(self.boundaries)} boundaries and {len(self.values)} values"
            )

    def __call__(self, step: int) -> float:
        """Return the rate."""
        return float(self.values[sum(step > boundary for boundary in self.boundaries)])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON types."""
        return dict(vars(self))
