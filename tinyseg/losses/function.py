"""Losses from plain functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.custom_objects import plain_name

from . import by_call
from .loss import Loss


class FunctionLoss(Loss):
    """A plain function, partial function or callable object as a loss, under its name.

    What it may return says `by_call.py`.
    """

    forward = by_call.forward
    backward = by_call.backward

    def __init__(self, function: Callable[..., Any]) -> None:
        """Keep the function."""
        super().__init__(name=plain_name(function))
        self.function = function

    def call(self, y_true: Array, y_pred: FloatArray) -> Any:
        """Call it."""
        return self.function(y_true, y_pred)
