"""Every argument of fit, evaluate and predict for every form of data: obeyed, or refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.callbacks import Callback
from tinyseg.datasets import SegmentationBatches
from tinyseg.layers import Conv2D, Dense, Flatten, Input
from tinyseg.models import Model, Sequential
from tinyseg.utils import set_random_seed

from .networks import assert_same_arrays, weights_of
from .sources import FORMS, SIZE, Form, Loader, Own, PyDataset, Sequence, Tensor

SAMPLES = 10
STEPS = -(-SAMPLES // SIZE)
IN_ORDER = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with tinyseg.backend("numpy"):
        yield


class Recorded(Model):
    """A model that notes which samples it saw: the first number of each tells."""

    def train_step(self, x: Any, y: Any, sample_weight: Any = None) -> Any:
        first = next(iter(x.values())) if isinstance(x, dict) else x[0] if isinstance(x, list) else x
        self.seen.append([int(v) for v in np.real(first[:, 0])] if first.dtype.kind in "fc" else [])
        return super().train_step(x, y, sample_weight)


def compiled() -> Any:
    """Return a small classifier that is the same each time."""
    set_random_seed(3)
    inputs = Input((3,), name="image")
    model = Recorded(inputs, Dense(2, activation="softmax", name="top")(inputs))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy"])
    model.seen = []
    return model


def samples(count: int = SAMPLES, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, whose first column numbers the samples, labels and weights."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, 3)).astype(np.float32)
    x[:, 0] = np.arange(count)
    return x, rng.integers(0, 2, count), rng.uniform(0.2, 2, count).astype(np.float32)


def fit(form: Form, *labels: np.ndarray, **options: Any) -> tuple[Any, dict[str, list[float]]]:
    """Train on the samples in this form, with batches of SIZE and in order unless told otherwise."""
    model = compiled()
    if form.kind == "arrays":
        options = {"batch_size": SIZE, "shuffle": False} | options
    elif form.kind == "generator":
        options = {"steps_per_epoch": STEPS} | options
    history = model.fit(*form.given(samples()[0], *labels), **({"epochs": 2, "verbose": 0} | options)).history
    return model, history


def refused(form: Form, argument: str, **options: Any) -> None:
    """See that an argument is refused by its name, and nothing is changed."""
    model, (x, y, _) = compiled(), samples()
    before = weights_of(model)
    steps = {"steps_per_epoch": STEPS} if form.kind == "generator" else {}
    with pytest.raises(tinyseg.InvalidInput, match=argument):
        model.fit(*form.given(x, y), verbose=0, **(steps | options))
    assert_same_arrays(weights_of(model), before)


NUMPY = FORMS[0]


def same(actual: tuple[Any, dict[str, list[float]]], expected: tuple[Any, dict[str, list[float]]]) -> None:
    """Compare history and weights bit by bit."""
    assert actual[1] == expected[1]
    assert_same_arrays(weights_of(actual[0]), weights_of(expected[0]))


# Each form against arrays ---------------------------------------------------------------------------------------------


@every_form
@pytest.mark.parametrize("weighted", [False, True])
def test_every_form_gives_the_same_training(form: Form, weighted: bool) -> None:
    _, y, weight = samples()
    labels = (y, weight) if weighted else (y,)
    same(fit(form, *labels) if form.kind != "arrays" or not weighted else fit(form, y,
        sample_weight=form.label(weight)),
         fit(NUMPY, y, **({"sample_weight": weight} if weighted else {})))  # fmt: skip


@every_form
def test_class_weight(form: Form) -> None:
    _, y, _ = samples()
    weighted = fit(form, y, class_weight={1: 3.0, 0: 0.25})
    same(weighted, fit(NUMPY, y, sample_weight=np.where(y == 1, 3.0, 0.25).astype(np.float32)))
    assert weighted[1]["accuracy"] != weighted[1]["weighted_accuracy"]


@every_form
@pytest.mark.parametrize("also_weights", [False, True])
@pytest.mark.parametrize("as_list", [False, True])
def test_validation_data(form: Form, as_list: bool, also_weights: bool) -> None:
    """As (x, y) in a tuple or a list, or as a source of batches.

    With the batch size of the training where nothing else is said.
    """
    _, y, _ = samples()
    held_out = samples(6, seed=5)[: 3 if also_weights else 2]
    expected = fit(NUMPY, y, validation_data=tuple(held_out))
    given = form.given(*held_out)
    options: dict[str, Any] = {"validation_steps": 2} if form.kind == "generator" else {}
    data = (list(given) if as_list else given) if form.kind == "arrays" else given[0]
    same(fit(NUMPY, y, validation_data=data, **options), expected)
    assert len(expected[1]["val_weighted_accuracy"]) == 2


@every_form
def test_batch_size(form: Form) -> None:
    _, y, _ = samples()
    if form.kind != "arrays":
        refused(form, "batch_size", batch_size=SIZE)
        return
    model, _ = fit(form, y, batch_size=3)
    assert model.seen == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]] * 2


@every_form
def test_validation_batch_size(form: Form) -> None:
    """It counts batches of the loss: with one sample per batch there are as many as samples."""
    _, y, _ = samples()
    held_out = samples(6, seed=5)[:2]
    batches: list[int] = []

    class Count(Callback):
        def on_test_batch_end(self, batch: int) -> None:
            batches.append(batch)

    given = form.given(*held_out)
    data = given if form.kind == "arrays" else given[0]
    options: dict[str, Any] = {"validation_data": data, "validation_batch_size": 1, "epochs": 1, "callbacks": Count()}
    if form.kind != "arrays":
        refused(NUMPY, "validation_batch_size", **options)
        return
    fit(NUMPY, y, **options)
    assert batches == list(range(6))


@every_form
@pytest.mark.parametrize("shuffle", [True, False, None])
def test_shuffle(form: Form, shuffle: bool | None) -> None:
    _, y, _ = samples()
    if shuffle and form.kind in ("loader", "generator"):
        refused(form, "shuffle", shuffle=shuffle)
        return
    model, _ = fit(form, y, shuffle=shuffle)
    first, second = model.seen[:STEPS], model.seen[STEPS:]
    for epoch in (first, second):
        assert sorted(k for batch in epoch for k in batch) == list(range(SAMPLES))
    if shuffle is None:
        shuffle = form.kind == "arrays"
    if not shuffle:
        assert first == second == IN_ORDER
    elif form.kind == "arrays":
        assert first != second != IN_ORDER != first
    else:
        assert sorted(first) == sorted(second) == IN_ORDER


def test_shuffled_sequences_come_in_other_orders() -> None:
    x, y, _ = samples(40)
    model = compiled()
    sequence = Sequence(x, y)
    model.fit(sequence, shuffle=True, epochs=3, verbose=0)
    epochs = [[batch[0] for batch in model.seen[k : k + 10]] for k in (0, 10, 20)]
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert sequence.told == ["begin", "end"] * 3


@every_form
def test_sample_weight_and_labels_beside_batches(form: Form) -> None:
    _, y, weight = samples()
    if form.kind == "arrays":
        return  # `test_every_form_gives_the_same_training` has it
    refused(form, "sample_weight come with the batches", sample_weight=weight)
    model = compiled()
    with pytest.raises(tinyseg.InvalidInput, match="y and sample_weight come with the batches"):
        model.fit(form.given(samples()[0], y)[0], y, verbose=0)


@every_form
def test_validation_split(form: Form) -> None:
    x, y, _ = samples()
    if form.kind != "arrays":
        refused(form, "validation_split", validation_split=0.3)
        return
    model, history = fit(form, y, validation_split=0.3)
    assert sorted({k for batch in model.seen for k in batch}) == list(range(7))
    expected = compiled()
    expected.fit(x[:7], y[:7], SIZE, shuffle=False, epochs=2, verbose=0, validation_data=(x[7:], y[7:]))
    assert history == expected.history.history


@every_form
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_steps_per_epoch(form: Form, steps: int) -> None:
    """An epoch goes on where the last one stopped, round and round."""
    _, y, _ = samples()
    batches: list[int] = []

    class Count(Callback):
        def on_train_batch_end(self, batch: int) -> None:
            batches.append(batch)

    model, history = fit(form, y, steps_per_epoch=steps, epochs=4, callbacks=Count())
    assert batches == list(range(steps)) * 4
    assert model.seen == (IN_ORDER * 6)[: 4 * steps]
    assert len(history["loss"]) == 4


@every_form
def test_steps_per_epoch_from_a_later_epoch_on(form: Form) -> None:
    """Which batches an epoch has depends on its number, so that a resumed run sees those that it would have seen.

    A generator alone cannot go back.
    """
    _, y, _ = samples()
    model, _ = fit(form, y, steps_per_epoch=2, initial_epoch=1, epochs=3)
    start = 0 if form.kind == "generator" else 2
    assert model.seen == (IN_ORDER * 2)[start : start + 4]


@every_form
def test_initial_epoch_and_epochs(form: Form) -> None:
    _, y, _ = samples()
    model, history = fit(form, y, initial_epoch=2, epochs=3)
    assert len(history["loss"]) == 1
    assert len(model.seen) == STEPS
    assert model.history.epoch == [2]


@every_form
@pytest.mark.parametrize(
    ("freq", "validated"),
    [(1, [0, 1, 2, 3]), (2, [1, 3]), (np.int64(3), [2]), ([1, 4], [0, 3]), ((2,), [1]), ({3}, [2]), ([], [])],
)
def test_validation_freq(form: Form, freq: Any, validated: list[int]) -> None:
    """A list counts the epochs from 1, as Keras's does."""
    _, y, _ = samples()
    epochs: list[int] = []

    class Note(Callback):
        def on_epoch_end(self, epoch: int, logs: Any) -> None:
            if "val_loss" in logs:
                epochs.append(epoch)

    given = form.given(*samples(6, seed=5)[:2])
    data = given if form.kind == "arrays" else given[0]
    options: dict[str, Any] = {"validation_steps": 2} if form.kind == "generator" else {}
    fit(NUMPY, y, validation_data=data, validation_freq=freq, epochs=4, callbacks=[Note()], **options)
    assert epochs == validated


