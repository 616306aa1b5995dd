"""Keras's `backend`, as far as it is of use here.

Called, the module is tinyseg's own `backend`: `with tinyseg.backend("numpy"):`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from tinyseg_kernels.backend import backend as _backend

from tinyseg.utils import clear_session, floatx, set_floatx
from tinyseg.utils.absent import teller


class _CallableModule(ModuleType):
    def __call__(self, name: str) -> Any:
        """Compute by this backend in a `with` block."""
        return _backend(name)


sys.modules[__name__].__class__ = _CallableModule


def epsilon() -> float:
    """Return the small number that stands where Keras uses its epsilon; it cannot be changed."""
    return 1e-7


def image_data_format() -> str:
    """Return the order of axes: channels last, (N, H, W, C)."""
    return "channels_last"


__all__ = ["clear_session", "epsilon", "floatx", "image_data_format", "set_floatx"]

__getattr__ = teller("backend", __all__)
