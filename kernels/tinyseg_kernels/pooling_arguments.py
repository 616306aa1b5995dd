"""The arguments of max_pool2d and avg_pool2d, checked."""

from __future__ import annotations

from .checks import as_padding, as_pair, check_float, check_rank, check_window_fits
from .errors import InvalidInput
from .types import Array, Padding, Pair
from .windows import explicit_padding, valid_taps


def checked_pooling(
    operation: str, x: Array, pool_size: int | Pair, strides: int | Pair | None, padding: Padding
) -> tuple[Pair, Pair, tuple[Pair, Pair]]:
    """Return (window, strides, explicit padding); every window must meet at least one pixel."""
    check_float(operation, x=x)
    check_rank(operation, "x", x, "N, H, W, C")
    window = as_pair("pool_size", pool_size)
    steps = window if strides is None else as_pair("strides", strides)
    size: Pair = (x.shape[1], x.shape[2])
    padding = as_padding("padding", padding)
    check_window_fits(operation, size, window, steps, padding)
    pads = explicit_padding(padding, size, window, steps)
    if valid_taps(size, window, steps, pads).min() == 0:
        raise InvalidInput(
            f"{operation}: padding {padding!r} is so wide that a window {window} lies wholly outside the image"
        )
    return window, steps, pads
