"""Floating-point operations of a network's step by the plain algorithms."""

from __future__ import annotations

from functools import cache

from tinyseg.models.flops import step_flops

from .suite import network_cases


@cache
def network_flops(name: str, tiny: bool, *, training: bool) -> int:
    """Return the operations of a training step (forward and backward) or of inference."""
    case = network_cases(tiny)[name]
    return sum(step_flops(case.model(), (case.batch, *case.image), training=training))
