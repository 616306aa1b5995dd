"""All operations by name."""

from __future__ import annotations

from ..operation import Operation
from .adam import Adam
from .avg_pooling import AvgPool2D
from .batch_norm import BatchNorm
from .convolution import Conv2D, DepthwiseConv2D
from .cross_entropy import SoftmaxCrossEntropy
from .dense import Dense
from .dice_loss import DiceLoss
from .dropout import Dropout
from .max_pooling import MaxPool2D
from .mean_iou import MeanIoU
from .otsu import OtsuThreshold
from .relu import Relu
from .same_padding import SamePadding
from .softmax import Softmax
from .transposed import Conv2DTranspose
from .upsampling import UpSampling2D
from .winograd import Winograd

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
        SamePadding,
        Winograd,
    )
}
