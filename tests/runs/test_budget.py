"""A budget of minutes, against a clock of our own: how many epochs are planned, and when a run stops early."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tinyseg.runs.training
from tests.datasets.blobs import blobs
from tinyseg.callbacks import Callback
from tinyseg.datasets import SegmentationBatches
from tinyseg.runs import RunFolder, budget

from .tiny import SETTINGS, Interruption, run


class Clock:
    """Time that passes when told, and by `tick` with each look."""

    def __init__(self) -> None:
        """Start at some moment."""
        self.now, self.tick = 5000.0, 0.0

    def read(self) -> float:
        """Return the time in seconds."""
        self.now += self.tick
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that budgets look at."""
    own = Clock()
    monkeypatch.setattr(budget, "time", SimpleNamespace(perf_counter=own.read, monotonic=own.read))
    return own


class Worker:
    """A model that takes its time."""

    def __init__(self, clock: Clock, learning: float, testing: float, first: float = 50.0) -> None:
        """Set the seconds of a step of each kind, and of the very first one."""
        self.clock, self.learning, self.testing, self.first = clock, learning, testing, first
        self.steps = {"train": 0, "test": 0}

    def train_on_batch(self, x: Any, y: Any) -> None:
        """Learn."""
        self._work("train", self.learning)

    def test_on_batch(self, x: Any, y: Any) -> None:
        """Measure."""
        self._work("test", self.testing)

    def _work(self, kind: str, seconds: float) -> None:
        self.clock.now += seconds if self.steps[kind] else self.first
        self.steps[kind] += 1


@pytest.mark.parametrize(
    ("minutes", "learning", "testing"), [(10, 2.0, 1.0), (1, 0.3, 0.7), (0.01, 2.0, 1.0), (33, 0.11, 0.0)]
)  # fmt: skip
def test_epochs_are_planned_from_measured_steps(minutes: float, learning: float, testing: float, clock: Clock) -> None:
    """10 training and 6 validation batches: an epoch takes 10 a + 6 b seconds, and a tenth is kept back.

    The slow first step does not count.
    """
    worker: Any = Worker(clock, learning, testing)
    planned = budget.epochs_within(minutes, worker, SegmentationBatches(blobs(20), 2), SegmentationBatches(blobs(6), 1))
    assert planned == max(1, int(minutes * 60 / (1.1 * (10 * learning + 6 * testing))))
    assert worker.steps == {"train": 4, "test": 4}


def test_a_single_batch_counts_though_it_is_the_first(clock: Clock) -> None:
    worker: Any = Worker(clock, 1.0, 1.0, first=3.0)
    assert budget.epochs_within(1, worker, SegmentationBatches(blobs(2), 2), SegmentationBatches(blobs(1), 2)) == 9


@pytest.mark.parametrize(("fitting", "asked", "planned"), [(3, None, 3), (3, 2, 2), (2, 5, 2)])
def test_minutes_become_epochs(
    fitting: int, asked: int | None, planned: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The smaller of what fits and what was asked for.

    The run keeps it, so that a resumed run has the same schedule.
    """
    monkeypatch.setattr(tinyseg.runs.training, "epochs_within", lambda minutes, *rest: fitting if minutes == 7 else 0)
    run(tmp_path, replace(SETTINGS, epochs=asked, minutes=7))
    description = RunFolder(tmp_path).read_description()
    assert (description.settings.epochs, description.settings.minutes) == (planned, 7)
    assert len(RunFolder(tmp_path).read_history()["epoch"]) == planned


def test_planning_leaves_no_trace_in_the_run(finished: Path, tmp_path: Path, clock: Clock) -> None:
    """The steps that are measured draw random numbers and move parameters: of a model that is thrown away."""
    clock.tick = 0.1
    run(tmp_path, replace(SETTINGS, minutes=7))
    assert (tmp_path / "history.csv").read_text() == (finished / "history.csv").read_text()


class Slow(Callback):
    """Makes each training step take some seconds."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        """Set the seconds."""
        self.clock, self.seconds = clock, seconds

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """Let time pass."""
        self.clock.now += self.seconds


@pytest.mark.parametrize(("seconds", "epochs"), [(4.0, 5), (5.0, 4), (7.0, 2), (40.0, 1)])
def test_a_run_stops_when_another_epoch_would_not_fit(
    seconds: float, epochs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """Epochs of 3 steps within 60 seconds: 5 of 12 s fit, 4 of 15 s, 2 of 21 s; the first one is always run."""
    monkeypatch.setattr(tinyseg.runs.training, "epochs_within", lambda *given: 9)
    run(tmp_path, replace(SETTINGS, epochs=None, minutes=1), callbacks=[Slow(clock, seconds)])
    content = json.loads((tmp_path / "metrics.json").read_text())
    assert content["epochs"] == epochs
    assert RunFolder(tmp_path).read_description().settings.epochs == 9


def test_time_before_an_interruption_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """2 epochs of 15 s, then an interruption and an hour's pause: 30 s are left, for 2 more."""
    monkeypatch.setattr(tinyseg.runs.training, "epochs_within", lambda *given: 9)
    settings = replace(SETTINGS, epochs=None, minutes=1)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, settings, callbacks=[Slow(clock, 5.0), Interruption(2)])
    clock.now += 3600
    run(tmp_path, resume=True, callbacks=[Slow(clock, 5.0), Interruption(-1)])
    assert json.loads((tmp_path / "metrics.json").read_text())["epochs"] == 4
