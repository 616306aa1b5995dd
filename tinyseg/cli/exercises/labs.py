"""`tinyseg exercises bench`, `use` and `explain`: what one does with an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tinyseg_kernels.errors import InvalidInput

from ..console import console, progress, say, table
from .options import AsJson, Dir, target

if TYPE_CHECKING:
    from tinyseg.exercises import Exercise
    from tinyseg.exercises.labs.explaining import Question

EXIT_WRONG_ANSWER = 1

Answer = Annotated[str, typer.Argument(help="An exercise, or a file anywhere.", metavar="NAME")]


def register(group: typer.Typer) -> None:
    """Add the subcommands."""
    group.command(epilog="Example:  tinyseg exercises bench conv2d_vectorized")(bench)
    group.command(epilog="Example:  tinyseg exercises use conv2d_backward")(use)
    group.command(epilog='Example:  tinyseg exercises explain conv2d_backward --name "Ann Lee"')(explain)


def _source(name: str, folder: Path | None) -> tuple[Exercise, str, Path]:
    from tinyseg.utils.files import read_text

    found = target(name, folder)
    return found.exercise, read_text(found.path, "Python"), found.path


def bench(name: Answer, folder: Dir = None, as_json: AsJson = False) -> None:
    """Time your answer beside loops, NumPy, compiled kernels, and PyTorch where it is installed.

    All compute the same numbers in turn; the median of five rounds counts. Slow code gets smaller images.
    """
    from tinyseg.exercises.labs.bench import YOURS
    from tinyseg.exercises.labs.bench import bench as measure
    from tinyseg.exercises.labs.opening import opened

    of, source, _ = _source(name, folder)
    with opened(of, source) as (forward, backward):
        found = measure(of, forward, backward, progress=progress(f"{of.name}: rounds"))
    if as_json:
        times = {timing.name: timing.seconds for timing in found.timings}
        content = {"exercise": of.name, "what": found.label, "parts": found.parts, "seconds": times}
        print(json.dumps({**content, "place": found.place}, indent=1))
        return
    rows = table(found.parts, "time", "as fast as yours", title=found.label, title_justify="left")
    for timing in found.timings:
        style = "bold" if timing.name == YOURS else ""
        speed = "" if timing.name == YOURS else _times(found.yours / timing.seconds)
        rows.add_row(timing.name, f"{1e3 * timing.seconds:.3g} ms", speed, style=style)
    console.print(rows)
    say(f"On the ladder from loops to compiled kernels yours is {found.place}.")


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 100 else f"{ratio:.3g} times"


def use(
    name: Answer,
    folder: Dir = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Picture to write. Default: NAME-use.png.")] = None,
    seconds: Annotated[float, typer.Option(help="About how long the training may take.", min=1)] = 60.0,
) -> None:
    """Put your answer into a small U-Net and train it on scenes of digits: does it segment?

    The same network is trained with tinyseg's own arithmetic as well, from the same start. Slow code gets smaller
    scenes and fewer steps.
    """
    from tinyseg.exercises.labs.opening import opened
    from tinyseg.exercises.labs.using import use as train
    from tinyseg.utils.files import atomic_path

    of, source, _ = _source(name, folder)
    path = out or Path(f"{of.name}-use.png")
    with opened(of, source) as (forward, backward):
        found = train(of, forward, backward, seconds=seconds, progress=progress("steps"))
    figure = found.figure()
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=90)
    say(
        f"{found.where}: {found.steps} steps with {found.batch} scenes of {found.size} x {found.size} pixels in "
        f"{found.seconds:.1f} s, {100 * found.share:.0f} % of it in your code"
    )
    rows = table("", "yours", "tinyseg's")
    rows.add_row("loss, first step", f"{found.losses[0]:.4f}", f"{found.reference[0]:.4f}")
    rows.add_row("loss, last step", f"{found.losses[-1]:.4f}", f"{found.reference[-1]:.4f}")
    rows.add_row("IoU of the digits, new scenes", f"{found.iou:.3f}", f"{found.reference_iou:.3f}")
    console.print(rows)
    say(f"{path}: scenes, truth, what the network with your code sees, and where it is wrong")


def explain(
    name: Answer,
    who: Annotated[str | None, typer.Option("--name", help="Your name; the questions follow from it.")] = None,
    answers: Annotated[
        list[str] | None, typer.Option("--answer", help="Answers in order, instead of typing them; may be repeated.")
    ] = None,
    show_answers: Annotated[bool, typer.Option("--show", help="For instructors: print the answers.")] = False,
    folder: Dir = None,
) -> None:
    """Ask questions about your own code, with numbers from a run of it, for defending your work.

    Everybody gets other numbers, and the same name always gets the same. The exit code is 1 when an answer was wrong.
    """
    from tinyseg.exercises.labs.explaining import questions
    from tinyseg.exercises.labs.opening import opened

    of, source, path = _source(name, folder)
    who = who or typer.prompt("Your name")
    with opened(of, source) as (forward, backward):
        asked = questions(of, forward, backward, who)
    say(f"{len(asked)} questions about {path.name} for {who}")
    right = 0
    for number, question in enumerate(asked, 1):
        say(f"\n{number}. {question.text}")
        if show_answers:
            say(f"   {_shown(question)}")
            continue
        given = answers[number - 1] if answers is not None and number <= len(answers) else None
        right += _ask(question, given, answers is not None)
    if not show_answers:
        say(f"\n{right} of {len(asked)} right")
        if right < len(asked):
            raise typer.Exit(EXIT_WRONG_ANSWER)


def _ask(question: Question, given: str | None, from_the_command: bool) -> bool:
    """Ask until what is typed can be read; an answer of the command line that cannot be read is wrong."""
    while True:
        if given is None and from_the_command:
            say("   no answer")
            return False
        text = given if given is not None else typer.prompt(f"   {question.kind}")
        try:
            correct = question.is_right(text)
        except InvalidInput as error:
            say(f"   {error}")
            if from_the_command:
                return False
            continue
        say("   right" if correct else "   not what your code gives")
        return correct


def _shown(question: Question) -> str:
    if isinstance(question.answer, float):
        return f"{question.answer:.6g}"
    return "; ".join(",".join(map(str, index)) for index in sorted(question.answer)) or "none"
