"""Functions of a text, in this process and in one of their own."""

from __future__ import annotations

import linecache
import re
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tests.diagnosis.handwritten as handwritten
from tinyseg.diagnosis import OPERATIONS, Diagnosis
from tinyseg.diagnosis.diagnose import examine
from tinyseg.exercises.exercise import STANDARD
from tinyseg.exercises.sandbox.limits import Limits
from tinyseg.exercises.sandbox.remote import Remote
from tinyseg.exercises.sandbox.session import Program, Session

FILE = "answer.py"


def functions_here(source: str) -> dict[str, Any]:
    """Run a text in this process, and return what it defines."""
    linecache.cache[FILE] = (len(source), None, source.splitlines(True), FILE)
    module = sys.modules["answer"] = types.ModuleType("answer")
    exec(compile(source, FILE, "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


@contextmanager
def session_of(source: str, *functions: str, limits: Limits | None = None) -> Iterator[Session]:
    """Give a session with a text that is not loaded yet."""
    program = Program(source, FILE, functions, tuple(STANDARD))
    with Session(program, limits or Limits()) as session:
        yield session


def remote(session: Session, has_cache: bool = True) -> dict[str, Remote]:
    """Load the text of a session, and return its functions; what is called 'backward' takes a cache."""
    loaded = session.load()
    assert loaded.is_there, loaded
    return {
        name: Remote(
            session,
            name,
            signature,
            keeps_cache=has_cache and "forward" in name,
            takes_cache="backward" in name,
        )
        for name, signature in loaded.signatures.items()
    }


def both_diagnoses(
    op: str, source: str, forward: str = "forward", backward: str = "backward", time_limit: float = 10.0
) -> tuple[Diagnosis, Diagnosis]:
    """Return the diagnosis of the functions of a text here and elsewhere; one that it has not is not handed in."""
    names = functions_here(source)
    here = examine(OPERATIONS[op](), names.get(forward), names.get(backward), time_limit=time_limit).diagnosis
    with session_of(source, forward, backward) as session:
        there = remote(session, OPERATIONS[op].has_cache)
        elsewhere = examine(OPERATIONS[op](), there.get(forward), there.get(backward), time_limit=time_limit).diagnosis
    return here, elsewhere


def told(diagnosis: Diagnosis) -> str:
    """Return all that a diagnosis says, numbers to six digits: sums differ with where arrays lie in memory."""
    return re.sub(r"-?\d+\.\d+(?:[eE][-+]?\d+)?", _rounded, diagnosis.as_json())


def _rounded(found: re.Match[str]) -> str:
    number = float(found[0])
    return "0" if abs(number) < 1e-9 else f"{number:.6g}"


def handwritten_source(op: str, number: int) -> str:
    """Return a text that defines forward and backward as a handwritten wrong implementation has them.

    Without SciPy, which a process for a learner's code does not have: what uses it raises, here as well.
    """
    text = (Path(handwritten.__file__).parent / f"{op}.py").read_text("utf-8")
    text = text.replace(
        "from tests.diagnosis.handwritten import Bug, Correct\n",
        "from collections import namedtuple\n"
        "Bug = namedtuple('Bug', 'name forward backward truth')\n"
        "Correct = namedtuple('Correct', 'name forward backward')\n",
    )
    text = re.sub(r"^(?:from scipy\S* )?import (scipy.*|.*(?<=scipy import ).*)$", _absent, text, flags=re.MULTILINE)
    text = re.sub(r"^from scipy\S* import (.*)$", _absent, text, flags=re.MULTILINE)
    functions = f"forward, backward = BUGS[{number}].forward, BUGS[{number}].backward\n"
    return f"{text}\n{functions}if forward is None: del forward\nif backward is None: del backward\n"


def _absent(found: re.Match[str]) -> str:
    names = [part.split(" as ")[-1].strip().partition(".")[0] for part in found[1].split(",")]
    return (
        "class Absent:\n    def __getattr__(self, name): raise NameError(name)\n    __call__ = __getattr__\n"
        + "".join(f"{name} = Absent()\n" for name in names)
    )
