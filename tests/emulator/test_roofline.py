"""Operations and bytes of kernels whose numbers are known by hand, and the roofs over them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.roofline import GPUS, KINDS, Buffer, Work, roof
from tinyseg_emulator.checks.roofline.plot import figure, save_plot
from tinyseg_emulator.checks.roofline.text import roofline_json, roofline_text, seconds_text
from tinyseg_emulator.cuda.check import check_cuda
from tinyseg_kernels.errors import InvalidInput

from tinyseg.programs import check_program

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def works() -> dict[str, Work]:
    with emulation(roofline=True):
        findings = check_cuda(HERE / "roofline_kernels.cu")
    assert not len(findings), str(findings)
    return {work.kernel: work for work in findings.works}


COUNTS: dict[str, dict[str, int]] = {
    "saxpy": {"fp32 mul": 301, "fp32 add": 301},
    "matmul": {"fp32 mul": 24 * 16 * 11, "fp32 add": 24 * 16 * 11},
    "tiled": {"fp32 fma": 16 * 16 * 24},
    "stencil": {"fp64 add": 2 * 128, "fp64 mul": 2 * 128},
    "block_sum": {"fp32 add": 3 * 63},
    "axpy2": {"fp16 fma": 80, "fp16 add": 80},
    "blend": {"bf16 mul": 32, "bf16 add": 32},
    "tensor": {"tensor fp16": 2 * 3 * 2 * 16**3},
    "special": {"fp32 special": 7 * 32, "fp32 add": 5 * 32},
    "branches": {"fp32 mul": 5 * 32, "fp32 add": 16},
    "strided": {},
    "again": {"fp32 add": 32, "fp32 mul": 32},
    "rounded": {"fp32 add": 4 * 32, "fp32 mul": 32, "fp32 fma": 32, "fp32 special": 2 * 32},
}


@pytest.mark.parametrize("kernel", COUNTS)
def test_operations(works: dict[str, Work], kernel: str) -> None:
    counts = works[kernel].counts
    assert counts is not None
    assert {kind: count for kind, count in counts.items() if count} == COUNTS[kernel]


def _up(size: int) -> int:
    return -(-size // 32) * 32


BUFFERS: dict[str, dict[str, Buffer]] = {
    # 301 floats are 37 sectors and a part of one; each warp of 32 reads whole ones.
    "saxpy": {"x": Buffer("x", _up(1204), 1204, _up(1204), 0), "y": Buffer("y", 2 * _up(1204), 2408, *[_up(1204)] * 2)},
    # Four rows of eight threads are a warp: it reads four numbers of a (11 * 4 bytes apart) and eight of b.
    "strided": {"x": Buffer("x", 32 * 32, 128, 32 * 32, 0), "y": Buffer("y", 128, 128, 0, 128)},
    "again": {"x": Buffer("x", 4 * 128, 4 * 128, 128, 128)},
    "block_sum": {"x": Buffer("x", 768, 768, 768, 0), "sums": Buffer("sums", 3 * 32, 12, 0, 32)},
    "axpy2": {"x": Buffer("x", 320, 320, 160, 0), "y": Buffer("y", 320, 320, 160, 160)},
    "tiled": {
        "a": Buffer("a", 2 * 16 * 24 * 4, 2 * 16 * 24 * 4, 16 * 24 * 4, 0),
        "b": Buffer("b", 2 * 16 * 24 * 4, 2 * 16 * 24 * 4, 16 * 24 * 4, 0),
        "c": Buffer("c", 1024, 1024, 0, 1024),
    },
}


@pytest.mark.parametrize("kernel", BUFFERS)
def test_bytes(works: dict[str, Work], kernel: str) -> None:
    found = {buffer.name: buffer for buffer in works[kernel].buffers}
    assert found == BUFFERS[kernel]


def test_matmul_moves_more_than_it_must(works: dict[str, Work]) -> None:
    work = works["matmul"]
    assert work.least == _up(24 * 11 * 4) + 11 * 16 * 4 + 24 * 16 * 4
    # b: a warp (four rows of eight threads) reads eight floats, one sector, in each step; 12 warps, 11 steps.
    assert {buffer.name: buffer.moved for buffer in work.buffers}["b"] == 12 * 11 * 32
    assert work.moved > 4 * work.least
    assert work.useful < work.moved


def test_fragments_are_told(works: dict[str, Work]) -> None:
    assert "wmma" in works["tensor"].why
    assert not works["saxpy"].why


def test_a_program_counts_its_launches(tmp_path: Path) -> None:
    path = tmp_path / "program.cu"
    path.write_text(
        "#include <vector>\n"
        "template <int N> __global__ void scale(float *x) { for (int k = 0; k < N; k++) x[threadIdx.x] *= 3.0f; }\n"
        "int main() {\n"
        "  float *x;\n"
        "  std::vector<double> numbers(100, 1.5);\n"
        "  double sum = 0;\n"
        "  for (double v : numbers) sum += v * 2.0;\n"  # of the host: not counted
        "  if (cudaMalloc(&x, 256) != cudaSuccess || cudaMemset(x, 0, 256) != cudaSuccess) return 1;\n"
        "  scale<2><<<1, 64>>>(x);\n"
        "  scale<2><<<1, 64>>>(x);\n"
        "  scale<5><<<1, 32>>>(x);\n"
        "  if (cudaDeviceSynchronize() != cudaSuccess || cudaFree(x) != cudaSuccess) return 1;\n"
        "  return sum > 0 ? 0 : 1;\n"
        "}\n",
        encoding="utf-8",
    )
    with emulation(roofline=True):
        report = check_program(path, pass_on=False)
    assert not len(report.findings), str(report)
    works = {work.kernel: work for work in report.findings.works}
    assert {name: (work.launches, work.flops, work.least) for name, work in works.items()} == {
        "scale<2>": (2, 2 * 64 * 2, 2 * 512),
        "scale<5>": (1, 32 * 5, 256),
    }
    assert "roofline of 'scale<2>', grid (1, 1, 1), block (64, 1, 1), 2 launches together" in str(report)
    assert json.loads(json.dumps(report.to_json()))["roofline"][0]["flops"] == 256


def test_without_the_option_nothing_is_counted() -> None:
    findings = check_cuda(HERE / "roofline_kernels.cu", "saxpy", thread_orders=("up",))
    assert findings.works == []
    assert "roofline of" not in str(findings)


def work_of(counts: dict[str, int], least: int, moved: int = 0) -> Work:
    return Work("k", (1, 1, 1), (32, 1, 1), counts, (Buffer("x", moved, moved, least, 0),))


def test_what_bounds_a_kernel() -> None:
    h100 = next(gpu for gpu in GPUS if gpu.name == "H100 SXM")
    streaming = roof(work_of({"fp32 add": 1000}, 4_000_000), h100)
    assert (streaming.bound, streaming.seconds) == ("memory", pytest.approx(4e6 / 3.35e12))
    busy = roof(work_of({"fp32 fma": 10**9, "fp32 add": 10**9}, 4000, 8000), h100)
    assert (busy.bound, busy.unit, busy.seconds) == ("compute", "fp32", pytest.approx(3e9 / 66.9e12))
    between = roof(work_of({"fp32 fma": 10**6}, 4000, 10**9), h100)
    assert between.bound.startswith("memory without caches")
    assert between.seconds < between.seconds_uncached
    special = roof(work_of({"fp32 special": 10**9, "fp32 add": 10}, 4000), h100)
    assert (special.unit, special.compute) == ("special functions", pytest.approx(1e9 / (66.9e12 / 16)))
    double = roof(work_of({"fp64 fma": 10**9}, 4000), h100)
    assert double.compute == pytest.approx(2e9 / 33.5e12)
    nothing = roof(work_of({}, 4000), h100)
    assert (nothing.bound, nothing.unit) == ("memory", "")


def test_a_gpu_without_a_unit_says_so() -> None:
    work = work_of({"tensor bf16": 10**6}, 4000)
    t4 = next(gpu for gpu in GPUS if gpu.arch == "sm_75")
    assert roof(work, t4).absent == ("tensor bf16",)
    assert "T4 has no unit for tensor bf16" in roofline_text([work])


def test_the_table_of_gpus() -> None:
    assert {gpu.arch for gpu in GPUS} == {"sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100"}
    for gpu in GPUS:
        assert gpu.source
        assert set(gpu.peaks) <= {*(kind.rpartition(" ")[0] for kind in KINDS), *KINDS}
        assert gpu.peaks["fp64"] < gpu.peaks["fp32"] < gpu.peaks["tensor fp16"]
        assert 1e11 < gpu.bandwidth < 1e13


def test_not_counted_is_said() -> None:
    work = Work("k", (1, 1, 1), (1, 1, 1), None, (), 1, "because")
    text = roofline_text([work])
    assert "not counted" in text
    assert "because" in text
    assert "H100" not in text
    assert roofline_json(work)["roofs"] == []
    assert Work.from_json(json.loads(json.dumps(work.to_json()))) == work


def test_works_add_up() -> None:
    one = work_of({"fp32 add": 3}, 32, 64)
    both = one.plus(one)
    assert (both.launches, both.flops, both.least, both.moved) == (2, 6, 64, 128)
    cut = Work("k", (1, 1, 1), (32, 1, 1), None, (), 0, "cut")
    assert (one.plus(cut).flops, one.plus(cut).launches, one.plus(cut).why) == (3, 1, "cut")


def test_the_picture(works: dict[str, Work], tmp_path: Path) -> None:
    made = figure(list(works.values()), "kernels")
    labels = [str(label.get_text()) for label in made.legends[0].get_texts()]
    assert {gpu.name for gpu in GPUS} <= set(labels)
    assert any(label.startswith("saxpy") for label in labels)
    save_plot(tmp_path / "roof.png", list(works.values()), "kernels", "png")
    assert (tmp_path / "roof.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InvalidInput, match="nothing to show"):
        figure([works["strided"]], "kernels")


def test_times_are_readable() -> None:
    shown: list[tuple[float, Any]] = [(2.5e-9, "2.5 ns"), (1e-10, "0.1 ns"), (3.14159e-3, "3.14 ms"), (2.0, "2 s")]
    assert [seconds_text(seconds) for seconds, _ in shown] == [text for _, text in shown]
