"""Checks of gradients against numbers that owe nothing to them.

What is wrong with a function is said by `tinyseg.diagnosis`; its public names can be imported from here too.
"""

from __future__ import annotations

from ..diagnosis import OPERATIONS, Diagnosis, DiagnosisError, contract, diagnose
from .finite_differences import largest_relative_error, numerical_gradient, one_sided_slopes, sampled_indices
from .gradients import gradients
from .report import ArgumentCheck, GradientError, GradientReport

__all__ = [
    "OPERATIONS",
    "ArgumentCheck",
    "Diagnosis",
    "DiagnosisError",
    "GradientError",
    "GradientReport",
    "contract",
    "diagnose",
    "gradients",
    "largest_relative_error",
    "numerical_gradient",
    "one_sided_slopes",
    "sampled_indices",
]
