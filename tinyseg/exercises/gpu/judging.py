"""The check of a kernel: run it on its configurations in a process of its own, and say what is wrong."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case, drawn_with
from tinyseg.diagnosis.causes import sentence
from tinyseg.diagnosis.conditions import conditions
from tinyseg.diagnosis.explaining import Explainer
from tinyseg.diagnosis.observing import Learner, Observation
from tinyseg.diagnosis.place import only_with
from tinyseg.diagnosis.reporting import diagnosis_of
from tinyseg.diagnosis.result import Diagnosis
from tinyseg.diagnosis.side_effects import changed_arrays
from tinyseg.diagnosis.verdict import passed, wrong, wrong_outputs
from tinyseg.diagnosis.verdicts import Changed
from tinyseg.utils.types import JsonObject

from ..exercise import Exercise
from ..outcome import GroupResult, Outcome
from .cuda_rules import cuda_source
from .findings import ORDER, Found, Run, Source, exceeded, found_in, odd_use
from .numba_rules import check_numba
from .operation import KernelOperation, Launch
from .process import Answer, KernelProcess, Stopped
from .refusal import Refusal, Unreadable

SHOWN = 4
"""Findings that a diagnosis lists."""


class KernelFailed(RuntimeError):
    """A launch that came to no end; what happened is told elsewhere."""


class Runner:
    """A kernel as a function of arrays: each call is a launch; on arrays that it had before it tells the same again."""

    def __init__(
        self, process: KernelProcess, operation: KernelOperation, cases: Sequence[Case], names: Mapping[str, str]
    ) -> None:
        """`names` are the exercise's names of the arguments, by the learner's."""
        self.process, self.operation, self.cases, self.names = process, operation, cases, names
        self.runs: list[Run] = []
        self.stopped: Stopped | None = None
        self._known: dict[tuple[str, ...], tuple[Array, ...] | KernelFailed] = {}

    def __call__(self, *arrays: Array, **options: object) -> Array | tuple[Array, ...]:
        """Launch the kernel for the next configuration; return what it wrote."""
        key = (*(str(array.tobytes()) for array in arrays), repr(options))
        if key not in self._known:
            self._known[key] = self._launch(arrays)
        done = self._known[key]
        if isinstance(done, KernelFailed):
            raise done
        results = tuple(array.copy() for array in done)
        return results[0] if len(results) == 1 else results

    def _launch(self, arrays: Sequence[Array]) -> tuple[Array, ...] | KernelFailed:
        case = self.cases[len(self.runs)]
        launch = self.operation.launch(replace(case, arrays=dict(zip(case.arrays, arrays, strict=True))))
        try:
            answer = self.process.launch(launch.grid, launch.block, launch.arguments, launch.shared)
        except Stopped as error:
            self.stopped = error
            self.runs.append(Run(case, launch, None, (), ()))
            return KernelFailed(str(error))
        told, given = answer.header, dict(zip(case.arrays, arrays, strict=True))
        changes = _changes(answer, launch)
        for line in told["traffic"]:
            line["argument"] = self.names.get(line["array"], "") if line["memory"] == "global" else ""
        self.runs.append(Run(case, launch, told["failure"], told["findings"], told["traffic"], changes))
        for name in given.keys() & answer.arrays.keys() - set(launch.outputs):
            given[name][...] = answer.arrays[name]
        if not told["numbers"]:
            return KernelFailed(str(told["failure"]["what"]))
        return tuple(answer.arrays[name] for name in launch.outputs)


def _changes(answer: Answer, launch: Launch) -> tuple[str, ...]:
    """Name results that depend on the order of the threads, with a number that differs."""
    changes = []
    for name in launch.outputs:
        one, other = answer.arrays[name], answer.arrays.get(f"other:{name}")
        if other is not None and not np.array_equal(one, other, equal_nan=one.dtype.kind == "f"):
            place = tuple(int(i) for i in np.argwhere(~((one == other) | ((one != one) & (other != other))))[0])
            changes.append(f"{name}{list(place)} is {one[place]:.6g}, and {other[place]:.6g} in the opposite order")
    return tuple(changes)


def check_kernel(
    exercise: Exercise, text: str, *, seed: int = 0, launch_limit: float = 10.0, start_limit: float = 60.0
) -> Outcome:
    """Check a learner's file with a kernel.

    Args:
        exercise: What it is an answer to.
        text: The file.
        seed: Of the numbers: configurations have the same shapes with every seed, and other numbers.
        launch_limit: Seconds that one launch may take.
        start_limit: Seconds for the start of the process, and for the compiler.

    Raises:
        InvalidInput: What executes kernels is not installed; the text says how to get it.
    """
    began = time.perf_counter()
    operation = exercise.operation()
    if not isinstance(operation, KernelOperation):
        raise InvalidInput(f"{exercise.name}: expected an exercise on a GPU kernel, got one on functions")
    filename, source = f"{exercise.name}.py", Source(text)
    with drawn_with(seed):
        cases = operation.cases()
    printed, lacking = "", tuple[str, ...]()
    try:
        program = cuda_source(text, filename) if operation.language == "cuda" else text
        if operation.language == "numba":
            check_numba(text, filename)
        with KernelProcess(operation.language, start_limit, launch_limit) as process:
            lacking = process.lacking
            names = _prepare(process, operation, program, filename, cases[0])
            runner = Runner(process, operation, cases, names)
            learner = Learner(operation, runner, None, 3 * launch_limit, seed)
            judged: list[Observation] = []
            for case in cases:
                judged.append(learner.observe(case))
                if runner.stopped is not None:
                    break
        printed = process.printed  # after its end, when all has arrived
        diagnosis = _diagnosis(operation, learner, runner, judged, source)
        groups = _groups(exercise, operation, cases, judged, runner.runs, source)
    except Refusal as error:
        reason = f"line {error.line}: {error}"
        diagnosis = _failed(operation, "not-allowed", f"line {error.line}", {}, str(error))
        return Outcome(exercise, diagnosis, _none(exercise, operation, cases), reason)
    except Unreadable as error:
        diagnosis = _failed(operation, error.cause, f"line {error.line}", {}, str(error))
        groups = _none(exercise, operation, cases)
    except (RecursionError, MemoryError):  # of Python's own parser, and of who goes through its tree
        diagnosis = _failed(operation, "does-not-compile", filename, {}, f"{filename}: it is nested too deeply")
        groups = _none(exercise, operation, cases)
    seconds = time.perf_counter() - began
    return Outcome(exercise, diagnosis, groups, printed=printed, limits=lacking, seconds=seconds)


def _prepare(
    process: KernelProcess, operation: KernelOperation, program: str, filename: str, case: Case
) -> dict[str, str]:
    """Compile the kernel and hold its parameters against the launch; return the learner's names of the arguments."""
    try:
        told = process.prepare(program, filename, operation.kernel)
    except Stopped as error:
        raise Unreadable("does-not-compile", f"the compiler gave up: {error}", 1) from error
    if "cause" in told:
        text = str(told["text"])
        if told["cause"] == "kernel-missing":
            text = f"there is no kernel {operation.kernel!r}" + (f", but: {text}" if text else "")
        else:
            text = _of_the_compiler(text, filename)
        line = re.search(rf"{re.escape(filename)}:(\d+)", str(told["text"]))
        raise Unreadable(str(told["cause"]), text, int(line[1]) if line else 1)
    arguments = operation.launch(case).arguments
    wanted = [
        f"{'P' if isinstance(value, np.ndarray) else ''}{value.dtype.kind}{value.dtype.itemsize}"
        for value in arguments.values()
    ]
    if len(told["parameters"]) != len(wanted) or (operation.language == "cuda" and told["parameters"] != wanted):
        text = f"{operation.kernel}({operation.parameters}) is what is launched"
        raise Unreadable("wrong-parameters", text, 1)
    return dict(zip(told["names"], arguments, strict=True))


