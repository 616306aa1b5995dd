"""Grade a class: several submissions at once, each result kept as it comes, so that a broken run goes on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

import tinyseg
from tinyseg.utils.files import atomic_path

from ..registry import exercise
from .grade import Assignment, ExerciseGrade, Grade, grade
from .submission import Submission, read_submission

KEPT = "grades"
"""Folder of the results, within that of the output."""

Progress = Callable[[int, int], None]


def grade_class(
    paths: Sequence[Path],
    assignment: Assignment,
    folder: Path,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Grade]:
    """Grade submissions in parallel.

    Args:
        paths: Folders and ZIP files, one for each student.
        assignment: What is asked for.
        folder: Where each result is kept as soon as it is there. A submission whose answers and assignment
            are those of a kept result, graded by this version, is not graded again.
        workers: How many are graded at once; None: as many as the machine has cores.
        progress: Called with (done, total).

    Returns:
        The grades in the order of `paths`. A submission on which the grader itself fails gets 0 points with the
        reason, and does not stop the others.
    """
    kept = folder / KEPT
    kept.mkdir(parents=True, exist_ok=True)
    submissions = [read_submission(path, assignment.exercises) for path in paths]
    names = [f"{name}.json" for name in file_names([one.student for one in submissions])]
    asked_for = _digest(assignment)
    keys = [_key(submission, asked_for) for submission in submissions]
    done: dict[int, Grade] = {}
    for number in range(len(submissions)):
        known = _kept(kept / names[number], keys[number])
        if known is not None:
            done[number] = known
    left = [number for number in range(len(submissions)) if number not in done]
    if progress is not None:
        progress(len(done), len(submissions))
    for number, found in _graded(submissions, left, assignment, workers):
        content = {"key": keys[number], "grade": found.as_json()}
        with atomic_path(kept / names[number]) as path:
            path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
        done[number] = found
        if progress is not None:
            progress(len(done), len(submissions))
    return [done[number] for number in range(len(submissions))]


def _graded(
    submissions: Sequence[Submission], numbers: Sequence[int], assignment: Assignment, workers: int | None
) -> Iterator[tuple[int, Grade]]:
    """Yield grades as they come. What is lost when a process of the pool dies is graded alone, one after the other."""
    lost: list[int] = []
    count = min(workers or os.cpu_count() or 1, max(1, len(numbers)))
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        waiting: dict[Future[Grade], int] = {
            pool.submit(grade, submissions[number], assignment): number for number in numbers
        }
        for future in as_completed(waiting):
            number = waiting[future]
            try:
                yield number, future.result()
            except BrokenProcessPool:
                lost.append(number)
            except Exception as error:
                yield number, _failed(submissions[number], assignment, f"{type(error).__name__}: {error}")
    for number in lost:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            try:
                yield number, pool.submit(grade, submissions[number], assignment).result()
            except Exception as error:
                yield number, _failed(submissions[number], assignment, f"the grader's process ended ({error})")


def _failed(submission: Submission, assignment: Assignment, why: str) -> Grade:
    """Return a full result with no points: what cannot be graded must not make the maximum smaller."""
    grades = tuple(
        ExerciseGrade(name, name, 0, exercise(name).points * assignment.weight(name), "grader-failed", message=why)
        for name in assignment.exercises
    )
    return Grade(submission.student, grades, (*submission.notes, f"not graded: {why}; to be looked at by a person"))


def file_names(students: Sequence[str]) -> list[str]:
    """Return a plain file name for each, different from those of all others, wherever capitals do not matter too.

    It does not depend on how many others there are: who hands in later moves nobody's results.
    """
    plain = [
        "".join(c if c.isalnum() or c in "-_." else "_" for c in s).strip(".")[:60] or "submission" for s in students
    ]
    names: list[str] = []
    for number, (student, name) in enumerate(zip(students, plain, strict=True)):
        if any(p.casefold() == name.casefold() and s != student for s, p in zip(students, plain, strict=True)):
            name += "-" + hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        before = students[:number].count(student)
        names.append(f"{name}-{before + 1}" if before else name)
    return names


def _digest(assignment: Assignment) -> str:
    """Return a digest of what is asked for: exercises of one's own may change from day to day."""
    digest = hashlib.sha256(json.dumps([asdict(assignment), tinyseg.__version__], sort_keys=True).encode())
    for name in assignment.exercises:
        for path in sorted(exercise(name).folder.glob("*.*")):
            digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def _key(submission: Submission, asked_for: str) -> str:
    """Return what a grade depends on, as a digest."""
    return hashlib.sha256(json.dumps([asdict(submission), asked_for], sort_keys=True).encode()).hexdigest()


def _kept(path: Path, key: str) -> Grade | None:
    """Return a kept grade, or None where there is none, it is of something else, or its file is broken."""
    try:
        content = json.loads(path.read_text("utf-8"))
        return Grade.from_json(content["grade"]) if content["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
