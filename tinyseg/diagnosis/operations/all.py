"""All operations by name."""

from __future__ import annotations

from ..operation import Operation
from .adam import Adam
from .batch_norm import BatchNorm
from .convolution import Conv2D, DepthwiseConv2D
from .dense import Dense
from .dropout import Dropout
from .otsu import OtsuThreshold
from .overlap import DiceLoss, MeanIoU
from .pooling import AvgPool2D, MaxPool2D
from .relu import Relu
from .softmax import Softmax, SoftmaxCrossEntropy
from .transposed import Conv2DTranspose
from .upsampling import UpSampling2D

OPERATIONS: dict[str, type[Operation]] = {
    kind.name: kind
    for kind in (
        Conv2D,
        DepthwiseConv2D,
        Conv2DTranspose,
        MaxPool2D,
        AvgPool2D,
        Dense,
        Softmax,
        SoftmaxCrossEntropy,
        Relu,
        BatchNorm,
        UpSampling2D,
        Dropout,
        Adam,
        MeanIoU,
        DiceLoss,
        OtsuThreshold,
    )
}
