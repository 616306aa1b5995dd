"""Whole CUDA programs: they run as they stand, and what is wrong with them is told in their own lines."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tinyseg_emulator.checks.records import Failure, OutOfBounds, ProgramFault, Race
from tinyseg_emulator.cuda.compiler import find_compiler
from tinyseg_emulator.cuda.program.build import is_program
from tinyseg_kernels.errors import InvalidInput

from tests.cli.command import tinyseg
from tinyseg.programs import ProgramLimits, ProgramReport, check_program

pytestmark = pytest.mark.skipif(find_compiler() is None, reason="NOT TESTED: no C++ compiler on Linux")

FOLDER = Path(__file__).parent / "programs"
LIMITS = ProgramLimits(seconds=60)


@cache
def ran(name: str, *arguments: str, seconds: float = 60.0) -> ProgramReport:
    """Return the report of a program of the folder."""
    return check_program(FOLDER / f"{name}.cu", arguments, limits=ProgramLimits(seconds=seconds), pass_on=False)


def only(report: ProgramReport) -> Any:
    """Return the one finding."""
    assert len(report.findings) == 1, str(report)
    return next(iter(report.findings))


def line_of(name: str, text: str) -> str:
    """Return `file:line` of the line that has a text."""
    lines = (FOLDER / f"{name}.cu").read_text().splitlines()
    return f"{name}.cu:{next(k for k, line in enumerate(lines, 1) if text in line)}"


def place(finding: Any) -> str:
    """Return where a finding is, without the folder."""
    return str(finding.place).rpartition("/")[2]


def test_vector_addition_with_100_warm_ups_is_right() -> None:
    report = ran("vector_add")
    assert report.printed == "sum 1.4985e+06, time passed\n"
    assert not len(report.findings), str(report)
    assert report.exit_code == 0
    assert "101 launches, of which the first 3 ran under the checks" in report.notes[0]


def test_arguments_reach_main() -> None:
    assert ran("vector_add", "10").printed.startswith("sum 135,")


def test_every_spelling_of_a_launch_runs_the_kernel_that_cuda_runs() -> None:
    report = ran("launches")
    assert not len(report.findings), str(report)
    assert report.printed.splitlines() == [
        "plain 12", "spaces 4", "bounded 1", "float 2", "int 3", "deduced 20", "converted 20", "named 32", "null 32",
        "functor 14", "defaulted 4", "namespace 6", "struct 7", "dynamic 16", "macro 4", "member 16", "pointer 6",
        "parameter 1", "table 7", "cudaLaunchKernel 9", "cooperative 108", "more shared memory 8",
    ]  # fmt: skip


def test_a_product_of_matrices_with_templates_a_header_and_exceptions_is_right() -> None:
    report = ran("matmul")
    assert report.printed == "caught: too long\ncaught: too long\nResult = PASS\n"
    assert not len(report.findings), str(report)


def test_constant_memory_pitched_copies_files_and_input() -> None:
    with open(FOLDER / "histogram.txt", "rb") as typed:
        code = (
            "import sys; from tinyseg.programs import check_program; "
            f"r = check_program({str(FOLDER / 'histogram.cu')!r}); sys.exit(len(r.findings))"
        )
        done = subprocess.run([sys.executable, "-c", code], stdin=typed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "abcdefghijklmnopqrstuvwxyz: 5 5 5 9 of 24\n"


def test_streams_that_events_order_are_right_and_a_missing_event_is_a_race() -> None:
    right = ran("streams")
    assert right.printed == "sum 2048, 1 callback\n"
    assert not len(right.findings), str(right)
    finding = only(ran("streams", "without"))
    assert finding.group == "stream race"
    assert place(finding) == line_of("streams", "add<<<1, 32, 0, last>>>")
    assert line_of("streams", "scale<<<CHUNK / 64") in "\n".join(finding.notes)


def test_managed_memory_properties_and_occupancy() -> None:
    report = ran("managed")
    assert report.printed.splitlines() == [
        "1 device, warps of 32, 9.0, 1", "2 4 6, visited 3", "999, 16 blocks, 1",
    ]  # fmt: skip
    assert not len(report.findings), str(report)


def test_a_sum_by_the_last_block_is_right() -> None:
    report = ran("last_block")
    assert report.printed == "PASS in some time\n"
    assert not len(report.findings), str(report)


def test_a_barrier_of_the_grid_needs_a_cooperative_launch() -> None:
    report = ran("cooperative")
    assert report.printed == "63 0\n"
    assert not len(report.findings), str(report)


FAULTS = {
    "host reads device": ("host access", 'printf("%d\\n", device[3])', "pointer to device memory"),
    "managed without sync": ("host race", 'printf("%d\\n", managed[3])', "the host reads what an earlier kernel"),
    "managed inside of a structure": ("host race", "counted.x[3]", "the host reads what an earlier kernel"),
    "managed after the other half": ("host race", "managed[3] = 7", "the host writes what an earlier kernel"),
    "pinned without sync": ("host race", '"%d\\n", pinned[3]', "the host reads what an earlier cudaMemcpyAsync"),
    "pinned overwritten": ("host race", "pinned[3] = 7", "the host writes what an earlier cudaMemcpyAsync"),
    "streams": ("stream race", "increment<<<1, n, 0, second>>>", "race between two streams"),
    "direction": ("error", "cudaMemcpyDeviceToHost);", "says that the destination is host memory, but it is device"),
    "size": ("error", "2 * n * sizeof", "go 1024 bytes beyond device memory of 1024 bytes"),
    "double free": ("error", "    cudaFree(device);", "double free"),
    "too many threads": ("error", "<<<1, 2048>>>", "cudaErrorInvalidConfiguration"),
    "too much shared memory": ("error", "64 << 10", "unless cudaFuncSetAttribute allows it more"),
    "handled": ("error", "<<<1, 0>>>", "at least 1 block and 1 thread"),
    "leak": ("leak", "cudaMalloc(&device, n", "leak: device memory of 1,024 bytes"),
    "stream leak": ("leak", "cudaStreamCreate(&first)", "leak: stream"),
    "elapsed": ("host race", "cudaEventElapsedTime", "cudaEventSynchronize is missing"),
    "null pointer": ("crash", "*(volatile int *)nullptr", "SIGSEGV: host code uses the null pointer"),
    "stack": ("crash", "int depth(int n)", "stack overflow"),
    "exception": ("crash", "std::runtime_error", "an exception that nobody caught: out of ideas"),
    "system": ("limit", 'system("ls")', "system is refused"),
}


def test_the_host_may_use_what_a_kernel_does_not_touch() -> None:
    """On the same page, too."""
    report = ran("faults", "the other half of managed memory")
    assert report.printed.splitlines()[1] == str(128 + 255)
    assert not len(report.findings), str(report)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_host_is_told_in_its_line(fault: str) -> None:
    group, line, words = FAULTS[fault]
    report = ran("faults", fault)
    finding = only(report)
    assert isinstance(finding, ProgramFault)
    assert finding.group == group
    assert words in finding.what
    expected = line_of("faults", line)
    if fault == "double free":  # the second of two equal lines
        expected = f"faults.cu:{int(expected.rpartition(':')[2]) + 1}"
    assert place(finding) == expected
    assert report.printed.startswith(f"fault: {fault}\n")  # the output comes out although the program crashes


def test_an_error_that_nobody_looks_at_is_told_apart_from_one_that_is_handled() -> None:
    assert any("never looks at this error" in note for note in only(ran("faults", "too many threads")).notes)
    assert any("never looks at this error" in note for note in only(ran("faults", "direction")).notes)
    handled = ran("faults", "handled")
    assert only(handled).notes == ()
    assert "invalid configuration argument" in handled.printed


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("kernel reads host", Failure, "host memory"),
        ("use after free", Failure, "memory that was freed: device, of 1024 bytes, freed at line"),
        ("bounds", OutOfBounds, ""),
        ("managed bounds", OutOfBounds, ""),  # the host has waited, though the launch failed
        ("race", Race, ""),
        ("device assert", Failure, "Assertion"),
    ],
)
def test_a_fault_in_a_kernel_is_found_as_in_a_file_of_kernels(fault: str, kind: type, words: str) -> None:
    finding = only(ran("faults", fault))
    assert isinstance(finding, kind)
    assert words in getattr(finding, "what", "")


def test_an_illegal_address_stays_as_on_a_device() -> None:
    assert "an illegal memory access was encountered" in ran("faults", "bounds").printed


def test_the_exit_code_is_the_programs() -> None:
    report = ran("faults", "exit")
    assert report.exit_code == 3
    assert not len(report.findings)  # who gives up is not blamed for what is not freed


@pytest.mark.parametrize(("fault", "words"), [("loop", "limit of time"), ("output", "printed more than")])
def test_a_program_without_end_is_ended_and_says_where_it_stood(fault: str, words: str) -> None:
    limits = ProgramLimits(seconds=2 if fault == "loop" else 60, output=1 << 20)
    report = check_program(FOLDER / "faults.cu", [fault], limits=limits, pass_on=False)
    finding = only(report)
    assert words in finding.what
    if fault == "loop":
        assert place(finding) == line_of("faults", "for (volatile int i = 0;;")
    assert len(report.printed) <= 1 << 20


def test_ctrl_c_ends_a_program_and_says_where_it_stood() -> None:
    command = [sys.executable, "-m", "tinyseg", "racecheck", str(FOLDER / "faults.cu"), "--", "loop"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "fault: loop\n"
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGINT)
        text = process.stdout.read()
    assert process.returncode == 1
    assert f"{line_of('faults', 'for (volatile int i = 0;;')}: interrupted: the program stood here" in text


def test_the_command_gives_1_for_findings_and_json() -> None:
    done = tinyseg("racecheck", FOLDER / "faults.cu", "--json", "--", "direction")
    assert done.code == 1
    told = json.loads(done.out)
    assert told["findings"][0]["kind"] == "ProgramFault"
    assert told["printed"] == "fault: direction\n"
    assert told["exit_code"] == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("#include <cublas_v2.h>", "runs on a GPU only"),
        ("#include <thrust/device_vector.h>", "is compiled by nvcc only"),
        ("#include <helper_cuda.h>", "-I FOLDER"),
        ("cudaGraph_t graph;", "graphs (cudaGraph_t) are not executed"),
        ("cudaTextureObject_t image;", "textures and surfaces"),
        ("__device__ int *made() { return new int[3]; }", "memory that device code allocates itself (new in 'made')"),
        ("__global__ void k() { free(malloc(8)); }", "memory that device code allocates itself (malloc in 'k')"),
    ],
)
def test_what_is_not_executed_is_refused_in_words(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "absent.cu"
    path.write_text(f"{line}\nint main() {{ return 0; }}\n")
    with pytest.raises(InvalidInput) as error:
        check_program(path, pass_on=False)
    assert words in str(error.value)


def test_arrays_of_kernels_in_headers_have_the_names_of_their_parameters(tmp_path: Path) -> None:
    kernel = (
        "template <class T> __global__ void fill(int n, T *numbers) { if (threadIdx.x < n) numbers[threadIdx.x] = 1; }"
    )
    (tmp_path / "fill.cuh").write_text(kernel)
    text = "int *p; cudaMalloc(&p, 12); fill<<<1, 3>>>(3, p); fill<<<1, 4>>>(4, p); cudaFree(p);"
    (tmp_path / "main.cu").write_text(f'#include "fill.cuh"\nint main() {{ {text} }}\n')
    finding = only(check_program(tmp_path / "main.cu", pass_on=False))
    assert isinstance(finding, OutOfBounds)
    assert finding.array == "numbers"


def test_macros_of_one_letter_leave_the_headers_alone(tmp_path: Path) -> None:
    letters = "ABCDFIKMNPRSTVWXY"
    kernel = f"__global__ void k(int *x) {{ x[0] = {' + '.join(letters)}; }}"
    text = "int *p, h; cudaMalloc(&p, 4); k<<<1, 1>>>(p); cudaMemcpy(&h, p, 4, cudaMemcpyDeviceToHost); cudaFree(p);"
    (tmp_path / "one.cu").write_text(f"{kernel}\nint main() {{ {text} return h; }}\n")
    report = check_program(tmp_path / "one.cu", defines=dict.fromkeys(letters, "2"), pass_on=False)
    assert report.exit_code == 2 * len(letters), str(report)


def test_a_launch_that_nvcc_refuses_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "spaced.cu"
    path.write_text("__global__ void k() {}\nint main() { k<<<1, 1> > >(); }\n")
    with pytest.raises(InvalidInput, match="'<<<' without '>>>"):
        check_program(path, pass_on=False)


def test_what_is_a_program() -> None:
    assert is_program("int main() { return 0; }")
    assert is_program("// main()\nint\nmain (int argc, char **argv) {}")
    assert not is_program("// int main() {}\n__global__ void main_kernel(int *x) {}")
    assert not is_program("// racecheck: k<<<1, 1>>>(int x[1])\n__global__ void k(int *x) {}\nint main() {}")


def test_the_report_in_the_guide_is_what_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (Path(__file__).parents[2] / "docs" / "gpu_lab.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```cuda\n(.*?)```", text, re.DOTALL)
    expected = re.findall(r"```text\n(.*?)```", text, re.DOTALL)[0]
    monkeypatch.chdir(tmp_path)
    Path("brighten.cu").write_text(source, encoding="utf-8")
    done = tinyseg("racecheck", "brighten.cu")
    assert done.code == 1
    assert done.out == expected


def test_structures_that_a_call_returns_are_stored_under_the_checks() -> None:
    report = ran("returned")
    assert report.printed == "102\n"  # 62 + 1 + 31 + 1 + 2 + 3 + 2, and no bit of `1u << 32`
    finding = only(report)
    assert (finding.left, finding.right, finding.result) == ("1", "32", "0"), str(report)
    beyond = next(f for f in ran("returned", "one", "more").findings if isinstance(f, OutOfBounds))
    assert str(beyond.accesses[0].place).endswith(line_of("returned", "out[i] = vector(sum"))
