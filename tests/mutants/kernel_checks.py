"""Everything that a machine without a GPU can say about a kernel, as a process of its own.

Prints what each check found, as a line of JSON.

python -m tests.mutants.kernel_checks "dense by shared tiles"

{"orders": {order of the threads: findings}}    races, bounds, alignment, unset memory; a finding is {"kind", "places",
"text"}, and so is an error {"ptx": instructions}                           float64 in kernels of Numba that are meant
to be float32 {"numbers": what is wrong}                      against NumPy's in float64

Numbers come last: without checks a kernel may write over the process's own memory.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import Failure, Finding, Race
from tinyseg_emulator.simulator.ptx import compile_listed, float64_lines
from tinyseg_kernels.backend import backend
from tinyseg_kernels.types import Array

from tests.mutants.kernel_probes import PROBES, Probe

ORDERS = ("up", "down", "rotated:1")
"""Orders of the threads; what the detector finds must not depend on them."""

ROOT = Path(__file__).resolve().parents[2]


def numbers(probe: Probe) -> str:
    """Say what is wrong with the results, '' if nothing is."""
    with backend("numpy"):
        expected = probe.results("float64")
    try:
        with backend(probe.backend, emulate=True):
            return difference(probe.results("float32"), expected, probe.tolerance)
    except (KernelError, TypeError) as error:
        return f"{type(error).__name__}: {error}"


def difference(results: list[Array], expected: list[Array], tolerance: float) -> str:
    """Say which result is too far from what is expected, '' if none."""
    for k, (actual, right) in enumerate(zip(results, expected, strict=True)):
        if actual.shape != right.shape:
            return f"result {k} has shape {actual.shape} instead of {right.shape}"
        scale = max(float(np.abs(right).max(initial=0)), 1e-30)
        worst = float(np.abs(actual.astype(np.float64) - right).max(initial=0)) / scale
        if not worst <= tolerance:  # NaN is not
            return f"result {k} is off by {worst:.1e} of its largest number"
    return ""


def detect(probe: Probe, order: str) -> list[dict[str, Any]]:
    """Run under the detector and return what it found."""
    with emulation(races=True, thread_order=order) as findings:
        try:
            with backend(probe.backend, emulate=True):
                probe.results("float32")
        except KernelError as error:
            if not any(isinstance(finding, Failure) or finding.accesses for finding in findings):
                findings.add(Failure.of(error))
        except TypeError as error:
            return [{"kind": "TypeError", "places": [], "text": str(error)}]
    return [{"kind": _kind(finding), "places": _places(finding), "text": _text(finding)} for finding in findings]


def _kind(finding: Finding) -> str:
    return type(finding).__name__


def _places(finding: Finding) -> list[str]:
    """Return where the accesses are, as 'file:line' with the file below the root of the sources."""
    places = [access.place for access in finding.accesses] or [str(getattr(finding, "place", ""))]
    return [place.replace(f"{ROOT}/", "") for place in places]


def _text(finding: Finding) -> str:
    if isinstance(finding, Race):
        return f"{finding.memory} array {finding.array}: {finding.first.kind} and {finding.second.kind}"
    return str(
        getattr(finding, "what", "") or f"{getattr(finding, 'memory', '')} array {getattr(finding, 'array', '')}"
    )


def float64_instructions(module: str) -> list[str]:
    """Return the float64 instructions in the PTX of a module's float32 kernels."""
    return [line for kernel in compile_listed([module]) if not kernel.reason for line in float64_lines(kernel.ptx)]


def main(name: str) -> None:
    """Print a line for each check."""
    probe = PROBES[name]
    print(json.dumps({"orders": {order: detect(probe, order) for order in ORDERS}}))
    print(json.dumps({"ptx": float64_instructions(probe.ptx) if probe.ptx else []}), flush=True)
    print(json.dumps({"numbers": numbers(probe)}))


if __name__ == "__main__":
    main(sys.argv[1])
