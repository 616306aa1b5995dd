"""A run that is killed in the middle of an epoch and started again ends with the same bits as one that was not."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import tinyseg
from tests.models.networks import assert_same_arrays, classifier, images, weights_of
from tests.utils.processes import run_python
from tinyseg.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from tinyseg.models import Model
from tinyseg.optimizers import Adam
from tinyseg.utils import set_random_seed

PROGRAM = """
    import json, os, signal, sys
    import numpy as np
    from tinyseg import layers
    from tinyseg.callbacks import BackupAndRestore, Callback, CSVLogger, EarlyStopping, ReduceLROnPlateau
    from tinyseg.models import Sequential
    from tinyseg.optimizers import Adam
    from tinyseg.utils import set_random_seed

    folder, kill_epoch, kill_batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

    class Kill(Callback):
        def on_epoch_begin(self, epoch):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs):
            if (self.epoch, batch) == (kill_epoch, kill_batch):
                os.kill(os.getpid(), signal.SIGKILL)

    set_random_seed(7)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((40, 6, 6, 2)).astype("float32"), rng.integers(0, 3, 40)
    model = Sequential([
        layers.Input((6, 6, 2)), layers.Conv2D(4, 3, name="conv"), layers.BatchNormalization(name="norm"),
        layers.ReLU(), layers.Flatten(), layers.Dropout(0.4, name="drop"),
        layers.Dense(3, activation="softmax", name="top"),
    ])
    model.compile(Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x, y, batch_size=8, epochs=6, validation_split=0.2, verbose=0,
        callbacks=[
            Kill(), ReduceLROnPlateau(patience=1, factor=0.5), EarlyStopping(patience=3, restore_best_weights=True),
            CSVLogger(f"{folder}/log.csv"), BackupAndRestore(f"{folder}/backup"),
        ],
    )
    model.save(f"{folder}/model.tinyseg")
    with open(f"{folder}/history.json", "w") as file:
        json.dump([history.epoch, history.history], file)
