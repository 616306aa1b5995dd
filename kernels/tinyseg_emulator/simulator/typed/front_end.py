"""Numba's compiler as it works for a GPU, up to and including type inference, which needs neither a GPU nor a driver.

What is left out is the rest: lowering, NVVM, PTX. Only this file of the package `typed` imports Numba.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import FunctionType, SimpleNamespace
from typing import Any

from tinyseg_kernels.gpu.availability import SIMULATOR_VARIABLE


class Refused(Exception):
    """Numba's compiler does not take a function.

    Args:
        text: Why, in Numba's words.
        line: The line, when it is known.
        filename: Its file.
    """

    def __init__(self, text: str, line: int | None, filename: str) -> None:
        super().__init__(text)
        self.text, self.line, self.filename = text, line, filename


@cache
def available() -> bool:
    """Return whether Numba's compiler for CUDA is here."""
    try:
        if not hasattr(numba_parts().compiler, "CUDACompiler"):
            return False
        target = numba_parts().descriptor.cuda_target
        target.typing_context.refresh()  # now, since it imports modules that use what `numba_modules.py` replaces
        target.target_context.refresh()
        return True
    except Exception:  # an installation that is broken in whatever way is none
        return False


@cache
def numba_parts() -> SimpleNamespace:
    """Import the parts of Numba that are needed."""
    _import_the_real_one()
    names = (
        "compiler",
        "dispatcher",
        "types",
        "core.ir",
        "core.sigutils",
        "core.errors",
        "typing",
        "descriptor",
        "utils",
    )
    dispatcher: Any = importlib.import_module("numba.cuda.dispatcher")
    real_device = dispatcher.get_current_device

    def device() -> Any:
        try:
            return real_device()
        except (
            Exception
        ):  # without a driver; functions that Numba writes in Python ask for a device to compile them for
            return SimpleNamespace(compute_capability=(9, 0))

    dispatcher.get_current_device = device
    return SimpleNamespace(**{
        name.rpartition(".")[2]: importlib.import_module(f"numba.cuda.{name}") for name in names
    }, cuda=importlib.import_module("numba.cuda"))  # fmt: skip


def _import_the_real_one() -> None:
    """Import numba.cuda as on a machine with a GPU, also where its own simulator is asked for, which has no types."""
    if "numba.cuda" in sys.modules:
        return
    with _without_numbas_simulator():
        importlib.import_module("numba.cuda")


@contextmanager
def _without_numbas_simulator() -> Iterator[None]:
    """Let Numba compile where its own simulator is asked for: its `jit` looks whenever it is called."""
    asked = os.environ.pop(SIMULATOR_VARIABLE, None)
    importlib.import_module("numba.core.config")
    configs: list[Any] = [sys.modules.get(name) for name in ("numba.core.config", "numba.cuda.core.config")]
    before = [(config, getattr(config, "ENABLE_CUDASIM", 0)) for config in configs if config is not None]
    try:
        for config, _ in before:
            config.ENABLE_CUDASIM = 0
        yield
    finally:
        for config, value in before:
            config.ENABLE_CUDASIM = value
        if asked is not None:
            os.environ[SIMULATOR_VARIABLE] = asked


def argument_types(values: Sequence[Any]) -> tuple[Any, ...] | None:
    """Return Numba's types of a launch's arguments; None when it has none, as for the other byte order."""
    typeof = importlib.import_module("numba.cuda.typing.typeof").typeof
    purpose = importlib.import_module("numba.cuda.typing.typeof").Purpose.argument
    try:
        return tuple(typeof(value, purpose) for value in values)
    except numba_parts().errors.NumbaError:
        return None


