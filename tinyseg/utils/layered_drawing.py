"""Places for the nodes of a graph that runs one way: in rows, each after those that it takes from.

A row is the length of the longest way to a node. An edge over several rows gets a place in each of them, as if it went
through nodes, so that no node lies on it. The order within the rows follows the neighbours' (barycentres), and then
each row moves as near to its neighbours as the widths allow: least squares with fixed distances at least, which is an
isotonic regression.

Source: Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures", 1981.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SWEEPS = 24
"""How often the rows look at their neighbours."""


@dataclass
class Place:
    """A node, or a bend of an edge, in its row."""

    row: int
    width: float
    is_bend: bool
    centre: float = 0.0
    above: list[Place] = field(default_factory=list, repr=False)
    below: list[Place] = field(default_factory=list, repr=False)


def placed(
    widths: Sequence[float], edges: Sequence[tuple[int, int]], gap: float
) -> tuple[list[Place], list[list[Place]]]:
    """Place the nodes.

    Args:
        widths: Of the nodes, which are in an order in which each stands after those that it takes from.
        edges: (from, to).
        gap: Between two nodes of a row.

    Returns:
        The node's places, and for each edge the places that it goes through, its ends included.
    """
    rows_of = [0] * len(widths)
    for start, end in sorted(edges, key=lambda edge: edge[1]):
        rows_of[end] = max(rows_of[end], rows_of[start] + 1)
    nodes = [Place(row, width, False) for row, width in zip(rows_of, widths, strict=True)]
    rows: list[list[Place]] = [[] for _ in range(max(rows_of, default=-1) + 1)]
    for node in nodes:
        rows[node.row].append(node)
    ways = []
    for start, end in edges:
        bends = [Place(row, gap / 2, True) for row in range(rows_of[start] + 1, rows_of[end])]
        way = [nodes[start], *bends, nodes[end]]
        for upper, lower in pairwise(way):
            upper.below.append(lower)
            lower.above.append(upper)
        for bend in bends:
            rows[bend.row].append(bend)
        ways.append(way)
    for row in rows:
        _spread(row, gap)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else rows[::-1]:
            wanted = [_wanted(place, place.above if down else place.below) for place in row]
            if sweep < SWEEPS // 2:
                order = sorted(range(len(row)), key=wanted.__getitem__)
                row[:], wanted = [row[k] for k in order], [wanted[k] for k in order]
            _move(row, wanted, gap)
    return nodes, ways


def _spread(row: list[Place], gap: float) -> None:
    """Put a row's places side by side."""
    at = 0.0
    for place in row:
        place.centre = at + place.width / 2
        at += place.width + gap


def _wanted(place: Place, neighbours: list[Place]) -> float:
    """Return where a place would like to be: below a bend's own bend, or amid its neighbours."""
    if not neighbours:
        return place.centre
    return sum(other.centre for other in neighbours) / len(neighbours)


def _move(row: list[Place], wanted: list[float], gap: float) -> None:
    """Move a row as near as possible to where its places want to be, in their order and without overlap."""
    offsets, at = [], 0.0
    for k, place in enumerate(row):
        at += 0.0 if k == 0 else (row[k - 1].width + place.width) / 2 + gap
        offsets.append(at)
    blocks: list[tuple[float, float, int]] = []  # mean, weight, count: of places that move together
    for place, target, offset in zip(row, wanted, offsets, strict=True):
        block = (target - offset, 3.0 if place.is_bend else 1.0, 1)  # a bend that stays straight is easier to follow
        while blocks and blocks[-1][0] >= block[0]:
            mean, weight, count = blocks.pop()
            total = weight + block[1]
            block = ((mean * weight + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    k = 0
    for mean, _, count in blocks:
        for _ in range(count):
            row[k].centre = mean + offsets[k]
            k += 1
