"""The base of callbacks: what `fit` calls, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.arguments import KerasArguments

Logs: TypeAlias = dict[str, float]
"""'loss', the metrics, and the same with 'val_' from validation."""

BatchLogs: TypeAlias = Mapping[str, float]
"""The same after a step, worked out when they are read: on a GPU, reading them waits for the device."""


class Callback(KerasArguments):
    """Override what you need; `self.model` is the model in training.

    A callback that remembers something between epochs should also override `state` and `set_state`, so that a resumed run goes on as if it had
    never stopped (see `BackupAndRestore`).
    """

    model: Any = None
    params: dict[str, Any]

    def on_train_begin(self) -> None:
        """Training starts."""

    def on_train_end(self) -> None:
        """Training is over."""

    def on_epoch_begin(self, epoch: int) -> None:
        """An epoch starts; they count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """An epoch is over, validation included; what is added to `logs` goes to the callbacks after this one."""

    def on_train_batch_begin(self, batch: int) -> None:
        """A training step starts."""

    def on_train_batch_end(self, batch: int, logs: BatchLogs) -> None:
        """A training step is over; `logs` are means over the epoch so far."""

    def on_test_begin(self) -> None:
        """Validation or evaluation starts."""

    def on_test_end(self, logs: Logs) -> None:
        """Validation or evaluation is over."""

    def state(self) -> dict[str, Any]:
        """Return what must survive an interruption: JSON types and arrays."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` returned."""


class CallbackList:
    """Calls each callback in turn."""

    def __init__(self, callbacks: Sequence[Callback], model: Any, epochs: int, steps: int | None) -> None:
        """Tell every callback its model and the run's size."""
        for callback in callbacks:
            if not isinstance(callback, Callback):
                raise InvalidInput(f"callbacks: expected objects of tinyseg.callbacks.Callback, got {callback!r}")
            callback.model = model
            callback.params = {"epochs": epochs, "steps": steps, "callbacks": callbacks}
        self.callbacks = callbacks

    def on_train_begin(self) -> None:
        """Pass it on."""
        for callback in self.callbacks:
            callback.on_train_begin()

    def on_train_end(self) -> None:
        """Pass it on."""
        for callback in self.callbacks:
            callback.on_train_end()

    def on_epoch_begin(self, epoch: int) -> None:
        """Pass it on."""
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Pass it on."""
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)

    def on_train_batch_begin(self, batch: int) -> None:
        """Pass it on."""
        for callback in self.callbacks:
            callback.on_train_batch_begin(batch)

    def on_train_batch_end(self, batch: int, logs: BatchLogs) -> None:
        """Pass it on."""
        for callback in self.callbacks:
            callback.on_train_batch_end(batch, logs)

    def on_test_begin(self) -> None:
        """Pass it on."""
        for callback in self.callbacks:
            callback.on_test_begin()

    def on_test_end(self, logs: Logs) -> None:
        """Pass it on."""
        for callback in self.callbacks:
            callback.on_test_end(logs)
