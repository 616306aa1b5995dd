"""Transposed convolution: forward and backward."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.transposed import PlainConv2DTranspose
from tinyseg.diagnosis.traits import OVERLAPS

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

GRADIENTS = ("dx", "dkernel", "dbias")

EXERCISE = Exercise(
    name="conv2d_transpose",
    chapter=8,
    difficulty=4,
    operation=PlainConv2DTranspose,
    folder=Path(__file__).parent,
    forward="conv2d_transpose_forward",
    backward="conv2d_transpose_backward",
    groups=(
        Group("forward", 2, results=("y",)),
        Group("backward", 2, results=GRADIENTS),
        Group("overlaps", 2, lambda case: OVERLAPS in case.traits, results=("y",)),
        Group("same", 2, lambda case: case.options["padding"] == "same", results=("y",)),
        Group("same back", 2, lambda case: case.options["padding"] == "same", results=GRADIENTS),
    ),
    mistakes=MISTAKES,
)
