"""What mode='auto' takes for better; epochs without validation; learning rates that nobody can train with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg import InvalidInput
from tinyseg.callbacks import Callback, EarlyStopping, LearningRateScheduler, ModelCheckpoint, ReduceLROnPlateau
from tinyseg.layers import Dense, Input
from tinyseg.metrics import Dice, Mean, MeanIoU, MeanSquaredError
from tinyseg.models import Model
from tinyseg.optimizers import SGD, Adam, schedules

from .scripted import Model as ScriptedModel
from .scripted import attach

FALLING, RISING = [5.0, 4.0, 3.0, 2.0, 1.0, 0.5], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with tinyseg.backend("numpy"):
        yield


def numbers(labels: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((8, 3)).astype(np.float32), rng.integers(0, labels, 8)


def model_with(*metrics: Any, optimizer: Any = "sgd", outputs: tuple[str, ...] = ("top",), **options: Any) -> Model:
    """Return a small compiled classifier; several outputs have a metric each."""
    inputs = Input((3,))
    tops = [Dense(2, activation="softmax", name=name)(inputs) for name in outputs]
    model = Model(inputs, tops if len(tops) > 1 else tops[0])
    loss = "sparse_categorical_crossentropy"
    many = len(outputs) > 1
    model.compile(
        optimizer,
        [loss] * len(outputs) if many else loss,
        metrics=[[m] for m in metrics] if many else list(metrics),
        **options,
    )
    return model


class Silent(Mean):
    """A metric that does not say what is better."""

    def update_state(self, y_true: Any, y_pred: Any = None, sample_weight: Any = None) -> None:
        """Take nothing in."""


class Rising(Silent):
    """One that does."""

    direction = "max"


CASES: list[tuple[str, Any, str | None]] = [
    # name in the logs, the model, which direction
    ("val_loss", lambda: model_with(), "min"),
    ("loss", lambda: model_with(), "min"),
    ("val_accuracy", lambda: model_with("accuracy"), "max"),
    ("val_acc", lambda: model_with("acc"), "max"),
    ("val_weighted_accuracy", lambda: model_with("accuracy", weighted_metrics=["accuracy"]), "max"),
    ("val_mse", lambda: model_with("mse"), "min"),
    ("val_mean_io_u", lambda: model_with(MeanIoU(2, name="mean_io_u")), "max"),
    ("val_f1_score", lambda: model_with(Dice(2, name="f1_score")), "max"),
    ("val_sensitivity", lambda: model_with(Rising("sensitivity")), "max"),
    ("val_accurate_mask_loss", lambda: model_with(MeanSquaredError(name="accurate_mask_loss")), "min"),
    ("val_dice_loss", lambda: model_with(MeanSquaredError(name="dice_loss")), "min"),
    ("val_diced_error", lambda: model_with(MeanSquaredError(name="diced_error")), "min"),
    ("val_lossless", lambda: model_with(Rising("lossless")), "max"),
    ("val_quality", lambda: model_with(Silent("quality")), None),
    ("val_accuracy_of_mine", lambda: model_with(Silent("accuracy_of_mine")), None),
    ("val_dice", lambda: model_with(Silent("dice")), None),  # the metric itself is asked, and does not say
    # several outputs
    ("val_dice_loss", lambda: model_with("accuracy", "accuracy", outputs=("dice", "iou")), "min"),
    ("iou_loss", lambda: model_with("accuracy", "accuracy", outputs=("dice", "iou")), "min"),
    ("val_dice_accuracy", lambda: model_with("accuracy", "mse", outputs=("dice", "iou")), "max"),
    ("val_iou_mse", lambda: model_with("accuracy", "mse", outputs=("dice", "iou")), "min"),
    # put into the logs by a callback
    ("val_recall", lambda: model_with(), "max"),
    ("val_mean_io_u", lambda: model_with(), "max"),
    ("val_f1_score", lambda: model_with(), "max"),
    ("val_sensitivity", lambda: model_with(), "max"),
    ("val_dice_loss", lambda: model_with(), "min"),
    ("val_accurate_mask_loss", lambda: model_with(), "min"),
    ("hausdorff", lambda: model_with(), None),
    ("val_account", lambda: model_with(), None),
]  # fmt: skip


def make(kind: str, monitor: str, mode: str = "auto") -> Any:
    return {
        "stop": lambda: EarlyStopping(monitor, patience=1, mode=mode),
        "reduce": lambda: ReduceLROnPlateau(monitor, patience=1, factor=0.5, mode=mode),
        "save": lambda: ModelCheckpoint("{epoch}", monitor, save_best_only=True, mode=mode),
    }[kind]()


class Scripted(ScriptedModel):
    """A model that only its directions make a real one."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.directions = model.directions


