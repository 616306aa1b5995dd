"""Asks nvcc, and the emulator, about a case."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.cuda.module import CudaModule
from tinyseg_kernels.errors import InvalidInput

from .cases import Case


@dataclass(frozen=True)
class Answer:
    """Whether a case was taken, what it computed (None where nothing is expected), and in what words it was refused."""

    accepted: bool
    right: bool | None = None
    words: str = ""


@cache
def find_nvcc() -> str | None:
    """Return nvcc's path: on PATH, or where it is installed usually; None where there is none."""
    usual = Path("/usr/local/cuda/bin/nvcc")
    return shutil.which("nvcc") or (str(usual) if usual.exists() else None)


@cache
def _more_includes() -> tuple[str, ...]:
    """Return the folders of curand's headers in the NVIDIA packages of this Python, if it has them."""
    spec = find_spec("nvidia")
    places = list(spec.submodule_search_locations or []) if spec else []
    return tuple(f"-I{path.parent}" for place in places for path in Path(place).glob("*/include/curand_kernel.h"))


def ask_nvcc(case: Case) -> Answer:
    """Compile for sm_90: what only has a device part to machine code, and what has a `main`, with the host part."""
    nvcc = find_nvcc()
    assert nvcc is not None
    how = "-c" if "main(" in case.source else "-cubin"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "case.cu")
        path.write_text(case.source, encoding="utf-8")
        command = [nvcc, how, "-arch=sm_90", *_more_includes(), str(path), "-o", str(Path(folder, "out"))]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    return Answer(result.returncode == 0, words=result.stderr.replace(str(path), "case.cu").strip())


def ask_emulator(case: Case) -> Answer:
    """Compile for the emulator; where numbers are expected, launch `k<<<1, 32>>>(out)` and compare."""
    try:
        module = CudaModule(case.source, "case.cu")
    except InvalidInput as error:
        return Answer(False, words=str(error))
    if not case.numbers:
        return Answer(True)
    out = case.output()
    try:
        module.kernel("k").launch((1, 1, 1), (32, 1, 1), [out])
    except (KernelError, InvalidInput, TypeError) as error:
        return Answer(True, right=False, words=str(error))
    expected = case.expected()
    right = bool(np.array_equal(out[: len(expected)], expected, equal_nan=expected.dtype.kind == "f"))
    if not right and expected.dtype.kind == "f":
        # Functions of the C library may differ in the last place.
        right = bool(np.allclose(out[: len(expected)], expected, rtol=2 ** -22, atol=1e-37, equal_nan=True))
    return Answer(True, right=right, words="" if right else f"expected {expected}, got {out[: len(expected)]}")
