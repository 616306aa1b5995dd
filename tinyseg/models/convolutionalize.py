"""From a classifier of patches to a network for whole images that gives the same scores, at each place at once."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TypeAlias

from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray, Pair

from tinyseg.layers import (
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    LeakyReLU,
    MaxPooling2D,
    ReLU,
    Reshape,
    Softmax,
)
from tinyseg.layers.convolution import ConvolutionLayer
from tinyseg.layers.global_pooling2d import GlobalPooling2D
from tinyseg.layers.layer import Layer
from tinyseg.layers.padding2d import Cropping2D, ZeroPadding2D
from tinyseg.layers.pooling2d import Pooling2D
from tinyseg.layers.symbolic import SymbolicTensor

from .graph import Step
from .model import Model

Converted: TypeAlias = tuple[Layer | None, list[FloatArray]]
"""A layer for whole images, not drawn yet (None: nothing is to be done), and the arrays that it gets."""


def convolutionalize(model: Model, *, exact: bool = True, name: str | None = None) -> Model:
    r"""Return a fully convolutional network with a classifier's weights: (N, H, W, C) -> (N, R, S, K).

    A dense layer after `Flatten` of an (h, w, c) map is a 'valid' convolution whose kernel has the size of the map:

        y_u = sum over i, j, c of x[i, j, c] W[(i w + j) c_max + c, u]     so that     kernel[i, j, c, u] = W reshaped

    On a larger image it gives at (r, s) what the classifier gives for the patch whose upper left corner is at
    (r * stride, s * stride), the stride being the product of all strides. But neighbouring patches share nearly all of
    their convolutions, which are computed once here. A later dense layer is a 1x1 convolution, a global pooling a
    pooling of the map's size with stride 1.

    Exactly the same is only what sees no border: a padded convolution finds zeros around each patch, but in the large
    image its neighbours. Such a network is refused, or with `exact=False` converted all the same: it then agrees where
    no zeros were seen.

    Source: Long, Shelhamer, Darrell, "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015, section 3.1;
    Sermanet et al., "OverFeat", ICLR 2014.

    Args:
        model: A classifier of one fixed patch size: (N, h, w, C) -> (N, K). Its arrays are copied.
        exact: Whether to refuse what would not be exactly the same.
        name: Of the new network; the classifier's with '_convolutional' when None.

    Raises:
        InvalidInput: No such classifier, or a layer without an equivalent for every place; it is named.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
        >>> from tinyseg.models import Sequential, convolutionalize
        >>> patches = Sequential([Input((12, 12, 1)), Conv2D(4, 3), MaxPooling2D(2), Flatten(), Dense(3)])
        >>> whole = convolutionalize(patches)
        >>> image = np.random.default_rng(0).random((1, 40, 30, 1), dtype="float32")
        >>> scores = whole.predict(image, verbose=0)
        >>> scores.shape
        (1, 15, 10, 3)
        >>> one = patches.predict(image[:, 6:18, 8:20], verbose=0)
        >>> bool(np.allclose(scores[0, 3, 4], one[0], atol=1e-5))
        True
    """
    _check(model)
    start = Input((None, None, model.inputs[0].shape[3]), dtype=model.inputs[0].dtype)
    results: dict[int, SymbolicTensor] = {model.graph.inputs[0]: start}
    maps: dict[int, Pair] = {model.graph.inputs[0]: _lengths(model.inputs[0])}
    shared: dict[tuple[int, Pair], Converted] = {}
    for step in model.graph.steps:
        if step.position in results:
            continue
        sizes = {maps[i] for i in step.inputs}
        if len(sizes) != 1:
            raise InvalidInput(
                f"{step.layer.label}: takes maps of several sizes {sorted(sizes)}, which have no common place in a whole image"
            )
        (size,) = sizes
        tensor = _tensor(model, step)
        flat = len(tensor.node.inputs[0].shape) == 2
        if (id(step.layer), size) not in shared:
            shared[id(step.layer), size] = _convert(step.layer, size, flat, exact)
        layer, arrays = shared[id(step.layer), size]
        given = [results[i] for i in step.inputs]
        results[step.position] = given[0] if layer is None else layer(given if layer.several_inputs else given[0])
        if layer is not None and arrays:
            layer.set_weights([array.copy() for array in arrays])
        maps[step.position] = _size_after(step.layer, tensor, size)
    return Model(start, [results[i] for i in model.graph.outputs], name=name or f"{model.name}_convolutional")


def _check(model: Model) -> None:
    if not model.built or len(model.inputs) != 1 or len(model.inputs[0].shape) != 4:
        raise InvalidInput(f"convolutionalize: expected a classifier of one input (h, w, C), got {model.label}")
    if None in model.inputs[0].shape[1:]:
        raise InvalidInput(f"convolutionalize: expected patches of one fixed size, got {model.inputs[0].shape[1:]}")
    for tensor in model.outputs:
        if len(tensor.shape) != 2:
            raise InvalidInput(f"convolutionalize: expected scores (N, K) for each patch, got {tensor.shape}")


def _size_after(layer: Layer, tensor: SymbolicTensor, size: Pair) -> Pair:
    """Return height and width of a layer's map for one patch; a flat result has those of the map that it came from.

    Until a dense layer or a global pooling, which see all of it: then they are 1 x 1.
    """
    if len(tensor.shape) == 4:
        return _lengths(tensor)
    return (1, 1) if isinstance(layer, (Dense, GlobalPooling2D)) else size


def _lengths(tensor: SymbolicTensor) -> Pair:
    height, width = (n or 0 for n in tensor.shape[1:3])
    return (height, width)


def _tensor(model: Model, step: Step) -> SymbolicTensor:
    """Return the symbolic result of a step."""
    given = tuple(model.graph.steps[i].layer for i in step.inputs)
    for tensor in step.layer.drawn:
        if tuple(parent.node.layer for parent in tensor.node.inputs) == given:
            return tensor
    raise InvalidInput(f"{step.layer.label}: is not drawn in {model.label}")


def _convert(layer: Layer, size: Pair, flat: bool, exact: bool) -> Converted:
    for kinds, convert in _CONVERTED:
        if isinstance(layer, kinds):
            return convert(layer, size, flat, exact)
    raise InvalidInput(
        f"{layer.label}: a {type(layer).__name__} has no equivalent for every place of a whole image that is known here"
    )


def _copied(layer: Layer) -> Converted:
    """Return a layer of the same name and arguments, and the arrays that it gets."""
    return type(layer).from_config(layer.get_config()), layer.get_weights()


def _same(layer: Layer, size: Pair, flat: bool, exact: bool) -> Converted:
    """Copy what works at each place by itself."""
    along = getattr(layer, "axis", -1)
    if along not in (-1, 1 if flat else 3):
        raise InvalidInput(
            f"{layer.label}: axis {along} is no axis of channels, so it has no equivalent for every place"
        )
    if flat and size != (1, 1) and isinstance(layer, Softmax):
        raise InvalidInput(f"{layer.label}: takes all of a flattened map at once; put a Dense layer before it")
    return type(layer).from_config({**layer.get_config(), **({"axis": -1} if hasattr(layer, "axis") else {})}), []


def _windowed(layer: Layer, size: Pair, flat: bool, exact: bool) -> Converted:
    assert isinstance(layer, (ConvolutionLayer, Pooling2D))
    padding, window = layer.padding, layer.kernel_size if isinstance(layer, ConvolutionLayer) else layer.pool_size
    # 'same' with a window of 1 adds nothing.
    pads = padding == "same" and prod(window) > 1 if isinstance(padding, str) else any(map(any, padding))
    if pads and exact:
        raise InvalidInput(
            f"{layer.label}: pads each patch ({padding!r}); in a whole image its neighbours are there instead, so that the "
            "scores would be others. Train the classifier with padding='valid', or give exact=False"
        )
    return _copied(layer)


def _border(layer: Layer, size: Pair, flat: bool, exact: bool) -> Converted:
    if exact:
        raise InvalidInput(f"{layer.label}: changes the border of each patch, which a whole image does not have there")
    return _copied(layer)


def _flatten(layer: Layer, size: Pair, flat: bool, exact: bool) -> Converted:
    """Leave it out: the dense layer after it gets a kernel of the map's size."""
    if isinstance(layer, Reshape) and len(layer.target_shape) != 1:
        raise InvalidInput(f"{layer.label}: reshapes to {layer.target_shape}; expected one axis, as Flatten gives")
    return None, []


