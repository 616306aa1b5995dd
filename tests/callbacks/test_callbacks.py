"""Callbacks in real training: what they write, restore, refuse and print."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tests.models.networks import assert_same_arrays, classifier, images, weights_of
from tinyseg.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    History,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from tinyseg.models import Model, load_model
from tinyseg.optimizers import SGD, Adam, schedules

from .scripted import Model as ScriptedModel
from .scripted import attach, run


def compiled(optimizer: Any = "adam") -> Model:
    """Return a network ready to train."""
    model = classifier()
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def rows_of(path: Path, separator: str = ",") -> list[dict[str, str]]:
    """Read a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=separator))


# EarlyStopping --------------------------------------------------------------------------------------------------------


def test_early_stopping_restores_the_best_of_a_real_run() -> None:
    """With a rate that makes things worse at once, the first epoch is the best."""
    x, y = images(24)
    model = compiled(SGD(schedules.PiecewiseConstantDecay([2], [0.01, 30.0])))
    kept: list[dict[str, np.ndarray]] = []

    class Keep(Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            kept.append(weights_of(self.model))

    stopping = EarlyStopping("loss", patience=3, restore_best_weights=True)
    with np.errstate(all="ignore"):
        history = model.fit(x, y, 8, epochs=20, callbacks=[Keep(), stopping], verbose=0)
    best = int(np.argmin(history.history["loss"]))
    assert len(history.epoch) == best + 4 < 20
    assert stopping.best_epoch == best
    assert_same_arrays({k: v for k, v in weights_of(model).items() if "drop" not in k},
                       {k: v for k, v in kept[best].items() if "drop" not in k})  # fmt: skip


def test_a_value_that_is_not_logged_is_an_error_that_tells_what_is() -> None:
    x, y = images(8)
    for callback in (EarlyStopping(), ReduceLROnPlateau(), ModelCheckpoint("unused", save_best_only=True)):
        with pytest.raises(
            tinyseg.InvalidInput, match=r"'val_loss' is not among the logs \(loss, accuracy.*validation_data"
        ):
            compiled().fit(x, y, callbacks=[callback], verbose=0)
    with pytest.raises(tinyseg.InvalidInput, match="'acc' is not among"):
        compiled().fit(x, y, callbacks=[EarlyStopping("acc")], verbose=0)
    with pytest.raises(tinyseg.InvalidInput, match="unknown mode 'minn'; did you mean 'min'"):
        EarlyStopping(mode="minn")


def test_a_value_that_is_no_number_is_never_the_best() -> None:
    """Not the first one either, or nothing could ever be better: whatever is compared with NaN is false."""
    values = [float("nan"), 3.0, float("nan"), 2.0]
    stopping = EarlyStopping(patience=3, restore_best_weights=True)
    model = attach(stopping, ScriptedModel())
    run(stopping, values, model)
    assert stopping.best_epoch == 3
    assert model.weights[0] == 3
    checkpoint = ModelCheckpoint("{epoch}", save_best_only=True)
    model = attach(checkpoint, ScriptedModel())
    run(checkpoint, values, model)
    assert model.saved == [("2", 1), ("4", 3)]
    plateau = ReduceLROnPlateau(patience=2, factor=0.5)
    assert run(plateau, values, attach(plateau, ScriptedModel())) == [1.0] * 4


# State, from which a resumed run goes on ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: EarlyStopping(patience=3, restore_best_weights=True),
        lambda: ReduceLROnPlateau(patience=1, factor=0.5, cooldown=1),
        lambda: ModelCheckpoint("{epoch}", save_best_only=True),
        History,
    ],
)
@pytest.mark.parametrize("cut", range(1, 7))
def test_state_carries_a_run_over_an_interruption(make: Any, cut: int) -> None:
    """Cut a script in two; a new callback with the state of the first must end as one that was never interrupted."""
    values = [1.0, 0.8, 0.9, 0.85, 0.7, 0.75, 0.72, 0.74, 0.73]

    def epochs(callback: Any, model: ScriptedModel, first: int, last: int) -> None:
        for epoch in range(first, last):
            model.weights = [np.array(epoch)]
            if not model.stop_training:
                callback.on_epoch_begin(epoch)
                callback.on_epoch_end(epoch, {"val_loss": values[epoch]})

    whole, model = make(), ScriptedModel()
    attach(whole, model)
    whole.on_train_begin()
    epochs(whole, model, 0, len(values))
    whole.on_train_end()
    first, early = make(), ScriptedModel()
    attach(first, early)
    first.on_train_begin()
    epochs(first, early, 0, cut)
    state = first.state()
    texts = json.loads(json.dumps({k: v for k, v in state.items() if not isinstance(v, np.ndarray)}))
    second, late = make(), ScriptedModel(rate=123.0)
    attach(second, late)
    second.on_train_begin()
    second.set_state({**state, **texts})
    if isinstance(second, (EarlyStopping, ModelCheckpoint, History)):
        late.optimizer.learning_rate = early.optimizer.learning_rate
    late.stop_training, late.saved = early.stop_training, early.saved
    epochs(second, late, cut, len(values))
    second.on_train_end()
    assert (late.weights, late.saved, late.optimizer.learning_rate) == (
        model.weights, model.saved, model.optimizer.learning_rate,
    )  # fmt: skip
    if isinstance(whole, History):
        assert second.history == whole.history


