"""`from_onnx`: which sizes a file is read for."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg.layers.symbolic import Shape, as_shape
from tinyseg.utils.types import JsonObject

from ...model import Model
from .building import build
from .files import GraphInput, OnnxFile, needed_nodes, read_file
from .translation import translate
from .values import IMAGE, Reading, Tensor

ANY_SIZE = ((67, 93), (64, 96), (50, 81))
"""Heights and widths for which the layers must be the same where any size is to be possible."""
MULTIPLES = ((64, 96), (128, 160), (96, 224))
"""The same where halving five times must leave no rest."""


def from_onnx(
    path: str | os.PathLike[str],
    *,
    input_shape: Sequence[int | None] | None = None,
    outputs: Sequence[str] | None = None,
    data_format: str | None = None,
) -> Model:
    """Read a network from an ONNX file, as a model of this library's layers: to predict, to train, to save.

    Images are (N, H, W, C) here, whatever the file has; outputs have their channels last, too. What the file computes
    of shapes and constants is computed while it is read. Nothing of the file is ever executed.

    Args:
        path: The file.
        input_shape: Shape of one sample with the channels last, such as (320, 320, 3); None for a length that is free.
            That of the file when not given. Layers that depend on a length need to know it.
        outputs: Names of the tensors to return, to end before the file does; those of the file when not given.
        data_format: Whether the file has its images as 'channels_first' or 'channels_last'; found out when not given.

    Where the file fits its layers to sizes that are no multiples of 32, a warning says so: the layers here do not.

    Raises:
        InvalidInput: No such file, damaged, or nodes for which there are no layers: each is named, with what would be
            needed.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg.layers import Conv2D, Input
        >>> from tinyseg.models import Model, from_onnx
        >>> x = Input((None, None, 3))
        >>> model = Model(x, Conv2D(2, 3, padding="same")(x))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "model.onnx")
        ...     _ = model.export(file)
        ...     again = from_onnx(file)
        ...
        >>> image = np.random.default_rng(0).random((1, 9, 8, 3), "float32")
        >>> bool(abs(model.predict(image, verbose=0) - again.predict(image, verbose=0)).max() < 1e-6)
        True
    """
    file = read_file(path)
    if data_format not in (None, "channels_first", "channels_last"):
        raise unknown_name("data_format", data_format, ("channels_first", "channels_last"))
    try:
        return _model(file, tuple(file.outputs if outputs is None else outputs), input_shape, data_format)
    except InvalidInput as error:
        raise InvalidInput(f"{file.path}: {error}") from error


def _model(
    file: OnnxFile, outputs: tuple[str, ...], input_shape: Sequence[int | None] | None, data_format: str | None
) -> Model:
    if not outputs or not file.inputs:
        raise InvalidInput("expected at least one input and one output")
    last = data_format == "channels_last" if data_format else _seems_last(file, outputs)
    shapes = [_stored_shape(item, last) for item in file.inputs]
    if input_shape is not None:
        if len(shapes) > 1:
            raise InvalidInput(f"input_shape: expected a file with one input, got {len(shapes)}")
        given = as_shape("input_shape", input_shape)
        if len(given) + 1 != len(file.inputs[0].shape):
            raise InvalidInput(f"input_shape: expected {len(file.inputs[0].shape) - 1} lengths, got {given}")
        shapes = [given]
    batch = file.inputs[0].shape[0] if file.inputs[0].shape else None
    if all(None not in shape for shape in shapes):
        reading, results = _translated(file, outputs, shapes, batch, last, (1, 1))
    else:
        reading, results = _of_any_size(file, outputs, shapes, batch, last)
    return build(reading, results, file.inputs, shapes)


def _stored_shape(item: GraphInput, last: bool) -> Shape:
    shape = item.shape
    if not 2 <= len(shape) <= 4:
        raise InvalidInput(f"input {item.name!r}: expected (N, C, H, W) or fewer axes, got {len(shape)}")
    return tuple(shape[axis] for axis in IMAGE[1:]) if len(shape) == 4 and not last else shape[1:]


IMAGE_OPERATIONS = [
    "Conv",
    "ConvTranspose",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Resize",
    "Upsample",
    "BatchNormalization",
    "InstanceNormalization",
    "DepthToSpace",
    "SpaceToDepth",
]
"""Those that have images as (N, C, H, W) whatever a file says."""


def _seems_last(file: OnnxFile, outputs: tuple[str, ...]) -> bool:
    """Return whether the first input's images seem to be (N, H, W, C): they are transposed before anything else.

    In a file without any operation on images, the last axis decides if it alone is as short as channels are.
    """
    item = file.inputs[0]
    if len(item.shape) != 4:
        return False
    reached = {item.name}
    for node in needed_nodes(file, outputs):
        if reached.intersection(node.inputs):
            if node.operation == "Transpose":
                return node.attributes.get("perm") == [0, 3, 1, 2]
            if node.operation in IMAGE_OPERATIONS:
                return False
            reached.update(node.outputs)
    return item.shape[3] in (1, 3, 4) and item.shape[1] not in (1, 3, 4)


def _translated(
    file: OnnxFile, outputs: tuple[str, ...], shapes: Sequence[Shape], batch: int | None, last: bool,
    size: tuple[int, int],
) -> tuple[Reading, list[Tensor]]:  # fmt: skip
    """Read with these lengths in the place of the free ones."""
    whole: list[tuple[int, ...]] = []
    for shape in shapes:
        stored = [batch or 1, *(n if n is not None else size[axis % 2] for axis, n in enumerate(shape))]
        if len(stored) == 4 and not last:
            stored = [stored[0], stored[3], stored[1], stored[2]]
        whole.append(tuple(stored))
    return translate(file, outputs, whole, last)


def _of_any_size(
    file: OnnxFile, outputs: tuple[str, ...], shapes: Sequence[Shape], batch: int | None, last: bool
) -> tuple[Reading, list[Tensor]]:
    """Read for several sizes; the layers must be the same for all of them."""
    fault: InvalidInput | None = None
    for sizes in (ANY_SIZE, MULTIPLES):
        try:
            found = [_translated(file, outputs, shapes, batch, last, size) for size in sizes]
            for other in found[1:]:
                _require_same(found[0][0], other[0])
        except InvalidInput as error:
            fault = error
            continue
        if sizes is MULTIPLES and any(node.operation == "Shape" for node in needed_nodes(file, outputs)):
            # What the file fits to the sizes that it finds, the layers here would not fit, and say nothing. Without
            # Shape, sizes that do not divide do not fit at a skip connection, and are refused there.
            warnings.warn(
                f"{file.path}: its layers are the same only for heights and widths that are multiples of 32; for any "
                "other size, give input_shape=(height, width, channels)",
                UserWarning,
                stacklevel=4,
            )
        return found[-1]
    assert fault is not None
    raise fault


def _require_same(first: Reading, second: Reading) -> None:
    for a, b in zip(first.steps, second.steps, strict=False):
        same = type(a.layer) is type(b.layer) and a.inputs == b.inputs and a.weights.keys() == b.weights.keys()
        if not same or (_arguments(a.layer.get_config()) != _arguments(b.layer.get_config()) and a.inputs):
            raise InvalidInput(
                f"{a.node}: depends on the image's size; give input_shape=(height, width, channels) to fix it"
            )
        for name, array in a.weights.items():
            if not np.array_equal(array, b.weights[name], equal_nan=True):
                raise InvalidInput(f"{a.node}: {name} depends on the image's size; give input_shape to fix it")
    if len(first.steps) != len(second.steps):
        raise InvalidInput("its layers depend on the image's size; give input_shape=(height, width, channels)")


def _arguments(config: JsonObject) -> JsonObject:
    return {key: value for key, value in config.items() if key not in ("name", "seed")}
