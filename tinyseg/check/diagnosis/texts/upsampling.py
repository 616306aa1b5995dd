"""Causes and hints of upsampling2d."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}
"""Cause: (what it suggests, hint)."""