# Learning rates -------------------------------------------------------------------------------------------------------


def test_learning_rate_scheduler_in_training() -> None:
    x, y = images(8)
    model = compiled(SGD(1.0))
    history = model.fit(
        x,
        y,
        epochs=4,
        verbose=0,
        callbacks=[LearningRateScheduler(lambda epoch, rate: 0.01 if epoch == 0 else rate / 2)],
    )
    assert history.history.get("learning_rate", [0.01, 0.005, 0.0025, 0.00125]) == [0.01, 0.005, 0.0025, 0.00125]
    assert model.optimizer.learning_rate == 0.00125


def test_the_rate_stands_in_the_logs() -> None:
    """As in Keras, where the history of a run with one of these callbacks has it."""
    x, y = images(8)
    for callback in (LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)), ReduceLROnPlateau("loss")):
        history = compiled(SGD(0.1)).fit(x, y, epochs=3, verbose=0, callbacks=[callback]).history
        assert len(history["learning_rate"]) == 3


@pytest.mark.parametrize("rate", [None, "fast", True])
def test_a_schedule_must_return_a_number(rate: Any) -> None:
    x, y = images(4)
    with pytest.raises(tinyseg.InvalidInput, match="return a number"):
        compiled().fit(x, y, callbacks=[LearningRateScheduler(lambda epoch: rate)], verbose=0)


def test_factor_is_below_one() -> None:
    with pytest.raises(tinyseg.InvalidInput, match=r"factor: .* got 1\.5"):
        ReduceLROnPlateau(factor=1.5)


# ModelCheckpoint ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights_only", [False, True])
def test_checkpoints_of_every_epoch(weights_only: bool, tmp_path: Path) -> None:
    x, y = images(12)
    model = compiled()
    callback = ModelCheckpoint(f"{tmp_path}/{{epoch:02d}}-{{val_loss:.3f}}.tinyseg", save_weights_only=weights_only)
    history = model.fit(x, y, epochs=3, validation_data=(x, y), callbacks=[callback], verbose=0).history
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == [f"{k + 1:02d}-{v:.3f}.tinyseg" for k, v in enumerate(history["val_loss"])]
    if weights_only:
        again = classifier()
        assert again.load_weights(files[-1]) == []
    else:
        again = load_model(files[-1])
    assert_same_arrays(weights_of(again), weights_of(model))


def test_checkpoint_path_with_an_unknown_name(tmp_path: Path) -> None:
    x, y = images(4)
    with pytest.raises(tinyseg.InvalidInput, match=r"'val_los'.*known: epoch, loss, accuracy"):
        compiled().fit(x, y, callbacks=[ModelCheckpoint(f"{tmp_path}/{{val_los}}")], verbose=0)
    with pytest.raises(tinyseg.InvalidInput, match="save_freq: expected 'epoch'"):
        ModelCheckpoint("x", save_freq="batch")


# CSVLogger ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_has_a_row_per_epoch(separator: str, tmp_path: Path) -> None:
    x, y = images(12)
    path = tmp_path / "log.csv"
    history = compiled().fit(
        x, y, epochs=3, validation_data=(x, y), callbacks=[CSVLogger(path, separator)], verbose=0
    ).history  # fmt: skip
    rows = rows_of(path, separator)
    assert [int(row.pop("epoch")) for row in rows] == [0, 1, 2]
    assert {name: [float(row[name]) for row in rows] for name in rows[0]} == history


