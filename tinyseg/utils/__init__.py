"""Small things that everything uses: seeds, dtypes, one-hot labels, safe files."""

from __future__ import annotations

from .absent import teller
from .custom_objects import custom_object_scope, get_custom_objects, register_keras_serializable
from .dtypes import floatx, set_floatx
from .files import atomic_path
from .plot_model import plot_model
from .random import set_random_seed
from .session import clear_session
from .to_categorical import to_categorical

__all__ = [
    "atomic_path",
    "clear_session",
    "custom_object_scope",
    "floatx",
    "get_custom_objects",
    "plot_model",
    "register_keras_serializable",
    "set_floatx",
    "set_random_seed",
    "to_categorical",
]

__getattr__ = teller("utils", __all__)
