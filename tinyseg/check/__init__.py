"""Checks of gradients against numbers that owe nothing to them."""

from __future__ import annotations

from .finite_differences import largest_relative_error, numerical_gradient, one_sided_slopes, sampled_indices
from .gradients import gradients
from .report import ArgumentCheck, GradientError, GradientReport

__all__ = [
    "ArgumentCheck",
    "GradientError",
    "GradientReport",
    "gradients",
    "largest_relative_error",
    "numerical_gradient",
    "one_sided_slopes",
    "sampled_indices",
]
