"""Classifiers with published weights, one network a file."""

from __future__ import annotations

from .efficientnet_lite import EFFICIENTNET_LITE, EfficientNetLite0, EfficientNetLite1, EfficientNetLite2
from .known import Known
from .mobilenet_v2 import MOBILENET_V2, MobileNetV2
from .mobilenet_v3 import MOBILENET_V3_LARGE, MOBILENET_V3_SMALL, MobileNetV3Large, MobileNetV3Small
from .resnet import RESNET18, RESNET34, RESNET50, ResNet18, ResNet34, ResNet50
from .squeezenet import SQUEEZENET, SqueezeNet
from .vgg16 import VGG16, VGG16_KNOWN

KNOWN: dict[str, Known] = {
    known.name: known
    for known in (
        VGG16_KNOWN, RESNET18, RESNET34, RESNET50, MOBILENET_V2, MOBILENET_V3_SMALL, MOBILENET_V3_LARGE,
        *EFFICIENTNET_LITE, *SQUEEZENET.values(),
    )
}  # fmt: skip
"""Networks by the names that encoders have."""

__all__ = [
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
]  # fmt: skip
