"""Causes and hints of dropout."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}
"""Cause: (what it suggests, hint)."""
