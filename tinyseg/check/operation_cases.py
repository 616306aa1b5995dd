"""For each operation, configurations that together enter every algorithm that a compiled rung may choose.

Layers check small arrays, where each position can be compared. Which algorithm a kernel takes hangs on shapes: on
channels (fewer than a vector has, some vectors, a rest that shares one
with its neighbour), on pixels (few, a whole tile, rows left over), on window, stride and dilation.
`tests/check/test_factors.py` fails when a compiled function is never entered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from tinyseg_kernels import (
    activation,
    arrange,
    avg_pool2d,
    batch_norm,
    binary_cross_entropy,
    confusion_matrix,
    conv2d,
    conv2d_transpose,
    cross_entropy,
    dense,
    depthwise_conv2d,
    dice,
    dropout,
    global_pool2d,
    max_pool2d,
    pad2d,
    regression,
    softmax,
    softmax_cross_entropy,
    upsampling2d,
    weighted_sum,
)
from tinyseg_kernels.backend import backend as use_backend
from tinyseg_kernels.device import to_backend, to_host
from tinyseg_kernels.types import Array

from .rungs import unwatched
from .subject import Draw, Results, Subject, called, on_host

NEAR_A_KINK = 1e-4
"""Numbers before a ReLU that are nearer to 0 than this share of the largest are drawn again.

Rounding may put them on either side.
"""

Shapes = Mapping[str, tuple[int, ...]]

Constants: TypeAlias = Callable[[Draw], "list[object]"]
"""Draws the inputs without a gradient."""


@dataclass(frozen=True, eq=False)
class OperationCase(Subject):
    """One configuration of a pair of functions.

    Attributes:
        forward: (*inputs, *constants, **options) -> (y, cache).
        backward: (dy, cache) -> gradients of the inputs, in their order, as far as there are any.
        shapes: Inputs by name.
        options: Of forward.
        constants: More inputs, on the host: labels, weights.
        positive: Whether inputs are to lie in 0.05 .. 0.95, as probabilities do.
        together: Whether forward takes all inputs as one list.
    """

    names: tuple[str, ...]
    forward: Callable[..., tuple[Any, Any]]
    backward: Callable[..., Any]
    shapes: Shapes
    options: Mapping[str, object] = field(default_factory=dict)
    constants: Constants = lambda draw: []
    large: bool = False
    positive: bool = False
    together: bool = False
    told: str = ""

    @property
    def label(self) -> str:
        """Return 'conv2d(relu=True) on (2, 5, 6, 3), (3, 3, 3, 8)'."""
        shapes = ", ".join(map(str, self.shapes.values()))
        return f"{called(self.names[0], self.options)}{self.told} on {shapes}"

    def run(self, dtype: str, seed: int) -> Results:
        """Compute y and all gradients."""
        inputs, constants, dy_seed = self._drawn(dtype, self._seed(seed) if self.options.get("relu") else seed)
        y, kept = self._forward(inputs, constants, self.options)
        dy = Draw(dtype, dy_seed, 5)(*np.shape(y))
        y = to_host(y).copy() if hasattr(y, "copy") else y  # backward may write where y was
        gradients = self.backward(dy, kept)
        parts = gradients if isinstance(gradients, (tuple, list)) else [gradients]
        return on_host(y=y, **{f"d{name}": part for name, part in zip(self.shapes, parts, strict=False)})

    def _drawn(self, dtype: str, seed: int) -> tuple[list[Array], list[object], int]:
        draw = Draw(dtype, seed, 4)
        inputs = [draw.host(*shape) for shape in self.shapes.values()]
        if self.positive:
            inputs = [draw.exact(0.5 + 0.45 * np.tanh(array)) for array in inputs]
        constants = [to_backend(a) if isinstance(a, np.ndarray) else a for a in self.constants(draw)]
        return [to_backend(array) for array in inputs], constants, seed

    def _forward(self, inputs: list[Array], constants: list[object], options: Mapping[str, object]) -> tuple[Any, Any]:
        given = [inputs] if self.together else inputs
        return self.forward(*given, *constants, **options)

    def _seed(self, seed: int) -> int:
        """Return the first seed from this one on that brings no number near a ReLU's kink."""
        return _seed_without_kink(self, seed)


