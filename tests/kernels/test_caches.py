"""A backward takes a dy like y and the cache of its own forward, and says what it got otherwise.

Kernels would read and write foreign memory.
"""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.activation import relu_backward, relu_forward, tanh_backward
from tinyseg_kernels.backend import backend
from tinyseg_kernels.batch_norm import batch_norm_train_backward, batch_norm_train_forward, batch_statistics
from tinyseg_kernels.conv2d import conv2d_backward, conv2d_forward
from tinyseg_kernels.dense import dense_forward
from tinyseg_kernels.dice import dice_backward, dice_forward
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.optimizer import Preparation, adam_update, sgd_update
from tinyseg_kernels.regression import squared_error_backward, squared_error_forward
from tinyseg_kernels.softmax_cross_entropy import (
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
    softmax_cross_entropy_of_checked_ids,
)
from tinyseg_kernels.weighted_sum import weighted_sum_backward, without_ignored

from tests.kernels.backends import choose

ON_CPU = ["naive", "numpy", "numba"]


@pytest.fixture(params=ON_CPU)
def cpu(request: pytest.FixtureRequest) -> Any:
    with choose(request.param):
        yield request.param


def convolution(rng: np.random.Generator, relu: bool = False) -> tuple[np.ndarray, np.ndarray, Any]:
    x = rng.standard_normal((3, 7, 5, 9)).astype("f4")
    y, cache = conv2d_forward(x, rng.standard_normal((3, 2, 9, 8)).astype("f4"), np.zeros(8, "f4"), relu=relu)
    return x, y, cache


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize(
    "change",
    [lambda dy: dy[:1], lambda dy: dy[..., :-1], lambda dy: dy[0], lambda dy: dy.reshape(3, -1), lambda dy: dy[:0],
     lambda dy: dy.swapaxes(1, 2)],
)  # fmt: skip
def test_a_dy_of_another_shape_is_refused(cpu: str, relu: bool, change: Any, rng: np.random.Generator) -> None:
    _, y, cache = convolution(rng, relu)
    dy = change(np.ones_like(y))
    with pytest.raises(InvalidInput) as raised:
        conv2d_backward(dy, cache)
    assert "conv2d_backward: expected" in str(raised.value)
    assert str(y.shape) in str(raised.value)
    assert str(dy.shape) in str(raised.value)


def test_a_dy_of_another_dtype_or_type_is_refused(cpu: str, rng: np.random.Generator) -> None:
    _, y, cache = convolution(rng)
    for dy, got in [
        (np.ones(y.shape), "float64"), (y.tolist(), "list"), (None, "NoneType"), (1.0, "float"),
        (np.ma.masked_array(y), "MaskedArray"),
    ]:  # fmt: skip
        with pytest.raises(InvalidInput, match=rf"float32.*got .*{got}"):
            conv2d_backward(dy, cache)


def test_a_foreign_cache_is_refused(cpu: str, rng: np.random.Generator) -> None:
    x, y, cache = convolution(rng)
    dy = np.ones_like(y)
    _, dense = dense_forward(x.reshape(3, -1), np.ones((315, 2), "f4"))
    with pytest.raises(
        InvalidInput, match="expected the cache that conv2d_forward returned, got that of dense_forward"
    ):
        conv2d_backward(dy, dense)
    for foreign, got in [(None, "NoneType"), ((1, 2), "tuple"), (cache.cache, "Cache"), (y, "ndarray")]:
        with pytest.raises(InvalidInput, match=f"expected the cache that conv2d_forward returned.*got .*{got}"):
            conv2d_backward(dy, foreign)
    with pytest.raises(InvalidInput, match="relu_forward"):
        tanh_backward(np.ones((2, 3)), relu_forward(np.ones((2, 3)))[1])
    with pytest.raises(InvalidInput, match="conv2d"):
        weighted_sum_backward(1.0, cache)
    with pytest.raises(InvalidInput, match="conv2d"):
        batch_statistics(cache)


def test_a_cache_of_another_backend_is_refused(rng: np.random.Generator) -> None:
    with backend("numpy"):
        _, y, cache = convolution(rng)
    with backend("numba"), pytest.raises(InvalidInput, match="under backend 'numba', got one of backend 'numpy'"):
        conv2d_backward(np.ones_like(y), cache)


def test_a_cache_whose_arrays_were_replaced_or_reshaped_is_refused(cpu: str, rng: np.random.Generator) -> None:
    x, y, cache = convolution(rng)
    other = cache._replace(cache=cache.cache._replace(x=x[:1]))
    with pytest.raises(InvalidInput, match=r"shapes .*\(3, 7, 5, 9\).* as they were, got shapes .*\(1, 7, 5, 9\)"):
        conv2d_backward(np.ones_like(y), other)
    x.shape = (3, 7, 45)
    with pytest.raises(InvalidInput, match=r"got shapes .*\(3, 7, 45\)"):
        conv2d_backward(np.ones_like(y), cache)


