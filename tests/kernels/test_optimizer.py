"""The updates of parameters.

Every rung against formulas written here, over lists of tensors of all sizes, aligned or not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.host.hostcupy import TRANSFERS
from tinyseg_kernels.device import to_backend, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.optimizer import Preparation, adam_update, clip_scales, rmsprop_update, sgd_update
from tinyseg_kernels.optimizer.tables import CHUNK, KEPT

from tests.kernels.backends import slow

SHAPES: list[tuple[int, ...]] = [(3, 2, 4, 5), (7,), (), (0, 4), (1,), (64, 3), (258,)]
TOLERANCE = {"float64": 1e-13, "float32": 1e-6}

Arrays = list[np.ndarray]


def draw(rng: np.random.Generator, dtype: str, *, low: float = -1.0) -> Arrays:
    """Draw one array for each shape."""
    return [np.asarray(rng.uniform(low, 1, shape), dtype) for shape in SHAPES]


def there(arrays: Arrays) -> list[Any]:
    """Copy arrays to where the backend in use computes."""
    return [to_backend(array.copy()) for array in arrays]


def prepared(p: Arrays, g: Arrays, scales: Any, clip: float | None, decay: float) -> tuple[Arrays, Arrays]:
    """Do in float64 what a Preparation says."""
    factors = np.ones(len(g)) if scales is None else scales
    g = [gradient.astype(np.float64) * factor for gradient, factor in zip(g, factors, strict=True)]
    g = g if clip is None else [gradient.clip(-clip, clip) for gradient in g]
    return [array.astype(np.float64) * (1 - decay) for array in p], g


PREPARATIONS: list[tuple[Any, float | None, float]] = [
    (None, None, 0.0),
    (None, 0.4, 0.0),
    (None, None, 0.1),
    (np.linspace(0.2, 1, len(SHAPES)), None, 0.3),
    (np.linspace(1, 0.5, len(SHAPES)), 0.2, 0.05),
]
RULES = ["adam", "sgd", "momentum", "nesterov", "rmsprop", "rmsprop-momentum", "rmsprop-centered", "rmsprop-all"]


def updated(rule: str, p: Arrays, g: Arrays, s: list[Arrays]) -> tuple[Arrays, list[Arrays]]:
    """Return parameters and slots after a step by a formula in float64; slots are used from the front."""
    new_p: Arrays = []
    new_s: list[Arrays] = [[], [], []]
    for k, (value, gradient) in enumerate(zip(p, g, strict=True)):
        a, b, c = (slot[k].astype(np.float64) for slot in s)
        if rule == "adam":
            a, b = 0.8 * a + 0.2 * gradient, 0.95 * b + 0.05 * gradient**2
            step = 0.1 * a / (np.sqrt(b) + 1e-3)
        elif rule.startswith("rmsprop"):
            a = 0.7 * a + 0.3 * gradient**2
            variance = a + 1e-3
            if rule in ("rmsprop-centered", "rmsprop-all"):
                c = 0.7 * c + 0.3 * gradient
                variance = variance - c**2
            step = 0.1 * gradient / np.sqrt(variance)
            if rule in ("rmsprop-momentum", "rmsprop-all"):
                step = b = 0.6 * b + step
        else:
            step = 0.1 * gradient
            if rule != "sgd":
                a = 0.9 * a - step
                step = 0.1 * gradient - 0.9 * a if rule == "nesterov" else -a
        new_p.append(value - step)
        for slot, array in zip(new_s, (a, b, c), strict=True):
            slot.append(array)
    return new_p, new_s


def apply(rule: str, p: list[Any], g: list[Any], s: list[list[Any]], preparation: Preparation) -> None:
    """Call the rule's procedure with the numbers of `updated`."""
    if rule == "adam":
        adam_update(p, g, s[0], s[1], preparation, rate=0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3)
    elif rule.startswith("rmsprop"):
        momenta = s[1] if rule in ("rmsprop-momentum", "rmsprop-all") else None
        averages = s[2] if rule in ("rmsprop-centered", "rmsprop-all") else None
        rmsprop_update(p, g, s[0], momenta, averages, preparation, rate=0.1, rho=0.7, momentum=0.6, epsilon=1e-3)
    else:
        momenta = None if rule == "sgd" else s[0]
        sgd_update(p, g, momenta, preparation, rate=0.1, momentum=0.9, nesterov=rule == "nesterov")


