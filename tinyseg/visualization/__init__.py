"""Pictures: learning curves, predictions, confusion matrices. Matplotlib is loaded when the first one is drawn."""

from __future__ import annotations

from .confusion import plot_confusion
from .curves import plot_curves
from .figures import save_figure
from .predictions import error_image, plot_predictions
from .profile import plot_profile
from .transfer import plot_transfer

__all__ = [
    "error_image",
    "plot_confusion",
    "plot_curves",
    "plot_predictions",
    "plot_profile",
    "plot_transfer",
    "save_figure",
]
