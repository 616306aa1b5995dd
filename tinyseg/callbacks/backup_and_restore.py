"""BackupAndRestore: a run that was interrupted goes on as if nothing had happened."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput

from tinyseg.callbacks.callback import Logs
from tinyseg.utils.locks import FolderLock

from .callback import Callback
from .leftovers import remove_leftovers
from .saved import saved_count


class BackupAndRestore(Callback):
    """Save all that training depends on after each epoch, and start from there when the file exists.

    Saved are the model's parameters and state, the optimizer's and its learning rate, the number of epochs done, and
    the state of all other callbacks. With data whose order depends on the epoch alone
    (`tinyseg.datasets.SegmentationBatches`; arrays under `set_random_seed`), the resumed run gives the same bits as one
    that was never interrupted. Must be the last of the callbacks, so that it saves what the others did in the epoch.

    While one training uses the folder, another one is refused. After a training that was broken off, the same thread
    may begin again, and so may any other process once this one has ended.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg.callbacks import BackupAndRestore, LambdaCallback
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> say = LambdaCallback(on_epoch_begin=lambda epoch, logs: print("epoch", epoch))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     backup = BackupAndRestore(folder, delete_checkpoint=False)
        ...     _ = model.fit(x, 3 * x, epochs=2, callbacks=[say, backup], verbose=0)
        ...     _ = model.fit(x, 3 * x, epochs=3, callbacks=[say, backup], verbose=0)  # goes on
        ...
        epoch 0
        epoch 1
        epoch 2
    """

    def __init__(self, backup_dir: str | os.PathLike[str], delete_checkpoint: bool = True) -> None:
        """Set the folder; its file is removed at the end of training unless `delete_checkpoint` is false."""
        self.path = Path(backup_dir) / "checkpoint.safetensors"
        self.lock = FolderLock(backup_dir, "another backup_dir")
        self.delete_checkpoint = delete_checkpoint

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Restore, if there is something to restore."""
        if self.params["callbacks"][-1] is not self:
            raise InvalidInput("BackupAndRestore must be the last of the callbacks")
        self.lock.acquire()
        if self.lock.problem:
            warnings.warn(f"{self.lock.folder}: {self.lock.problem}", stacklevel=4)
        try:
            remove_leftovers(self.path)
            if self.path.exists():
                self._restore()
        except BaseException:
            self.lock.release()
            raise

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save."""
        if not self.lock.still_held():
            raise OSError(f"{self.path.parent}: the folder was removed or replaced while this training used it")
        tensors: dict[str, Any] = {}
        states = []
        for k, callback in enumerate(self._others()):
            texts: dict[str, Any] = {}
            for key, value in callback.state().items():
                if isinstance(value, np.ndarray):
                    tensors[f"{k}/{key}"] = value
                else:
                    texts[key] = value
            states.append({"class_name": type(callback).__name__, "state": texts})
        metadata = {
            "epochs_done": str(epoch + 1),
            "stopped": json.dumps(self.model.stop_training),
            "learning_rate": json.dumps(self.model.optimizer.get_config()["learning_rate"]),
            "callbacks": json.dumps(states),
        }
        self.model.save_checkpoint(self.path, tensors, metadata)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Clean up."""
        if self.delete_checkpoint:
            self.path.unlink(missing_ok=True)
        self.lock.release()

    def _restore(self) -> None:
        tensors, metadata = self.model.load_checkpoint(self.path)
        try:
            saved, own = json.loads(metadata["callbacks"]), self._others()
            names = [item["class_name"] for item in saved]
            if names != [type(callback).__name__ for callback in own]:
                raise InvalidInput(f"expected the same callbacks as before the interruption ({', '.join(names)})")
            for k, (item, callback) in enumerate(zip(saved, own, strict=True)):
                arrays = {key.partition("/")[2]: a for key, a in tensors.items() if key.startswith(f"{k}/")}
                callback.set_state({**item["state"], **arrays})
            self.model.optimizer.learning_rate = json.loads(metadata["learning_rate"])
            self.model.resume_at_epoch = saved_count({"epochs_done": int(metadata["epochs_done"])}, "epochs_done")
            self.model.stop_training = bool(json.loads(metadata["stopped"]))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise InvalidInput(f"{self.path}: cannot resume from this checkpoint: {error}") from error

    def _others(self) -> list[Callback]:
        """Return the callbacks that remember something.

        How progress is shown may differ after an interruption.
        """
        return [c for c in self.params["callbacks"] if c is not self and type(c).state is not Callback.state]
