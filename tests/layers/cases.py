"""The layers under test: class, arguments and input shape. Keras's layer of the same name takes the same arguments."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tinyseg import layers
from tinyseg.layers import Layer

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """One layer with arguments, for inputs of one shape (a list of shapes for layers with several inputs)."""

    name: str
    arguments: dict[str, Any]
    shape: Shape | list[Shape]
    keras: bool = True
    """Whether Keras has these arguments too."""

    def __str__(self) -> str:
        """Name the case in the test's id."""
        told = "-".join(f"{key}={value}".replace(" ", "") for key, value in self.arguments.items())
        return f"{self.name}-{told}-{'x'.join(map(str, self.shapes[0]))}"

    @property
    def shapes(self) -> list[Shape]:
        """The inputs' shapes, one or several."""
        return self.shape if isinstance(self.shape, list) else [self.shape]

    @cached_property
    def seed(self) -> int:
        """A seed of this case's own."""
        return zlib.crc32(str(self).encode())

    def layer(self, dtype: str = "float64", **common: Any) -> Layer:
        """Make the layer, built, with random numbers in all its weights (no bias of 0, no scale of 1)."""
        layer: Layer = getattr(layers, self.name)(**self.arguments, dtype=dtype, **common)
        layer.ensure_built(self.shapes, dtype)
        randomise(layer, self.seed)
        return layer

    def inputs(self, dtype: str = "float64") -> Any:
        """Draw the input, or the list of inputs."""
        rng = np.random.default_rng(self.seed + 1)
        drawn = [rng.standard_normal(shape).astype(dtype) for shape in self.shapes]
        return drawn if isinstance(self.shape, list) else drawn[0]

    def upstream(self, shape: Shape, dtype: str = "float64") -> np.ndarray:
        """Draw a gradient of the output."""
        return np.random.default_rng(self.seed + 2).standard_normal(shape).astype(dtype)


def randomise(layer: Layer, seed: int) -> None:
    """Fill parameters and floating-point state with random numbers; a variance stays positive."""
    rng = np.random.default_rng(seed)
    for name, array in [*layer.parameters.items(), *layer.state.items()]:
        if array.dtype.kind == "f":
            array[...] = rng.uniform(0.3, 2.0, array.shape) if "variance" in name else rng.normal(0.2, 0.6, array.shape)


IMAGE: Shape = (2, 7, 5, 3)

FROM_TABLE = (
    "celu", "elu", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "log_sigmoid", "mish", "relu6",
    "selu", "silu", "soft_shrink", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus",
    "tanh_shrink",
)  # fmt: skip
"""Activations that Keras takes by name and that come from the table of the kernels."""

