"""`tinyseg explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Pair

from .console import progress, say
from .options import Backend, Out, use_backend


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Example:  tinyseg explain run photo.jpg --class car --out explained")(explain)


def explain(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    image: Annotated[Path, typer.Argument(help="An image file.")],
    out: Out,
    class_name: Annotated[
        str | None,
        typer.Option(
            "--class",
            help="Class to explain; by itself the largest one but the first, at a pixel the one that is seen there.",
        ),
    ] = None,
    pixel: Annotated[
        str | None, typer.Option(help="ROW,COLUMN whose score is explained; by itself all pixels of the class.")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Layer for Grad-CAM; the deepest one by itself.")] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="saliency, integrated-gradients, occlusion or grad-cam; several times for several. All by itself."
        ),
    ] = None,
    backend: Backend = None,
) -> None:
    """Show what in an image a class's score rests on: writes pictures, the maps' numbers and the methods' figures."""
    from tinyseg.explain.report import METHODS, explain_image

    use_backend(backend)
    if not image.is_file():
        raise InvalidInput(f"{image}: no such file")
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"--out: expected a folder for the results, got the file {out}")
    written = explain_image(
        run,
        image,
        out,
        class_name=class_name,
        pixel=None if pixel is None else _pixel(pixel),
        layer=layer,
        methods=method or METHODS,
        progress=progress,
    )
    target = written.explanations[0].target
    say(f"{written.class_name}: score {written.explanations[0].score:.4g} at {target.chosen}")
    for found in written.explanations:
        if "missing share" in found.details:
            say(f"{found.method}: {found.details['missing share']:.2%} of the score's difference is missing in the sum")
    say(f"wrote {', '.join(path.name for path in written.files)} to {out}")


def _pixel(text: str) -> Pair:
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise InvalidInput(f"--pixel: expected ROW,COLUMN such as 12,40, got {text!r}")
    return (int(parts[0]), int(parts[1]))