@pytest.mark.parametrize("kind", ["stop", "reduce", "save"])
@pytest.mark.parametrize(("name", "model", "direction"), CASES, ids=lambda v: v if isinstance(v, str) else None)
def test_the_metric_says_what_is_better(kind: str, name: str, model: Any, direction: str | None) -> None:
    """A value that gets better all the time never stops anything, and is saved each time.

    One that gets worse does, and is not.
    """
    for values, better in ((FALLING, "min"), (RISING, "max")):
        callback, scripted = make(kind, name), Scripted(model())
        attach(callback, scripted)
        if direction is None:
            with pytest.raises(tinyseg.InvalidInput, match=f"mode: whether '{name}' should rise or fall is not known"):
                callback.on_train_begin()
            continue
        callback.on_train_begin()
        for epoch, value in enumerate(values):
            if not scripted.stop_training:
                callback.on_epoch_end(epoch, {"loss": 0.0, name: value})
        good = better == direction
        assert scripted.stop_training == (kind == "stop" and not good)
        assert (scripted.optimizer.learning_rate < 1) == (kind == "reduce" and not good)
        assert len(scripted.saved) == (0 if kind != "save" else len(values) if good else 1)


def test_the_mode_can_always_be_given() -> None:
    x, y = numbers()
    model = model_with(Silent("quality"))
    with pytest.raises(
        tinyseg.InvalidInput, match=r"EarlyStopping: mode: .*'val_quality'.*the model logs loss, quality"
    ):
        model.fit(x, y, verbose=0, validation_data=(x, y), callbacks=EarlyStopping("val_quality"))
    assert model.optimizer.iterations == 0  # asked for before the first epoch, not after it
    model.fit(x, y, verbose=0, validation_data=(x, y), callbacks=EarlyStopping("val_quality", mode="max"))


@pytest.mark.parametrize("kind", ["stop", "reduce", "save"])
def test_epochs_without_validation_do_not_count(kind: str, tmp_path: Path) -> None:
    x, y = numbers()
    model = model_with(optimizer=SGD(0.01))
    callback = make(kind, "val_loss")
    if kind == "save":
        callback.filepath = str(tmp_path / "{epoch}")
    seen: list[float] = []

    class Worse(Callback):
        def on_epoch_end(self, epoch: int, logs: Any) -> None:
            if "val_loss" in logs:
                logs["val_loss"] = 1.0 + len(seen)
                seen.append(logs["val_loss"])

    history = model.fit(
        x, y, epochs=9, verbose=0, validation_data=(x, y), validation_freq=3, callbacks=[Worse(), callback]
    )
    assert len(history.history["val_loss"]) == len(seen)
    assert len(history.epoch) == (6 if kind == "stop" else 9)
    if kind == "reduce":
        assert history.history["learning_rate"] == pytest.approx([0.01] * 6 + [0.005] * 3, rel=1e-6) or (
            model.optimizer.learning_rate == 0.0025
        )
    if kind == "save":
        assert [file.name for file in tmp_path.iterdir()] == ["3"]


def test_a_value_that_no_epoch_had() -> None:
    x, y = numbers()
    with pytest.warns(UserWarning, match="EarlyStopping: no epoch had a 'val_loss'.*validation_freq"):
        model_with().fit(
            x, y, epochs=2, verbose=0, validation_data=(x, y), validation_freq=3, callbacks=EarlyStopping()
        )
    for freq in (1, 2):
        with pytest.raises(tinyseg.InvalidInput, match="'val_mse' is not among the logs"):
            model_with().fit(
                x,
                y,
                epochs=2,
                verbose=0,
                validation_data=(x, y),
                validation_freq=freq,
                callbacks=EarlyStopping("val_mse"),
            )
    with pytest.raises(tinyseg.InvalidInput, match="give fit validation_data"):
        model_with().fit(x, y, verbose=0, callbacks=EarlyStopping())


# Learning rates -------------------------------------------------------------------------------------------------------

NO_RATES = [
    float("inf"),
    -float("inf"),
    float("nan"),
    -0.1,
    -1,
    True,
    False,
    "0.1",
    None,
    [0.1, 0.2],
    np.array([0.1, 0.2]),
    1j,
    10**400,
]


@pytest.mark.parametrize("rate", NO_RATES, ids=lambda v: str(v)[:10])
def test_what_is_no_learning_rate(rate: Any) -> None:
    x, y = numbers()
    if rate is not None:
        with pytest.raises(tinyseg.InvalidInput, match="learning_rate"):
            SGD(rate)
    model = model_with(optimizer=Adam(0.1))
    with pytest.raises(tinyseg.InvalidInput, match="learning_rate"):
        model.optimizer.learning_rate = rate
    assert model.optimizer.learning_rate == 0.1
    with pytest.raises(tinyseg.InvalidInput, match="LearningRateScheduler"):
        model.fit(x, y, verbose=0, callbacks=LearningRateScheduler(lambda epoch: rate))
    assert model.optimizer.iterations == 0
    with pytest.raises(tinyseg.InvalidInput, match="min_lr"):
        ReduceLROnPlateau(min_lr=rate)
    for decay in (schedules.ExponentialDecay, schedules.InverseTimeDecay):
        with pytest.raises(tinyseg.InvalidInput, match=f"{decay.__name__}: initial_learning_rate"):
            decay(rate, 10, 0.5)
    for decay in (schedules.PolynomialDecay, schedules.CosineDecay, schedules.CosineDecayRestarts):
        with pytest.raises(tinyseg.InvalidInput, match=f"{decay.__name__}: initial_learning_rate"):
            decay(rate, 10)
    with pytest.raises(tinyseg.InvalidInput, match="PiecewiseConstantDecay: values"):
        schedules.PiecewiseConstantDecay([1], [0.1, rate])
    with pytest.raises(tinyseg.InvalidInput, match="end_learning_rate"):
        schedules.PolynomialDecay(0.1, 10, rate)
    if rate is not None:
        with pytest.raises(tinyseg.InvalidInput, match="warmup_target"):
            schedules.CosineDecay(0.1, 10, warmup_target=rate)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), "3", True, None])
