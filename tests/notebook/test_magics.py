"""`%%racecheck` and `%%cuda` in a real IPython, and in a notebook that a kernel executes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.traced_kernels import NUMBA

pytest.importorskip("IPython", reason="NOT TESTED: cells of notebooks (pip install 'tinyseg[notebook]')")
pytest.importorskip("greenlet", reason="NOT TESTED: Numba's kernels need greenlet (pip install 'tinyseg[emulator]')")

from IPython.core.interactiveshell import InteractiveShell
from tinyseg_emulator.cuda.build import find_compiler
from tinyseg_kernels.gpu.nvrtc import find_nvrtc

cuda = pytest.mark.skipif(find_compiler() is None, reason="NOT TESTED: CUDA C++ needs a C++ compiler")

PROGRAM = r"""
#include <cstdio>
#include <cstdlib>
__global__ void twice(float *x) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];
  x[threadIdx.x] = 2 * s[63 - threadIdx.x];  // <b> nothing orders it
  if (threadIdx.x < 2) printf("thread %d\n", threadIdx.x);
}
int main(int count, char **words) {
  float *x;
  cudaMalloc(&x, 256);
  cudaMemset(x, 0, 256);
  twice<<<1, 64>>>(x);
  cudaDeviceSynchronize();
  cudaFree(x);
  printf("given %s\n", words[count - 1]);
  return 3;
}
"""

KERNEL = """
// racecheck: fill<<<1, 32>>>(float y[32])
extern "C" __global__ void fill(float *y) { y[threadIdx.x] = threadIdx.x; }
"""


@pytest.fixture
def shell() -> Iterator[Any]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "tinyseg.notebook")
    yield shell
    InteractiveShell.clear_instance()


def run(shell: Any, cell: str) -> tuple[Any, str, str]:
    """Return what a cell gave, and what it wrote."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        outcome = shell.run_cell(cell)
    return outcome.result, out.getvalue(), err.getvalue()


def test_a_numba_cell(shell: Any) -> None:
    report, out, _ = run(shell, f"%%racecheck --trace --trace-block 1\n{NUMBA}")
    assert [type(finding).__name__ for finding in report.findings] == ["UninitialisedRead", "Race", "OutOfBounds"]
    assert repr(report) in out  # the text where there is no HTML
    assert "cell.py:" in repr(report)
    shown = report._repr_html_()
    assert shown.count('<div class="bad">') == 3
    assert 'sandbox="allow-scripts"' in shown
    assert "&quot;index&quot;:[1,0,0]" in shown
    assert "<iframe" not in run(shell, f"%%racecheck --order up\n{NUMBA}")[0]._repr_html_()


@cuda
def test_a_program_in_a_cell(shell: Any) -> None:
    report, out, _ = run(shell, f"%%cuda --trace --thread 1 -- a 'b c'\n{PROGRAM}")
    assert out.startswith("thread 1\ngiven b c\n")  # its own output first; only the chosen thread's print
    assert "The program ended with exit code 3." in report.notes
    (race,) = [finding for finding in report.findings if type(finding).__name__ == "Race"]
    assert race.array == "s"
    assert "&lt;b&gt; nothing orders it" in report._repr_html_()
    assert "<b> nothing" not in report._repr_html_()
    assert "&quot;kernel&quot;:&quot;twice&quot;" in report._repr_html_()


@cuda
def test_kernels_in_a_cell(shell: Any) -> None:
    report, _, _ = run(shell, f"%%racecheck fill\n{KERNEL}")
    assert len(report.findings) == 0
    assert '<div class="ok">nothing found</div>' in report._repr_html_()
    assert "1.00" not in repr(report)
    assert report.findings.traffic[0].sectors == 4


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%%cuda\n__global__ void k() {}", "expected a whole program, with main()"),
        ("%%racecheck --nothing\nx = 1", "unrecognized arguments: --nothing"),
        ("%%racecheck --thread one\n" + NUMBA, "--thread: expected an index"),
        ("%%racecheck\nx = 1", "cell.py: "),
    ],
)
def test_what_cannot_be_run_is_said_without_a_traceback(shell: Any, cell: str, words: str) -> None:
    result, out, err = run(shell, cell)
    assert result is None
    assert words in err
    assert "Traceback" not in out + err
    assert "/tinyseg-cell-" not in err


def test_a_notebook_that_is_executed() -> None:
    nbclient = pytest.importorskip("nbclient", reason="NOT TESTED: an executed notebook (pip install 'tinyseg[docs]')")
    pytest.importorskip("ipykernel", reason="NOT TESTED: an executed notebook (pip install 'tinyseg[docs]')")
    nbformat = pytest.importorskip("nbformat")
    cells = ["%load_ext tinyseg.notebook", f"%%racecheck\n{NUMBA}"]
    if find_compiler() is not None:
        cells.append(f"%%cuda -- last\n{PROGRAM}")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    (shown,) = notebook.cells[1].outputs
    assert {"text/plain", "text/html"} <= set(shown["data"])
    assert "out of bounds" in shown["data"]["text/plain"]
    if len(cells) == 3:
        printed = [output["text"] for output in notebook.cells[2].outputs if output["output_type"] == "stream"]
        assert "".join(printed) == "thread 0\nthread 1\ngiven last\n"
        assert notebook.cells[2].outputs[-1]["data"]["text/html"].count('<div class="bad">') >= 1


OPTIONED = """
#include "own.cuh"
#include "far.cuh"
// racecheck: scale<<<1, 32>>>(float x[32] = random)
template <class T> concept Number = sizeof(T) == 4;
template <Number T> __device__ T times(T x) { return x * FACTOR * OWN * FAR; }
__global__ void scale(float *x) { x[threadIdx.x] = times(x[threadIdx.x]); }
"""


@cuda
def test_a_cell_takes_the_options_of_the_compiler(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "headers").mkdir()
    (tmp_path / "own.cuh").write_text("#define OWN 2.0f\n", encoding="utf-8")
    (tmp_path / "headers" / "far.cuh").write_text("#define FAR 3.0f\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    options = "-DFACTOR=5.0f -I headers -std=c++20 --resources --roofline"
    report, _, err = run(shell, f"%%racecheck {options}\n{OPTIONED}")
    assert report is not None, err
    assert not len(report.findings), repr(report)
    (work,) = report.findings.works
    assert work.flops == 3 * 32  # floats are not associative: three products
    shown = report._repr_html_()
    assert "<svg" in shown
    assert "Roofline" in shown
    assert "arithmetic intensity" in shown
    if find_nvrtc() is not None:
        assert {use["kernel"] for use in report.findings.resources} == {"scale"}
        assert "sm_90" in shown


@cuda
def test_a_program_cell_takes_them_too(shell: Any) -> None:
    source = PROGRAM.replace("2 * s[63", "FACTOR * s[63").replace(
        "  x[threadIdx.x] =", "  __syncthreads(); x[threadIdx.x] ="
    )
    report, out, _ = run(shell, f"%%cuda -D FACTOR=3.0f --roofline --resources -- last\n{source}")
    assert "given last" in out
    (work,) = report.findings.works
    assert work.flops == 64
    if find_nvrtc() is not None:
        assert {use["kernel"] for use in report.findings.resources} == {"twice"}
        assert "registers" in report._repr_html_()
