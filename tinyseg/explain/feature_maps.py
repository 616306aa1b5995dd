"""What the layers see: their feature maps for one image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.layers.layer import Layer
from tinyseg.models.model import Model

from .scores import tensor_of, tensors


def feature_maps(
    model: Model, image: Array, layers: Sequence[str | Layer] | str | Layer | None = None
) -> dict[str, FloatArray]:
    """Return the results (H, W, C) of layers for one image, by the layers' names.

    Args:
        model: A network of one input.
        image: (H, W, C), as the network takes it.
        layers: Names or layers; all whose results have rows and columns when None.

    Raises:
        InvalidInput: No such layer, or one whose result has no rows and columns.

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import FCN
        >>> from tinyseg.explain import feature_maps
        >>> model = FCN((None, None, 1), classes=3, filters=4, depth=1)
        >>> {name: found.shape for name, found in feature_maps(model, np.ones((8, 6, 1)), ["bottom_act2"]).items()}
        {'bottom_act2': (4, 3, 8)}
    """
    if len(model.inputs) != 1:
        raise InvalidInput(f"feature_maps: expected a network of one input, got {len(model.inputs)}")
    image = np.asarray(image)
    if image.ndim != 3:
        raise InvalidInput(f"feature_maps: expected one image (H, W, C), got shape {image.shape}")
    if layers is None:
        chosen = {name: tensor for name, tensor in tensors(model).items() if len(tensor.shape) == 4}
    else:
        asked = [layers] if isinstance(layers, (str, Layer)) else list(layers)
        chosen = {each if isinstance(each, str) else each.name: tensor_of(model, each) for each in asked}
        for name, tensor in chosen.items():
            if len(tensor.shape) != 4:
                raise InvalidInput(f"feature_maps: {name!r} gives {tensor.shape}, expected rows and columns")
    x = image[None].astype(model.dtype or np.float32)
    results = Model(model.inputs[0], list(chosen.values())).predict_on_batch(x)
    found = results if isinstance(results, (list, tuple)) else [results]
    return {name: np.asarray(values)[0] for name, values in zip(chosen, found, strict=True)}
