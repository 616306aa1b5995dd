"""From a network that is known to a model: input, head, weights, preprocessing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg.layers import Activation, GlobalAveragePooling2D, GlobalMaxPooling2D, Input
from tinyseg.layers.convolution import as_count
from tinyseg.models import Model, Preprocessing
from tinyseg.utils.types import ActivationLike

from ..units import Units
from .known import Known
from .loading import load_published

VARIANTS = ("torchvision", "keras")
POOLINGS = {"avg": GlobalAveragePooling2D, "max": GlobalMaxPooling2D}
SIZE = 224


def units_of(known: Known, variant: str) -> Units:
    """Return the style of a variant; raises InvalidInput when there is no such variant."""
    if variant not in VARIANTS:
        raise unknown_name("variant", variant, VARIANTS)
    if variant == "keras" and known.of_keras is None:
        raise InvalidInput(f"{known.name}: variant: Keras has no such network; expected 'torchvision'")
    return Units(**{**known.style, **((known.of_keras or {}) if variant == "keras" else {})})


def classifier(
    known: Known,
    variant: str,
    input_shape: Sequence[int | None] | None,
    include_top: bool,
    weights: str | os.PathLike[str] | None,
    pooling: str | None,
    classes: int,
    classifier_activation: ActivationLike,
    name: str,
    alpha: float = 1.0,
) -> Model:
    """Build the model; the arguments are those of the networks' functions."""
    if not alpha > 0:
        raise InvalidInput(f"{name}: alpha: expected a number above 0, got {alpha!r}")
    classes = as_count(f"{name}: classes", classes)
    if pooling is not None and pooling not in POOLINGS:
        raise unknown_name("pooling", pooling, POOLINGS)
    if weights == "imagenet" and include_top and classes != 1000:
        raise InvalidInput(
            f"{name}: ImageNet's weights are for 1000 classes, got classes={classes}; use include_top=False, or "
            "tinyseg.models.replace_head on the network with 1000"
        )
    shape = _shape(known, input_shape, include_top)
    units = units_of(known, variant)
    options = {} if alpha == 1.0 else {"alpha": alpha}
    x = inputs = Input(shape=shape, name="image")
    x = known.features(x, units, **options)
    if include_top:
        x = known.head(x, units, classes, known.drops if variant == "torchvision" else 0.0)
        if classifier_activation is not None:
            x = Activation(classifier_activation, name="probabilities")(x)
    elif pooling is not None:
        x = POOLINGS[pooling](name=f"{pooling}_pool")(x)
    model = Model(inputs, x, name=name)
    model.preprocessing = _preprocessing(known, variant, shape)
    model.tensor_names = dict(units.table)
    if weights is not None:
        model.weights_report = load_published(model, known, variant, weights)
    return model


def _shape(known: Known, given: Sequence[int | None] | None, include_top: bool) -> tuple[int | None, ...]:
    """Return the input's shape; a network with dense layers on the pixels must know it."""
    size = SIZE if known.preprocessing.size is None else known.preprocessing.size[0]
    shape = ((size, size, 3) if include_top else (None, None, 3)) if given is None else tuple(given)
    if len(shape) != 3:
        raise InvalidInput(f"{known.name}: input_shape: expected (height, width, channels), got {shape}")
    if include_top and not known.pools and None in shape:
        raise InvalidInput(f"{known.name}: input_shape: the dense layers take images of one size, got {shape}")
    return shape


def _preprocessing(known: Known, variant: str, shape: Sequence[int | None]) -> Preprocessing | None:
    """Return the preprocessing for images of the input's size; None for images that have no three channels."""
    chosen = known.preprocessing_of_keras if variant == "keras" else known.preprocessing
    if chosen is None or shape[2] != len(chosen.mean):
        return None
    height, width = shape[:2]
    return replace(chosen, size=None if height is None or width is None else (height, width))
