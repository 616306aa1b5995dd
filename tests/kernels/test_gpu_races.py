"""Every GPU kernel of the package under the emulator's checks.

No races, no access out of bounds, no read of unset shared memory, in any version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from inspect import unwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("greenlet", reason="NOT CHECKED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')")

import tinyseg_kernels
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.cuda.module import CudaKernel
from tinyseg_emulator.simulator import simulate as simulator
from tinyseg_kernels.activation import elementwise_backward, elementwise_forward
from tinyseg_kernels.activation.table import TABLE
from tinyseg_kernels.backend import GPU_BACKENDS, RUNGS, backend
from tinyseg_kernels.device import to_backend
from tinyseg_kernels.gpu.availability import why_not_emulated
from tinyseg_kernels.gpu.versions import VERSIONS, versions
from tinyseg_kernels.precision import using_matmul_precision

from tests.kernels.backends import EMULATED
from tests.kernels.case import Case
from tests.kernels.contract import OperationContract
from tests.kernels.test_races_of_losses import results as losses_updates_and_counts
from tests.mutants.kernel_probes import PROBES

HERE = Path(__file__).parent
PACKAGE = Path(tinyseg_kernels.__file__).parent
LADDERS = {"conv2d": "conv2d", "conv2d_transpose": "conv2d", "dense": "gemm", "depthwise_conv2d": "depthwise_conv2d"}
"""Operation -> the ladder of versions that its kernels are taken from; all others have that of 'packs'."""

SIMULATED_CASES = 2
"""Of the versions with tiles, this many cases run in the simulator, the smallest.

A block computes whole tiles, in Python, however small the result is.
"""

Work = tuple[str, Callable[[], object]]


def operations(name: str) -> list[str]:
    """Return the operations that have a rung of a backend's own and a file of cases."""
    found = [path.stem.removeprefix("test_") for path in sorted(HERE.glob("test_*.py"))]
    return [o for o in found if (PACKAGE / o / f"{RUNGS[name][0]}.py").exists() and cases(o)]


def cases(operation: str) -> list[Case]:
    """Return an operation's cases that are small enough for the checks, the smallest first."""
    module = import_module(f"tests.kernels.test_{operation}")
    classes = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, OperationContract)]
    small = [case for c in classes for case in getattr(c, "cases", ()) if not case.large]
    return sorted(small, key=lambda case: sum(int(np.prod(shape)) for shape in case.shapes.values() if shape))


def ways(name: str, operation: str) -> Iterator[dict[str, str]]:
    """Yield what is forced on an operation: nothing, then each version of its ladder."""
    yield {}
    ladder = LADDERS.get(operation, "packs")
    rung = (PACKAGE / operation / f"{RUNGS[name][0]}.py").read_text("utf-8")
    if ladder == "packs" and "packs" not in rung:
        return
    for version in VERSIONS[ladder]:
        if version not in ("cublas", "vectors"):  # NVIDIA's library; and what is chosen anyway
            yield {ladder: version}


def workloads(name: str) -> Iterator[Work]:
    """Yield everything that is run on a backend: what it is, and a function that does it."""
    for operation in operations(name):
        for forced in ways(name, operation):
            tiled = name == "numba-cuda" and any(version.endswith("_tiles") for version in forced.values())
            for case in cases(operation)[: SIMULATED_CASES if tiled else None]:
                yield f"{operation} {case.name} {forced}", within(forced, "float32", partial(case.run, "float32"))
    if name == "cupy":
        for precision in ("tf32", "float16"):
            for operation in ("dense", "conv2d"):
                for case in cases(operation):
                    yield f"{operation} {case.name} {precision}", within({}, precision, partial(case.run, "float32"))
    for title, probe in PROBES.items():
        if probe.backend == name:
            yield title, partial(probe.results, "float32")
    yield "losses, updates and counts", losses_updates_and_counts
    yield "the table of activations", every_activation


def every_activation() -> None:
    """Each function of the table, forward and backward."""
    x = to_backend(np.random.default_rng(0).standard_normal((3, 37)).astype(np.float32))
    for function in TABLE:
        _, cache = elementwise_forward(x, function=function)
        elementwise_backward(x, cache)


def within(forced: dict[str, str], precision: str, work: Callable[[], object]) -> Callable[[], object]:
    """Do something by a version and at a precision."""

    def run() -> object:
        with ExitStack() as stack:
            stack.enter_context(versions(**forced))
            stack.enter_context(using_matmul_precision(precision))
            return work()

    return run


Kernel = tuple[str, str]
"""The file, within the package, and the kernel's name."""


class Launches:
    """Which kernels were launched, and which there are.

    Those of all .cu files as far as they are compiled, and those that the Numba files name.
    """

    def __init__(self) -> None:
        self.launched: set[Kernel] = set()
        self.written = {
            "cupy": {(path.relative_to(PACKAGE).as_posix(), "any") for path in PACKAGE.rglob("*.cu")},
            "numba-cuda": {
                (path.relative_to(PACKAGE).as_posix(), kernel)
                for path in PACKAGE.rglob("*numba*.py")
                for kernel in re.findall(r"^[ ]*@jit\n[ ]*def (\w+)", path.read_text("utf-8"), re.MULTILINE)
            },
        }

    def note(self, path: str, kernel: str, compiled: Sequence[str] = ()) -> None:
        """Add a launch of a kernel, and the other kernels of its file."""
        file = Path(path).relative_to(PACKAGE).as_posix()
        self.launched |= {(file, kernel), (file, "any")}
        self.written["cupy"] |= {(file, other) for other in compiled}


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> Launches:
    """Watch all emulated launches of a test."""
    noted = Launches()
    launch, simulate = CudaKernel.launch, simulator.simulate

    def launch_and_note(self: CudaKernel, *args: Any, **options: Any) -> None:
        noted.note(self.module.filename, self.name, self.module.kernels)
        launch(self, *args, **options)

    def simulate_and_note(kernel: Any, *args: Any, **options: Any) -> None:
        function = unwrap(getattr(kernel, "py_func", kernel))
        noted.note(function.__code__.co_filename, function.__name__)
        simulate(kernel, *args, **options)

    monkeypatch.setattr(CudaKernel, "launch", launch_and_note)
    monkeypatch.setattr(simulator, "simulate", simulate_and_note)
    return noted


@pytest.mark.skipif(not EMULATED, reason="the GPU backends run on a GPU, which has no such checks")
@pytest.mark.parametrize("name", GPU_BACKENDS)
def test_every_kernel_is_free_of_findings(name: str, launches: Launches) -> None:
    reason = why_not_emulated(name)
    if reason is not None:
        pytest.skip(f"NOT CHECKED: {reason}")
    for title, work in workloads(name):
        with backend(name, emulate=True), emulation(races=True, thread_order="down") as findings:
            work()
        assert not list(findings), f"{title}:\n{findings}"
    kernels = launches.written[name]
    assert len(kernels) > 50
    assert kernels - launches.launched == set(), "kernels that no workload launches"
