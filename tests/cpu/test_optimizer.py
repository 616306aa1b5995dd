"""One update of many arrays on the CPU.

Threads' parts that begin and end within arrays, and arrays of every kind in the table of addresses.
"""

from __future__ import annotations

import numpy as np
import pytest
from tinyseg_kernels.cpu.memory.addresses import address_of, contiguous
from tinyseg_kernels.cpu.threading.threads import set_num_threads
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.optimizer import Preparation, numba_cpu, numpy_cpu

OPTIONS = {"rate": 0.01, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7}


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_parts(threads: int, rng: np.random.Generator) -> None:
    set_num_threads(threads)
    sizes = [(1,), (7, 3), (0,), (20_000,), (), (3, 3, 16, 32), (64,), (17_001,)]
    arrays = [[np.abs(rng.standard_normal(size)).astype(np.float32) for size in sizes] for _ in range(4)]
    exact = [[array.astype(float) for array in kind] for kind in arrays]
    preparation = Preparation([0.5, 2, 1, 1, 1, 0.25, 1, 3], 1.5, 0.01)
    numba_cpu.adam_update(*arrays, preparation, **OPTIONS)
    numpy_cpu.adam_update(*exact, preparation, **OPTIONS)
    for kind, expected in zip(arrays, exact, strict=True):
        for a, b in zip(kind, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def test_gradients_of_every_kind(rng: np.random.Generator) -> None:
    """Read-only, without memory of their own, in another order."""
    gradients = [np.broadcast_to(np.float32(2), (4, 5)), rng.standard_normal((5, 4)).astype(np.float32).T]
    gradients.append(np.frombuffer(np.arange(20, dtype=np.float32).tobytes(), np.float32).reshape(4, 5))
    parameters = [np.ones((4, 5), np.float32) for _ in gradients]
    numba_cpu.sgd_update(parameters, gradients, None, Preparation(), rate=0.5, momentum=0.0, nesterov=False)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        np.testing.assert_allclose(parameter, 1 - 0.5 * gradient, rtol=1e-6)


def test_addresses() -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    frozen = array.view()
    frozen.flags.writeable = False
    assert address_of(array) == address_of(frozen) == array.ctypes.data
    assert address_of(array[1:]) == array.ctypes.data + 16
    assert address_of(array[:0]) == array[:0].ctypes.data
    assert contiguous([array])[0] is array
    with pytest.raises(InvalidInput, match=r"contiguous array, got shape \(4, 3\)"):
        address_of(array.T)
    with pytest.raises(InvalidInput, match="contiguous"):
        address_of(frozen[:, 1:])
