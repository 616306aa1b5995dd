"""Runs the launches of a file's comments in their order, on arrays that live on, and looks at what they compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from tinyseg_kernels.errors import InvalidInput

from .expectations import Expected, compare
from .fills import Computed, Fill, Random
from .findings import Findings
from .launch_lines import Assignment, Declaration, LaunchLine, Script
from .pointers import Pointer
from .records import Race, UninitialisedRead
from .results import WrongResult, new_nan


class Variables(Protocol):
    """The variables of a file in device memory."""

    def find(self, name: str) -> np.ndarray[Any, Any] | None:
        """Return a variable's memory as an array, None when there is none of the name."""

    def assign(self, name: str, value: Fill, generator: np.random.Generator, arrays: dict[str, Any]) -> None:
        """Give a variable values; raises `ValueError` where they do not fit."""


Launcher = Callable[[LaunchLine, list[Any], dict[str, Any]], bool]
"""Runs a launch, given its arguments and all arrays that there are; tells whether it came to its end."""


class ScriptError(ValueError):
    """A step that cannot be done; `line` is that of its comment."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


class Run:
    """One run of a script.

    Args:
        filename: Name of the file, for findings.
        findings: Where findings go.
        variables: The variables of the file, if the language has such.
        seed: Of random numbers.
        name_of: The name by which findings call a launch's kernel.
        variant: Which numbers stand for unset ones (`fills.unset`).
    """

    def __init__(
        self,
        filename: str,
        findings: Findings,
        variables: Variables | None,
        seed: int,
        name_of: Callable[[LaunchLine], str] = lambda line: line.kernel,
        variant: int = 0,
    ) -> None:
        self._filename, self._findings, self._variables, self._name_of = filename, findings, variables, name_of
        self._generator = np.random.default_rng(seed)
        self.arrays: dict[str, Any] = {}
        self._unset: dict[int, str] = {}
        self._variant = variant
        self.first: dict[str, tuple[Any, LaunchLine | None]] = {}
        """Each array as it was made, and the launch that used it last."""
        self._has_nan = False

    def run(
        self, script: Script, launch: Launcher, dtypes: Callable[[LaunchLine], Sequence[np.dtype[Any] | None]]
    ) -> bool:
        """Run all steps; `dtypes` tells what a kernel takes. Returns whether all launches came to their end.

        Raises:
            ScriptError: A step that cannot be done.
        """
        for step in script.steps:
            try:
                if isinstance(step, Declaration):
                    self._make(step.argument, None)
                elif isinstance(step, Assignment):
                    self._assign(step)
                elif not self._launch(step, launch, dtypes(step)):
                    return False  # what comes behind would run on what a stopped kernel left
            except (ScriptError, InvalidInput):
                raise
            except ValueError as error:
                raise ScriptError(step.line, str(error)) from error
        return True

    def _make(self, argument: Any, dtype: np.dtype[Any] | None) -> Any:
        number = len(self._unset) + 1
        value = argument.make(self._generator, self.arrays, dtype, number, self._variant)
        if argument.of is None and argument.shape is not None and argument.value is None:
            self._unset[number] = argument.name
        if argument.name and not (argument.of is not None and argument.name in self.arrays):
            self.arrays[argument.name] = value.array if isinstance(value, Pointer) else value
            if isinstance(self.arrays[argument.name], np.ndarray) and argument.of is None:
                self.first[argument.name] = (self.arrays[argument.name].copy(), None)
        if argument.value is not None and not isinstance(argument.value, (Random, Computed)):
            self._has_nan |= _any_nan(value)
        return value

    def _assign(self, step: Assignment) -> None:
        if self._variables is None:
            raise ValueError(f"{step.variable!r}: only a file of CUDA C++ has variables in device memory")
        self._variables.assign(step.variable, step.value, self._generator, self.arrays)

    def _launch(self, line: LaunchLine, launch: Launcher, dtypes: Sequence[np.dtype[Any] | None]) -> bool:
        kinds = [*dtypes, *[None] * len(line.arguments)]
        values = [self._make(argument, kind) for argument, kind in zip(line.arguments, kinds, strict=False)]
        before = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in self.arrays.items()}
        for name in {argument.of or argument.name for argument in line.arguments} & self.first.keys():
            self.first[name] = (self.first[name][0], line)
        for expected in line.expected:
            self._known_variable(expected, before)
        if not launch(line, values, self.arrays):
            return False
        self._compare(line, before)
        return True

    def _known_variable(self, expected: Expected, before: dict[str, Any]) -> None:
        """Keep the variables of the file that an expectation names, as they are before the launch."""
        for name in (expected.target.partition(".")[0], *expected.value.expression.names):
            if name not in before and self._variables is not None:
                memory = self._variables.find(name)
                if memory is not None:
                    before[name] = memory.copy()

    def _result(self, target: str) -> np.ndarray[Any, Any]:
        """Return what an expectation is about: an array, a field of its structures, a variable of the file."""
        name, *fields = target.split(".")
        result: Any = self.arrays.get(name)
        if result is None and self._variables is not None:
            result = self._variables.find(name)
        for field in fields if isinstance(result, np.ndarray) else ():
            if field not in (result.dtype.names or ()):
                raise ValueError(
                    f"{name!r} has no field {field!r} (known: {', '.join(result.dtype.names or ()) or 'none'})"
                )
            result = result[field]
        if not isinstance(result, np.ndarray):
            raise ValueError(f"{name!r} is no array of the launch, and no variable of the file")
        return result

    def _compare(self, line: LaunchLine, before: dict[str, Any]) -> None:
        place = f"{self._filename}:{line.line}"
        for expected in line.expected:
            result = self._result(expected.target)
            found = compare(expected, result, before)
            if found is not None:
                self._findings.add(
                    WrongResult(
                        self._name_of(line), expected.target + expected.part, found.index, found.value, found.expected,
                        found.wrong, found.total, place,
                    )
                )  # fmt: skip
        compared = {expected.target.partition(".")[0] for expected in line.expected}
        name_of_kernel = self._name_of(line)
        if any(
            isinstance(found, (Race, UninitialisedRead)) and found.kernel == name_of_kernel for found in self._findings
        ):
            return  # a NaN would follow from that
        for name, value in self.arrays.items():
            if isinstance(value, np.ndarray) and name not in compared and name in before:
                nan = new_nan(name, before[name], value, self._unset, name_of_kernel, place)
                if nan is not None and (nan.source or not self._has_nan):
                    self._findings.add(nan)


def _any_nan(value: Any) -> bool:
    array = value.array if isinstance(value, Pointer) else value
    return isinstance(array, (np.ndarray, np.generic)) and array.dtype.kind == "f" and bool(np.isnan(array).any())
