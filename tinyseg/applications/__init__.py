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
from .classifiers.decoding import decode_predictions
from .deeplab import DeepLabV3Plus
from .encoders import ENCODERS, encoder
from .fcn import FCN
from .fcn8s import FCN8s
from .fpn import FPN
from .lraspp import LRASPP
from .segnet import SegNet
from .unet import DECODERS, UNet

__all__ = [
    "DECODERS",
    "ENCODERS",
    "FCN",
    "FPN",
    "LRASPP",
    "VGG16",
    "DeepLabV3Plus",
    "EfficientNetLite0",
    "EfficientNetLite1",
    "EfficientNetLite2",
    "FCN8s",
    "MobileNetV2",
    "MobileNetV3Large",
    "MobileNetV3Small",
    "ResNet18",
    "ResNet34",
    "ResNet50",
    "SegNet",
    "SqueezeNet",
    "UNet",
    "decode_predictions",
    "encoder",
    "level_widths",
]

__getattr__ = teller("applications", __all__)
