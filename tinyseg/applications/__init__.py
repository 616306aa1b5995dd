"""Networks with a name, built from layers."""

from __future__ import annotations

from tinyseg.utils.absent import teller

from .blocks import level_widths
from .fcn import FCN
from .unet import DECODERS, UNet

__all__ = ["DECODERS", "FCN", "UNet", "level_widths"]

__getattr__ = teller("applications", __all__)
