"""CallbackList: several callbacks as one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from .backup_and_restore import BackupAndRestore
from .callback import HOOKS, Callback
from .history import History
from .progress import ProgressLogger


def _hook(name: str) -> Any:
    """Return a method that calls this hook of each callback in turn: `hook(logs)`, `hook(epoch or batch, logs)`."""
    numbered = "epoch" in name or "batch" in name

    def call_each(self: CallbackList, *number: int | Any, logs: Any = None) -> None:
        if len(number) <= numbered:
            number = (*number, {} if logs is None else logs)
        for call in self.calls[name]:
            call(*number)

    return call_each


class CallbackList:
    """Calls each callback in turn: the given ones, a History, the progress, and last a BackupAndRestore.

    `fit`, `evaluate` and `predict` make one; in a training loop of your own it is the same as in Keras:
    `CallbackList(callbacks, add_history=True, model=model, epochs=3, steps=10)`, then `on_train_begin()`,
    `on_epoch_begin(0)` ...

    Args:
        callbacks: One Callback, a CallbackList, or a list of them.
        add_history: Add a History unless there is one.
        add_progbar: Show progress as `verbose` in `params` says.
        model: The model.
        params: What callbacks find in `self.params`: epochs, steps, verbose.

    Attributes:
        callbacks: All of them, in the order of the calls.
        history: The History among them, or None.

    Example:
        >>> from tinyseg.callbacks import CallbackList, LambdaCallback
        >>> say = LambdaCallback(on_epoch_begin=lambda epoch, logs: print("epoch", epoch))
        >>> CallbackList([say]).on_epoch_begin(3)
        epoch 3
    """

    on_train_begin, on_train_end = _hook("on_train_begin"), _hook("on_train_end")
    on_epoch_begin, on_epoch_end = _hook("on_epoch_begin"), _hook("on_epoch_end")
    on_train_batch_begin, on_train_batch_end = _hook("on_train_batch_begin"), _hook("on_train_batch_end")
    on_batch_begin, on_batch_end = _hook("on_batch_begin"), _hook("on_batch_end")
    on_test_begin, on_test_end = _hook("on_test_begin"), _hook("on_test_end")
    on_test_batch_begin, on_test_batch_end = _hook("on_test_batch_begin"), _hook("on_test_batch_end")
    on_predict_begin, on_predict_end = _hook("on_predict_begin"), _hook("on_predict_end")
    on_predict_batch_begin, on_predict_batch_end = _hook("on_predict_batch_begin"), _hook("on_predict_batch_end")

    def __init__(
        self,
        callbacks: object = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        """Tell every callback its model and the run's size."""
        own = [] if callbacks is None else list(_flat(callbacks))
        # Both see what the others added to the logs; what saves the state of all callbacks comes after everything.
        last = [own.pop()] if own and isinstance(own[-1], BackupAndRestore) else []
        if add_history and not any(isinstance(callback, History) for callback in own):
            own.append(History())
        if add_progbar and not any(isinstance(callback, ProgressLogger) for callback in own):
            own += ProgressLogger.for_verbosity(params.get("verbose", 1))
        self.callbacks: list[Callback] = [*own, *last]
        self.history: Any = next((callback for callback in self.callbacks if isinstance(callback, History)), None)
        for callback in self.callbacks:
            if model is not None:
                callback.set_model(model)
            callback.set_params({**params, "callbacks": self.callbacks})
        self.calls = {name: [call for callback in self.callbacks for call in _calls(callback, name)] for name in HOOKS}


def _flat(callbacks: object) -> Iterator[Callback]:
    """Yield the callbacks of one, of a CallbackList, or of lists of them."""
    if isinstance(callbacks, CallbackList):
        callbacks = callbacks.callbacks
    if isinstance(callbacks, (list, tuple)):
        for item in callbacks:
            yield from _flat(item)
    elif isinstance(callbacks, Callback):
        yield callbacks
    elif callbacks is not None:
        hint = "; give an object of it, not the class" if isinstance(callbacks, type) else ""
        raise InvalidInput(f"callbacks: expected objects of tinyseg.callbacks.Callback, got {callbacks!r}{hint}")


def _calls(callback: Callback, name: str) -> list[Callable[..., Any]]:
    """Return the hook of a callback, unless it does nothing, with as many arguments as it takes."""
    hook = getattr(callback, name)
    if getattr(hook, "__func__", None) is getattr(Callback, name):
        another = name.replace("train_", "")  # the other name of a hook for training steps
        return _calls(callback, another) if name.startswith("on_train_batch") else []
    takes = positional_arguments(hook)
    return [hook if takes is None else lambda *arguments: hook(*arguments[:takes])]


def positional_arguments(function: Callable[..., Any]) -> int | None:
    """Return how many positional arguments a function takes; None when there is no limit, or it does not say."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
