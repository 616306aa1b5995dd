"""The types that Numba's own compiler infers, node by node of a function's syntax tree.

Numba's front end runs as it does for a GPU, up to and including type inference, which needs neither a GPU nor a driver.
What is left out is the rest: lowering, NVVM, PTX. Only this file of the package `typed` imports Numba.
"""

from __future__ import annotations

import ast
import importlib
import math
import operator
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import CellType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

from tinyseg_kernels.gpu.availability import SIMULATOR_VARIABLE

from .kinds import SCALARS, Kind
from .source import Tree, function_of, tagged_code, tree_of


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


@dataclass(frozen=True)
class Operation:
    """One operation that the compiler made of a node.

    Args:
        kind: Its kind in Numba's intermediate code: 'binop', 'call', 'getitem', 'setitem', ...
        result: Kind of its result.
        arguments: Kinds to which its operands are converted.
        given: Kinds that its operands have.
        callee: Of a call: 'number' (a conversion), 'device' (a device function), a name, or ''.
        device: The device function and its types.
        container: Of a subscript or attribute: 'array', 'record', 'tuple', 'module' or ''.
        item: Kind of an array's items.
    """

    kind: str
    result: Kind
    arguments: tuple[Kind, ...] = ()
    given: tuple[Kind, ...] = ()
    callee: str = ""
    device: tuple[Any, tuple[Any, ...]] | None = None
    container: str = ""
    item: Kind = None


@dataclass
class Types:
    """What Numba infers of a function for given types of its arguments."""

    tree: Tree
    operations: dict[int, list[Operation]] = field(default_factory=dict)
    variables: dict[str, Kind] = field(default_factory=dict)
    result: Kind = None
    result_type: Any = None


@cache
def available() -> bool:
    """Return whether Numba's compiler for CUDA is here."""
    try:
        if not hasattr(_numba().compiler, "CUDACompiler"):
            return False
        target = _numba().descriptor.cuda_target
        target.typing_context.refresh()  # now, since it imports modules that use what `numba_modules.py` replaces
        target.target_context.refresh()
        return True
    except Exception:  # an installation that is broken in whatever way is none
        return False


@cache
def _numba() -> SimpleNamespace:
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
    except _numba().errors.NumbaError:
        return None


