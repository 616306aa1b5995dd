"""What a classifier's layers become in a network for whole images, which does at every place what they do for a patch.

Each function takes a layer and a `Place`, and returns what draws the equivalent: from a symbolic tensor (or a list) to
its result. See `convolutionalize`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray, Padding, Pair

from tinyseg.layers import (
    ELU,
    Activation,
    Add,
    Average,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Cropping2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    LeakyReLU,
    Maximum,
    MaxPooling2D,
    ReLU,
    Rescaling,
    Reshape,
    Softmax,
    SpatialDropout2D,
    ZeroPadding2D,
)
from tinyseg.layers.arithmetic import Merge
from tinyseg.layers.convolution import ConvolutionLayer
from tinyseg.layers.global_pooling2d import GlobalPooling2D
from tinyseg.layers.layer import Layer
from tinyseg.layers.pooling2d import Pooling2D
from tinyseg.layers.symbolic import SymbolicTensor

Draw: TypeAlias = Callable[[Any], SymbolicTensor]


@dataclass(frozen=True)
class Place:
    """Where a layer stands.

    Attributes:
        size: Height and width of the map of one patch that it takes, or that was flattened.
        flat: Whether it takes a flattened map.
        apart: How many positions the neighbours of that map lie apart in the whole image's map: 1, unless strides were
            turned into gaps.
        every_pixel: Whether strides are turned into gaps.
        exact: Whether to refuse what would not be exactly the same.
    """

    size: Pair
    flat: bool
    apart: Pair
    every_pixel: bool
    exact: bool


def at_every_place(layer: Layer, place: Place) -> Draw:
    """Return what draws the equivalent of a layer.

    Raises:
        InvalidInput: There is none; the text says why.
    """
    for kinds, convert in _EQUIVALENTS:
        if isinstance(layer, kinds):
            return convert(layer, place)
    raise InvalidInput(
        f"{layer.label}: a {type(layer).__name__} has no equivalent for every place of a whole image that is known here"
    )


def _drawn(layer: Layer, arrays: list[FloatArray]) -> Draw:
    """Draw a layer, and give it copies of these arrays."""

    def draw(given: Any) -> SymbolicTensor:
        result: SymbolicTensor = layer(given)
        if arrays:
            layer.set_weights([array.copy() for array in arrays])
        return result

    return draw


def _same(layer: Layer, place: Place) -> Draw:
    """Copy what works at each place by itself."""
    along = getattr(layer, "axis", -1)
    if along not in (-1, 1 if place.flat else 3):
        raise InvalidInput(
            f"{layer.label}: axis {along} is no axis of channels, so it has no equivalent for every place"
        )
    if place.flat and place.size != (1, 1) and isinstance(layer, Softmax):
        raise InvalidInput(f"{layer.label}: takes all of a flattened map at once; put a Dense layer before it")
    axis = {"axis": -1} if hasattr(layer, "axis") else {}
    return _drawn(type(layer).from_config({**layer.get_config(), **axis}), [])


def _convolution(layer: Layer, place: Place) -> Draw:
    """Copy it; for every pixel with stride 1 and its taps as far apart as neighbours are."""
    assert isinstance(layer, ConvolutionLayer)
    _refuse_padding(layer, layer.kernel_size, layer.padding, place)
    config = layer.get_config()
    if place.every_pixel:
        gaps = [d * n for d, n in zip(layer.dilation_rate, place.apart, strict=True)]
        config |= {"strides": [1, 1], "dilation_rate": gaps}
    return _drawn(type(layer).from_config(config), layer.get_weights())


def _pooling(layer: Layer, place: Place) -> Draw:
    assert isinstance(layer, Pooling2D)
    _refuse_padding(layer, layer.pool_size, layer.padding, place)
    if place.every_pixel:
        return _with_gaps(layer.name, isinstance(layer, MaxPooling2D), layer.pool_size, place.apart)
    return _drawn(type(layer).from_config(layer.get_config()), [])


def _global(layer: Layer, place: Place) -> Draw:
    """Pool windows of the map's size, at each place."""
    average = isinstance(layer, GlobalAveragePooling2D)
    if place.every_pixel:
        return _with_gaps(layer.name, not average, place.size, place.apart)
    pooling = AveragePooling2D if average else MaxPooling2D
    return _drawn(pooling(place.size, strides=1, name=layer.name), [])


