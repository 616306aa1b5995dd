"""Explanations, feature maps and receptive fields as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.segmentation.overlay import as_rgb, boundaries, brighten
from tinyseg.visualization.figures import new_figure

from .receptive_field import ReceptiveField
from .scores import Explanation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

COLUMNS = 3
MOST_MAPS = 16
STRETCH = 99.5
"""The percentile of a map's sizes that gets the full colour: a few extreme pixels would leave the others without."""


def plot_explanations(
    image: Array, explanations: Sequence[Explanation], class_names: Sequence[str] | None = None
) -> Figure:
    """Draw an image with what is explained outlined, and beside it each explanation over the grey image.

    What raises the score is red, what lowers it blue; maps that know no sign are yellow where they are high.

    Args:
        image: (H, W, C) with 1 or 3 channels; stretched so that dark images can be seen.
        explanations: At least one, of this image.
        class_names: For the titles.

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import FCN
        >>> from tinyseg.explain import plot_explanations, saliency
        >>> image = np.random.default_rng(0).random((8, 6, 1))
        >>> found = saliency(FCN((None, None, 1), classes=3, filters=4, depth=1), image, 2)
        >>> len(plot_explanations(image, [found]).axes) >= 2
        True
    """
    if not explanations:
        raise InvalidInput("plot_explanations: expected at least one explanation")
    for found in explanations:
        if found.map.shape != np.shape(image)[:2]:
            raise InvalidInput(f"plot_explanations: {found.method}: {found.map.shape}, expected {np.shape(image)[:2]}")
    rgb = as_rgb(brighten(np.asarray(image, np.float32)))
    height, width = rgb.shape[:2]
    columns = min(len(explanations) + 1, COLUMNS)
    rows = -(-(len(explanations) + 1) // columns)
    figure, axes = new_figure(rows, columns, 3.4 * columns, rows * (3.0 * height / width + 0.75) + 0.4)
    panels = list(axes.ravel())
    target = explanations[0].target
    name = str(target.class_index) if class_names is None else class_names[target.class_index]
    outlined = rgb.copy()
    if target.where is not None and target.where.shape == (height, width) and not target.where.all():
        outlined[boundaries(target.where.astype(np.uint8))] = (255, 0, 255)
    panels[0].imshow(outlined, interpolation="nearest")
    if target.pixel is not None:
        panels[0].plot(target.pixel[1], target.pixel[0], "+", color="magenta", markersize=14, markeredgewidth=2)
    panels[0].set_title(f"{name}: score {explanations[0].score:.3g}\nat {target.chosen}", fontsize=9)
    grey = rgb.mean(axis=2)
    for panel, found in zip(panels[1:], explanations, strict=False):
        panel.imshow(grey, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        shown = _over(panel, found)
        panel.set_title(found.method, fontsize=9)
        bar = figure.colorbar(shown, ax=panel, shrink=0.8, pad=0.02)
        bar.ax.tick_params(labelsize=7)
    for panel in panels:
        panel.set_xticks([])
        panel.set_yticks([])
    for panel in panels[len(explanations) + 1 :]:
        panel.set_axis_off()
    return figure


def _over(panel: Axes, found: Explanation) -> AxesImage:
    """Draw a map; where it is near 0 the grey image stays clear."""
    values = found.map
    limit = float(np.percentile(np.abs(values), STRETCH)) or float(np.abs(values).max(initial=0.0)) or 1.0
    clear = np.clip(np.abs(values) / limit, 0, 1) ** 0.6 * 0.85
    low, colors = (-limit, "RdBu_r") if found.signed else (0.0, "inferno")
    return panel.imshow(values, cmap=colors, vmin=low, vmax=limit, alpha=clear, interpolation="nearest")


def plot_feature_maps(maps: Mapping[str, FloatArray], most: int = MOST_MAPS) -> Figure:
    """Draw the maps of each layer in a row, those that vary most first, each from its smallest to its largest number.

    Args:
        maps: (H, W, C) by name, from `feature_maps`.
        most: Maps of each layer.

    Example:
        >>> import numpy as np
        >>> from tinyseg.explain import plot_feature_maps
        >>> figure = plot_feature_maps({"conv": np.random.default_rng(0).random((4, 5, 3))})
        >>> sum(axis.has_data() for axis in figure.axes)
        3
    """
    if not maps or any(np.ndim(values) != 3 for values in maps.values()):
        raise InvalidInput("plot_feature_maps: expected at least one layer's maps (H, W, C)")
    columns = min(max(values.shape[2] for values in maps.values()), most)
    heights = [values.shape[0] / values.shape[1] for values in maps.values()]
    figure, axes = new_figure(
        len(maps), columns, max(0.9 * columns + 1.4, 4), sum(0.9 * h + 0.35 for h in heights) + 0.3
    )
    for row, (name, values) in zip(axes, maps.items(), strict=True):
        order = np.argsort(-values.std(axis=(0, 1)), kind="stable")[:columns]
        for axis in row:
            axis.set_axis_off()
        for axis, channel in zip(row, order, strict=False):
            axis.imshow(values[:, :, channel], cmap="viridis", interpolation="nearest")
            axis.set_title(str(channel), fontsize=6, pad=1)
        label = f"{name}\n{values.shape[0]} x {values.shape[1]} x {values.shape[2]}"
        row[0].text(-0.12, 0.5, label, transform=row[0].transAxes, ha="right", va="center", fontsize=7)
    return figure


def plot_effective_field(effective: FloatArray, computed: ReceptiveField | None = None) -> Figure:
    """Draw what an output depends on, and around it what it can depend on.

    Args:
        effective: (H, W) from `effective_receptive_field`.
        computed: From `receptive_field`, for the same output.

    Example:
        >>> import numpy as np
        >>> from tinyseg.explain import plot_effective_field
        >>> len(plot_effective_field(np.eye(8)).axes)
        2
    """
    from matplotlib.patches import Rectangle

    figure, axes = new_figure(1, 1, 5.2, 4.6)
    axis = axes[0][0]
    shown = axis.imshow(np.sqrt(effective), cmap="inferno", vmin=0, vmax=1, interpolation="nearest")
    figure.colorbar(shown, ax=axis, shrink=0.8, label="square root of the gradient's size")
    axis.set_title("effective receptive field", fontsize=10)
    if computed is not None:
        (top, _), (left, _) = computed.box
        height, width = computed.size
        axis.add_patch(Rectangle((left - 0.5, top - 0.5), width, height, fill=False, edgecolor="cyan", linewidth=1.5))
        axis.set_title(f"effective receptive field\nin the computed one, {height} x {width} (cyan)", fontsize=10)
        axis.set_facecolor("#888888")  # beyond the image
        axis.set_xlim(min(left - 1.5, -0.5), max(left + width + 0.5, effective.shape[1] - 0.5))
        axis.set_ylim(max(top + height + 0.5, effective.shape[0] - 0.5), min(top - 1.5, -0.5))
    return figure
