"""Plant a wrong factor in every compiled rung, one after the other, and see whether gradcheck finds it, alone.

    python -m tests.check.factors                    # all of them: factors in results, and factors in the kernels,
    which are compiled anew
    python -m tests.check.factors dense softmax      # in some operations
    python -m tests.check.factors --results          # in results only, a minute

Two kinds of mutants are made by machine, with nobody's choice in between. *Results*: one array that a function of the
file returns, or that an update changes, is multiplied by 3. *Kernels*:
what one statement of a compiled function stores, returns or adds is multiplied by 3, by rewriting its source. The check
is the one of `tinyseg gradcheck --backend numba`. The exit code is 1
when one is not found.
"""

from __future__ import annotations

import argparse
import ast
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np
import tinyseg_kernels
from numba.core.dispatcher import Dispatcher
from tinyseg_kernels import backend as backends
from tinyseg_kernels.cpu import compiled

from tinyseg.check.precision import precision, specified
from tinyseg.check.subject import Results, Subject
from tinyseg.check.subjects import SUBJECTS

KERNELS = Path(tinyseg_kernels.__file__).parent
FACTOR = 3
INTEGERS = {"bits", "places", "winners", "_kept", "tables"}
"""What holds places and bits, not numbers: three times a place lies outside of an array."""


def rungs() -> list[str]:
    """Return the operations that have a `numba_cpu.py`."""
    return sorted(path.parent.name for path in KERNELS.glob("*/numba_cpu.py"))


def module_of(operation: str) -> ModuleType:
    """Return an operation's compiled rung."""
    return import_module(f"tinyseg_kernels.{operation}.numba_cpu")


@cache
def expected(subject: Subject) -> tuple[str, Results]:
    """Return what the specification computes, once."""
    return specified(subject)


def finds(subjects: Sequence[Subject]) -> str:
    """Return the label of the first subject that gradcheck calls wrong, or ''."""
    for subject in subjects:
        if not precision(subject, backend="numba", against=expected(subject)).passed:
            return subject.label
    return ""


@cache
def subjects_of() -> dict[tuple[str, str], list[tuple[float, Subject]]]:
    """Return for each (operation, function of its numba_cpu.py) the subjects that enter it, with their seconds.

    Functions that no subject enters are missing.
    """
    entered: dict[tuple[str, str], list[tuple[float, Subject]]] = {}
    for subject in SUBJECTS:
        expected(subject)
        seen: set[tuple[str, str]] = set()

        def look(frame: Any, event: str, _: Any, seen: set[tuple[str, str]] = seen) -> None:
            path = Path(frame.f_code.co_filename)
            if event == "call" and path.name == "numba_cpu.py":
                seen.add((path.parent.name, frame.f_code.co_name))

        started = time.perf_counter()
        with backends.backend("numba"):
            sys.setprofile(look)
            try:
                subject.run("float32", 0)
            finally:
                sys.setprofile(None)
        seconds = time.perf_counter() - started
        for place in seen:
            entered.setdefault(place, []).append((seconds, subject))
    return {place: sorted(found, key=lambda pair: pair[0]) for place, found in entered.items()}


# Results
# ---------------------------------------------------------------------------------------------------------------


class ResultMutant(NamedTuple):
    """One array of what a function returns, by its place there, or of what it changes, by the argument's place."""

    operation: str
    function: str
    place: int | None
    changed: bool = False

    def __str__(self) -> str:
        """Return 'dense: dense_backward()[1]'."""
        where = f" changes argument {self.place}" if self.changed else "" if self.place is None else f"[{self.place}]"
        return f"{self.operation}: {self.function}(){where}"

    def plant(self) -> Callable[[], None]:
        """Multiply, and return what takes it back."""
        module = module_of(self.operation)
        right = getattr(module, self.function)

        @wraps(right)
        def wrong(*arguments: Any, **options: Any) -> Any:
            result = right(*arguments, **options)
            if self.changed:
                for array in arguments[self.place or 0]:
                    array *= FACTOR
                return result
            if self.place is None:
                return _tripled(result)
            parts = list(result)
            parts[self.place] = _tripled(parts[self.place])
            return type(result)(parts) if type(result) in (tuple, list) else type(result)(*parts)

        setattr(module, self.function, wrong)
        return lambda: setattr(module, self.function, right)


def _tripled(value: Any) -> Any:
    return [_tripled(part) for part in value] if isinstance(value, list) else value * FACTOR


