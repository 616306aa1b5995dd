"""`tinyseg weights`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import say


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Example:  tinyseg weights mobilenet_v2.pth")(weights)


def weights(
    file: Annotated[Path, typer.Argument(help="A .safetensors, .pth, .pt, .h5, .keras, .onnx or .npz file.")],
    into: Annotated[
        Path | None,
        typer.Option("--into", help="Folder of a run, or a model file: say what of it the file would fill."),
    ] = None,
    root: Annotated[
        str | None, typer.Option("--root", help="Which of several dicts of a checkpoint to read, such as 'ema'.")
    ] = None,
) -> None:
    """List the tensors of a file of weights, of any program; nothing in it is executed."""
    from tinyseg.models import load_model
    from tinyseg.runs import RunFolder
    from tinyseg.weights import load, read

    tensors = read(file, root)
    if into is None:
        say(str(tensors))
        return
    model = load_model(into, compile=False) if into.is_file() else RunFolder(into).load_model()
    say(str(load(model, tensors, strict=False, skip_mismatch=True)))
