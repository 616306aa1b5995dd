"""Optimizers: how gradients change parameters."""

from __future__ import annotations

from tinyseg.utils.absent import teller
from tinyseg.utils.registry import Registry

from . import schedules
from .adam import Adam, AdamW
from .layer_rates import LayerRates
from .optimizer import Optimizer
from .rmsprop import RMSprop
from .sgd import SGD

_registry: Registry[Optimizer] = Registry("optimizer", Optimizer, [SGD, Adam, AdamW, RMSprop, LayerRates])
get = _registry.get
LayerRates.registry = _registry
serialize = _registry.serialize

__all__ = ["SGD", "Adam", "AdamW", "LayerRates", "Optimizer", "RMSprop", "get", "schedules", "serialize"]

__getattr__ = teller("optimizers", __all__)
