"""From a classifier of patches to a network for whole images that gives the same scores, at each place at once."""

from __future__ import annotations

from dataclasses import replace

from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Pair

from tinyseg.layers import Cropping2D, Dense, Input
from tinyseg.layers.global_pooling2d import GlobalPooling2D
from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import SymbolicTensor

from .at_every_place import Draw, Place, at_every_place
from .graph import Step
from .model import Model


def convolutionalize(model: Model, *, every_pixel: bool = False, exact: bool = True, name: str | None = None) -> Model:
    r"""Return a fully convolutional network with a classifier's weights: (N, H, W, C) -> (N, R, S, K).

    A dense layer after `Flatten` of an (h, w, c) map is a 'valid' convolution whose kernel has the size of the map:

        y_u = sum over i, j, c of x[i, j, c] W[(i w + j) c_max + c, u]     so that     kernel[i, j, c, u] = W reshaped

    On a larger image it gives at (r, s) what the classifier gives for the patch whose upper left corner is at
    (r * stride, s * stride), the stride being the product of all strides. But neighbouring patches share nearly all of
    their convolutions, which are computed once here. A later dense layer is a 1x1 convolution, a global pooling a
    pooling of the map's size with stride 1.

    With `every_pixel` there is a score for the patch at each pixel: every stride becomes 1, and the taps of each later
    window lie apart by the product of the strides before it, so that they meet what they met (dilation). Scores of all
    pixels then cost less than with `tinyseg.segmentation.dense_scores`, which runs the network once for each offset.

    Exactly the same is only what sees no border: a padded convolution finds zeros around each patch, but in the large
    image its neighbours. Such a network is refused, or with `exact=False` converted all the same: it then agrees where
    no zeros were seen.

    Source: Long, Shelhamer, Darrell, "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015, section 3;
    Sermanet et al., "OverFeat", ICLR 2014; Giusti et al., "Fast Image Scanning with Deep Max-Pooling Convolutional
    Neural Networks", ICIP 2013.

    Args:
        model: A classifier of one fixed patch size: (N, h, w, C) -> (N, K). Its arrays are copied.
        every_pixel: Whether to give a score for every pixel, (H - h + 1, W - w + 1), instead of every `stride` pixels.
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
    (first,) = model.graph.inputs
    results = {first: start}
    places = {first: Place(_lengths(model.inputs[0]), False, (1, 1), every_pixel, exact)}
    equivalents: dict[tuple[int, Place], Draw] = {}
    for step in model.graph.steps:
        if step.position in results:
            continue
        place, layer = _common_place(step, [places[i] for i in step.inputs]), step.layer
        if (id(layer), place) not in equivalents:  # a shared layer stays one
            equivalents[id(layer), place] = at_every_place(layer, place)
        given = [results[i] for i in step.inputs]
        results[step.position] = equivalents[id(layer), place](given if layer.several_inputs else given[0])
        places[step.position] = _place_after(layer, _tensor(model, step), place)
    outputs = [results[i] for i in model.graph.outputs]
    if every_pixel:
        outputs = [_without_rest(tensor, _lengths(model.inputs[0])) for tensor in outputs]
    whole = Model(start, outputs, name=name or f"{model.name}_convolutional")
    if model.preprocessing is not None:
        whole.preprocessing = replace(model.preprocessing, size=None)  # images keep their size
    return whole


def _check(model: Model) -> None:
    if not model.built or len(model.inputs) != 1 or len(model.inputs[0].shape) != 4:
        raise InvalidInput(f"convolutionalize: expected a classifier of one input (h, w, C), got {model.label}")
    if None in model.inputs[0].shape[1:]:
        raise InvalidInput(f"convolutionalize: expected patches of one fixed size, got {model.inputs[0].shape[1:]}")
    for tensor in model.outputs:
        if len(tensor.shape) != 2:
            raise InvalidInput(f"convolutionalize: expected scores (N, K) for each patch, got {tensor.shape}")


def _common_place(step: Step, places: list[Place]) -> Place:
    if len(set(places)) != 1:
        sizes = sorted({place.size for place in places})
        raise InvalidInput(
            f"{step.layer.label}: takes maps of several sizes {sizes} or strides, which have no common place"
        )
    return places[0]


def _place_after(layer: Layer, tensor: SymbolicTensor, place: Place) -> Place:
    """Return where the next layer stands.

    A flat result has the size of the map that it came from, until a dense layer or a global pooling, which see all of
    it: then that is 1 x 1.
    """
    flat = len(tensor.shape) == 2
    seen_whole = isinstance(layer, GlobalPooling2D) or (place.flat and isinstance(layer, Dense))
    size = (1, 1) if seen_whole else place.size if flat else _lengths(tensor)
    strides: Pair = getattr(layer, "strides", (1, 1)) if place.every_pixel else (1, 1)
    apart = (place.apart[0] * strides[0], place.apart[1] * strides[1])
    return Place(size, flat, apart, place.every_pixel, place.exact)


def _without_rest(tensor: SymbolicTensor, patch: Pair) -> SymbolicTensor:
    """Cut off the scores of patches that would end beyond the image, with pixels that no pooling takes."""
    trial = Model(_input_of(tensor), tensor)
    _, rows, columns, _ = trial.compute_output_shape((1, *patch, trial.inputs[0].shape[3]))
    rest = ((0, (rows or 1) - 1), (0, (columns or 1) - 1))
    cut: SymbolicTensor = Cropping2D(rest)(tensor) if any(map(any, rest)) else tensor
    return cut


def _input_of(tensor: SymbolicTensor) -> SymbolicTensor:
    while tensor.node.inputs:
        tensor = tensor.node.inputs[0]
    return tensor


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
