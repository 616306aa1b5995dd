"""Plain functions, and classes in Keras's manner, as losses, metrics, activations, initializers, optimizers and
schedules.
"""

from __future__ import annotations

import copy
import functools
import json
import math
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import tinyseg
from tinyseg import callbacks, initializers, losses, metrics, optimizers
from tinyseg.layers import Activation, Conv2D, Dense, Input, Layer
from tinyseg.models import Model, Sequential, load_model, model_from_json
from tinyseg.utils import register_keras_serializable, set_random_seed

from .test_bad_input import message

IMAGE = (4, 5, 2)


def squared(y_true: Any, y_pred: Any) -> Any:
    """The loss of each position, and its gradient."""
    difference = y_pred - y_true
    return np.square(difference).mean(axis=-1), 2 * difference / difference.shape[-1]


def squared_of_samples(y_true: Any, y_pred: Any) -> Any:
    """One loss per image."""
    difference = y_pred - y_true
    return np.square(difference).mean(axis=(1, 2, 3)), 2 * difference / difference[0].size


def squared_of_batch(y_true: Any, y_pred: Any, power: int = 2) -> Any:
    """One number."""
    difference = y_pred - y_true
    return float(np.mean(difference**power)), power * difference ** (power - 1) / difference.size


class Squared:
    """An object that can be called."""

    def __call__(self, y_true: Any, y_pred: Any) -> Any:
        return squared(y_true, y_pred)


class SquaredLoss(losses.Loss):
    """As the base's docstring says."""

    def positions(self, target: Any, y_pred: Any) -> Any:
        return np.square(y_pred - target).mean(axis=-1), y_pred - target

    def positions_backward(self, dl: Any, cache: Any) -> Any:
        return 2 * cache / cache.shape[-1] * dl[..., None]


class SquaredByCall(losses.Loss):
    """As Keras says, with a gradient."""

    def __init__(self, factor: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.factor = factor

    def call(self, y_true: Any, y_pred: Any) -> Any:
        value, gradient = squared(y_true, y_pred)
        return self.factor * value, self.factor * gradient

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


def distance(y_true: Any, y_pred: Any) -> Any:
    return np.abs(y_pred - y_true)


def network(activation: Any = None, dtype: str = "float32") -> Model:
    """The same each time."""
    set_random_seed(0)
    inputs = Input(IMAGE, dtype=dtype)
    x = Conv2D(3, 3, padding="same", activation=activation, name="first")(inputs)
    return Model(inputs, Conv2D(2, 1, name="top")(x), name="net")


def data(count: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((count, *IMAGE), np.float32), rng.random((count, *IMAGE[:2], 2), np.float32)


def trained(
    loss: Any, weight: Any = None, dtype: str = "float32", **options: Any
) -> tuple[Model, dict[str, list[float]]]:
    model, (x, y) = network(dtype=dtype), data()
    model.compile(optimizers.SGD(0.1), loss, **options)
    history = model.fit(x, y, batch_size=3, epochs=2, shuffle=False, sample_weight=weight, verbose=0).history
    return model, history


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "loss",
    [squared, squared_of_samples, squared_of_batch, functools.partial(squared_of_batch, power=2), Squared(),
     lambda t, p: squared(t, p), SquaredLoss(), SquaredByCall(), SquaredLoss],
    ids=["positions", "samples", "batch", "partial", "object", "lambda", "Loss", "call", "class"],
)  # fmt: skip
def test_losses_train_as_tinyseg_own_do(loss: Any, weighted: bool, dtype: str) -> None:
    weight = np.linspace(0.5, 2, 7) if weighted else None
    if weighted and "batch" in getattr(loss, "__name__", getattr(getattr(loss, "func", None), "__name__", "")):
        assert "returns one number; return one loss per sample" in message(trained, loss, weight, dtype)
        return
    (model, history), (reference, expected) = trained(loss, weight, dtype), trained("mse", weight, dtype)
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-5)
    for a, b in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_losses_are_checked_by_finite_differences() -> None:
    rng = np.random.default_rng(0)
    for loss in (squared, squared_of_samples, squared_of_batch):
        assert tinyseg.check.gradients(
            losses.get(loss), rng.random((3, 4, 5, 2)), y_true=rng.random((3, 4, 5, 2))
        ).passed