def parsed_signatures(signatures: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the types of the arguments of signatures, given as text, as Numba's signatures or as tuples of types."""
    return [tuple(numba_parts().sigutils.normalize_signature(each)[0]) for each in signatures]


def compiled_state(function: FunctionType, arguments: tuple[Any, ...], result: Any) -> Any:
    """Run Numba's front end; return the state of its pipeline."""
    numba = numba_parts()
    target = numba.descriptor.cuda_target
    flags = numba.compiler.CUDAFlags()
    flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
    flags.error_model = "numpy"
    flags.compute_capability = (9, 0)
    pipeline = _pipeline()(target.typing_context, target.target_context, None, arguments, result, flags, {}, None, {})
    target.typing_context.refresh()
    try:
        with _without_numbas_simulator(), numba.utils.numba_target_override():
            pipeline.compile_extra(function)
    except Exception as error:  # Numba's errors have no common base
        if pipeline.state.typemap is None or pipeline.state.calltypes is None:
            raise _refused(error, function) from error
    return pipeline.state


def _refused(error: Exception, function: FunctionType) -> Refused:
    if isinstance(error, Refused):
        return error
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    found = re.findall(r'File "([^"]*)", line (\d+)|\((\d+)\)', text)
    line = getattr(getattr(error, "loc", None), "line", None)
    if line is None:
        numbers = [int(number) for _, number, _ in found if number]
        line = numbers[-1] if numbers else _line_of_constraint(error)
    told = [
        words
        for part in text.splitlines()
        if (words := part.strip())
        and not words.startswith(("File ", "<source", "def ", "^", "Failed in", "During:", "This error", "Enable"))
    ]
    for k, words in enumerate(told):  # what follows lists Numba's own functions
        if words.startswith("There are ") and "candidate" in words:
            told = told[:k]
            break
    return Refused(
        "; ".join(told[:4]).replace(":;", ":").rstrip(":;") or type(error).__name__, line, function.__code__.co_filename
    )


def _line_of_constraint(error: Exception) -> int | None:
    """Return the line whose types were being inferred; many of Numba's errors do not name it."""
    line, trace = None, error.__traceback__
    while trace is not None:
        place = getattr(trace.tb_frame.f_locals.get("self"), "loc", None)
        line = getattr(place, "line", None) or line
        trace = trace.tb_next
    return line


@cache
def _pipeline() -> Any:
    """Return Numba's compiler with an interpreter that notes the nodes, ending after type inference."""
    numba = numba_parts()
    machinery = importlib.import_module("numba.cuda.core.compiler_machinery")
    bytecode = importlib.import_module("numba.cuda.core.bytecode")
    offset = bytecode._FIXED_OFFSET

    class NodeLoc(numba.ir.Loc):  # type: ignore[name-defined,misc]
        """A line with the number of a node, which error messages leave out."""

        node: int | None = None

        def with_lineno(self, line: int, col: int | None = None) -> Any:
            return NodeLoc(self.filename, line)

    class Interpreter(numba.compiler.CUDABytecodeInterpreter):  # type: ignore[name-defined,misc]
        def _dispatch(self, inst: Any, kws: Any) -> Any:
            code = self.bytecode.func_id.code if hasattr(self.bytecode, "func_id") else self.func_id.code
            places = _places(code)
            at = (inst.offset - offset) // 2
            inst_loc: Any = self.loc  # type: ignore[has-type]
            place = places[at] if 0 <= at < len(places) else None
            loc = NodeLoc(inst_loc.filename, inst_loc.line)
            loc.node = None if place is None else place[2]
            self.loc = loc
            return super()._dispatch(inst, kws)

    class Translate(numba.compiler.CUDATranslateBytecode):  # type: ignore[name-defined,misc]
        _name = "tinyseg_translate_bytecode"

        def run_pass(self, state: Any) -> bool:
            state["func_ir"] = Interpreter(state["func_id"]).interpret(state["bc"])
            return True

    Translate = machinery.register_pass(mutates_CFG=True, analysis_only=False)(Translate)  # type: ignore[misc]

    class FrontEnd(numba.compiler.CUDACompiler):  # type: ignore[name-defined,misc]
        def define_pipelines(self) -> Any:
            (whole,) = super().define_pipelines()
            manager = numba.compiler.PassManager("tinyseg_types")
            for implementation, description in whole.passes:
                if implementation is numba.compiler.CUDATranslateBytecode:
                    implementation = Translate
                manager.passes.append((implementation, description))
                if implementation.__name__ == "NopythonTypeInference":
                    break
            manager.finalize()
            return [manager]

    return FrontEnd


@cache
def _places(code: Any) -> list[Any]:
    return list(code.co_positions())
