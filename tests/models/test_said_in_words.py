"""Arguments of `compile` and `fit` that would be half obeyed: refused, or said."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from tinyseg import InvalidInput
from tinyseg.layers import Dense, Input
from tinyseg.losses import SparseCategoricalCrossentropy
from tinyseg.metrics import MeanSquaredError
from tinyseg.models import Model

X, Y = np.ones((4, 2), "f4"), np.array([0, 1, 0, 1])


def classifier() -> Model:
    x = Input(shape=(2,))
    model = Model(x, Dense(2, activation="softmax")(x))
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize("weights", [{0: "1"}, ["1", 2], {0: b"1"}, {0: None}, {0: [1]}])
def test_a_class_weight_is_a_number(weights: Any) -> None:
    with pytest.raises(InvalidInput, match="class_weight: expected one number per class"):
        classifier().fit(X, Y, class_weight=weights, verbose=0)


@pytest.mark.parametrize("weight", [1e39, -1, np.inf, np.nan, 10**400])
def test_a_weight_is_finite_in_float32(weight: float) -> None:
    said = "numbers of at least 0 that are finite in float32"
    with pytest.raises(InvalidInput, match=f"class_weight: expected ({said}|one number per class)"):
        classifier().fit(X, Y, class_weight={0: weight}, verbose=0)
    with pytest.raises(InvalidInput, match=f"class_weight: expected ({said}|one number per class)"):
        SparseCategoricalCrossentropy(class_weight=[1, weight])
    if weight != -1:
        with pytest.raises(InvalidInput, match="loss_weights: expected numbers that are finite in float32"):
            classifier().compile("sgd", "mse", loss_weights=weight)


def test_one_metric_stands_at_one_output() -> None:
    x = Input(shape=(2,))
    model, metric = Model(x, [Dense(1, name="a")(x), Dense(1, name="b")(x)]), MeanSquaredError(name="error")
    with pytest.raises(InvalidInput, match="metrics: the same object 'error' stands at two outputs; make one for each"):
        model.compile("sgd", "mse", metrics=[[metric], [metric]])
    with pytest.raises(InvalidInput, match="'error' stands at two outputs"):
        model.compile("sgd", "mse", metrics={"a": metric}, weighted_metrics={"b": [metric]})
    model.compile("sgd", "mse", metrics=[[metric], [MeanSquaredError(name="error")]])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("validation_steps", 1),
        ("validation_batch_size", 2),
        ("validation_freq", 2),
        ("validation_freq", [1]),
        ("validation_freq", np.array([1, 2])),
    ],
)
def test_what_is_told_of_no_validation_is_said_to_do_nothing(name: str, value: Any) -> None:
    options: dict[str, Any] = {name: value, "verbose": 0}
    with pytest.warns(UserWarning, match=f"{name} given without validation_data or validation_split"):
        classifier().fit(X, Y, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier().fit(X, Y, verbose=0)
