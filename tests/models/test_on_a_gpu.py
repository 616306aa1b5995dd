"""Whole trainings on the GPU backends, emulated where there is no GPU.

The same numbers as on the CPU, and nothing that crosses without need.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.host.hostcupy import MEMORY, TRANSFERS, limited_memory
from tinyseg_kernels.backend import GPU_BACKENDS, backend
from tinyseg_kernels.device import is_device_array, to_device, to_host

from tests.kernels.backends import BACKENDS, EMULATED, choose
from tests.models.networks import CLASSES, IMAGE, classifier, images, masks, segmenter
from tinyseg import layers
from tinyseg.applications import UNet
from tinyseg.callbacks import Callback, EarlyStopping
from tinyseg.losses import SparseCategoricalCrossentropy
from tinyseg.metrics import Dice, MeanIoU
from tinyseg.models import Model, load_model
from tinyseg.models.out_of_memory import DeviceOutOfMemory
from tinyseg.optimizers import SGD, Adam, RMSprop
from tinyseg.utils import set_random_seed

HERE = tuple(name for name in GPU_BACKENDS if name in BACKENDS)
emulated_only = pytest.mark.skipif(not EMULATED or "cupy" not in HERE, reason="counts what the emulated device does")


@pytest.fixture(params=HERE)
def gpu(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test on each GPU backend."""
    with choose(request.param):
        yield request.param


@pytest.fixture
def cupy_emulated() -> Iterator[None]:
    """Run the test on the emulated CuPy backend."""
    with backend("cupy", emulate=True):
        yield


