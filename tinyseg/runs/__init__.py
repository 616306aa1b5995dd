"""Training runs: settings, the run's folder, training with everything around it, and evaluation."""

from __future__ import annotations

from .digit_encoder import pretrained_on_digits
from .evaluation import Report, evaluate_samples, predict_sample
from .exporting import export_run
from .folder import RunDescription, RunFolder
from .settings import Settings, build_model
from .training import RunData, draw_predictions, train_run
from .transfer import TransferPlan, table_text, transfer_study

__all__ = [
    "Report",
    "RunData",
    "RunDescription",
    "RunFolder",
    "Settings",
    "TransferPlan",
    "build_model",
    "draw_predictions",
    "evaluate_samples",
    "export_run",
    "predict_sample",
    "pretrained_on_digits",
    "table_text",
    "train_run",
    "transfer_study",
]
