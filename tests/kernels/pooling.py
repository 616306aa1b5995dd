"""The geometries and the mistakes that both poolings are tested on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from tinyseg_kernels.types import Array

from tests.kernels.case import Case, distinct

MISTAKES = [
    ((5, 6, 2), {}, r"expected x of shape \(N, H, W, C\), that is 4 axes, got shape \(5, 6, 2\)"),
    ((1, 5, 6, 2), {"pool_size": 0}, "pool_size: expected an integer or a pair .* at least 1, got 0"),
    ((1, 5, 6, 2), {"strides": (2, -1)}, r"strides: .* at least 1, got \(2, -1\)"),
    ((1, 5, 6, 2), {"padding": "full"}, "padding: expected 'valid', 'same' or .* got 'full'"),
    ((1, 5, 6, 2), {"padding": ((-1, 0), (0, 0))}, r"padding: expected .* got \(\(-1, 0\), \(0, 0\)\)"),
    ((1, 2, 6, 2), {}, r"window \(3, 2\) is larger than the image of 2 x 6 pixels with padding 'valid'"),
    ((1, 5, 6, 2), {"padding": ((0, 0), (2, 0))}, r"padding .* a window \(3, 2\) lies wholly outside the image"),
]
"""(shape of x, options, what the text says)"""


def make_cases(
    forward: Callable[..., tuple[Array, Any]], backward: Callable[..., Array], reference: Callable[..., jax.Array]
) -> tuple[Case, ...]:
    """Return the cases of a pooling."""

    def case(name: str, x: tuple[int, ...], *, scattered: bool = False, **options: Any) -> Case:
        return Case(name, forward, backward, reference, {"x": x}, options, distinct, scattered=scattered)

    return (
        case("one-pixel", (1, 1, 1, 1), pool_size=1),
        case("halving", (2, 4, 6, 3), pool_size=2),
        case("unused-border", (2, 5, 7, 2), pool_size=(2, 3)),
        case("window-is-image", (2, 3, 4, 2), pool_size=(3, 4)),
        case("overlap", (2, 6, 7, 2), pool_size=3, strides=(1, 2)),
        case("gaps", (2, 9, 8, 1), pool_size=(2, 1), strides=(4, 3)),
        case("same", (2, 5, 7, 2), pool_size=2, padding="same"),
        case("same-stride-1", (1, 4, 5, 2), pool_size=3, strides=1, padding="same"),
        case("same-even-stride-1", (1, 4, 5, 2), pool_size=(2, 4), strides=1, padding="same"),
        case("same-overlap", (2, 7, 8, 2), pool_size=(3, 4), strides=(2, 3), padding="same"),
        case("same-larger-than-image", (2, 2, 3, 2), pool_size=(5, 4), strides=2, padding="same"),
        case("same-gaps", (1, 9, 8, 2), pool_size=2, strides=(4, 3), padding="same"),
        case("explicit-lopsided", (2, 4, 5, 2), pool_size=(3, 2), strides=1, padding=((2, 0), (0, 1))),
        case("explicit-strided", (1, 5, 6, 2), pool_size=(3, 3), strides=(3, 2), padding=((0, 2), (2, 1))),
        # More positions than fit into a byte.
        case("large-window", (1, 19, 18, 1), pool_size=(17, 16), strides=(1, 2)),
        case("scattered", (2, 5, 6, 3), pool_size=2, padding="same", scattered=True),
        case("scattered-overlap", (2, 6, 7, 2), pool_size=3, strides=2, scattered=True),
    )
