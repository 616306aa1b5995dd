"""History: what every epoch gave."""

from __future__ import annotations

from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.types import JsonObject

from .callback import Callback
from .saved import is_number


class History(Callback):
    """Returned by `fit`: `history` maps each name to a list with one number per epoch, `epoch` lists the epochs.

    Example:
        >>> import numpy as np
        >>> from tinyseg.callbacks import History
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> history = model.fit(x, 3 * x, epochs=3, verbose=0)
        >>> isinstance(history, History), history.epoch, sorted(history.history)
        (True, [0, 1, 2], ['loss'])
    """

    def __init__(self) -> None:
        """Start empty."""
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Append."""
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    def state(self) -> JsonObject:
        """Return all numbers so far."""
        return {"history": self.history, "epoch": self.epoch}

    def set_state(self, state: JsonObject) -> None:
        """Go on from these."""
        history, epoch = state["history"], state["epoch"]
        columns = list(history.values()) if isinstance(history, dict) else [None]
        if not all(isinstance(c, list) and all(is_number(value) for value in c) for c in [epoch, *columns]):
            raise InvalidInput("history: expected a list of numbers for each name and for the epochs")
        self.history, self.epoch = history, epoch