@every_form
@pytest.mark.parametrize("steps", [1, 2])
def test_steps_of_validation_evaluate_and_predict(form: Form, steps: int) -> None:
    """They begin anew each time; a generator goes on."""
    x, y, _ = samples()
    options = {"batch_size": SIZE} if form.kind == "arrays" else {}
    model = compiled()
    expected = model.evaluate(x[: steps * SIZE], y[: steps * SIZE], SIZE, return_dict=True)
    assert model.evaluate(*form.given(x, y), steps=steps, return_dict=True, **options) == expected
    np.testing.assert_array_equal(
        model.predict(form.given(x)[0], steps=steps, **options), model.predict(x[: steps * SIZE], batch_size=SIZE)
    )
    given = form.given(x, y)
    data = given if form.kind == "arrays" else given[0]
    model.optimizer.learning_rate = 0.0
    history = model.fit(x, y, SIZE, verbose=0, validation_data=data, validation_steps=steps, epochs=2).history
    if form.kind != "generator":
        assert history["val_loss"] == [expected["loss"]] * 2
    assert history["val_loss"][0] == expected["loss"]


@every_form
def test_more_steps_than_there_are_batches(form: Form) -> None:
    """Nothing is counted twice: there is a warning, as in Keras, and the numbers are those of all batches once."""
    x, y, _ = samples()
    options = {"batch_size": SIZE} if form.kind == "arrays" else {}
    model = compiled()
    if form.kind == "generator":
        with pytest.raises(tinyseg.InvalidInput, match="ended in epoch 1 after 3 batches"):
            model.evaluate((batch for batch in Loader(x, y)), steps=4)
        return
    with pytest.warns(UserWarning, match="steps: 4 batches were asked for, and there are 3"):
        many = model.evaluate(*form.given(x, y), steps=4, **options)
    assert many == model.evaluate(x, y, SIZE)


