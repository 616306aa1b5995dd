"""Networks with a name, built from layers."""

from __future__ import annotations

from .fcn import FCN
from .unet import UNet

__all__ = ["FCN", "UNet"]
