"""Check an answer: run it on the exercise's configurations and say what is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.diagnosis import calling
from tinyseg.diagnosis.case import drawn_with
from tinyseg.diagnosis.diagnose import Examination, examine
from tinyseg.diagnosis.observing import Learner

from .counting import results_by_group
from .exercise import Exercise
from .outcome import Outcome
from .sandbox import rules, saying
from .sandbox.limits import Limits
from .sandbox.process import Refusal
from .sandbox.reading import Unreadable, parsed, read_source
from .sandbox.remote import Remote
from .sandbox.session import CheckTooLong, Loaded, Program, Session
from .sandbox.values import BadAnswer, plain

THREADS = {"threading", "concurrent.futures"}
"""Who may import these may start threads."""


def check_functions(
    exercise: Exercise,
    forward: Callable[..., Any] | None,
    backward: Callable[..., Any] | None = None,
    *,
    seed: int = 0,
    time_limit: float = 10.0,
) -> Outcome:
    """Check functions of this process, such as those of a notebook. No limits, no rules: see `check_source`.

    Args:
        exercise: What they are an answer to.
        forward: Its results, or None when the exercise asks for a backward alone. It may be one that is `Elsewhere`.
        backward: Its gradients, or None.
        seed: Of the numbers: configurations have the same shapes with every seed, and other numbers.
        time_limit: Seconds that one call may take.

    Raises:
        InvalidInput: A GPU kernel, which is no function of this process.
    """
    if exercise.kind != "functions":
        raise InvalidInput(f"{exercise.name}: a GPU kernel is checked by its file; expected gpu.judging.check_kernel")
    began = time.perf_counter()
    given = {name: f for name, f in ((exercise.forward, forward), (exercise.backward, backward)) if name}
    absent = [name for name, function in given.items() if function is None]
    with drawn_with(seed):
        operation = exercise.operation()
        cases = operation.cases()
        learner = Learner(operation, forward, backward, time_limit, seed)
        # `diagnose` is content with what a function takes; an exercise asks for all of it.
        lacking = [(case, options) for case in cases if (options := learner.lacking(case))]
        if exercise.forward in absent or len(absent) == len(given):
            # A backward can only be judged with the cache of its own forward.
            seen = Examination(saying.missing(exercise, absent, (), ()), ())
        elif len(lacking) == len(cases):
            seen = Examination(saying.option_missing(exercise, [o for _, options in lacking for o in options]), ())
        else:
            seen = examine(operation, forward, backward, time_limit=time_limit, seed=seed)
    groups = results_by_group(exercise, operation, cases, seen.observations, [case for case, _ in lacking])
    diagnosis = seen.diagnosis
    if lacking and diagnosis.passed:
        diagnosis = saying.option_missing(exercise, [o for _, options in lacking for o in options])
    if absent and diagnosis.passed:
        # What is there is right, and earns its points; what is not there is what is wrong.
        diagnosis = saying.missing(exercise, absent, (name for name in given if name not in absent), ())
    seconds = time.perf_counter() - began
    limits = () if calling.HAS_THREADS else saying.limit_words(("time",))
    return Outcome(exercise, diagnosis, groups, limits=limits, seconds=seconds, observations=seen.observations)


def check_source(
    exercise: Exercise,
    source: str | Path,
    *,
    seed: int = 0,
    limits: Limits | None = None,
    show_progress: Callable[[str], None] | None = None,
) -> Outcome:
    """Check a learner's file. It runs in a process of its own, with limits; nothing that it does raises here.

    The right results stay in this process. The other one gets the inputs of one call at a time and returns arrays, so
    that whatever the code reads, changes or prints over there, there is nothing to be had or to be forged.

    Args:
        exercise: What the file is an answer to.
        source: The text of the file, or its path.
        seed: Of the numbers: configurations have the same shapes with every seed, and other numbers.
        limits: What it may use; `Limits()` by default.
        show_progress: Is told in a few words what is being done, before each call.

    Returns:
        The outcome. An answer that breaks a rule has `refused`, and no points.
    """
    began = time.perf_counter()
    limits = limits or Limits()
    file = plain(source.name) if isinstance(source, Path) else f"{exercise.name}.py"
    try:
        text = read_source(source, limits.source)
        if exercise.kind != "functions":
            return _kernel(exercise, text, seed, limits)
        tree = parsed(text, file)
    except Unreadable as error:
        outcome = _without_run(exercise, saying.unreadable(exercise, file, str(error)), seed)
    except SyntaxError as error:
        outcome = _without_run(exercise, saying.syntax_error(exercise, error, file), seed)
    else:
        allowed = rules.allowed_for(exercise)
        broken = rules.broken_rule(tree, allowed)
        if broken is not None:
            reason = saying.refusal(*broken, file, exercise)
            outcome = _refused(exercise, reason, file, seed)
        else:
            load = tuple(name for name in rules.imported(tree) if rules.is_allowed(name, allowed))
            program = Program(text, file, exercise.functions, load, bool(THREADS & exercise.imports))
            outcome = _run(exercise, program, limits, seed, show_progress)
    return replace(outcome, seconds=time.perf_counter() - began)


def _run(
    exercise: Exercise,
    program: Program,
    limits: Limits,
    seed: int,
    show_progress: Callable[[str], None] | None,
) -> Outcome:
    with Session(program, limits, show_progress) as session:
        try:
            outcome = _judged(exercise, session, seed)
        except Refusal as error:
            reason = saying.refusal(error.kind, error.detail, error.line, program.file, exercise)
            outcome = _refused(exercise, reason, program.file, seed)
        except BadAnswer as error:
            outcome = _refused(exercise, saying.no_answer(str(error)), program.file, seed)
        except CheckTooLong:
            outcome = _without_run(exercise, saying.too_long(exercise, limits.check), seed)
        except Exception as error:
            outcome = _without_run(exercise, saying.not_judged(exercise, error), seed)
    diagnosis = outcome.diagnosis
    if session.threads:
        diagnosis = replace(diagnosis, notes=(*diagnosis.notes, saying.threads_note(session.threads)))
    lacking = saying.limit_words(session.lacking)
    return replace(outcome, diagnosis=diagnosis, printed=session.printed, limits=lacking)


def _judged(exercise: Exercise, session: Session, seed: int) -> Outcome:
    file, limits = session.program.file, session.limits
    loaded = session.load()
    if loaded.late:
        return _without_run(exercise, saying.never_loaded(exercise, file, limits.call), seed)
    if loaded.raised is not None:
        return _without_run(exercise, saying.not_loaded(exercise, file, loaded.raised), seed)
    functions = functions_in(exercise, session, loaded)
    absent = [name for name in exercise.functions if name not in functions]
    missing = saying.missing(exercise, absent, loaded.names, loaded.not_callable)
    if not functions:
        return _without_run(exercise, missing, seed)
    forward, backward = functions.get(exercise.forward), functions.get(exercise.backward)
    try:
        outcome = check_functions(exercise, forward, backward, seed=seed, time_limit=limits.call)
    except InvalidInput as error:
        message = str(error).removeprefix("diagnose: ")
        return _without_run(exercise, saying.failed(exercise, "wrong-parameters", exercise.forward, message), seed)
    return replace(outcome, diagnosis=missing) if outcome.diagnosis.cause == missing.cause else outcome


def functions_in(exercise: Exercise, session: Session, loaded: Loaded) -> dict[str, Remote]:
    """Return the functions of a loaded file by name, as the diagnosis calls them."""
    has_cache = exercise.operation().has_cache
    return {
        name: Remote(
            session,
            name,
            signature,
            keeps_cache=has_cache and name == exercise.forward,
            takes_cache=name == exercise.backward,
        )
        for name, signature in loaded.signatures.items()
    }


def _without_run(exercise: Exercise, diagnosis: Any, seed: int) -> Outcome:
    """Return the outcome of an answer of which nothing was right."""
    with drawn_with(seed):
        operation = exercise.operation()
        groups = results_by_group(exercise, operation, operation.cases(), ())
    return Outcome(exercise, diagnosis, groups)


def _refused(exercise: Exercise, reason: str, file: str, seed: int) -> Outcome:
    diagnosis = saying.failed(exercise, "not-allowed", file, reason)
    return replace(_without_run(exercise, diagnosis, seed), refused=reason)


def _kernel(exercise: Exercise, text: str, seed: int, limits: Limits) -> Outcome:
    """Check the file of an exercise on GPU kernels: they run in an emulator, in a process of another kind."""
    judging = import_module("tinyseg.exercises.gpu.judging")
    outcome: Outcome = judging.check_kernel(
        exercise, text, seed=seed, launch_limit=limits.call, start_limit=limits.start
    )
    return outcome