@cache
def _seed_without_kink(case: OperationCase, seed: int) -> int:
    options = {name: value for name, value in case.options.items() if name != "relu"}
    for candidate in range(seed, seed + 100):
        with use_backend("numpy"), unwatched():  # a look ahead, not what is checked
            inputs, constants, _ = case._drawn("float64", candidate)
            sizes = np.abs(case._forward(inputs, constants, options)[0])
        if sizes.min() > NEAR_A_KINK * sizes.max():
            return candidate
    return seed


def _nothing(draw: Draw) -> list[object]:
    return []


def _ids(classes: int, *shape: int) -> Constants:
    return lambda draw: [draw.rng.integers(0, classes, shape)]


def _shares(*shape: int) -> Constants:
    """Return labels from 0 to 1 that add up to 1 along the last axis."""

    def draw_shares(draw: Draw) -> list[object]:
        shares = draw.rng.uniform(0.05, 1.0, shape)
        return [draw.exact(shares / shares.sum(axis=-1, keepdims=True))]

    return draw_shares


# Convolutions
# ----------------------------------------------------------------------------------------------------------


def _conv(
    x: tuple[int, ...], kernel: tuple[int, ...], *, large: bool = True, bias: bool = True, **options: object
) -> OperationCase:
    names = ("conv2d", "Conv2D", "SeparableConv2D")
    shapes = {"x": x, "kernel": kernel} | ({"bias": kernel[3:]} if bias else {})
    return OperationCase(names, conv2d.conv2d_forward, conv2d.conv2d_backward, shapes, options, large=large)


def _transposed(x: tuple[int, ...], kernel: tuple[int, ...], *, large: bool = True, **options: object) -> OperationCase:
    forward, backward = conv2d_transpose.conv2d_transpose_forward, conv2d_transpose.conv2d_transpose_backward
    shapes = {"x": x, "kernel": kernel, "bias": kernel[2:3]}
    return OperationCase(("conv2d_transpose", "Conv2DTranspose"), forward, backward, shapes, options, large=large)


def _depthwise(x: tuple[int, ...], kernel: tuple[int, ...], *, large: bool = True, **options: object) -> OperationCase:
    forward, backward = depthwise_conv2d.depthwise_conv2d_forward, depthwise_conv2d.depthwise_conv2d_backward
    shapes = {"x": x, "kernel": kernel, "bias": (kernel[2] * kernel[3],)}
    names = ("depthwise_conv2d", "DepthwiseConv2D", "SeparableConv2D")
    return OperationCase(names, forward, backward, shapes, options, large=large)


def _dense(rows: int, terms: int, units: int) -> OperationCase:
    forward, backward, large = dense.dense_forward, dense.dense_backward, rows * terms * units > 5000
    shapes = {"x": (rows, terms), "kernel": (terms, units), "bias": (units,)}
    return OperationCase(("dense", "Dense"), forward, backward, shapes, large=large)


