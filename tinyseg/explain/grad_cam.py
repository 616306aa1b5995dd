"""Grad-CAM: which places of a layer's feature maps raise a class's score."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array, FloatArray, Pair, Shape

from tinyseg import activations
from tinyseg.layers import ReLU
from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import SymbolicTensor
from tinyseg.models.model import Model

from .receptive_field import Paths
from .scores import Explanation, gradients_at, question, shapes, tensor_of, tensors

WEIGHTS = ("auto", "mean", "local")


def grad_cam(
    model: Model,
    image: Array,
    class_index: int | None = None,
    *,
    pixel: Pair | None = None,
    region: Array | None = None,
    layer: str | Layer | None = None,
    weights: str = "auto",
) -> Explanation:
    r"""Return the feature maps A of a layer, weighted by how they raise the score S, and added up.

        'mean':   w_k = mean over (i, j) of dS / dA[i, j, k],   L[i, j] = max(sum over k of w_k A[i, j, k], 0)
        'local':  L[i, j] = max(sum over k of dS / dA[i, j, k] * A[i, j, k], 0)

    'mean' is Grad-CAM: one weight for each map, wherever it is active. So it lights up all places that look alike, also
    those that a single pixel's score cannot depend on. 'local' (HiResCAM) lights up only what the score uses: for a
    pixel, it is 0 outside of its receptive field. L is enlarged to the image, each place standing at the middle of what
    it sees.

    Source: Selvaraju et al., "Grad-CAM", ICCV 2017; Vinogradova, Dibrov, Myers, "Towards Interpretable Semantic
    Segmentation via Gradient-weighted Class Activation Mapping", AAAI 2020; Draelos, Carin, "HiResCAM", 2020.

    Args:
        model: From (N, H, W, C) to (N, H, W, K), or to (N, K).
        image: (H, W, C), as the network takes it.
        class_index: The class; that of the highest score when None.
        pixel: (row, column) of the output whose score is explained.
        region: (H, W), True where the score counts; without pixel and region, all pixels that get this class.
        layer: Whose feature maps; when None the last activation of the smallest size, the network's most abstract one.
        weights: 'mean', 'local', or 'auto': 'local' for a pixel or a region, else 'mean'.

    Returns:
        Values (H, W) from 0 on.

    Raises:
        InvalidInput: Another network or image, no such class, pixel, layer or kind of weights.

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import FCN
        >>> from tinyseg.explain import grad_cam
        >>> model = FCN((None, None, 1), classes=3, filters=4, depth=1)
        >>> grad_cam(model, np.ones((8, 6, 1)), 2).map.shape
        (8, 6)
    """
    asked = question(model, image, class_index, pixel, region)
    if weights not in WEIGHTS:
        raise unknown_name("weights of grad_cam", weights, WEIGHTS)
    if weights == "auto":
        weights = "mean" if pixel is None and region is None else "local"
    network = asked.network
    sizes = shapes(network, asked.x.shape[1:])
    tensor = deepest(network, sizes) if layer is None else tensor_of(network, layer)
    if len(sizes[tensor.node.index]) != 4:
        raise InvalidInput(f"grad_cam: expected a layer with rows and columns, got {tensor.name!r}")
    features = np.asarray(Model(network.inputs[0], tensor).predict_on_batch(asked.x))
    # The rest of the network, which may take the image on another way as well (connections across).
    rest = Model([tensor, network.inputs[0]], network.outputs[0])
    _, (gradient, _) = gradients_at(rest, [features, asked.x], asked.target)
    if weights == "mean":
        small = (features[0] * gradient[0].mean(axis=(0, 1))).sum(axis=2)
    else:
        small = (features[0] * gradient[0]).sum(axis=2)
    large = enlarged(np.maximum(small, 0), network, tensor, sizes)
    if weights == "local" and asked.target.pixel is not None:  # enlarging smears by up to one place
        paths = Paths(network, network.outputs[0], sizes)
        for number, at in enumerate(asked.target.pixel):
            first, last = paths.back((at, at), number, real=True) or (0, -1)
            outside = np.ones(large.shape[number], bool)
            outside[first : last + 1] = False
            large[outside if number == 0 else (slice(None), outside)] = 0
    details = {"places": float(small.size), "largest": float(small.max(initial=0.0))}
    name = "Grad-CAM" if weights == "mean" else "Grad-CAM, local"
    return Explanation(f"{name} at {tensor.name}", large, False, asked.target, asked.score, details)


def deepest(network: Model, sizes: dict[int, Shape]) -> SymbolicTensor:
    """Return the last activation of the smallest height times width above 1 x 1.

    Where there is none, the last result of that size; with 1 x 1 alone, of these.
    """
    found = [tensor for tensor in tensors(network).values() if len(sizes[tensor.node.index]) == 4]
    areas = [sizes[tensor.node.index][1] * sizes[tensor.node.index][2] for tensor in found]
    smallest = min((area for area in areas if area > 1), default=1)
    last = [tensor for tensor, area in zip(found, areas, strict=True) if area == smallest]
    active = [tensor for tensor in last if isinstance(tensor.node.layer, ReLU) or _bends(tensor.node.layer)]
    return (active or last)[-1]


def _bends(layer: Layer) -> bool:
    activation = getattr(layer, "activation", None)
    return activation is not None and activation is not activations.get("linear")


def enlarged(small: FloatArray, network: Model, tensor: SymbolicTensor, sizes: dict[int, Shape]) -> FloatArray:
    """Return a map of a layer's places as one of the image's pixels: linear between the middles of what places see."""
    height, width = sizes[network.inputs[0].node.index][1:3]
    paths, counts = Paths(network, tensor, sizes), sizes[tensor.node.index][1:3]
    rows, columns = (_blend(paths, number, n, counts[number]) for number, n in enumerate((height, width)))
    return (rows @ small @ columns.T).astype(small.dtype)


def _blend(paths: Paths, number: int, length: int, count: int) -> FloatArray:
    """Return the shares (length, places) with which each pixel takes from the places along an axis."""
    if count == 1:
        return np.ones((length, 1))
    first, last = paths.middle(0, number), paths.middle(count - 1, number)
    if last <= first:  # places that all see everything: as if they tiled the image
        first, last = length / count / 2 - 0.5, length - length / count / 2 - 0.5
    position = np.interp(np.arange(length), np.linspace(first, last, count), np.arange(count))
    low = np.minimum(position.astype(int), count - 2)
    shares = np.zeros((length, count))
    shares[np.arange(length), low] = 1 - (position - low)
    shares[np.arange(length), low + 1] = position - low
    return shares
