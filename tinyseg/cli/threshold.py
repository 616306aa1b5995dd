"""`tinyseg threshold`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tinyseg_kernels.types import Array

from .console import console, say
from .files import images_in
from .options import Out


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(
        epilog="Examples:  tinyseg threshold cells.png --out masks    |    tinyseg threshold photos/ --value 0.4 --dark --out masks"
    )(threshold)


def threshold(
    images: Annotated[list[Path], typer.Argument(help="Image files, and folders of them.")],
    out: Out,
    value: Annotated[
        float | None, typer.Option(help="Grey level from 0 to 1; Otsu's for each image when not given.", min=0, max=1)
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="The objects are darker than the background.")] = False,
    min_area: Annotated[int, typer.Option(help="Leave out regions of fewer pixels.", min=1)] = 1,
) -> None:
    """Segment images by their brightness alone: for each NAME, writes NAME_mask.png and NAME_overlay.png, and lists the connected regions."""
    import numpy as np
    from rich.markup import escape
    from rich.table import Table

    from tinyseg.datasets import read_image, write_image, write_mask
    from tinyseg.segmentation import brighten, find_regions, otsu_threshold, overlay

    colors = [(0, 0, 0), (255, 170, 0)]
    table = Table("image", "threshold", "regions", "largest area", "its box (top, left, bottom, right)")
    paths = images_in(images)
    for path in paths:
        image = read_image(path)
        grey = np.rint(read_image(path, 1)[:, :, 0] * 255).astype(np.uint8)
        level = otsu_threshold(grey) / 255 if value is None else value
        bright = grey > level * 255
        mask = (bright != dark).astype(np.uint8)
        regions = find_regions(mask, min_area=min_area)
        if min_area > 1:
            mask = _only(mask, min_area)
        write_mask(out / f"{path.stem}_mask.png", mask, colors)
        write_image(out / f"{path.stem}_overlay.png", overlay(brighten(image), mask, colors))
        first = regions[0] if regions else None
        table.add_row(
            escape(path.name),
            f"{level:.4f}",
            str(len(regions)),
            "-" if first is None else f"{first.area:,}",
            "-" if first is None else str(first.box),
        )
    console.print(table)
    say(f"wrote masks and overlays of {len(paths)} images to {out}")


def _only(mask: Array, min_area: int) -> Array:
    """Return the mask without its small regions."""
    import numpy as np

    from tinyseg.segmentation import label_regions

    labels, _ = label_regions(mask)
    return mask * (np.bincount(labels.ravel())[labels] >= min_area)
