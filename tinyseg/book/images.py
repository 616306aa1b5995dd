"""Rows of pictures, and the way to real images if there are any."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

DATA = "TINYSEG_DATA"
"""Environment variable: a folder with datasets in it."""


def show(
    images: Sequence[ArrayLike],
    titles: Sequence[str],
    *,
    columns: int | None = None,
    size: float = 2.4,
    **options: Any,
) -> None:
    """Draw images side by side, each (H, W), (H, W, 1) or (H, W, 3), in rows of `columns`.

    Grey ones go from black (0) to white (1, or 255 for bytes). `size` is the width of one in inches; `options` are
    those of matplotlib's `imshow`.

    Example:
        >>> import numpy as np
        >>> from tinyseg.book import show
        >>> ramp = np.linspace(0, 1, 64).reshape(8, 8)
        >>> show([ramp, 1 - ramp, ramp > 0.5], ["a ramp", "reversed", "its brighter half"])
    """
    import matplotlib.pyplot as plt

    columns = columns or len(images)
    rows = -(-len(images) // columns)
    height, width = np.shape(images[0])[:2]
    _figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(columns * size, rows * (size * height / width + 0.3)),
        squeeze=False,
        layout="constrained",
    )
    for axis in axes.flat[len(images) :]:
        axis.axis("off")
    for axis, given, title in zip(axes.flat, images, titles, strict=False):
        image = np.asarray(given)
        top = 255 if image.dtype == np.uint8 else 1
        axis.imshow(np.squeeze(image), **{"cmap": "gray", "vmin": 0, "vmax": top, "interpolation": "nearest"} | options)
        axis.set_xticks([]), axis.set_yticks([])
        axis.spines[:].set_color("#999999")
        axis.set_title(title, fontsize=9)
    plt.show()


def real_images(name: str) -> Path | None:
    """Return the folder of a dataset, if it is on this machine, else None.

    It is looked for in the folder that the environment variable TINYSEG_DATA names, and in `../shared/data` beside a
    clone of the repository.

    Example:
        >>> from tinyseg.book import real_images
        >>> real_images("no such dataset") is None
        True
    """
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    for root in (os.environ.get(DATA), beside):
        if root and (Path(root) / name).is_dir():
            return Path(root) / name
    return None
