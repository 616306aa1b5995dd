"""What is said of an answer that was not judged, or not only by its numbers: the only place of these sentences."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from tinyseg.diagnosis import Diagnosis
from tinyseg.diagnosis.calling import Raised

from ..exercise import STANDARD, Exercise
from .values import plain

REFUSALS = {
    "call": "uses {detail}, which an answer may not: it could reach files, or code that is not yours",
    "event": "does what an answer may not ({detail})",
    "frames": "looks into frames or code objects ({detail}): an answer may not look at what calls it",
    "open": "opens a file ({detail}): an answer works on its arguments alone",
    "replaced": "replaces {detail}: an answer may not change modules that others use",
    "run": "runs a text as a program, which an answer may not",
    "system": "calls {detail}: an answer may not reach the operating system",
    "thread": "starts a thread, which an answer may not",
}
BY_ITSELF = 'What is only for yourself can stand under `if __name__ == "__main__":`; it does not run here.'
NO_ANSWER = (
    "the process of this answer sent what is no answer ({detail}): only the checker's own worker may write there"
)


def refusal(kind: str, detail: str, line: int, file: str, exercise: Exercise) -> str:
    """Say which rule is broken, and where."""
    detail = plain(detail, 120)
    if kind == "import":
        text = f"imports {detail}: only {allowed_words(exercise)} are allowed. {BY_ITSELF}"
    else:
        text = REFUSALS.get(kind, REFUSALS["event"]).format(detail=detail)
    return f"{file}{f', line {line}' if line else ''}: {text}"


def allowed_words(exercise: Exercise) -> str:
    """Name what may be imported."""
    others = sorted(exercise.imports)
    standard = sorted(STANDARD - {"__future__", "abc", "numbers", "string"})
    return f"numpy, {''.join(name + ', ' for name in others)}and of Python itself {', '.join(standard)}"


def no_answer(detail: str) -> str:
    """Say that what came was no answer."""
    return NO_ANSWER.format(detail=detail)


def failed(exercise: Exercise, cause: str, where: str, message: str) -> Diagnosis:
    """Return the diagnosis of an answer that was not judged by numbers."""
    return Diagnosis(exercise.name, False, cause, where, message)


def syntax_error(exercise: Exercise, error: SyntaxError, file: str) -> Diagnosis:
    """Say what Python cannot read."""
    line = plain((error.text or "").strip(), 100)
    where = f"{file}, line {error.lineno or 0}"
    shown = f": {line}" if line else ""
    message = f"Python cannot read {where} ({error.msg}){shown}. Nothing was run."
    return failed(exercise, "syntax-error", where, message)


def unreadable(exercise: Exercise, file: str, why: str) -> Diagnosis:
    """Say that this is no program."""
    return failed(exercise, "not-a-program", file, f"{file} cannot be checked: {why}.")


def missing(exercise: Exercise, absent: Sequence[str], names: Iterable[str], not_callable: Iterable[str]) -> Diagnosis:
    """Say which functions are not there, and which are."""
    names = list(names)
    parts = []
    for name in absent:
        if name in not_callable:
            parts.append(f"{name} is there, but is no function.")
            continue
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
        parts.append(f"There is no function {name}" + (f"; did you mean it by {near[0]}?" if near else "."))
    own = ", ".join(names) or "none"
    parts.append(f"Functions in the file: {own}. The names must be those of the exercise.")
    return failed(exercise, "function-missing", ", ".join(absent), " ".join(parts))


def option_missing(exercise: Exercise, options: Iterable[str]) -> Diagnosis:
    """Say which arguments the forward function does not take."""
    names = [repr(name) for name in dict.fromkeys(options)]
    message = (
        f"{exercise.forward} does not take {' and '.join(names)}, so the configurations with it could not be run. "
        "Hint: which arguments does the exercise's text name, and which of them stand in your function's first line?"
    )
    return failed(exercise, "argument-missing", exercise.forward, message)


def not_loaded(exercise: Exercise, file: str, raised: Raised) -> Diagnosis:
    """Say that running the file ended in an exception."""
    if raised.kind in ("SyntaxError", "IndentationError"):
        return failed(exercise, "syntax-error", file, f"Python cannot read {file} ({raised.text}). Nothing was run.")
    message = (
        f"Running {file} raises {raised}, before any function of it is called. Hint: what stands outside of functions "
        'runs when the file is loaded; put what is only for yourself under `if __name__ == "__main__":`.'
    )
    return failed(exercise, "file-raises", file, message)


def never_loaded(exercise: Exercise, file: str, seconds: float) -> Diagnosis:
    """Say that running the file does not come to an end."""
    message = (
        f"Running {file} did not come to an end within {seconds:g} s, before any function of it was called. Hint: what "
        "stands outside of functions runs when the file is loaded; is there a loop that never ends, or long work?"
    )
    return failed(exercise, "time-out", file, message)


def too_long(exercise: Exercise, seconds: float) -> Diagnosis:
    """Say that the check as a whole took too long."""
    message = (
        f"The check was ended after {seconds:g} s: all calls together take too long, although the arrays are tiny. "
        "Hint: count the steps of your innermost loop, and look for work that each repeats."
    )
    return failed(exercise, "time-out", "all calls together", message)


def not_judged(exercise: Exercise, error: Exception) -> Diagnosis:
    """Say that the checker itself failed, which no answer should bring about."""
    message = (
        f"The checker could not judge this answer ({type(error).__name__}: {error}). This is a defect of the checker, "
        "not a finding; please report it with the file."
    )
    return failed(exercise, "not-judged", "", message)


def threads_note(count: int) -> str:
    """Say that threads were left behind."""
    return f"{count} thread{'s' if count > 1 else ''} ran on after a call; they were ended with the process"


def limit_words(lacking: Sequence[str]) -> tuple[str, ...]:
    """Say which limits cannot be had here."""
    words = {
        "memory": "memory is not limited on this machine (install psutil for a limit)",
        "time": "the time of a call is not limited in a browser tab: restart the kernel if a check does not end",
        "system calls": "system calls are not filtered on this machine: Python's own hooks alone keep files away",
    }
    return tuple(words[name] for name in lacking)
