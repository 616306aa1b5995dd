"""Whole programs: memory that nothing has written, device variables in host code, and what orders two launches."""

from __future__ import annotations

from pathlib import Path

import pytest
from tinyseg_emulator.checks.records import ProgramFault, UninitialisedRead
from tinyseg_emulator.cuda.compiler import find_compiler
from tinyseg_emulator.cuda.program.symbols import host_uses

from tests.emulator.test_cuda_programs import line_of, only, place, ran
from tinyseg.programs import ProgramLimits, check_program

pytestmark = pytest.mark.skipif(find_compiler() is None, reason="NOT TESTED: no C++ compiler on Linux")


def test_reads_and_copies_of_what_nothing_has_written_are_told() -> None:
    right = ran("unwritten")
    assert (right.printed, len(right.findings)) == ("100 9\n", 0), str(right)
    assert not any("nothing has written" in note for note in right.notes)
    report = ran("unwritten", "wrong")
    reads = {(one.array, one.index): one for one in report.findings.of(UninitialisedRead)}
    assert set(reads) == {("half", "98"), ("counter", "0")}, str(report)
    assert place(reads["half", "98"].access) == line_of("unwritten", "o[i] = x[i] + 1")
    assert reads["counter", "0"].access.kind == "atomic"
    (copied,) = report.findings.of(ProgramFault)
    assert copied.group == "unwritten"
    assert "404 bytes of 'never'" in copied.what
    assert place(copied) == line_of("unwritten", "cudaMemcpy(h, never")
    assert any("nothing has written 12, the first at [98]" in note for note in report.notes)


@pytest.mark.parametrize("wrong", [False, True])
def test_device_variables_in_host_code_and_launch_bounds(wrong: bool) -> None:
    path = Path(__file__).parent / "programs" / "symbols.cu"
    defines = {"WRONG": 1} if wrong else {}
    report = check_program(path, defines=defines, limits=ProgramLimits(seconds=60), pass_on=False)
    if not wrong:
        assert (report.printed, len(report.findings)) == ("5 1 2\n", 0), str(report)
        return
    assert report.printed.splitlines()[-1] == "cudaErrorInvalidValue"
    found = {place(one): one.what for one in report.findings.of(ProgramFault)}
    assert set(found) == {
        line_of("symbols", text)
        for text in ("(table);", 'printf("%d\\n", counter)', "there = &counter", "bounded<<<1, 128>>>(big)")
    }, str(report)
    assert "__launch_bounds__ allows at most 64 threads in a block, got 128" in str(report)


def test_which_words_of_host_code_are_uses_of_a_device_variable() -> None:
    head = "__device__ int a; __constant__ float c[3]; __managed__ int m; struct S { int a; } s;\n"
    right = (
        "m = s.a;", "int n = sizeof(a) + sizeof a;", "for (int a = 0; a < 3; a++) m = a;",
        "auto f = [](int a) { return a; };",
        "cudaMemcpyToSymbol(c, &m, 4);", "cudaGetSymbolAddress((void **)&p, a);", "own(a);",
    )  # fmt: skip
    for body in right:
        assert not host_uses(f"{head}void own(int &x); void g() {{ {body} }}\nvoid own(int &x) {{}}", "t.cu"), body
    for body, how in (
        ("m = a;", "reads"), ("return c[1];", "reads"), ("a = 3;", "writes"), ("c[m] += 1;", "writes"),
        ("++a;", "writes"),
        ("int *p = &a;", "takes the address of"), ("k<<<1, 1>>>(c);", "passes"), ("use(2 * m & a);", "reads"),
    ):  # fmt: skip
        uses = host_uses(f"{head}int g() {{ {body} }}", "t.cu")
        assert [use[1:] for use in uses] == [(how, "t.cu:2")], body
        assert not host_uses(f"{head}__device__ int g() {{ {body} }}", "t.cu")


