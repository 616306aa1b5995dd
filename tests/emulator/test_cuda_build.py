"""How .cu files are compiled and kept.

The cache, headers, macros, other context switches and compilers, and the pieces of text that the build rewrites.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tinyseg_emulator.cuda import build
from tinyseg_emulator.cuda.compiler import is_clang
from tinyseg_emulator.cuda.module import CudaModule
from tinyseg_emulator.cuda.translate import translate
from tinyseg_kernels.errors import InvalidInput

KERNEL = 'extern "C" __global__ void fill(float *y) { y[threadIdx.x] = VALUE; }'


def filled(source: str = KERNEL, **arguments: object) -> float:
    """Compile a source whose kernel `fill` writes a number; return the number."""
    y = np.zeros(1, np.float32)
    kernel = CudaModule(source, "fill.cu", **arguments).kernel("fill")  # type: ignore[arg-type]
    kernel.launch((1, 1, 1), (1, 1, 1), (y,))
    return float(y[0])


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv(build.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "emulator"


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own that has the runtime, which takes seconds to compile."""
    library = build.runtime_library()
    monkeypatch.setenv(build.CACHE_VARIABLE, str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "emulator"
    folder.mkdir(parents=True)
    (folder / library.name).symlink_to(library)
    return folder


def test_results_are_kept_and_found_again(own_cache: Path) -> None:
    assert filled(defines={"VALUE": 3}) == 3
    kept = sorted(own_cache.glob("fill-*.so"))
    assert len(kept) == 1
    before = kept[0].stat().st_mtime_ns
    assert filled(defines={"VALUE": 3}) == 3
    assert [path.stat().st_mtime_ns for path in own_cache.glob("fill-*.so")] == [before]
    assert filled(defines={"VALUE": 4}) == 4
    assert len(list(own_cache.glob("fill-*.so"))) == 2
    assert not list(own_cache.glob("building-*"))


def test_a_changed_header_compiles_anew(own_cache: Path, tmp_path: Path) -> None:
    (tmp_path / "inner.cuh").write_text("#define VALUE 1\n")
    (tmp_path / "outer.cuh").write_text('#include "inner.cuh"\n')
    source = f'#include "outer.cuh"\n{KERNEL}'
    assert filled(source, include=(tmp_path,)) == 1
    (tmp_path / "inner.cuh").write_text("#define VALUE 2\n")
    assert filled(source, include=(tmp_path,)) == 2


def test_several_processes_may_compile_the_same_file(empty_cache: Path) -> None:
    code = (
        "import numpy as np; from tinyseg_emulator.cuda.module import CudaModule; y = np.zeros(1, "
        f"'f4');CudaModule({KERNEL!r}, 'fill.cu', defines={{'VALUE': 5}}).kernel('fill').launch((1, 1, 1), (1, 1, "
        "1), (y,)); assert y[0] == 5"
    )
    started = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait(timeout=300) for process in started] == [0, 0]
    assert len(list(empty_cache.glob("fill-*.so"))) == 1


HEADERS = """
__device__ float4 corner;
struct Pair { float2 a, b; };
__device__ Pair pair;
extern "C" __global__ void fill(float *y, float4 v) { y[threadIdx.x] = VALUE + v.y + corner.x; }
"""


def test_headers_that_are_precompiled_change_nothing(own_cache: Path) -> None:
    def told(defines: dict[str, str | int]) -> tuple[list[object], str]:
        table = CudaModule(HEADERS, "fill.cu", defines={"VALUE": 1, **defines}).library().table
        with pytest.raises(InvalidInput) as raised:
            CudaModule(HEADERS.replace("v.y", "v.wrong"), "fill.cu", defines={"VALUE": 1, **defines})
        return [table.kernels, table.variables, table.definitions], str(raised.value)

    first = told({"A": 1})
    assert told({"A": 2}) == first
    if not is_clang():
        (precompiled,) = own_cache.glob("prelude-*/*.gch")
        assert precompiled.stat().st_size > 1 << 20
    assert filled(defines={"VALUE": 3}) == 3
    for precompiled in own_cache.glob("prelude-*/*.gch"):
        precompiled.write_bytes(b"no longer what it was")
    assert filled(defines={"VALUE": 4}) == 4
    assert told({"A": 3}) == first


def test_macros_may_write_kernels_bounds_and_shared_arrays() -> None:
    source = """
    #define SIDE 4
    #define KERNEL(name) extern "C" __global__ void __launch_bounds__(SIDE * (SIDE + 1), 2) name
    #define BUFFER extern __shared__ __align__(16) float
    KERNEL(fill)(float *y) { BUFFER s[]; s[0] = SIDE; y[0] = s[0]; }
    """
    module = CudaModule(source, "macros.cu")
    assert module.kernels == ["fill"]
    assert module.kernel("fill").max_threads == 20
    y = np.zeros(1, np.float32)
    module.kernel("fill").launch((1, 1, 1), (1, 1, 1), (y,), 16)
    assert y[0] == 4


