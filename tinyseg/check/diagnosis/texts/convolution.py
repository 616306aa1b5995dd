"""Causes and hints of conv2d, depthwise_conv2d and conv2d_transpose."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}
"""Cause: (what it suggests, hint)."""
