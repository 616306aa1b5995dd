"""Which of two values of a metric is better."""

from __future__ import annotations

import math
import warnings
from typing import Any

from tinyseg_kernels.errors import InvalidInput, unknown_name

from .callback import Callback, Logs

_SIGNS = {"max": 1.0, "min": -1.0}

KNOWN = {
    **dict.fromkeys(["acc", "accuracy", "auc", "binary_accuracy", "binary_io_u", "categorical_accuracy"], "max"),
    **dict.fromkeys(["dice", "f1", "f1_score", "io_u", "iou", "mean_dice", "mean_io_u", "mean_iou"], "max"),
    **dict.fromkeys(["pixel_accuracy", "precision", "recall", "sensitivity", "specificity"], "max"),
    **dict.fromkeys(["sparse_categorical_accuracy"], "max"),
    **dict.fromkeys(["mae", "mean_absolute_error", "mean_squared_error", "mse", "rmse"], "min"),
}
"""Whether more or less is better for measures of these names that are not metrics of the model.

A callback put them into the logs.
"""


def direction_of(name: str, model: Any) -> str | None:
    """Return 'max' or 'min', what is better for an entry of the logs, or None when nobody knows.

    The model's own losses and metrics say it. For what is not theirs (a callback put it into the logs), the exact name
    of a usual measure, or an end in '_loss', says it; never a part of the name: 'accurate_mask_loss' falls.
    """
    name = name.removeprefix("val_")
    own: dict[str, str | None] = getattr(model, "directions", {})
    if name in own:
        return own[name]
    return "min" if name == "loss" or name.endswith("_loss") else KNOWN.get(name)


class Monitor:
    """Remembers the best value of one entry of the logs."""

    def __init__(self, monitor: str, mode: str = "auto", min_delta: float = 0.0) -> None:
        """Set what to watch.

        Args:
            monitor: Name in the logs, such as 'val_loss'.
            mode: 'min', 'max', or 'auto': what is better for the model's loss or metric of that name (see
                `direction_of`).
            min_delta: How much better a value must be to count.
        """
        if mode not in ("auto", "min", "max"):
            raise unknown_name("mode", mode, ("auto", "min", "max"))
        if not isinstance(monitor, str):
            raise InvalidInput(f"monitor: expected a name in the logs, such as 'val_loss', got {monitor!r}")
        if not math.isfinite(min_delta):
            raise InvalidInput(f"min_delta: expected a number, got {min_delta!r}")
        self.monitor, self.mode, self.min_delta = monitor, mode, abs(min_delta)
        self.sign = _SIGNS.get(mode, 0.0)
        self.best: float | None = None
        self.skipped = 0

    def begin(self, callback: Any) -> None:
        """Find out whether the value should rise or fall, before the training of the callback's model begins.

        Raises:
            InvalidInput: Nobody knows; the mode must be given.
        """
        self.skipped = 0
        if self.mode == "auto":
            direction = direction_of(self.monitor, callback.model)
            if direction is None:
                known = ", ".join(getattr(callback.model, "directions", {"loss": "min"}))
                raise InvalidInput(
                    f"{type(callback).__name__}: mode: whether {self.monitor!r} should rise or fall is not known: "
                    f"give mode='max' or mode='min', or another name (the model logs {known}, and the same with "
                    "'val_')"
                )
            self.sign = _SIGNS[direction]

    def end(self, callback: object) -> None:
        """Warn when no epoch had the value, so that the callback could do nothing."""
        if self.skipped and self.best is None:
            warnings.warn(
                f"{type(callback).__name__}: no epoch had a {self.monitor!r}, so nothing was done; see validation_freq",
                stacklevel=2,
            )

    def value(self, logs: Logs, callback: object) -> float | None:
        """Return the value watched, or None in an epoch that was not validated.

        Raises:
            InvalidInput: There is no such value; the text names what there is.
        """
        if self.sign == 0:
            self.begin(callback)
        if self.monitor in logs:
            return logs[self.monitor]
        validates = getattr(callback, "params", {}).get("validates", True)
        if validates and self.monitor.startswith("val_") and not any(name.startswith("val_") for name in logs):
            self.skipped += 1
            return None
        hint = "; give fit validation_data" if self.monitor.startswith("val_") and not validates else ""
        raise InvalidInput(f"monitor: {self.monitor!r} is not among the logs ({', '.join(logs)}){hint}")

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


class Watching(Callback):
    """A callback with a monitor, under Keras's names for what it knows."""

    watch: Monitor

    @property
    def monitor(self) -> str:
        """Name in the logs."""
        return self.watch.monitor

    @property
    def best(self) -> float | None:
        """The best value so far; None before there is one."""
        return self.watch.best