def test_kernels_in_a_block_of_c_linkage() -> None:
    source = """
    extern "C" {
    __device__ float two() { return 2; }
    __global__ void fill(float *y) { if (threadIdx.x == 0) { y[0] = two(); } }
    __global__ void other(float *y) { y[0] = 3; }
    }
    template <int N> __global__ void no_c_linkage(float *y) { y[0] = N; }
    """
    assert CudaModule(source, "block.cu").kernels == ["fill", "other"]
    assert filled(source) == 2


def test_templates_have_shared_memory_of_their_own() -> None:
    source = """
    template <int N> __device__ float last() {
      __shared__ float s[N];
      if (threadIdx.x < N) s[threadIdx.x] = N;
      __syncthreads();
      return s[N - 1];
    }
    extern "C" __global__ void fill(float *y) { y[0] = last<3>() * 100 + last<7>(); }
    """
    y = np.zeros(1, np.float32)
    CudaModule(source, "templates.cu").kernel("fill").launch((1, 1, 1), (8, 1, 1), (y,))
    assert y[0] == 307


def test_translation_keeps_the_number_of_lines_before_its_own_part() -> None:
    text = 'int before;\nextern "C" __global__ void\n__launch_bounds__(8)\nk(float *y) { __shared__ float s[2]; }\n'
    rewritten = translate(text, "k.cu")
    assert rewritten.startswith("int before;\n")
    assert rewritten.splitlines()[3].startswith("k(float *y) { static thread_local")
    assert "emulator::run(::k, " in rewritten


SELF_TEST = """
import numpy as np
from tinyseg_emulator.cuda.module import CudaModule
from tinyseg_emulator.checks.records import OutOfBounds, Race
from tinyseg_emulator.checks.options import emulation
source = '''
extern "C" __global__ void turn(const float *x, float *y, int barrier) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];
  if (barrier) __syncthreads();
  y[threadIdx.x] = s[63 - threadIdx.x] + 0 * __shfl_xor_sync(0xffffffffu, 1.0f, 1);
}
extern "C" __global__ void outside(float *y, int i) { __shared__ float s[8]; s[i] = 1; y[0] = s[i]; }
'''
module = CudaModule(source, "turn.cu")
x, y = np.random.default_rng(0).standard_normal(64).astype("f4"), np.zeros(64, "f4")
for order in ("up", "down", "rotated:3"):
    with emulation(thread_order=order):
        module.kernel("turn").launch((1, 1, 1), (64, 1, 1), (x, y, np.int32(1)))
    assert (y == x[::-1]).all(), order
    for barrier in (0, 1):
        with emulation(thread_order=order, races=True) as findings:
            module.kernel("turn").launch((1, 1, 1), (64, 1, 1), (x, y, np.int32(barrier)))
        races = findings.of(Race)
        assert len(races) == 1 - barrier, (order, barrier, str(findings))
        assert all({race.first.place, race.second.place} == {"turn.cu:4", "turn.cu:6"} for race in races), str(findings)
with emulation(races=True) as findings:
    try:
        module.kernel("outside").launch((1, 1, 1), (1, 1, 1), (y, np.int32(9)))
    except RuntimeError as error:
        assert "turn.cu:8" in str(error), error
    else:
        raise SystemExit("an index out of bounds was not noticed")
print("as it should be")
"""


def _self_test(**environment: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", SELF_TEST],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    assert result.stdout == "as it should be\n", result.stdout + result.stderr


def test_the_context_switch_for_other_processors(own_cache: Path) -> None:
    _self_test(TINYSEG_CXXFLAGS="-DTINYSEG_UCONTEXT")


@pytest.mark.skipif(find_spec("ziglang") is None, reason="ziglang is not installed")
def test_the_compiler_of_ziglang(own_cache: Path) -> None:
    _self_test(CXX=f"{sys.executable} -m ziglang c++")


def test_without_a_compiler_the_error_says_how_to_get_one(own_cache: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['ziglang'] = None\n"
        "import importlib.util, tinyseg_emulator.cuda.compiler as c\n"
        "c.find_spec = lambda name: None\n"
        "from tinyseg_emulator.cuda.module import CudaModule\n"
        "from tinyseg_kernels.errors import InvalidInput\n"
        "try: CudaModule('', 'x.cu')\n"
        "except InvalidInput as error: print(error)\n"
    )
    environment = {**os.environ, "PATH": str(tmp_path)}
    environment.pop("CXX", None)
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "pip install ziglang" in result.stdout, result.stdout + result.stderr
