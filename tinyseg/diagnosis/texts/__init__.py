"""What each cause suggests, and a hint: one file per family of operations, and `general` for what they share."""

from __future__ import annotations

from .adam import TEXTS as ADAM
from .batch_norm import TEXTS as BATCH_NORM
from .convolution import TEXTS as CONVOLUTION
from .dense import TEXTS as DENSE
from .dropout import TEXTS as DROPOUT
from .families import FAMILIES, PATTERNS, PATTERNS_BY_NUMBER
from .general import TEXTS as GENERAL
from .im2col import TEXTS as IM2COL
from .otsu import TEXTS as OTSU
from .overlap import TEXTS as OVERLAP
from .pooling import TEXTS as POOLING
from .relu import TEXTS as RELU
from .same_padding import TEXTS as SAME_PADDING
from .softmax import TEXTS as SOFTMAX
from .upsampling import TEXTS as UPSAMPLING
from .windows import TEXTS as WINDOWS
from .winograd import TEXTS as WINOGRAD

BY_OPERATION: dict[str, dict[str, tuple[str, str]]] = {
    "adam": ADAM,
    "avg_pool2d": POOLING,
    "batch_norm": BATCH_NORM,
    "conv2d": CONVOLUTION,
    "conv2d_im2col": {**CONVOLUTION, **IM2COL},
    "conv2d_transpose": CONVOLUTION,
    "dense": DENSE,
    "depthwise_conv2d": CONVOLUTION,
    "dice_loss": OVERLAP,
    "dropout": DROPOUT,
    "max_pool2d": POOLING,
    "mean_iou": OVERLAP,
    "otsu_threshold": OTSU,
    "relu": RELU,
    "same_padding": SAME_PADDING,
    "softmax": SOFTMAX,
    "softmax_cross_entropy": SOFTMAX,
    "upsampling2d": UPSAMPLING,
    "winograd": WINOGRAD,
}
"""Texts that belong to one operation; they come before the general ones."""

TEXTS = {**GENERAL, **WINDOWS}
"""Texts that operations share."""

__all__ = ["BY_OPERATION", "FAMILIES", "PATTERNS", "PATTERNS_BY_NUMBER", "TEXTS"]
