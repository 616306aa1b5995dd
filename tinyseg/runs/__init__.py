"""Training runs: settings, the run's folder, training with everything around it, and evaluation."""

from __future__ import annotations

from .evaluation import Report, evaluate_samples, predict_sample
from .exporting import export_run
from .folder import RunDescription, RunFolder
from .settings import Settings, build_model
from .training import RunData, draw_predictions, train_run

__all__ = [
    "Report",
    "RunData",
    "RunDescription",
    "RunFolder",
    "Settings",
    "build_model",
    "draw_predictions",
    "evaluate_samples",
    "export_run",
    "predict_sample",
    "train_run",
]
