"""A view of all windows never reaches beyond its array, whatever it is asked for."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.windows import windows_of

VALUES = (-2, 0, 1, 2, 5, 9)


def addresses(view: np.ndarray) -> tuple[int, int]:
    low, high = np.lib.array_utils.byte_bounds(view)
    return int(low), int(high)


def test_no_geometry_reaches_beyond_the_array() -> None:
    whole = np.arange(2 * 20 * 20 * 3, dtype="f4").reshape(2, 20, 20, 3)
    for images in (whole[:, 7:13, 8:12], whole[:, 12:6:-1, 11:7:-1], whole[:0, 7:13, 8:12], whole[:, 7:7, 8:12]):
        for window, stride, dilation in product(VALUES, repeat=3):
            if min(window, stride, dilation) < 1:
                with pytest.raises(InvalidInput, match=r"windows_of: (window|strides|dilation_rate): expected a pair"):
                    windows_of(images, (window, window), (stride, stride), (dilation, dilation))
                continue
            view = windows_of(images, (window, window), (stride, stride), (dilation, dilation))
            if view.size:
                (low, high), (least, most) = addresses(view), addresses(images)
                assert least <= low < high <= most, (window, stride, dilation)


@pytest.mark.parametrize("name", ["window", "strides", "dilation_rate"])
@pytest.mark.parametrize(
    "value", [None, 2, (2,), (2, 2, 2), (2, -1), (2.0, 2), ("2", 2), "22", (True, 1), (2**70, 1), object()]
)
def test_what_is_no_pair_is_refused(name: str, value: Any) -> None:
    given: dict[str, Any] = {"window": (2, 2), "strides": (1, 1), "dilation_rate": (1, 1), name: value}
    with pytest.raises(InvalidInput, match=f"windows_of: {name}: expected a pair of integers of at least 1"):
        windows_of(np.zeros((1, 4, 4, 1)), **given)


@pytest.mark.parametrize("images", [None, [[1]], np.zeros((4, 4)), np.zeros((1, 1, 4, 4, 1)), "x"])
def test_what_is_no_batch_of_images_is_refused(images: Any) -> None:
    with pytest.raises(InvalidInput, match="windows_of: expected images"):
        windows_of(images, (2, 2), (1, 1))
