"""Where a thread's number lies in an array of images, for Numba kernels with one thread for each number."""

from __future__ import annotations

from ..types import Array
from .numba_cuda import device_function


@device_function
def place_of(t: int, images: Array) -> tuple[int, int, int, int]:
    """Return (n, h, w, c) of the t-th number of (N, H, W, C), counted row by row.

    Neighbouring threads get neighbouring channels.
    """
    c, pixel = t % images.shape[3], t // images.shape[3]
    w, row = pixel % images.shape[2], pixel // images.shape[2]
    return row // images.shape[1], row % images.shape[1], w, c
