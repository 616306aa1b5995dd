"""Source files of any encoding, with their headers, and notebooks."""

from __future__ import annotations

import json
import linecache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tinyseg_emulator.checks.records import OutOfBounds
from tinyseg_emulator.checks.results import WrongResult
from tinyseg_emulator.cuda.check import check_cuda
from tinyseg_emulator.cuda.compiler_messages import readable
from tinyseg_emulator.cuda.source_files import decode
from tinyseg_emulator.notebook_file import check_notebook, cuda_sources, read_cells
from tinyseg_kernels.errors import InvalidInput

from tests.cli.command import is_refused, succeeds

CHINESE = "// 每个线程计算一个元素,结果写回全局内存。\nint x; // 共享内存\n"
FRENCH = "// é à ü ß: chaque thread calcule un élément, naïvement; garçon, Größe, año, «noté»\nint x;\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (text, encoding)
        for text in (CHINESE, FRENCH, "int x;\n")
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32")
    ]
    + [(CHINESE, "gbk"), (CHINESE, "gb18030"), (FRENCH, "latin-1"), (FRENCH, "cp1252"), ("// café\n", "latin-1")]
    + [("int x; // plain text of some length\n", "utf-16-le"), ("int x; // plain text of some length\n", "utf-16-be")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings(text: str, encoding: str, end: str) -> None:
    assert decode(text.replace("\n", end).encode(encoding)) == text


KERNEL = """// racecheck: k<<<1, 32>>>(float x[32] = random) -> x = 2 * x
#include "zwei.cuh"
// {comment}
__global__ void k(float *x) {{ x[threadIdx.x] = zwei(x[threadIdx.x]); if (threadIdx.x == 31) x[32] = 0; }} // {comment}
"""
HEADER = "// {comment}\n__device__ float zwei(float x) {{ return 2 * x; }}\n"


@pytest.mark.parametrize(
    ("encoding", "header", "comment"),
    [("gbk", "utf-16", "共享内存"), ("utf-16", "utf-8-sig", "größer"), ("latin-1", "latin-1", "é")],
)
def test_a_file_and_its_header_in_any_encoding(tmp_path: Path, encoding: str, header: str, comment: str) -> None:
    path = tmp_path / "größe kernel.cu"
    path.write_bytes(KERNEL.format(comment=comment).replace("\n", "\r\n").encode(encoding))
    (tmp_path / "zwei.cuh").write_bytes(HEADER.format(comment=comment).encode(header))
    (found,) = check_cuda(path, thread_orders=("up",))
    assert isinstance(found, OutOfBounds)
    assert found.access.place == f"{path}:4"
    assert comment in linecache.getline(str(path), 4)


def test_the_compilers_messages_are_short_and_of_the_file() -> None:
    said = (
        "k.cu: In function 'void k(float*)':\n"
        "k.cu:3:5: error: 'a' was not declared in this scope; did you mean 'b'? [-fpermissive]\n"
        "    3 |  a;\n      |  ^\n"
        "k.cu:3:9: error: expected ';'\nk.cu:1:2: note: 'b' declared here\n"
        "/x/tinyseg_emulator/cuda/include/cuda_describe.h:4:1: note: candidate\nemulator:1:2: note: in here\n"
        "k.cu:7:1: warning: unused [-Wunused]\nk.cu:9:1: fatal error: own.cuh: No such file or directory\n"
    )
    assert readable(said) == (
        "k.cu:3: error: 'a' was not declared in this scope; did you mean 'b'?\n"
        "k.cu:9: error: own.cuh: No such file or directory\nhint: name the folder of a header with -I FOLDER"
    )


def notebook(folder: Path, *cells: str, **more: Any) -> Path:
    """Write a notebook."""
    path = folder / "lab.ipynb"
    content = [{"cell_type": "markdown", "source": ["# __global__ in words\n"]}]
    content += [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    path.write_text(json.dumps({"cells": content, "nbformat": 4, **more}), encoding="utf-8")
    return path


WRITES = "%%writefile zwei.cuh\n__device__ float zwei(float x) { return 2 * x; }\n"
CELL = (
    '%%cu\n#include "zwei.cuh"\n// racecheck: k<<<1, 32>>>(float x[32] = random) -> x = 3 * x\n'
    "__global__ void k(float *x) { x[threadIdx.x] = zwei(x[threadIdx.x]); }\n"
)
IN_A_STRING = (
    "import cupy\nsource = r'''\n// racecheck: s<<<1, 4>>>(int y[4])\nextern \"C\" __global__ void s(int *y) {\n"
    "  y[threadIdx.x + 1] = 1;\n}\n'''\nk = cupy.RawKernel(source, 's')\n"
)
PLAIN = "__global__ void later(int *y) { y[0] = 1; }\n"
NUMBA = (
    "from numba import cuda\n%load_ext autoreload\n!nvidia-smi\n",
    "# racecheck: twice[1, 32](x: float32[32] = random, y: float32[32]) -> y = 3 * x\n@cuda.jit\ndef twice(x, y):\n"
    "    i = cuda.grid(1)\n    y[i] = 2 * x[i]\n    if i == 31:\n        y[i + 1] = 0\n",
)


def test_cells_of_a_notebook(tmp_path: Path) -> None:
    path = notebook(tmp_path, WRITES, CELL, IN_A_STRING, PLAIN)
    findings = check_notebook(path, thread_orders=("up",))
    (wrong,), (outside,) = findings.of(WrongResult), findings.of(OutOfBounds)
    assert wrong.place == f"{path}[cell 2]:3"
    assert outside.access.place == f"{path}[cell 3]:5"
    assert findings.not_checked == ["cell 4"]
    assert "y[threadIdx.x + 1] = 1;" in str(findings)
    assert [len(check_notebook(path, kernel, thread_orders=("up",))) for kernel in ("k", "s")] == [1, 1]


@pytest.mark.skipif(find_spec("greenlet") is None, reason="NOT TESTED: the simulator needs greenlet")
def test_numba_cells_are_one_script(tmp_path: Path) -> None:
    path = notebook(tmp_path, *NUMBA)
    findings = check_notebook(path, thread_orders=("up",))
    (outside,) = findings.of(OutOfBounds)
    assert outside.access.place == f"{path}[cell 2]:7"
    assert "y[i + 1] = 0" in str(findings)


def test_what_is_a_cell_of_cuda(tmp_path: Path) -> None:
    cells = read_cells(
        notebook(tmp_path, WRITES, CELL, IN_A_STRING, PLAIN, "%%time\nx = 1", "print('__global__')", "x = 1")
    )
    assert [len(cuda_sources(cell)) for cell in cells] == [0, 1, 1, 1, 0, 1, 0]
    assert cells[0].file == "zwei.cuh"
    assert cuda_sources(cells[2])[0].split("\n")[2].startswith("// racecheck: s")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "\x00", '{"cells": 3}', '{"cells": [{"cell_type": "code", "source": "x = 1"}]}']
)
def test_files_that_are_no_notebooks_with_kernels(tmp_path: Path, text: str) -> None:
    (tmp_path / "n.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"n\.ipynb: (expected a Jupyter notebook|found no comment)"):
        check_notebook(tmp_path / "n.ipynb")


def test_the_commands_options_are_nvccs(tmp_path: Path) -> None:
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc" / "one.h").write_text("#define ONE 1\n")
    path = tmp_path / "k.cuh"
    path.write_text(
        "// racecheck: k<<<1, N>>>(int *x) -> x = N + M\n#include <one.h>\n"
        "__global__ void k(int *x) { auto f = []<class T>(T v) { return v; }; x[threadIdx.x] = f(N + M * ONE); }\n"
    )
    options = ["-DN=5", "-D", "M", "-I", str(tmp_path / "inc"), "-std=c++20"]
    assert succeeds("racecheck", path, *options).startswith("nothing found")
    refused = is_refused("racecheck", path, *options[:1], *options[3:], lines=3)
    assert "k.cuh:3: error: 'M' was not declared" in refused
