"""Networks with a name, built from layers: for segmentation, and classifiers that published weights fit."""

from __future__ import annotations

from tinyseg.utils.absent import teller

from .blocks import level_widths
from .classifiers import (
    VGG16,
    EfficientNetLite0,
    EfficientNetLite1,
    EfficientNetLite2,
    MobileNetV2,
    MobileNetV3Large,
    MobileNetV3Small,
    ResNet18,
    ResNet34,
    ResNet50,
    SqueezeNet,
)
from .fcn import FCN
from .unet import DECODERS, UNet

__all__ = [
    "DECODERS",
    "FCN",
    "VGG16",
    "EfficientNetLite0",
    "EfficientNetLite1",
    "EfficientNetLite2",
    "MobileNetV2",
    "MobileNetV3Large",
    "MobileNetV3Small",
    "ResNet18",
    "ResNet34",
    "ResNet50",
    "SqueezeNet",
    "UNet",
    "level_widths",
]

__getattr__ = teller("applications", __all__)