@pytest.mark.parametrize(
    ("name", "arguments", "argument"),
    [
        ("ExponentialDecay", (0.1, 10, 0.5), "decay_steps"), ("ExponentialDecay", (0.1, 10, 0.5), "decay_rate"),
        ("InverseTimeDecay", (0.1, 10, 0.5), "decay_rate"), ("PolynomialDecay", (0.1, 10), "power"),
        ("PolynomialDecay", (0.1, 10), "decay_steps"), ("CosineDecay", (0.1, 10), "alpha"),
        ("CosineDecay", (0.1, 10), "warmup_steps"),
        ("CosineDecayRestarts", (0.1, 10), "t_mul"), ("CosineDecayRestarts", (0.1, 10), "m_mul"),
        ("CosineDecayRestarts", (0.1, 10), "alpha"),
        ("CosineDecayRestarts", (0.1, 10), "first_decay_steps"),
    ],
)  # fmt: skip
def test_arguments_of_schedules(name: str, arguments: tuple[Any, ...], argument: str, value: Any) -> None:
    import inspect

    schedule = getattr(schedules, name)
    names = list(inspect.signature(schedule).parameters)
    given = dict(zip(names, arguments, strict=False)) | {argument: value}
    with pytest.raises(tinyseg.InvalidInput, match=f"{name}: {argument}: expected a"):
        schedule(**given)


@pytest.mark.parametrize("number", [np.float32(0.1), np.array(0.1), 1, np.int64(1), 0])
def test_numbers_of_numpy_are_learning_rates(number: Any) -> None:
    assert SGD(number).learning_rate == float(number)
    assert isinstance(SGD(number).learning_rate, float)


@pytest.mark.parametrize("value", [float("nan"), -1.0, float("inf")])
def test_a_schedule_of_ones_own_that_gives_no_rate(value: float) -> None:
    class Broken(schedules.LearningRateSchedule):
        def __call__(self, step: int) -> float:
            return 0.1 if step < 1 else value

    x, y = numbers()
    model = model_with(optimizer=SGD(Broken()))
    with pytest.raises(tinyseg.InvalidInput, match=r"sgd: rate of .*Broken.*: expected a"):
        model.fit(x, y, batch_size=4, verbose=0)
    assert np.isfinite(model.get_weights()[0]).all()
    assert model.optimizer.iterations == 1


@pytest.mark.parametrize(
    "callback",
    [
        LearningRateScheduler(lambda epoch, rate: rate),
        LearningRateScheduler(lambda epoch: 0.1),
        ReduceLROnPlateau("loss"),
    ],
    ids=["rate from rate", "rate", "plateau"],
)
def test_a_callback_does_not_take_the_place_of_a_schedule(callback: Callback) -> None:
    x, y = numbers()
    model = model_with(optimizer=SGD(schedules.ExponentialDecay(0.1, 3, 0.5)))
    with pytest.raises(tinyseg.InvalidInput, match=r"learning_rate is a schedule \(ExponentialDecay\)"):
        model.fit(x, y, verbose=0, callbacks=callback)
    assert isinstance(model.optimizer.schedule, schedules.ExponentialDecay)
    assert model.optimizer.iterations == 0


def test_an_error_in_the_users_schedule_is_the_users() -> None:
    """A TypeError inside it does not mean that it takes the epoch alone."""
    x, y = numbers()

    def broken(epoch: int, rate: float) -> float:
        return rate + None  # type: ignore[operator]

    with pytest.raises(TypeError, match="NoneType"):
        model_with().fit(x, y, verbose=0, callbacks=LearningRateScheduler(broken))
    with pytest.raises(tinyseg.InvalidInput, match="schedule: expected a function"):
        LearningRateScheduler(0.1)  # type: ignore[arg-type]


def test_what_a_callback_knows_has_the_names_of_keras() -> None:
    for callback in (EarlyStopping("loss"), ReduceLROnPlateau("loss"), ModelCheckpoint("unused", "loss")):
        assert (callback.monitor, callback.best) == ("loss", None)
        callback.watch.improve(0.5)
        assert callback.best == 0.5
    assert EarlyStopping().best_epoch is None


def test_functions_and_files_that_cannot_be_called_or_written_so() -> None:
    with pytest.raises(InvalidInput, match="schedule: expected a function of the epoch"):
        LearningRateScheduler(lambda: 0.1)  # type: ignore[arg-type, misc]
    with pytest.raises(InvalidInput, match="save_freq: expected 'epoch', got 2: a file is written after each epoch"):
        ModelCheckpoint("unused", save_freq=2)
