"""`emulation(full_barriers=True)`: a barrier that some threads of the block have ended without is an error."""

from __future__ import annotations

import numpy as np
import pytest
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.simulator.simulate import cuda, simulate

from tests.emulator.cuda_source import launch, line_of

SOURCE = r"""
extern "C" __global__ void early(float *y) {
  if (threadIdx.x >= 40) return;
  __syncthreads();  // forty
  y[threadIdx.x] = 1;
}
extern "C" __global__ void all(float *y) {
  __syncthreads();
  if (threadIdx.x >= 40) return;
  y[threadIdx.x] = 1;
}
"""


@cuda.jit
def early(y):
    if cuda.threadIdx.x < 5:
        cuda.syncthreads()
        y[cuda.threadIdx.x] = 1


@pytest.mark.parametrize("order", ["up", "down", "rotated:1"])
def test_cuda(order: str) -> None:
    y = np.zeros(64, np.float32)
    with emulation(thread_order=order):
        launch(SOURCE, "early", 1, 64, (y,))
    assert y.sum() == 40
    with emulation(thread_order=order, full_barriers=True):
        launch(SOURCE, "all", 1, 64, (y,))
        with pytest.raises(
            KernelError, match="40 threads wait here, and the other 24 of the block have ended"
        ) as error:
            launch(SOURCE, "early", 1, 64, (y,))
    assert error.value.place is not None
    assert error.value.place.endswith(f":{line_of(SOURCE, 'forty')}")


def test_numba() -> None:
    y = np.zeros(8, np.float32)
    simulate(early, 1, 8, (y,))
    assert y.sum() == 5
    with (
        emulation(full_barriers=True),
        pytest.raises(KernelError, match=r"ended without coming here .*3 threads returned"),
    ):
        simulate(early, 1, 8, (y,))