_CONVOLUTIONS = (
    # 1x1: products with few terms, few rows, many of both, and columns left over
    _conv((2, 3, 4, 5), (1, 1, 5, 3), large=False),
    _conv((1, 9, 11, 40), (1, 1, 40, 37), relu=True),
    _conv((1, 9, 11, 300), (1, 1, 300, 21)),
    _conv((1, 12, 13, 130), (1, 1, 130, 144), relu=True),
    # direct: few and odd channels, strides, dilation, channels beyond a panel, several pixels side by side
    _conv((2, 5, 7, 3), (3, 3, 3, 4), large=False, padding="same", relu=True),
    _conv((1, 6, 5, 2), (2, 3, 2, 3), large=False, strides=2, dilation_rate=2, padding=((3, 2), (4, 4))),
    _conv((1, 17, 33, 3), (3, 3, 3, 16), padding="same", relu=True),
    _conv((1, 19, 23, 20), (3, 3, 20, 35), padding=((0, 2), (1, 3))),
    _conv((2, 15, 18, 24), (3, 3, 24, 33), strides=2, padding="same", relu=True),
    _conv((1, 14, 13, 17), (3, 3, 17, 18), strides=2, bias=False),
    _conv((1, 16, 19, 3), (5, 4, 3, 20), strides=(2, 1), padding="same"),
    _conv((1, 13, 17, 20), (3, 2, 20, 12), strides=(3, 2), padding="same"),
    _conv((1, 20, 22, 6), (3, 3, 6, 40), dilation_rate=(2, 3), padding="same", relu=True),
    _conv((1, 9, 15, 1), (7, 7, 1, 8), padding="same"),
    _conv((1, 11, 9, 24), (4, 4, 24, 1)),
    _conv((1, 9, 300, 12), (3, 3, 12, 6), padding="same"),
    # windows side by side
    _conv((2, 9, 13, 24), (2, 2, 24, 20), strides=2, relu=True),
    # Winograd: 3x3 and 5x5, tiles left over, one block and several, few and many channels; with dilation
    _conv((1, 9, 11, 16), (3, 3, 16, 16), padding="same", relu=True),
    _conv((2, 21, 26, 16), (3, 3, 16, 48)),
    _conv((1, 50, 47, 32), (3, 3, 32, 16), padding="same"),
    _conv((1, 12, 14, 96), (3, 3, 96, 112), padding="same", relu=True),
    _conv((1, 13, 15, 32), (5, 5, 32, 48), padding="same", relu=True),
    _conv((2, 26, 23, 48), (5, 5, 48, 32)),
    _conv((1, 24, 26, 32), (3, 3, 32, 32), dilation_rate=2, padding="same", relu=True),
    # few pixels with many channels
    _conv((1, 5, 6, 128), (3, 3, 128, 144), padding="same", relu=True),
    _conv((1, 3, 2, 130), (3, 3, 130, 140), padding="same"),
    _transposed((2, 3, 4, 3), (3, 2, 2, 3), large=False, strides=(2, 1), relu=True),
    _transposed((1, 7, 9, 24), (2, 2, 20, 24), strides=2, relu=True),
    _transposed((1, 8, 7, 16), (3, 3, 20, 16), strides=2, padding="same"),
    _transposed((1, 8, 9, 16), (3, 3, 16, 16), padding="same"),
    _depthwise((2, 5, 6, 3), (3, 3, 3, 2), large=False, padding="same", relu=True),
    _depthwise((1, 5, 6, 2), (2, 3, 2, 1), large=False, strides=2, dilation_rate=(1, 2), padding="same"),
    _depthwise((2, 9, 11, 5), (3, 3, 5, 1), padding="same", relu=True),
    _depthwise((2, 9, 11, 16), (3, 3, 16, 1), padding="same", relu=True),
    _depthwise((1, 11, 10, 37), (3, 3, 37, 1)),
    _depthwise((1, 12, 22, 48), (3, 3, 48, 1), padding="same"),
    _depthwise((1, 10, 12, 40), (5, 3, 40, 1), strides=2, padding="same", relu=True),
    _depthwise((1, 10, 12, 20), (3, 3, 20, 2), dilation_rate=2, padding="same"),
    _depthwise((1, 10, 15, 66), (3, 3, 66, 1), padding="same", dilation_rate=2),
    _dense(3, 4, 5),
    _dense(7, 70, 45),
    _dense(5, 700, 130),
    _dense(100, 30, 50),
    _dense(150, 300, 8),
    _dense(90, 40, 1),
    _dense(200, 140, 150),
    _dense(6, 3000, 20),
)

# Normalisation, activations, pooling, shapes -----------------------------------------------------------------------


def _overwriting(dy: Any, cache: Any) -> Any:
    return batch_norm.batch_norm_train_backward(dy, cache, overwrite_dy=True)


