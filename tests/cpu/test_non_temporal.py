"""Results written past the cache have the bits of those written into it, whatever their shape.

Which results those are.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.activation.numba_cpu import relu_backward, relu_forward
from tinyseg_kernels.arrange.numba_cpu import concatenate_backward, concatenate_forward
from tinyseg_kernels.batch_norm.numba_cpu import batch_norm_train_backward, batch_norm_train_forward
from tinyseg_kernels.conv2d.numba_cpu import conv2d_backward, conv2d_forward
from tinyseg_kernels.cpu.compiled import source_files
from tinyseg_kernels.cpu.gemm.gemm import product, transposed_product
from tinyseg_kernels.cpu.memory import non_temporal
from tinyseg_kernels.cpu.memory.buffers import empty, poison
from tinyseg_kernels.cpu.memory.non_temporal import UNKNOWN_CACHE, cache_size, too_large_to_stay
from tinyseg_kernels.cpu.threading.threads import set_num_threads
from tinyseg_kernels.cpu.vectors.reductions import masked_and_summed
from tinyseg_kernels.depthwise_conv2d.numba_cpu import depthwise_conv2d_backward, depthwise_conv2d_forward
from tinyseg_kernels.upsampling2d.numba_cpu import upsampling2d_forward

Results = tuple[Any, ...]


def relu(x: np.ndarray, dy: np.ndarray) -> Results:
    y, cache = relu_forward(x)
    return y, relu_backward(dy, cache)


def masked(x: np.ndarray, dy: np.ndarray) -> Results:
    return masked_and_summed(dy, x)


def batch_norm(x: np.ndarray, dy: np.ndarray) -> Results:
    y, cache = batch_norm_train_forward(x, dy[0, 0, 0], dy[0, 0, 1], relu=True)
    return y, *batch_norm_train_backward(dy, cache)


def upsampling(x: np.ndarray, dy: np.ndarray) -> Results:
    return tuple(upsampling2d_forward(x, size=(2, 3), interpolation=name)[0] for name in ("nearest", "bilinear"))


def kernel_gradient(x: np.ndarray, dy: np.ndarray) -> Results:
    return (transposed_product(x.reshape(9, -1), dy.reshape(9, -1)[:, :48]),)


def convolution(x: np.ndarray, dy: np.ndarray) -> Results:
    """Return y by Winograd, where the channels allow it, and by tiles of windows."""
    channels = x.shape[3]
    return tuple(
        conv2d_forward(x, np.resize(dy, (3, 3, channels, channels)), dy[0, 0, 0], dilation_rate=(d, d), relu=True)[0]
        for d in (1, 2)
    )


def convolution_gradients(x: np.ndarray, dy: np.ndarray) -> Results:
    channels, found = x.shape[3], []
    for size in (3, 5):
        kernel = np.resize(dy, (size, size, channels, channels))
        _, cache = conv2d_forward(x, kernel, None, padding="same")
        found += conv2d_backward(dy, cache)[:2]
    return tuple(found)


def depthwise(x: np.ndarray, dy: np.ndarray) -> Results:
    y, cache = depthwise_conv2d_forward(x, dy[0, :3, :3, :, None], dy[0, 0, 0], padding="same", relu=False)
    return y, *depthwise_conv2d_backward(dy, cache)  # type: ignore[arg-type]


def concatenated(x: np.ndarray, dy: np.ndarray) -> Results:
    y, cache = concatenate_forward([x, dy])
    return y, *concatenate_backward(y, cache)


def shallow(x: np.ndarray, dy: np.ndarray) -> Results:
    channels = x.shape[3]
    return (product(x.reshape(-1, channels), dy[0, 0, :8].T.repeat(8, axis=1), None, True),)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("channels", [8, 32, 48, 64, 5, 20])
@pytest.mark.parametrize(
    "operation",
    [
        relu,
        masked,
        batch_norm,
        upsampling,
        kernel_gradient,
        convolution,
        convolution_gradients,
        depthwise,
        concatenated,
        shallow,
    ],
)
def test_the_way_to_memory_changes_no_bit(
    operation: Callable[..., Results],
    channels: int,
    threads: int,
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_num_threads(threads)
    poison(True)
    x, dy = (rng.standard_normal((3, 33, 17, channels)).astype(np.float32) for _ in range(2))
    kept = operation(x, dy)
    monkeypatch.setattr(non_temporal, "cache_size", lambda: 0)
    past_cache = operation(x, dy)
    for first, second in zip(kept, past_cache, strict=True):
        assert np.isfinite(first).all()
        np.testing.assert_array_equal(first, second)


def test_every_kernel_that_writes_so_waits_in_the_end() -> None:
    """Without `written()` another thread may read what was there before.

    So rarely that no test of numbers would see it.
    """
    found = []
    for path in source_files():
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef):
                continue
            decorators = {ast.unparse(decorator) for decorator in function.decorator_list}
            if "past_cache" in {argument.arg for argument in function.args.args} and "kernel" in decorators:
                found.append(function.name)
                assert ast.unparse(function.body[-1]) == "written()", f"{path.name}: {function.name}"
    assert len(found) >= 8


def test_only_large_results_at_whole_places_are_written_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(non_temporal, "cache_size", lambda: 1 << 20)
    assert too_large_to_stay(empty((1 << 13, 32), np.float32))
    assert not too_large_to_stay(empty((1 << 11, 32), np.float32))
    assert not too_large_to_stay(empty((1 << 13, 33), np.float32))
    assert not too_large_to_stay(empty((1 << 13, 32), np.float32).reshape(-1)[1:-31].reshape(-1, 32))


def test_the_size_of_the_last_cache(tmp_path: Path) -> None:
    assert cache_size() >= 1 << 18
    assert cache_size(tmp_path / "none") == UNKNOWN_CACHE
    assert cache_size(tmp_path) == UNKNOWN_CACHE
    for index, text in enumerate(["32K", "1M", "32768K\n", "unknown", ""]):
        (tmp_path / f"index{index}").mkdir()
        (tmp_path / f"index{index}" / "size").write_text(text)
    cache_size.cache_clear()
    assert cache_size(tmp_path) == 32 << 20