def slots_of(rng: np.random.Generator, dtype: str) -> list[Arrays]:
    """Draw slots: those that stand for squares are not negative, and larger than the square of an average."""
    squares = [np.asarray(abs(a) + 1, dtype) for a in draw(rng, dtype)]
    return [squares, draw(rng, dtype, low=0.1), [np.asarray(0.1 * a, dtype) for a in draw(rng, dtype)]]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("rule", RULES)
def test_a_step(rung: str, rule: str, preparation: Any, dtype: str, rng: np.random.Generator) -> None:
    p, g, s = draw(rng, dtype), draw(rng, dtype), slots_of(rng, dtype)
    expected_p, expected_s = updated(rule, *prepared(p, g, *preparation), s)
    own_p, own_g, own_s = there(p), there(g), [there(slot) for slot in s]
    scales = preparation[0]
    if scales is not None:  # as `clip_scales` gives them
        scales = scales.tolist() if rung in ("naive", "numpy") else to_backend(scales.astype(dtype))
    before = TRANSFERS.to_host
    apply(rule, own_p, own_g, own_s, Preparation(scales, *preparation[1:]))
    assert TRANSFERS.to_host == before
    for actual, expected in zip([own_p, *own_s], [expected_p, *expected_s], strict=True):
        for ours, theirs in zip(actual, expected, strict=True):
            assert ours.dtype == dtype
            np.testing.assert_allclose(to_host(ours), theirs, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    for ours, given in zip(own_g, g, strict=True):
        np.testing.assert_array_equal(to_host(ours), given)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("rule", RULES)
def test_tensors_of_several_chunks_and_views_that_are_not_aligned(
    rung: str, rule: str, dtype: str, rng: np.random.Generator
) -> None:
    """Lengths around the chunk and the pack of a GPU's kernel; views begin anywhere.

    What lies beside a view is not touched.
    """
    if rung in ("naive", "numba-cuda"):
        return  # loops, and simulated threads, over 60 thousand numbers
    lengths = [2 * CHUNK + 5, CHUNK, CHUNK - 1, 3, 2 * CHUNK - 2]
    offsets = [0, 1, 2, 3, 5]
    whole = [[rng.uniform(0.2, 1, n + 8).astype(dtype) for n in lengths] for _ in range(5)]
    whole[2] = [1 + array for array in whole[2]]  # mean squares above the squares of the averages
    parts = [[array[o : o + n] for array, o, n in zip(arrays, offsets, lengths, strict=True)] for arrays in whole]
    expected_p, expected_s = updated(rule, *prepared(parts[0], parts[1], None, None, 0.1), parts[2:])
    own = [there(arrays) for arrays in whole]
    views = [[array[o : o + n] for array, o, n in zip(arrays, offsets, lengths, strict=True)] for arrays in own]
    apply(rule, views[0], views[1], views[2:], Preparation(None, None, 0.1))
    for arrays, originals, expected in zip(
        [own[0], *own[2:]], [whole[0], *whole[2:]], [expected_p, *expected_s], strict=True
    ):
        for array, original, values, o, n in zip(arrays, originals, expected, offsets, lengths, strict=True):
            host = to_host(array)
            np.testing.assert_allclose(host[o : o + n], values, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
            np.testing.assert_array_equal(host[:o], original[:o])
            np.testing.assert_array_equal(host[o + n :], original[o + n :])


def test_many_tensors(rung: str, rng: np.random.Generator) -> None:
    """Each block finds its tensor among 300, empty ones among them."""
    arrays = [rng.standard_normal(n % 7) for n in range(300)]
    gradients = [rng.standard_normal(array.size) for array in arrays]
    if slow(rung) and rung == "numba-cuda":
        arrays, gradients = arrays[:40], gradients[:40]
    own = there(arrays)
    sgd_update(own, there(gradients), None, rate=0.5)
    for ours, p, g in zip(own, arrays, gradients, strict=True):
        np.testing.assert_allclose(to_host(ours), p - 0.5 * g, rtol=1e-14, atol=1e-15)


def test_tables_of_addresses_are_not_mistaken_for_each_other(rung: str, rng: np.random.Generator) -> None:
    """More sets of tensors than tables are kept, in turns, with new gradients each time."""
    sets = [[rng.standard_normal(5), rng.standard_normal((2, 3))] for _ in range(KEPT + 3)]
    own = [there(arrays) for arrays in sets]
    for _ in range(2):
        for arrays, ours in zip(sets, own, strict=True):
            gradients = [rng.standard_normal(array.shape) for array in arrays]
            sgd_update(ours, there(gradients), None, rate=1.0)
            for array, gradient in zip(arrays, gradients, strict=True):
                array -= gradient
    for arrays, ours in zip(sets, own, strict=True):
        for array, on_device in zip(arrays, ours, strict=True):
            np.testing.assert_allclose(to_host(on_device), array, rtol=1e-13)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("together", [False, True])
def test_clip_scales(rung: str, together: bool, dtype: str, rng: np.random.Generator) -> None:
    gradients = draw(rng, dtype)
    gradients[1] *= 0
    gradients[3 if slow(rung) else 5] = rng.standard_normal(700 if slow(rung) else 3 * CHUNK + 1).astype(dtype)
    norms = np.array([np.sqrt((gradient.astype(np.float64) ** 2).sum()) for gradient in gradients])
    if together:
        norms[:] = np.sqrt((norms**2).sum())
    for limit in (0.5, 2.0, 1e6):
        given = there(gradients)
        before = TRANSFERS.to_host
        limits = {"global_clipnorm": limit} if together else {"clipnorm": limit}
        scales = clip_scales(given, **limits)
        assert TRANSFERS.to_host == before
        expected = [1.0 if norm == 0 else min(1.0, limit / norm) for norm in norms]
        scales = scales if isinstance(scales, list) else to_host(scales)
        # Sums of float32 without vectors, as in a browser tab, are rounded a little more.
        np.testing.assert_allclose(scales, expected, rtol=3e-6 if dtype == "float32" else 1e-13)
        if limit == 1e6:
            assert all(scale == 1.0 for scale in scales)  # exactly: gradients that are not clipped stay as they are


def test_nothing_to_clip(rung: str) -> None:
    assert clip_scales(there([np.ones(3)])) is None
    assert clip_scales([], clipnorm=1.0) is None


def test_no_tensors(rung: str) -> None:
    sgd_update([], [], None, rate=0.1)
    adam_update([], [], [], [], rate=0.1, beta_1=0.9, beta_2=0.9, epsilon=1e-7)


@pytest.mark.parametrize("clip", [None, 0.5])
def test_a_gradient_of_nan_reaches_the_parameter(rung: str, clip: float | None) -> None:
    """It must not be cut to a limit: training stops when a loss is NaN, and the cause must stay visible."""
    p = there([np.ones(5)])
    sgd_update(p, there([np.array([1, np.nan, 0.1, -7, np.nan])]), None, Preparation(None, clip), rate=1.0)
    limit = np.inf if clip is None else clip
    steps = np.array([min(1, limit), np.nan, 0.1, -min(7, limit), np.nan])
    np.testing.assert_allclose(to_host(p[0]), 1 - steps, rtol=1e-15)


@pytest.mark.parametrize(
    ("p", "g", "message"),
    [
        ([np.ones(3), np.ones(2)], [np.ones(3)], "expected 2 arrays of each kind, got 1"),
        ([np.ones(3)], [np.ones(4)], r"tensor 0: expected arrays of shape \(3,\) and float64 .* got shape \(4,\)"),
        ([np.ones(3)], [np.ones(3, "f4")], r"tensor 0: expected .* float64 .* got shape \(3,\) and float32"),
        ([np.ones(3), np.ones(2, "f4")], [np.ones(3), np.ones(2)], r"tensor 1: expected .* and float64 .* float32"),
        ([np.ones(3, np.int64)], [np.ones(3)], "expected parameters of dtype float32 or float64, got int64"),
    ],
)
def test_what_does_not_fit(rung: str, p: Arrays, g: Arrays, message: str) -> None:
    with pytest.raises(InvalidInput, match=f"sgd_update: {message}"):
        sgd_update(there(p), there(g), None, rate=0.1)
