"""Options of sliding windows in JAX's notation."""

from __future__ import annotations

from typing import Any

import numpy as np


def jax_padding(padding: Any) -> Any:
    """Return a padding in JAX's notation."""
    return padding.upper() if isinstance(padding, str) else padding


def pair(value: Any) -> list[int]:
    """Return n as [n, n], and a pair as a list."""
    return np.broadcast_to(value, 2).tolist()


def pads_of_four_axes(padding: Any) -> Any:
    """Return explicit pairs of (H, W) as pairs of (N, H, W, C)."""
    return padding if isinstance(padding, str) else ((0, 0), *padding, (0, 0))
