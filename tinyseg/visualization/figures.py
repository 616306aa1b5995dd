"""Matplotlib, loaded when first used and without a screen; figures are saved whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tinyseg.utils.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(rows: int, columns: int, width: float, height: float) -> tuple[Figure, Any]:
    """Return a figure and its axes [rows][columns], of a size in inches; it belongs to no window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False)


def save_figure(figure: Figure, path: str | os.PathLike[str], dpi: int = 110) -> None:
    """Write a figure as a PNG.

    Example:
        >>> import os
        >>> import tempfile
        >>> from tinyseg.visualization import plot_curves, save_figure
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_figure(plot_curves({"loss": [1.0, 0.5]}), os.path.join(folder, "curves.png"))
        ...     print(os.listdir(folder))
        ...
        ['curves.png']
    """
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=dpi, format="png")
