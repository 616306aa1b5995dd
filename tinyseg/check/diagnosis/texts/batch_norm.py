"""Causes and hints of batch_norm."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}
"""Cause: (what it suggests, hint)."""