def _is_float(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_is_float(part) for part in value)
    return isinstance(value, float) or (isinstance(value, (np.ndarray, np.floating)) and value.dtype.kind == "f")


def result_mutants(operation: str) -> list[ResultMutant]:
    """Return the mutants of an operation's results.

    Of every function that its file defines and that returns or changes arrays of numbers, caches left out.
    """
    module, found = module_of(operation), []
    functions = [
        name
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    ]
    for name in functions:
        if name.endswith("_update"):
            changed = {"adam_update": (0, 2, 3), "sgd_update": (0, 2), "rmsprop_update": (0, 2, 3, 4)}[name]
            found += [ResultMutant(operation, name, place, True) for place in changed]
            continue
        found += [ResultMutant(operation, name, place) for place in _places(module, name)]
    return found


def _places(module: ModuleType, name: str) -> list[int | None]:
    """Return where a function returns arrays of numbers, as seen when the subjects run: None for its only result."""
    operation, seen = module.__name__.split(".")[1], set[int | None]()
    right = getattr(module, name)

    def watched(*arguments: Any, **options: Any) -> Any:
        result = right(*arguments, **options)
        if isinstance(result, tuple) and not hasattr(result, "_fields"):
            parts = result[:1] if name.endswith("_forward") else result
            seen.update(k for k, part in enumerate(parts) if _is_float(part))
        elif _is_float(result):
            seen.add(None)
        return result

    setattr(module, name, watched)
    try:
        with backends.backend("numba"):
            for _, subject in subjects_of().get((operation, name), [])[:6]:
                subject.run("float32", 0)
    finally:
        setattr(module, name, right)
    return sorted(seen, key=lambda place: -1 if place is None else place)


def plant_in_result(mutant: ResultMutant) -> str:
    """Return the subject that finds a mutant, or ''."""
    subjects = [subject for _, subject in subjects_of().get((mutant.operation, mutant.function), [])]
    if mutant.changed:  # an update without this slot has nothing to change
        subjects = [s for s in subjects if _has_slot(mutant, s)]
    take_back = mutant.plant()
    try:
        return finds(subjects)
    finally:
        take_back()


def _has_slot(mutant: ResultMutant, subject: Subject) -> bool:
    module, has = module_of(mutant.operation), []
    right = getattr(module, mutant.function)

    def watched(*arguments: Any, **options: Any) -> Any:
        has.append(arguments[mutant.place or 0] is not None)
        return right(*arguments, **options)

    setattr(module, mutant.function, watched)
    try:
        with backends.backend("numba"):
            subject.run("float32", 0)
    finally:
        setattr(module, mutant.function, right)
    return all(has)


# Kernels
# ---------------------------------------------------------------------------------------------------------------


class KernelMutant(NamedTuple):
    """One statement of a compiled function whose value is multiplied."""

    operation: str
    function: str
    number: int
    text: str

    def __str__(self) -> str:
        """Return 'softmax: _backward: dx[r, k] = scratch[k]'."""
        return f"{self.operation}: {self.function}: {self.text}"


