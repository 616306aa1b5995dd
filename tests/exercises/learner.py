"""A learner's folder, and answers to relu as learners write them."""

from __future__ import annotations

from pathlib import Path

from tinyseg.exercises import exercise
from tinyseg.exercises.folder import Classroom, begin
from tinyseg.exercises.words import Words

ENGLISH = Words("en")
RIGHT = exercise("relu").solution

WRONG = """\
import numpy as np


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dy, cache):
    return dy * (dy > 0)
"""
"""The slope taken from dy: dx is wrong nearly everywhere, y is right."""

HALF = WRONG.replace("return dy * (dy > 0)", 'raise NotImplementedError("relu_backward is yours to write")')
"""The forward alone."""

UNSEEN = WRONG.replace("dy * (dy > 0)", "dy * (cache > 0) * ~((cache > 0) & (cache < 0.9))")
"""Wrong for x between 0 and 0.9 only, where no case on paper has an x."""


def new_room(folder: Path) -> Classroom:
    """Make a folder of exercises."""
    begin(folder, ENGLISH)
    return Classroom(folder.resolve())


def write(room: Classroom, source: str, name: str = "relu") -> Path:
    """Write an answer into the learner's file."""
    path = room.file(name)
    path.write_text(source, encoding="utf-8")
    return path
