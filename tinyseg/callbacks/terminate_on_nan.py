"""TerminateOnNaN."""

from __future__ import annotations

import math
from typing import Any

from .callback import Callback


class TerminateOnNaN(Callback):
    """Stop training when the loss is NaN or infinite, which nothing mends any more.

    Example:
        >>> import numpy as np
        >>> from tinyseg.callbacks import TerminateOnNaN
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> stop = TerminateOnNaN()
        >>> stop.set_model(model)
        >>> stop.on_train_batch_end(3, {"loss": float("nan")})
        Batch 3: the loss is nan, training stops
        >>> model.stop_training
        True
    """

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the loss."""
        if not math.isfinite(logs.get("loss", 0.0)):
            print(f"Batch {batch}: the loss is {logs['loss']}, training stops")
            self.model.stop_training = True