@pytest.mark.parametrize("dtype", ["uint8", "bool", "int64", "float64", ">f4"])
def test_labels_mean_the_same_in_every_dtype(dtype: str) -> None:
    """-t of an unsigned integer is another number, and t[:, None] - p of (N, 1) and (N,) is all pairs."""

    def signed(y_true: Any, y_pred: Any) -> Any:
        assert y_true.dtype == y_pred.dtype
        assert y_true.shape == y_pred.shape
        return (-y_true * y_pred).mean(axis=-1), -y_true / y_pred.shape[-1]

    def of(y_true: Any, y_pred: Any) -> Any:
        return signed(y_true, y_pred)[0]

    labels, predictions = np.array([0, 1, 1, 0, 1]), np.random.default_rng(0).random((5, 1), np.float32)
    expected = float((-labels * predictions[:, 0]).mean())
    for given in (labels.astype(dtype), labels.astype(dtype)[:, None]):
        assert losses.get(signed)(given, predictions) == pytest.approx(expected, rel=1e-6)
        assert metrics.get(of)(given, predictions) == pytest.approx(expected, rel=1e-6)


WRONG: list[tuple[Any, str]] = [
    (lambda t, p: None, r"expected a number, or an array .*, got None"),
    (lambda t, p: "a", "got str 'a'"),
    (lambda t, p: (None, p), "expected a number, .* got None"),
    (lambda t, p: (np.zeros(3), p), r"expected a number, .* for predictions of shape \(4, 4, 5, 2\), got shape \(3,\)"),
    (lambda t, p: (np.zeros(4), p[:1]), (r"gradient by y_pred: expected y_pred's shape \(4, 4, 5, 2\) and float32, "
                                        r"got shape \(1, 4, 5, 2\)")),
    (lambda t, p: (1.0, 0.0), "gradient by y_pred: .* got float"),
    (lambda t, p: (1.0, (p > 0).astype(int)), "gradient by y_pred: .* got .*int(32|64)"),
    (lambda t, p: (1.0, p + 1j), "gradient by y_pred: .* complex64"),
    (lambda t, p: (np.nan, p), "returns NaN or infinity for predictions that are neither"),
    (lambda t, p: (1.0, p * np.inf), "gradient by y_pred: the function returns NaN or infinity"),
    (lambda t, p: [1.0, p], "got a list of"),
    (lambda t, p: (1.0, p, p), "got a tuple of"),
    (lambda t, p: 1.0, "returns the loss alone, which is enough to evaluate but not to train"),
    (lambda t, p: np.subtract(p, t, out=p), "changes its arguments in place"),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "expected"), WRONG, ids=[text[:24] for _, text in WRONG])
def test_wrong_returns_of_losses(loss: Any, expected: str) -> None:
    def mine(y_true: Any, y_pred: Any) -> Any:
        return loss(y_true, y_pred)

    model, (x, y) = network(), data(4)
    model.compile("sgd", mine)
    before = model.get_weights()
    text = message(model.fit, x, y, verbose=0)
    assert text.startswith("mine: ")
    assert re.search(expected, text), text
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("what", ["loss", "metric", "activation"])
def test_functions_of_other_arguments(what: str) -> None:
    one, two = (lambda a: a), (lambda a, b: a)
    model, (x, y) = network(), data(4)
    if what == "activation":
        model = Sequential([Input(IMAGE), Dense(2, activation=two)])
    model.compile("sgd", one if what == "loss" else "mse", metrics=[one] if what == "metric" else [])
    text = message(model.predict, x) if what == "activation" else message(model.evaluate, x, y)
    assert re.search("the function cannot be called with [12] arrays: .*argument", text), text


def test_errors_within_a_function_stay_what_they_are() -> None:
    def mine(y_true: Any, y_pred: Any) -> Any:
        return y_pred + None

    model, (x, y) = network(), data(4)
    model.compile("sgd", mine)
    with pytest.raises(TypeError, match="unsupported operand"):
        model.evaluate(x, y)


