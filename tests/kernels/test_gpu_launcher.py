"""What the launchers hand to CuPy and Numba on a GPU, seen by stand-ins that write it down.

The emulator takes another way from there on.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import Choice
from tinyseg_kernels.gpu import cuda


class Function:
    """A kernel that writes down its launches."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.launches: list[Any] = []
        self.max_dynamic_shared_size_bytes = cuda.DEFAULT_SHARED_BYTES

    def __call__(self, grid: Any, block: Any, args: Any, *, shared_mem: int) -> None:
        assert shared_mem <= self.max_dynamic_shared_size_bytes
        self.launches.append((grid, block, args, shared_mem))


class RawModule:
    """A compiled file. As in CuPy, each `get_function` makes a new object."""

    made: list[RawModule]

    def __init__(self, *, code: str, options: tuple[str, ...]) -> None:
        self.code, self.options = code, options
        self.functions: list[Function] = []
        RawModule.made.append(self)

    def get_function(self, name: str) -> Function:
        self.functions.append(Function(name))
        return self.functions[-1]


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Put a stand-in in the place of CuPy; `device.number` is the GPU in use."""
    state = SimpleNamespace(number=0)
    runtime = SimpleNamespace(getDevice=lambda: state.number)
    module = SimpleNamespace(ndarray=np.ndarray, RawModule=RawModule, cuda=SimpleNamespace(runtime=runtime))
    RawModule.made = []
    monkeypatch.setattr(cuda, "device_module", lambda: module)
    monkeypatch.setattr(cuda, "current", lambda: Choice("cupy"))
    kept = (cuda._function, cuda._compiled, cuda._digest_of_headers)
    for function in kept:
        function.cache_clear()
    yield state
    for function in kept:
        function.cache_clear()


@pytest.fixture
def source(tmp_path: Path) -> cuda.Source:
    (tmp_path / "file.cu").write_text('extern "C" __global__ void f() {}\n')
    return cuda.Source(str(tmp_path / "cupy_gpu.py"), "file.cu")


def test_a_file_is_compiled_and_a_kernel_looked_up_once(device: SimpleNamespace, source: cuda.Source) -> None:
    for _ in range(3):
        source.launch("f", np.float32, 2, 64, (np.zeros(3, np.float32),))
    (module,) = RawModule.made
    (function,) = module.functions
    assert len(function.launches) == 3
    source.launch("f", np.float64, 2, 64, ())
    source.launch("f", np.float32, 2, 64, (), defines={"TILE": 4})
    device.number = 1
    source.launch("f", np.float32, 2, 64, ())
    assert len(RawModule.made) == 4
    assert "-DREAL_IS_FLOAT=0" in RawModule.made[1].options
    assert "-DTILE=4" in RawModule.made[2].options


@pytest.mark.usefixtures("device")
def test_arguments_have_the_types_of_the_kernels_parameters(source: cuda.Source) -> None:
    array = np.zeros(3, np.float32)
    given = (array, 7, True, np.bool_(True), 0.5, np.float64(0.25), np.uint64(2**63))
    source.launch("f", np.float32, (2, 3), 64, given)
    ((grid, block, args, shared_mem),) = RawModule.made[0].functions[0].launches
    assert (grid, block, shared_mem) == ((2, 3, 1), (64, 1, 1), 0)
    assert args[0] is array
    expected = [np.int32(7), np.int32(1), np.int32(1), np.float32(0.5), np.float64(0.25), np.uint64(2**63)]
    assert list(args[1:]) == expected
    assert [type(value) for value in args[1:]] == [type(value) for value in expected]
    source.launch("f", np.float64, 1, 1, (0.5,))
    assert type(RawModule.made[1].functions[0].launches[0][2][0]) is np.float64


@pytest.mark.usefixtures("device")
def test_more_shared_memory_is_asked_for_at_each_launch(source: cuda.Source) -> None:
    """One kernel may be launched with more, then with less, then with more again."""
    for size in (60_000, 100_000, 60_000, 1_000):
        source.launch("f", np.float32, 1, 1, (), shared_mem=size)
    (function,) = RawModule.made[0].functions
    assert [launch[3] for launch in function.launches] == [60_000, 100_000, 60_000, 1_000]


def options_and_code(source: cuda.Source) -> tuple[tuple[str, ...], str]:
    cuda._function.cache_clear()
    cuda._compiled.cache_clear()
    cuda._digest_of_headers.cache_clear()
    source.launch("f", np.float32, 1, 1, ())
    return RawModule.made[-1].options, RawModule.made[-1].code


@pytest.mark.usefixtures("device")
def test_what_cupy_keeps_on_disk_is_not_used_for_other_headers(
    source: cuda.Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CuPy's key is made of source and options; headers are in neither."""
    folder = tmp_path / "gpu"
    folder.mkdir()
    monkeypatch.setattr(cuda, "INCLUDE", folder)
    (folder / "common.cuh").write_text("// one\n")
    first = options_and_code(source)
    assert options_and_code(source) == first
    (folder / "common.cuh").write_text("// two\n")
    assert options_and_code(source)[0] != first[0]


@pytest.mark.usefixtures("device")
def test_the_compiler_is_told_the_files_name(source: cuda.Source) -> None:
    _, code = options_and_code(source)
    first, rest = code.split("\n", 1)
    assert first == f'#line 1 "{source.path.as_posix()}"'
    assert rest == source.path.read_text()


def test_numba_configures_a_launch_once_and_without_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba.cuda.core.errors")
    from numba.cuda.core.errors import NumbaPerformanceWarning
    from tinyseg_kernels.gpu import numba_cuda

    configured: list[Any] = []
    launched: list[Any] = []

    class Kernel:
        def __getitem__(self, configuration: Any) -> Any:
            warnings.warn("Grid size 2 is small", NumbaPerformanceWarning, stacklevel=1)
            configured.append(configuration)
            return lambda *args: launched.append(args)

    stream = SimpleNamespace(ptr=0)
    module = SimpleNamespace(ndarray=np.ndarray, cuda=SimpleNamespace(get_current_stream=lambda: stream))
    monkeypatch.setattr(numba_cuda, "SIMULATED", False)
    monkeypatch.setattr(numba_cuda, "current", lambda: Choice("numba-cuda"))
    monkeypatch.setattr(numba_cuda, "device_module", lambda: module)
    monkeypatch.setattr(numba_cuda, "cuda", SimpleNamespace(external_stream=lambda ptr: ("stream", ptr)))
    kernel = Kernel()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            numba_cuda.launch(kernel, 2, 64, np.zeros(2, np.float32), 1, 0.5)
        stream.ptr = 99
        numba_cuda.launch(kernel, 2, 64)
    assert configured == [((2, 1, 1), (64, 1, 1), 0, 0), ((2, 1, 1), (64, 1, 1), ("stream", 99), 0)]
    assert len(launched) == 4
    assert [type(value) for value in launched[0][1:]] == [np.int32, np.float32]
