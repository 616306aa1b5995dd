"""`tinyseg predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .files import Found, each, images_in, tell
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
    """Segment images: writes NAME_mask.png and NAME_overlay.png for each NAME.

    The mask is a palette PNG, whose index is the class.
    """
    from tinyseg.datasets import read_image, write_image, write_mask
    from tinyseg.runs import RunFolder, predict_sample
    from tinyseg.segmentation import brighten, overlay

    use_backend(backend)
    folder = RunFolder(run)
    description, model = folder.read_description(), folder.load_model()
    found = images_in(images, out)

    def segment(item: Found) -> None:
        image = read_image(item.path, description.channels)
        mask = predict_sample(model, image, description.settings.multiple_of)
        write_mask(item.result("mask"), mask, description.colors)
        write_image(item.result("overlay"), overlay(brighten(image), mask, description.colors))

    tell(found, each(found, segment, "predicting"), out)