def test_a_value_alone_evaluates() -> None:
    model, (x, y) = network(), data()
    model.compile("sgd", lambda t, p: squared(t, p)[0])
    value = model.evaluate(x, y, batch_size=3)
    model.compile("sgd", "mse")
    assert value == pytest.approx(model.evaluate(x, y, batch_size=3), rel=1e-6)


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        ({}, "write positions"),
        ({"positions": lambda s, t, p: ((p - t).mean(-1), p)}, "there is no positions_backward"),
        ({"positions": lambda s, t, p: (p - t).mean(-1)}, r"positions: expected \(losses, cache\)"),
        ({"positions": lambda s, t, p: (None, p)}, ("positions: expected an array with the loss of each position, "
                                                   "got None")),
        ({"positions": lambda s, t, p: ((p - t).mean(-1), p), "positions_backward": lambda s, dl, c: dl}, ("gradient "
            "by y_pred: expected")),
        ({"positions": lambda s, t, p: ((p - t).mean(-1), p), "positions_backward": lambda s, dl, c: None}, ("gradient "
            "by y_pred: expected .* None")),
        ({"call": lambda s, t, p: (p - t).mean(-1)}, "returns the loss alone"),
    ],
)  # fmt: skip
def test_wrong_classes_of_losses(methods: dict[str, Any], expected: str) -> None:
    model, (x, y) = network(), data(4)
    model.compile("sgd", type("Mine", (losses.Loss,), methods)())
    text = message(model.fit, x, y, verbose=0)
    assert text.startswith("Mine: ")
    assert re.search(expected, text), text


# Metrics --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "metric",
    [distance, lambda t, p: distance(t, p).mean(), lambda t, p: distance(t, p).mean((1, 2, 3)),
     lambda t, p: np.float32(distance(t, p).mean()), functools.partial(distance)],
    ids=["entries", "number", "part", "float32", "partial"],
)  # fmt: skip
def test_metrics_are_means_over_samples(metric: Any) -> None:
    """The last batch has one sample, and counts as one."""
    model, (x, y) = network(), data(7)
    model.compile("sgd", "mse", metrics=[metric])
    name = getattr(metric, "__name__", "distance")
    found = model.evaluate(x, y, batch_size=3, return_dict=True)
    assert found[name] == pytest.approx(float(distance(y, model.predict(x)).mean()), rel=1e-6)


def test_metrics_of_arrays_agree_with_keras() -> None:
    x, y = data(7)
    mine, theirs = metrics.get(distance), keras.metrics.MeanMetricWrapper(lambda t, p: keras.ops.abs(t - p))
    for part in (slice(0, 3), slice(3, 7)):
        mine.update_state(y[part], x[part])
        theirs.update_state(y[part], x[part])
    assert mine.result() == pytest.approx(float(theirs.result()), rel=1e-6)


class Hits(metrics.Metric):
    """A metric as Keras's users write it."""

    def __init__(self, threshold: float = 0.5, name: str = "hits", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.threshold = threshold
        self.total = self.add_weight(shape=(), initializer="zeros", name="total")
        self.count = self.add_weight(name="count", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.total.assign_add(np.sum((y_pred > self.threshold) == (y_true > self.threshold)))
        self.count.assign(self.count + y_pred.size)

    def result(self) -> Any:
        return self.total / self.count

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "threshold": self.threshold}


def test_a_metric_in_keras_manner(tmp_path: Path) -> None:
    model, (x, y) = network(), data(7)
    model.compile("sgd", "mse", metrics=[Hits(0.3)])
    expected = float(((model.predict(x) > 0.3) == (y > 0.3)).mean())
    for again in (model, copy.deepcopy(model), pickle.loads(pickle.dumps(model)), copy.copy(model)):
        for _ in range(2):  # it is reset in between
            assert again.evaluate(x, y, batch_size=3, return_dict=True)["hits"] == pytest.approx(expected)
    model.save(tmp_path / "m")
    assert "metric 'Hits' is not tinyseg's; give it when loading: custom_objects={'Hits': Hits}" in message(
        load_model, tmp_path / "m"
    )
    again = load_model(tmp_path / "m", custom_objects={"Hits": Hits})
    assert again.evaluate(x, y, return_dict=True)["hits"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (lambda t, p: None, "expected a number, or an array with one per sample or position, got None"),
        (lambda t, p: np.zeros(5), r"for predictions of shape \(4, 4, 5, 2\), got shape \(5,\)"),
        (lambda t, p: (1.0, 2.0), "got a tuple of"),
        (type("Mine", (metrics.Metric,),
            {"update_state": lambda s, t, p: None, "result": lambda s: None, "reset_state": lambda s: None})(),
            ("result: "
            "expected a number, got None")),
        (type("Mine", (metrics.Metric,), {})(), "write (update|reset)_state"),
    ],
)  # fmt: skip
def test_wrong_returns_of_metrics(metric: Any, expected: str) -> None:
    model, (x, y) = network(), data(4)
    model.compile("sgd", "mse", metrics=[metric])
    assert re.search(expected, message(model.evaluate, x, y))


