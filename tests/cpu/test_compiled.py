"""Compiled kernels are kept for the next process, in a folder named after what they are made of.

Compiling is announced once; old versions go.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tinyseg_kernels
from tinyseg_kernels.cpu.compiled import KEPT_VERSIONS, source_files

PACKAGE = Path(tinyseg_kernels.__file__).parent
MESSAGE = "tinyseg: compiling kernels for this processor, once after installation ..."

PROGRAM = """
import numpy as np
from tinyseg_kernels.activation.numba_cpu import relu_forward, relu_backward
from tinyseg_kernels.cpu.threading.threads import parallel
y, cache = relu_forward(np.array([-1, 2], "f4"))
print(y.tolist(), relu_backward(y, cache).tolist())
"""


def run(cache: Path, program: str = PROGRAM) -> tuple[str, str]:
    """Run a program whose kernels are kept in this folder; return what it printed, and its messages."""
    environment = {
        **os.environ,
        "TINYSEG_CACHE": str(cache),
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr.strip()


def kept(cache: Path) -> dict[Path, int]:
    """Return the kept files and when they were written."""
    return {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")}


def test_the_first_process_compiles_and_says_so_once_and_the_second_does_neither(tmp_path: Path) -> None:
    assert run(tmp_path) == ("[0.0, 2.0] [0.0, 2.0]", MESSAGE)
    (folder,) = (tmp_path / "cpu-kernels").iterdir()
    files = kept(folder)
    assert {path.name.split("-")[0] for path in files} >= {"numba_cpu._relu_forward", "numba_cpu._relu_backward"}
    assert run(tmp_path) == ("[0.0, 2.0] [0.0, 2.0]", "")
    assert kept(folder) == files
    assert not list(PACKAGE.rglob("*.nb?"))


def test_other_users_of_numba_keep_theirs_where_they_did_and_are_not_announced(tmp_path: Path) -> None:
    program = """
import numba
from numba.core import config
before = config.CACHE_DIR
import tinyseg_kernels.activation.numba_cpu
assert config.CACHE_DIR == before
print(numba.njit(lambda x: x + 1)(1))
"""
    assert run(tmp_path, program) == ("2", "")


def test_old_versions_are_removed_and_the_newest_stay(tmp_path: Path) -> None:
    now = time.time()
    others = []
    for age in range(1, 6):
        folder = tmp_path / "cpu-kernels" / f"version{age}" / "inner"
        folder.mkdir(parents=True)
        (folder / "kernel.nbi").write_bytes(b"x")
        (folder / "kernel.1.nbc").write_bytes(b"x")
        (folder / "of somebody else.txt").write_text("stays")
        os.utime(folder.parent, (now - 1000 * age,) * 2)
        others.append(folder)
    run(tmp_path)
    assert [len(kept(folder)) for folder in others] == [2] * (KEPT_VERSIONS - 1) + [0] * (6 - KEPT_VERSIONS)
    assert all((folder / "of somebody else.txt").exists() for folder in others)


@pytest.mark.parametrize("where", ["a file", "nowhere"])
def test_without_a_folder_to_write_to_each_process_compiles(tmp_path: Path, where: str) -> None:
    (tmp_path / "a file").write_text("in the way")
    place = tmp_path / "a file" / "cache" if where == "a file" else Path("/proc/nowhere")
    for _ in range(2):
        assert run(place) == ("[0.0, 2.0] [0.0, 2.0]", MESSAGE)
    assert not list(PACKAGE.rglob("*.nb?"))  # beside the source, kernels would outlive what they call


def test_damaged_files_cost_a_compilation_and_are_mended(tmp_path: Path) -> None:
    run(tmp_path)
    files = kept(tmp_path)
    for path in files:
        path.write_bytes(path.read_bytes()[:20] if path.suffix == ".nbc" else b"")
    assert run(tmp_path) == ("[0.0, 2.0] [0.0, 2.0]", MESSAGE)
    assert run(tmp_path) == ("[0.0, 2.0] [0.0, 2.0]", "")


def test_a_full_disk_costs_a_compilation(tmp_path: Path) -> None:
    program = """
from numba.core.caching import IndexDataCacheFile
def full(*arguments):
    raise OSError(28, "No space left on device")
IndexDataCacheFile.save = full
"""
    assert run(tmp_path, program + PROGRAM) == ("[0.0, 2.0] [0.0, 2.0]", MESSAGE)
    assert not kept(tmp_path)


def test_nobody_needs_a_home(tmp_path: Path) -> None:
    program = """
import os
from pathlib import Path
def nowhere():
    raise RuntimeError("Could not determine home directory.")
Path.home = nowhere
os.environ.pop("TINYSEG_CACHE")
os.environ.pop("XDG_CACHE_HOME", None)
"""
    assert run(tmp_path, program + PROGRAM) == ("[0.0, 2.0] [0.0, 2.0]", MESSAGE)


def test_nothing_is_compiled_or_loaded_for_the_number_of_threads(tmp_path: Path) -> None:
    program = """
import sys
from tinyseg_kernels.cpu.threading.threads import get_num_threads, set_num_threads
set_num_threads(3)
print(get_num_threads(), sorted({"numba", "llvmlite"} & set(sys.modules)))
"""
    assert run(tmp_path, program) == ("3 []", "")
    assert not kept(tmp_path)


def test_the_folder_is_named_after_every_file_that_is_compiled() -> None:
    """A file that the name forgets could change, and machine code of before would run."""
    compiled = {path for path in PACKAGE.rglob("*.py") if _holds_compiled(ast.parse(path.read_text(encoding="utf-8")))}
    assert len(compiled) > 40
    assert not {str(path.relative_to(PACKAGE)) for path in compiled - set(source_files())}


COMPILERS = {"kernel", "inlined", "as_written", "intrinsic"}


def _holds_compiled(tree: ast.Module) -> bool:
    """Return whether a file has a function under a decorator of `compiled.py` or Numba, whatever its name here."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[-1] in ("compiled", "intrinsics")
        for alias in node.names
        if alias.name in COMPILERS
    } | {"njit", "numba.njit"}
    decorators = {
        ast.unparse(decorator).partition("(")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
    }
    return bool(names & decorators)
