"""All operations by name."""

from __future__ import annotations

from ..operation import Operation
from .adam import Adam
from .augmentation import Augmentation
from .avg_pooling import AvgPool2D
from .backprop_graph import BackpropGraph
from .batch_norm import BatchNorm
from .connected_components import ConnectedComponents
from .convolution import Conv2D
from .cross_entropy import SoftmaxCrossEntropy
from .dense import Dense
from .depthwise import DepthwiseConv2D
from .dice_loss import DiceLoss
from .dropout import Dropout
from .grad_cam import GradCam
from .max_pooling import MaxPool2D
from .mean_absolute_error import MeanAbsoluteError
from .mean_iou import MeanIoU
from .mean_iou_ignore_class import MeanIoUIgnoreClass
from .otsu import OtsuThreshold
from .relu import Relu
from .same_padding import SamePadding
from .sgd_momentum import SgdMomentum
from .softmax import Softmax
from .threshold import Threshold
from .tiled_prediction import TiledPrediction
from .transposed import Conv2DTranspose
from .unet import UNet
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
        MeanAbsoluteError,
        SgdMomentum,
        Threshold,
        ConnectedComponents,
        BackpropGraph,
        MeanIoUIgnoreClass,
        GradCam,
        TiledPrediction,
        UNet,
        Augmentation,
        SamePadding,
        Winograd,
    )
}
