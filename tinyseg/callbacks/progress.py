"""Progress of training: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.callbacks.callback import Logs

from .callback import BatchLogs, Callback

SECONDS_BETWEEN_LINES = 15.0
"""How often a long epoch says where it is when the output is not a terminal."""


def describe(logs: BatchLogs) -> str:
    """Return 'loss: 0.1234 - accuracy: 0.9876'."""
    return " - ".join(
        f"{name}: {value:.4g}" if abs(value) < 1e-3 else f"{name}: {value:.4f}" for name, value in logs.items()
    )


def checked_verbosity(verbose: object) -> int:
    """Return Keras's `verbose` as 0, 1 or 2; 'auto' is 1."""
    if isinstance(verbose, str) and verbose == "auto":
        return 1
    if not isinstance(verbose, (bool, int)) or verbose not in (0, 1, 2):
        raise InvalidInput(f"verbose: expected 'auto', 0 (silent), 1 or 2, got {verbose!r}")
    return int(verbose)


class ProgressLogger(Callback):
    """One line per epoch; in between, a bar (terminal) or now and then a line of its own (file, pipe, notebook).

    Example:
        >>> import numpy as np
        >>> from tinyseg.callbacks import ProgressLogger
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> import io
        >>> from contextlib import redirect_stdout
        >>> with redirect_stdout(io.StringIO()) as said:
        ...     _ = model.fit(x, 3 * x, epochs=2, callbacks=[ProgressLogger(live=False)], verbose=0)
        ...
        >>> [line.split()[1] for line in said.getvalue().splitlines() if line.startswith("Epoch")][-1]
        '2/2'
    """

    def __init__(self, live: bool | None = None, between: bool = True) -> None:
        """Choose a live bar or plain lines; by default what the output can show.

        Without `between`, an epoch prints its last line only.
        """
        self.live = sys.stdout.isatty() and find_spec("rich") is not None if live is None else live
        self.between = between
        self.bar: Any = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave the bar out of a copy: it belongs to this process's terminal."""
        return {**self.__dict__, "bar": None}

    @classmethod
    def for_verbosity(cls, verbose: object) -> list[ProgressLogger]:
        """Return what Keras's `verbose` asks for: 0 nothing, 1 or 'auto' progress, 2 one line per epoch."""
        verbose = checked_verbosity(verbose)
        return [] if verbose == 0 else [cls(live=False, between=False) if verbose == 2 else cls()]

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Start the clock."""
        self.started = self.last = time.monotonic()
        self.label = f"Epoch {epoch + 1}/{self.params['epochs']}"
        if self.live and self.between:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self.bar = Progress(
                TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(), TimeRemainingColumn(),
                TextColumn("{task.fields[logs]}"), transient=True,
            )  # fmt: skip
            self.bar.start()
            self.task = self.bar.add_task(self.label, total=self.params["steps"], logs="")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar, or print a line when it is time."""
        if self.bar is not None:
            self.bar.update(self.task, completed=batch + 1, logs=describe(logs))
        elif self.between and time.monotonic() - self.last > SECONDS_BETWEEN_LINES:
            self.last = time.monotonic()
            steps = self.params["steps"]
            print(f"{self.label}  step {batch + 1}{f'/{steps}' if steps else ''}  {describe(logs)}", flush=True)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Print the epoch's line."""
        self._close()
        print(f"{self.label}  {time.monotonic() - self.started:.1f}s  {describe(logs)}", flush=True)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Take the bar away."""
        self._close()

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


class WorkLogger(Callback):
    """What `evaluate` and `predict` print when asked: where they are, and the results at the end."""

    @classmethod
    def for_verbosity(cls, verbose: object) -> list[WorkLogger]:
        """Return what `verbose` asks for: 0 nothing, anything else lines."""
        return [cls()] if checked_verbosity(verbose) else []

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Start the clock."""
        self.started = self.last = time.monotonic()
        self.batches = 0

    on_predict_begin = on_test_begin

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Print a line when it is time."""
        self.batches = batch + 1
        if time.monotonic() - self.last > SECONDS_BETWEEN_LINES:
            self.last = time.monotonic()
            steps = self.params["steps"]
            print(f"step {self.batches}{f'/{steps}' if steps else ''}", flush=True)

    on_predict_batch_end = on_test_batch_end

    def on_test_end(self, logs: Any = None) -> None:
        """Print the results."""
        print(" - ".join(f"{name}: {value:.4f}" for name, value in logs.items()), flush=True)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Print how much was done."""
        print(f"{self.batches} batches  {time.monotonic() - self.started:.1f}s", flush=True)
