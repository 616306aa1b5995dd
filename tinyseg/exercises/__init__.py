"""The classroom: exercises, their checker, and graders."""

from __future__ import annotations

from .exercise import Exercise, Group, Mistake
from .outcome import Outcome
from .registry import exercise, names

__all__ = ["Exercise", "Group", "Mistake", "Outcome", "exercise", "names"]