@every_form
def test_predict_ignores_labels_that_come_along(form: Form) -> None:
    x, y, weight = samples()
    if form.kind == "arrays":
        expected = form.given(x)
    else:
        expected = form.given(x, y, weight)
    options: dict[str, Any] = {"steps": STEPS} if form.kind == "generator" else {}
    options |= {"batch_size": SIZE} if form.kind == "arrays" else {}
    np.testing.assert_array_equal(compiled().predict(*expected, **options), compiled().predict(x, batch_size=SIZE))


@every_form
def test_a_chain_without_an_input_takes_its_shape(form: Form) -> None:
    x, y, _ = samples()
    if form.name == "dict":
        return  # a chain has one input, without a name of its own
    model = Sequential([Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    options: dict[str, Any] = {"steps_per_epoch": STEPS} if form.kind == "generator" else {}
    model.fit(*form.given(x, y), verbose=0, **options)
    assert model.input.shape == (None, 3)


def test_a_generator_that_was_looked_at_loses_nothing() -> None:
    x, y, _ = samples()
    results = []
    for first in (
        lambda: Sequential([Dense(2, activation="softmax")]),
        lambda: Sequential([Input((3,)), Dense(2, activation="softmax")]),
    ):
        set_random_seed(3)
        model = first()
        model.compile("sgd", "sparse_categorical_crossentropy")
        results.append(model.fit((batch for batch in Loader(x, y)), verbose=0).history)
    assert results[0] == results[1]


def test_batches_of_lists_for_several_inputs() -> None:
    """A list of as many arrays as there are inputs is x; otherwise it is (x, y)."""
    a, b = Input((3,), name="a"), Input((3,), name="b")
    model = Model([a, b], Dense(2, name="top")(tinyseg.layers.Add()([a, b])))
    model.compile("sgd", "mse")
    x, y = samples()[0], np.ones((SAMPLES, 2), np.float32)
    expected = model.predict([x, 2 * x])
    np.testing.assert_array_equal(model.predict(iter([[x, 2 * x]])), expected)
    np.testing.assert_array_equal(model.predict(iter([([x, 2 * x], y)])), expected)
    loss = model.evaluate([x, 2 * x], y)
    assert model.evaluate(iter([[[Tensor(x), Tensor(2 * x)], Tensor(y)]])) == pytest.approx(loss, rel=1e-6)
    assert model.fit([x, x], y, verbose=0, validation_data=[[x, 2 * x], y]).history["val_loss"][0] > 0


def test_sequences_without_an_end() -> None:
    x, y, _ = samples()
    model = compiled()
    model.fit(PyDataset(x, y, end=False), steps_per_epoch=4, epochs=2, verbose=0)
    assert model.seen == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]] * 2 + [[0, 1, 2, 3], [4, 5, 6, 7]]
    with pytest.raises(tinyseg.InvalidInput, match="shuffle: the sequence has no end"):
        model.fit(PyDataset(x, y, end=False), steps_per_epoch=4, shuffle=True, verbose=0)