def _norms(shape: tuple[int, ...], large: bool = True) -> tuple[OperationCase, ...]:
    """Return batch normalisation in training, also with dx in dy's place, and in inference; with and without ReLU."""
    names, channels = ("batch_norm", "BatchNormalization"), shape[-1]
    shapes = {"x": shape, "gamma": (channels,), "beta": (channels,)}
    train, inference = batch_norm.batch_norm_train_forward, batch_norm.batch_norm_inference_forward

    def statistics(draw: Draw) -> list[object]:
        return [draw.host(channels), draw.exact(draw.rng.uniform(0.5, 2.0, channels))]

    def way(forward: Any, backward: Any, relu: bool, constants: Constants, told: str) -> OperationCase:
        options = {"epsilon": 0.25} | ({"relu": True} if relu else {})
        return OperationCase(names, forward, backward, shapes, options, constants, large, told=told)

    train_back, inference_back = batch_norm.batch_norm_train_backward, batch_norm.batch_norm_inference_backward
    return (
        way(train, train_back, False, _nothing, " in training"),
        way(train, _overwriting, True, _nothing, " in training, dx in dy's place"),
        way(inference, inference_back, False, statistics, " when predicting"),
        way(inference, inference_back, True, statistics, " when predicting"),
    )


def _simple(
    names: tuple[str, ...], functions: tuple[Any, Any], shape: tuple[int, ...], large: bool = True, **options: object
) -> OperationCase:
    return OperationCase(names, *functions, {"x": shape}, options, large=large)


_RELU = (activation.relu_forward, activation.relu_backward)
_LEAKY = (activation.leaky_relu_forward, activation.leaky_relu_backward)
_SOFTMAX = (softmax.softmax_forward, softmax.softmax_backward)
_MAX_POOL = (max_pool2d.max_pool2d_forward, max_pool2d.max_pool2d_backward)
_AVG_POOL = (avg_pool2d.avg_pool2d_forward, avg_pool2d.avg_pool2d_backward)
_GLOBAL_AVG = (global_pool2d.global_avg_pool2d_forward, global_pool2d.global_avg_pool2d_backward)
_GLOBAL_MAX = (global_pool2d.global_max_pool2d_forward, global_pool2d.global_max_pool2d_backward)
_UPSAMPLING = (upsampling2d.upsampling2d_forward, upsampling2d.upsampling2d_backward)
_DROPOUT = (dropout.dropout_forward, dropout.dropout_backward)
_ADD = (arrange.add_forward, arrange.add_backward)
_CONCATENATE = (arrange.concatenate_forward, arrange.concatenate_backward)

