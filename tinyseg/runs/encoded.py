"""Runs whose network has a known network as its way down."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg import applications, optimizers
from tinyseg.applications.encoders import preprocessing_of
from tinyseg.datasets import standardize
from tinyseg.models import Model

if TYPE_CHECKING:
    from .settings import Settings

COLOURS = 3
ALWAYS = ("fpn", "deeplab", "lraspp")
"""Networks that have an encoder."""


def check_encoder(settings: Settings) -> None:
    """Refuse encoders that there are not, and options that belong to an encoder without one."""
    name = settings.encoder
    if name is None:
        if settings.model in ALWAYS:
            raise InvalidInput(f"model {settings.model!r}: expected an encoder, such as 'mobilenet_v2'")
        if settings.weights is not None or settings.freeze_encoder or settings.encoder_rate != 1:
            raise InvalidInput("weights, freeze_encoder and encoder_rate: expected an encoder, such as 'mobilenet_v2'")
        return
    if name not in applications.ENCODERS:
        raise unknown_name("encoder", name, applications.ENCODERS)
    if settings.model == "fcn" or settings.separable:
        what = "model 'fcn'" if settings.model == "fcn" else "separable"
        raise InvalidInput(f"{what}: expected no encoder, got {name!r}")
    if settings.depth is not None and settings.model != "unet":
        raise InvalidInput(f"depth: expected none for model {settings.model!r}, got {settings.depth}")
    rate = settings.encoder_rate
    if isinstance(rate, bool) or not 0 < rate < math.inf:
        raise InvalidInput(f"encoder_rate: expected a number above 0, got {rate!r}; freeze_encoder keeps it as it is")


def encoded(settings: Settings, classes: int) -> Model:
    """Return the network with its encoder, for colour images of any size; grey ones are made such by preprocessing."""
    assert settings.encoder is not None
    shape = (None, None, COLOURS)
    given: dict[str, Any] = {"encoder": settings.encoder, "encoder_weights": settings.weights}
    if settings.model == "unet":
        model = applications.UNet(
            shape, classes, settings.width, settings.levels, decoder=settings.decoder, dropout=settings.dropout, **given
        )
    else:
        build: Mapping[str, Callable[..., Model]] = {
            "fpn": applications.FPN, "deeplab": applications.DeepLabV3Plus, "lraspp": applications.LRASPP
        }  # fmt: skip
        model = build[settings.model](shape, classes, **given)
    if settings.freeze_encoder:
        for layer in encoder_layers(model):
            model.get_layer(layer).trainable = False
    return model


def encoder_layers(model: Model) -> list[str]:
    """Return the names of the encoder's layers with parameters."""
    return [name for name, source in model.tensor_names.items() if not source.startswith("classifier.")]


def rated(model: Model, optimizer: optimizers.Optimizer, rate: float) -> optimizers.Optimizer:
    """Return the optimizer with another rate for the encoder."""
    return optimizers.LayerRates(optimizer, dict.fromkeys(encoder_layers(model), rate))


def preparation(settings: Settings) -> Callable[[Array], Array]:
    """Return what turns an image from 0 to 1 into what the network takes."""
    if settings.encoder is None:
        return standardize
    return preprocessing_of(settings.encoder)


@lru_cache(maxsize=4)
def numbers_of(settings: Settings, classes: int, size: tuple[int, int]) -> tuple[int, int]:
    """Return the parameters of such a network, and how many numbers the results of its layers have for one image."""
    from dataclasses import replace

    from tinyseg.models.flops import step_shapes

    model = encoded(replace(settings, weights=None), classes)
    results = step_shapes(model, (1, *size, COLOURS))
    return model.count_params(), sum(math.prod(shape) for shape in results)
