"""`tinyseg threshold`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from .console import console
from .files import Found, each, images_in, tell
from .options import Out

if TYPE_CHECKING:
    from tinyseg.datasets.pictures import Picture


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(
        epilog=(
            "Examples:  tinyseg threshold cells.png --out masks    |    tinyseg threshold photos/ --value 0.4 "
            "--dark --out masks"
        )
    )(threshold)


def threshold(
    images: Annotated[list[Path], typer.Argument(help="Image files, and folders of them.")],
    out: Out,
    value: Annotated[
        float | None,
        typer.Option(
            help=(
                "Grey level from 0 (black) to 1 (white); for floats, signed and 32-bit integers the value itself. "
                "Otsu's for each image when not given."
            )
        ),
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="The objects are darker than the background.")] = False,
    min_area: Annotated[int, typer.Option(help="Leave out regions of fewer pixels.", min=1)] = 1,
) -> None:
    """Segment images by their brightness alone, and list the connected regions.

    Writes NAME_mask.png and NAME_overlay.png for each NAME.

    The same scene gives the same mask whatever depth, mode or scale it is stored in: Otsu's method looks at the values
    that occur.
    """
    from rich.markup import escape
    from rich.table import Table

    from tinyseg.datasets import write_image, write_mask
    from tinyseg.datasets.pictures import read_picture
    from tinyseg.segmentation import brighten, find_regions, overlay

    colors = [(0, 0, 0), (255, 170, 0)]
    table = Table("image", "threshold", "regions", "largest area", "its box (top, left, bottom, right)")
    found = images_in(images, out)

    def segment(item: Found) -> None:
        picture = read_picture(item.path)
        bright, shown = _bright(picture, value)
        mask = (bright != dark).astype("uint8")
        regions = find_regions(mask, min_area=min_area)
        if min_area > 1:
            mask = _only(mask, min_area)
        write_mask(item.result("mask"), mask, colors)
        write_image(item.result("overlay"), overlay(brighten(picture.pixels()), mask, colors))
        table.add_row(
            escape(item.name),
            shown,
            str(len(regions)),
            f"{regions[0].area:,}" if regions else "-",
            str(regions[0].box) if regions else "-",
        )

    wrong = each(found, segment, "segmenting")
    if table.row_count:
        console.print(table)
    tell(found, wrong, out)


def _bright(picture: Picture, value: float | None) -> tuple[Array, str]:
    """Return which pixels are brighter than a value, or than Otsu's, and the threshold as text.

    The text is a share of white, where white is known.
    """
    from tinyseg.segmentation import otsu_threshold

    levels, white = picture.levels()
    if value is None:
        level = otsu_threshold(levels, bins=None)
    elif white is None:
        level = value
    elif 0 <= value <= 1:
        level = value * white
    else:
        raise InvalidInput(f"{picture.path}: --value: expected a number from 0 (black) to 1 (white), got {value:g}")
    return levels > level, f"{level:.6g}" if white is None else f"{level / white:.{4 if white < 256 else 6}f}"


def _only(mask: Array, min_area: int) -> Array:
    """Return the mask without its small regions."""
    import numpy as np

    from tinyseg.segmentation import label_regions

    labels, _ = label_regions(mask)
    return mask * (np.bincount(labels.ravel())[labels] >= min_area)
