"""ModelCheckpoint."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.callbacks.callback import Logs
from tinyseg.utils.foreign_files import check_ending
from tinyseg.utils.types import JsonObject

from .leftovers import remove_leftovers
from .monitor import Monitor, Watching
from .saved import saved_number_or_none


class ModelCheckpoint(Watching):
    """Save the model after each epoch, or when it is the best so far. Files are written whole or not at all.

    Example:
        >>> import numpy as np
        >>> from tinyseg.callbacks import ModelCheckpoint
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> import os
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     best = ModelCheckpoint(os.path.join(folder, "best.safetensors"), monitor="loss", save_best_only=True)
        ...     _ = model.fit(x, 3 * x, epochs=2, callbacks=[best], verbose=0)
        ...     print(os.listdir(folder))
        ...
        ['best.safetensors']
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        """Set where and when; `filepath` may contain {epoch}, counted from 1, and names in the logs: {val_loss:.3f}."""
        self.filepath, self.verbose = os.fspath(filepath), verbose
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        check_ending(self.filepath, "weights" if save_weights_only else "model")  # now, not after an epoch
        if not isinstance(save_freq, str) or save_freq != "epoch":
            raise InvalidInput(
                f"ModelCheckpoint: save_freq: expected 'epoch', got {save_freq!r}: a file is written after each "
                "epoch; for one after a number of batches call self.model.save in on_train_batch_end of a Callback "
                "of your own"
            )
        self.watch = Monitor(monitor, mode)
        self.watch.best = initial_value_threshold

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Remove what a killed training left; not when the name is to be filled in, which could be that of any file."""
        if self.save_best_only:
            self.watch.begin(self)
        if "{" not in self.filepath:
            remove_leftovers(Path(self.filepath))

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Warn when there was never anything to compare."""
        self.watch.end(self)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save if it is time."""
        if self.save_best_only:
            value = self.watch.value(logs, self)
            if value is None or not self.watch.improve(value):
                return
        try:
            path = self.filepath.format(epoch=epoch + 1, **logs)
        except (KeyError, IndexError, ValueError) as error:
            raise InvalidInput(
                f"ModelCheckpoint: filepath {self.filepath!r} cannot be filled in ({error}); known: epoch, "
                f"{', '.join(logs)}"
            ) from None
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)
        if self.verbose:
            print(f"Epoch {epoch + 1}: saved {path}")

    def state(self) -> JsonObject:
        """Return the best value so far."""
        return {"best": self.watch.best}

    def set_state(self, state: JsonObject) -> None:
        """Go on from it."""
        self.watch.best = saved_number_or_none(state, "best")
