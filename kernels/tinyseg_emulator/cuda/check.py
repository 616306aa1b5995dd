"""Checks CUDA C++ kernels in a file, in several orders of threads.

Races, barriers, bounds, uninitialised shared memory, bank conflicts and coalescing, and results where a comment says
what they are expected to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.gpu.cuda import INCLUDE, definitions

from ..checks.findings import Findings
from ..checks.kernel_error import KernelError
from ..checks.launch_lines import LaunchLine, Script, launch_scripts
from ..checks.names import Names
from ..checks.options import current_findings, current_options, emulation
from ..checks.records import DivergentBarrier, Endless, Failure, Finding
from ..checks.results import DependsOnUnset, NotANumber, first_difference
from ..checks.run_script import Run, ScriptError
from .compiler import CHECKED, COUNTED
from .module import CudaKernel, CudaModule
from .resources import Launched, measure, table
from .rules import check_rules, rules_kept
from .source_files import read_source
from .structures import FileVariables, element_of, parameter_dtype
from .translate.requests import Instance, Requests

THREAD_ORDERS = ("up", "down", "rotated:1")


@dataclass(frozen=True)
class CompilerOptions:
    """What nvcc's command line says beside the file.

    Args:
        defines: Macros, as `-D NAME=VALUE`; a value of '' defines an empty one.
        include: Folders of headers, as `-I`.
        std: The C++ standard, as `-std=c++20`; '' for C++17.
        resources: Whether the file is compiled for GPUs as well (by NVRTC), for registers and occupancy.
    """

    defines: Mapping[str, str | int] = field(default_factory=dict)
    include: Sequence[str | Path] = ()
    std: str = ""
    resources: bool = False


def check_cuda(
    path: str | Path,
    kernel: str | None = None,
    *,
    thread_orders: Sequence[str] = THREAD_ORDERS,
    seed: int = 0,
    options: CompilerOptions | None = None,
) -> Findings:
    """Run kernels of a CUDA C++ file under all checks, as comments in the file say (`launch_lines.py`).

    Args:
        path: The file, in any encoding. `real` in it is float.
        kernel: Name of a kernel; None for all that a comment names.
        thread_orders: The orders of threads in which each launch is run; traffic is counted in the first one.
        seed: Seed of random arguments.
        options: Macros, folders of headers and the C++ standard.

    Raises:
        InvalidInput: The file cannot be read or compiled, or has no such kernel or comment.
    """
    path = Path(path)
    folder = path.resolve().parent
    return check_cuda_source(
        read_source(path), str(path), kernel, folder=folder, thread_orders=thread_orders, seed=seed, options=options
    )


def check_cuda_source(
    text: str,
    filename: str,
    kernel: str | None = None,
    *,
    folder: Path | None = None,
    thread_orders: Sequence[str] = THREAD_ORDERS,
    seed: int = 0,
    options: CompilerOptions | None = None,
) -> Findings:
    """Do what `check_cuda` does with a text; `folder` is where its headers are looked for first."""
    options = options or CompilerOptions()
    asked = Names(c=True, collecting=True)
    scripts = launch_scripts(text, filename, asked)  # once to learn what only the compiler can tell, and then with that
    include = (*([folder] if folder else []), *(Path(place) for place in options.include), INCLUDE)
    defines = {**definitions(np.dtype(np.float32), ()), **options.defines}
    requests = Requests(
        tuple(_instance(line) for script in scripts for line in script.launches),
        tuple(asked.asked_types.items()),
        tuple(asked.asked_values.items()),
    )
    verdict = check_rules(text, filename, include, defines)
    with rules_kept(verdict, filename):
        module = CudaModule(
            text, filename, include=include, defines=defines, std=options.std, requests=requests, form=_form()
        )
    scripts = launch_scripts(text, filename, _answered(module, asked))
    lines = [line for script in scripts for line in script.launches]
    kernels = {id(line): module.instance(k) for k, line in enumerate(lines)}
    if kernel is not None:
        scripts = [script for script in scripts if any(_is(kernels[id(line)], kernel) for line in script.launches)]
        if not scripts:
            known = {found.plain_name for found in kernels.values()}
            raise unknown_name(f"kernel in the racecheck comments of {filename}:", kernel, known)
    with emulation() as findings:
        findings.notes += verdict.notes()
        for script in scripts:
            _Check(module, script, kernels, seed).run(thread_orders)
    launched = [kernels[id(line)] for script in scripts for line in script.launches]
    missing = () if kernel else module.not_launched(launched)
    findings.tell_what_was_not_checked({found.name for found in launched}, [*missing])
    launches = [
        Launched(kernels[id(line)].plain_name, line.block[0] * line.block[1] * line.block[2], line.shared_mem)
        for script in scripts
        for line in script.launches
    ]
    if options.resources:
        uses, why = measure(text, filename, launches, include, defines, options.std or "c++17")
        findings.resources += [use.to_json() for use in uses]
        findings.notes += [*([table(uses)] if uses else []), *([why] if why else [])]
    return findings


def _form() -> str:
    return COUNTED if current_options().roofline else CHECKED


def _is(kernel: CudaKernel, name: str) -> bool:
    return name in (kernel.name, kernel.plain_name, kernel.name.rpartition("::")[2])


def _instance(line: LaunchLine) -> Instance:
    return Instance(line.kernel, tuple(argument.written for argument in line.arguments), line.line)


def _answered(module: CudaModule, asked: Names) -> Names:
    library = module.library()
    values = {text: library.value(k) for k, text in enumerate(asked.asked_values)}
    types = {text: element_of(library, library.table.types[k], text) for k, text in enumerate(asked.asked_types)}
    return Names(c=True, values=values, types=types)


class _Check:
    """One script of a file, run in each order of threads."""

    def __init__(self, module: CudaModule, script: Script, kernels: Mapping[int, CudaKernel], seed: int) -> None:
        self._module, self._script, self._kernels, self._seed = module, script, kernels, seed

    def run(self, thread_orders: Sequence[str]) -> None:
        runs: list[Run | None] = []
        for k, order in enumerate(thread_orders):
            with emulation(races=True, memory_report=k == 0, output=k == 0, thread_order=order) as findings:
                runs.append(self._run(findings, variant=k % 3))
                if findings.of(Endless):  # in another order it would take as long
                    return
        first = runs[0] if runs else None
        for k, other in enumerate(runs):
            if first is None or other is None or not k % 3 or _differing(first, other) is None:
                continue
            # It may be the order that makes the difference, or a clock: the same order with the other numbers tells.
            again, same = Context().run(self._quietly, thread_orders[0], (k % 3, 0))
            found = _differing(first, again) if again is not None and same is not None else None
            if found is not None and same is not None and _differing(first, same) is None:
                self._tell(*found)
                return

    def _quietly(self, order: str, variants: Sequence[int]) -> list[Run | None]:
        """Run the script again; in a context of its own, whose findings nobody gets to see."""
        with emulation(races=True, output=False, trace=None, thread_order=order) as findings:
            return [self._run(findings, variant) for variant in variants]

    def _run(self, findings: Findings, variant: int) -> Run | None:
        """Run the script once; None when a launch did not come to its end."""
        variables = FileVariables(self._module.library(_form()))
        saved = variables.save()
        filename = self._module.filename
        run = Run(filename, findings, variables, self._seed, lambda line: self._kernels[id(line)].name, variant)
        try:
            ended = run.run(self._script, partial(self._launch, findings), self._dtypes)
        except ScriptError as error:
            raise InvalidInput(f"{filename}:{error.line}: {error}") from error
        finally:
            variables.restore(saved)
        return run if ended else None

    def _tell(self, name: str, line: LaunchLine, index: tuple[int, ...], values: tuple[str, str]) -> None:
        into = current_findings()
        if into is not None and not any(isinstance(found, NotANumber) and found.array == name for found in into):
            where, place = ", ".join(map(str, index)), f"{self._module.filename}:{line.line}"
            into.add(DependsOnUnset(self._kernels[id(line)].name, name, where, values, place))

    def _launch(self, findings: Findings, line: LaunchLine, values: list[Any], arrays: Mapping[str, Any]) -> bool:
        kernel = self._kernels[id(line)]
        if any(word[0] == "V" or word == "Pu8" for word in kernel.signature):  # addresses may be among them
            kernel.reachable = {name: value for name, value in arrays.items() if isinstance(value, np.ndarray)}
        try:
            kernel.launch(line.grid, line.block, values, line.shared_mem)
        except TypeError as error:
            raise InvalidInput(f"{self._module.filename}:{line.line}: {error}") from error
        except KernelError as error:
            if not any(error.place in _places(finding) for finding in findings):  # else the finding tells it
                findings.add(Failure.of(error))
            return False
        return True

    def _dtypes(self, line: LaunchLine) -> list[np.dtype[Any] | None]:
        kernel = self._kernels[id(line)]
        dtypes: list[np.dtype[Any] | None] = []
        for word, written in zip(kernel.signature, kernel.types, strict=False):
            dtypes.append(parameter_dtype(word, written))
        return dtypes


def _differing(one: Run, other: Run) -> tuple[str, LaunchLine, tuple[int, ...], tuple[str, str]] | None:
    """Return the first array of two runs whose written numbers differ."""
    for name, (made, line) in one.first.items():
        if name in other.first and line is not None:
            found = first_difference((made, one.arrays[name]), (other.first[name][0], other.arrays[name]))
            if found is not None:
                return name, line, found[0], found[1:]
    return None


def _places(finding: Finding) -> list[str]:
    accesses = [access.place for access in finding.accesses]
    stands = [stand.place for stand in finding.stands] if isinstance(finding, Endless) else []
    return [*accesses, *stands, *([finding.place] if isinstance(finding, DivergentBarrier) else [])]