"""


def start(folder: Path, kill_epoch: int = -1, kill_batch: int = -1) -> int:
    """Run the program in a process of its own; returns its exit status."""
    done = run_python(PROGRAM, str(folder), str(kill_epoch), str(kill_batch))
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was left alone."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    assert start(folder) == 0
    return folder


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize("kills", [[(2, 1)], [(0, 2)], [(1, 3), (3, 0), (4, 2)]], ids=str)
def test_killed_and_started_again(kills: list[tuple[int, int]], uninterrupted: Path, tmp_path: Path) -> None:
    for epoch, batch in kills:
        assert start(tmp_path, epoch, batch) == -signal.SIGKILL
        assert (tmp_path / "backup" / "checkpoint.safetensors").exists() == (epoch > 0)
        assert not (tmp_path / "model.tinyseg").exists()
    assert start(tmp_path) == 0
    for name in ("history.json", "log.csv"):
        assert (tmp_path / name).read_bytes() == (uninterrupted / name).read_bytes(), name
    resumed, whole = (safetensors.numpy.load_file(folder / "model.tinyseg") for folder in (tmp_path, uninterrupted))
    assert {"parameters/conv/kernel", "state/norm/moving_mean", "state/drop/step", "optimizer/iterations"} < set(whole)
    assert_same_arrays(resumed, whole)
    assert len(json.loads((tmp_path / "history.json").read_text())[0]) >= 4
    assert not (tmp_path / "backup" / "checkpoint.safetensors").exists()


# The same within one process, for each callback by itself -------------------------------------------------------------


class Interruption(Exception):
    """Ends a run from within."""


class Interrupt(Callback):
    """Raises in the middle of an epoch, once."""

    def __init__(self, epoch: int | None) -> None:
        self.when = epoch

    def on_epoch_begin(self, epoch: int) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        if batch == 1 and self.epoch == self.when:
            raise Interruption


def train(folder: Path, interrupt: int | None, watcher: Any, optimizer: Any) -> tuple[Model, Any]:
    """Train with a backup; the network, its data and its seeds are always the same."""
    set_random_seed(11)
    model = classifier(dropout=0.3)
    model.compile(optimizer(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = images(36)
    extra = [watcher()] if watcher is not None else []
    callbacks = [Interrupt(interrupt), *extra, BackupAndRestore(folder)]
    return model, model.fit(x, y, 8, epochs=6, validation_split=0.25, verbose=0, callbacks=callbacks).history


@pytest.mark.parametrize(
    "watcher",
    [
        None,
        lambda: LearningRateScheduler(lambda epoch, rate: 0.5 * rate),
        lambda: LearningRateScheduler(lambda epoch: 0.02 / (1 + epoch)),
        lambda: ReduceLROnPlateau("loss", patience=0, factor=0.8, min_delta=10.0),
        lambda: EarlyStopping("accuracy", patience=1, restore_best_weights=True),
        lambda: EarlyStopping("val_loss", patience=2, baseline=0.5),
    ],
    ids=["alone", "rate from rate", "rate from epoch", "plateau", "stopping", "baseline"],
)
@pytest.mark.parametrize("interrupt", [1, 4])
def test_every_callback_goes_on(watcher: Any, interrupt: int, tmp_path: Path) -> None:
    whole, expected = train(tmp_path / "a", None, watcher, lambda: Adam(0.02))
    epochs = len(expected["loss"])
    if interrupt < epochs:
        with pytest.raises(Interruption):
            train(tmp_path / "b", interrupt, watcher, lambda: Adam(0.02))
    resumed, history = train(tmp_path / "b", None, watcher, lambda: Adam(0.02))
    assert history == expected
    assert_same_arrays(weights_of(resumed), weights_of(whole))


def test_a_rate_that_a_callback_of_ones_own_set_is_kept(tmp_path: Path) -> None:
    """The optimizer's rate is a part of what training depends on, whoever changed it."""

    class Halve(Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            self.model.optimizer.learning_rate *= 0.5

    whole, expected = train(tmp_path / "a", None, Halve, lambda: Adam(0.02))
    with pytest.raises(Interruption):
        train(tmp_path / "b", 3, Halve, lambda: Adam(0.02))
    resumed, history = train(tmp_path / "b", None, Halve, lambda: Adam(0.02))
    assert resumed.optimizer.learning_rate == whole.optimizer.learning_rate
    assert history == expected


def test_a_log_that_is_appended_to_has_each_epoch_once(tmp_path: Path) -> None:
    """The file holds rows of the epochs before the interruption, and so does the checkpoint."""
    for interrupt in (None, 3):
        path = tmp_path / f"{interrupt}.csv"
        path.write_text("epoch,loss\n0,9.5\n")  # of another training, to be kept
        for at in [interrupt, None][interrupt is None :]:
            try:
                train(tmp_path / f"{interrupt}", at, lambda path=path: CSVLogger(path, append=True), lambda: Adam(0.02))
            except Interruption:
                continue
    rows = [line.split(",")[0] for line in path.read_text().splitlines()]
    assert rows == ["epoch", "0", "0", "1", "2", "3", "4", "5"]
    assert path.read_bytes() == (tmp_path / "None.csv").read_bytes()


def test_a_run_that_had_stopped_early_does_not_go_on(tmp_path: Path) -> None:
    """Interrupted after the last epoch, before the end of `fit`.

    What remains to be done is what comes after training.
    """

    class InterruptTheEnd(Callback):
        def on_train_end(self) -> None:
            raise Interruption

    def fit(folder: Path, *first: Callback) -> tuple[Model, Any]:
        set_random_seed(3)
        model = classifier()
        model.compile(Adam(0.02), "sparse_categorical_crossentropy")
        # Nothing is ever better by so much, so it stops after the second epoch.
        stopping = EarlyStopping("loss", min_delta=100.0, patience=1, restore_best_weights=True)
        x, y = images(16)
        return model, model.fit(x, y, 8, epochs=7, verbose=0, callbacks=[*first, stopping, BackupAndRestore(folder)])

    whole, expected = fit(tmp_path / "a")
    with pytest.raises(Interruption):
        fit(tmp_path / "b", InterruptTheEnd())
    resumed, history = fit(tmp_path / "b")
    assert history.epoch == expected.epoch == [0, 1]
    assert history.history == expected.history
    assert_same_arrays(weights_of(resumed), weights_of(whole))


def test_a_finished_run_can_be_prolonged(tmp_path: Path) -> None:
    """With delete_checkpoint=False a second fit goes on where the first ended."""
    x, y = images(16)

    def fit(epochs: int, folder: Path) -> tuple[Model, Any]:
        set_random_seed(3)
        model = classifier()
        model.compile("adam", "sparse_categorical_crossentropy")
        backup = BackupAndRestore(folder, delete_checkpoint=False)
        return model, model.fit(x, y, 4, epochs=epochs, verbose=0, callbacks=[backup])

    whole, expected = fit(5, tmp_path / "a")
    fit(2, tmp_path / "b")
    longer, history = fit(5, tmp_path / "b")
    assert history.epoch == expected.epoch == list(range(5))
    assert history.history == expected.history
    assert_same_arrays(weights_of(longer), weights_of(whole))


def prepare(folder: Path) -> Path:
    """Leave a checkpoint behind."""
    with pytest.raises(Interruption):
        train(folder, 2, None, lambda: Adam(0.02))
    return folder / "checkpoint.safetensors"


def test_other_callbacks_or_another_model_are_refused(tmp_path: Path) -> None:
    path = prepare(tmp_path)
    with pytest.raises(tinyseg.InvalidInput, match=r"same callbacks as before the interruption \(History\)"):
        train(tmp_path, None, lambda: CSVLogger(tmp_path / "log.csv"), lambda: Adam(0.02))
    x = np.ones((4, 3), np.float32)
    other = tinyseg.Sequential([tinyseg.layers.Input((3,)), tinyseg.layers.Dense(2)])
    other.compile("adam", "mse")
    with pytest.raises(tinyseg.InvalidInput, match="of another model") as caught:
        other.fit(x, np.ones((4, 2)), callbacks=[Interrupt(None), BackupAndRestore(tmp_path)], verbose=0)
    assert str(path) in str(caught.value)
    assert path.exists()


@pytest.mark.parametrize("content", [b"", b"rubbish", None])
def test_a_damaged_checkpoint_is_refused_and_kept(content: bytes | None, tmp_path: Path) -> None:
    path = prepare(tmp_path)
    path.write_bytes(path.read_bytes()[:-100] if content is None else content)
    with pytest.raises(tinyseg.InvalidInput) as caught:
        train(tmp_path, None, None, lambda: Adam(0.02))
    assert str(path) in str(caught.value)
    assert path.exists()


def test_it_must_come_last(tmp_path: Path) -> None:
    x, y = images(4)
    model = classifier()
    model.compile("adam", "sparse_categorical_crossentropy")
    callbacks = [BackupAndRestore(tmp_path), ModelCheckpoint(tmp_path / "m")]
    with pytest.raises(tinyseg.InvalidInput, match="must be the last"):
        model.fit(x, y, callbacks=callbacks, verbose=0)
