"""Callbacks driven by a list of values instead of by training: here and in Keras alike."""

from __future__ import annotations

from typing import Any

import numpy as np


class Optimizer:
    """Holds a learning rate; Keras reads it as a variable, which a NumPy number can stand for."""

    def __init__(self, rate: float) -> None:
        self.learning_rate: Any = np.float64(rate)


class Model:
    """What callbacks see of a model: its weights name the epoch, so that one can tell which were restored."""

    metrics: tuple[Any, ...] = ()

    def __init__(self, rate: float = 1.0) -> None:
        self.optimizer = Optimizer(rate)
        self.stop_training = False
        self.weights = [np.array(-1)]
        self.saved: list[tuple[str, int]] = []

    def get_weights(self) -> list[np.ndarray]:
        """Return copies."""
        return [array.copy() for array in self.weights]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Take copies."""
        self.weights = [array.copy() for array in weights]

    def save(self, path: Any, **options: Any) -> None:
        """Note the file and the epoch."""
        self.saved.append((str(path), int(self.weights[0])))

    save_weights = save


def attach(callback: Any, model: Model) -> Model:
    """Give a callback its model, here and in Keras."""
    if hasattr(callback, "set_model"):
        callback.set_model(model)
    else:
        callback.model = model
        callback.params = {"epochs": 99, "steps": 1, "callbacks": [callback]}
    return model


def run(callback: Any, values: list[float], model: Model, name: str = "val_loss") -> list[float]:
    """Run epochs with these values until the callback stops training; returns the learning rate after each."""
    rates = []
    model.stop_training = False
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.weights = [np.array(epoch)]
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {"loss": 0.0, name: value})
        rates.append(float(model.optimizer.learning_rate))
        if model.stop_training:
            break
    callback.on_train_end()
    return rates
