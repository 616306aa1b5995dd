"""Which windows of a pooling cover a position, for Numba kernels."""

from __future__ import annotations

from .numba_cuda import device_function


@device_function
def first_covering(position: int, before: int, window: int, stride: int) -> int:
    """Return the first of the windows that cover a position of an axis.

    Window o covers o * stride - before and the `window` - 1 positions behind.
    """
    beyond_first = position + before - window + 1
    return 0 if beyond_first <= 0 else (beyond_first + stride - 1) // stride


@device_function
def end_covering(position: int, before: int, stride: int, windows: int) -> int:
    """Return one more than the last of them."""
    return min(windows, (position + before) // stride + 1)


@device_function
def inside(start: int, window: int, length: int) -> int:
    """Return how many positions of a window that begins at `start` lie in an axis of this length."""
    return min(start + window, length) - max(start, 0)
