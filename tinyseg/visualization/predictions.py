"""Image, truth, prediction and error side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.datasets.description import VOID
from tinyseg.datasets.palette import Color, void_color
from tinyseg.segmentation.overlay import as_rgb, brighten, color_mask

from .figures import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WRONG, RIGHT, UNKNOWN = (214, 57, 57), (238, 238, 238), (150, 150, 170)


def error_image(truth: Array, prediction: Array) -> Array:
    """Return where a prediction is wrong (red), right (light) and where nobody knows (grey-blue); (H, W, 3) uint8.

    Example:
        >>> import numpy as np
        >>> from tinyseg.visualization import error_image
        >>> error_image(np.array([[0, 1]]), np.array([[0, 0]])).shape
        (1, 2, 3)
    """
    picture = np.where((truth == prediction)[..., None], np.array(RIGHT), np.array(WRONG))
    picture[truth == VOID] = UNKNOWN
    return picture.astype(np.uint8)


def plot_predictions(
    images: Sequence[Array],
    truths: Sequence[Array],
    predictions: Sequence[Array],
    class_names: Sequence[str],
    colors: Sequence[Color],
    titles: Sequence[str] | None = None,
) -> Figure:
    """Draw one row per sample: image, truth, prediction, error; returns the figure.

    Args:
        images: Each (H, W, C); stretched so that dark images can be seen.
        truths: Each (H, W) of class ids; void (255) has a colour that no class has.
        predictions: Each (H, W) of class ids.
        class_names: For the legend; the classes that occur are shown.
        colors: One per class.
        titles: One per sample, on the left.

    Example:
        >>> import numpy as np
        >>> from tinyseg.datasets import default_colors
        >>> from tinyseg.visualization import plot_predictions
        >>> image, mask = np.zeros((8, 8, 1)), np.zeros((8, 8), int)
        >>> figure = plot_predictions([image], [mask], [mask], ["a", "b"], default_colors(2))
        >>> len(figure.axes)
        4
    """
    if not images:
        raise InvalidInput("plot_predictions: expected at least one sample")
    from matplotlib.patches import Patch

    height, width = truths[0].shape
    figure, axes = new_figure(len(images), 4, 10, len(images) * 2.45 * height / width + 0.9)
    present: set[int] = set()
    for k, (row, image, truth, prediction) in enumerate(zip(axes, images, truths, predictions, strict=True)):
        present |= set(np.unique(truth).tolist()) | set(np.unique(prediction).tolist())
        panels = (
            as_rgb(brighten(image)),
            color_mask(truth, colors),
            color_mask(prediction, colors),
            error_image(truth, prediction),
        )
        for axis, panel in zip(row, panels, strict=True):
            axis.imshow(panel, interpolation="nearest")
            axis.set_xticks([])
            axis.set_yticks([])
        valid = truth != VOID
        share = float((truth == prediction)[valid].mean()) if valid.any() else float("nan")
        row[3].set_xlabel(f"{share:.1%} of the pixels right", fontsize=8)
        if titles is not None:
            row[0].set_ylabel(titles[k], fontsize=8)
    for axis, title in zip(axes[0], ("image", "truth", "prediction", "error"), strict=True):
        axis.set_title(title, fontsize=10)
    handles = [
        Patch(facecolor=_fraction(colors[k]), edgecolor="#999999", label=class_names[k])
        for k in sorted(present)
        if k < len(class_names)
    ]
    if VOID in present:
        handles.append(Patch(facecolor=_fraction(void_color(colors)), edgecolor="#999999", label="void (not counted)"))
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 6), fontsize=8, frameon=False)
    return figure


def _fraction(color: Color) -> tuple[float, float, float]:
    red, green, blue = color
    return red / 255, green / 255, blue / 255