def test_a_sequence_with_an_attribute_called_epoch() -> None:
    """A counter of the user's own is not tinyseg's protocol."""
    x, y, _ = samples()
    sequence = Sequence(x, y)
    sequence.epoch = 0  # type: ignore[attr-defined]
    model = compiled()
    model.fit(sequence, verbose=0)
    assert len(model.seen) == STEPS


def test_segmentation_batches_have_their_own_order() -> None:
    rng = np.random.default_rng(0)
    pairs = [(rng.random((4, 5, 1)).astype(np.float32), rng.integers(0, 2, (4, 5)).astype(np.uint8)) for _ in range(5)]
    inputs = Input((None, None, 1))
    model = Model(inputs, Conv2D(2, 1, activation="softmax")(inputs))
    model.compile("sgd", "sparse_categorical_crossentropy")
    batches = SegmentationBatches(pairs, 2, shuffle=True)
    model.fit(batches, shuffle=True, verbose=0)
    model.fit(batches, shuffle=False, verbose=0)
    assert (
        len(
            model.fit(
                batches, steps_per_epoch=2, epochs=4, verbose=0, validation_data=batches, validation_steps=1
            ).epoch
        )
        == 4
    )
    with pytest.raises(tinyseg.InvalidInput, match="shuffle: x is a SegmentationBatches"):
        model.fit(SegmentationBatches(pairs, 2), shuffle=True, verbose=0)
    with pytest.raises(tinyseg.InvalidInput, match="batch_size: x is a SegmentationBatches"):
        model.fit(batches, batch_size=2, verbose=0)


