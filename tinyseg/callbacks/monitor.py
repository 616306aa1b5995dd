"""Which of two values of a metric is better."""

from __future__ import annotations

import math

from tinyseg_kernels.errors import InvalidInput, unknown_name

from .callback import Logs

_LARGER_IS_BETTER = ("acc", "iou", "dice", "auc", "precision", "recall")


class Monitor:
    """Remembers the best value of one entry of the logs."""

    def __init__(self, monitor: str, mode: str = "auto", min_delta: float = 0.0) -> None:
        """Set what to watch.

        Args:
            monitor: Name in the logs, such as 'val_loss'.
            mode: 'min', 'max', or 'auto': 'max' for accuracy, IoU, Dice and their like, 'min' for all else.
            min_delta: How much better a value must be to count.
        """
        if mode not in ("auto", "min", "max"):
            raise unknown_name("mode", mode, ("auto", "min", "max"))
        larger = mode == "max" or (mode == "auto" and any(part in monitor.lower() for part in _LARGER_IS_BETTER))
        self.monitor, self.sign, self.min_delta = monitor, (1.0 if larger else -1.0), abs(min_delta)
        self.best: float | None = None

    def value(self, logs: Logs) -> float:
        """Return the value watched; raises InvalidInput naming what there is."""
        if self.monitor not in logs:
            hint = "; give fit validation_data" if self.monitor.startswith("val_") else ""
            raise InvalidInput(f"monitor: {self.monitor!r} is not among the logs ({', '.join(logs)}){hint}")
        return logs[self.monitor]

    def is_better(self, value: float, reference: float | None) -> bool:
        """Whether a value beats another by more than min_delta; a NaN never does, and anything beats None."""
        if math.isnan(value):
            return False
        return reference is None or self.sign * (value - reference) > self.min_delta

    def improve(self, value: float) -> bool:
        """Take a value in; returns whether it is the best so far."""
        better = self.is_better(value, self.best)
        if better:
            self.best = value
        return better
