"""The classroom: exercises, their checker, and graders.

In a notebook: `from tinyseg.exercises import check; check("relu", relu_forward, relu_backward)`.
"""

from __future__ import annotations

from .exercise import Exercise, Group, Mistake
from .notebook import Checked, check
from .outcome import Outcome
from .registry import exercise, names

__all__ = ["Checked", "Exercise", "Group", "Mistake", "Outcome", "check", "exercise", "names"]
