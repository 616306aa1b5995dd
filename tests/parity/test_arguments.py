"""Every argument of every public class is obeyed or refused in words.

Swept with values of every kind, and with everything that Keras has and tinyseg has not.
"""

from __future__ import annotations

import inspect
import json
import warnings
from typing import Any

import numpy as np
import pytest

import tinyseg
from tests.parity.public import classes, made, own_arguments
from tinyseg import callbacks, initializers, layers, losses, metrics, optimizers
from tinyseg.layers import Conv2D, Dense, Dropout, Input, Layer, MaxPooling2D
from tinyseg.utils import keras_names

HOSTILE: tuple[Any, ...] = (
    "text", "", b"x", "0.5", -1, 0, 1, 2, 10**30, 2.5, -0.5, float("nan"), float("inf"), True, None, 1 + 2j, [],
    (1, 2, 3), [None], {}, {"a": 1}, object(),
    int, lambda *a: 1, np.array([1, 2]), np.zeros(()), np.float32(0.25), np.int64(1),
)  # fmt: skip
"""What people and files put into arguments."""

CLASSES = list(classes())


def refused(call: Any) -> str:
    """Return the words of the InvalidInput that a call must end in."""
    with pytest.raises(tinyseg.InvalidInput) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(("name", "cls"), CLASSES, ids=[name for name, _ in CLASSES])
@pytest.mark.filterwarnings("ignore:.*softmax over axis:UserWarning")
def test_any_value_is_obeyed_or_refused(name: str, cls: type) -> None:
    for argument in own_arguments(cls):
        for value in HOSTILE:
            try:
                thing = made(name, cls, **{argument: value})
            except tinyseg.InvalidInput as error:
                text = str(error)
                assert argument in text or argument.rpartition("_")[2] in text, (argument, value, text)
                continue
            if callable(value):  # a function as an activation, say: a file has only its name
                continue
            if hasattr(thing, "get_config") and not isinstance(thing, tinyseg.Sequential):
                config = json.loads(json.dumps(thing.get_config(), allow_nan=False))
                again = type(thing)(**config)
                assert again.get_config() == thing.get_config(), (argument, value)


@pytest.mark.parametrize(("name", "cls"), CLASSES, ids=[name for name, _ in CLASSES])
def test_what_keras_has_and_tinyseg_has_not_is_refused_by_name(name: str, cls: type) -> None:
    for argument, (default, _) in keras_names.keras_arguments(name).items():
        if argument in own_arguments(cls) or keras_names.renamed(name, argument, default)[0]:
            continue
        assert keras_names.instead_of(name, argument), f"say in ABSENT_ARGUMENTS what to use for {argument}"
        if default is not inspect.Parameter.empty:
            made(name, cls, **{argument: default})  # it changes nothing
        if argument in keras_names.ANY_VALUE or (argument == "name" and "schedules" in name):
            continue
        text = refused(lambda argument=argument: made(name, cls, **{argument: object()}))
        assert text.startswith(cls.__name__)
        assert f"{argument}=<object" in text
        assert keras_names.instead_of(name, argument) in text


@pytest.mark.parametrize(("name", "cls"), CLASSES, ids=[name for name, _ in CLASSES])
def test_unknown_missing_and_too_many(name: str, cls: type) -> None:
    text = refused(lambda: made(name, cls, no_such_thing=1))
    assert text.startswith(cls.__name__)
    assert "unknown argument 'no_such_thing'" in text
    assert "by position" in refused(lambda: cls(*[None] * 40))
    for argument, parameter in own_arguments(cls).items():
        if parameter.default is parameter.empty:
            assert f"'{argument}'" in refused(cls)


@pytest.mark.parametrize(("name", "cls"), CLASSES, ids=[name for name, _ in CLASSES])
def test_a_learners_subclass_gets_the_same(name: str, cls: type) -> None:
    class Mine(cls):  # type: ignore[misc,valid-type]
        def __init__(self, own: int, **options: Any) -> None:
            super().__init__(**options)
            self.own = own

    assert made(name, Mine, own=3).own == 3
    assert "Mine: missing argument 'own'" in refused(lambda: made(name, Mine))
    text = refused(lambda: made(name, Mine, own=1, no_such_thing=1))
    assert text.startswith(f"Mine ({cls.__name__})")
    assert "no_such_thing" in text


