"""The base of callbacks: what `fit`, `evaluate` and `predict` call, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from tinyseg.utils.arguments import KerasArguments
from tinyseg.utils.types import JsonObject

Logs: TypeAlias = dict[str, float]
"""'loss', the metrics, and the same with 'val_' from validation."""

BatchLogs: TypeAlias = Mapping[str, float]
"""The same after a step, worked out when they are read: on a GPU, reading them waits for the device."""


class Callback(KerasArguments):
    """Override what you need; `self.model` is the model in training.

    A hook may leave out the arguments at its end: `def on_epoch_end(self, epoch)`.

    A callback that remembers something between epochs should also override `state` and `set_state`, so that a resumed
    run goes on as if it had never stopped (see `BackupAndRestore`). To stop early set `self.model.stop_training`,
    `stop_evaluating` or `stop_predicting` to True.

    Example:
        >>> import numpy as np
        >>> from tinyseg.callbacks import Callback
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> class Say(Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         print(epoch, sorted(logs))
        ...
        >>> _ = model.fit(x, 3 * x, epochs=2, callbacks=[Say()], verbose=0)
        0 ['loss']
        1 ['loss']
    """

    model: Any = None
    params: dict[str, Any]
    """What `fit` was told: 'epochs', 'steps', 'verbose', 'validates', 'callbacks'.

    'steps' are the batches of an epoch, None when not known; 'validates' says whether `fit` has validation data.
    """

    def set_model(self, model: Any) -> None:
        """Take the model; called before anything else."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Take the run's size; called before anything else."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Training starts; `logs` are empty, as in all that begins."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Training is over; `logs` are those of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """An epoch starts; they count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """An epoch is over, validation included; what is added to `logs` goes to the callbacks after this one."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """A training step starts."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """A training step is over; `logs` are means over the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Another name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Another name of `on_train_batch_end`."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Validation or evaluation starts."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Validation or evaluation is over."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """A batch of validation or evaluation starts."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """A batch of validation or evaluation is over; `logs` are means over the batches so far."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """`predict` starts."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """`predict` is over."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """A batch of `predict` starts."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """A batch of `predict` is over; `logs` has its 'outputs'."""

    def state(self) -> JsonObject:
        """Return what must survive an interruption: JSON types and arrays."""
        return {}

    def set_state(self, state: JsonObject) -> None:
        """Take back what `state` returned."""


HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))
