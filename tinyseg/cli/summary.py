"""`tinyseg summary`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import say


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Example:  tinyseg summary run")(summary)


def summary(run: Annotated[Path, typer.Argument(help="Folder of a run, or a model file.")]) -> None:
    """Print a model's layers, shapes and parameters, and what the run reached."""
    from tinyseg.models import load_model
    from tinyseg.runs import RunFolder
    from tinyseg.runs.folder import read_json

    if run.is_file():
        load_model(run, compile=False).summary(say)
        return
    folder = RunFolder(run)
    description = folder.read_description()
    folder.load_model().summary(say)
    say(f"data: {description.data}; classes: {', '.join(description.class_names)}")
    say("settings: " + ", ".join(f"{name}={value}" for name, value in description.settings.as_json().items()))
    if folder.finished:
        found = read_json(folder.metrics)
        say(
            f"{found['split']}: mean IoU {found['mean_iou']:.4f}, pixel accuracy {found['pixel_accuracy']:.4f}; best epoch "
            f"{found['best_epoch']} of {found['epochs']}, {found['seconds']:.0f} s"
        )
    else:
        say("the run is not finished; go on with --resume")
