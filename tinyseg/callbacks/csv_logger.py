"""CSVLogger."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.callbacks.callback import Logs
from tinyseg.utils.files import atomic_path, read_table
from tinyseg.utils.types import JsonObject

from .callback import Callback
from .leftovers import remove_leftovers


class CSVLogger(Callback):
    """Write one row per epoch to a CSV file: epoch (from 0), then the logs. The file is whole at any moment.

    Example:
        >>> import numpy as np
        >>> from tinyseg.callbacks import CSVLogger
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> import os
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "log.csv")
        ...     _ = model.fit(x, 3 * x, epochs=2, callbacks=[CSVLogger(file)], verbose=0)
        ...     print([line.split(",")[0] for line in Path(file).read_text().splitlines()])
        ...
        ['epoch', '0', '1']
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        """Set the file; `append` keeps the rows that it has."""
        self.path, self.separator, self.append = Path(filename), separator, append
        self.rows: list[JsonObject] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start with the rows of an earlier training, or none."""
        remove_leftovers(self.path)
        self.rows = []
        if self.append and self.path.exists():
            self.rows = [dict(row) for row in read_table(self.path, self.separator)]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Add a row."""
        self.rows.append({"epoch": epoch, **logs})
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        with atomic_path(self.path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names, delimiter=self.separator)
            writer.writeheader()
            writer.writerows(self.rows)

    def state(self) -> JsonObject:
        """Return the rows so far."""
        return {"rows": self.rows}

    def set_state(self, state: JsonObject) -> None:
        """Go on from these."""
        rows = state["rows"]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise InvalidInput("rows: expected a list of rows, each with a value for each name")
        self.rows = rows
