"""Where in an image a network sees a class."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.grad_cam import ENLARGED, UNEVEN_SIZE, GradCam
from tinyseg.diagnosis.traits import SEVERAL_IMAGES

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="grad_cam",
    chapter=10,
    difficulty=2,
    operation=GradCam,
    folder=Path(__file__).parent,
    forward="grad_cam",
    groups=(
        Group("one", 3),
        Group("several", 4, lambda case: SEVERAL_IMAGES in case.traits),
        Group("enlarged", 2, lambda case: ENLARGED in case.traits and SEVERAL_IMAGES not in case.traits),
        Group("uneven", 1, lambda case: UNEVEN_SIZE in case.traits and SEVERAL_IMAGES not in case.traits),
    ),
    mistakes=MISTAKES,
)
