"""The command's entry: which subcommands there are, and how mistakes are told."""

from __future__ import annotations

import sys

import typer
from tinyseg_kernels.errors import InvalidInput

from . import (
    demo,
    doctor,
    evaluate,
    exercises,
    explain,
    export,
    gradcheck,
    grade,
    predict,
    profile,
    racecheck,
    summary,
    threshold,
    train,
    transfer_study,
    weights,
)
from .console import errors

EXIT_MISTAKE, EXIT_SYSTEM, EXIT_INTERRUPTED = 2, 1, 130

app = typer.Typer(
    name="tinyseg",
    help="Image segmentation with convolutional networks written from scratch.",
    epilog="Begin with: tinyseg demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

demo.register(app)
train.register(app)
transfer_study.register(app)
evaluate.register(app)
predict.register(app)
explain.register(app)
export.register(app)
threshold.register(app)
summary.register(app)
weights.register(app)
profile.register(app)
gradcheck.register(app)
racecheck.register(app)
grade.register(app)
exercises.register(app)
doctor.register(app)


def main() -> None:
    """Run the command.

    A user's mistake prints one message and exits with 2, a full disk or the like with 1; only a defect of tinyseg shows
    a traceback.
    """
    try:
        app()
    except InvalidInput as error:
        errors.print(f"[bold red]error:[/] {_plain(error)}", soft_wrap=True, highlight=False)
        sys.exit(EXIT_MISTAKE)
    except OSError as error:
        errors.print(f"[bold red]error:[/] {_plain(error)}", soft_wrap=True, highlight=False)
        sys.exit(EXIT_SYSTEM)
    except MemoryError as error:
        errors.print(
            f"[bold red]error:[/] out of memory ({_plain(error)}); use a smaller batch size, crop or width",
            soft_wrap=True,
            highlight=False,
        )
        sys.exit(EXIT_SYSTEM)
    except KeyboardInterrupt:
        errors.print("interrupted")
        sys.exit(EXIT_INTERRUPTED)


def _plain(error: BaseException) -> str:
    from rich.markup import escape

    return escape(str(error))