def everything(dtype: str) -> Model:
    """A small network with every kind of layer that computes, and connections across."""
    inputs = layers.Input((8, 8, 3), dtype=dtype, name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(inputs)
    x = layers.BatchNormalization(name="norm", momentum=0.8)(x)
    across = x = layers.LeakyReLU(0.1, name="leaky")(x)
    x = layers.MaxPooling2D(name="pool")(x)
    x = layers.SeparableConv2D(6, 3, padding="same", name="separable")(x)
    x = layers.Dropout(0.25, seed=5, name="drop")(x)
    x = layers.Add(name="add")([x, layers.Activation("tanh", name="tanh")(x)])
    x = layers.AveragePooling2D(name="average")(x)
    x = layers.UpSampling2D(2, interpolation="bilinear", name="bilinear")(x)
    x = layers.Conv2DTranspose(4, 2, strides=2, name="up")(x)
    x = layers.Concatenate(name="join")([x, across])
    x = layers.Cropping2D(1, name="crop")(layers.ZeroPadding2D(1, name="pad")(x))
    pooled = layers.GlobalAveragePooling2D(keepdims=True, name="global")(x)
    gate = layers.UpSampling2D(8, name="gate")(layers.Dense(8, activation="sigmoid", name="dense")(pooled))
    x = layers.Concatenate(name="gated")([x, gate])
    return Model(inputs, layers.Conv2D(CLASSES, 1, activation="softmax", name="top")(x), name="everything")


def data(count: int) -> tuple[Any, Any]:
    """Draw images (N, 8, 8, 3) and masks."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((count, 8, 8, 3))
    return x, (x[..., 0] > 0).astype(np.int64) + (x[..., 1] > 0.5)


def trained(
    build: Callable[[], Model], x: Any, y: Any, optimizer: Any, **fit: Any
) -> tuple[Model, dict[str, list[float]]]:
    """Train a network from one seed; returns it with its history."""
    set_random_seed(11)
    model = build()
    model.compile(
        optimizer, "sparse_categorical_crossentropy", metrics=["accuracy", MeanIoU(CLASSES), Dice(CLASSES, name="dice")]
    )
    history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, **fit)
    return model, history.history


OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "adam": lambda: Adam(0.01, weight_decay=0.01),
    "sgd": lambda: SGD(0.05, momentum=0.9, nesterov=True, clipnorm=1.0),
    "rmsprop": lambda: RMSprop(0.01, centered=True, momentum=0.5, clipvalue=0.1),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-4)])
def test_training_gives_the_cpus_numbers(gpu: str, dtype: str, tolerance: float, optimizer: str) -> None:
    """Losses, metrics, predictions and all weights after three steps, the last on a smaller batch."""
    if gpu == "numba-cuda" and EMULATED and (dtype, optimizer) != ("float32", "adam"):
        pytest.skip("the simulator is slow: one combination")
    x, y = data(6)
    options = {"validation_data": data(3)}
    model, history = trained(lambda: everything(dtype), x, y, OPTIMIZERS[optimizer](), **options)
    predicted = model.predict(x)
    assert isinstance(predicted, np.ndarray)
    assert all(is_device_array(a) for a in model.parameters.values())
    with backend("numpy"):
        expected_model, expected = trained(lambda: everything(dtype), x, y, OPTIMIZERS[optimizer](), **options)
        np.testing.assert_allclose(predicted, expected_model.predict(x), rtol=0, atol=tolerance)
    assert history.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=tolerance, atol=tolerance, err_msg=name)
    for name, weight in zip(model.parameters, model.get_weights(), strict=False):
        assert weight.dtype == dtype, name
    for own, other in zip(model.get_weights(), expected_model.get_weights(), strict=True):
        np.testing.assert_allclose(own, other, rtol=0, atol=tolerance * max(1.0, np.abs(other).max()))


def test_images_that_are_on_the_device_already_give_the_same_training(cupy_emulated: None) -> None:
    """They are shuffled there; labels stay on the host, where they are checked."""
    x, y = data(6)
    expected, history = trained(lambda: everything("float64"), x, y, Adam(0.01))
    model, there = trained(lambda: everything("float64"), to_device(x), y, Adam(0.01))
    assert there == history
    for own, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)


def test_a_u_net_with_void_pixels_learns(gpu: str) -> None:
    """Ignored pixels, class weights and logits, from a U-Net of one level."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4, 8, 8, 1)).astype(np.float32)
    y = (x[..., 0] > 0).astype(np.uint8)
    y[rng.random(y.shape) < 0.2] = 255
    set_random_seed(1)
    model = UNet((8, 8, 1), classes=2, filters=4, depth=1, classifier_activation=None)
    loss = SparseCategoricalCrossentropy(from_logits=True, ignore_class=255, class_weight=[1.0, 2.0])
    model.compile(Adam(0.02), loss, metrics=[MeanIoU(2, ignore_class=255)])
    epochs = 3 if gpu == "numba-cuda" and EMULATED else 12
    history = model.fit(x, y, batch_size=4, epochs=epochs, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] * 0.9
    assert all(np.isfinite(values).all() for values in history.values())


def test_two_runs_give_the_same_bits(gpu: str) -> None:
    if gpu == "numba-cuda" and EMULATED:
        pytest.skip("the simulator runs threads in one order; the kernels' own tests compare orders")
    x, y = data(4)
    first, second = (trained(lambda: everything("float32"), x, y, Adam(0.01))[0].get_weights() for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@emulated_only
def test_nothing_crosses_but_the_batch_and_what_is_printed(cupy_emulated: None) -> None:
    x, y = images(8)
    model = classifier(dropout=0.3)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy", MeanIoU(CLASSES)])
    model.fit(x, y, batch_size=4, verbose=0)  # creates what is created once
    TRANSFERS.reset()
    model.fit(x, y, batch_size=4, epochs=1, verbose=0)
    steps, arrays = 2, 2
    assert TRANSFERS.to_device_bytes <= x.nbytes + 2 * y.nbytes + 4096, "labels may go up as they are and as class ids"
    assert TRANSFERS.to_device <= steps * (arrays + 4)
    # Loss and two metrics of the epoch: a few numbers and a confusion matrix, however many steps there were.
    few = TRANSFERS.to_host
    assert few <= 6
    assert TRANSFERS.to_host_bytes <= 8 * (CLASSES**2 + 5)
    TRANSFERS.reset()
    model.fit(np.tile(x, (4, 1, 1, 1)), np.tile(y, 4), batch_size=4, epochs=1, verbose=0)
    assert TRANSFERS.to_host == few


@emulated_only
def test_a_callback_that_reads_the_logs_of_every_step_gets_them(cupy_emulated: None) -> None:
    seen: list[dict[str, float]] = []

    class Watching(Callback):
        def on_train_batch_end(self, batch: int, logs: Any) -> None:
            seen.append(dict(logs))

    x, y = images(12)
    model = classifier()
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=4, verbose=0, callbacks=[Watching()]).history
    assert [set(logs) for logs in seen] == [{"loss", "accuracy"}] * 3
    assert len({logs["loss"] for logs in seen}) == 3
    assert seen[-1]["loss"] == history["loss"][0]


def test_a_model_goes_to_a_file_and_back_on_either_device(gpu: str, tmp_path: Path) -> None:
    x, y = images(8)
    model = classifier()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=4, verbose=0)
    path = tmp_path / "model.safetensors"
    model.save(path)
    expected = model.predict(x)
    with backend("numpy"):
        on_cpu = load_model(path)
        np.testing.assert_allclose(on_cpu.predict(x), expected, atol=1e-5)
        on_cpu.fit(x, y, batch_size=4, verbose=0)
        on_cpu.save(path)
        further = on_cpu.predict(x)
    again = load_model(path)
    np.testing.assert_allclose(again.predict(x), further, atol=1e-5)
    again.fit(x, y, batch_size=8, verbose=0)  # the optimizer's slots came with it
    model.load_weights(path)
    np.testing.assert_allclose(model.predict(x), further, atol=1e-5)


