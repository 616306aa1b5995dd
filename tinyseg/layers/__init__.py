"""The layers, under Keras's names: each a forward beside its hand-written backward.

Every layer is a class of its own file; `layer.py` is their base, `symbolic.py` what they return while a network is
being drawn.
"""

from __future__ import annotations

from tinyseg.utils.absent import teller

from .activation import Activation, Softmax
from .arithmetic import (
    Average,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    average,
    maximum,
    minimum,
    multiply,
    subtract,
)
from .batch_normalization import BatchNormalization
from .conv2d import Conv2D
from .conv2d_transpose import Conv2DTranspose
from .dense import Dense
from .depthwise_conv2d import DepthwiseConv2D
from .dropout import Dropout, SpatialDropout2D
from .global_pooling2d import GlobalAveragePooling2D, GlobalMaxPooling2D
from .input import Input, InputLayer
from .lambda_layer import Lambda
from .layer import Layer
from .merging import Add, Concatenate, add, concatenate
from .normalization import GroupNormalization, LayerNormalization
from .padding2d import Cropping2D, ZeroPadding2D
from .pooling2d import AveragePooling2D, MaxPooling2D
from .rectifiers import ELU, LeakyReLU, PReLU, ReLU
from .reshaping import Flatten, Reshape
from .resizing import Rescaling, Resizing
from .separable_conv2d import SeparableConv2D
from .symbolic import SymbolicTensor
from .up_sampling2d import UpSampling2D

# Keras's other names for the same classes.
AvgPool2D, MaxPool2D = AveragePooling2D, MaxPooling2D
GlobalAvgPool2D, GlobalMaxPool2D = GlobalAveragePooling2D, GlobalMaxPooling2D
Convolution2D, Convolution2DTranspose, SeparableConvolution2D = Conv2D, Conv2DTranspose, SeparableConv2D

__all__ = [
    "ELU",
    "Activation",
    "Add",
    "Average",
    "AveragePooling2D",
    "AvgPool2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Input",
    "InputLayer",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPool2D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "Multiply",
    "PReLU",
    "ReLU",
    "Rescaling",
    "Reshape",
    "Resizing",
    "SeparableConv2D",
    "SeparableConvolution2D",
    "Softmax",
    "SpatialDropout2D",
    "Subtract",
    "SymbolicTensor",
    "UpSampling2D",
    "ZeroPadding2D",
    "add",
    "average",
    "concatenate",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]

__getattr__ = teller("layers", __all__)
