"""Reads the comments in a file of kernels that say how `tinyseg racecheck` shall launch them.

In a .cu file, and in a Python file of Numba kernels:

    // racecheck: scale<<<2, 64>>>(float x[128] = random, float y[128], float factor = 0.5, int n = 128)
    #  racecheck: scale[2, 64](x: float32[128] = random, y: float32[128], factor: float32 = 0.5, n: int32 = 128)

Between the brackets stand blocks, threads per block and, if there is any, bytes of dynamic shared memory; blocks and
threads are a number or up to three in parentheses. An array of several axes is `x[4][8]` in C++ and `float32[4, 8]` in
Python. An array's numbers are `random` (normal for floats, 0 to 9 for integers), `random(low, high)`, `zeros`, `ones`,
`arange`, one number, a list, or an expression; without `= ...` nothing has written to it. Behind `->` stands what the
results are expected to be. docs/emulator.md has it all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput

from .arguments import LARGEST_SIZE as LARGEST_SIZE
from .arguments import Argument, read_argument
from .comments import racecheck_comments
from .expectations import Expected, read_expected
from .fills import Fill, arrays_in, read_fill
from .kernel_error import Index3
from .launch_example import launch_example
from .names import Names
from .numbers import one_bracket, split


@dataclass(frozen=True)
class LaunchLine:
    """One launch that a file asks for.

    Args:
        kernel: Name of the kernel, with the arguments of a template: `scale<float, 4>`.
        grid: Number of blocks.
        block: Threads per block.
        shared_mem: Bytes of dynamic shared memory.
        arguments: What it is given.
        line: Number of the comment's line.
        expected: What its results are expected to be.
    """

    kernel: str
    grid: Index3
    block: Index3
    shared_mem: int
    arguments: tuple[Argument, ...]
    line: int
    expected: tuple[Expected, ...] = ()

    def make_arguments(self, seed: int = 0) -> list[Any]:
        """Return new arrays and numbers for a launch that needs no array of another one."""
        generator = np.random.default_rng(seed)
        arrays: dict[str, Any] = {}
        for argument in self.arguments:
            arrays[argument.name] = argument.make(generator, arrays)
        return [arrays[argument.name] for argument in self.arguments]


def has_launch_lines(text: str) -> bool:
    """Return whether a file says how to launch a kernel, be it well or badly."""
    return re.search(r"^\s*(?://|#)\s*racecheck:", text, re.MULTILINE) is not None


@dataclass(frozen=True)
class Declaration:
    """An array that a comment declares for later launches."""

    argument: Argument
    line: int


@dataclass(frozen=True)
class Assignment:
    """Values for a variable of the file in device or constant memory."""

    variable: str
    value: Fill
    line: int


Step = LaunchLine | Declaration | Assignment


@dataclass
class Script:
    """Steps that belong together, since they use the same arrays, in their order."""

    steps: list[Step]

    @property
    def launches(self) -> list[LaunchLine]:
        """Its launches."""
        return [step for step in self.steps if isinstance(step, LaunchLine)]


def launch_lines(text: str, filename: str, constants: Mapping[str, Any] | None = None) -> list[LaunchLine]:
    """Read the launches that a file's comments ask for.

    Args:
        text: The file.
        filename: Its name, for messages; `.py` for a Python file.
        constants: Numbers by name that the comments may use.

    Raises:
        InvalidInput: A comment that cannot be read, with the line and an example, or none at all.
    """
    names = Names(c=not filename.endswith(".py"), constants=constants)
    return [launch for script in launch_scripts(text, filename, names) for launch in script.launches]


def launch_scripts(text: str, filename: str, names: Names) -> list[Script]:
    """Read the comments of a file; those that use arrays of an earlier one are a script with it.

    Raises:
        InvalidInput: A comment that cannot be read, with the line and an example, or none at all.
    """
    example = launch_example(text, filename)
    scripts: list[Script] = []
    owners: dict[str, Script] = {}
    common: list[Step] = []
    for comment in racecheck_comments(text):
        names.line = comment.line
        try:
            steps = [step for part in split(comment.text, ";") for step in _steps(part, comment.line, names)]
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"{filename}:{comment.line}: {error}; expected a line such as: {example}") from None
        if not any(isinstance(step, LaunchLine) for step in steps):
            common += steps  # for all launches behind it
            continue
        script = next((owners[name] for name in _used(steps) if name in owners), None)
        if script is None:
            script = Script(list(common))
            scripts.append(script)
        else:
            script.steps += [step for step in common if step not in script.steps]
        script.steps += steps
        owners.update(dict.fromkeys(_made(steps), script))
    if not scripts:
        raise InvalidInput(
            f"{filename}: found no comment that says how to launch a kernel; expected a line such as: {example}"
        )
    return scripts


def _used(steps: list[Step]) -> list[str]:
    """Return the names that some steps use and do not make: arrays of earlier ones, where they are such."""
    made: set[str] = set()
    used: list[str] = []
    for step in steps:
        if isinstance(step, Assignment):
            used += arrays_in(step.value)
            continue
        for argument in step.arguments if isinstance(step, LaunchLine) else (step.argument,):
            names = {argument.of} if argument.of else arrays_in(argument.value)
            used += sorted(names - made)
            made.add(argument.name)
        for expected in step.expected if isinstance(step, LaunchLine) else ():
            used += sorted({expected.target, *expected.value.expression.names} - made)
    return used


def _made(steps: list[Step]) -> list[str]:
    arguments = [argument for step in steps if isinstance(step, LaunchLine) for argument in step.arguments]
    arguments += [step.argument for step in steps if isinstance(step, Declaration)]
    return [argument.name for argument in arguments if argument.of is None and argument.shape is not None]


def _steps(text: str, line: int, names: Names) -> list[Step]:
    if "<<<" in text or re.match(r"\s*[\w:]+\s*\[[^\[\]]*\]\s*\(", text):
        return [_launch(text.strip(), line, names)]
    assigned = re.fullmatch(r"\s*((?:::)?[A-Za-z_][\w:]*)\s*=(?!=)\s*(.+)", text, re.DOTALL)
    if assigned is not None and names.c:
        names.symbols.add(assigned[1].rpartition("::")[2])
        return [Assignment(assigned[1], read_fill(assigned[2].strip(), names, is_array=True), line)]
    if re.fullmatch(r"\s*[A-Za-z_][\w:<>, ]*[\s*&>]+[A-Za-z_]\w*\s*(?:\[.*|=.*)?|\s*\w+\s*:.*", text, re.DOTALL):
        return [Declaration(read_argument(text.strip(), names, 1), line)]
    raise ValueError(f"{text!r} is no launch")


def _launch(text: str, line: int, names: Names) -> LaunchLine:
    parts = re.fullmatch(
        r"((?:::)?[A-Za-z_][\w:]*(?:\s*<(?!<<).*?)?)\s*(?:<<<(.*?)>>>|\[((?:[^\[\]])*)\])\s*(\(.*)", text, re.DOTALL
    )
    if parts is None:
        raise ValueError(f"{text!r} is no launch")
    given, behind = _in_brackets(parts[4])
    configuration = split(parts[2] if parts[2] is not None else parts[3])
    if len(configuration) not in (2, 3, 4):
        raise ValueError(
            f"expected blocks, threads and, if there is any, bytes of shared memory, got {len(configuration)} values"
        )
    if len(configuration) == 4:  # with a stream: the last one in C++, the third in Numba
        del configuration[3 if names.c else 2]
    grid, block = _three(configuration[0], names), _three(configuration[1], names)
    shared_mem = names.whole(configuration[2]) if len(configuration) == 3 else 0
    arguments: list[Argument] = []
    told: list[str] = []
    threads = int(np.prod((*grid, *block), dtype=object))
    for part in split(given):
        declaration, found = _expectation(part)
        argument = read_argument(declaration, names, max(1, min(threads, LARGEST_SIZE)))
        arguments.append(argument)
        if found is not None:
            told.append(f"{argument.name} = {found}")
    arrow = re.fullmatch(r"\s*->\s*(.+)", behind, re.DOTALL)
    if behind.strip() and arrow is None:
        raise ValueError(f"expected  -> name = expression  behind the launch, got {behind.strip()!r}")
    if arrow is not None:
        told += split(arrow[1])
    expected = [read_expected(part, names) for part in told]
    kernel = " ".join(parts[1].split())
    return LaunchLine(kernel, grid, block, shared_mem, tuple(arguments), line, tuple(expected))


def _expectation(text: str) -> tuple[str, str | None]:
    """Part `float y[128] = expected 2 * x` into the declaration and what is expected."""
    found = re.fullmatch(r"(.*?)\s*(?:=\s*|\s)expected\s+(.+)", text, re.DOTALL)
    return (text, None) if found is None else (found[1].rstrip(), found[2])


def _in_brackets(text: str) -> tuple[str, str]:
    """Part `(a, b) -> ...` into what is in the brackets and what comes behind."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            return text[1:place], text[place + 1 :]
    raise ValueError(f"{text!r} has a bracket that is not closed")


def _three(text: str, names: Names) -> Index3:
    plain = re.sub(r"^dim3\s*", "", text)
    numbers = split(plain[1:-1]) if plain[:1] in "({" and plain[:1] and one_bracket(plain) else [text]
    lengths = [names.whole(part) for part in numbers]
    if not 1 <= len(lengths) <= 3:
        raise ValueError(f"expected 1 to 3 lengths, got {text!r}")
    x, y, z = (*lengths, 1, 1)[:3]
    return x, y, z
