"""`tinyseg predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import progress, say
from .files import images_in
from .options import Backend, Out, use_backend


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Example:  tinyseg predict run photo.jpg more-photos/ --out predictions")(predict)


def predict(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    images: Annotated[list[Path], typer.Argument(help="Image files, and folders of them; any size.")],
    out: Out,
    backend: Backend = None,
) -> None:
    """Segment images: for each NAME, writes NAME_mask.png (palette PNG, the index is the class) and NAME_overlay.png."""
    from tinyseg.datasets import read_image, write_image, write_mask
    from tinyseg.runs import RunFolder, predict_sample
    from tinyseg.segmentation import brighten, overlay

    use_backend(backend)
    folder = RunFolder(run)
    description, model = folder.read_description(), folder.load_model()
    paths = images_in(images)
    show = progress("predicting")
    for k, path in enumerate(paths):
        image = read_image(path, description.channels)
        mask = predict_sample(model, image, description.settings.multiple_of)
        write_mask(out / f"{path.stem}_mask.png", mask, description.colors)
        write_image(out / f"{path.stem}_overlay.png", overlay(brighten(image), mask, description.colors))
        show(k + 1, len(paths))
    say(f"wrote masks and overlays of {len(paths)} images to {out}")
