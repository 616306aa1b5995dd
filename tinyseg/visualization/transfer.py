"""Mean IoU against the number of labelled images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .figures import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLORS = ("#888888", "#30638e", "#d1495b")


def plot_transfer(ways: Mapping[str, Mapping[int, Sequence[float]]], title: str = "") -> Figure:
    """Draw a line for each way to begin through the means over the seeds; a band from the lowest to the highest seed.

    Each seed is a dot of its own: three are few, and a deviation would pretend to know more.

    Args:
        ways: Way -> number of labelled images -> one mean IoU per seed.
        title: Above the picture.

    Example:
        >>> from tinyseg.visualization import plot_transfer
        >>> figure = plot_transfer({"from scratch": {5: [0.1, 0.2], 50: [0.4, 0.5]}})
        >>> figure.axes[0].get_xscale()
        'log'
    """
    figure, axes = new_figure(1, 1, 7.0, 4.4)
    axis = axes[0][0]
    for (way, found), color in zip(ways.items(), COLORS, strict=False):
        counts = sorted(found)
        axis.plot(counts, [np.mean(found[n]) for n in counts], color=color, label=way, marker="o", markersize=4)
        axis.fill_between(
            counts, [min(found[n]) for n in counts], [max(found[n]) for n in counts], color=color, alpha=0.18
        )
        for n in counts:
            axis.plot([n] * len(found[n]), found[n], ".", color=color, markersize=4, alpha=0.7)
    every = sorted({n for found in ways.values() for n in found})
    axis.set_xscale("log")
    axis.set_xticks(every, [str(n) for n in every])
    axis.minorticks_off()
    axis.set_xlabel("labelled images")
    axis.set_ylabel("mean IoU on test images")
    axis.grid(alpha=0.25)
    axis.legend(frameon=False)
    if title:
        axis.set_title(title, fontsize=10)
    return figure
