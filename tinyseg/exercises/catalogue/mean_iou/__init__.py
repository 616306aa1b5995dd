"""Mean intersection over union, with a label that does not count."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.mean_iou_ignore_class import MeanIoUIgnoreClass

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="mean_iou",
    chapter=8,
    difficulty=2,
    operation=MeanIoUIgnoreClass,
    folder=Path(__file__).parent,
    forward="mean_iou",
    groups=(
        Group("nothing-ignored", 3, lambda case: case.options["ignore_class"] is None),
        Group("no-class", 4, lambda case: case.options["ignore_class"] in (255, -1)),
        Group("a-class", 3, lambda case: case.options["ignore_class"] in range(case.options["num_classes"])),
    ),
    mistakes=MISTAKES,
)