# Arrays of other libraries --------------------------------------------------------------------------------------------


def test_numbers_that_numpy_does_not_have() -> None:
    """bfloat16 of JAX and PyTorch, as float32."""
    import jax.numpy as jnp

    x = samples()[0]
    model = compiled()
    rounded = np.asarray(jnp.asarray(x, jnp.bfloat16).astype(jnp.float32))
    np.testing.assert_array_equal(model.predict(jnp.asarray(x, jnp.bfloat16)), model.predict(rounded))

    class BFloat(Tensor):
        def detach(self) -> BFloat:
            return BFloat(self.array, dtype="torch.bfloat16")

        def float(self) -> Tensor:
            return Tensor(self.array, attached=False)

    np.testing.assert_array_equal(model.predict(BFloat(x)), model.predict(x))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (lambda x: np.ma.masked_array(x, x > 3), "masked array"),
        (lambda x: [[1.0, 2.0, 3.0], [1.0, 2.0]], "cannot make a NumPy array of builtins.list.*as long as one another"),
        (lambda x: x.astype(complex), "expected numbers, got dtype complex"),
        (lambda x: x.astype(str), "expected numbers, got dtype"),
        (lambda x: "images/", "expected arrays, a sequence of batches or a generator, got str"),
        (lambda x: b"images/", "got bytes"),
        (lambda x: 3, "got int"),
        (lambda x: None, "got NoneType"),
        (lambda x: np.float32(3), "got a single number"),
        (lambda x: [], "the data are empty"),
        (lambda x: {}, "the data are empty|expected inputs named"),
        (lambda x: Sequence(x[:0]), "the data are empty"),
        (lambda x: Own(x[:0]), "the data are empty"),
        (lambda x: iter([]), "after 0 batches"),
    ],
)
@pytest.mark.parametrize("use", ["fit", "evaluate", "predict"])
def test_what_is_no_data(use: str, given: Any, expected: str) -> None:
    x, y, _ = samples()
    data = given(x)
    labels = [y[: len(x)]] if use != "predict" and (isinstance(data, np.ndarray)) and data.ndim else []
    with pytest.raises(tinyseg.InvalidInput) as caught:
        getattr(compiled(), use)(data, *labels)
    assert re.search(expected, str(caught.value)), caught.value


def test_real_pytorch_gives_the_same() -> None:
    torch = pytest.importorskip("torch")
    x, y, weight = samples()
    tensors = [torch.from_numpy(array) for array in (x, y, weight)]
    expected = fit(NUMPY, y, sample_weight=weight)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*tensors), batch_size=SIZE)
    for data in (loader, list(loader)):
        model = compiled()
        model.fit(data, epochs=2, verbose=0)
        assert_same_arrays(weights_of(model), weights_of(expected[0]))
    model = compiled()
    model.fit(tensors[0].requires_grad_(), tensors[1], SIZE, 2, 0, shuffle=False, sample_weight=tensors[2])
    assert_same_arrays(weights_of(model), weights_of(expected[0]))


# Values that no argument has ------------------------------------------------------------------------------------------