def test_copies_of_a_cache_serve(cpu: str, rng: np.random.Generator) -> None:
    _, y, cache = convolution(rng, relu=True)
    dy = rng.standard_normal(y.shape).astype("f4")
    expected = conv2d_backward(dy, cache)
    for same in (copy.deepcopy(cache), pickle.loads(pickle.dumps(cache))):
        for a, b in zip(conv2d_backward(dy, same), expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_what_is_like_y_but_for_its_type_serves(cpu: str, tmp_path: Any, rng: np.random.Generator) -> None:
    x = rng.standard_normal((4, 3)).astype("f4")
    y, cache = relu_forward(x)
    mapped = np.memmap(tmp_path / "dy", np.float32, "w+", shape=y.shape)
    mapped[...] = x
    np.testing.assert_array_equal(relu_backward(mapped, cache), relu_backward(x, cache))
    loss, kept = squared_error_forward(x[0], x[1])
    expected = squared_error_backward(np.ones((), np.float32), kept)
    for one in (1.0, 1, np.float32(1), np.asarray(1, np.float32), loss.dtype.type(1)):
        np.testing.assert_array_equal(squared_error_backward(one, kept), expected)
    loss, kept = dice_forward(np.abs(x), np.abs(x), axes=(1,))
    np.testing.assert_array_equal(
        dice_backward(np.ones_like(loss), kept), dice_backward(np.ones(loss.shape, "f4"), kept)
    )


def test_a_read_only_dy_is_not_written(cpu: str, rng: np.random.Generator) -> None:
    x = rng.standard_normal((40, 16)).astype("f4")
    y, cache = batch_norm_train_forward(x, None, None)
    dy = rng.standard_normal(y.shape).astype("f4")
    expected = batch_norm_train_backward(dy.copy(), cache, overwrite_dy=False)[0]
    dy.flags.writeable = False
    before = dy.tobytes()
    np.testing.assert_array_equal(batch_norm_train_backward(dy, cache, overwrite_dy=True)[0], expected)
    assert dy.tobytes() == before


@pytest.mark.parametrize("number", [-1, 3, 1 << 40, -(1 << 62)])
def test_ids_that_are_no_class_touch_nothing(number: int, rng: np.random.Generator) -> None:
    logits = rng.standard_normal((5, 3)).astype("f4")
    ids = np.array([0, 1, 2, 1, 0])
    with backend("numba"):
        _, cache = softmax_cross_entropy_forward(logits, ids)
        ids[1] = number
        loss, late = softmax_cross_entropy_of_checked_ids(logits, ids)
        for kept in (cache, late):
            gradient = softmax_cross_entropy_backward(np.ones_like(loss), kept)
            assert np.isnan(gradient[1]).all()
            assert np.isfinite(gradient[[0, 2, 3, 4]]).all()
        assert np.isnan(loss[1])
        assert np.isfinite(loss[[0, 2, 3, 4]]).all()


def test_positions_that_do_not_belong_to_a_gradient_are_refused(cpu: str) -> None:
    with pytest.raises(InvalidInput, match=r"without_ignored: expected valid of shape \(2, 3\) and bool"):
        without_ignored(np.ones((2, 3, 4), "f4"), np.ones((2, 300), bool))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p, g, m, v: (p, g, [m[0][:, ::-1]], v), "expected contiguous arrays"),
        (lambda p, g, m, v: ([np.asfortranarray(p[0])], g, m, v), "expected contiguous arrays"),
        (lambda p, g, m, v: (p, g, m, [v[0][:2]]), r"expected arrays of shape \(3, 4\)"),
        (lambda p, g, m, v: (p, g, m, []), "expected 1 arrays"),
        (lambda p, g, m, v: (p, g, m, v[0]), "expected 1 arrays of each kind, got ndarray"),
        (lambda p, g, m, v: (p, g, m, [v[0].astype("f8")]), "got .* float64"),
        (lambda p, g, m, v: (p, g, m, [v[0].tolist()]), "got list"),
        (lambda p, g, m, v: (p, g, m, m), "two arrays that overlap"),
        (lambda p, g, m, v: (p, p, m, v), "two arrays that overlap"),
        (lambda p, g, m, v: (p, g, [np.zeros(24, "f4")[:12].reshape(3, 4)], [p[0].reshape(-1).reshape(3, 4)]),
         "two arrays that overlap"),
        (lambda p, g, m, v: (p, [p[0][::-1]], m, v), "two arrays that overlap"),
    ],
)  # fmt: skip
def test_arrays_that_an_update_cannot_change_are_refused(
    cpu: str, spoil: Any, message: str, rng: np.random.Generator
) -> None:
    lists = [[rng.random((3, 4)).astype("f4")] for _ in range(4)]
    spoilt = spoil(*lists)
    before = [array.tobytes() for arrays in lists for array in arrays]
    with pytest.raises(InvalidInput, match=message):
        adam_update(*spoilt, rate=0.1, beta_1=0.9, beta_2=0.9, epsilon=1e-7)
    assert before == [array.tobytes() for arrays in lists for array in arrays]


def test_a_read_only_parameter_is_refused_and_neighbours_in_one_memory_are_not(cpu: str) -> None:
    memory = np.ones(24, "f4")
    a, b = memory[:12].reshape(3, 4), memory[12:].reshape(3, 4)
    g = np.ones((3, 4), "f4")
    sgd_update([a, b], [g, g], None, rate=0.5)
    assert (memory == 0.5).all()
    with pytest.raises(InvalidInput, match="expected 2 scales"):
        sgd_update([a, b], [g, g], None, Preparation([1.0]), rate=0.5)
    a.flags.writeable = False
    with pytest.raises(InvalidInput, match="read-only"):
        sgd_update([a, b], [g, g], None, rate=0.5)