def _dense(layer: Layer, size: Pair, flat: bool, exact: bool) -> Converted:
    """Return the convolution that a dense layer is; on a map that is not flat it is a 1x1 convolution already."""
    assert isinstance(layer, Dense)
    window = size if flat else (1, 1)
    kernel, *bias = layer.get_weights()
    convolution = Conv2D(
        layer.units,
        window,
        activation=layer.activation,
        use_bias=bool(bias),
        name=layer.name,
        trainable=layer.trainable,
        dtype=layer.dtype,
    )
    return convolution, [kernel.reshape(*window, -1, layer.units), *bias]


def _global(layer: Layer, size: Pair, flat: bool, exact: bool) -> Converted:
    pooling = AveragePooling2D if isinstance(layer, GlobalAveragePooling2D) else MaxPooling2D
    return pooling(size, strides=1, name=layer.name), []


def _normalized(layer: Layer, size: Pair, flat: bool, exact: bool) -> Converted:
    if flat and size != (1, 1):
        raise InvalidInput(
            f"{layer.label}: normalises each number of a flattened map by itself; put it before Flatten, or after Dense"
        )
    return BatchNormalization.from_config({**layer.get_config(), "axis": -1}), layer.get_weights()


_CONVERTED: list[tuple[tuple[type[Layer], ...], Callable[[Layer, Pair, bool, bool], Converted]]] = [
    ((Dense,), _dense),
    ((Flatten, Reshape), _flatten),
    ((GlobalPooling2D,), _global),
    ((BatchNormalization,), _normalized),
    ((ConvolutionLayer, Pooling2D), _windowed),
    ((ZeroPadding2D, Cropping2D), _border),
    ((Activation, ReLU, LeakyReLU, Softmax, Dropout, Add, Concatenate), _same),
]