def test_type_errors_of_a_constructors_body_stay_what_they_are() -> None:
    class Broken(Layer):
        def __init__(self, units: int, *rest: Any, **options: Any) -> None:
            super().__init__(**options)
            self.units = units + "1"  # type: ignore[operator]

    with pytest.raises(TypeError, match="unsupported operand"):
        Broken(3, 4, name="x")

    class Free(callbacks.Callback):
        def __init__(self, *anything: Any, **more: Any) -> None:
            self.taken = anything, more

    assert Free(1, 2, a=3).taken == ((1, 2), {"a": 3})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: optimizers.Adam(lr=0.1), "did you mean 'learning_rate'"),
        (lambda: optimizers.SGD(0.1, decay=1e-6), "schedules.InverseTimeDecay"),
        (lambda: optimizers.Adam(0.1, 0.9, 0.99, 1e-7, True), "amsgrad=True"),
        (lambda: Conv2D(8, 3, kernel_regularizer="l2"), "weight_decay of the optimizer"),
        (lambda: Conv2D(nb_filter=8, kernel_size=3), "did you mean 'filters'"),
        (lambda: Conv2D(8, 3, border_mode="same"), "today it is padding="),
        (lambda: Conv2D(8, 3, subsample=2), "did you mean 'strides'"),
        (lambda: Conv2D(8, 3, data_format="channels_first"), "transpose(0, 2, 3, 1)"),
        (lambda: Dense(units=3, activity_regularizer="l1"), "activity_regularizer='l1'"),
        (lambda: Dense(3, batch_input_shape=(None, 4)), "today it is input_shape"),
        (lambda: Dense(3, units=3), "'units' given twice"),
        (lambda: Dropout(0.5, (1, 2)), "noise_shape=(1, 2)"),
        (lambda: layers.ReLU(-6), "max_value: expected a number of at least 0"),
        (lambda: layers.DepthwiseConv2D(3, kernel_initializer="ones"), "did you mean 'depthwise_initializer'"),
        (lambda: metrics.MeanIoU(classes=3), "did you mean 'num_classes'"),
        (lambda: losses.SparseCategoricalCrossentropy(ignore_index=255), "did you mean 'ignore_class'"),
        (lambda: initializers.Zeros(3), "no arguments by position"),
        (lambda: Input((3,), 16), "batch_size=16"),
        (lambda: tinyseg.utils.to_categorical([1], nb_classes=2), "did you mean 'num_classes'"),
        (lambda: tinyseg.applications.UNet(n_classes=2), "did you mean 'classes'"),
        (lambda: tinyseg.Model(input=1, output=2), "did you mean 'inputs'"),
    ],
)
def test_words(make: Any, words: str) -> None:
    assert words in refused(make)


def test_positions_mean_what_they_mean_in_keras() -> None:
    assert Dropout(0.5, None, 7).seed == 7
    assert MaxPooling2D(2, 3, "same", None, "pool").name == "pool"
    adam = optimizers.Adam(0.1, 0.8, 0.9, 1e-6, False, 0.01, None, 2.0)
    assert (adam.beta_1, adam.weight_decay, adam.clipnorm, adam.clipvalue) == (0.8, 0.01, None, 2.0)
    assert metrics.BinaryAccuracy("b", None, 0.7).threshold == 0.7
    assert callbacks.BackupAndRestore("b", "epoch", False, False).delete_checkpoint is False
    assert optimizers.schedules.CosineDecay(0.1, 10, 0.0, "c", 0.2, 5).warmup_target == 0.2


def test_old_spellings_that_keras_still_takes() -> None:
    assert layers.LeakyReLU(alpha=0.1).negative_slope == 0.1
    assert Dense(3, input_dim=4).given_input_shape == (4,)
    assert Input(batch_shape=(None, 4, 5)).shape == (None, 4, 5)
    assert layers.Convolution2D is Conv2D
    assert layers.MaxPool2D is MaxPooling2D
    a, b = Input((4, 4, 1)), Input((4, 4, 2))
    assert layers.concatenate([a, b], axis=3).shape == (None, 4, 4, 3)
    assert layers.add([a, a]).shape == (None, 4, 4, 1)


@pytest.mark.parametrize(
    "value",
    [{"kernel_regularizer": None}, {"data_format": "channels_last"}, {"groups": 1}, {"dtype": "float32"},
     {"activity_regularizer": None}, {"name": "c"}],
)  # fmt: skip
def test_what_changes_nothing_is_taken(value: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Conv2D(2, 3, **value)
