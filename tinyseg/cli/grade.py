"""`tinyseg grade`."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tinyseg_kernels.errors import InvalidInput, unknown_name

from .console import console, progress, say, table
from .options import refuse_folder

if TYPE_CHECKING:
    from tinyseg.exercises.grading.grade import Assignment, Grade

SEED = "TINYSEG_GRADE_SEED"


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(
        epilog=(
            "Examples:  tinyseg grade submission.zip --format gradescope --out results.json    |    "
            "tinyseg grade --class handed-in/ --assignment week3.toml --out week3"
        )
    )(grade)


def grade(
    submissions: Annotated[list[Path], typer.Argument(help="Folders, ZIP files, or single answers NAME.py.")],
    form: Annotated[
        str,
        typer.Option("--format", help="gradescope, prairielearn, classroom50, junit, csv or json."),
    ] = "json",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write (one submission) or folder (several). Default: the screen."),
    ] = None,
    exercises: Annotated[
        list[str] | None, typer.Option("--exercise", "-e", help="What is asked for; may be given several times.")
    ] = None,
    assignment: Annotated[Path | None, typer.Option(help="A TOML file with 'exercises' and 'weights'.")] = None,
    whole_class: Annotated[
        bool, typer.Option("--class", help="Each folder and ZIP file within the given folder is a submission.")
    ] = False,
    seed: Annotated[
        list[int] | None,
        typer.Option(help="Your own numbers; keep it secret. May be given several times. Or TINYSEG_GRADE_SEED."),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Submissions graded at once; default: one a core.", min=1)] = None,
    language: Annotated[str, typer.Option(help="Of what is said to students: en or zh-CN.")] = "en",
) -> None:
    """Grade answers to exercises, one submission or a class.

    Each answer runs in a process of its own, with limits. Every exercise of the assignment is in the result, also when
    nothing was handed in or the file cannot be run: 0 points and the reason. Late work is your platform's matter.

    For a class, the folder --out gets a file of the format for each student, class.html (who is stuck where, and on
    which mistake), class.csv, and the folder 'grades': a run that was interrupted goes on from there.
    """
    from tinyseg.exercises.grading.assignment import assignment_of, read_assignment
    from tinyseg.exercises.grading.formats import FORMATS
    from tinyseg.exercises.grading.grade import grade as grade_one
    from tinyseg.exercises.grading.submission import read_submission, submissions_in

    if form not in FORMATS:
        raise unknown_name("format", form, list(FORMATS))
    if exercises and assignment is not None:
        raise InvalidInput("expected --exercise or --assignment, got both")
    seeds = seed or _seeds_of_environment()
    asked = (
        read_assignment(assignment, seeds, language)
        if assignment is not None
        else assignment_of(exercises or [], seeds, language)
    )
    asked = replace(asked, pictures=form == "prairielearn")  # the only platform that shows them
    if len(submissions) > 1 or whole_class:
        paths = [one for path in submissions for one in submissions_in(path)] if whole_class else submissions
        _grade_class(paths, asked, form, out, workers)
        return
    refuse_folder("--out", out)
    found = grade_one(read_submission(submissions[0], asked.exercises), asked)
    text = FORMATS[form][1](found)
    if out is None:
        print(text)
        return
    _write(out, text)
    say(f"{found.student}: {found.points} of {found.of} points; written to {out}")


def _seeds_of_environment() -> list[int]:
    text = os.environ.get(SEED, "1")
    try:
        return [int(part) for part in text.replace(",", " ").split()]
    except ValueError:
        raise InvalidInput(f"{SEED}: expected whole numbers, got {text!r}") from None


def _grade_class(paths: list[Path], asked: Assignment, form: str, out: Path | None, workers: int | None) -> None:
    from tinyseg.exercises.grading.classroom import file_names, grade_class
    from tinyseg.exercises.grading.formats import FORMATS
    from tinyseg.exercises.grading.formats.csv import csv_of
    from tinyseg.exercises.grading.page import page

    if out is None:
        raise InvalidInput("--out: expected a folder for the results of several submissions")
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"--out: expected a folder, {out} is a file")
    found = grade_class(paths, asked, out, workers, progress("graded"))
    file, write = FORMATS[form]
    for name, one in zip(file_names([one.student for one in found]), found, strict=True):
        _write(out / "students" / name / file, write(one))
    _write(out / "class.csv", csv_of(found))
    _write(out / "class.html", page(found, f"{len(asked.exercises)} exercises"))
    _print(found)
    say(f"{out / 'class.html'}: who is stuck where; {out / 'class.csv'}: the points; {out / 'students'}: {form} files")


def _write(path: Path, text: str) -> None:
    from tinyseg.utils.files import atomic_path

    with atomic_path(path) as temporary:
        temporary.write_text(text, "utf-8", newline="\n")


def _print(grades: list[Grade]) -> None:
    from rich.markup import escape

    from tinyseg.exercises.grading.page import ABSENT

    rows = table("student", "points", "of", "stuck on")
    for grade in grades:
        stuck = [
            f"{one.exercise} ({one.cause})" for one in grade.exercises if not one.passed and one.cause not in ABSENT
        ]
        more = f", and {len(stuck) - 3} more" if len(stuck) > 3 else ""
        rows.add_row(escape(grade.student), str(grade.points), str(grade.of), escape(", ".join(stuck[:3]) + more))
    console.print(rows)