_OTHERS = (
    *_norms((2, 3, 4, 3), large=False),
    *_norms((1, 9, 11, 16)),
    *_norms((2, 9, 11, 40)),
    *_norms((1, 9, 11, 37)),
    *_norms((2, 13, 17, 64)),
    _simple(("activation", "ReLU", "Activation"), _RELU, (3, 7, 13), large=False),
    _simple(("activation", "ReLU", "Activation"), _RELU, (2, 50, 61, 9)),
    _simple(("activation", "LeakyReLU"), _LEAKY, (3, 7, 13), large=False, negative_slope=0.25),
    _simple(("activation", "LeakyReLU"), _LEAKY, (2, 50, 61, 9), negative_slope=0.0),
    _simple(("softmax", "Softmax"), _SOFTMAX, (5, 3), large=False),
    *(_simple(("softmax", "Softmax"), _SOFTMAX, (2, 9, 7, classes)) for classes in (1, 5, 12, 16, 21, 40)),
    _simple(("max_pool2d", "MaxPooling2D"), _MAX_POOL, (2, 5, 6, 3), large=False, pool_size=2),
    *(
        _simple(names, functions, (2, 13, 15, channels), **options)
        for names, functions in (
            (("max_pool2d", "MaxPooling2D"), _MAX_POOL),
            (("avg_pool2d", "AveragePooling2D"), _AVG_POOL),
        )
        for channels in (3, 16, 37)
        for options in (
            {"pool_size": 2},
            {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"},
            {"pool_size": 2, "strides": 3},
        )
    ),
    *(
        _simple(("global_pool2d", layer), functions, (2, 13, 15, channels))
        for layer, functions in (("GlobalAveragePooling2D", _GLOBAL_AVG), ("GlobalMaxPooling2D", _GLOBAL_MAX))
        for channels in (3, 16, 37, 64)
    ),
    *(
        _simple(("upsampling2d", "UpSampling2D"), _UPSAMPLING, (2, 5, 7, channels), size=size, interpolation=way)
        for channels in (3, 16, 37)
        for size, way in ((2, "nearest"), ((3, 2), "nearest"), (2, "bilinear"), ((1, 3), "bilinear"))
    ),
    _simple(("dropout", "Dropout"), _DROPOUT, (3, 7, 13), large=False, rate=0.25, seed=7, step=3),
    _simple(("dropout", "Dropout"), _DROPOUT, (2, 31, 33, 5), rate=0.7, seed=2**40 + 1, step=1),
    _simple(
        ("pad2d", "ZeroPadding2D"),
        (pad2d.zero_padding2d_forward, pad2d.zero_padding2d_backward),
        (2, 9, 11, 37),
        padding=((1, 2), (3, 0)),
    ),
    _simple(
        ("pad2d", "Cropping2D"),
        (pad2d.cropping2d_forward, pad2d.cropping2d_backward),
        (2, 9, 11, 37),
        cropping=((1, 2), (3, 0)),
    ),
    OperationCase(("arrange", "Add"), *_ADD, {f"x{k}": (2, 30, 31, 9) for k in range(3)}, together=True, large=True),
    OperationCase(("arrange", "Concatenate"), *_CONCATENATE, {"x0": (2, 3, 4, 2), "x1": (2, 3, 4, 5)}, together=True),
    OperationCase(
        ("arrange", "Concatenate"),
        *_CONCATENATE,
        {"x0": (2, 30, 31, 16), "x1": (2, 30, 31, 37)},
        together=True,
        large=True,
    ),
)

# Losses
# ----------------------------------------------------------------------------------------------------------------

_CROSS = (cross_entropy.cross_entropy_forward, cross_entropy.cross_entropy_backward)
_FUSED_CROSS = (
    softmax_cross_entropy.softmax_cross_entropy_forward,
    softmax_cross_entropy.softmax_cross_entropy_backward,
)
_BINARY = (binary_cross_entropy.binary_cross_entropy_forward, binary_cross_entropy.binary_cross_entropy_backward)
_SQUARED = (regression.squared_error_forward, regression.squared_error_backward)
_ABSOLUTE = (regression.absolute_error_forward, regression.absolute_error_backward)
_DICE = (dice.dice_forward, dice.dice_backward)
_CATEGORICAL = ("CategoricalCrossentropy", "SparseCategoricalCrossentropy")


def _sum_backward(dvalue: Any, kept: Any) -> Any:
    return weighted_sum.weighted_sum_backward(float(dvalue), kept)


_SUM = (weighted_sum.weighted_sum_forward, _sum_backward)


def _numbers(*shape: int) -> Constants:
    return lambda draw: [draw.host(*shape)]


def _zeros_and_ones(*shape: int) -> Constants:
    return lambda draw: [draw.exact(draw.rng.integers(0, 2, shape))]


def _losses(shape: tuple[int, ...], large: bool) -> tuple[OperationCase, ...]:
    positions, classes = shape[:-1], shape[-1]
    ids, shares, labels = _ids(classes, *positions), _shares(*shape), _zeros_and_ones(*shape)
    p, made = {"p": shape}, []
    for constants in (ids, shares):
        made.append(OperationCase(("cross_entropy", *_CATEGORICAL), *_CROSS, p, {}, constants, large, positive=True))
        fused = ("softmax_cross_entropy", *_CATEGORICAL)
        made.append(OperationCase(fused, *_FUSED_CROSS, {"logits": shape}, {}, constants, large))
    binary = ("binary_cross_entropy", "BinaryCrossentropy")
    made.append(OperationCase(binary, *_BINARY, p, {}, labels, large, positive=True))
    made.append(OperationCase(binary, *_BINARY, p, {"from_logits": True}, labels, large))
    made.append(OperationCase(("regression", "MeanSquaredError"), *_SQUARED, p, {}, _numbers(*shape), large))
    made.append(OperationCase(("regression", "MeanAbsoluteError"), *_ABSOLUTE, p, {}, _numbers(*shape), large))
    every, inner = tuple(range(len(shape))), tuple(range(1, len(shape) - 1))
    regions = (every, inner, every[1:], every[:-1])
    of_dice = (OperationCase(("dice", "Dice"), *_DICE, p, {"axes": a}, labels, large, positive=True) for a in regions)
    return (*made, *of_dice)


def _cleared(gradient: Any, valid: Any) -> tuple[Any, None]:
    """Put NaN at the positions that do not count, and ask for it to be taken away again."""
    holed = np.where(to_host(valid)[..., None], to_host(gradient), np.nan).astype(gradient.dtype)
    return weighted_sum.without_ignored(to_backend(holed), valid), None


def _weights_and_valid(*shape: int) -> Constants:
    return lambda draw: [draw.exact(draw.rng.uniform(0.5, 2.0, shape)), draw.rng.random(shape) < 0.7]


_LOSSES = (
    *_losses((2, 3, 4, 3), large=False),
    *_losses((2, 19, 23, 5), large=True),
    *_losses((1, 19, 23, 16), large=True),
    *_losses((1, 19, 23, 21), large=True),
    *_losses((1, 1000, 1), large=True)[4:],
    OperationCase(("weighted_sum",), *_SUM, {"losses": (2, 90, 101)}, {"divisor": 7.0}, large=True),
    OperationCase(
        ("weighted_sum",), *_SUM, {"losses": (2, 90, 101)}, {"divisor": 7.0}, _weights_and_valid(2, 90, 101), large=True
    ),
    OperationCase(
        ("weighted_sum",),
        _cleared,
        lambda dy, cache: (),
        {"gradient": (2, 9, 10, 3)},
        constants=lambda draw: [draw.rng.random((2, 9, 10)) < 0.7],
        told=": without_ignored",
    ),
)


# Counting ----------------------------------------------------------------------------------------------------------


def _counted(scores: Any, truth: Any, weight: Any, by_ids: bool) -> tuple[Array, None]:
    prediction = scores.argmax(axis=-1) if by_ids else scores
    options = {"num_classes": scores.shape[-1], "ignore_class": 1, "weight": weight}
    return confusion_matrix.confusion_counts(truth, prediction, **options), None


def _truth_and_weight(shape: tuple[int, ...], weighted: bool, by_ids: bool) -> Constants:
    def constants(draw: Draw) -> list[object]:
        truth = draw.rng.integers(0, shape[-1], shape[:-1])
        weight = draw.rng.integers(1, 9, shape[:-1]) / 4.0
        return [truth, weight if weighted else None, by_ids]

    return constants


_COUNTS = tuple(
    OperationCase(
        ("confusion_matrix", "ConfusionMatrix", "MeanIoU", "PixelAccuracy"),
        _counted,
        lambda dy, cache: (),
        {"scores": shape},
        {},
        _truth_and_weight(shape, weighted, by_ids),
        large=large,
        told=f" of {'ids' if by_ids else 'scores'}{' with weights' if weighted else ''}",
    )
    for shape, large in (((2, 5, 6, 3), False), ((2, 70, 61, 12), True))
    for weighted in (False, True)
    for by_ids in (False, True)
)

OPERATION_CASES: tuple[OperationCase, ...] = (*_CONVOLUTIONS, *_OTHERS, *_LOSSES, *_COUNTS)
"""Of every operation but the optimizers' (`update_cases.py`), whose functions change arrays in place."""
