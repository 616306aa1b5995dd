"""The layers, under Keras's names: each a forward beside its hand-written backward.

Every layer is a class of its own file; `layer.py` is their base, `symbolic.py` what they return while a network is being drawn.
"""

from __future__ import annotations

from tinyseg_kernels.errors import unknown_name

from .activation import Activation, LeakyReLU, ReLU, Softmax
from .batch_normalization import BatchNormalization
from .conv2d import Conv2D
from .conv2d_transpose import Conv2DTranspose
from .dense import Dense
from .depthwise_conv2d import DepthwiseConv2D
from .dropout import Dropout
from .global_pooling2d import GlobalAveragePooling2D, GlobalMaxPooling2D
from .input import Input, InputLayer
from .layer import Layer
from .merging import Add, Concatenate
from .padding2d import Cropping2D, ZeroPadding2D
from .pooling2d import AveragePooling2D, MaxPooling2D
from .reshaping import Flatten, Reshape
from .separable_conv2d import SeparableConv2D
from .symbolic import SymbolicTensor
from .up_sampling2d import UpSampling2D

__all__ = [
    "Activation",
    "Add",
    "AveragePooling2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Conv2DTranspose",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "Input",
    "InputLayer",
    "Layer",
    "LeakyReLU",
    "MaxPooling2D",
    "ReLU",
    "Reshape",
    "SeparableConv2D",
    "Softmax",
    "SymbolicTensor",
    "UpSampling2D",
    "ZeroPadding2D",
]


def __getattr__(name: str) -> type[Layer]:
    """Turn a misspelt layer name into an error that suggests the right one."""
    if name.startswith("_"):
        raise AttributeError(f"module 'tinyseg.layers' has no attribute {name!r}")
    raise AttributeError(str(unknown_name("layer", name, __all__)))
