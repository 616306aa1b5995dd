"""A number of epochs from a number of minutes."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from typing import Any

from tinyseg.callbacks import Callback
from tinyseg.callbacks.callback import Logs
from tinyseg.callbacks.saved import saved_number
from tinyseg.datasets import SegmentationBatches
from tinyseg.models import Model
from tinyseg.utils.types import JsonObject

WARM_UP_STEPS, MEASURED_STEPS = 1, 3
RESERVE = 1.1
"""Epochs are planned as if each took this factor longer than measured: starting, saving and drawing take time too."""


def epochs_within(minutes: float, model: Model, batches: SegmentationBatches, validation: SegmentationBatches) -> int:
    """Measure some steps on a model that is thrown away afterwards, and return how many epochs fit; at least 1."""
    learning = _seconds_per_batch(batches, model.train_on_batch) * len(batches)
    validating = _seconds_per_batch(validation, model.test_on_batch) * len(validation)
    return max(1, int(minutes * 60 / (RESERVE * (learning + validating))))


def _seconds_per_batch(batches: SegmentationBatches, step: Callable[[Any, Any], Any]) -> float:
    """Time some steps; the first ones, which also load and allocate, do not count if there are others."""
    moments = [time.perf_counter()]
    for x, y, _ in islice(batches.epoch(0), WARM_UP_STEPS + MEASURED_STEPS):
        step(x, y)
        moments.append(time.perf_counter())
    counted = moments[min(WARM_UP_STEPS, len(moments) - 2) :]
    return (counted[-1] - counted[0]) / (len(counted) - 1)


class TimeLimit(Callback):
    """Stop after the epoch after which another one would not fit. Time spent before an interruption counts."""

    def __init__(self, minutes: float) -> None:
        """Set the limit."""
        self.seconds, self.spent, self.before = minutes * 60, 0.0, 0.0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start the clock."""
        self.started = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Remember when the epoch began."""
        self.epoch_began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Stop if the next epoch would end too late."""
        now = time.monotonic()
        self.spent = self.before + now - self.started
        if self.spent + (now - self.epoch_began) > self.seconds:
            self.model.stop_training = True

    def state(self) -> JsonObject:
        """Return the time spent."""
        return {"spent": self.spent}

    def set_state(self, state: JsonObject) -> None:
        """Count on from it."""
        self.before = saved_number(state, "spent")
