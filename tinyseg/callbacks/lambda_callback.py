"""LambdaCallback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from tinyseg_kernels.errors import InvalidInput

from .callback import HOOKS, Callback

Hook: TypeAlias = Callable[..., Any] | None


class LambdaCallback(Callback):
    """A callback from functions, by the names of the hooks.

    Example:
        >>> from tinyseg.callbacks import LambdaCallback
        >>> LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))  # doctest: +ELLIPSIS
        <tinyseg.callbacks.lambda_callback.LambdaCallback object at ...>
    """

    def __init__(
        self,
        on_epoch_begin: Hook = None,
        on_epoch_end: Hook = None,
        on_train_begin: Hook = None,
        on_train_end: Hook = None,
        on_train_batch_begin: Hook = None,
        on_train_batch_end: Hook = None,
        on_batch_begin: Hook = None,
        on_batch_end: Hook = None,
        on_test_begin: Hook = None,
        on_test_end: Hook = None,
        on_test_batch_begin: Hook = None,
        on_test_batch_end: Hook = None,
        on_predict_begin: Hook = None,
        on_predict_end: Hook = None,
        on_predict_batch_begin: Hook = None,
        on_predict_batch_end: Hook = None,
    ) -> None:
        """Set the functions; each takes the arguments of its hook, or fewer at the end."""
        given = locals()
        for name in HOOKS:
            function = given[name]
            if function is not None:
                if not callable(function):
                    raise InvalidInput(f"LambdaCallback: {name}: expected a function, got {function!r}")
                setattr(self, name, function)
