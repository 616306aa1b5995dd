"""Callbacks that change the learning rate: LearningRateScheduler, ReduceLROnPlateau."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.callbacks.callback import Logs
from tinyseg.optimizers.schedules.checks import checked_rate
from tinyseg.utils.arguments import Natural
from tinyseg.utils.types import JsonObject

from .callback import Callback
from .callback_list import positional_arguments
from .monitor import Monitor, Watching
from .saved import saved_count, saved_number, saved_number_or_none


def _refuse_a_schedule(callback: Callback) -> None:
    """Refuse an optimizer with a schedule: the callback's rate would replace the schedule in silence."""
    schedule = getattr(callback.model.optimizer, "schedule", None)
    if schedule is not None:
        raise InvalidInput(
            f"{type(callback).__name__}: the optimizer's learning_rate is a schedule ({type(schedule).__name__}), "
            "which the callback would replace: use one of the two, so give the optimizer a number, or leave out the "
            "callback"
        )


class LearningRateScheduler(Callback):
    """Set the learning rate at the start of each epoch: schedule(epoch, current rate) -> new rate.

    Raises:
        InvalidInput: The optimizer has a schedule of its own, or the function returns what is no learning rate.

    Example:
        >>> import numpy as np
        >>> from tinyseg.callbacks import LearningRateScheduler
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> schedule = LearningRateScheduler(lambda epoch, rate: 0.1 / (1 + epoch))
        >>> _ = model.fit(x, 3 * x, epochs=4, callbacks=[schedule], verbose=0)
        >>> round(float(model.optimizer.learning_rate), 4)
        0.025
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        """Keep the function; it may also take the epoch alone."""
        if not callable(schedule):
            raise InvalidInput(f"LearningRateScheduler: schedule: expected a function of the epoch, got {schedule!r}")
        if positional_arguments(schedule) == 0:
            raise InvalidInput(
                "LearningRateScheduler: schedule: expected a function of the epoch, got one without arguments: "
                f"{schedule!r}"
            )
        self.schedule, self.verbose = schedule, verbose

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Look at the optimizer."""
        _refuse_a_schedule(self)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the rate."""
        takes_rate = positional_arguments(self.schedule) != 1
        rate = self.schedule(epoch, float(self.model.optimizer.learning_rate)) if takes_rate else self.schedule(epoch)
        rate = checked_rate("LearningRateScheduler: what the schedule returns", rate, "it to return a number")
        self.model.optimizer.learning_rate = rate
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate {rate:g}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the rate into the logs."""
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class ReduceLROnPlateau(Watching):
    """Multiply the learning rate by `factor` when a value has not become better for `patience` epochs.

    Example:
        >>> import numpy as np
        >>> from tinyseg.callbacks import ReduceLROnPlateau
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> plateau = ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=100.0)
        >>> _ = model.fit(x, 3 * x, epochs=4, callbacks=[plateau], verbose=0)
        >>> float(model.optimizer.learning_rate) < 0.01
        True
    """

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
        self.cooldown, self.min_lr = cooldown, checked_rate("ReduceLROnPlateau: min_lr", min_lr)
        self.wait, self.cooling = 0, 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew: a callback may be used for several trainings."""
        _refuse_a_schedule(self)
        self.watch.best = None
        self.wait, self.cooling = 0, 0
        self.watch.begin(self)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Warn when there was never anything to compare."""
        self.watch.end(self)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compare, and reduce when patience has run out; an epoch without validation does not count."""
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        value = self.watch.value(logs, self)
        if value is None:
            return
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

    def state(self) -> JsonObject:
        """Return the best so far, the waiting, and the rate."""
        rate = float(self.model.optimizer.learning_rate)
        return {"best": self.watch.best, "wait": self.wait, "cooling": self.cooling, "learning_rate": rate}

    def set_state(self, state: JsonObject) -> None:
        """Go on from there."""
        self.watch.best = saved_number_or_none(state, "best")
        self.wait, self.cooling = saved_count(state, "wait"), saved_count(state, "cooling")
        self.model.optimizer.learning_rate = saved_number(state, "learning_rate")
