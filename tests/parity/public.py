"""What is public in tinyseg under Keras's module paths, and arguments with which each of it can be made."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from tinyseg.utils import register_keras_serializable
from tinyseg.utils.arguments import own_parameters

MODULES = (
    "layers", "losses", "metrics", "optimizers", "optimizers.schedules", "callbacks", "initializers", "regularizers",
    "models",
)  # fmt: skip


@register_keras_serializable("tests.parity")
def negative(x: Any) -> Any:
    """What a Lambda computes; a file knows it by its name."""
    return -x


REQUIRED: dict[str, dict[str, Any]] = {
    "layers.Activation": {"activation": "relu"},
    "layers.Conv2D": {"filters": 2, "kernel_size": 3},
    "layers.Conv2DTranspose": {"filters": 2, "kernel_size": 3},
    "layers.Dense": {"units": 3},
    "layers.DepthwiseConv2D": {"kernel_size": 3},
    "layers.Dropout": {"rate": 0.5},
    "layers.InputLayer": {"shape": (4, 4, 1)},
    "layers.Lambda": {"function": negative},
    "layers.Rescaling": {"scale": 2.0},
    "layers.Resizing": {"height": 4, "width": 5},
    "layers.SpatialDropout2D": {"rate": 0.5},
    "layers.Reshape": {"target_shape": (4,)},
    "layers.SeparableConv2D": {"filters": 2, "kernel_size": 3},
    "losses.WeightedSum": {"losses": ["mse", "mae"]},
    "metrics.ConfusionMatrix": {"num_classes": 3},
    "metrics.Dice": {"num_classes": 3},
    "metrics.IoU": {"num_classes": 3, "target_class_ids": [0, 2]},
    "metrics.MeanIoU": {"num_classes": 3},
    "metrics.OneHotIoU": {"num_classes": 3, "target_class_ids": [1]},
    "metrics.OneHotMeanIoU": {"num_classes": 3},
    "metrics.PixelAccuracy": {"num_classes": 3},
    "optimizers.Optimizer": {"learning_rate": 0.1},
    "optimizers.schedules.CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 10},
    "optimizers.schedules.CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 10},
    "optimizers.schedules.ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
    "optimizers.schedules.InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
    "optimizers.schedules.PiecewiseConstantDecay": {"boundaries": [2, 4], "values": [0.3, 0.2, 0.1]},
    "optimizers.schedules.PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 10},
    "callbacks.BackupAndRestore": {"backup_dir": "backup"},
    "callbacks.CSVLogger": {"filename": "log.csv"},
    "callbacks.LearningRateScheduler": {"schedule": lambda epoch, rate: rate},
    "callbacks.ModelCheckpoint": {"filepath": "model.safetensors"},
}
"""Arguments that a class cannot do without."""

MADE_OTHERWISE = (
    "callbacks.CallbackList", "layers.SymbolicTensor", "metrics.MetricCollection", "models.Model",
    "models.Preprocessing",
)  # fmt: skip
"""Made by fit, by layers, from symbolic tensors, or (the last one) of nothing that Keras knows."""


def classes() -> Iterator[tuple[str, type]]:
    """Yield 'module.Name' and the class of everything public that a user makes by its constructor, each once."""
    seen = set()
    for module in MODULES:
        names = import_module(f"tinyseg.{module}")
        for name in names.__all__:
            thing = getattr(names, name)
            if inspect.isclass(thing) and f"{module}.{name}" not in MADE_OTHERWISE and thing not in seen:
                seen.add(thing)
                yield f"{module}.{thing.__name__}", thing


def own_arguments(cls: type) -> dict[str, inspect.Parameter]:
    """Return the arguments of a class of tinyseg, those of its bases included."""
    owner = next((c for c in cls.__mro__ if "__init__" in vars(c)), cls)
    return own_parameters(owner)[0]


def made(name: str, cls: type, /, **arguments: Any) -> Any:
    """Make an object with the arguments that it needs, and these."""
    return cls(**{**REQUIRED.get(name, {}), **arguments})
