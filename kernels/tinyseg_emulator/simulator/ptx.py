"""Compiles Numba kernels to PTX without a GPU, and finds float64 arithmetic in kernels that are meant to be float32.

`x * 0.1` or `... else 0` on float32 numbers makes Numba compute in float64, which most GPUs do at 1/32 or 1/64 of the
speed; the simulator cannot show it, the PTX does. A module of kernels lists them with their float32 types:

    PTX_SIGNATURES = [
        (kernel, ("float32[::1]", "int32")),
        (sums, ("float32[::1]",), "float64-on-purpose: sums over millions of numbers"),
    ]

Compiling needs the real numba.cuda with NVVM's and NVRTC's wheels (`pip install "numba-cuda[cu13]"` or `[cu12]`), so it
runs in a process of its own (`ptx_child.py`), where neither a simulator nor an emulated backend is switched on.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyseg_kernels.errors import InvalidInput

ON_PURPOSE = "float64-on-purpose: "
"""How the reason begins by which a module excuses a kernel."""

TIMEOUT = 600


@dataclass(frozen=True)
class CompiledKernel:
    """A kernel as PTX.

    Args:
        module: Where it is from: a module's name or a file's path.
        kernel: Its name.
        signature: Types of its arguments.
        ptx: The code; '' when it could not be compiled.
        error: Why it could not be compiled, else ''.
        reason: Why float64 in it is meant, '' when it is not.
    """

    module: str
    kernel: str
    signature: tuple[str, ...]
    ptx: str
    error: str = ""
    reason: str = ""


def compile_listed(modules: Sequence[str], cc: tuple[int, int] = (9, 0)) -> list[CompiledKernel]:
    """Compile every kernel that modules list in PTX_SIGNATURES, all in one process.

    Args:
        modules: Names of modules, or paths of Python files.
        cc: Compute capability to compile for.

    Raises:
        InvalidInput: numba-cuda or the wheels that it compiles with are missing.
    """
    return _run([{"module": module, "kernel": None, "signature": []} for module in modules], cc)


def ptx_of(kernel: Any, signature: Sequence[str], cc: tuple[int, int] = (9, 0)) -> str:
    """Compile one kernel, which must be a name of its module or file, and return its PTX.

    Args:
        kernel: The function, or what `jit` made of it.
        signature: Types of its arguments, such as 'float32[:, ::1]' or 'int32'.
        cc: Compute capability to compile for.

    Raises:
        InvalidInput: It does not compile, or something that it takes is missing.
    """
    function = getattr(kernel, "py_func", kernel)
    if "<locals>" in function.__qualname__:
        raise InvalidInput(
            f"ptx_of: expected a kernel of a module, got {function.__qualname__}, which a function makes"
        )
    path = function.__code__.co_filename
    compiled = _run(
        [{"module": path, "name": function.__module__, "kernel": function.__name__, "signature": list(signature)}], cc
    )[0]
    if compiled.error:
        raise InvalidInput(
            f"ptx_of: kernel {compiled.kernel!r} with types {', '.join(signature)} does not compile: {compiled.error}"
        )
    return compiled.ptx


def float64_lines(ptx: str) -> list[str]:
    """Return the instructions that use float64, each with its source line if the PTX tells it.

    Such as 'file.py:12  mul.f64 ...'.
    """
    files = dict(re.findall(r'^\s*\.file\s+(\d+)\s+"([^"]*)"', ptx, re.MULTILINE))
    place, found = "", []
    for line in ptx.splitlines():
        location = re.match(r"\s*\.loc\s+(\d+)\s+(\d+)", line)
        if location is not None:
            place = f"{Path(files.get(location[1], '?')).name}:{location[2]}"
        elif ".f64" in line and not line.lstrip().startswith((".reg", "//")):
            found.append(f"{place}  {' '.join(line.split())}".strip())
    return found


def _run(jobs: list[dict[str, Any]], cc: tuple[int, int]) -> list[CompiledKernel]:
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "0", "TINYSEG_BACKEND": "numpy", "PYTHONIOENCODING": "utf-8"}
    environment.pop("TINYSEG_EMULATE", None)
    root = str(Path(__file__).parents[2])
    environment["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [environment.get("PYTHONPATH")])])
    process = subprocess.run(
        [sys.executable, "-m", f"{__package__}.ptx_child"],
        input=json.dumps({"jobs": jobs, "cc": cc}),
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )
    if process.returncode != 0:
        last = (process.stderr.strip().splitlines() or ["no message"])[-1]
        raise InvalidInput(
            f"Numba kernels cannot be compiled here: {last} (it takes pip install 'numba-cuda[cu13]' or "
            "'numba-cuda[cu12]')"
        )
    answer = json.loads(process.stdout.rpartition("\n")[2] if "\n" in process.stdout.strip() else process.stdout)
    return [CompiledKernel(**{**entry, "signature": tuple(entry["signature"])}) for entry in answer]
