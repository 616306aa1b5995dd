"""Initializers: their spread against Keras's for every kind of kernel, their distribution, and that a seed decides."""

from __future__ import annotations

import json
from typing import Any

import keras
import numpy as np
import pytest
from keras.src.initializers.random_initializers import compute_fans as keras_fans

import tinyseg
from tinyseg import initializers
from tinyseg.initializers import VarianceScaling
from tinyseg.initializers.initializer import compute_fans
from tinyseg.layers import BatchNormalization, Conv2D, Conv2DTranspose, Dense, DepthwiseConv2D, Layer, SeparableConv2D
from tinyseg.utils import set_random_seed

SHAPES = {
    "conv": (3, 5, 40, 60),
    "depthwise": (5, 5, 300, 4),
    "transposed": (2, 2, 90, 120),
    "pointwise": (1, 1, 150, 200),
    "dense": (170, 230),
    "bias": (30000,),
}


@pytest.fixture(autouse=True)
def _keras_draws_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere its start values do not matter, and NumPy draws them (`tests/utils/keras_precision.py`)."""
    if "__call__" in vars(keras.initializers.GlorotUniform):
        monkeypatch.delattr(keras.initializers.GlorotUniform, "__call__")


SCALED = ["GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"]
RANDOM = [*SCALED, "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling"]
CONSTANT = {"Zeros": {}, "Ones": {}, "Constant": {"value": -1.5}}


def same_spread(a: np.ndarray, b: np.ndarray) -> None:
    """Compare two large samples: mean, standard deviation, and the ends of truncated or uniform ones."""
    error = 5 * b.std() / np.sqrt(b.size)  # five standard errors of the mean; those of std are smaller
    assert abs(a.mean() - b.mean()) < 2 * error
    assert abs(a.std() - b.std()) < 2 * error
    tails = [np.quantile(np.abs(v - v.mean()), 0.999) for v in (a, b)]
    assert tails[0] == pytest.approx(tails[1], rel=0.08)


@pytest.mark.parametrize("shape", [(), (7,), (4, 9), (3, 5, 4, 6), (2, 3, 1, 8), (1, 2, 3, 4, 5)])
def test_fans(shape: tuple[int, ...]) -> None:
    assert compute_fans(shape) == tuple(keras_fans(shape))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("name", RANDOM)
def test_spread_as_in_keras(name: str, shape: tuple[int, ...], dtype: str) -> None:
    values = getattr(initializers, name)(seed=3)(shape, dtype)
    assert values.shape == shape
    assert values.dtype == dtype
    same_spread(values, np.asarray(getattr(keras.initializers, name)(seed=4)(shape)))


@pytest.mark.parametrize("shape", [SHAPES["conv"], SHAPES["dense"]])
@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["truncated_normal", "untruncated_normal", "uniform"])
def test_variance_scaling(distribution: str, mode: str, shape: tuple[int, ...]) -> None:
    arguments = {"scale": 1.7, "mode": mode, "distribution": distribution}
    values = VarianceScaling(**arguments, seed=3)(shape)
    same_spread(values, np.asarray(keras.initializers.VarianceScaling(**arguments, seed=4)(shape)))
    fan_in, fan_out = keras_fans(shape)
    n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
    assert values.var() == pytest.approx(1.7 / n, rel=0.05)
    limit = {"uniform": np.sqrt(3 * 1.7 / n), "truncated_normal": 2 * np.sqrt(1.7 / n) / 0.8796256610342398}
    if distribution in limit:
        assert 0.98 * limit[distribution] < np.abs(values).max() <= limit[distribution] * (1 + 1e-6)


def test_ranges() -> None:
    shape = (300, 200)
    uniform = initializers.RandomUniform(-2.0, 5.0, seed=1)(shape)
    assert -2 <= uniform.min() < -1.99
    assert 4.99 < uniform.max() <= 5
    assert uniform.mean() == pytest.approx(1.5, abs=0.05)
    normal = initializers.RandomNormal(3.0, 0.5, seed=1)(shape)
    assert (normal.mean(), normal.std()) == pytest.approx((3.0, 0.5), abs=0.01)
    truncated = initializers.TruncatedNormal(3.0, 0.5, seed=1)(shape)
    assert 0.99 < np.abs(truncated - 3.0).max() <= 1.0 + 1e-6
    assert np.abs(normal - 3.0).max() > 1.5


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_decides(name: str) -> None:
    make = getattr(initializers, name)
    seeded = make(seed=8)
    np.testing.assert_array_equal(seeded((4, 5)), seeded((4, 5)))
    np.testing.assert_array_equal(seeded((4, 5)), make(seed=8)((4, 5)))
    assert (seeded((4, 5)) != make(seed=9)((4, 5))).any()
    free = make()
    set_random_seed(5)
    first, second = free((4, 5)), free((4, 5))
    assert (first != second).any()
    set_random_seed(5)
    np.testing.assert_array_equal(free((4, 5)), first)


@pytest.mark.parametrize("name", CONSTANT)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_constants(name: str, dtype: str) -> None:
    values = getattr(initializers, name)(**CONSTANT[name])((2, 3, 4), dtype)
    assert values.dtype == dtype
    np.testing.assert_array_equal(values, np.asarray(getattr(keras.initializers, name)(**CONSTANT[name])((2, 3, 4))))


def test_every_initializer_is_tested() -> None:
    classes = {name for name in initializers.__all__ if isinstance(getattr(initializers, name), type)}
    assert {*RANDOM, *CONSTANT} == {getattr(initializers, name).__name__ for name in classes} - {"Initializer"}


@pytest.mark.parametrize("name", [*RANDOM, *CONSTANT])
def test_config_makes_the_same_initializer(name: str) -> None:
    made = getattr(initializers, name)(**({"seed": 6} if name in RANDOM else CONSTANT[name]))
    copy = initializers.get(json.loads(json.dumps(initializers.serialize(made))))
    assert type(copy) is type(made)
    np.testing.assert_array_equal(copy((3, 4)), made((3, 4)))


@pytest.mark.parametrize("name", ["he_normal", "glorot_uniform", "zeros", "HeNormal", "random_normal", "lecun_uniform"])
def test_names(name: str) -> None:
    assert type(initializers.get(name)).__name__ == type(keras.initializers.get(name)).__name__


@pytest.mark.parametrize(
    ("layer", "channels"),
    [
        (Conv2D(40, 3), 30),
        (Conv2D(40, 3, kernel_initializer="he_normal"), 30),
        (Conv2DTranspose(40, 3), 20),
        (DepthwiseConv2D(7, depth_multiplier=3), 60),
        (SeparableConv2D(100, 5, depth_multiplier=2), 100),
        (Dense(90, kernel_initializer="lecun_normal", bias_initializer="ones"), 80),
        (BatchNormalization(), 12),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Layer) else "",
)
def test_layers_start_as_keras_starts_them(layer: Layer, channels: int) -> None:
    shape = (2, 9, 9, channels)
    config: dict[str, Any] = {k: v for k, v in layer.get_config().items() if k not in ("name", "dtype")}
    reference = getattr(keras.layers, type(layer).__name__)(**config)
    set_random_seed(2)
    keras.utils.set_random_seed(2)
    layer.ensure_built([shape], "float32")
    reference.build(shape)
    assert [w.shape for w in layer.weights] == [tuple(w.shape) for w in reference.weights]
    for ours, theirs in zip(layer.weights, reference.get_weights(), strict=True):
        if theirs.std() == 0:
            np.testing.assert_array_equal(ours, theirs)
        else:
            same_spread(ours, theirs)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: initializers.get("he_normall"), "did you mean 'he_normal'"),
        (lambda: initializers.get(0.5), "initializer: expected a name or an object"),
        (lambda: VarianceScaling(scale=0), "scale: expected a number above 0, got 0"),
        (lambda: VarianceScaling(mode="fan_sum"), "unknown mode .*did you mean 'fan_"),
        (lambda: VarianceScaling(distribution="uniforn"), "did you mean 'uniform'"),
    ],
)
def test_bad_input(make: Any, expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=expected):
        make()