class _Planter(ast.NodeTransformer):
    """Multiplies the value of the statement of a number, or lists all."""

    def __init__(self, number: int | None) -> None:
        self.number, self.count, self.function = number, 0, ""
        self.found: list[tuple[str, int, str]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        names = {ast.unparse(d) for d in node.decorator_list}
        if names & {"kernel", "inlined", "compiled_kernel", "as_written"}:
            self.function = node.name
            self.generic_visit(node)
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        target = node.targets[0]
        nothing = ast.unparse(node.value) in ("0", "0.0", "np.float32(0)")  # thrice as much is as much
        if isinstance(target, ast.Subscript) and ast.unparse(target.value) not in INTEGERS and not nothing:
            node.value = self._planted(node, node.value, "np.float32")
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        if isinstance(node.op, (ast.Add, ast.Sub)) and not isinstance(node.value, ast.Constant):
            name = ast.unparse(node.target)
            if name not in ("r", "w", "c", "k", "key_0", "key_1", "place", "row"):
                node.value = self._planted(node, node.value, "")
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id in ("store", "write"):
            node.args[1] = self._planted(node, node.args[1], "splat")
        return node

    def _planted(self, node: ast.AST, value: ast.expr, how: str) -> ast.expr:
        this, self.count = self.count, self.count + 1
        self.found.append((self.function, this, ast.unparse(node)[:90]))
        if this != self.number:
            return value
        factor = {"splat": f"splat(np.float32({FACTOR}))", "np.float32": f"np.float32({FACTOR})", "": f"{FACTOR}"}[how]
        return ast.parse(f"({ast.unparse(value)}) * {factor}", mode="eval").body


def kernel_mutants(operation: str) -> list[KernelMutant]:
    """Return the mutants of an operation's compiled functions."""
    planter = _Planter(None)
    planter.visit(ast.parse((KERNELS / operation / "numba_cpu.py").read_text("utf-8")))
    return [KernelMutant(operation, *found) for found in planter.found]


def plant_in_kernel(mutant: KernelMutant) -> str:
    """Return the subject that finds a mutant, or ''. Leaves the mutant in this process."""
    path = KERNELS / mutant.operation / "numba_cpu.py"
    tree = _Planter(mutant.number).visit(ast.parse(path.read_text("utf-8")))
    compiled._folder = lambda: None  # type: ignore[assignment]  # compile anew, keep nothing
    right = module_of(mutant.operation)
    module = ModuleType(right.__name__)
    module.__file__, module.__package__, module.__spec__ = str(path), right.__package__, right.__spec__
    sys.modules[right.__name__] = module
    exec(compile(ast.fix_missing_locations(tree), str(path), "exec"), module.__dict__)
    if "splat(np.float32(" in ast.unparse(tree) and "splat" not in vars(module):
        module.splat = import_module("tinyseg_kernels.cpu.vectors.vectors").splat  # type: ignore[attr-defined]
    vars(import_module(f"tinyseg_kernels.{mutant.operation}"))["numba_cpu"] = module
    backends.find_rung.cache_clear()
    entered = {id(s): s for (o, _), found in subjects_of().items() if o == mutant.operation for _, s in found}
    return finds(list(entered.values()))


def _in_a_process(mutant: KernelMutant, answers: Any) -> None:
    try:
        answers.put(plant_in_kernel(mutant))
    except Exception as error:
        answers.put(f"!{type(error).__name__}: {str(error)[:200]}")


def outcomes(operations: Sequence[str], kernels: bool) -> Iterator[tuple[str, str]]:
    """Yield (mutant, what found it)."""
    for operation in operations:
        for mutant in result_mutants(operation):
            yield str(mutant), plant_in_result(mutant)
    context = multiprocessing.get_context("fork")
    for operation in operations if kernels else ():
        for planted in kernel_mutants(operation):
            answers = context.SimpleQueue()
            process = context.Process(target=_in_a_process, args=(planted, answers))
            process.start()
            process.join(300)
            yield str(planted), answers.get() if not answers.empty() else f"!process ended with {process.exitcode}"


def entered_kernels() -> dict[str, bool]:
    """Return for each compiled function that Python calls whether it has run in this process.

    Numba loads or compiles it when it is called.
    """
    found = {}
    for path in compiled.source_files():
        if path.stem == "__init__":
            continue
        parts = path.relative_to(KERNELS).with_suffix("").parts
        module = import_module(".".join(("tinyseg_kernels", *parts)))
        for name, value in vars(module).items():
            own = isinstance(value, Dispatcher) and value.py_func.__module__ == module.__name__
            # `inlined`: a part of others. Only predictions cap a result where it lies: tests/models/test_fusion.py.
            if own and not value.targetoptions.get("no_cpython_wrapper") and name != "_cap":
                found[f"{'/'.join(parts)}: {name}"] = bool(value.overloads)
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("operations", nargs="*")
    parser.add_argument("--results", action="store_true", help="only factors in results")
    options = parser.parse_args()
    planted = missed = broken = 0
    for mutant, by in outcomes(options.operations or rungs(), not options.results):
        planted += 1
        missed += not by
        broken += by.startswith("!")
        print(f"{'found ' if by else 'MISSED'}  {mutant}  <- {by}", flush=True)
    print(f"{planted} planted, {planted - missed - broken} found, {missed} missed, {broken} did not run")
    entered = {} if options.operations else entered_kernels()
    for name in (name for name, has_run in entered.items() if not has_run):
        print(f"NEVER ENTERED  {name}")
    print(f"{sum(entered.values())} of {len(entered)} compiled functions were entered")
    sys.exit(1 if missed or broken or not all(entered.values()) else 0)


if __name__ == "__main__":
    main()
