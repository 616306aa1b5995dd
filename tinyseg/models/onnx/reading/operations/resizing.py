"""Resize and Upsample: by whole factors UpSampling2D, else Resizing. What a mode means is compared in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.types import Array

from ..files import Node
from ..values import Reading, Refused, Value, constant, integers
from .table import reads

LONGEST = 1 << 14
MODES = {"nearest": "nearest", "linear": "bilinear", "bilinear": "bilinear"}


@reads("Resize", "Upsample")
def resize(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Enlarge or shrink height and width."""
    x = reading.image(inputs[0])  # type: ignore[arg-type]
    mode = node.attributes.get("mode", "nearest")
    if mode not in MODES:
        raise Refused(f"mode {mode!r}: there are 'nearest' and 'linear'")
    for key in ("antialias", "exclude_outside"):
        if node.attributes.get(key):
            raise Refused(f"{key}: needs a layer that resizes so")
    sizes, scales = _asked(reading, node, inputs, x.shape)
    new = (sizes[2], sizes[3])
    if sizes[:2] != list(x.shape[:2]) or max(new) > LONGEST or min(new) < 1:
        raise Refused(f"from shape {x.shape} to {sizes}: only height and width can be changed")
    old = (x.shape[2], x.shape[3])
    wanted = [_asked_axis(node, n, m, scales[2 + k], mode) for k, (n, m) in enumerate(zip(old, new, strict=True))]
    if all(n == m and _agree(w, _own(n, m, mode)) for n, m, w in zip(old, new, wanted, strict=True)):
        return x
    if not all(_agree(w, _own(n, m, mode)) for n, m, w in zip(old, new, wanted, strict=True)):
        how = node.attributes.get("coordinate_transformation_mode", "half_pixel")
        raise Refused(
            f"mode {mode!r} with coordinates {how!r}: needs a layer that resizes so; those here have half-pixel "
            f"centres and go from {old} to {new} by the ratio of the sizes"
        )
    if all(m % n == 0 for n, m in zip(old, new, strict=True)):
        factors = (new[0] // old[0], new[1] // old[1])
        return reading.add("UpSampling2D", {"size": factors, "interpolation": MODES[mode]}, x)
    return reading.add("Resizing", {"height": new[0], "width": new[1], "interpolation": MODES[mode]}, x)


def _asked(
    reading: Reading, node: Node, inputs: Sequence[Value | None], shape: tuple[int, ...]
) -> tuple[list[int], list[float]]:
    """Return the new sizes and the factors."""
    given = list(inputs[1:])
    if node.operation == "Resize" and reading.opset >= 11:
        given = given[1:]  # the region of interest is for a mode that is not read
    scales = given[0] if given else None
    sizes = given[1] if len(given) > 1 else None
    axes = node.attributes.get("axes") or list(range(len(shape)))
    if sizes is not None:
        if node.attributes.get("keep_aspect_ratio_policy", "stretch") != "stretch":
            raise Refused("keep_aspect_ratio_policy: needs the sizes themselves")
        wanted = integers(sizes, "sizes")
        if len(wanted) != len(axes):
            raise Refused(f"sizes {wanted} for the axes {axes}")
        whole = list(shape)
        for axis, n in zip(axes, wanted, strict=True):
            whole[axis] = n
        return whole, [m / n for n, m in zip(shape, whole, strict=True)]
    numbers = node.attributes.get("scales") if scales is None else constant(scales, "scales").reshape(-1)
    if numbers is None or len(numbers) != len(axes):
        raise Refused(f"factors {numbers} for the axes {axes}")
    factors = [1.0] * len(shape)
    for axis, factor in zip(axes, numbers, strict=True):
        factors[axis] = float(factor)
    if not all(0 < factor < LONGEST for factor in factors):
        raise Refused(f"factors {factors}")
    return [int(np.floor(n * factor + 1e-6)) for n, factor in zip(shape, factors, strict=True)], factors


Weights = tuple[Array, Array, Array]
"""For each output of an axis: the first input that it sees, the second, and the share of the second."""


def _asked_axis(node: Node, n: int, m: int, factor: float, mode: str) -> Weights:
    """Work out an axis as the file asks for it."""
    if node.operation == "Upsample":
        how, rounding = "asymmetric", "floor"
    else:
        how = node.attributes.get("coordinate_transformation_mode", "half_pixel")
        rounding = node.attributes.get("nearest_mode", "round_prefer_floor")
    o = np.arange(m, dtype=np.float64)
    if how == "half_pixel" or (how == "pytorch_half_pixel" and m > 1):
        x = (o + 0.5) / factor - 0.5
    elif how == "pytorch_half_pixel":
        x = np.zeros(m)
    elif how == "asymmetric":
        x = o / factor
    elif how == "align_corners":
        x = o * (n - 1) / max(m - 1, 1)
    elif how == "tf_half_pixel_for_nn":
        x = (o + 0.5) / factor
    elif how == "half_pixel_symmetric":
        x = (n / 2) * (1 - m / (n * factor)) + (o + 0.5) / factor - 0.5
    else:
        raise Refused(f"coordinates {how!r}")
    if mode == "nearest":
        rounded = {
            "floor": np.floor(x + 1e-9), "ceil": np.ceil(x - 1e-9),
            "round_prefer_floor": np.ceil(x - 0.5 - 1e-9), "round_prefer_ceil": np.floor(x + 0.5 + 1e-9),
        }.get(rounding)  # fmt: skip
        if rounded is None:
            raise Refused(f"nearest_mode {rounding!r}")
        place = np.clip(rounded, 0, n - 1).astype(np.int64)
        return place, place, np.zeros(m)
    return _blend(x, n)


def _own(n: int, m: int, mode: str) -> Weights:
    """Work out an axis as the layers do: half-pixel centres, and for 'nearest' the input below each output's."""
    o = np.arange(m, dtype=np.float64)
    if mode == "nearest":
        place = np.minimum(np.floor((o + 0.5) * n / m + 1e-9), n - 1).astype(np.int64)
        return place, place, np.zeros(m)
    return _blend((o + 0.5) * n / m - 0.5, n)


def _blend(x: Array, n: int) -> Weights:
    below = np.floor(x)
    first = np.clip(below, 0, n - 1).astype(np.int64)
    second = np.clip(below + 1, 0, n - 1).astype(np.int64)
    return first, second, x - below


def _agree(a: Weights, b: Weights) -> bool:
    """Return whether two ways see the same inputs with the same weights, compared on numbers without a pattern."""
    values = np.random.default_rng(0).standard_normal(int(max(a[1].max(), b[1].max())) + 1)
    first, second = ((1 - w[2]) * values[w[0]] + w[2] * values[w[1]] for w in (a, b))
    return bool(np.allclose(first, second, atol=1e-6))