def parsed_signatures(signatures: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the types of the arguments of signatures, given as text, as Numba's signatures or as tuples of types."""
    return [tuple(_numba().sigutils.normalize_signature(each)[0]) for each in signatures]


def infer(function: FunctionType, arguments: tuple[Any, ...], is_kernel: bool) -> Types | None:
    """Infer the types in a function.

    Args:
        function: The function.
        arguments: Numba's types of its arguments.
        is_kernel: Whether it may return nothing only.

    Returns:
        The types; None when the function's source cannot be found.

    Raises:
        Refused: Numba does not take it.
    """
    typed = _typing_function(function)
    if typed is None:
        return None
    tree, tagged = typed
    state = _compile(tagged, arguments, _numba().types.void if is_kernel else None)
    return _Reader(tree, state).types


@cache
def _typing_function(function: FunctionType) -> tuple[Tree, FunctionType] | None:
    """Return a function's tree and its copy for type inference, in which the simulator's names are Numba's own."""
    tree = tree_of(function)
    if tree is None:
        return None
    code = tagged_code(tree)
    names = {node.id for node in ast.walk(tree.node) if isinstance(node, ast.Name)}
    namespace = {**function.__globals__}
    for name in names & namespace.keys():
        namespace[name] = _real(namespace[name])
    closure = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    cells = {name: CellType(_real(_content(cell))) for name, cell in closure}
    return tree, function_of(code, function, namespace, cells)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def names_of(code: Any) -> set[str]:
    """Return the names of globals and attributes that code, and code nested in it, mentions."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            names |= names_of(constant)
    return names


def _real(value: Any) -> Any:
    """Return what Numba's compiler shall see for a value that a name of a kernel has."""
    stands_for = getattr(value, "stands_for", None)
    if isinstance(stands_for, str):
        module, _, name = stands_for.partition(":")
        return getattr(importlib.import_module(module), name) if name else importlib.import_module(module)
    function = getattr(value, "py_func", None)
    if isinstance(function, FunctionType):
        return _device_function(function)
    if isinstance(value, ModuleType | type):
        return value
    return value


@cache
def _device_function(function: FunctionType) -> Any:
    """Return a dispatcher of Numba's that infers a device function's types and compiles nothing."""
    numba = _numba()

    class Dispatcher(numba.dispatcher.CUDADispatcher):  # type: ignore[name-defined,misc]
        def compile_device(self, args: Any, return_type: Any = None) -> Any:
            if args not in self.overloads:
                typed = _typing_function(function)
                if typed is not None:
                    self.py_func = typed[1]
                with self._compiling_counter:
                    state = _compile(self.py_func, tuple(args), return_type)
                result = state.return_type
                self.overloads[args] = SimpleNamespace(
                    signature=numba.typing.signature(result, *args), objectmode=False, entry_point=object()
                )
            return self.overloads[args]

    made = Dispatcher(function, targetoptions={"device": True})
    made.of_function = function
    return made


def _compile(function: FunctionType, arguments: tuple[Any, ...], result: Any) -> Any:
    """Run Numba's front end; return the state of its pipeline."""
    numba = _numba()
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
    numba = _numba()
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


class _Reader:
    """Reads the types of nodes and variables out of what Numba has inferred."""

    def __init__(self, tree: Tree, state: Any) -> None:
        self.typemap, self.calltypes, self.state = state.typemap, state.calltypes, state
        self.ir = _numba().ir
        self.types = Types(tree, result=kind_of_type(state.return_type), result_type=state.return_type)
        used: dict[str, set[Kind]] = {}
        for block in state.func_ir.blocks.values():
            for statement in block.body:
                self._statement(statement, used)
        versions: dict[str, set[Kind]] = {}
        for name, kind in self.typemap.items():
            base = name.partition(".")[0]
            if not name.startswith(("$", "arg.")) and base:
                versions.setdefault(base, set()).add(kind_of_type(kind))
        for name, kinds in versions.items():
            chosen = kinds if len(kinds) == 1 else used.get(name, kinds)
            self.types.variables[name] = next(iter(chosen)) if len(chosen) == 1 else None

    def _statement(self, statement: Any, used: dict[str, set[Kind]]) -> None:
        ir = self.ir
        if isinstance(statement, ir.Assign):
            value = statement.value
            if not isinstance(value, ir.Expr):
                return
            if value.op != "phi":
                for variable in value.list_vars():
                    used.setdefault(variable.name.partition(".")[0], set()).add(self._kind(variable))
            self._expression(value, statement.target)
        elif isinstance(statement, ir.SetItem | ir.StaticSetItem | ir.SetAttr):
            for variable in statement.list_vars():
                used.setdefault(variable.name.partition(".")[0], set()).add(self._kind(variable))
            signature = self.calltypes[statement]
            holder = signature.args[0]
            self._add(statement, Operation(
                "setattr" if isinstance(statement, ir.SetAttr) else "setitem", None,
                tuple(kind_of_type(each) for each in signature.args), (), container=_container(holder),
                item=kind_of_type(getattr(holder, "dtype", None)) if _container(holder) == "array"
                else kind_of_type(signature.args[-1]),
            ))  # fmt: skip

    def _expression(self, value: Any, target: Any) -> None:
        result = kind_of_type(self.typemap[target.name])
        signature = self.calltypes.get(value) if hasattr(self.calltypes, "get") else None
        arguments = () if signature is None else tuple(kind_of_type(each) for each in signature.args)
        given = tuple(self._kind(variable) for variable in value.list_vars())
        callee, device, holder = "", None, ""
        item: Kind = None
        if value.op == "call" and value.func.name.startswith("$bool"):
            return  # what a branch asks
        if value.op == "call":
            callee, device = self._callee(value, signature)
            given = tuple(self._kind(variable) for variable in value.args)
        elif value.op in ("getitem", "static_getitem", "getattr"):
            kind = self.typemap[value.value.name]
            holder = _container(kind)
            item = kind_of_type(getattr(kind, "dtype", None)) if holder == "array" else None
        self._add(value, Operation(value.op, result, arguments, given, callee, device, holder, item))

    def _callee(self, value: Any, signature: Any) -> tuple[str, tuple[Any, tuple[Any, ...]] | None]:
        types = _numba().types
        function = self.typemap[value.func.name]
        if isinstance(function, types.Dispatcher):
            of_function = getattr(function.dispatcher, "of_function", None)
            if of_function is None:
                return "", None
            return "device", (of_function, tuple(signature.args))
        if isinstance(function, types.NumberClass | types.DType):
            return "number", None
        if isinstance(function, types.BoundFunction):
            return "method", None
        key = getattr(function, "typing_key", None)
        if key in (int, float, bool, complex):
            return "number", None
        module = getattr(key, "__module__", "") or ""
        name = key.__qualname__ if isinstance(key, type) else getattr(key, "__name__", "")
        if module == "math" or (key is not None and getattr(math, str(name), None) is key):
            return f"math.{name}", None
        return str(name) or "function", None

    def _kind(self, variable: Any) -> Kind:
        return kind_of_type(self.typemap[variable.name])

    def _add(self, statement: Any, operation: Operation) -> None:
        node = getattr(statement.loc, "node", None)
        if node is not None:
            self.types.operations.setdefault(node, []).append(operation)


def _container(kind: Any) -> str:
    types = _numba().types
    if isinstance(kind, types.Array):
        return "array"
    if isinstance(kind, types.Record):
        return "record"
    if isinstance(kind, types.BaseTuple):
        return "tuple"
    if isinstance(kind, types.Module):
        return "module"
    return ""


@cache
def kind_of_type(kind: Any) -> Kind:
    """Return the kind of a type of Numba's."""
    types = _numba().types
    if isinstance(kind, types.Literal):
        kind = kind.literal_type
    if isinstance(kind, types.Boolean):
        return "bool"
    if isinstance(kind, types.BaseTuple):
        return tuple(kind_of_type(part) for part in kind)
    name = str(kind)
    return name if name in SCALARS else None


COMPARISONS: tuple[Callable[..., Any], ...] = (
    operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
)  # fmt: skip