# Activations ----------------------------------------------------------------------------------------------------------


def swish(x: Any) -> Any:
    return x / (1 + np.exp(-x))


def slope_of_swish(x: Any) -> Any:
    s = 1 / (1 + np.exp(-x))
    return s + x * s * (1 - s)


@pytest.mark.parametrize("make", [lambda a: Dense(3, activation=a), lambda a: Conv2D(3, 2, activation=a), Activation])
def test_a_function_with_its_derivative(make: Callable[..., Layer]) -> None:
    layer = make((swish, slope_of_swish))
    layer.dtype = "float64"
    x = np.random.default_rng(0).standard_normal((2, 4, 5, 3))
    layer(x)
    assert tinyseg.check.gradients(layer, x).passed


def test_a_function_alone_predicts() -> None:
    model, (x, y) = network(swish), data()
    plain = network()
    hidden = Model(plain.input, plain.get_layer("first").output).predict(x)
    np.testing.assert_allclose(
        Model(model.input, model.get_layer("first").output).predict(x), swish(hidden), rtol=1e-5, atol=1e-6
    )
    model.compile("sgd", "mse")
    text = message(model.fit, x, y, verbose=0)
    assert "activation 'swish': there is no derivative" in text
    assert "(function, derivative)" in text


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x.sum(), "expected an array of x's shape"),
        (lambda x: None, "got None"),
        (lambda x: np.maximum(x, 0, out=x), "changes its arguments in place"),
        ((swish, lambda x: 1.0), "derivative of swish: expected an array of x's shape"),
    ],
)
def test_wrong_activations(function: Any, expected: str) -> None:
    model, (x, y) = network(function), data()
    model.compile("sgd", "mse")
    assert expected in message(model.fit, x, y, verbose=0)


def relu(x: Any) -> Any:
    """Not tinyseg's: cut off at 6."""
    return np.clip(x, 0, 6)


def test_a_function_with_the_name_of_tinyseg_own_does_not_become_it(tmp_path: Path) -> None:
    model, (x, _) = network(relu), data()
    x = 100 * x
    model.save(tmp_path / "m")
    assert "custom_objects={'relu': relu}" in message(load_model, tmp_path / "m")
    np.testing.assert_array_equal(load_model(tmp_path / "m", {"relu": relu}).predict(x), model.predict(x))


# Files ----------------------------------------------------------------------------------------------------------------


def test_everything_of_ones_own_comes_back(tmp_path: Path) -> None:
    model, (x, y) = network((swish, slope_of_swish)), data()
    model.compile(optimizers.SGD(0.1), squared, metrics=[distance])
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "m")
    own: dict[str, Any] = {}
    for kind, name, thing in [
        ("activation", "swish", (swish, slope_of_swish)),
        ("loss", "squared", squared),
        ("metric", "distance", distance),
    ]:
        text = message(load_model, tmp_path / "m", custom_objects=own)
        assert f"{kind} {name!r} is not tinyseg's; give it when loading: custom_objects={{{name!r}: {name}}}" in text
        own[name] = thing
    again = load_model(tmp_path / "m", custom_objects=own)
    assert again.evaluate(x, y) == model.evaluate(x, y)
    again.fit(x, y, verbose=0)
    only = {"swish": own["swish"]}
    assert load_model(tmp_path / "m", custom_objects=only, compile=False).optimizer is None


def test_two_functions_of_one_name(tmp_path: Path) -> None:
    model = network()
    model.compile("sgd", lambda t, p: squared(t, p), metrics=[lambda t, p: distance(t, p)])
    assert "two functions have the name '<lambda>'" in message(model.save, tmp_path / "m")
    assert not list(tmp_path.iterdir())
    model.save(tmp_path / "m", include_optimizer=False)


@register_keras_serializable("mine")
class Scale(Layer):
    """A registered layer."""

    def __init__(self, factor: float = 2.0, **options: Any) -> None:
        super().__init__(**options)
        self.factor = factor

    def call(self, x: Any) -> Any:  # type: ignore[override]
        return self.factor * x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


