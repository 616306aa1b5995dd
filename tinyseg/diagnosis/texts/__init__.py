"""What each cause suggests, and a hint: one file per family of operations, and `general` for what they share."""

from __future__ import annotations

from .adam import TEXTS as ADAM
from .augmentation import TEXTS as AUGMENTATION
from .backprop_graph import TEXTS as BACKPROP_GRAPH
from .batch_norm import TEXTS as BATCH_NORM
from .connected_components import TEXTS as CONNECTED_COMPONENTS
from .convolution import TEXTS as CONVOLUTION
from .dense import TEXTS as DENSE
from .dropout import TEXTS as DROPOUT
from .families import FAMILIES, PATTERNS, PATTERNS_BY_NUMBER
from .general import TEXTS as GENERAL
from .gpu import BY_EXERCISE
from .grad_cam import TEXTS as GRAD_CAM
from .im2col import TEXTS as IM2COL
from .mean_absolute_error import TEXTS as MEAN_ABSOLUTE_ERROR
from .otsu import TEXTS as OTSU
from .overlap import TEXTS as OVERLAP
from .pooling import TEXTS as POOLING
from .relu import TEXTS as RELU
from .same_padding import TEXTS as SAME_PADDING
from .sgd_momentum import TEXTS as SGD_MOMENTUM
from .softmax import TEXTS as SOFTMAX
from .threshold import TEXTS as THRESHOLD
from .tiled_prediction import TEXTS as TILED_PREDICTION
from .unet import TEXTS as UNET
from .upsampling import TEXTS as UPSAMPLING
from .windows import TEXTS as WINDOWS
from .winograd import TEXTS as WINOGRAD

BY_OPERATION: dict[str, dict[str, tuple[str, str]]] = {
    "adam": ADAM,
    "augmentation": AUGMENTATION,
    "avg_pool2d": POOLING,
    "backprop_graph": BACKPROP_GRAPH,
    "batch_norm": BATCH_NORM,
    "connected_components": CONNECTED_COMPONENTS,
    "conv2d": CONVOLUTION,
    "conv2d_im2col": {**CONVOLUTION, **IM2COL},
    "conv2d_transpose": CONVOLUTION,
    "dense": DENSE,
    "depthwise_conv2d": CONVOLUTION,
    "dice_loss": OVERLAP,
    "dropout": DROPOUT,
    "grad_cam": GRAD_CAM,
    "max_pool2d": POOLING,
    "mean_absolute_error": MEAN_ABSOLUTE_ERROR,
    "mean_iou": OVERLAP,
    "mean_iou_ignore_class": OVERLAP,
    "otsu_threshold": OTSU,
    "relu": RELU,
    "sgd_momentum": SGD_MOMENTUM,
    "same_padding": SAME_PADDING,
    "softmax": SOFTMAX,
    "softmax_cross_entropy": SOFTMAX,
    "threshold": THRESHOLD,
    "tiled_prediction": TILED_PREDICTION,
    "unet": UNET,
    "upsampling2d": UPSAMPLING,
    **BY_EXERCISE,
    "winograd": WINOGRAD,
}
"""Texts that belong to one operation; they come before the general ones."""

TEXTS = {**GENERAL, **WINDOWS}
"""Texts that operations share."""

__all__ = ["BY_OPERATION", "FAMILIES", "PATTERNS", "PATTERNS_BY_NUMBER", "TEXTS"]
