"""The base of schedules."""

from __future__ import annotations

from tinyseg.utils.arguments import KerasArguments
from tinyseg.utils.types import JsonObject


class LearningRateSchedule(KerasArguments):
    """The learning rate as a function of the number of updates so far: schedule(step) -> rate.

    Example:
        >>> from tinyseg.optimizers.schedules import LearningRateSchedule
        >>> class Halving(LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return 0.1 * 0.5 ** (step // 100)
        ...
        >>> Halving()(250)
        0.025
    """

    def __call__(self, step: int) -> float:
        """Return the rate of update number `step`, counted from 0."""
        raise NotImplementedError

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types.

        Those that `__init__` keeps as attributes of the same names unless a class says otherwise.
        """
        return dict(vars(self))
