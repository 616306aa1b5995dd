"""All cases by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tinyseg_kernels.errors import unknown_name

from ..common.networks import NetworkCase
from . import convolutions, images, networks, optimizers, pointwise
from .case import Operation
from .peers import COURSE, Peer
from .sizes import growth_case

QUICK = (
    "conv2d 3x3 8x128x128x16 -> 16",
    "conv2d 3x3 8x64x64x64 -> 64",
    "conv2d 3x3 8x32x32x128 -> 128",
    "conv2d 1x1 8x64x64x64 -> 64",
    "depthwise",
    "transposed",
    "max pool 2x2",
    "batch norm",
    "relu",
    "softmax",
    "U-Net base 16 depth 3,",
    "U-Net base 32 depth 4,",
    "the article's network, 8x",
)
"""Beginnings of the names that `--quick` measures."""


@cache
def operations(tiny: bool) -> dict[str, Operation]:
    """Return the operations by name."""
    modules = (convolutions, images, pointwise, optimizers)
    return {case.name: case for module in modules for case in module.cases(tiny)}


@cache
def network_cases(tiny: bool) -> dict[str, NetworkCase]:
    """Return the networks by name."""
    return {case.name: case for case in networks.cases(tiny)}


def find(name: str, tiny: bool) -> Operation | NetworkCase:
    """Return a case by its name."""
    if name.startswith("growth "):
        return growth_case(name)
    networks_by_name = network_cases(tiny)
    if name in networks_by_name:  # without the operations: to know the shapes of Adam's, a network of 400 MB is built
        return networks_by_name[name]
    known = {**operations(tiny), **networks_by_name}
    if name not in known:
        raise unknown_name("case", name, list(known))
    return known[name]


def takes_part(peer: Peer, name: str, tiny: bool) -> bool:
    """Return whether a case is written for a peer: courses teach neither all operations nor separable networks."""
    case = find(name, tiny)
    if isinstance(case, NetworkCase):
        return peer is not COURSE or not case.name.startswith("separable")
    if peer.module == "side_tensorflow":
        return case.tensorflow is not None
    return peer is not COURSE or case.course is not None


def chosen(names: Sequence[str], words: Sequence[str], quick: bool) -> list[str]:
    """Return the names that contain one of the words (no words: all), and for `quick` those of the short list."""
    found = [name for name in names if not words or any(word.lower() in name.lower() for word in words)]
    return [name for name in found if not quick or name.startswith(QUICK)]