COUNTS = [0, -1, True, 1.5, 2.0, "8", float("nan"), float("inf"), [1], None]
BAD: list[tuple[str, str, Any]] = [
    *(("fit", name, value) for name in ("batch_size", "steps_per_epoch", "validation_steps",
        "validation_batch_size") for value in COUNTS[:-1]),
    *(("fit", "epochs", value) for value in COUNTS[1:]),
    *(("fit", "initial_epoch", value) for value in COUNTS[1:]),
    *(("fit", "validation_freq", value) for value in [*COUNTS[:-2], [0], [1.5], ["1"], None]),
    *(("fit", "validation_split", value) for value in [1.0, 1.5, -0.1, True, "0.2", float("nan"), [0.2]]),
    *(("fit", "shuffle", value) for value in ["batch", 2, 0.5]),
    *(("fit", "verbose", value) for value in ["loud", 3, -1, None, 0.5]),
    *(("fit", "callbacks", value) for value in [print, "early", Callback, [Callback(), 3]]),
    *(("fit", "class_weight", value) for value in [
        {0: float("nan")}, {1: float("inf")}, {0: -1.0}, {"0": 2.0}, {0.5: 2.0}, {7: 2.0}, {-1: 2.0}, {0: "a"}, 3,
        "balanced", [1.0, 2.0, 3.0],
    ]),
    *(("fit", "sample_weight", value) for value in [np.full(SAMPLES, np.nan), np.full(SAMPLES, "a"),
        np.ones(SAMPLES, complex), np.ones(3), 2.0]),
    *(("fit", "validation_data", value) for value in [(1, 2, 3, 4), ()]),
    *(("evaluate", name, value) for name in ("batch_size", "steps") for value in COUNTS[:-1]),
    *(("evaluate", "verbose", value) for value in ["loud", 3]),
    *(("evaluate", "callbacks", value) for value in [print, [3]]),
    *(("predict", name, value) for name in ("batch_size", "steps") for value in COUNTS[:-1]),
    *(("predict", "verbose", value) for value in ["loud", 3]),
    *(("predict", "callbacks", value) for value in [print, [3]]),
    *(("train_on_batch", "class_weight", value) for value in [{0: float("nan")}, {"a": 1.0}, {9: 1.0}]),
    *(("train_on_batch", "sample_weight", value) for value in [np.full(SAMPLES, np.inf), np.full(SAMPLES, "a")]),
    *(("test_on_batch", "sample_weight", value) for value in [np.full(SAMPLES, np.nan)]),
    *((use, "epoch", 3) for use in ("fit", "evaluate", "predict")),
    *((use, "workers", 4) for use in ("fit", "evaluate", "predict")),
]  # fmt: skip


@pytest.mark.parametrize(("use", "argument", "value"), BAD, ids=lambda v: str(v)[:30])
def test_bad_values_are_refused_by_name_and_change_nothing(use: str, argument: str, value: Any) -> None:
    x, y, _ = samples()
    model = compiled()
    before = weights_of(model)
    data = (x,) if use == "predict" else (x, y)
    options: dict[str, Any] = {"verbose": 0} if use == "fit" and argument != "verbose" else {}
    if argument.startswith("validation") and argument not in ("validation_data", "validation_split"):
        options["validation_data"] = (x, y)
    with pytest.raises(tinyseg.InvalidInput, match=argument):
        getattr(model, use)(*data, **options, **{argument: value})
    assert_same_arrays(weights_of(model), before)
    assert model.optimizer.iterations == 0


@pytest.mark.parametrize("count", [np.int64(2), np.uint8(2), 2])
def test_integers_of_numpy_are_integers(count: Any) -> None:
    x, y, _ = samples()
    model = compiled()
    model.fit(x, y, batch_size=count, epochs=count, steps_per_epoch=count, shuffle=False, verbose=0)
    assert model.seen == [[0, 1], [2, 3], [4, 5], [6, 7]]


@pytest.mark.parametrize("weights", [[2.0, 0.5], np.array([2.0, 0.5]), {0: 2, 1: 0.5}, {np.int64(0): 2.0, 1: 0.5}])
def test_class_weight_as_list_or_dict(weights: Any) -> None:
    _, y, _ = samples()
    same(fit(NUMPY, y, class_weight=weights), fit(NUMPY, y, class_weight={0: 2.0, 1: 0.5}))


# What comes along with numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
@pytest.mark.parametrize("where", ["x", "y", "sample_weight"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300, -1e300])
def test_numbers_that_are_infinite_in_the_models_dtype(use: str, where: str, value: float) -> None:
    """1e300 is finite in float64, and infinite in the float32 of the model.

    Like NaN it is refused before anything changes.
    """
    rng = np.random.default_rng(0)
    parts = {"x": rng.standard_normal((6, 3)), "y": rng.standard_normal((6, 2)), "sample_weight": np.ones((6,))}
    parts[where][4, ...] = value
    inputs = Input((3,))
    model = Model(inputs, Dense(2)(inputs))
    model.compile("adam", "mse")
    before = weights_of(model)
    options = {"shuffle": False, "verbose": 0} if use == "fit" else {}
    expected = "NaN or infinity" if not np.isfinite(value) else f"{value!s}, which is infinite in float32"
    with pytest.raises(tinyseg.InvalidInput, match=re.escape(f"{expected} (first in sample 4 of a batch)")):
        getattr(model, use)(parts["x"], parts["y"], sample_weight=parts["sample_weight"], **options)
    assert_same_arrays(weights_of(model), before)


