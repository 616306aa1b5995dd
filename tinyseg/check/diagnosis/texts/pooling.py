"""Causes and hints of max_pool2d and avg_pool2d."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}
"""Cause: (what it suggests, hint)."""
