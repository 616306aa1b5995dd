"""Learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .figures import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_curves(history: Mapping[str, Sequence[float]], best_epoch: int | None = None) -> Figure:
    """Draw every quantity of a History over the epochs, training and validation in one panel each; returns the figure.

    Args:
        history: Name -> one number per epoch, as `fit(...).history`; 'val_<name>' belongs to '<name>'.
        best_epoch: Marked by a line, counted from 0.

    Example:
        >>> from tinyseg.visualization import plot_curves
        >>> figure = plot_curves({"loss": [1.0, 0.5], "val_loss": [1.1, 0.8]})
        >>> len(figure.axes[0].lines)
        2
    """
    names = [n for n in history if not n.startswith("val_") and n != "epoch"]
    names += [n.removeprefix("val_") for n in history if n.startswith("val_") and n.removeprefix("val_") not in names]
    figure, axes = new_figure(1, max(len(names), 1), 4.2 * max(len(names), 1), 3.2)
    for axis, name in zip(axes[0], names, strict=False):
        for key, style in (
            (name, {"color": "#888888", "label": "training"}),
            (f"val_{name}", {"color": "#d1495b", "label": "validation"}),
        ):
            if key in history:
                values = np.asarray(history[key], float)
                axis.plot(np.arange(1, len(values) + 1), values, marker="." if len(values) < 40 else None, **style)
        if best_epoch is not None:
            axis.axvline(best_epoch + 1, color="#30638e", linewidth=1, linestyle=":", label="best")
        axis.set_title(name.replace("_", " ").replace("iou", "IoU"))
        axis.set_xlabel("epoch")
        axis.grid(alpha=0.25)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend(frameon=False, fontsize=8)
    return figure
