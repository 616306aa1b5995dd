"""Fit, evaluate, predict: every way to give data gives the same training; freezing takes effect at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg import layers
from tinyseg.callbacks import Callback
from tinyseg.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
from tinyseg.metrics import MeanIoU
from tinyseg.models import Model, Sequential
from tinyseg.optimizers import SGD, Adam
from tinyseg.utils import set_random_seed, to_categorical

from .networks import CLASSES, IMAGE, assert_same_arrays, classifier, deferred, images, masks, segmenter, weights_of


class Batches:
    """A sequence of batches, as Keras's PyDataset is one; notes which epochs were asked for."""

    def __init__(self, x: np.ndarray, y: np.ndarray, size: int) -> None:
        self.x, self.y, self.size = x, y, size
        self.epochs: list[int] = []
        self.ended = 0

    def __len__(self) -> int:
        return -(-len(self.x) // self.size)

    def __getitem__(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        rows = slice(k * self.size, (k + 1) * self.size)
        return self.x[rows], self.y[rows]

    def set_epoch(self, epoch: int) -> None:
        self.epochs.append(epoch)

    def on_epoch_end(self) -> None:
        self.ended += 1


def endless(batches: Batches) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give the batches again and again."""
    while True:
        yield from (batches[k] for k in range(len(batches)))


def trained(data: Any, *more: Any, **options: Any) -> tuple[Any, dict[str, np.ndarray]]:
    """Train a fresh network; return history and weights."""
    set_random_seed(1)
    model = classifier(dropout=0.2)
    model.compile(Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(data, *more, epochs=3, verbose=0, **options)
    return history, weights_of(model)


@pytest.mark.parametrize(
    "form", ["sequence", "generator", "list of batches", "lists of numbers", "dict", "tuple of one"]
)
def test_every_form_of_data_gives_the_same_training(form: str) -> None:
    x, y = images(22)
    batches = Batches(x, y, 8)
    expected, weights = trained(x, y, batch_size=8, shuffle=False, validation_data=(x[:5], y[:5]))
    given: dict[str, Any] = {
        "sequence": lambda: trained(batches, validation_data=Batches(x[:5], y[:5], 8)),
        "generator": lambda: trained(endless(batches), steps_per_epoch=3, validation_data=(x[:5], y[:5])),
        "list of batches": lambda: trained([batches[k] for k in range(3)], validation_data=[(x[:5], y[:5])]),
        "lists of numbers": lambda: trained(
            x.tolist(), y.tolist(), batch_size=8, shuffle=False, validation_data=(x[:5].tolist(), y[:5].tolist())
        ),
        "dict": lambda: trained(
            {"image": x}, y, batch_size=8, shuffle=False, validation_data=({"image": x[:5]}, y[:5])
        ),
        "tuple of one": lambda: trained([x], y, batch_size=8, shuffle=False, validation_data=([x[:5]], y[:5])),
    }
    history, found = given[form]()
    assert history.history == expected.history
    assert history.epoch == [0, 1, 2]
    assert_same_arrays(found, weights)
    if form == "sequence":
        assert batches.epochs == [0, 1, 2]
        assert batches.ended == 3


def test_history_learns_and_has_a_number_per_epoch() -> None:
    x, y = images(80)
    set_random_seed(1)
    model = classifier()
    model.compile(Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=10, epochs=12, verbose=0, validation_split=0.25, validation_freq=3)
    assert model.history is history
    assert {name: len(values) for name, values in history.history.items()} == {
        "loss": 12, "accuracy": 12, "val_loss": 4, "val_accuracy": 4,
    }  # fmt: skip
    assert history.history["loss"][-1] < 0.6 * history.history["loss"][0]
    assert history.history["accuracy"][-1] > 0.8


@pytest.mark.parametrize(("every", "expected"), [(1, [0, 1, 2, 3, 4]), (2, [1, 3]), (3, [2]), (6, [])])
def test_validation_comes_after_every_so_many_epochs(every: int, expected: list[int]) -> None:
    validated: list[int] = []

    class Spy(Callback):
        def on_epoch_begin(self, epoch: int) -> None:
            self.epoch = epoch

        def on_test_begin(self) -> None:
            validated.append(self.epoch)

    model = classifier()
    model.compile("sgd", "sparse_categorical_crossentropy")
    data = images(6)
    model.fit(*data, epochs=5, verbose=0, validation_data=data, validation_freq=every, callbacks=[Spy()])
    assert validated == expected


def test_the_loss_of_an_epoch_is_the_mean_over_samples() -> None:
    """With a rate of 0 nothing changes, so the epoch's loss is that of the whole, whatever the batches."""
    model = segmenter()
    model.compile(SGD(0.0), "sparse_categorical_crossentropy", metrics=["accuracy", MeanIoU(CLASSES)])
    x, y = masks(23)
    whole = model.evaluate(x, y, batch_size=23, return_dict=True)
    for size in (1, 4, 10, 22):
        logs = model.fit(x, y, batch_size=size, verbose=0).history
        assert {name: values[0] for name, values in logs.items()} == pytest.approx(whole, rel=1e-6)
        assert model.evaluate(x, y, batch_size=size, return_dict=True) == pytest.approx(whole, rel=1e-6)
    assert list(whole) == ["loss", "accuracy", "mean_iou"]
    assert model.evaluate(x, y) == pytest.approx(list(whole.values()), rel=1e-6)


def test_validation_split_takes_the_last_samples_before_shuffling() -> None:
    seen: list[int] = []

    class Spy(Sequential):
        def train_step(self, x: Any, y: Any, sample_weight: Any = None) -> Any:
            seen.extend(int(v) for v in x[:, 0])
            return super().train_step(x, y, sample_weight)

    numbers = np.arange(20.0).reshape(20, 1)
    model = Spy([Input((1,)), Dense(1)])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 0.0
    history = model.fit(numbers, numbers, epochs=2, batch_size=4, validation_split=0.3, verbose=0).history
    assert sorted(seen[:14]) == sorted(seen[14:]) == list(range(14))
    assert seen[:14] != seen[14:] != list(range(14))
    expected = model.evaluate(numbers[14:], numbers[14:])
    assert history["val_loss"] == pytest.approx([expected, expected], rel=1e-6)


def test_shuffling_depends_on_the_seed_and_the_epoch() -> None:
    x, y = images(40)
    first, weights = trained(x, y, batch_size=4)
    second, same = trained(x, y, batch_size=4)
    assert first.history == second.history
    assert_same_arrays(same, weights)
    third, _ = trained(x, y, batch_size=4, shuffle=False)
    assert third.history["loss"] != first.history["loss"]


def test_evaluate_predict_and_batches_agree() -> None:
    x, y = images(21)
    model = classifier()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, verbose=0)
    p = model.predict(x, batch_size=4)
    np.testing.assert_allclose(p, model.predict_on_batch(x), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(p, model(x), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(p, model.predict(iter([x[:9], x[9:]])), rtol=1e-5, atol=1e-7)
    loss = -np.log(p[np.arange(21), y]).mean()
    expected = {"loss": loss, "accuracy": (p.argmax(-1) == y).mean()}
    assert model.evaluate(x, y, return_dict=True) == pytest.approx(expected, rel=1e-5)
    assert model.test_on_batch(x, y, return_dict=True) == pytest.approx(expected, rel=1e-5)
    assert model.test_on_batch(x, y) == pytest.approx(list(expected.values()), rel=1e-5)
    before = weights_of(model)
    assert_same_arrays(weights_of(model), before)
    model.compile(SGD(0.0), "sparse_categorical_crossentropy")
    assert isinstance(model.train_on_batch(x, y), float)


def test_evaluating_and_predicting_change_nothing() -> None:
    x, y = images(10)
    model = classifier(dropout=0.5)
    model.compile("adam", "sparse_categorical_crossentropy")
    before, optimizer = weights_of(model), model.optimizer.iterations
    model.evaluate(x, y)
    model.predict(x)
    model.test_on_batch(x, y)
    model.predict_on_batch(x)
    assert_same_arrays(weights_of(model), before)
    assert model.optimizer.iterations == optimizer


def test_one_step_is_forward_loss_backward_update() -> None:
    x, y = images(9)
    set_random_seed(2)
    model, by_hand = classifier(dropout=0.3), classifier(dropout=0.3)
    by_hand.set_weights(model.get_weights())
    model.compile(Adam(0.01), "sparse_categorical_crossentropy")
    loss = tinyseg.losses.SparseCategoricalCrossentropy()
    p, cache = by_hand.forward(x, True)
    value, inner = loss.forward(y, p)
    _, gradients = by_hand.backward(loss.backward(1.0, inner), cache)
    Adam(0.01).apply(by_hand.trainable_parameters, gradients)
    by_hand.update_state(cache)
    assert model.train_on_batch(x, y) == value
    assert_same_arrays(weights_of(model), weights_of(by_hand))


@pytest.mark.parametrize("one_hot", [False, True])
def test_class_weight_is_a_weight_per_sample(one_hot: bool) -> None:
    x, y = images(30)
    weight = {0: 3.0, 2: 0.25}
    per_sample = np.array([weight.get(int(k), 1.0) for k in y])
    labels = to_categorical(y, CLASSES) if one_hot else y
    results = []
    for options in ({"class_weight": weight}, {"sample_weight": per_sample}):
        set_random_seed(1)
        model = classifier()
        name = "categorical_crossentropy" if one_hot else "sparse_categorical_crossentropy"
        model.compile("sgd", name)
        history = model.fit(x, labels, batch_size=7, epochs=2, verbose=0, **options).history
        results.append((history, weights_of(model)))
    assert results[0][0] == results[1][0]
    assert_same_arrays(results[0][1], results[1][1])


def test_class_weight_of_pixels_and_together_with_sample_weights() -> None:
    x, y = masks(12)
    weight, samples = {1: 4.0}, np.linspace(0, 2, 12)
    per_pixel = np.where(y == 1, 4.0, 1.0) * samples[:, None, None]
    model = segmenter()
    model.compile(SGD(0.0), "sparse_categorical_crossentropy")
    expected = model.evaluate(x, y, sample_weight=per_pixel)
    assert model.train_on_batch(x, y, sample_weight=samples, class_weight=weight) == pytest.approx(expected, rel=1e-6)
    assert model.train_on_batch(x, y[..., None], samples, weight) == pytest.approx(expected, rel=1e-6)
    assert expected != pytest.approx(model.evaluate(x, y), rel=1e-2)


def test_inputs_and_outputs_by_name() -> None:
    a, b = Input((3,), name="a"), Input((2,), name="b")
    joined = layers.Concatenate()([a, b])
    model = Model([a, b], [Dense(2, name="u")(joined), Dense(1, name="v")(joined)])
    x, y = {"a": np.ones((6, 3)), "b": np.ones((6, 2))}, {"u": np.zeros((6, 2)), "v": np.ones((6, 1))}
    model.compile(SGD(0.1), {"u": "mse", "v": "mae"}, {"v": 0.5}, {"u": ["mae"], "v": ["mse", "mae"]})
    history = model.fit(x, y, epochs=2, batch_size=4, verbose=0).history
    assert list(history) == [
        "loss", "u_loss", "v_loss", "u_mae", "v_mse", "v_mae",
    ]  # fmt: skip
    assert history["loss"] == pytest.approx(np.add(history["u_loss"], np.multiply(0.5, history["v_loss"])), rel=1e-6)
    assert history["v_loss"] == pytest.approx(history["v_mae"], rel=1e-6)
    same = model.predict([x["b"] * 0 + 1, x["a"]][::-1])
    for left, right in zip(model.predict(x), same, strict=True):
        np.testing.assert_array_equal(left, right)


def test_an_output_without_a_loss_is_not_trained() -> None:
    x = Input((3,))
    model = Model(x, [Dense(2, name="u")(x), Dense(2, name="v")(x)])
    model.compile("sgd", {"u": "mse"})
    before = weights_of(model)
    model.fit(np.ones((4, 3)), {"u": np.zeros((4, 2))}, verbose=0)
    changed = {name for name, array in weights_of(model).items() if (array != before[name]).any()}
    assert changed == {"u/kernel", "u/bias"}


def test_freezing_after_compile_takes_effect_at_once() -> None:
    x, y = images(16)
    model = classifier()
    model.compile(Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(x, y, verbose=0)
    for name, kept in (("conv", {"conv"}), ("norm", {"norm"}), ("top", {"top"})):
        model.trainable = True
        model.get_layer(name).trainable = False
        before = weights_of(model)
        model.fit(x, y, verbose=0)
        same = {key.split("/")[0] for key, array in weights_of(model).items() if (array == before[key]).all()}
        assert same - {"drop"} == kept
    model.trainable = False
    before = weights_of(model)
    model.fit(x, y, verbose=0)
    after = weights_of(model)
    assert_same_arrays(
        {k: v for k, v in after.items() if "drop" not in k}, {k: v for k, v in before.items() if "drop" not in k}
    )
    model.trainable = True
    model.fit(x, y, verbose=0)
    assert all((array != before[name]).any() for name, array in weights_of(model).items() if "relu" not in name)


def test_a_frozen_part_of_a_network_stays_while_the_rest_learns() -> None:
    x, y = images(16)
    part = Model(
        *(lambda i: (i, layers.BatchNormalization(name="n")(Conv2D(3, 2, name="c")(i))))(Input(IMAGE)), name="part"
    )
    inputs = Input(IMAGE)
    model = Model(inputs, Dense(CLASSES, activation="softmax", name="top")(Flatten()(part(inputs))))
    part.trainable = False
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    before = weights_of(model)
    model.fit(x, y, verbose=0, epochs=2)
    changed = {name for name, array in weights_of(model).items() if (array != before[name]).any()}
    assert changed == {"top/kernel", "top/bias"}
    part.get_layer("c").trainable = True
    model.fit(x, y, verbose=0)
    changed = {name for name, array in weights_of(model).items() if (array != before[name]).any()}
    assert changed == {"top/kernel", "top/bias", "part/c/kernel", "part/c/bias"}


def test_callbacks_are_called_in_order_and_can_stop() -> None:
    calls: list[str] = []

    class Spy(Callback):
        def on_train_begin(self) -> None:
            calls.append("train")
            assert self.params["epochs"] == 5
            assert self.params["steps"] == 2

        def on_train_end(self) -> None:
            calls.append("end")

        def on_epoch_begin(self, epoch: int) -> None:
            calls.append(f"epoch {epoch}")

        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            calls.append(f"done {epoch} {sorted(logs)}")
            self.model.stop_training = epoch == 3

        def on_train_batch_begin(self, batch: int) -> None:
            calls.append(f"batch {batch}")

        def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
            calls.append(f"{sorted(logs)}")

        def on_test_begin(self) -> None:
            calls.append("test")

        def on_test_end(self, logs: dict[str, float]) -> None:
            calls.append(f"tested {sorted(logs)}")

    x, y = images(8)
    model = classifier()
    model.compile("sgd", "sparse_categorical_crossentropy")
    history = model.fit(x, y, 4, epochs=5, initial_epoch=2, validation_data=(x, y), callbacks=[Spy()], verbose=0)
    one = ["batch 0", "['loss']", "batch 1", "['loss']", "test", "tested ['loss']"]
    ends = [f"done {k} ['loss', 'val_loss']" for k in (2, 3)]
    assert calls == ["train", "epoch 2", *one, ends[0], "epoch 3", *one, ends[1], "end"]
    assert history.epoch == [2, 3]


def test_verbosity(capsys: pytest.CaptureFixture[str]) -> None:
    x, y = images(8)
    model = classifier()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(x, y, verbose=0)
    assert capsys.readouterr().out == ""
    for verbose in (1, 2, "auto", True):
        model.fit(x, y, epochs=2, verbose=verbose)
        lines = capsys.readouterr().out.splitlines()
        assert [line[:9] for line in lines] == ["Epoch 1/2", "Epoch 2/2"]
        assert all("loss: " in line for line in lines)


def test_the_articles_program() -> None:
    """The network of the article, on smaller images: two convolutions, a pooling, three dense layers."""
    set_random_seed(0)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 60)
    x = rng.uniform(0, 0.3, (60, 28, 28, 1))
    x[np.arange(60), 2 * labels + 2] += 1.0
    model = Sequential()
    model.add(Conv2D(64, kernel_size=(3, 3), activation="relu", input_shape=(28, 28, 1)))
    model.add(Conv2D(32, kernel_size=(3, 3), activation="relu"))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Flatten())
    model.add(Dense(64, activation="relu"))
    model.add(Dense(32, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, to_categorical(labels), batch_size=20, epochs=8, verbose=0).history
    assert history["accuracy"][-1] > 0.9
    assert model.predict(x).argmax(axis=-1).shape == (60,)
    assert model.count_params() == 640 + 18464 + (12 * 12 * 32 * 64 + 64) + 2080 + 330


@pytest.mark.parametrize("use", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_sequential_waits_for_its_first_data_to_train(use: str) -> None:
    x, y = images(12)
    model = deferred()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    assert getattr(model, use)(x, y) is not None
    assert model.input.shape == (None, *IMAGE)
    assert model.output.shape == (None, CLASSES)


@pytest.mark.parametrize("use", ["predict", "predict_on_batch", "__call__"])
def test_sequential_waits_for_its_first_data_to_predict(use: str) -> None:
    assert getattr(deferred(), use)(images(12)[0]).shape == (12, CLASSES)


@pytest.mark.parametrize("form", ["sequence of batches", "list of batches", "lists of numbers"])
def test_sequential_learns_its_shape_from_every_form_of_data(form: str) -> None:
    x, y = images(12)
    batches = Batches(x, y, 5)
    model = deferred()
    model.compile("adam", "sparse_categorical_crossentropy")
    data = {
        "sequence of batches": (batches,),
        "list of batches": ([batches[k] for k in range(3)],),
        "lists of numbers": (x.tolist(), y.tolist()),
    }[form]
    model.fit(*data, verbose=0)
    assert model.input.shape == (None, *IMAGE)


def test_sequential_built_by_hand() -> None:
    model = deferred()
    model.build((None, *IMAGE))
    assert model.count_params() == 96 * 5 + 5 + 5 * 3 + 3


def test_sequential_add_and_pop() -> None:
    model = Sequential([Input((4,)), Dense(3, name="a"), Dense(2, name="b")])
    assert model.output.shape == (None, 2)
    first = model.get_weights()[0]
    popped = model.pop()
    assert popped.name == "b"
    assert model.output.shape == (None, 3)
    model.add(Dense(5, name="c"))
    assert [layer.name for layer in model.layers] == ["a", "c"]
    np.testing.assert_array_equal(model.get_weights()[0], first)
    assert model.predict(np.ones((2, 4))).shape == (2, 5)


def test_sequential_pop_to_nothing() -> None:
    model = Sequential([Input((4,)), Dense(3)])
    model.pop()
    with pytest.raises(tinyseg.InvalidInput):
        model.predict(np.ones((2, 4)))
    model.add(Dense(2))
    assert model.predict(np.ones((2, 4))).shape == (2, 2)


def test_summary() -> None:
    inputs = Input((8, 6, 3), name="image")
    conv = Conv2D(4, 3, padding="same", name="conv")
    norm = layers.BatchNormalization(name="norm")
    x = layers.Add(name="sum")([norm(conv(inputs)), norm(conv(inputs))])
    model = Model(inputs, Dense(2, name="top")(Flatten(name="flat")(x)), name="net")
    conv.trainable = False
    printed: list[str] = []
    model.summary(print_fn=printed.append)
    lines = printed[0].splitlines()
    assert lines[0] == "Model 'net'"
    rows = {line.split()[0]: line for line in lines[3:-3]}
    assert list(rows) == ["image", "conv", "norm", "sum", "flat", "top"]
    assert "(Conv2D)" in rows["conv"]
    assert "(-, 8, 6, 4)" in rows["conv"]
    assert f"{3 * 3 * 3 * 4 + 4}" in rows["conv"]
    assert " no " in rows["conv"]
    assert rows["norm"].split()[-3:] == ["16", "8", "conv"]
    assert rows["sum"].endswith("norm, norm")
    assert "(-, 192)" in rows["flat"]
    assert rows["top"].split()[-4:] == ["386", "768", "yes", "flat"]
    total, trained_ = 112 + 16 + 386, 8 + 386
    assert f"Parameters: {total}" in lines[-2]
    assert f"{trained_} are trained and {total - trained_} are not" in lines[-2]
    assert lines[-1].startswith("Forward pass: 21.5 k ")  # 2 * (2 * 48 positions * 108) + 2 * 192 * 2
