"""Callbacks that watch a value, against Keras's on the same scripts of values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest

from tinyseg import callbacks

from .scripted import Model, attach, run

SCRIPTS = {
    "falling": [1.0, 0.9, 0.8, 0.7, 0.6, 0.5],
    "rising": [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2],
    "valley": [1.0, 0.5, 0.2, 0.4, 0.6, 0.3, 0.5, 0.7, 0.9, 0.1],
    "equal": [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    "slow": [1.0, 0.995, 0.99, 0.985, 0.98, 0.975, 0.97, 0.5, 0.499, 0.498, 0.497],
    "jumping": [0.9, 0.3, 0.8, 0.26, 0.7, 0.2, 0.6, 0.155, 0.9, 0.9, 0.9, 0.9, 0.1],
    # A NaN that comes first is another matter: Keras takes it for the best, and then nothing is ever better.
    "NaN": [0.9, float("nan"), 0.8, 0.85, float("nan"), float("nan"), 0.87, 0.7],
}
every_script = pytest.mark.parametrize("values", SCRIPTS.values(), ids=SCRIPTS)


def both(name: str, arguments: dict[str, Any]) -> list[tuple[Any, Model]]:
    """Return tinyseg's and Keras's callback, each with a model of its own."""
    made = [getattr(module, name)(**arguments) for module in (callbacks, keras.callbacks)]
    return [(callback, attach(callback, Model())) for callback in made]


STOPPING = [
    {},
    {"patience": 2},
    {"patience": 1, "min_delta": 0.05},
    {"patience": 2, "mode": "max"},
    {"patience": 2, "restore_best_weights": True},
    {"patience": 3, "restore_best_weights": True, "min_delta": 0.1},
    {"patience": 1, "start_from_epoch": 3, "restore_best_weights": True},
    {"patience": 2, "baseline": 0.45},
    {"patience": 2, "baseline": 0.45, "restore_best_weights": True},
    {"patience": 3, "baseline": 0.05, "restore_best_weights": True},
    {"patience": 2, "mode": "min", "min_delta": -0.02},
]


@every_script
@pytest.mark.parametrize("arguments", STOPPING, ids=str)
def test_early_stopping(arguments: dict[str, Any], values: list[float]) -> None:
    results = []
    for callback, model in both("EarlyStopping", arguments):
        epochs = len(run(callback, values, model))
        results.append((epochs, callback.stopped_epoch, int(model.weights[0])))
    assert results[0] == results[1]


@pytest.mark.parametrize("arguments", STOPPING, ids=str)
def test_early_stopping_used_for_a_second_training_starts_anew(arguments: dict[str, Any]) -> None:
    results = []
    for callback, model in both("EarlyStopping", arguments):
        scripts = [[v + 0.3 for v in SCRIPTS[name]] for name in ("valley", "slow", "jumping")]
        results.append([(len(run(callback, values, model)), int(model.weights[0])) for values in scripts])
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("monitor", "direction"),
    [
        ("val_loss", "min"), ("loss", "min"), ("val_mean_absolute_error", "min"), ("top_loss", "min"),
        ("val_accuracy", "max"), ("acc", "max"), ("mean_iou", "max"), ("val_dice", "max"), ("pixel_accuracy", "max"),
        ("iou", "max"), ("val_mean_io_u", "max"), ("f1_score", "max"), ("mean_dice", "max"),
    ],
)  # fmt: skip
def test_auto_knows_the_direction(monitor: str, direction: str) -> None:
    """Keras finds it out from the model's metrics, tinyseg from the name; so Keras is told here."""
    for values in SCRIPTS.values():
        results = []
        for module, mode in ((callbacks, "auto"), (keras.callbacks, direction)):
            callback = module.EarlyStopping(monitor, patience=2, mode=mode, restore_best_weights=True)
            model = attach(callback, Model())
            results.append((len(run(callback, values, model, name=monitor)), int(model.weights[0])))
        assert results[0] == results[1]


REDUCING = [
    {},
    {"patience": 1},
    {"patience": 2, "factor": 0.5},
    {"patience": 1, "factor": 0.5, "cooldown": 2},
    {"patience": 1, "factor": 0.1, "min_lr": 0.02},
    {"patience": 1, "min_delta": 0.05, "factor": 0.5},
    {"patience": 2, "mode": "max", "factor": 0.7, "cooldown": 1},
    {"patience": 0, "factor": 0.9},
]


@every_script
@pytest.mark.parametrize("arguments", REDUCING, ids=str)
def test_reduce_lr_on_plateau(arguments: dict[str, Any], values: list[float]) -> None:
    ours, theirs = [run(callback, values, model) for callback, model in both("ReduceLROnPlateau", arguments)]
    assert ours == pytest.approx(theirs, rel=1e-12)


def test_reduce_lr_on_plateau_used_for_a_second_training_starts_anew() -> None:
    results = []
    for callback, model in both("ReduceLROnPlateau", {"patience": 2, "factor": 0.5}):
        results.append([run(callback, [v + 0.2 for v in SCRIPTS[script]], model) for script in ("valley", "slow")])
    assert results[0] == results[1]


@every_script
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"save_best_only": True},
        {"save_best_only": True, "mode": "max"},
        {"save_best_only": True, "initial_value_threshold": 0.35},
        {"save_weights_only": True, "save_best_only": True},
    ],
    ids=str,
)
def test_model_checkpoint(arguments: dict[str, Any], values: list[float], tmp_path: Path) -> None:
    theirs = ".weights.h5" if arguments.get("save_weights_only") else ".keras"  # Keras insists, and tinyseg refuses
    results = []
    for module, suffix in ((callbacks, ".safetensors"), (keras.callbacks, theirs)):
        path = f"{tmp_path}/{{epoch:02d}}-{{val_loss:.3f}}{suffix}"
        callback = module.ModelCheckpoint(path, **arguments)
        model = attach(callback, Model())
        run(callback, values, model)
        results.append([(saved.removesuffix(suffix), epoch) for saved, epoch in model.saved])
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "schedule",
    [lambda epoch: 0.5**epoch, lambda epoch, rate: 0.7 * rate, lambda epoch, rate: rate if epoch < 3 else 0.01],
)
def test_learning_rate_scheduler(schedule: Callable[..., float]) -> None:
    ours, theirs = [
        run(callback, SCRIPTS["valley"], model)
        for callback, model in both("LearningRateScheduler", {"schedule": schedule})
    ]
    assert ours == pytest.approx(theirs, rel=1e-12)
    assert len(set(ours)) > 1
