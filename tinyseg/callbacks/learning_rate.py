"""Callbacks that change the learning rate: LearningRateScheduler, ReduceLROnPlateau."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.arguments import Natural

from .callback import Callback, Logs
from .monitor import Monitor
from .saved import saved_count, saved_number, saved_number_or_none


class LearningRateScheduler(Callback):
    """Set the learning rate at the start of each epoch: schedule(epoch, current rate) -> new rate."""

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        """Keep the function; it may also take the epoch alone."""
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int) -> None:
        """Set the rate."""
        try:
            rate = self.schedule(epoch, float(self.model.optimizer.learning_rate))
        except TypeError:
            rate = self.schedule(epoch)
        if isinstance(rate, bool) or (not isinstance(rate, (int, float)) and not hasattr(rate, "__float__")):
            raise InvalidInput(f"LearningRateScheduler: expected the schedule to return a number, got {rate!r}")
        self.model.optimizer.learning_rate = float(rate)
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate {float(rate):g}")

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Put the rate into the logs."""
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class ReduceLROnPlateau(Callback):
    """Multiply the learning rate by `factor` when a value has not become better for `patience` epochs."""

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: Natural = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: Natural = 0,
        min_lr: float = 0.0,
    ) -> None:
        """Set what to watch; after a reduction, `cooldown` epochs pass before counting starts again."""
        if not 0.0 < factor < 1.0:
            raise InvalidInput(f"ReduceLROnPlateau: factor: expected a number above 0 and below 1, got {factor!r}")
        self.watch = Monitor(monitor, mode, min_delta)
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self.on_train_begin()

    def on_train_begin(self) -> None:
        """Start anew: a callback may be used for several trainings."""
        self.watch.best = None
        self.wait, self.cooling = 0, 0

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Compare, and reduce when patience has run out."""
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        value = self.watch.value(logs)
        if self.cooling > 0:
            self.cooling -= 1
            self.wait = 0
        if self.watch.improve(value):
            self.wait = 0
        elif self.cooling <= 0:
            self.wait += 1
            rate = float(self.model.optimizer.learning_rate)
            if self.wait >= self.patience and rate > self.min_lr:
                rate = max(rate * self.factor, self.min_lr)
                self.model.optimizer.learning_rate = rate
                self.cooling, self.wait = self.cooldown, 0
                if self.verbose:
                    print(f"Epoch {epoch + 1}: learning rate reduced to {rate:g}")

    def state(self) -> dict[str, Any]:
        """Return the best so far, the waiting, and the rate."""
        rate = float(self.model.optimizer.learning_rate)
        return {"best": self.watch.best, "wait": self.wait, "cooling": self.cooling, "learning_rate": rate}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.watch.best = saved_number_or_none(state, "best")
        self.wait, self.cooling = saved_count(state, "wait"), saved_count(state, "cooling")
        self.model.optimizer.learning_rate = saved_number(state, "learning_rate")
