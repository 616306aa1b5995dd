"""`tinyseg summary`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tinyseg_kernels.errors import InvalidInput

from .console import images, say, share

if TYPE_CHECKING:
    from tinyseg.runs import RunFolder


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Example:  tinyseg summary run")(summary)


def summary(
    run: Annotated[Path, typer.Argument(help="Folder of a run, or a model file.")],
    plan: Annotated[
        bool, typer.Option("--plan", help="Also say which layers are computed together, and why others are not.")
    ] = False,
) -> None:
    """Print a model's layers, shapes and parameters, and what the run reached."""
    from tinyseg.models import load_model
    from tinyseg.runs import RunFolder

    if run.is_file():
        load_model(run, compile=False).summary(print_fn=say, plan=plan)
        return
    folder = RunFolder(run)
    description = folder.read_description()
    folder.load_model().summary(print_fn=say, plan=plan)
    say(f"data: {description.data}; classes: {', '.join(description.class_names)}")
    say("settings: " + ", ".join(f"{name}={value}" for name, value in description.settings.as_json().items()))
    say(_result(folder) if folder.finished else "the run is not finished; go on with --resume")


def _result(folder: RunFolder) -> str:
    from tinyseg.runs.folder import read_json

    found = read_json(folder.metrics)
    try:
        return (
            f"{found['split']} ({images(found['samples'])}): mean IoU {share(found['mean_iou'])}, pixel accuracy "
            f"{share(found['pixel_accuracy'])}; best epoch {found['best_epoch']} of {found['epochs']}, "
            f"{found['seconds']:.0f} s"
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{folder.metrics}: damaged ({type(error).__name__}: {error})") from error
