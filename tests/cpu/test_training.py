"""Whole training steps: memory that nobody has written is never read, the same bits each time, and memory does not
grow.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import backend
from tinyseg_kernels.conv2d import numba_cpu
from tinyseg_kernels.cpu.memory import buffers
from tinyseg_kernels.cpu.threading.threads import set_num_threads
from tinyseg_kernels.cpu.vectors import reductions

from tests.utils.processes import run_python
from tinyseg import layers
from tinyseg.applications import UNet
from tinyseg.models import Model
from tinyseg.optimizers import SGD, Adam, Optimizer, RMSprop
from tinyseg.utils import floatx, set_floatx, set_random_seed


@pytest.fixture(autouse=True)
def _numba() -> Iterator[None]:
    with backend("numba"):
        yield


def network(size: int = 36, last: str = "softmax") -> Model:
    """Make a network with nearly every layer there is; sizes that no block or vector divides are among them."""
    x = inputs = layers.Input((size, size, 3))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    skip = x = layers.BatchNormalization()(layers.Conv2D(16, 3, padding="same")(x))
    x = layers.MaxPooling2D(2)(layers.LeakyReLU()(x))
    x = layers.SeparableConv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2)(x)
    x = layers.Dropout(0.3)(layers.Conv2D(24, 3, padding="same", dilation_rate=2, activation="tanh")(x))
    x = layers.AveragePooling2D(3, strides=1, padding="same")(x)
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = layers.Conv2DTranspose(16, 2, strides=2)(x)
    x = layers.Concatenate()([layers.Cropping2D(1)(layers.ZeroPadding2D(1)(x)), skip])
    x = layers.Conv2D(20, 1, activation="relu")(x)
    return Model(inputs, layers.Conv2D(5, 1, activation=last)(x))


def train(
    steps: int, loss: str = "sparse_categorical_crossentropy", optimizer: Optimizer | None = None
) -> tuple[bytes, list[float]]:
    """Train from the same beginning; return the bits of all weights, and the losses."""
    set_random_seed(3)
    rng = np.random.default_rng(5)
    x = rng.standard_normal((2 * steps, 36, 36, 3)).astype(np.float32)
    y = rng.integers(0, 5, (2 * steps, 36, 36))
    target = y if loss.startswith("sparse") else np.eye(5, dtype=np.float32)[y]
    model = network(last="sigmoid" if loss.startswith("binary") else "softmax")
    model.compile(optimizer or Adam(1e-3, clipnorm=1.0), loss, metrics=["accuracy"])
    history = [model.train_on_batch(x[k : k + 2], target[k : k + 2]) for k in range(0, 2 * steps, 2)]
    weights = b"".join(np.ascontiguousarray(w).tobytes() for w in model.get_weights())
    return weights, [float(np.ravel(h if not isinstance(h, dict) else h["loss"])[0]) for h in history]


@pytest.mark.parametrize(
    ("loss", "optimizer"),
    [
        ("sparse_categorical_crossentropy", lambda: Adam(1e-3, clipnorm=1.0)),
        ("categorical_crossentropy", lambda: RMSprop(1e-3, momentum=0.9, centered=True)),
        ("binary_crossentropy", lambda: SGD(0.01, momentum=0.9, nesterov=True, global_clipnorm=1.0)),
        ("mse", lambda: SGD(0.01, clipvalue=0.1)),
        ("mae", lambda: RMSprop(1e-3)),
        ("dice", lambda: Adam(1e-3)),
    ],
    ids=["sparse", "one-hot", "binary", "squared", "absolute", "dice"],
)
def test_poisoned_memory_changes_no_bit(loss: str, optimizer: object) -> None:
    results = []
    for poisoned in (False, True, False):
        buffers.poison(poisoned)
        results.append(train(3, loss, optimizer()))  # type: ignore[operator]
    assert all(np.isfinite(results[0][1]))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("threads", [1, 3])
def test_the_same_number_of_threads_gives_the_same_bits(threads: int) -> None:
    set_num_threads(threads)
    assert train(2) == train(2)


def test_another_number_of_threads_gives_nearly_the_same() -> None:
    losses = []
    for threads in (1, 2, 4):
        set_num_threads(threads)
        losses.append(train(3)[1])
    np.testing.assert_allclose(losses[1:], [losses[0]] * 2, rtol=1e-4)


def test_float64_takes_the_exact_way_of_numpy() -> None:
    """All layers, forward and backward, and the optimizer: the same bits as on NumPy's backend."""
    before = floatx()
    set_floatx("float64")
    try:
        compiled = train(3)
        with backend("numpy"):
            exact = train(3)
    finally:
        set_floatx(before)
    assert compiled == exact


@pytest.mark.parametrize("threads", [1, 2])
def test_two_threads_train_at_the_same_time(threads: int) -> None:
    """Who finds the team of threads busy computes alone: the same bits with one thread.

    With two, sums may be added up in another order.
    """
    set_num_threads(threads)
    models = []
    for _ in range(3):
        set_random_seed(3)
        models.append(network())
        models[-1].compile(SGD(0.01), "mse")
    rng = np.random.default_rng(5)
    x = rng.standard_normal((2, 36, 36, 3)).astype(np.float32)
    y = rng.random((2, 36, 36, 5)).astype(np.float32)

    def losses(model: Model) -> list[float]:
        with backend("numba"):
            return [float(model.train_on_batch(x, y)) for _ in range(10)]

    expected = losses(models[0])
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(losses, models[1:], timeout=120))
    np.testing.assert_allclose(found, [expected] * 2, rtol=0 if threads == 1 else 1e-6)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_trains() -> None:
    """After the parent has started its threads, of which the child has none."""
    program = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from tests.cpu.test_training import train
