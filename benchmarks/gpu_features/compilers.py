"""Asks nvcc, and the emulator, about cases."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.cuda.module import CudaModule
from tinyseg_emulator.cuda.rules import check_rules, rules_kept
from tinyseg_kernels.errors import InvalidInput

from .cases import Case

TOLERANCE = 2.0**-22
"""Relative; functions of the C library may differ from a GPU's in the last place."""


@dataclass(frozen=True)
class Answer:
    """Whether a case was taken, whether it computed what is expected (None: nothing is), and what was said."""

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


def ask_emulator(cases: Sequence[Case]) -> list[Answer]:
    """Compile cases of one group; where numbers are expected, launch `k<<<1, 32>>>(out)` and compare.

    What nvcc takes is compiled as one file, each case in a namespace of its own, and case by case where that fails.
    """
    together = [case for case in cases if case.accepted and "main(" not in case.source]
    try:
        module = _compile(_one_file(together), "cases.cu") if len(together) > 1 else None
    except InvalidInput:
        module = None
    answers = []
    for case in cases:
        if module is not None and case in together:
            answers.append(_numbers(case, module, f"k_{together.index(case)}"))
            continue
        try:
            own = _compile(case.source, "case.cu")
        except InvalidInput as error:
            answers.append(Answer(False, words=str(error)))
        else:
            answers.append(_numbers(case, own, "k"))
    return answers


def _compile(source: str, filename: str) -> CudaModule:
    """Hold a file against nvcc's rules and compile it, as `tinyseg racecheck` does."""
    with rules_kept(check_rules(source, filename), filename):
        return CudaModule(source, filename)


def _one_file(cases: Sequence[Case]) -> str:
    """Return one source with kernels k_0, k_1 and so on; templates keep their names and only compile."""
    heads: list[str] = []
    bodies, names = [], []
    for number, case in enumerate(cases):
        source = re.sub(r"\bk\b", f"k_{number}", case.source)
        heads += re.findall(r"^#include.*$", source, re.MULTILINE)
        bodies.append(f"namespace case_{number} {{\n{re.sub(r'^#include.*$', '', source, flags=re.MULTILINE)}\n}}\n")
        names.append(f"using case_{number}::k_{number};\n" if f'"C" __global__ void k_{number}(' in source else "")
    return "\n".join([*dict.fromkeys(heads), *bodies, *names])


def _numbers(case: Case, module: CudaModule, kernel: str) -> Answer:
    if not case.numbers:
        return Answer(True)
    out = case.output()
    try:
        module.kernel(kernel).launch((1, 1, 1), (32, 1, 1), [out])
    except (KernelError, InvalidInput, TypeError) as error:
        return Answer(True, right=False, words=str(error))
    expected = case.expected()
    got = out[: len(expected)]
    tolerance = TOLERANCE if expected.dtype.kind == "f" else 0.0
    right = bool(np.allclose(got, expected, rtol=tolerance, atol=0, equal_nan=True))
    return Answer(True, right=right, words="" if right else f"expected {expected}, got {got}")
