"""Causes and hints of mean_iou and dice_loss."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}
"""Cause: (what it suggests, hint)."""
