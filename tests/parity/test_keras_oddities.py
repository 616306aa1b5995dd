"""The rows of the last table of docs/keras.md: what Keras does is reproduced, and tinyseg does what the table says."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

import tinyseg
from tests.parity.keras_oddities import ODDITIES
from tinyseg import InvalidInput, callbacks, layers, losses, metrics, optimizers
from tinyseg.utils.keras_names import VERSION

pytestmark = pytest.mark.skipif(keras.__version__ != VERSION, reason=f"what Keras does was seen in {VERSION}")


@pytest.fixture(autouse=True)
def _keras_may_warn() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_every_row_has_its_test() -> None:
    tests = [name for name in globals() if name.startswith("test_") and name != "test_every_row_has_its_test"]
    assert len(tests) == len(ODDITIES)


def test_alpha_of_tversky() -> None:
    truth, found = np.array([[1.0, 1.0, 0.0, 0.0]]), np.array([[1.0, 0.0, 0.0, 0.0]])  # one missed
    assert "alpha: The coefficient controlling incidence of false positives" in str(keras.losses.Tversky.__doc__)
    for made in (keras.losses.Tversky, losses.Tversky):
        assert float(made(alpha=1.0, beta=0.0)(truth, found)) == pytest.approx(0.5, abs=1e-6)
        assert float(made(alpha=0.0, beta=1.0)(truth, found)) == pytest.approx(0.0, abs=1e-6)
    assert "alpha weighs what was missed" in str(losses.Tversky.__doc__)


def test_delta_of_a_saved_huber() -> None:
    t, p = np.array([[0.0]]), np.array([[3.0]])
    for module, expected in ((keras.losses, 2.5), (losses, 4.0)):
        loss = module.Huber(delta=2.0)
        assert float(loss(t, p)) == 4.0
        assert float(module.Huber.from_config(loss.get_config())(t, p)) == expected


def test_focal_loss_of_a_confident_mistake() -> None:
    import jax

    z = np.array([[-20.0]], np.float32)
    theirs = jax.grad(lambda z: keras.losses.BinaryFocalCrossentropy(from_logits=True)(np.ones((1, 1)), z))(z)
    assert abs(float(theirs[0, 0])) < 1e-6
    ours = losses.BinaryFocalCrossentropy(from_logits=True)
    assert ours.backward(1.0, ours.forward(np.ones((1, 1)), z)[1])[0, 0] == pytest.approx(-1, abs=1e-5)


def test_ignored_positions_of_the_metric_cross_entropy() -> None:
    t, p = np.array([0, 1, 1]), np.array([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]])
    theirs = keras.metrics.SparseCategoricalCrossentropy(ignore_class=1)
    theirs.update_state(t, p)
    assert float(theirs.result()) == pytest.approx(np.log(2) / 3, rel=1e-6)
    assert float(keras.losses.SparseCategoricalCrossentropy(ignore_class=1)(t, p)) == pytest.approx(np.log(2), rel=1e-6)
    assert metrics.SparseCategoricalCrossentropy(ignore_class=1)(t, p) == pytest.approx(np.log(2), rel=1e-6)


def test_the_name_l1_l2() -> None:
    assert "kernel_regularizer='l1_l2'" in str(keras.regularizers.L1L2.__doc__)
    with pytest.raises(ValueError, match="Could not interpret regularizer identifier"):
        keras.regularizers.get("l1_l2")
    assert isinstance(tinyseg.regularizers.get("l1_l2"), tinyseg.regularizers.L1L2)


def test_auc_of_scores_above_one() -> None:
    theirs = keras.metrics.AUC()
    theirs.update_state(np.array([0, 1]), np.array([5.0, 7.0]))
    assert float(theirs.result()) == 0.5
    with pytest.raises(InvalidInput, match="from_logits=True"):
        metrics.AUC().update_state([0, 1], [5.0, 7.0])


def test_float_weights_of_mean_iou() -> None:
    t, p, w = [0, 1, 1, 0], [0, 1, 0, 1], [0.5] * 4
    theirs = keras.metrics.MeanIoU(2)
    theirs.update_state(t, p, sample_weight=w)
    assert float(theirs.result()) == 0.0
    ours = metrics.MeanIoU(2)
    ours.update_state(np.array(t), np.array(p), sample_weight=np.array(w))
    assert ours.result() == pytest.approx(1 / 3)


def test_predictions_out_of_range() -> None:
    theirs = keras.metrics.MeanIoU(2)
    theirs.update_state([0, 1, 1, 0], [0, 1, 5, 1])
    assert np.asarray(theirs.total_cm).sum() == 3
    with pytest.raises(InvalidInput, match="5"):
        metrics.MeanIoU(2).update_state(np.array([0, 1, 1, 0]), np.array([0, 1, 5, 1]))


def test_mean_iou_of_a_sigmoid() -> None:
    t, p = np.array([[0], [1]]), np.array([[0.2], [0.9]], np.float32)
    theirs = keras.metrics.MeanIoU(2)
    theirs.update_state(t, p)
    assert np.asarray(theirs.total_cm).tolist() == [[1, 0], [1, 0]]
    ours = metrics.MeanIoU(2)
    ours.update_state(t, p)
    assert ours.result() == 1.0


def test_weights_of_images() -> None:
    rng = np.random.default_rng(0)
    y, p = (rng.random((3, 2, 3, 1)) > 0.5).astype(np.float32), rng.random((3, 2, 3, 1), dtype=np.float32)
    w = np.array([1, 0, 0], np.float32)
    each = -(y * np.log(p) + (1 - y) * np.log(1 - p))[..., 0]
    theirs = float(keras.losses.BinaryCrossentropy()(y, p, sample_weight=w))
    assert theirs == pytest.approx((each * w[None, None, :]).mean(), rel=1e-5)
    assert losses.BinaryCrossentropy()(y, p, w) == pytest.approx((each * w[:, None, None]).mean(), rel=1e-5)
    with pytest.raises(ValueError, match="shapes"):
        keras.losses.BinaryCrossentropy()(np.ones((3, 2, 4, 1)), np.ones((3, 2, 4, 1)), sample_weight=np.ones(3))


def test_class_weights_of_masks() -> None:
    def trained(package: Any) -> Any:
        i = package.layers.Input((4, 4, 1))
        model = package.models.Model(i, package.layers.Conv2D(2, 1, activation="softmax")(i))
        model.compile("sgd", "sparse_categorical_crossentropy")
        x, y = np.zeros((8, 4, 4, 1), np.float32), np.zeros((8, 4, 4), int)
        return model.fit(x, y, class_weight={0: 2.0, 1: 1.0}, verbose=0, shuffle=False).history["loss"][0]

    with pytest.raises(TypeError):
        trained(keras)
    assert trained(tinyseg) == pytest.approx(2 * np.log(2), rel=0.02)  # both classes are as likely at first


@pytest.mark.parametrize("label", [-1, 3])
def test_class_ids_out_of_range(label: int) -> None:
    p = np.array([[0.2, 0.3, 0.5]], np.float32)
    assert float(keras.losses.SparseCategoricalCrossentropy()(np.array([label]), p)) == 0
    with pytest.raises(InvalidInput, match=f"got {label} at index"):
        losses.SparseCategoricalCrossentropy()(np.array([label]), p)


def test_to_categorical_of_a_negative_id() -> None:
    assert keras.utils.to_categorical([-1], 2).tolist() == [[0, 1]]
    with pytest.raises(InvalidInput, match="from -1"):
        tinyseg.utils.to_categorical([-1], 2)


def test_to_categorical_of_a_fraction() -> None:
    assert keras.utils.to_categorical([1.2], 2).tolist() == [[0, 1]]
    with pytest.raises(InvalidInput, match="whole numbers"):
        tinyseg.utils.to_categorical([1.2], 2)


def test_labels_of_255() -> None:
    y, p = np.array([[255.0]], np.float32), np.array([[0.9]], np.float32)
    assert float(keras.losses.BinaryCrossentropy()(y, p)) < 0
    with pytest.raises(InvalidInput, match="y / 255"):
        losses.BinaryCrossentropy()(y, p)


def test_softmax_over_one_channel() -> None:
    def chain(package: Any) -> Any:
        return package.Sequential([package.layers.Input((3,)), package.layers.Dense(1, activation="softmax")])

    theirs = chain(keras)
    theirs.compile("sgd", "binary_crossentropy")
    history = theirs.fit(np.ones((4, 3)), np.zeros((4, 1)), epochs=2, verbose=0).history["loss"]
    assert history[0] == history[1]
    with pytest.warns(UserWarning, match="always 1.*sigmoid"):
        ours = chain(tinyseg)
    with pytest.raises(InvalidInput, match="softmax over one channel is always 1"):
        ours.compile("sgd", "binary_crossentropy")


def test_values_that_cannot_work() -> None:
    keras.layers.Dense(True)
    keras.layers.Dense(2, use_bias="no")
    keras.layers.BatchNormalization(momentum=1.5)
    keras.callbacks.EarlyStopping(patience=-1)
    keras.optimizers.Adam(float("nan"))
    for make in (
        lambda: layers.Dense(True),
        lambda: layers.Dense(2, use_bias="no"),
        lambda: layers.BatchNormalization(momentum=1.5),
        lambda: callbacks.EarlyStopping(patience=-1),
        lambda: optimizers.Adam(float("nan")),
    ):
        with pytest.raises(InvalidInput):
            make()


def test_decay() -> None:
    keras.optimizers.SGD(decay=1e-3)
    with pytest.raises(InvalidInput, match="InverseTimeDecay"):
        optimizers.SGD(decay=1e-3)


def test_noise_shape() -> None:
    with pytest.raises((ValueError, TypeError)):
        keras.layers.Dropout(0.5, 7)(np.ones((2, 3), np.float32), training=True)
    with pytest.raises(InvalidInput, match="noise_shape=7"):
        layers.Dropout(0.5, 7)


def test_all_zero_rows() -> None:
    y, p = np.zeros((1, 3), np.float32), np.array([[0.2, 0.3, 0.5]], np.float32)
    assert float(keras.losses.CategoricalCrossentropy()(y, p)) == 0
    loss = losses.CategoricalCrossentropy()
    value, cache = loss.forward(y, p)
    assert value == 0
    assert not loss.backward(1.0, cache).any()


def test_dice_of_an_empty_image() -> None:
    empty = np.zeros((1, 4, 4, 1), np.float32)
    assert float(keras.losses.Dice()(empty, empty)) == 1.0
    loss = losses.Dice()
    value, cache = loss.forward(empty, empty)
    assert value == 1.0
    assert not loss.backward(1.0, cache).any()
    metric = metrics.Dice(2)
    metric.update_state(empty[..., 0].astype(int), empty[..., 0].astype(int))
    assert metric.result() == 1.0
