"""Checks of gradients against numbers that owe nothing to them."""

from __future__ import annotations

from .finite_differences import largest_relative_error, numerical_gradient, sampled_indices

__all__ = ["largest_relative_error", "numerical_gradient", "sampled_indices"]
