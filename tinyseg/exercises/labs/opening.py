"""Open an answer: its functions, ready to be called, in a process of their own."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from tinyseg_kernels.errors import InvalidInput

from ..checking import functions_in
from ..exercise import Exercise
from ..sandbox import rules, saying
from ..sandbox.limits import Limits
from ..sandbox.process import Refusal
from ..sandbox.session import Program, Session

Functions = tuple[Callable[..., object] | None, Callable[..., object] | None]

LIMITS = Limits(check=3600.0)
"""A training takes longer than a check."""


@contextmanager
def opened(exercise: Exercise, source: str, limits: Limits = LIMITS) -> Iterator[Functions]:
    """Give the forward and the backward of an answer; None for one that the exercise does not ask for.

    Raises:
        InvalidInput: The file cannot be run, lacks a function, or breaks a rule: `check` says more.
    """
    file = f"{exercise.name}.py"

    def refuse(why: str) -> NoReturn:
        raise InvalidInput(f"{file}: {why}; see 'tinyseg exercises check {exercise.name}'")

    if exercise.kind != "functions":
        refuse("a kernel has no place outside of its exercise")
    try:
        tree = ast.parse(source, file)
    except (SyntaxError, ValueError, RecursionError) as error:
        refuse(f"it is no Python ({error})")
    allowed = rules.allowed_for(exercise)
    broken = rules.broken_rule(tree, allowed)
    if broken is not None:
        refuse(saying.refusal(*broken, file, exercise))
    load = tuple(name for name in rules.imported(tree) if rules.is_allowed(name, allowed))
    program = Program(source, file, exercise.functions, load)
    with Session(program, limits) as session:
        try:
            loaded = session.load()
            if not loaded.is_there:
                refuse(f"it cannot be run ({loaded.raised or 'it does not come to an end'})")
            found = functions_in(exercise, session, loaded)
            lacking = [name for name in exercise.functions if name not in found]
            if lacking:
                refuse(f"it has no function {' and no '.join(lacking)}")
            yield found.get(exercise.forward), found.get(exercise.backward)
        except Refusal as error:
            refuse(saying.refusal(error.kind, error.detail, error.line, file, exercise))
