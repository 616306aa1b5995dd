"""Colours for classes."""

from __future__ import annotations

import colorsys
from typing import TypeAlias

Color: TypeAlias = tuple[int, int, int]

GOLDEN_RATIO = 0.618033988749895


def default_colors(classes: int) -> list[Color]:
    """Return distinct colours: black for class 0, the background; then hues a golden section apart, so that neighbours differ most.

    A class has the same colour whatever the number of classes.
    """
    colors: list[Color] = [(0, 0, 0)]
    for k in range(classes - 1):
        hue = (0.02 + k * GOLDEN_RATIO) % 1.0
        lightness = (0.55, 0.68, 0.42)[k // 7 % 3]
        red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.75)
        colors.append((round(red * 255), round(green * 255), round(blue * 255)))
    return colors[:classes]
