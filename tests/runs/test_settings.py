"""Settings: what is allowed, their way through JSON, and what is built from them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.datasets import Augmentation
from tinyseg.optimizers import Adam, AdamW
from tinyseg.runs import Settings, build_model
from tinyseg.runs.settings import compile_model

VARIANTS = [
    Settings(),
    Settings(width=(4, 9, 6), depth=2, decoder="light"),
    Settings(model="fcn", width=5, depth=1, epochs=None, minutes=2.5, crop=(32, 48), ignore_class=11, seed=8),
    Settings(
        loss="balanced-cross-entropy",
        schedule="exponential",
        weight_decay=0.01,
        dropout=0.3,
        augmentation=Augmentation(False, True, 15.0, 0.25, 0.1),
    ),
]


@pytest.mark.parametrize("settings", VARIANTS)
def test_settings_survive_json(settings: Settings) -> None:
    again = Settings.from_json(json.loads(json.dumps(settings.as_json())))
    assert again == settings
    assert again.crop is None or isinstance(again.crop, tuple)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"model": "unett"}, "did you mean 'unet'"),
        ({"loss": "cross_entropy"}, "did you mean 'cross-entropy'"),
        ({"schedule": "Cosine"}, "did you mean 'cosine'"),
        ({"width": 0}, "width"),
        ({"width": 4.0}, "width"),
        ({"width": (4, 8), "depth": 2}, "width"),
        ({"width": (4, 0, 8), "depth": 2}, "width"),
        ({"width": "4"}, "width"),
        ({"decoder": "ligth"}, "did you mean 'light'"),
        ({"depth": 0}, "depth"),
        ({"depth": True}, "depth"),
        ({"epochs": 0}, "epochs"),
        ({"batch_size": "8"}, "batch_size"),
        ({"seed": -1}, "seed"),
        ({"learning_rate": 0.0}, "learning rate"),
        ({"learning_rate": float("nan")}, "learning rate"),
        ({"learning_rate": float("inf")}, "learning rate"),
        ({"weight_decay": -0.1}, "weight decay"),
        ({"dropout": 1.0}, "dropout"),
        ({"dropout": -0.1}, "dropout"),
        ({"minutes": 0.0}, "minutes"),
        ({"minutes": float("nan")}, "minutes"),
        ({"crop": (0, 16)}, "crop"),
    ],
)
def test_impossible_settings_are_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        Settings(**options)


def test_an_unknown_setting_is_refused_with_the_nearest() -> None:
    with pytest.raises(tinyseg.InvalidInput, match="did you mean 'learning_rate'"):
        Settings.from_json({"learning_rat": 1e-3})


def test_only_the_epochs_change() -> None:
    settings = VARIANTS[2]
    assert settings.with_epochs(4) == replace(settings, epochs=4)
    assert [Settings(depth=depth).multiple_of for depth in (1, 3, 5)] == [2, 8, 32]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ["unet", "fcn"])
def test_the_network_is_the_one_asked_for(name: str, channels: int) -> None:
    model = build_model(Settings(model=name, width=3, depth=2, dropout=0.4), channels, classes=5)
    assert model.name == name
    assert model.inputs[0].shape == (None, None, None, channels)
    assert model.output.shape[-1] == 5
    names = [layer.name for layer in model.layers]
    assert ("down2_pool" in names, "down3_pool" in names) == (True, False)
    assert ("bottom_dropout" in names) == (name == "unet")
    assert model.parameters["down1_conv1/kernel"].shape == (3, 3, channels, 3)


def test_the_options_of_the_unet_arrive() -> None:
    model = build_model(Settings(width=(3, 5), depth=1, decoder="light"), 1, 2)
    shapes = {key: a.shape for key, a in model.parameters.items() if key.startswith("up1") and key.endswith("kernel")}
    assert shapes == {"up1_conv1/kernel": (1, 1, 5, 16), "up1_skip1/kernel": (1, 1, 3, 16)}


@pytest.mark.parametrize(
    ("schedule", "first", "last"),
    [("constant", 1.0, 1.0), ("exponential", 1.0, 0.01), ("cosine", 0.05, 0.0)],
)
def test_the_learning_rate_runs_over_the_whole_run(schedule: str, first: float, last: float) -> None:
    """Cosine: from a twentieth up to the full rate in 5 % of the steps, then to 0; exponential: to 1 %."""
    settings = Settings(width=2, depth=1, epochs=10, learning_rate=0.4, schedule=schedule)
    model = build_model(settings, 1, 2)
    compile_model(model, settings, 2, None, steps_per_epoch=20)
    rates = []
    for iteration in range(201):
        model.optimizer.iterations = iteration
        rates.append(float(model.optimizer.learning_rate))
    assert rates[0] == pytest.approx(0.4 * first)
    assert rates[200] == pytest.approx(0.4 * last, abs=1e-9)
    assert max(rates) == pytest.approx(0.4)
    assert int(np.argmax(rates)) == (10 if schedule == "cosine" else 0)


@pytest.mark.parametrize(("decay", "kind"), [(0.0, Adam), (0.02, AdamW)])
def test_weight_decay_chooses_the_optimizer(decay: float, kind: type) -> None:
    settings = Settings(width=2, depth=1, weight_decay=decay)
    model = build_model(settings, 1, 2)
    compile_model(model, settings, 2, [1.0, 3.0], steps_per_epoch=4)
    assert type(model.optimizer) is kind
    assert (model.optimizer.weight_decay or 0.0) == decay
    assert model.losses[0].get_config()["ignore_class"] == 255
    assert dict(model.losses[0].get_config()["class_weight"]) == {0: 1.0, 1: 3.0}


@pytest.mark.parametrize("steps", [1, 19])
def test_a_run_too_short_to_warm_up_begins_with_the_full_rate(steps: int) -> None:
    settings = Settings(width=2, depth=1, epochs=1, learning_rate=0.4)
    model = build_model(settings, 1, 2)
    compile_model(model, settings, 2, None, steps_per_epoch=steps)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.4)
    model.optimizer.iterations = steps
    assert float(model.optimizer.learning_rate) == pytest.approx(0.0, abs=1e-9)