def _of_the_compiler(text: str, filename: str) -> str:
    """Return the first errors of a compiler, by line of the learner's file."""
    errors = re.findall(rf"{re.escape(filename)}:(\d+)(?::\d+)?:\s*(?:fatal )?error: (.*)", text)
    if not errors:
        return re.sub(r"^.* does not compile:\n", "", text)[:500]
    return "; ".join(f"line {line}: {what}" for line, what in list(dict.fromkeys(errors))[:3])


# The verdict ---------------------------------------------------------------------------------------------------------


def _diagnosis(
    operation: KernelOperation, learner: Learner, runner: Runner, judged: Sequence[Observation], source: Source
) -> Diagnosis:
    """Decide what is to be said: numbers that a known mistake gives, then what the emulator found, then the rest."""
    runs = runner.runs
    if runner.stopped is not None:
        return _of_the_end(operation, runner.stopped, runs)
    found = [found_in(run, source) for run in runs]
    operation.found = frozenset(one.cause for each in found for one in each)
    kinds = {(one.cause, one.line): one for each in reversed(found) for one in reversed(each)}
    listed = [f"{one.cause}: {one.detail}" for one in reversed(kinds.values())][:SHOWN]
    evidence: JsonObject = {"the emulator found": listed} if listed else {}
    if _is_explained(operation, judged):
        said = diagnosis_of(operation, wrong(operation, learner, judged), ())
        return replace(said, evidence={**said.evidence, **evidence})
    if any(found):
        return _of_findings(operation, runs, found, evidence, "{}")
    if not all(seen.is_right for seen in judged):
        odd = [odd_use(run, source) for run in runs]
        if not operation.reads_results and any(odd):
            return _of_findings(operation, runs, odd, {}, "{}")
        return diagnosis_of(operation, wrong(operation, learner, judged), ())
    changed = changed_arrays(judged, with_cache=False)
    if changed:
        first = next(o for o in judged if o.changed)
        function, arrays = next(iter(first.changed.items()))
        count = sum(bool(o.changed) for o in judged)
        return diagnosis_of(operation, Changed(function, arrays, first.case, count, len(judged)), ())
    costs = [_costs(operation, run, source) for run in runs]
    if any(costs):
        return _of_findings(operation, runs, costs, {}, "The numbers are right. {}")
    return diagnosis_of(operation, passed(learner, judged), ())