@pytest.mark.parametrize(
    ("how", "is_race"),
    [(0, True), (1, False), (2, False), (3, False), (4, True), (5, True), (6, False), (7, False), (8, True), (9, True),
     (10, False)],
    ids=["two streams", "one stream", "legacy default stream", "a launch on it between", "non-blocking and default",
         "non-blocking and another", "event waited for", "event synchronised", "event before the launch",
         "event that nobody waits for", "stream synchronised"],
)  # fmt: skip
def test_what_orders_two_launches(how: int, is_race: bool) -> None:
    report = ran("orders", str(how))
    assert report.exit_code == 0
    if not is_race:
        assert not len(report.findings), str(report)
        return
    finding = only(report)
    assert finding.group == "stream race"
    assert place(finding) == line_of("orders", "read<<<1, 32")


MACROS = (
    "N M K T B C F G H I J L P Q R S U V W X Y Z BLOCK BLOCK_SIZE TILE TILE_SIZE WARP WARP_SIZE THREADS MIN MAX PI EPS "
    "SIZE WIDTH HEIGHT RADIUS CHECK ABS SWAP READ WRITE DEBUG KIND SLOT LOCAL GLOBAL STAGES Place "
    "Use State Layout Scope"
)
HEADERS = (
    "mma.h", "cooperative_groups.h", "cooperative_groups/reduce.h", "cuda_fp16.h", "cuda_bf16.h", "curand_kernel.h",
    "cuda/atomic", "cuda/barrier", "cuda/pipeline", "cuComplex.h", "cuda_pipeline.h", "math_constants.h",
)  # fmt: skip


def test_what_a_program_defines_does_not_change_the_headers(tmp_path: Path) -> None:
    lines = [f"#define {name} 16" for name in MACROS.split()]
    lines += [f"#include <{name}>" for name in ("cstdio", *HEADERS)]
    lines += [
        "__global__ void k(float *o) {", "  __shared__ float s[N];", "  s[threadIdx.x] = threadIdx.x;",
        "  __syncthreads();",
        "  float v = __shfl_xor_sync(0xffffu, s[threadIdx.x], 1) / N + (1 << (threadIdx.x & 3)) / K;",
        "  o[threadIdx.x] = min(max(__half2float(__float2half(v)), 0.0f), float(PI)) + abs(-1);",
        "  if (threadIdx.x == 0) printf(\"%d\\n\", BLOCK);", "}",
        "int main() {", "  float *o;", "  cudaMalloc(&o, N * sizeof(float));", "  k<<<1, BLOCK>>>(o);",
        "  cudaDeviceSynchronize();", "  cudaFree(o);", "}",
    ]  # fmt: skip
    (tmp_path / "macros.cu").write_text("\n".join(lines), encoding="utf-8")
    report = check_program(tmp_path / "macros.cu", pass_on=False)
    assert (report.printed, len(report.findings)) == ("16\n", 0), str(report)


@pytest.mark.parametrize(("given", "told"), [
    ("64", "shared array 's' of shape (16,) accessed out of bounds at [16]"),
    ("0", "dynamic shared memory, of which this launch has 0 bytes"),
])  # fmt: skip
def test_a_launch_that_gives_too_little_shared_memory(tmp_path: Path, given: str, told: str) -> None:
    (tmp_path / "dynamic.cu").write_text(
        "#include <cstdlib>\n"
        "__global__ void k(int *o) { extern __shared__ int s[];\n"
        "  s[threadIdx.x] = threadIdx.x;\n"
        "  __syncthreads(); o[threadIdx.x] = s[63 - threadIdx.x]; }\n"
        "int main(int, char **words) { int *o; cudaMalloc(&o, 256); k<<<1, 64, atoi(words[1])>>>(o); cudaFree(o); }\n",
        encoding="utf-8",
    )
    report = check_program(tmp_path / "dynamic.cu", [given], pass_on=False)
    assert told in str(report), str(report)
    assert "dynamic.cu:3" in str(report)
    right = check_program(tmp_path / "dynamic.cu", ["256"], pass_on=False)
    assert "out of bounds" not in str(right)
