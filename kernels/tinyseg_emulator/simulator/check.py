"""Checks Numba kernels in a file, in several orders of threads.

Races, barriers, bounds, uninitialised memory, bank conflicts and coalescing.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from tinyseg_kernels.errors import InvalidInput, unknown_name

from ..checks.findings import Findings
from ..checks.kernel_error import KernelError
from ..checks.launch_lines import LaunchLine, Script, has_launch_lines, launch_lines
from ..checks.options import emulation
from ..checks.pointers import Pointer
from ..checks.run_script import Run, ScriptError
from .numba_modules import numba_of
from .script import check_script
from .simulate import add_failure, cuda, simulate

THREAD_ORDERS = ("up", "down", "rotated:1")


def check_numba(
    path: str | Path,
    kernel: str | None = None,
    *,
    thread_orders: Sequence[str] = THREAD_ORDERS,
    seed: int = 0,
    arguments: Sequence[str] = (),
) -> Findings:
    """Run kernels of a Python file under all checks, as comments in the file say (`launch_lines.py`).

    A file without such comments is run as the script that it is, and the launches that it makes are checked
    (`script.py`). In both cases `numba.cuda` means the simulator, so the file needs no GPU.

    Args:
        path: The file.
        kernel: Name of a kernel; None for all that a comment names.
        thread_orders: The orders of threads in which each launch is run; traffic is counted in the first one.
        seed: Seed of random arguments.
        arguments: What a script without comments finds in `sys.argv`.

    Raises:
        InvalidInput: The file cannot be read or run, or has no such kernel or comment.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        ast.parse(text)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: expected a Python file, got {error}") from error
    except SyntaxError as error:
        raise InvalidInput(f"{path}:{error.lineno}: expected Python, got {error.msg}") from error
    if kernel is None and not has_launch_lines(text):
        return check_script(path, arguments, thread_order=thread_orders[0])
    lines = launch_lines(text, str(path))
    if kernel is not None:
        chosen = [line for line in lines if line.kernel == kernel]
        if not chosen:
            raise unknown_name(f"kernel in the racecheck comments of {path}:", kernel, {line.kernel for line in lines})
        lines = chosen
    with numba_of(cuda):
        module = _run(path)
    with emulation() as findings:
        for line in lines:
            _check(module, path, line, thread_orders, seed)
    findings.tell_what_was_not_checked({line.kernel for line in lines}, () if kernel else _kernels(module))
    return findings


def _kernels(module: ModuleType) -> list[str]:
    """Return the names of the jitted functions of a file that no other one calls: those are device functions."""
    code = {
        name: value.py_func.__code__
        for name, value in vars(module).items()
        if getattr(getattr(value, "py_func", None), "__module__", None) == module.__name__
    }
    called = {used for name, its in code.items() for used in its.co_names if used != name}
    return [name for name in code if name not in called]


def _check(module: ModuleType, path: Path, line: LaunchLine, thread_orders: Sequence[str], seed: int) -> None:
    function = getattr(module, line.kernel, None)
    if function is None or not callable(getattr(function, "py_func", None)):
        raise InvalidInput(
            f"{path}:{line.line}: expected the name of a kernel (a function under @cuda.jit), got {line.kernel!r}"
        )
    code = function.py_func.__code__
    expected = code.co_varnames[: code.co_argcount]
    if len(expected) != len(line.arguments):
        raise InvalidInput(
            f"{path}:{line.line}: {line.kernel} takes {len(expected)} arguments ({', '.join(expected)}), got "
            f"{len(line.arguments)}"
        )
    for order in thread_orders:
        first = order == thread_orders[0]
        with emulation(races=True, memory_report=first, output=first, thread_order=order) as findings:
            try:
                Run(str(path), findings, None, seed).run(Script([line]), partial(_launch, function), lambda line: [])
            except ScriptError as error:
                raise InvalidInput(f"{path}:{line.line}: {error}") from error
            except KernelError as error:
                add_failure(findings, error)


def _launch(function: Any, line: LaunchLine, values: list[Any], arrays: dict[str, Any]) -> bool:
    plain = [value.array if isinstance(value, Pointer) else value for value in values]
    simulate(function, line.grid, line.block, plain, shared_mem=line.shared_mem)
    return True


def _run(path: Path) -> ModuleType:
    """Run a file as a module of its own."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))  # so that it can import its neighbours
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InvalidInput(f"{path}: running it raised {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(path.parent))
    return module