def _costs(operation: KernelOperation, run: Run, source: Source) -> list[Found]:
    return [one for limit in operation.traffic(run.case) if (one := exceeded(limit, run, source)) is not None]


def _is_explained(operation: KernelOperation, judged: Sequence[Observation]) -> bool:
    """Whether a mistake of this operation gives all wrong numbers, and the right ones where they are right."""
    explainer = Explainer(operation)
    causes = {mistake.cause for mistake in operation.mistakes()}
    if any(seen.raised is not None for seen in judged):
        return False
    return any(
        best.is_full and best.elsewhere_right and best.cause in causes and not best.generic
        for output in wrong_outputs(operation, judged)
        for best in explainer.explain(output, judged)[:1]
    )


def _of_findings(
    operation: KernelOperation, runs: Sequence[Run], found: Sequence[Sequence[Found]], evidence: JsonObject, said: str
) -> Diagnosis:
    """Tell the finding that most configurations have (of several the first of ORDER), from the smallest that has it."""
    often = Counter(cause for each in found for cause in {one.cause for one in each})
    cause = max(often, key=lambda cause: (often[cause], -ORDER.index(cause) if cause in ORDER else 0))
    having = [run for run, each in zip(runs, found, strict=True) if any(one.cause == cause for one in each)]
    others = [run for run, each in zip(runs, found, strict=True) if not each]
    first = next(one for each in found for one in each if one.cause == cause)
    cause = operation.renamed(cause, [run.case for run in having], [run.case for run in others])
    traits = conditions([Observation(run.case) for run in having], [Observation(run.case) for run in others])
    where = ", ".join(part for part in (f"line {first.line}" if first.line else "", only_with(traits)) if part)
    changes = next((run.changes[0] for run in having if run.changes), "")
    detail = first.detail + (f". It shows: {changes}" if changes else "")
    how_often = f"This happens in {len(having)} of {len(runs)} configurations."
    message = said.format(sentence(cause, operation.name, thing=operation.results[0], detail=detail))
    numbers: JsonObject = {
        "smallest failing configuration": having[0].case.label,
        "configurations": f"{len(having)} of {len(runs)}",
        **evidence,
    }
    if first.steps:
        numbers["example"] = first.steps
    return Diagnosis(operation.name, False, cause, where, f"{how_often}\n{message}", numbers)


def _of_the_end(operation: KernelOperation, stopped: Stopped, runs: Sequence[Run]) -> Diagnosis:
    """The process ended, or was ended, in the middle of a launch."""
    evidence: JsonObject = {"configuration": runs[-1].case.label, "launches before": len(runs) - 1}
    cause = "loop-never-ends" if stopped.cause == "time-out" else "kernel-fails"
    return _failed(operation, cause, f"launch {len(runs)}", evidence, str(stopped))


def _failed(operation: KernelOperation, cause: str, where: str, evidence: JsonObject, detail: str) -> Diagnosis:
    words = {"thing": operation.kernel, "function": operation.kernel, "detail": detail.rstrip(".?! ")}
    return Diagnosis(operation.name, False, cause, where, sentence(cause, operation.name, **words), evidence)


# Points --------------------------------------------------------------------------------------------------------------


def _groups(
    exercise: Exercise,
    operation: KernelOperation,
    cases: Sequence[Case],
    judged: Sequence[Observation],
    runs: Sequence[Run],
    source: Source,
) -> dict[str, GroupResult]:
    """Count by group: a result counts as right when nothing else was found in its launch."""
    groups = _none(exercise, operation, cases)
    for case, seen, run in zip(cases, judged, runs, strict=False):
        clean = not found_in(run, source) and not _costs(operation, run, source)
        for result in operation.results:
            name, finding = exercise.group_of(case, result).name, seen.findings.get(result)
            right = clean and not seen.changed and finding is not None and finding.is_right
            groups[name] = replace(groups[name], right=groups[name].right + right)
    return groups


def _none(exercise: Exercise, operation: KernelOperation, cases: Sequence[Case]) -> dict[str, GroupResult]:
    """No result is right."""
    of = [exercise.group_of(case, result).name for case in cases for result in operation.results]
    return {group.name: GroupResult(group.points, 0, of.count(group.name)) for group in exercise.groups}
