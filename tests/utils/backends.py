"""Fixtures that run a test of losses, metrics or optimizers on the backends: import them in a folder's conftest.py.

GPU backends are emulated where there is no GPU. Numba's simulator takes milliseconds for a hundred threads, so tests
with thousands of evaluations ask for `compiled_backend`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.device import to_backend, to_host

from tests.kernels.backends import BACKENDS, choose
from tinyseg.losses import Loss

NAMES = tuple(name for name in BACKENDS if name != "naive")


@pytest.fixture(params=NAMES)
def computing(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test on NumPy and on each GPU backend; the value is the backend's name."""
    with choose(request.param):
        yield request.param


@pytest.fixture(params=[name for name in NAMES if name != "numba-cuda"])
def compiled_backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test on NumPy and on CUDA C++."""
    with choose(request.param):
        yield request.param


def loss_and_gradient(
    loss: Loss, labels: Any, p: np.ndarray, weight: Any = None, upstream: float = 1.0
) -> tuple[float, np.ndarray]:
    """Return a loss and its gradient as the backend in use computes them, on the host."""
    value, cache = loss.forward(labels, to_backend(p), weight)
    return float(value), to_host(loss.backward(upstream, cache))