class Forgets(Scale):
    """Its config would bring another layer back."""

    def get_config(self) -> dict[str, Any]:
        return Layer.get_config(self)


def test_registered_classes(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Scale(3.0)])
    model.save(tmp_path / "m")
    np.testing.assert_array_equal(load_model(tmp_path / "m").predict(np.ones((2, 3))), np.full((2, 3), 3.0))
    forgetful = Sequential([Input((3,)), Forgets(3.0, name="f")])
    text = message(forgetful.save, tmp_path / "n")
    assert "Forgets 'f': get_config leaves factor out" in text
    assert "'factor': self.factor" in text


class Dense2(Dense):
    """Somebody's own class."""


Dense2.__name__ = "Dense"


def test_a_class_with_the_name_of_tinyseg_own_does_not_become_it(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Dense2(2)])
    model.save(tmp_path / "m")
    assert "custom_objects" in message(load_model, tmp_path / "m")
    assert type(load_model(tmp_path / "m", {"Dense": Dense2}).layers[-1]) is Dense2


def test_configs() -> None:
    for model in (network(), Sequential([Input((3,)), Dense(2), Dense(1)]), Sequential([Dense(2)])):
        config = json.loads(json.dumps(model.get_config()))
        for again in (type(model).from_config(config), model_from_json(model.to_json())):
            assert type(again) is type(model)
            assert again.get_config() == model.get_config()
    again = Model.from_config(network().get_config())
    assert again.predict(data()[0]).shape == (7, 4, 5, 2)
    for wrong in ({}, [], None, {"layers": 3}, {"name": "x", "layers": [{}]}):
        assert "expected the config of a model" in message(Model.from_config, wrong)
    assert "JSON" in message(model_from_json, "{")


# Others ---------------------------------------------------------------------------------------------------------------


class Plain(optimizers.Optimizer):
    """An optimizer as the base's docstring says."""

    slots = ("sum",)

    def __init__(self, learning_rate: Any = 0.1, name: str = "plain") -> None:
        super().__init__(learning_rate, name=name)

    def update_chunk(self, p: Any, g: Any, slots: Any, rate: float) -> None:
        slots["sum"] += g
        p -= rate * g

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": super().get_config()["learning_rate"], "name": self.name}


class Halving(optimizers.schedules.LearningRateSchedule):
    """A schedule without get_config."""

    def __init__(self, start: float) -> None:
        self.start = start

    def __call__(self, step: int) -> float:
        return self.start * 0.5**step


class Counting(callbacks.Callback):
    """Keras's signature."""

    def __init__(self) -> None:
        super().__init__()
        self.losses: list[float] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.losses.append((logs or {})["loss"])


class Threes(initializers.Initializer):
    """Keras's signature."""

    def __call__(self, shape: Any, dtype: Any = None, **options: Any) -> Any:
        return np.full(shape, 3)


def test_optimizer_schedule_callback_and_initializer(tmp_path: Path) -> None:
    counting = Counting()
    model, (x, y) = network(), data()
    model.compile(Plain(Halving(0.1)), "mse")
    model.fit(x, y, epochs=2, verbose=0, callbacks=[counting])
    assert len(counting.losses) == 2
    model.save(tmp_path / "m")
    assert "optimizer 'Plain' is not tinyseg's" in message(load_model, tmp_path / "m")
    again = load_model(tmp_path / "m", {"Plain": Plain, "Halving": Halving})
    assert again.optimizer.learning_rate == pytest.approx(0.1 * 0.5**2)
    assert math.isclose(again.train_on_batch(x, y), model.train_on_batch(x, y), rel_tol=1e-6)
    for initializer in (Threes(), Threes, lambda shape, dtype: np.full(shape, 3.0)):
        layer = Dense(2, kernel_initializer=initializer)
        layer(np.ones((1, 4), np.float32))
        np.testing.assert_array_equal(layer.parameters["kernel"], np.full((4, 2), 3, np.float32))
    wrong = Dense(2, kernel_initializer=lambda shape, dtype: np.ones(3), name="d")
    assert "Dense 'd': kernel: expected the initializer to make numbers of shape (4, 2)" in message(
        wrong, np.ones((1, 4))
    )
