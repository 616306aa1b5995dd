"""Colours for classes."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from itertools import product
from typing import TypeAlias

Color: TypeAlias = tuple[int, int, int]

GOLDEN_RATIO = 0.618033988749895
GREY: Color = (128, 128, 128)
DISTINCT = 60
"""How far apart two colours are, in steps of red, green and blue together, that nobody takes for one another."""


def default_colors(classes: int) -> list[Color]:
    """Return distinct colours, black for class 0, the background.

    The others are hues a golden section apart, so that neighbours differ most.

    A class has the same colour whatever the number of classes.

    Example:
        >>> from tinyseg.datasets import default_colors
        >>> default_colors(3)[0], len(set(default_colors(3)))
        ((0, 0, 0), 3)
    """
    colors: list[Color] = [(0, 0, 0)]
    for k in range(classes - 1):
        hue = (0.02 + k * GOLDEN_RATIO) % 1.0
        lightness = (0.55, 0.68, 0.42)[k // 7 % 3]
        red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.75)
        colors.append((round(red * 255), round(green * 255), round(blue * 255)))
    return colors[:classes]


def void_color(colors: Sequence[Color]) -> Color:
    """Return a colour for void that no class has.

    Mid-grey, or white, or magenta, else the one that is farthest from the colours of all classes.
    """
    candidates = [GREY, (255, 255, 255), (255, 0, 255), *product(range(0, 256, 17), repeat=3)]

    def distance(color: Sequence[int]) -> int:
        return min((sum(abs(a - b) for a, b in zip(color, other, strict=True)) for other in colors), default=DISTINCT)

    far = next((color for color in candidates[:3] if distance(color) >= DISTINCT), None)
    red, green, blue = far or max(candidates, key=distance)
    return red, green, blue