def test_switching_the_backend_moves_the_model(gpu: str) -> None:
    x, y = images(4)
    model = classifier()
    model.compile("adam", "sparse_categorical_crossentropy")
    with backend("numpy"):
        model.fit(x, y, verbose=0)
        before = model.predict(x)
    np.testing.assert_allclose(model.predict(x), before, atol=1e-5)
    model.fit(x, y, verbose=0)
    with backend("numpy"):
        model.fit(x, y, verbose=0)
        assert not any(is_device_array(a) for a in model.parameters.values())


def test_the_best_weights_come_back(gpu: str) -> None:
    x, y = images(6)
    model = classifier()
    model.compile(SGD(5.0), "sparse_categorical_crossentropy")
    stop = EarlyStopping("loss", patience=1, restore_best_weights=True)
    model.fit(x, y, epochs=4, verbose=0, callbacks=[stop])
    assert stop.best_weights is not None
    for own, best in zip(model.get_weights(), stop.best_weights, strict=True):
        np.testing.assert_array_equal(own, best)


def test_batches_made_on_the_device_and_layers_called_there(gpu: str) -> None:
    x, y = masks(4)
    model = segmenter()
    model.compile("adam", "sparse_categorical_crossentropy")
    there = to_device(x)
    first = model.train_on_batch(there, y)
    assert isinstance(first, float)
    output = model(there)
    assert is_device_array(output)
    np.testing.assert_allclose(to_host(output), model.predict(x), atol=1e-6)
    assert is_device_array(layers.Conv2D(2, 3)(x))


@emulated_only
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_out_of_memory_names_a_batch_size_that_fits(cupy_emulated: None, dropout: float) -> None:
    set_random_seed(2)
    x = np.random.default_rng(0).standard_normal((64, *IMAGE)).astype(np.float32)
    y = np.random.default_rng(1).integers(0, CLASSES, 64)
    model = classifier(dropout=dropout)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.train_on_batch(x[:1], y[:1])
    before = {name: to_host(array.copy()) for name, array in model.parameters.items()}
    gc.collect()
    with limited_memory(MEMORY.used + 200_000):
        with pytest.raises(
            DeviceOutOfMemory, match=r"a batch of 64 does not fit into the device's memory; batch_size=\d+ would fit"
        ) as caught:
            model.fit(x, y, batch_size=64, verbose=0)
        fits = int(str(caught.value).partition("batch_size=")[2].split()[0])
        assert 2 <= fits < 64
        for name, kept in before.items():  # nothing was learnt; moving averages may have seen the batch
            np.testing.assert_array_equal(to_host(model.parameters[name]), kept)
        model.fit(x[: 2 * fits], y[: 2 * fits], batch_size=fits, verbose=0)
        with pytest.raises(DeviceOutOfMemory):
            model.fit(x, y, batch_size=min(2 * fits, 64), verbose=0)


@emulated_only
def test_out_of_memory_for_one_sample_says_so(cupy_emulated: None) -> None:
    x, _ = images(4)
    model = classifier()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.to_backend()
    gc.collect()
    with limited_memory(MEMORY.used + 2_000), pytest.raises(DeviceOutOfMemory, match="not even one sample does"):
        model.predict(x)
