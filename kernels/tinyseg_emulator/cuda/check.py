"""Checks CUDA C++ kernels in a file, in several orders of threads.

Races, barriers, bounds, uninitialised shared memory, bank conflicts and coalescing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.gpu.cuda import INCLUDE, definitions

from ..checks.findings import Findings
from ..checks.kernel_error import KernelError
from ..checks.launch_lines import LaunchLine, launch_lines
from ..checks.options import emulation
from ..checks.records import DivergentBarrier, Failure, Finding
from .module import CudaModule
from .rules import check_rules, rules_kept

THREAD_ORDERS = ("up", "down", "rotated:1")


def check_cuda(
    path: str | Path, kernel: str | None = None, *, thread_orders: Sequence[str] = THREAD_ORDERS, seed: int = 0
) -> Findings:
    """Run kernels of a .cu file under all checks, as comments in the file say (`launch_lines.py`).

    Args:
        path: The file. `real` in it is float.
        kernel: Name of a kernel; None for all that a comment names.
        thread_orders: The orders of threads in which each launch is run; traffic is counted in the first one.
        seed: Seed of random arguments.

    Raises:
        InvalidInput: The file cannot be read or compiled, or has no such kernel or comment.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: expected a CUDA C++ file, got {error}") from error
    lines = launch_lines(text, str(path))
    if kernel is not None:
        chosen = [line for line in lines if line.kernel == kernel]
        if not chosen:
            raise unknown_name(f"kernel in the racecheck comments of {path}:", kernel, {line.kernel for line in lines})
        lines = chosen
    include, defines = (path.resolve().parent, INCLUDE), definitions(np.dtype(np.float32), ())
    verdict = check_rules(text, str(path), include, defines)
    with rules_kept(verdict, str(path)):
        module = CudaModule(text, str(path), include=include, defines=defines)
    with emulation() as findings:
        findings.notes += verdict.notes()
        for line in lines:
            _check(module, line, thread_orders, seed)
    findings.tell_what_was_not_checked({line.kernel for line in lines}, () if kernel else module.kernels)
    return findings


def _check(module: CudaModule, line: LaunchLine, thread_orders: Sequence[str], seed: int) -> None:
    kernel = module.kernel(line.kernel)
    for order in thread_orders:
        with emulation(races=True, memory_report=order == thread_orders[0], thread_order=order) as findings:
            arguments = line.make_arguments(seed)
            try:
                kernel.launch(line.grid, line.block, arguments, line.shared_mem)
            except TypeError as error:
                raise InvalidInput(f"{module.filename}:{line.line}: {error}") from error
            except KernelError as error:
                if not any(error.place in _places(finding) for finding in findings):  # else the finding tells it
                    findings.add(Failure.of(error))


def _places(finding: Finding) -> list[str]:
    accesses = [access.place for access in finding.accesses]
    return [*accesses, *([finding.place] if isinstance(finding, DivergentBarrier) else [])]
