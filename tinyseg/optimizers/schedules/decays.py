"""Learning rates that fall.

ExponentialDecay, InverseTimeDecay, PolynomialDecay, CosineDecay, CosineDecayRestarts, PiecewiseConstantDecay.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.types import JsonObject

from .checks import checked_number
from .schedule import LearningRateSchedule


class _Decay(LearningRateSchedule):
    """A schedule whose attributes are its arguments."""

    def _number(self, argument: str, value: float, least: float = -math.inf, above: float = -math.inf) -> float:
        return checked_number(f"{type(self).__name__}: {argument}", value, least, above)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return dict(vars(self))


class ExponentialDecay(_Decay):
    """initial * decay_rate^(step / decay_steps); in steps with staircase.

    Example:
        >>> from tinyseg.optimizers.schedules import ExponentialDecay
        >>> schedule = ExponentialDecay(0.1, decay_steps=100, decay_rate=0.5)
        >>> [round(float(schedule(step)), 6) for step in (0, 100, 200)]
        [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        """Set the start, and by which factor it falls in how many steps."""
        self.initial_learning_rate = self._number("initial_learning_rate", initial_learning_rate, least=0)
        self.decay_rate = self._number("decay_rate", decay_rate, least=0)
        self.decay_steps = self._number("decay_steps", decay_steps, above=0)
        self.staircase, self.name = bool(staircase), name

    def __call__(self, step: int) -> float:
        """Return the rate."""
        periods = step // self.decay_steps if self.staircase else step / self.decay_steps
        return float(self.initial_learning_rate * self.decay_rate**periods)


class InverseTimeDecay(ExponentialDecay):
    """initial / (1 + decay_rate * step / decay_steps); in steps with staircase.

    Example:
        >>> from tinyseg.optimizers.schedules import InverseTimeDecay
        >>> schedule = InverseTimeDecay(0.1, decay_steps=100, decay_rate=1.0)
        >>> [round(float(schedule(step)), 6) for step in (0, 100, 300)]
        [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        """Set the start, and how fast it falls."""
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def __call__(self, step: int) -> float:
        """Return the rate."""
        periods = step // self.decay_steps if self.staircase else step / self.decay_steps
        return float(self.initial_learning_rate / (1 + self.decay_rate * periods))


class PolynomialDecay(_Decay):
    """(initial - end) * (1 - step / decay_steps)^power + end, then end.

    With cycle, decay_steps is doubled, tripled, ... as needed.

    Example:
        >>> from tinyseg.optimizers.schedules import PolynomialDecay
        >>> schedule = PolynomialDecay(0.1, decay_steps=100, end_learning_rate=0.0)
        >>> [round(float(schedule(step)), 6) for step in (0, 50, 100)]
        [0.1, 0.05, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        """Set start, length, end and shape."""
        self.initial_learning_rate = self._number("initial_learning_rate", initial_learning_rate, least=0)
        self.end_learning_rate = self._number("end_learning_rate", end_learning_rate, least=0)
        self.decay_steps = self._number("decay_steps", decay_steps, above=0)
        self.power, self.cycle, self.name = self._number("power", power, least=0), bool(cycle), name

    def __call__(self, step: int) -> float:
        """Return the rate."""
        length: float = self.decay_steps
        if self.cycle:
            length *= max(1, math.ceil(step / length))
        left = 1 - min(step, length) / length
        return float((self.initial_learning_rate - self.end_learning_rate) * left**self.power + self.end_learning_rate)


class CosineDecay(_Decay):
    """Half a cosine from the initial rate to alpha times it; perhaps after a linear warm-up to warmup_target.

    Source: Loshchilov and Hutter, "SGDR", ICLR 2017 (arXiv:1608.03983).

    Example:
        >>> from tinyseg.optimizers.schedules import CosineDecay
        >>> schedule = CosineDecay(0.1, decay_steps=100)
        >>> [round(float(schedule(step)), 6) for step in (0, 50, 100)]
        [0.1, 0.05, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        """Set start, length, end and warm-up; with a warm-up the cosine falls from warmup_target."""
        self.initial_learning_rate = self._number("initial_learning_rate", initial_learning_rate, least=0)
        self.decay_steps = self._number("decay_steps", decay_steps, above=0)
        self.alpha, self.name = self._number("alpha", alpha, least=0), name
        self.warmup_target = None if warmup_target is None else self._number("warmup_target", warmup_target, least=0)
        self.warmup_steps = self._number("warmup_steps", warmup_steps, least=0)

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


class CosineDecayRestarts(_Decay):
    r"""Half a cosine from the initial rate to alpha times it, again and again (warm restarts).

    Period i lasts first_decay_steps * t_mul^i steps and starts at m_mul^i times the initial rate:

        rate = initial * ((1 - alpha) * m_mul^i * (1 + cos(pi * part of period i that is over)) / 2 + alpha)

    Source: Loshchilov and Hutter, "SGDR", ICLR 2017 (arXiv:1608.03983).

    Example:
        >>> from tinyseg.optimizers.schedules import CosineDecayRestarts
        >>> schedule = CosineDecayRestarts(0.1, first_decay_steps=100)
        >>> [round(float(schedule(step)), 6) for step in (0, 50, 100)]
        [0.1, 0.05, 0.1]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        """Set the first period, and by which factors length and start of the next ones change."""
        self.initial_learning_rate = self._number("initial_learning_rate", initial_learning_rate, least=0)
        self.first_decay_steps = self._number("first_decay_steps", first_decay_steps, above=0)
        self.t_mul, self.m_mul = self._number("t_mul", t_mul, least=1), self._number("m_mul", m_mul, least=0)
        self.alpha, self.name = self._number("alpha", alpha, least=0), name

    def __call__(self, step: int) -> float:
        """Return the rate."""
        start, length, period = 0.0, float(self.first_decay_steps), 0
        if self.t_mul == 1:
            period = int(step // length)
            start = period * length
        while step >= start + length:
            start, length, period = start + length, length * self.t_mul, period + 1
        cosine = 0.5 * self.m_mul**period * (1 + math.cos(math.pi * (step - start) / length))
        return float(self.initial_learning_rate * ((1 - self.alpha) * cosine + self.alpha))


class PiecewiseConstantDecay(_Decay):
    """values[k] up to and including step boundaries[k], the last value after the last boundary.

    Example:
        >>> from tinyseg.optimizers.schedules import PiecewiseConstantDecay
        >>> schedule = PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001])
        >>> [round(float(schedule(step)), 6) for step in (0, 15, 30)]
        [0.1, 0.01, 0.001]
    """

    def __init__(self, boundaries: Sequence[int], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        """Set the steps at which the rate changes, and one more value than these."""
        for argument, given in (("boundaries", boundaries), ("values", values)):
            if isinstance(given, (str, bytes)) or not hasattr(given, "__len__") or getattr(given, "ndim", 1) != 1:
                raise InvalidInput(f"PiecewiseConstantDecay: {argument}: expected a list of numbers, got {given!r}")
        self.boundaries = [self._number("boundaries", boundary) for boundary in boundaries]
        self.values = [self._number("values", value, least=0) for value in values]
        self.name = name
        if len(self.values) != len(self.boundaries) + 1 or sorted(self.boundaries) != self.boundaries:
            raise InvalidInput(
                "PiecewiseConstantDecay: expected rising boundaries and one value more than boundaries, "
                f"got {len(self.boundaries)} boundaries and {len(self.values)} values"
            )

    def __call__(self, step: int) -> float:
        """Return the rate."""
        return float(self.values[sum(step > boundary for boundary in self.boundaries)])
