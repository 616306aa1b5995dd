"""The receptive field: which part of the image an output can depend on (computed), and on which it does (measured)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, BoolArray, FloatArray, Pair, Shape

from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import Node, SymbolicTensor
from tinyseg.models.model import Model

from .scores import at_once, gradients_at, score_network, shapes, tensor_of, tensors
from .seen_by import Axis, seen_by
from .target import Target

Box = tuple[Pair, Pair]
"""((first row, last row), (first column, last column)); may reach beyond the image."""
WHOLE_SIDE = 512
"""Height and width for networks that take any: large enough that borders do not matter in most."""


@dataclass(frozen=True)
class ReceptiveField:
    """What one output sees.

    Attributes:
        layer: Whose output.
        pixel: (row, column) of the output; None where it has no rows and columns.
        box: ((first row, last row), (first column, last column)) of the image, both included, as if the image went on
            without end: so it has the same size for each output.
        inside: What of it lies inside of the image, and is not cut off by the padding of a layer between; None when
            that is nothing.
        image: Height and width of the image.
        stride: By how many pixels of the image the field moves with the output: (rows, columns).
    """

    layer: str
    pixel: Pair | None
    box: Box
    inside: Box | None
    image: Pair
    stride: tuple[float, float]

    @property
    def size(self) -> Pair:
        """Height and width of the box."""
        (top, bottom), (left, right) = self.box
        return (bottom - top + 1, right - left + 1)

    @property
    def mask(self) -> BoolArray:
        """Which pixels of the image are inside, (H, W)."""
        covered = np.zeros(self.image, bool)
        if self.inside is not None:
            (top, bottom), (left, right) = self.inside
            covered[top : bottom + 1, left : right + 1] = True
        return covered


def receptive_field(
    model: Model,
    layer: str | Layer | None = None,
    *,
    pixel: Pair | None = None,
    image_size: Pair | None = None,
) -> ReceptiveField:
    """Return the part of the image that one output of a layer can depend on: the smallest box around it.

    An interval of outputs is followed back through the layers, each of which says what its outputs see: a convolution
    with kernel k, stride s, dilation d and padding p in front turns (a, b) into (a s - p, b s - p + (k - 1) d). Where
    paths meet, the intervals are united. With dilation or stride beyond the kernel, a box has holes: pixels that are
    not used.

    Source: Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.

    Args:
        model: A network for images.
        layer: Whose output; the network's when None.
        pixel: (row, column) of that output; the middle when None.
        image_size: Height and width, for networks that take any; 512 x 512 when None.

    Raises:
        InvalidInput: No such layer or pixel, or an image that does not fit.

    Example:
        >>> from tinyseg.explain import receptive_field
        >>> from tinyseg.layers import Conv2D, Input, MaxPooling2D
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((20, 20, 1)), Conv2D(4, 3), MaxPooling2D(2), Conv2D(4, 3)])
        >>> field = receptive_field(model, pixel=(0, 0))
        >>> field.size, field.box, field.stride
        ((8, 8), ((0, 7), (0, 7)), (2.0, 2.0))
    """
    if len(model.inputs) != 1 or len(model.inputs[0].shape) != 4:
        raise InvalidInput(f"receptive_field: expected a network of one input (N, H, W, C), got {model.input_shape}")
    tensor = model.outputs[0] if layer is None else tensor_of(model, layer)
    sizes = shapes(model, input_shape_of(model, image_size))
    out = sizes[tensor.node.index]
    image = sizes[model.inputs[0].node.index][1:3]
    if len(out) != 4:
        if pixel is not None:
            raise InvalidInput(f"receptive_field: {tensor.name!r} has no rows and columns, got pixel {pixel}")
        whole = ((0, image[0] - 1), (0, image[1] - 1))
        return ReceptiveField(tensor.name, None, whole, whole, image, (0.0, 0.0))
    middle = (out[1] // 2, out[2] // 2)
    row, column = middle if pixel is None else (int(pixel[0]), int(pixel[1]))
    if not (-out[1] <= row < out[1] and -out[2] <= column < out[2]):
        raise InvalidInput(f"receptive_field: expected a pixel of an output of {out[1]} x {out[2]}, got {pixel}")
    place = (row % out[1], column % out[2])
    paths = Paths(model, tensor, sizes)
    rows, columns = (paths.back((n, n), number) for number, n in enumerate(place))
    real = [paths.back((n, n), number, real=True) for number, n in enumerate(place)]
    inside = None if real[0] is None or real[1] is None else (real[0], real[1])
    if rows is None or columns is None:
        raise InvalidInput(f"receptive_field: {tensor.name!r} does not depend on the network's input")
    return ReceptiveField(tensor.name, place, (rows, columns), inside, image, (paths.stride(0), paths.stride(1)))


def receptive_fields(model: Model, *, image_size: Pair | None = None) -> list[ReceptiveField]:
    """Return the field of the middle output of each layer with rows and columns, in order.

    Example:
        >>> from tinyseg.explain import receptive_fields
        >>> from tinyseg.layers import Conv2D, Input, MaxPooling2D
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((20, 20, 1)), Conv2D(4, 3), MaxPooling2D(2), Conv2D(4, 3)])
        >>> [field.size for field in receptive_fields(model)]
        [(1, 1), (3, 3), (4, 4), (8, 8)]
    """
    sizes = shapes(model, input_shape_of(model, image_size))
    names = [name for name, tensor in tensors(model).items() if len(sizes[tensor.node.index]) == 4]
    return [receptive_field(model, name, image_size=image_size) for name in names]


def effective_receptive_field(
    model: Model,
    images: Array | None = None,
    *,
    layer: str | Layer | None = None,
    pixel: Pair | None = None,
    image_size: Pair | None = None,
    samples: int = 8,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> FloatArray:
    """Measure how much each pixel of the image matters to one output: the mean size of its gradient.

        E[i, j] = mean over images and random weights g of the channels of  sum_c |d (g . y[pixel]) / d x[i, j, c]|

    In the middle it is far larger than at the border of the computed field, so that a network uses less than it could
    (Luo et al. measured a Gaussian).

    Source: Luo, Li, Urtasun, Zemel, "Understanding the Effective Receptive Field", NeurIPS 2016.

    Args:
        model: A network for images.
        images: (N, H, W, C), as the network takes them; standard normal noise when None.
        layer: Whose output; the network's scores when None.
        pixel: (row, column) of that output; the middle when None.
        image_size: Height and width of the noise, for networks that take any size.
        samples: Number of noise images.
        seed: Of noise and weights.
        progress: Called with (done, all).

    Returns:
        (H, W) from 0 to 1: the largest is 1. All 0 when nothing has a gradient.

    Example:
        >>> import numpy as np
        >>> from tinyseg.explain import effective_receptive_field
        >>> from tinyseg.layers import Conv2D, Input
        >>> from tinyseg.models import Sequential
        >>> seen = effective_receptive_field(Sequential([Input((9, 9, 1)), Conv2D(1, 3), Conv2D(1, 3)]))
        >>> seen.shape, int((seen > 0).sum())
        ((9, 9), 25)
    """
    network = score_network(model)
    if layer is not None:
        network = Model(network.inputs[0], tensor_of(network, layer))
    generator = np.random.default_rng(seed)
    if images is None:
        shape = input_shape_of(model, image_size)
        images = generator.standard_normal((samples, *shape), np.float32)
    total = np.zeros(images.shape[1:3], np.float64)
    step = at_once(images.shape[1:])
    for first in range(0, len(images), step):
        x = np.asarray(images[first : first + step]).astype(network.dtype or np.float32)
        _, (dx,) = gradients_at(network, [x], _AtPixel(0, None, pixel, "", generator))
        total += np.abs(dx).sum(axis=(0, 3), dtype=np.float64)
        if progress is not None:
            progress(first + len(x), len(images))
    largest = total.max(initial=0.0)
    return (total / largest if largest else total).astype(np.float32)


@dataclass(frozen=True)
class _AtPixel(Target):
    """All channels of one output with random weights, so that none of them cancels another one."""

    generator: np.random.Generator

    def scores(self, output: FloatArray) -> FloatArray:
        return output[..., 0]

    def gradient(self, output: FloatArray) -> FloatArray:
        dy = np.zeros_like(output)
        place = tuple(n // 2 for n in output.shape[1:-1]) if self.pixel is None else self.pixel
        dy[(slice(None), *place)] = self.generator.standard_normal((len(output), output.shape[-1]))
        return dy


def input_shape_of(model: Model, image_size: Pair | None) -> Shape:
    """Return the network's input (H, W, C), with `image_size` or 512 where it takes any.

    Raises:
        InvalidInput: A size that the network does not take.
    """
    _, *lengths, channels = model.inputs[0].shape
    wanted = (None, None) if image_size is None else image_size
    chosen = []
    for fixed, given in zip(lengths, wanted, strict=True):
        if fixed is not None and given not in (None, fixed):
            raise InvalidInput(
                f"image_size: expected {tuple(lengths)}, which this network takes alone, got {image_size}"
            )
        chosen.append(fixed or given or WHOLE_SIDE)
    return (*chosen, channels or 1)


class Paths:
    """The ways from a layer's result back to the image."""

    def __init__(self, model: Model, tensor: SymbolicTensor, sizes: dict[int, Shape]) -> None:
        """Take the shapes of all results, see `shapes`."""
        self.tensor, self.sizes = tensor, sizes
        self.start = model.inputs[0].node
        order = [found.node for found in tensors(model).values()]
        self.nodes = order[: order.index(tensor.node) + 1]

    def back(self, span: Pair, number: int, real: bool = False) -> Pair | None:
        """Follow an interval of rows (0) or columns (1) back to the image.

        Args:
            span: First and last position of the result.
            number: Which axis.
            real: Whether to leave out positions that a layer's input does not have: they are zeros of its padding.

        Returns:
            First and last position of the image; None when none is seen.
        """
        spans: dict[int, Pair] = {self.tensor.node.index: span}
        for node in reversed(self.nodes):
            if node.index not in spans or node is self.start:
                continue
            given = tuple(self.sizes[parent.node.index] for parent in node.inputs)
            for parent, shape in zip(node.inputs, given, strict=True):
                seen = self._seen(node, spans[node.index], number, shape, given)
                length = shape[1 + number] if len(shape) == 4 else 1
                if real:
                    seen = (max(seen[0], 0), min(seen[1], length - 1))
                if seen[0] <= seen[1]:
                    known = spans.get(parent.node.index, seen)
                    spans[parent.node.index] = (min(known[0], seen[0]), max(known[1], seen[1]))
        return spans.get(self.start.index)

    def _seen(self, node: Node, span: Pair, number: int, shape: Shape, given: tuple[Shape, ...]) -> Pair:
        out = self.sizes[node.index]
        if len(shape) != 4:
            return (0, 0)
        if len(out) != 4:
            return (0, shape[1 + number] - 1)
        return seen_by(node.layer, span, Axis(number, shape[1 + number], out[1 + number], given))

    def middle(self, place: int, number: int) -> float:
        """Return where the middle of an output's field lies in the image."""
        first, last = self.back((place, place), number) or (0, 0)
        return (first + last) / 2

    def stride(self, number: int) -> float:
        """Return how far the field moves for each output, on average from the first one to the last one."""
        last = self.sizes[self.tensor.node.index][1 + number] - 1
        return (self.middle(last, number) - self.middle(0, number)) / last if last > 0 else 0.0
