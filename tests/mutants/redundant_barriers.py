"""Barriers and atomics that may be left out of a kernel without changing what it may do, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

REDUNDANT: Mapping[tuple[str, str], str] = {}
"""(file, text of the line and which of the lines with this text) -> why leaving it out changes nothing."""
