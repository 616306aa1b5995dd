"""A run's folder: what was asked for, the best model, the checkpoint to go on from, and the results."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.callbacks.leftovers import remove_leftovers
from tinyseg.datasets import Color
from tinyseg.models import Model, load_model
from tinyseg.utils.files import as_path, atomic_path, read_table, read_text
from tinyseg.utils.locks import FolderLock

from .basis import Basis, Files
from .settings import Settings

VERSION = 1
LARGEST_JSON = 1 << 26
"""Bytes: `run.json` names every training and validation image."""

RESULTS = (
    *("model.safetensors", "checkpoint.safetensors", "history.csv", "metrics.json"),
    *("curves.png", "predictions.png", "confusion.png"),
)
"""What a run writes next to `run.json`."""


@dataclass(frozen=True)
class RunDescription:
    """The content of `run.json`.

    Attributes:
        settings: What was asked for.
        data: The dataset's folder, or 'digit scenes'.
        channels: Of the images.
        class_names: One per class.
        colors: One per class.
        class_weight: One per class, or None.
        basis: What the same bits rest on (see `basis.py`); empty in a run of an older tinyseg.
        files: The same of the training and validation samples.
        changed: What was otherwise when the run went on: it is not bit for bit what it would have been.

    Example:
        >>> from tinyseg.datasets import default_colors
        >>> from tinyseg.runs import RunDescription, Settings
        >>> run = RunDescription(Settings(), "blank", 1, ["background", "cell"], default_colors(2))
        >>> run.settings.model, run.class_names
        ('unet', ['background', 'cell'])
    """

    settings: Settings
    data: str
    channels: int
    class_names: list[str]
    colors: list[Color]
    class_weight: list[float] | None = None
    basis: Basis = field(default_factory=dict)
    files: Files = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)


class RunFolder:
    """The files of a run.

    Example:
        >>> from tinyseg.runs import RunFolder
        >>> RunFolder("run").path.name
        'run'
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Set the folder; it need not exist yet."""
        self.path = as_path(path, "run")
        if self.path.exists() and not self.path.is_dir():
            raise InvalidInput(f"{self.path}: expected a folder for the run, got a file")

    model = property(lambda self: self.path / "model.safetensors")
    checkpoint = property(lambda self: self.path / "checkpoint.safetensors")
    history = property(lambda self: self.path / "history.csv")
    metrics = property(lambda self: self.path / "metrics.json")
    description_file = property(lambda self: self.path / "run.json")

    @property
    def exists(self) -> bool:
        """Whether a run was started here."""
        return bool(self.description_file.exists())

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return bool(self.metrics.exists())

    @property
    def lock(self) -> FolderLock:
        """Make the lock of the run's only trainer."""
        return FolderLock(self.path, "another --out")

    def refuse_a_second_trainer(self) -> None:
        """Raise when another process trains here; touches nothing."""
        self.lock.refuse_if_held()

    def results(self) -> list[str]:
        """Return the names of the files of a run that are there, `run.json` not counted."""
        return [name for name in RESULTS if (self.path / name).exists()]

    def refuse_to_overwrite(self, resume: bool) -> None:
        """Raise when a new run would destroy another one, or files of somebody else's under its names.

        A start that came to nothing, which leaves at most its run.json, is no run.
        """
        found = self.results()
        if self.exists and not resume:
            if found:
                raise InvalidInput(
                    f"{self.path}: holds a run already; go on with it by --resume, or choose another folder"
                )
            self.read_description()  # a run.json of somebody else's is refused
        if not self.exists and found:
            raise InvalidInput(
                f"{self.path}: holds {', '.join(found)}, which a run would overwrite; choose another folder"
            )

    def remove_leftovers(self) -> None:
        """Remove the temporary files of a run that was killed while it wrote.

        Those of `evaluate` stay, which may be at work.
        """
        for name in (self.description_file.name, *RESULTS):
            remove_leftovers(self.path / name)

    def write_description(self, run: RunDescription) -> None:
        """Write `run.json`."""
        content = {
            "version": VERSION,
            "settings": run.settings.as_json(),
            "data": run.data,
            "channels": run.channels,
            "class_names": run.class_names,
            "colors": run.colors,
            "class_weight": run.class_weight,
            "rests_on": run.basis,
            "changed": run.changed,
            "files": run.files,
        }
        write_json(self.description_file, content)

    def read_description(self) -> RunDescription:
        """Read `run.json`; raises InvalidInput when this is no run, or the file is damaged."""
        if not self.exists:
            raise InvalidInput(f"{self.path}: not the folder of a run: it holds no run.json")
        content = read_json(self.description_file)
        try:
            weights = content["class_weight"]
            run = RunDescription(
                Settings.from_json(content["settings"]),
                str(content["data"]),
                int(content["channels"]),
                [str(name) for name in content["class_names"]],
                [(int(r), int(g), int(b)) for r, g, b in content["colors"]],
                None if weights is None else [float(weight) for weight in weights],
                {str(key): str(value) for key, value in content.get("rests_on", {}).items()},
                {split: {k: str(v) for k, v in names.items()} for split, names in content.get("files", {}).items()},
                [str(text) for text in content.get("changed", [])],
            )
            classes = len(run.class_names)
            if run.channels not in (1, 3) or classes < 2 or len(run.colors) != classes:
                raise ValueError("expected 1 or 3 channels, at least two classes, and a colour for each")
            if not all(0 <= value <= 255 for color in run.colors for value in color):
                raise ValueError("expected colours from 0 to 255")
            if run.class_weight is not None and len(run.class_weight) != classes:
                raise ValueError("expected a weight for each class")
            return run
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise InvalidInput(
                f"{self.description_file}: damaged, or of another version of tinyseg: {error}"
            ) from error

    def load_model(self) -> Model:
        """Read the best model."""
        if not self.model.exists():
            raise InvalidInput(f"{self.path}: the run has no model yet; is it still in its first epoch?")
        return load_model(self.model, compile=False)

    def read_history(self) -> dict[str, list[float]]:
        """Read `history.csv`: name -> one number per epoch; InvalidInput names a file that is missing or damaged."""
        rows = read_table(self.history)
        try:
            return {name: [float(row[name] or "nan") for row in rows] for name in (rows[0] if rows else [])}
        except ValueError as error:
            raise InvalidInput(f"{self.history}: expected numbers: {error}") from error


def write_json(path: Path, content: object) -> None:
    """Write JSON, whole or not at all; NaN becomes null."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(_without_nan(content), indent=2) + "\n", "utf-8")


def read_json(path: Path) -> Any:
    """Read JSON; raises InvalidInput naming the file."""
    text = read_text(path, "JSON", LARGEST_JSON)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{path}: not readable as JSON ({error})") from error


def _without_nan(value: object) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and value != value else value