def test_large_numbers_are_finite_in_a_model_of_float64() -> None:
    inputs = Input((3,), dtype="float64")
    model = Model(inputs, Dense(2)(inputs))
    model.compile("sgd", "mae")
    assert np.isfinite(model.evaluate(np.full((4, 3), 1e300), np.zeros((4, 2))))


def test_float64_whose_sum_alone_overflows_in_float32() -> None:
    model = Model(*(lambda i: (i, Flatten()(i)))(Input((3,))))
    model.compile("sgd", "mae")
    x = np.full((4, 3), 3e38)
    assert model.evaluate(x, x) == 0.0


@pytest.mark.parametrize("shape", [(8,), (8, 1), (8, 1, 1), (8, 8), (8, 8, 8), (8, 8, 8, 1)])
@pytest.mark.parametrize("class_weight", [None, {1: 2.0}])
def test_weights_count_from_the_left_even_when_all_axes_are_equal(shape: tuple[int, ...], class_weight: Any) -> None:
    """N = H = W: weights (N,) weigh images. Keras weighs columns."""
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((8, 8, 8, 1)).astype(np.float32), rng.integers(0, 2, (8, 8, 8))
    weight = rng.uniform(0, 2, shape)
    inputs = Input((8, 8, 1))
    model = Model(inputs, Conv2D(2, 1, activation="softmax")(inputs))
    model.compile(tinyseg.optimizers.SGD(0.0), "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    full = np.broadcast_to(weight.reshape(shape[:3] + (1,) * (3 - len(shape[:3]))), (8, 8, 8)).astype(np.float64)
    if class_weight:
        full = full * np.where(y == 1, 2.0, 1.0)
    p = model.predict(x).astype(np.float64)
    losses = -np.log(np.take_along_axis(p, y[..., None], -1)[..., 0])
    right = p.argmax(-1) == y
    expected = {"loss": (losses * full).mean(), "accuracy": (right * full).sum() / full.sum()}
    logs = model.train_on_batch(x, y, weight, class_weight, return_dict=True)
    assert logs == pytest.approx(expected, rel=1e-5)


def test_one_array_of_weights_is_for_all_outputs() -> None:
    x, _, weight = samples()
    inputs = Input((3,))
    model = Model(inputs, [Dense(2, name="a")(inputs), Dense(1, name="b")(inputs)])
    model.compile("sgd", ["mse", "mse"])
    y = [np.ones((SAMPLES, 2)), np.zeros((SAMPLES, 1))]
    assert model.evaluate(x, y, sample_weight=weight) == model.evaluate(x, y, sample_weight=[weight, weight])
    assert model.evaluate(x, y, sample_weight=weight) != model.evaluate(x, y)


# Memory ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        tinyseg.layers.Reshape((3, 2, 4)), Flatten(), tinyseg.layers.Activation("linear"), tinyseg.layers.Dropout(0.5),
        tinyseg.layers.ZeroPadding2D(0), tinyseg.layers.Cropping2D(0),
    ],
    ids=lambda layer: type(layer).__name__,
)  # fmt: skip
@pytest.mark.parametrize("view", [False, True])
def test_outputs_are_not_the_callers_memory(layer: Any, view: bool) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 4, 3, 2)).astype(np.float32)
    x = x[1:] if view else x
    before = x.copy()
    model = Sequential([Input((4, 3, 2)), layer])
    for output in (layer(x), model(x), model.predict_on_batch(x), model.predict(x)):
        assert not np.shares_memory(output, x)
        assert output.flags.writeable
        output[...] = 7.0
        np.testing.assert_array_equal(x, before)
