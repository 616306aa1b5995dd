"""The confusion matrix as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.types import Array

from .figures import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_confusion(matrix: Array, class_names: Sequence[str], unit: str = "pixels") -> Figure:
    """Draw which class was taken for which; return the figure.

    Each row (truth) is in per cent of its pixels (or images, as `unit` says).

    Example:
        >>> import numpy as np
        >>> from tinyseg.visualization import plot_confusion
        >>> figure = plot_confusion(np.array([[5, 1], [0, 4]]), ["background", "cell"])
        >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
        ['background (6)', 'cell (4)']
    """
    count = len(matrix)
    rows = matrix.sum(axis=1, keepdims=True)
    share = np.divide(matrix, rows, out=np.full(matrix.shape, np.nan), where=rows > 0)
    side = 2.0 + 0.36 * count
    figure, axes = new_figure(1, 1, side + 0.6, side)
    axis = axes[0][0]
    axis.imshow(np.nan_to_num(share), cmap="Blues", vmin=0, vmax=1)
    for t in range(count):
        for p in range(count):
            text = "-" if np.isnan(share[t, p]) else f"{100 * share[t, p]:.0f}"
            axis.text(
                p, t, text, ha="center", va="center", fontsize=7, color="white" if share[t, p] > 0.55 else "#333333"
            )
    labels = [f"{name} ({int(n):,})" for name, n in zip(class_names, rows[:, 0], strict=True)]
    axis.set_yticks(range(count), labels, fontsize=8)
    axis.set_xticks(range(count), class_names, rotation=45, ha="right", fontsize=8)
    axis.set_xlabel("prediction")
    axis.set_ylabel(f"truth ({unit})")
    axis.set_title("per cent of the true class", fontsize=10)
    return figure
