"""relu: planted bugs."""

from __future__ import annotations

from ...exercise import Mistake

MISTAKES = (
    Mistake("mask-of-dy", "np.where(positive, dy, 0)", "np.where(dy > 0, dy, 0)", ("mask-of-the-upstream",)),
    Mistake("no-mask", "np.where(positive, dy, 0)", "np.where(True, dy, 0)", ("mask-missing",)),
    Mistake("zero-counts", "x > 0\n", "x >= 0\n", ("gradient-at-zero",)),
)
