"""What ends an emulated CUDA C++ kernel, also without the checks.

The error tells line, block and thread, and the process stays usable.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.undefined import UndefinedOperation
from tinyseg_emulator.host.guarded import guarded
from tinyseg_kernels.errors import InvalidInput

from tests.emulator.cuda_source import compiled, launch, line_of

SOURCE = r"""
extern "C" __global__ void divergent(float *y) {
  if (threadIdx.x < 7) {
    __syncthreads();  // seven
  } else {
    y[0] = 1;
    __syncthreads();  // the others
  }
}
extern "C" __global__ void deadlock(float *y) {
  if (threadIdx.x == 3) __syncwarp();  // alone
  else __syncthreads();
  y[0] = 1;
}
extern "C" __global__ void ended(float *y) {
  if (threadIdx.x >= 8) return;
  y[threadIdx.x] = __shfl_down_sync(0xffffffffu, 1.0f, 1);  // reads an ended lane
}
extern "C" __global__ void outside_mask(float *y) {
  y[threadIdx.x] = __shfl_sync(0x0000ffffu, 1.0f, 0);  // lane 16 is not in the mask
}
extern "C" __global__ void different(float *y) {
  if (threadIdx.x < 16) y[0] = __shfl_sync(0xffffffffu, 1.0f, 0);  // lower half
  else y[1] = __any_sync(0xffffffffu, 1);
}
extern "C" __global__ void beyond(float *y, int i) {
  if (blockIdx.x == 1 && threadIdx.x == 5) y[i] = 1;  // far away
}
extern "C" __global__ void deep(float *y, int n) {
  volatile float local[100000];
  for (int i = 0; i < 100000; i++) local[i] = i;
  y[0] = local[n];
}
extern "C" __global__ void dynamic(float *y, int i) { extern __shared__ float s[]; s[i] = 1; y[0] = s[i]; }
extern "C" __global__ void declared(float *y, int i) {
  __shared__ float s[4][8];
  s[1][i] = 1;  // past the row
  __syncthreads();
  y[0] = s[1][0];
}
extern "C" __global__ void misaligned(const float *x, float *y, int i) {
  const float4 v = *reinterpret_cast<const float4 *>(x + i);  // i is no multiple of 4
  y[0] = v.x + v.y + v.z + v.w;
}
extern "C" __global__ void fine(float *y) { y[threadIdx.x] = 1; }
"""


def fails(name: str, block: int, args: tuple[Any, ...], text: str, line: str = "", **options: Any) -> KernelError:
    """Run a kernel that must fail at a line with a text, then one that must not."""
    with emulation(**options), pytest.raises(KernelError, match=text) as caught:
        launch(SOURCE, name, 2, block, args, 64 if name == "dynamic" else 0)
    if line:
        assert caught.value.place == f"test.cu:{line_of(SOURCE, line)}"
    assert caught.value.kernel == name
    y = np.zeros(64, np.float32)
    launch(SOURCE, "fine", 1, 64, (y,))
    assert y.all()
    return caught.value


@pytest.mark.parametrize("order", ["up", "down", "rotated:2"])
@pytest.mark.parametrize("races", [False, True])
def test_barriers(order: str, races: bool) -> None:
    y, options = np.zeros(64, np.float32), {"thread_order": order, "races": races}
    error = fails("divergent", 32, (y,), r"divergent __syncthreads.*test.cu:", **options)
    assert error.place in [f"test.cu:{line_of(SOURCE, text)}" for text in ("// seven", "// the others")]
    assert fails("deadlock", 32, (y,), "31 threads wait", "// alone", **options).thread == (3, 0, 0)
    if races:  # told, and the kernel goes on
        with emulation(**options) as findings:
            launch(SOURCE, "ended", 1, 32, (y,))
        (found,) = findings.of(UndefinedOperation)
        assert (found.place, found.thread) == (f"test.cu:{line_of(SOURCE, '// reads an ended')}", (7, 0, 0))
        assert "the lane is 8 and the mask 0xffffffff" in str(findings)
    else:
        assert fails("ended", 32, (y,), "undefined", "// reads an ended", **options).thread == (7, 0, 0)
    assert fails("outside_mask", 32, (y,), "not in the mask", "// lane 16", **options).thread[0] >= 16
    fails("different", 32, (y,), "different operations", **options)


def test_faults_of_the_processor() -> None:
    y = guarded(64 * 4).view(np.float32)
    error = fails("beyond", 32, (y, np.int32(64)), "invalid memory access", "// far away")
    assert (error.block, error.thread) == ((1, 0, 0), (5, 0, 0))
    fails("deep", 1, (y, np.int32(0)), "stack overflow")
    fails("dynamic", 1, (y, np.int32(16)), "byte 64 of dynamic shared memory, which has 64 bytes")


def test_declared_bounds_and_alignment_when_sanitized() -> None:
    x, y = np.zeros(64, np.float32), np.zeros(64, np.float32)
    fails("declared", 1, (y, np.int32(8)), r"index 8 of .*float ?\[8\]", "// past the row", sanitize=True)
    fails("misaligned", 1, (x, y, np.int32(1)), "misaligned", "// i is no multiple", sanitize=True)
    with emulation(sanitize=True):
        launch(SOURCE, "declared", 1, 1, (y, np.int32(7)))
        launch(SOURCE, "misaligned", 1, 1, (x, y, np.int32(4)))


def test_arguments_must_be_what_the_kernel_takes() -> None:
    kernel, y = compiled(SOURCE).kernel("beyond"), np.zeros(64, np.float32)
    assert kernel.signature == ["Pf4", "i4"]
    assert compiled(SOURCE).kernel("misaligned").read_only == [True, False, False]
    for args, text in (
        ((y,), "expected 2 arguments"),
        ((y, 3), r"argument 2 \(i\): expected a NumPy scalar of i4, got int"),
        ((y, np.int64(3)), "got i8"),
        ((y, np.float32(3)), "got f4"),
        ((y.astype(np.float64), np.int32(3)), r"argument 1 \(y\): expected an array of f4, got f8"),
        ((y[::2], np.int32(3)), "C-contiguous"),
        ((np.float32(1), np.int32(3)), "expected an array"),
    ):
        with pytest.raises(TypeError, match=text):
            kernel.launch((1, 1, 1), (1, 1, 1), args)  # type: ignore[arg-type]


def test_sources_that_do_not_compile() -> None:
    with pytest.raises(InvalidInput, match=r"broken.cu:2:.*nothing"):
        compiled('\nextern "C" __global__ void k(float *y) { nothing; }', "broken.cu")
    with pytest.raises(InvalidInput, match="expected kernels declared  __global__"):
        compiled("__device__ int f() { return 1; }", "empty.cu")
    with pytest.raises(InvalidInput, match="did you mean 'divergent'"):
        compiled(SOURCE).kernel("divergant")