from tinyseg_kernels.cpu.threading.threads import set_num_threads
set_num_threads(2)
expected = train(2)
with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
    assert pool.submit(train, 2).result(timeout=120) == expected
"""
    done = run_python(program)  # not in this process: other libraries that tests load cannot be forked
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("threads", [1, 2])
def test_memory_does_not_grow(threads: int) -> None:
    set_num_threads(threads)
    buffers.release()
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 36, 36, 3)).astype(np.float32), rng.integers(0, 5, (2, 36, 36))
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy")
    held = []
    for _ in range(50):
        model.train_on_batch(x, y)
        state = buffers.usage()
        held.append((state["used"], state["used"] + state["unused"], state["peak"]))
    if threads == 1:
        assert held[4:] == [held[4]] * 46
    else:  # the parts' own scratch lies side by side or in the same place, as the threads happen to meet
        assert {used for used, _, _ in held[4:]} == {held[4][0]}
        assert max(touched for _, touched, _ in held) <= 1.2 * min(touched for _, touched, _ in held[4:])


@pytest.mark.parametrize("fused", [False, True])
def test_what_is_spent_is_dropped_before_dx_is_made(fused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    x, dy = (rng.standard_normal((1, 64, 64, 8)).astype(np.float32) for _ in range(2))
    inputs = layers.Input(x.shape[1:])
    y = layers.Conv2D(8, 3, padding="same", activation=None if fused else "relu")(inputs)
    y = layers.Conv2D(8, 3, padding="same", use_bias=False)(layers.ReLU()(y) if fused else y)
    model = Model(inputs, y)
    _, caches = model.forward(x, training=True)
    expected, _ = model.backward(dy, caches)
    before = buffers.usage()["used"]  # what the caches hold: the first layer's y
    gradients: list[weakref.ref[Any]] = []
    alive: list[bool] = []
    original = numba_cpu.input_gradient

    def observed(*arguments: Any) -> Any:
        for reference in gradients:
            gradient = reference()  # its memory may be in use again: for itself, masked
            alive.append(gradient is not None and not np.shares_memory(gradient, arguments[0]))
            assert buffers.usage()["used"] <= before  # y has gone, one gradient has come
        dx = original(*arguments)
        gradients.append(weakref.ref(dx))
        return dx

    monkeypatch.setattr(numba_cpu, "input_gradient", observed)
    dx, _ = model.backward(dy, caches, release=True)
    assert alive == [False]  # the second layer's dx, which went through the first one's ReLU
    np.testing.assert_array_equal(dx, expected)


def shared_gradients() -> Model:
    """Return a network in which `Add` gives one gradient to three layers, each of which masks it by its own ReLU."""
    inputs = layers.Input((12, 16, 3))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
    a = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    b = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(16, 3, padding="same")(x)))
    x = layers.Conv2D(16, 1, activation="relu")(layers.Add()([a, b, x]))
    x = layers.Concatenate()([x, layers.UpSampling2D()(layers.MaxPooling2D()(x)), a])
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.3, seed=1)(x)
    return Model(inputs, layers.Conv2D(4, 3, padding="same", activation="relu")(x))


def separable() -> Model:
    inputs = layers.Input((12, 16, 16))
    x = layers.ReLU()(layers.BatchNormalization()(layers.SeparableConv2D(24, 3, padding="same")(inputs)))
    x = layers.DepthwiseConv2D(3, padding="same", activation="relu")(x)
    x = layers.Conv2DTranspose(8, 2, strides=2, activation="relu")(layers.AveragePooling2D()(x))
    return Model(inputs, layers.Add()([x, x]))


@pytest.mark.parametrize(
    "make", [shared_gradients, separable, lambda: UNet((16, 24, 3), classes=4, filters=8, depth=2)]
)
def test_overwritten_gradients_change_nothing(make: Callable[[], Model]) -> None:
    """In training a layer may overwrite the gradient that it takes: only if no other layer takes it as well."""
    set_num_threads(2)
    buffers.poison(True)
    rng, model = np.random.default_rng(1), make()
    for name, parameter in model.parameters.items():
        parameter[...] = rng.standard_normal(parameter.shape) / (4 if name.endswith("kernel") else 1)
    x = rng.standard_normal((2, *model.inputs[0].shape[1:])).astype(np.float32)
    y, caches = model.forward(x, training=True)
    dy = rng.standard_normal(y.shape).astype(np.float32)
    given = dy.copy()
    dx, expected = model.backward(dy, caches)
    again, actual = model.backward(dy, caches, release=True)
    np.testing.assert_array_equal(dy, given)
    np.testing.assert_array_equal(again, dx)
    assert actual.keys() == expected.keys()
    for name, gradient in expected.items():
        np.testing.assert_array_equal(actual[name], gradient, err_msg=name)
        assert np.any(gradient != 0), name


def test_a_gradient_is_masked_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the peak of memory would be higher by a layer's output.

    The gradient that the caller gave stays as it is.
    """
    masked: list[tuple[Any, bool]] = []
    original = reductions.masked_and_summed

    def observed(dy: Any, y: Any, overwrite_dy: bool) -> Any:
        dz, sums = original(dy, y, overwrite_dy)
        masked.append((dy.shape, dz is dy))
        return dz, sums

    monkeypatch.setattr(reductions, "masked_and_summed", observed)
    inputs = layers.Input((16, 16, 3))
    x = layers.Conv2D(16, 3, activation="relu")(inputs)
    model = Model(inputs, layers.Conv2D(8, 3, activation="relu")(x))
    y, caches = model.forward(np.ones((1, 16, 16, 3), np.float32), training=True)
    model.backward(np.ones_like(y), caches, release=True)
    assert masked == [((1, 12, 12, 8), False), ((1, 14, 14, 16), True)]
