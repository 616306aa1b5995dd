"""Enlarging and shrinking."""

from __future__ import annotations

from tinyseg.layers.up_sampling2d import UpSampling2D

from ..drawing import Drawing, Value
from .table import nodes_for


@nodes_for(UpSampling2D)
def up_sampling2d(d: Drawing, layer: UpSampling2D, x: Value) -> Value:
    """Resize by whole factors.

    'nearest' repeats each pixel: output o takes input floor(o / factor). The others have half-pixel centres.
    """
    x = d.first(x)
    scales = d.constant([1.0, 1.0, *map(float, layer.size)], "scales")
    if layer.interpolation == "nearest":
        how: dict[str, str] = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return d.apply("Resize", x, "", scales, mode="nearest", **how)
    return d.apply("Resize", x, "", scales, mode="linear", coordinate_transformation_mode="half_pixel")