def test_csv_is_overwritten_or_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    for append, first, expected in (
        (False, 0, [0, 1]),
        (False, 0, [0, 1]),
        (True, 2, [0, 1, 2, 3]),
        (True, 4, [0, 1, 2, 3, 4, 5]),
    ):
        logger = CSVLogger(path, append=append)
        logger.on_train_begin()
        for epoch in (first, first + 1):
            logger.on_epoch_end(epoch, {"loss": 0.1 * epoch})
        assert [int(row["epoch"]) for row in rows_of(path)] == expected
    assert [float(row["loss"]) for row in rows_of(path)] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])


@pytest.mark.parametrize("append", [False, True])
def test_csv_logger_used_for_a_second_training(append: bool, tmp_path: Path) -> None:
    """As in Keras: without `append` the file starts anew, with it the rows follow."""
    x, y = images(4)
    logger, model = CSVLogger(tmp_path / "log.csv", append=append), compiled()
    for _ in range(2):
        model.fit(x, y, epochs=2, callbacks=[logger], verbose=0)
    assert [row["epoch"] for row in rows_of(tmp_path / "log.csv")] == (["0", "1"] * 2 if append else ["0", "1"])


def test_csv_columns_that_come_later(tmp_path: Path) -> None:
    x, y = images(4)
    path = tmp_path / "log.csv"
    compiled().fit(x, y, epochs=3, validation_data=(x, y), validation_freq=2, callbacks=[CSVLogger(path)], verbose=0)
    rows = rows_of(path)
    assert [row["val_loss"] != "" for row in rows] == [False, True, False]
    assert list(rows[0]) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]


# TerminateOnNaN, History ----------------------------------------------------------------------------------------------


def test_nan_ends_training_within_the_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    x, y = images(40)
    steps: list[int] = []

    class Poison(Callback):
        def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
            steps.append(batch)
            if batch == 2:
                self.model.get_layer("top").parameters["bias"][0] = np.nan

    with np.errstate(all="ignore"):
        history = compiled().fit(x, y, 4, epochs=5, callbacks=[Poison(), TerminateOnNaN()], verbose=0)
    assert steps == [0, 1, 2, 3]
    assert len(history.epoch) == 1
    assert "Batch 3: the loss is nan, training stops" in capsys.readouterr().out


@pytest.mark.parametrize(("loss", "stops"), [(float("inf"), True), (-float("inf"), True), (1e300, False)])
def test_an_infinite_loss_ends_training_too(loss: float, stops: bool) -> None:
    callback = TerminateOnNaN()
    model = attach(callback, ScriptedModel())
    callback.on_train_batch_end(0, {"loss": loss})
    assert model.stop_training == stops


def test_history_takes_what_callbacks_add() -> None:
    x, y = images(4)

    class Adds(Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            logs["extra"] = epoch * 1.5

    history = compiled().fit(x, y, epochs=3, callbacks=[Adds()], verbose=0)
    assert history.history.get("extra") == [0.0, 1.5, 3.0]


def test_messages(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    model = ScriptedModel()
    for callback, expected in (
        (EarlyStopping(patience=1, verbose=1), "Epoch 2: early stopping"),
        (ReduceLROnPlateau(patience=1, factor=0.5, verbose=1), "Epoch 2: learning rate reduced to 0.5"),
        (LearningRateScheduler(lambda epoch: 0.25, verbose=1), "Epoch 1: learning rate 0.25"),
        (ModelCheckpoint(tmp_path / "m", verbose=1), "Epoch 1: saved"),
    ):
        run(callback, [0.5, 0.6, 0.7], attach(callback, model))
        assert expected in capsys.readouterr().out


def test_adam_keeps_its_averages_when_the_rate_changes() -> None:
    x, y = images(8)
    model = compiled(Adam(0.01))
    model.fit(x, y, epochs=2, callbacks=[LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))], verbose=0)
    assert model.optimizer.iterations == 2
    assert all(array.any() for key, array in model.optimizer.state().items() if key.startswith("momentum/"))
