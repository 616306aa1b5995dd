"""Functions of a text, in this process and in one of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tinyseg.diagnosis import OPERATIONS, Diagnosis
from tinyseg.diagnosis.diagnose import examine
from tinyseg.exercises.exercise import STANDARD
from tinyseg.exercises.sandbox.limits import Limits
from tinyseg.exercises.sandbox.remote import Remote
from tinyseg.exercises.sandbox.session import Program, Session

FILE = "answer.py"


def here(source: str) -> dict[str, Any]:
    """Run a text in this process, and return what it defines."""
    import linecache
    import sys
    import types

    linecache.cache[FILE] = (len(source), None, source.splitlines(True), FILE)
    module = sys.modules["answer"] = types.ModuleType("answer")
    exec(compile(source, FILE, "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


@contextmanager
def session_of(
    source: str, *functions: str, limits: Limits | None = None, imports: tuple[str, ...] = ()
) -> Iterator[Session]:
    """Give a session with a text that is not loaded yet."""
    program = Program(source, FILE, functions, tuple(STANDARD | set(imports)))
    with Session(program, limits or Limits()) as session:
        yield session


def diagnosed_elsewhere(op: str, source: str, forward: str, backward: str, time_limit: float = 10.0) -> Diagnosis:
    """Return the diagnosis of the functions of a text that runs in another process; '' for one that is not there."""
    operation = OPERATIONS[op]()
    with session_of(source, *filter(None, (forward, backward))) as session:
        loaded = session.load()
        assert loaded.is_there, loaded
        remote = {
            name: Remote(
                session,
                name,
                signature,
                keeps_cache=operation.has_cache and name == forward,
                takes_cache=operation.has_cache and name == backward,
            )
            for name, signature in loaded.signatures.items()
        }
        return examine(operation, remote.get(forward), remote.get(backward), time_limit=time_limit).diagnosis


def diagnosed_here(op: str, source: str, forward: str, backward: str, time_limit: float = 10.0) -> Diagnosis:
    """Return the diagnosis of the same functions in this process."""
    names = here(source)
    return examine(OPERATIONS[op](), names.get(forward), names.get(backward), time_limit=time_limit).diagnosis
