"""Kernels and shared memory in every spelling that nvcc takes: generated, in one file, run on random data."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from tinyseg_emulator.checks.records import Race
from tinyseg_emulator.cuda.module import CudaModule
from tinyseg_emulator.cuda.translate import CompileError
from tinyseg_emulator.cuda.translate.requests import Instance, Requests

from tests.emulator.cuda_source import checked, compiled

KERNELS = [
    "__global__ void {}",
    "void __global__ {}",
    'extern "C" __global__ void {}',
    'extern "C" void __global__ {}',
    "static __global__ void {}",
    "__global__ static void {}",
    "inline __global__ void {}",
    "__global__ __launch_bounds__(64) void {}",
    "__global__ void __launch_bounds__(SIDE * (SIDE + 8), 2) {}",
    "__launch_bounds__(64, 1) __global__ void {}",
    "__attribute__((unused)) __global__ void {}",
    "[[maybe_unused]] __global__ void {}",
    "__global__ void __attribute__((noinline)) {}",
    "__global__ void __cluster_dims__(1, 1, 1) {}",
    "MAKE_KERNEL({})",
]
AROUND = [
    "{}",
    "namespace n{i} {{ {} }}",
    "namespace n{i} {{ namespace {{ {} }} }}",
    "namespace a{i}::b {{ {} }}",
    'extern "C" {{ {} }}',
]
STATIC = [
    "__shared__ float s[64];",
    "static __shared__ float s[64];",
    "__shared__ static float s[64];",
    "float __shared__ s[64];",
    "float static __shared__ s[64], other;",
    "__shared__ __align__(16) float s[64];",
    "__align__(16) __shared__ float s[64];",
    "alignas(16) __shared__ float s[64];",
    "__shared__ alignas(2 * sizeof(double)) float s[64];",
    "__shared__ float __align__(16) s[64];",
    "__shared__ real_t s[SIDE * 8];",
    "__shared__ volatile float s[64];",
    "volatile __shared__ float other[2], s[64];",
    "__shared__ float\n  first,\n  s[64];",
    "__shared__ Pair pairs[32]; float *s = &pairs[0].a;",
    "__shared__ struct { float held[64]; } box; float *s = box.held;",
    "__shared__ union { float f[64]; int i[64]; } u; float *s = u.f;",
    "__shared__ float grid[8][SIDE]; float (&s)[64] = *reinterpret_cast<float (*)[64]>(grid);",
    "__shared__ Buffer<float, 64> buffer; float *s = buffer.data;",
    'const char *t = "__shared__ int s[3];"; (void)t; /* __shared__ int s; */ __shared__ float s[64]; // __global__',
]
DYNAMIC = [
    "extern __shared__ float s[];",
    "extern float __shared__ s[];",
    "__shared__ extern float s[];",
    "extern volatile __shared__ float held[]; volatile float *s = held;",
    "extern __shared__ volatile float held[]; auto s = held;",
    "extern __shared__ __align__(16) float s[];",
    "extern __shared__ float __align__(16) s[];",
    "extern __align__(16) __shared__ float s[];",
    "alignas(sizeof(float4)) extern __shared__ float s[];",
    "extern __shared__ real_t s[];",
    "extern __shared__ float square[][8]; float *s = &square[0][0];",
    "extern __shared__ Pair pairs[]; float *s = &pairs->a;",
    "extern __shared__ unsigned char bytes[]; float *s = reinterpret_cast<float *>(bytes);",
    "extern __shared__ float s[64];",
    "float *s = file_array;",
    "real_t *s = dynamic<real_t>();",
]
BODY = """(const float *__restrict__ x, float *y) {{
  {shared}
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = s[63 - threadIdx.x] + {i};
}}
"""
START = """
#define SIDE 8
#define MAKE_KERNEL(name) __global__ void name
typedef float real_t;
struct Pair { float a; float b; };
template <class T, int N> struct Buffer { T data[N]; };
extern __shared__ float file_array[];
template <class T> __device__ T *dynamic() { extern __shared__ int words[]; return reinterpret_cast<T *>(words); }
"""


def generated(seed: int) -> tuple[str, list[tuple[str, int]]]:
    """A file in which each spelling occurs, combined at random; and its kernels with their dynamic shared memory."""
    generator = random.Random(seed)
    shared = [(text, 0) for text in STATIC] + [(text, 256) for text in DYNAMIC]
    kernels, around = (
        itertools.cycle(generator.sample(KERNELS, len(KERNELS))),
        itertools.cycle(generator.sample(AROUND, 5)),
    )
    parts, found = [START], []
    for i, (declaration, size) in enumerate(generator.sample(shared, len(shared))):
        kernel = next(kernels).format(f"k{i}") + BODY.format(shared=declaration, i=i)
        place = next(around)
        if "inline" in kernel or "static" in kernel.partition("{")[0] or "attribute" in kernel or "maybe" in kernel:
            place = "{}" if "extern" in place else place
        parts.append(place.replace("{i}", str(i)).replace("{{", "\0").replace("}}", "\1").replace("{}", kernel)
                     .replace("\0", "{").replace("\1", "}"))  # fmt: skip
        found.append((f"k{i}", size))
    return "\n".join(parts), found


@pytest.mark.parametrize("seed", [0, 1])
def test_spellings(seed: int) -> None:
    source, kernels = generated(seed)
    module = compiled(source, f"spellings{seed}.cu")
    assert len(module.kernels) == len(kernels)
    generator = np.random.default_rng(seed)
    for i, (name, size) in enumerate(kernels):
        x, y = generator.standard_normal(64).astype(np.float32), np.zeros(64, np.float32)
        kernel = module.kernel(name)
        assert kernel.parameters == ["x", "y"]
        assert kernel.read_only == [True, False]
        kernel.launch((1, 1, 1), (64, 1, 1), (x, y), size)
        np.testing.assert_array_equal(y, x[::-1] + np.float32(i), err_msg=source)


TEMPLATES = """
namespace app {
enum class Mode { PLAIN = 1, DOUBLE = 2 };
template <class T> struct Scaled { T factor; __device__ T operator()(T v) const { return v * factor; } };
template <typename T, int N = 4, Mode M = Mode::PLAIN>
__global__ void __launch_bounds__(N * 16) scale(T *x, const T *f, int n = N) {
  __shared__ T s[N];
  if (threadIdx.x == 0) s[N - 1] = f[0];
  __syncthreads();
  if (threadIdx.x < n) x[threadIdx.x] *= s[N - 1] * T(int(M));
}
template <class T, class F> __global__ void apply(T *x, F f) { x[threadIdx.x] = f(x[threadIdx.x]); }
}
__global__ void over(int *x) { x[0] = 1; }
__global__ void over(float *x) { x[0] = 2; }
__global__ void over(float *x, int n) { x[0] = n; }
template <class T> __global__ void special(T *x) { x[0] = T(1); }
template <> __global__ void special<double>(double *x) { x[0] = 7; }
template __global__ void special<int>(int *);
"""


def test_instances_overloads_and_default_values() -> None:
    asked = [
        Instance("scale<float>", ("float *", "float *"), 2),
        Instance("app::scale<double, 2, Mode::DOUBLE>", ("double *", "double *", "int"), 3),
        Instance("scale", ("int *", "int *"), 4),
        Instance("apply", ("float *", "app::Scaled<float>"), 5),
        Instance("over", ("int *",), 6),
        Instance("over", ("float *",), 7),
        Instance("over", ("float *", "int"), 8),
        Instance("special<double>", ("double *",), 9),
        Instance("special<int>", ("int *",), 10),
    ]
    module = CudaModule(TEMPLATES, "templates.cu", requests=Requests(tuple(asked)))

    def run(number: int, dtype: str, *more: object) -> list[float]:
        x = np.arange(1, 9).astype(dtype)
        module.instance(number).launch((1, 1, 1), (8, 1, 1), (x, *more))  # type: ignore[arg-type]
        return [float(value) for value in x]

    assert run(0, "f4", np.full(1, 3, "f4")) == [3, 6, 9, 12, 5, 6, 7, 8]  # n is N, which is 4
    assert run(1, "f8", np.full(1, 3, "f8"), np.int32(3)) == [6, 12, 18, 4, 5, 6, 7, 8]
    assert run(2, "i4", np.full(1, 2, "i4")) == [2, 4, 6, 8, 5, 6, 7, 8]
    assert run(3, "f4", np.array([(0.5,)], [("factor", "f4")])[0]) == [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
    assert [run(4, "i4")[0], run(5, "f4")[0], run(6, "f4", np.int32(9))[0]] == [1, 2, 9]
    assert [run(7, "f8")[0], run(8, "i4")[0]] == [7, 1]
    assert module.instance(1).max_threads == 32
    assert module.instance(1).name == "app::scale<double, 2, Mode::DOUBLE>"
    assert module.library().static_shared_of(module.instance(1).number) == 16
    assert "special<int>" in module.kernels
    assert module.not_launched([module.instance(0), module.instance(4)]) == [
        "app::apply", "over(float *)", "over(float *, int)", "special",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (
            Instance("scal<float>", ("float *",), 3),
            "templates.cu:3: expected a kernel of the file (known: app::apply, app::scale",
        ),
        (Instance("over<float>", ("float *",), 3), "templates.cu:3: 'over' is no template"),
        (Instance("special", ("",), 4), "templates.cu:4: special is a template"),
        (Instance("scale<float, 0 - >", ("float *", "float *", "int"), 5), "templates.cu:5: error: "),
        (Instance("over", ("double *",), 6), "templates.cu:6: error: "),
    ],
)
def test_instances_that_cannot_be_are_told_with_the_comments_line(asked: Instance, text: str) -> None:
    with pytest.raises(CompileError) as caught:
        CudaModule(TEMPLATES, "templates.cu", requests=Requests((asked,)))
    assert text in str(caught.value)
    assert "tinyseg_" not in str(caught.value)


CLUSTERS = "__global__ void __cluster_dims__(2, 1, 1) pair(float *y) { y[blockIdx.x] = 1; }"


def test_clusters_must_divide_the_grid() -> None:
    y = np.zeros(4, np.float32)
    compiled(CLUSTERS).kernel("pair").launch((4, 1, 1), (1, 1, 1), (y,))
    assert (y == 1).all()
    with pytest.raises(RuntimeError, match=r"clusters of \(2, 1, 1\) blocks.*got \(3, 1, 1\)"):
        compiled(CLUSTERS).kernel("pair").launch((3, 1, 1), (1, 1, 1), (y,))


NAMES = """
__constant__ float weights[4] = {1, 2, 3, 4};
namespace deep { __device__ int counters[2]; struct Body { float3 place; int mass[2]; }; }
extern __shared__ double whole[];
__device__ double last() { return whole[threadIdx.x]; }
__global__ void named(deep::Body *bodies, float *result = nullptr) {
  __shared__ float __align__(8) tile[2];
  tile[0] = weights[threadIdx.x];
  whole[threadIdx.x] = tile[1] + last();
  bodies[threadIdx.x].mass[1] = 3;
  bodies[0].place.y = threadIdx.x;
  deep::counters[1] = threadIdx.x;
  result[0] = 1;
}
"""


def test_reports_name_arrays_fields_and_kinds_of_memory() -> None:
    body = np.dtype(
        {
            "names": ["place", "mass"],
            "formats": [[("x", "f4"), ("y", "f4"), ("z", "f4")], ("i4", 2)],
            "offsets": [0, 12],
        }
    )
    findings, _ = checked(NAMES, "named", 1, 4, (np.zeros(4, body), np.zeros(1, np.float32)), 32, memory_report=True)
    raced = {(race.memory, race.array, race.index) for race in findings.of(Race)}
    assert raced == {
        ("shared", "tile", "0"), ("global", "bodies.place.y", "0"), ("global", "deep::counters", "1"), ("global",
        "result", "0"),
    }  # fmt: skip
    used = {(line.memory, line.array) for line in findings.traffic}
    assert {("constant", "weights"), ("shared", "whole"), ("global", "bodies.mass[1]")} <= used
    assert "constant  read weights" in str(findings)
