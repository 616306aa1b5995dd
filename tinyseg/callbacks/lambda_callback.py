"""LambdaCallback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyseg_kernels.errors import InvalidInput, unknown_name

from .callback import HOOKS, Callback


class LambdaCallback(Callback):
    """A callback from functions, by the names of the hooks.

    Example:
        >>> LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))  # doctest: +ELLIPSIS
        <tinyseg.callbacks.lambda_callback.LambdaCallback object at ...>
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **hooks: Callable[..., Any] | None,
    ) -> None:
        """Set the functions; `hooks` are those of any other hook of `Callback`, such as on_test_end."""
        given = {
            "on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end, "on_train_begin": on_train_begin,
            "on_train_end": on_train_end, "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end, **hooks,
        }  # fmt: skip
        for name, function in given.items():
            if name not in HOOKS:
                raise unknown_name("hook of a callback", name, HOOKS)
            if function is not None:
                if not callable(function):
                    raise InvalidInput(f"LambdaCallback: {name}: expected a function, got {function!r}")
                setattr(self, name, function)
