"""The networks of `growth`: one U-Net in many sizes."""

from __future__ import annotations

from ..common.networks import NetworkCase, unet

BASE, DEPTH, EDGE, BATCH = 16, 3, 64, 1


def growth_name(axis: str, value: int) -> str:
    """Return the name of a case of `growth_case`."""
    return f"growth {axis} {value}"


def growth_case(name: str) -> NetworkCase:
    """Return the network of a name."""
    _, axis, value = name.split()
    size, base = (int(value), BASE) if axis == "size" else (EDGE, int(value))
    return unet(BATCH, size, base, DEPTH)
