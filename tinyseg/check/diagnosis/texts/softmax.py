"""Causes and hints of softmax and softmax_cross_entropy."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}
"""Cause: (what it suggests, hint)."""
