"""GPU kernels in a chapter: launched and checked on the CPU, or a word about what is missing for that."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tinyseg_kernels.errors import unknown_name
from tinyseg_kernels.gpu.availability import why_not_emulated

if TYPE_CHECKING:
    from tinyseg_emulator.checks.findings import Findings
    from tinyseg_emulator.cuda.module import CudaModule

LANGUAGES = {"CUDA C++": ".cu", "Numba CUDA": ".py"}


def missing(language: str) -> str | None:
    """Return why kernels of a language cannot be executed here, or None when they can.

    Args:
        language: 'CUDA C++', which needs a C++ compiler, or 'Numba CUDA', which needs greenlet.

    Raises:
        InvalidInput: Another language.
    """
    if language not in LANGUAGES:
        raise unknown_name("language", language, LANGUAGES)
    if language == "CUDA C++":
        return why_not_emulated("cupy")
    # The emulator's simulator stands in for numba.cuda: neither Numba nor a GPU is needed.
    return None if find_spec("greenlet") else "greenlet is not installed (pip install 'tinyseg[emulator]')"


@cache
def cuda_module(text: str, name: str = "kernel.cu") -> CudaModule | None:
    """Compile CUDA C++ for the CPU; where that cannot be, print why and return None.

    Args:
        text: Kernels declared `extern "C" __global__ void name(...)`.
        name: Name of the file that they are written to, for reports that show its lines.

    Raises:
        InvalidInput: The compiler rejects the text.
    """
    if not _can_run("CUDA C++"):
        return None
    from tinyseg_emulator.cuda.module import CudaModule

    return CudaModule(text, str(_written(text, name)))


def racecheck(text: str, *, orders: Sequence[str] = ("up", "down", "rotated:1")) -> Findings | None:
    """Print what `tinyseg racecheck` says of a text of kernels, and return it; where it cannot run, print why.

    Args:
        text: CUDA C++ or Numba kernels, with comments that say how to launch them.
        orders: Orders of threads in which each launch is run.

    Raises:
        InvalidInput: The text has no such comment, or cannot be compiled.
    """
    language = "CUDA C++" if "__global__" in text else "Numba CUDA"
    if not _can_run(language):
        return None
    path = _written(text, f"kernel{LANGUAGES[language]}")
    found: Findings
    if language == "CUDA C++":
        from tinyseg_emulator.cuda.check import check_cuda

        found = check_cuda(path, thread_orders=orders)
    else:
        from tinyseg_emulator.simulator.check import check_numba

        found = check_numba(path, thread_orders=orders)
    print(found)
    return found


def _can_run(language: str) -> bool:
    reason = missing(language)
    if reason is not None:
        print(f"not executed: this cell runs kernels in {language}, and {reason}")
    return reason is None


_folders: list[object] = []
"""They live as long as the process: reports read the lines of the files."""


def _written(text: str, name: str) -> Path:
    folder = tempfile.TemporaryDirectory(prefix="tinyseg-book-")
    _folders.append(folder)
    path = Path(folder.name) / name
    path.write_text(text, encoding="utf-8")
    return path
