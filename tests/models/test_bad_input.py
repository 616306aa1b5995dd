"""What models say to data, labels and set-ups that cannot work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.layers import Conv2D, Dense, Flatten, Input
from tinyseg.models import Model, Sequential
from tinyseg.utils import to_categorical

from .networks import IMAGE, assert_same_arrays, classifier, images, masks, segmenter, weights_of


def message(function: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """Return the text of the InvalidInput that a call must raise."""
    with pytest.raises(tinyseg.InvalidInput) as caught:
        function(*arguments, **options)
    return str(caught.value)


def compiled(loss: str = "sparse_categorical_crossentropy") -> Model:
    """Return a classifier ready to train."""
    model = classifier()
    model.compile("adam", loss)
    return model


@pytest.mark.parametrize("use", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_in_the_input(use: str, value: float) -> None:
    x, y = images(9)
    x[5, 1, 2, 1] = value
    model = compiled()
    before = weights_of(model)
    text = message(getattr(model, use), x, y, **({"batch_size": 9, "shuffle": False} if use == "fit" else {}))
    assert "'classifier': the input contains NaN or infinity (first in sample 5 of a batch)" in text
    assert_same_arrays(weights_of(model), before)


def test_numbers_whose_sum_overflows_are_not_infinite() -> None:
    x = np.full((2, *IMAGE), 1e38, np.float32)
    model = compiled()
    with np.errstate(all="ignore"):
        assert isinstance(model.evaluate(x, [0, 1]), float)


@pytest.mark.parametrize("use", ["fit", "predict", "evaluate", "__call__", "predict_on_batch"])
@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((6, 8, 2), "a single sample needs a batch axis"),
        ((5, 6, 8, 3), r"got \(5, 6, 8, 3\)"),
        ((5, 2, 6, 8), "channels come last"),
        ((5, 96), r"expected shape \(None, 6, 8, 2\), got \(5, 96\)"),
        ((5, 8, 6, 2), r"got \(5, 8, 6, 2\)"),
        ((5, 6, 8, 2, 1), r"got \(5, 6, 8, 2, 1\)"),
    ],
)
def test_wrong_shape(use: str, shape: tuple[int, ...], expected: str) -> None:
    x, labels = np.ones(shape, np.float32), np.zeros(shape[0], int)
    text = message(getattr(compiled(), use), x, *([labels] if use in ("fit", "evaluate") else []))
    assert "'image'" in text
    assert re.search(expected, text), text


def test_grey_images_without_a_channel_axis() -> None:
    model = Model(*(lambda i: (i, Conv2D(2, 3)(i)))(Input((None, None, 1))))
    assert "add the channel axis with x[..., None]" in message(model.predict, np.ones((3, 8, 8)))


def test_text_as_data() -> None:
    assert "expected numbers, got dtype" in message(compiled().predict, np.array([["a"]]))


@pytest.mark.filterwarnings("ignore:.*a softmax makes them share:UserWarning")
@pytest.mark.parametrize("use", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
@pytest.mark.parametrize(
    ("loss", "labels", "expected"),
    [
        ("sparse_categorical_crossentropy", [0, 1, 3, 0], r"from 0 to 2 .* got 3 at index \(2,\)"),
        ("sparse_categorical_crossentropy", [0, 1, -1, 0], r"got -1 at index \(2,\)"),
        ("sparse_categorical_crossentropy", to_categorical([0, 1, 2, 0]), "one-hot: use CategoricalCrossentropy"),
        ("categorical_crossentropy", [0, 1, 2, 0], "class ids: use SparseCategoricalCrossentropy"),
        ("categorical_crossentropy", to_categorical([0, 1, 3, 0]), r"shape \(4, 3\), got \(4, 4\)"),
        ("mse", [0, 1, 2, 0], r"shape \(4, 3\), got \(4,\)"),
        ("binary_crossentropy", np.full((4, 3), 255), "y / 255"),
    ],
)
def test_labels_that_do_not_fit(use: str, loss: str, labels: Any, expected: str) -> None:
    options = {"shuffle": False, "verbose": 0} if use == "fit" else {}
    text = message(getattr(compiled(loss), use), images(4)[0], np.asarray(labels), **options)
    assert re.search(expected, text), text


@pytest.mark.parametrize("use", ["fit", "train_on_batch"])
def test_a_batch_that_is_refused_changes_nothing(use: str) -> None:
    """Neither parameters nor moving averages: whoever mends the labels goes on as if nothing had happened."""
    model = compiled()
    before = weights_of(model)
    message(getattr(model, use), images(4)[0], np.array([0, 1, 3, 0]))
    assert_same_arrays(weights_of(model), before)


def test_masks_out_of_range() -> None:
    x, y = masks(3)
    y[1, 2, 3] = 255
    model = segmenter()
    model.compile("adam", "sparse_categorical_crossentropy")
    assert "got 255 at index (1, 2, 3)" in message(model.fit, x, y, shuffle=False, verbose=0)


@pytest.mark.parametrize("use", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_without_compile_loss_or_labels(use: str) -> None:
    x, y = images(4)
    assert "'classifier': call compile(" in message(getattr(classifier(), use), x, y)
    model = classifier()
    model.compile("adam")
    assert "compile was called without a loss" in message(getattr(model, use), x, y)
    assert "expected labels y, got none" in message(getattr(compiled(), use), x)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"optimizer": "adan", "loss": "mse"}, "unknown optimizer 'adan'; did you mean 'adam'"),
        ({"optimizer": "adam", "loss": "categorical_crosentropy"}, ("unknown loss .* did you mean "
                                                                   "'categorical_crossentropy'")),
        ({"loss": "mse", "metrics": ["acuracy"]}, "unknown metric 'acuracy'; did you mean 'accuracy'"),
        ({"loss": ["mse", "mae"]}, r"loss: expected 1 \(outputs \['top'\]\), got 2"),
        ({"loss": {"tip": "mse"}}, "unknown output in loss 'tip'; did you mean 'top'"),
        ({"loss": "mse", "metrics": ["mse", "mse"]}, "two have the name"),
        ({"optimizer": 3, "loss": "mse"}, "optimizer: expected a name or an object"),
    ],
)  # fmt: skip
def test_compile(options: dict[str, Any], expected: str) -> None:
    assert re.search(expected, message(classifier().compile, **options))


def test_compile_with_a_metric_that_needs_its_classes() -> None:
    """The name under which the metric stands in the logs is known, but cannot say how many classes there are.

    The text must.
    """
    for name in ("mean_iou", "MeanIoU", "dice"):
        assert "num_classes" in message(classifier().compile, loss="mse", metrics=[name])


def ends_early() -> Iterator[Any]:
    x, y = images(4)
    yield x, y
    yield x, y


@pytest.mark.parametrize(
    ("data", "options", "expected"),
    [
        (lambda x, y: (x, y[:3]), {}, "as many samples in all arrays, but x has 4, y has 3"),
        (lambda x, y: (x, y), {"sample_weight": np.ones(5)}, "x has 4, y has 4, sample_weight has 5"),
        (lambda x, y: (x[:0], y[:0]), {}, "at least one sample, got none"),
        (lambda x, y: (x, y), {"batch_size": 0}, "batch_size: expected an integer of at least 1, got 0"),
        (lambda x, y: (x, y), {"batch_size": 2.5}, "batch_size: .* got 2.5"),
        (lambda x, y: (x, y), {"batch_size": True}, "batch_size: .* got True"),
        (lambda x, y: (x, y), {"batch_size": "32"}, "batch_size: .* got '32'"),
        (lambda x, y: (x, y), {"validation_split": 1.0}, "validation_split: expected a number above 0 and below 1"),
        (lambda x, y: (x, y), {"validation_split": 0.9}, "leaves one part empty"),
        (lambda x, y: (ends_early(),), {"steps_per_epoch": 3}, ("ended in epoch 1 after 2 batches, but 3 batches an "
                                                               "epoch")),
        (lambda x, y: (iter([]),), {}, "ended in epoch 1 after 0 batches"),
        (lambda x, y: (ends_early(),), {"epochs": 2}, "ended in epoch 2 after 0 batches.*steps_per_epoch"),
        (lambda x, y: (ends_early(), y), {}, "come with the batches"),
        (lambda x, y: (ends_early(),), {"validation_split": 0.2}, "validation_split needs arrays"),
        (lambda x, y: (iter([(x, y, None, None)]),), {}, "got a tuple of 4"),
        (lambda x, y: (3,), {}, "expected arrays, a sequence of batches or a generator, got int"),
        (lambda x, y: (None,), {}, "got NoneType"),
        (lambda x, y: ([x, x], y), {}, "expected 1 input arrays"),
        (lambda x, y: ({"picture": x}, y), {}, r"expected inputs named \['image'\], got \['picture'\]"),
        (lambda x, y: (x, y), {"callbacks": [print]}, "callbacks: expected objects of tinyseg.callbacks.Callback"),
        (lambda x, y: (x, y), {"sample_weight": np.ones((4, 2))}, r"sample_weight of shape \(4,\)"),
    ],
)  # fmt: skip
def test_fit(data: Callable[..., tuple[Any, ...]], options: dict[str, Any], expected: str) -> None:
    text = message(compiled().fit, *data(*images(4)), verbose=0, **options)
    assert re.search(expected, text), text


def test_whole_floats_as_batch_size() -> None:
    """Either it works as the integer that it is, or it is refused in words."""
    x, y = images(4)
    try:
        compiled().fit(x, y, batch_size=2.0, verbose=0)
    except tinyseg.InvalidInput as error:
        assert "batch_size" in str(error)  # noqa: PT017  the other outcome is right too


@pytest.mark.parametrize("lengths", [(4, 3, 4), (3, 4, 4), (4, 4, 3)])
def test_several_inputs_of_unlike_length(lengths: tuple[int, int, int]) -> None:
    a, b = Input((2,), name="a"), Input((2,), name="b")
    model = Model([a, b], tinyseg.layers.Add()([a, Dense(2)(b)]))
    model.compile("sgd", "mse")
    data = [np.ones((n, 2)) for n in lengths]
    before = weights_of(model)
    assert "as many samples" in message(model.fit, data[:2], data[2], shuffle=False, verbose=0)
    assert_same_arrays(weights_of(model), before)


def test_class_weight_with_several_outputs() -> None:
    x = Input((2,))
    model = Model(x, [Dense(2, name="a")(x), Dense(2, name="b")(x)])
    model.compile("sgd", ["mse", "mse"])
    y = [np.ones((4, 2)), np.ones((4, 2))]
    assert "class_weight" in message(model.fit, np.ones((4, 2)), y, class_weight={0: 2.0}, verbose=0)
    assert "y: expected 2" in message(model.fit, np.ones((4, 2)), y[0], verbose=0)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Model(np.ones(3), np.ones(3)), "expected inputs to be symbolic tensors .* got ndarray"),
        (lambda: Model(Input((3,)), Dense(2)), "expected outputs to be symbolic tensors .* got Dense"),
        (lambda: Model([], []), "at least one input and one output"),
        (lambda: Model(Input((3,), name="x"), Dense(2)(Input((3,), name="stray"))), "depend on the input 'stray'"),
        (lambda: Model(*(lambda i: (i, Dense(2, name="d")(Dense(2, name="d")(i))))(Input((3,)))), "two layers .* 'd'"),
        (lambda: Sequential([Dense(2), 3]), "expected a layer, got int"),
        (lambda: Sequential([Dense(2), Input((3,))]), "an Input can only come first"),
        (lambda: Sequential().pop(), "no layer to remove"),
        (lambda: Sequential().build((None, 3)), "add layers first"),
        (lambda: Sequential([Dense(2)]).summary(), "begin with Input"),
        (lambda: Sequential([Input((4, 4, 1)), Conv2D(2, 5)]), "does not fit into an image"),
        (lambda: Sequential([Input((None, None, 1)), Flatten(), Dense(2)]), "fixed height and width"),
        (lambda: classifier().get_layer("tap"), "unknown layer .*did you mean 'top'"),
        (lambda: classifier().get_layer(index=99), "index below 8, got index 99"),
        (lambda: classifier().get_layer(), "got index None"),
        (lambda: classifier().set_weights([np.ones(3)]), "expected .* weight arrays, got 1"),
    ],
)  # fmt: skip
def test_building(make: Callable[[], Any], expected: str) -> None:
    text = message(make)
    assert re.search(expected, text), text


@pytest.mark.parametrize("use", ["save", "save_weights", "count_params", "get_weights"])
def test_sequential_without_a_shape_says_so(use: str, tmp_path: Any) -> None:
    model = Sequential([Dense(2)])
    arguments = [tmp_path / "file"] if use.startswith("save") else []
    assert "build" in message(getattr(model, use), *arguments)
    assert not list(tmp_path.iterdir())


def test_nan_in_labels_is_not_learnt() -> None:
    """A NaN in the labels makes all parameters NaN in one step; it must be refused like one in the input."""
    model = Model(*(lambda i: (i, Dense(2)(i)))(Input((3,))))
    model.compile("sgd", "mse")
    labels = np.ones((4, 2))
    labels[2, 1] = np.nan
    before = weights_of(model)
    assert "NaN" in message(model.fit, np.ones((4, 3)), labels, shuffle=False, verbose=0)
    assert_same_arrays(weights_of(model), before)