CASES = [
    Case("Conv2D", {"filters": 4, "kernel_size": 3}, IMAGE),
    Case("Conv2D", {"filters": 2, "kernel_size": (2, 4), "padding": "same", "activation": "tanh"}, (2, 6, 9, 3)),
    Case("Conv2D", {"filters": 3, "kernel_size": (3, 2), "strides": (2, 3), "padding": "same"}, (1, 8, 7, 1)),
    Case("Conv2D", {"filters": 2, "kernel_size": 2, "strides": 3, "use_bias": False}, (2, 9, 8, 2)),
    Case("Conv2D", {"filters": 2, "kernel_size": 3, "dilation_rate": (2, 1), "activation": "relu"}, (2, 8, 6, 2)),
    Case("Conv2D", {"filters": 2, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}, (1, 6, 7, 2)),
    Case("Conv2D", {"filters": 3, "kernel_size": 1, "activation": "softmax"}, (2, 4, 3, 4)),
    Case("Conv2D", {"filters": 2, "kernel_size": 3, "padding": ((0, 2), (1, 0))}, IMAGE, keras=False),
    Case("Conv2D", {"filters": 6, "kernel_size": (3, 2), "groups": 2, "activation": "relu"}, (2, 6, 5, 4)),
    Case("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 3, "strides": 2, "padding": "same"}, (1, 7, 6, 3)),
    Case("Conv2DTranspose", {"filters": 4, "kernel_size": 2, "strides": 2}, (2, 3, 4, 3)),
    Case("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}, (2, 4, 3, 3)),
    Case("Conv2DTranspose", {"filters": 2, "kernel_size": (4, 3), "strides": (3, 2), "activation": "sigmoid"}, IMAGE),
    Case("Conv2DTranspose", {"filters": 2, "kernel_size": (1, 2), "strides": (3, 3)}, (1, 3, 4, 1)),
    Case("Conv2DTranspose", {"filters": 2, "kernel_size": 1, "strides": 3, "padding": "same"}, (1, 3, 4, 2)),
    Case("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "dilation_rate": 2, "use_bias": False}, (2, 4, 5, 2)),
    Case("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": (2, 3), "output_padding": (1, 2)}, IMAGE),
    Case(
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": (3, 4), "strides": 2, "padding": "same", "output_padding": (0, 1)},
        (1, 3, 4, 2),
    ),
    Case("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2, "activation": "leaky_relu"}, IMAGE),
    Case("DepthwiseConv2D", {"kernel_size": (2, 4), "padding": "same", "use_bias": False}, (1, 6, 7, 4)),
    Case("DepthwiseConv2D", {"kernel_size": 2, "strides": 2, "padding": "same"}, (2, 7, 5, 2)),
    Case("SeparableConv2D", {"filters": 4, "kernel_size": 3, "depth_multiplier": 2}, IMAGE),
    Case(
        "SeparableConv2D",
        {"filters": 2, "kernel_size": 2, "strides": 2, "padding": "same", "activation": "relu"},
        IMAGE,
    ),
    Case("SeparableConv2D", {"filters": 3, "kernel_size": 3, "dilation_rate": 2, "use_bias": False}, (2, 7, 6, 2)),
    Case("Dense", {"units": 4}, (5, 3)),
    Case("Dense", {"units": 3, "activation": "softmax", "use_bias": False}, (4, 6)),
    Case("Dense", {"units": 2, "activation": "relu"}, (2, 3, 4, 5)),
    Case("BatchNormalization", {}, (3, 4, 5, 3)),
    Case("BatchNormalization", {"momentum": 0.7, "epsilon": 0.1, "scale": False}, (6, 4)),
    Case("BatchNormalization", {"center": False}, (2, 3, 3, 1)),
    Case("LayerNormalization", {}, (2, 3, 4, 5)),
    Case("LayerNormalization", {"axis": [1, 3], "epsilon": 0.1}, (2, 3, 4, 2)),
    Case("LayerNormalization", {"scale": False}, (4, 6)),
    Case("GroupNormalization", {"groups": 2}, (2, 3, 5, 4)),
    Case("GroupNormalization", {"groups": -1, "epsilon": 0.1, "center": False}, (1, 3, 4, 3)),
    Case("GroupNormalization", {"groups": 1, "scale": False}, (3, 6)),
    Case("SpatialDropout2D", {"rate": 0.4, "seed": 11}, (3, 4, 5, 8)),
    Case("Rescaling", {"scale": 0.3, "offset": -0.7}, IMAGE),
    Case("Rescaling", {"scale": [0.3, -2.0, 1.0]}, IMAGE),
    *(
        Case("Resizing", {"height": height, "width": 4, "interpolation": name, "antialias": antialias}, IMAGE)
        for name in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
        for height, antialias in ((3, False), (11, True))
    ),
    Case("Resizing", {"height": 3, "width": 9, "interpolation": "bicubic", "antialias": True}, (1, 8, 5, 1)),
    Case("Dropout", {"rate": 0.4, "seed": 11}, (3, 4, 5, 2)),
    Case("Activation", {"activation": "tanh"}, (2, 3, 4)),
    Case("Activation", {"activation": "leaky_relu"}, IMAGE),
    *(Case("Activation", {"activation": name}, IMAGE) for name in FROM_TABLE),
    Case("Activation", {"activation": "exponential"}, (2, 3)),
    Case("ReLU", {}, IMAGE),
    Case("ReLU", {"max_value": 6}, IMAGE),
    Case("ReLU", {"max_value": 0.5, "negative_slope": 0.2}, IMAGE),
    Case("ReLU", {"negative_slope": 0.1}, IMAGE),
    Case("ReLU", {"max_value": 1.5, "negative_slope": 0.3, "threshold": 0.4}, IMAGE),
    Case("PReLU", {}, IMAGE),
    Case("PReLU", {"shared_axes": [1, 2]}, IMAGE),
    Case("ELU", {"alpha": 0.7}, IMAGE),
    Case("LeakyReLU", {"negative_slope": 0.15}, IMAGE),
    Case("Softmax", {}, IMAGE),
    Case("Softmax", {"axis": 1}, (2, 5, 4)),
    Case("MaxPooling2D", {}, (2, 6, 5, 3)),
    Case("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, (2, 7, 6, 2)),
    Case("MaxPooling2D", {"pool_size": (2, 3), "strides": (1, 4)}, (1, 5, 8, 1)),
    Case("MaxPooling2D", {"pool_size": 3, "padding": ((1, 0), (0, 2))}, IMAGE, keras=False),
    Case("MaxUnpooling2D", {}, [(2, 3, 2, 3), (2, 6, 5, 3)], keras=False),
    Case("MaxUnpooling2D", {"pool_size": (2, 3)}, [(1, 2, 2, 1), (1, 5, 8, 1)], keras=False),
    Case("AveragePooling2D", {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}, (2, 7, 5, 3)),
    Case("AveragePooling2D", {"pool_size": 2}, (2, 5, 6, 2)),
    Case("GlobalMaxPooling2D", {}, IMAGE),
    Case("GlobalMaxPooling2D", {"keepdims": True}, IMAGE),
    Case("GlobalAveragePooling2D", {}, IMAGE),
    Case("GlobalAveragePooling2D", {"keepdims": True}, (1, 3, 4, 1)),
    Case("UpSampling2D", {"size": (2, 3)}, (2, 3, 4, 2)),
    Case("UpSampling2D", {"size": 2, "interpolation": "bilinear"}, (2, 3, 5, 2)),
    Case("UpSampling2D", {"size": (3, 1), "interpolation": "bilinear"}, (1, 4, 3, 1)),
    Case("UpSampling2D", {"size": (2, 3), "interpolation": "bicubic"}, (2, 3, 5, 2)),
    Case("UpSampling2D", {"size": (1, 2), "interpolation": "lanczos3"}, (1, 4, 3, 1)),
    Case("ZeroPadding2D", {"padding": ((0, 2), (3, 1))}, IMAGE),
    Case("ZeroPadding2D", {"padding": (1, 2)}, IMAGE),
    Case("Cropping2D", {"cropping": ((0, 2), (1, 1))}, IMAGE),
    Case("Cropping2D", {"cropping": 1}, IMAGE),
    Case("Flatten", {}, IMAGE),
    Case("Reshape", {"target_shape": (5, -1)}, (2, 4, 5, 3)),
    Case("Concatenate", {}, [(2, 3, 4, 1), (2, 3, 4, 3), (2, 3, 4, 2)]),
    Case("Concatenate", {"axis": 1}, [(2, 1, 4), (2, 3, 4)]),
    Case("Add", {}, [IMAGE, IMAGE, IMAGE]),
    Case("Add", {}, [(2, 1, 1, 3), IMAGE, (2, 7, 1, 1)]),
    Case("Multiply", {}, [IMAGE, IMAGE, IMAGE]),
    Case("Multiply", {}, [IMAGE, (2, 1, 1, 3)]),
    Case("Subtract", {}, [(2, 1, 5, 3), (2, 4, 5, 1)]),
    Case("Average", {}, [IMAGE, IMAGE, IMAGE]),
    Case("Maximum", {}, [IMAGE, (2, 1, 5, 3), IMAGE]),
    Case("Minimum", {}, [(4, 3), (4, 3)]),
]
"""At least one case for every layer that can be called; `test_contract.py` checks that none is missing."""
