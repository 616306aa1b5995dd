"""EarlyStopping."""

from __future__ import annotations

from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.callbacks.callback import Logs
from tinyseg.utils.arguments import Natural
from tinyseg.utils.types import JsonObject

from .monitor import Monitor, Watching
from .saved import saved_count, saved_number_or_none


class EarlyStopping(Watching):
    """Stop training when a value has not become better for `patience` epochs.

    Example:
        >>> import numpy as np
        >>> from tinyseg.callbacks import EarlyStopping
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> stop = EarlyStopping("loss", patience=2, min_delta=0.5)
        >>> history = model.fit(x, 3 * x, epochs=50, callbacks=[stop], verbose=0)
        >>> len(history.epoch) < 50
        True
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: Natural = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: Natural = 0,
    ) -> None:
        """Set what to watch.

        Args:
            monitor: Name in the logs.
            min_delta: How much better a value must be to count.
            patience: Epochs without a better value after which training stops.
            verbose: 1 says when it stops.
            mode: 'min', 'max' or 'auto'.
            baseline: A value that must be beaten within `patience` epochs, and again and again.
            restore_best_weights: Whether the model ends with the weights of its best epoch.
            start_from_epoch: Epochs before this one do not count.
        """
        self.watch = Monitor(monitor, mode, min_delta)
        self.baseline = baseline
        self.patience, self.verbose, self.start_from_epoch = patience, verbose, start_from_epoch
        self.restore_best_weights = restore_best_weights
        self._start_anew()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew: a callback may be used for several trainings."""
        self._start_anew()
        self.watch.begin(self)

    def _start_anew(self) -> None:
        self.watch.best = None
        self.wait, self.stopped_epoch = 0, 0
        self.best_epoch: int | None = None
        self.best_weights: list[Array] | None = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compare, and stop when patience has run out; an epoch without validation does not count."""
        value = self.watch.value(logs, self)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        better = self.watch.improve(value)
        if self.restore_best_weights and (better or self.best_weights is None):
            self.best_weights = self.model.get_weights()
        if better or self.best_epoch is None:
            self.best_epoch = epoch
        if better:
            if self.baseline is None or self.watch.is_better(value, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Say so, and restore the best weights."""
        self.watch.end(self)
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            self.model.set_weights(self.best_weights)

    def state(self) -> JsonObject:
        """Return the best so far and how long it has been."""
        weights = {f"best_weights_{k}": array for k, array in enumerate(self.best_weights or [])}
        return {"best": self.watch.best, "wait": self.wait, "best_epoch": self.best_epoch, **weights}

    def set_state(self, state: JsonObject) -> None:
        """Go on from there."""
        self.watch.best, self.wait = saved_number_or_none(state, "best"), saved_count(state, "wait")
        self.best_epoch = None if state["best_epoch"] is None else saved_count(state, "best_epoch")
        count = sum(key.startswith("best_weights_") for key in state)
        weights = [np.asarray(state[f"best_weights_{k}"]) for k in range(count)]
        own = self.model.get_weights() if weights and self.model is not None else weights
        if [(a.shape, a.dtype) for a in weights] != [(a.shape, a.dtype) for a in own]:
            raise InvalidInput("the best weights so far are of another model")
        self.best_weights = weights or None
