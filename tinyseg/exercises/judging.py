"""Judge the text of a learner's file. The only place that decides where their code runs."""

from __future__ import annotations

from tinyseg.diagnosis import Diagnosis

from .checking import check_functions
from .exercise import Exercise
from .outcome import GroupResult, Outcome


def judge(exercise: Exercise, source: str) -> Outcome:
    """Run the functions of a file on the exercise's configurations and say what is wrong."""
    names: dict[str, object] = {"__name__": exercise.name}
    try:
        exec(compile(source, f"{exercise.name}.py", "exec"), names)
    except Exception as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
        return _nothing(exercise, "exception", f"Your file cannot be loaded{line}: {type(error).__name__}: {error}")
    lacking = [name for name in exercise.functions if not callable(names.get(name))]
    if lacking:
        return _nothing(exercise, "function-missing", f"Your file has no function {' and no '.join(lacking)}.")
    forward, backward = (names[name] if name else None for name in (exercise.forward, exercise.backward))
    return check_functions(exercise, forward, backward)  # type: ignore[arg-type]


def _nothing(exercise: Exercise, cause: str, message: str) -> Outcome:
    groups = {group.name: GroupResult(group.points, 0, 1) for group in exercise.groups}
    return Outcome(exercise, Diagnosis(exercise.name, False, cause, "", message), groups)