def _with_gaps(name: str, maximum: bool, window: Pair, apart: Pair) -> Draw:
    """Pool windows of positions that lie `apart`, at every place: of shifted copies, first down, then to the right."""

    def draw(x: Any) -> SymbolicTensor:
        for number, way in enumerate(("down", "right")):
            count, gap = window[number], apart[number]
            if count == 1:
                continue
            moved = []
            for k in range(count):
                cut = (k * gap, (count - 1 - k) * gap)
                borders = (cut, (0, 0)) if number == 0 else ((0, 0), cut)
                moved.append(Cropping2D(borders, name=f"{name}_{way}_{k}")(x))
            x = (Maximum if maximum else Average)(name=f"{name}_{way}")(moved)
        result: SymbolicTensor = x
        return result

    return draw


def _refuse_padding(layer: Layer, window: Pair, padding: Padding, place: Place) -> None:
    # 'same' with a window of 1 adds nothing.
    pads = padding == "same" and prod(window) > 1 if isinstance(padding, str) else any(map(any, padding))
    if pads and (place.exact or place.every_pixel):
        raise InvalidInput(
            f"{layer.label}: pads each patch ({padding!r}); in a whole image its neighbours are there instead, so "
            "that the scores would be others. Train it with padding='valid', or give exact=False without every_pixel"
        )


def _border(layer: Layer, place: Place) -> Draw:
    if place.exact or place.every_pixel:
        raise InvalidInput(f"{layer.label}: changes the border of each patch, which a whole image does not have there")
    return _drawn(type(layer).from_config(layer.get_config()), [])


def _flatten(layer: Layer, place: Place) -> Draw:
    """Leave it out: the dense layer after it gets a kernel of the map's size."""
    if isinstance(layer, Reshape) and len(layer.target_shape) != 1:
        raise InvalidInput(f"{layer.label}: reshapes to {layer.target_shape}; expected one axis, as Flatten gives")
    return lambda given: given


def _dense(layer: Layer, place: Place) -> Draw:
    """Return the convolution that a dense layer is; on a map that is not flat it is a 1x1 convolution already."""
    assert isinstance(layer, Dense)
    window = place.size if place.flat else (1, 1)
    kernel, *bias = layer.get_weights()
    convolution = Conv2D(
        layer.units,
        window,
        dilation_rate=place.apart if window != (1, 1) else 1,
        activation=layer.activation,
        use_bias=bool(bias),
        name=layer.name,
        trainable=layer.trainable,
        dtype=layer.dtype,
    )
    return _drawn(convolution, [kernel.reshape(*window, -1, layer.units), *bias])


def _normalized(layer: Layer, place: Place) -> Draw:
    if place.flat and place.size != (1, 1):
        raise InvalidInput(
            f"{layer.label}: normalises each number of a flattened map by itself; put it before Flatten, or after Dense"
        )
    return _drawn(BatchNormalization.from_config({**layer.get_config(), "axis": -1}), layer.get_weights())


_EQUIVALENTS: list[tuple[tuple[type[Layer], ...], Callable[[Layer, Place], Draw]]] = [
    ((Dense,), _dense),
    ((Flatten, Reshape), _flatten),
    ((GlobalPooling2D,), _global),
    ((BatchNormalization,), _normalized),
    ((ConvolutionLayer,), _convolution),
    ((Pooling2D,), _pooling),
    ((ZeroPadding2D, Cropping2D), _border),
    ((Activation, ReLU, LeakyReLU, ELU, Rescaling, Softmax, Dropout, SpatialDropout2D, Add, Concatenate, Merge), _same),
]
