"""A whole run: from samples and settings to a folder with the model, its history, its measures and pictures."""

from __future__ import annotations

import math
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.backend import get_backend
from tinyseg_kernels.errors import InvalidInput

from tinyseg.callbacks import BackupAndRestore, Callback, CSVLogger, ModelCheckpoint, TerminateOnNaN
from tinyseg.callbacks.callback import Logs
from tinyseg.datasets import VOID, SegmentationBatches
from tinyseg.datasets.batches import SampleSource
from tinyseg.utils.locks import FolderLock
from tinyseg.utils.random import set_random_seed
from tinyseg.visualization import plot_confusion, plot_curves, plot_predictions, save_figure

from .basis import basis, changed_files, changes, files
from .budget import TimeLimit, epochs_within
from .encoded import preparation
from .evaluation import Report, evaluate_samples, predict_sample
from .folder import RunDescription, RunFolder, write_json
from .settings import Settings, build_model, compile_model
from .size import refuse_what_does_not_fit

if TYPE_CHECKING:
    from tinyseg.models.model import Model

MONITOR = "val_mean_iou"
PICTURES, LOOKED_AT = 6, 16
VALIDATION_BATCH_PIXELS = 1 << 19
"""Validation runs on whole images, as many at once as have about this many pixels."""


@dataclass(frozen=True)
class RunData:
    """What a run learns from and is measured on.

    Attributes:
        name: The dataset's folder, or 'digit scenes'.
        train: Samples (image, ids) to learn from.
        val: To choose the best epoch by.
        test: To report on, or None; then `val` is reported.
        channels: Of the images.
        class_names: One per class.
        colors: One per class.

    Example:
        >>> import numpy as np
        >>> from tinyseg.datasets import default_colors
        >>> from tinyseg.runs import RunData
        >>> samples = [(np.zeros((8, 8, 1), "float32"), np.zeros((8, 8), "uint8"))]
        >>> data = RunData("blank", samples, samples, None, 1, ["background", "cell"], default_colors(2))
        >>> len(data.train), data.class_names
        (1, ['background', 'cell'])
    """

    name: str
    train: SampleSource
    val: SampleSource
    test: SampleSource | None
    channels: int
    class_names: list[str]
    colors: list[tuple[int, int, int]]


def train_run(
    data: RunData,
    settings: Settings,
    out: str | os.PathLike[str],
    *,
    resume: bool = False,
    say: Callable[[str], None] = print,
    progress: Callable[[str], Callable[[int, int], None]] | None = None,
    verbose: str | int = "auto",
    callbacks: list[Callback] | None = None,
) -> Report:
    """Train, keep the model that is best on the validation samples, and write everything into a folder.

    Files: `run.json` (settings and classes), `model.safetensors` (the best epoch), `checkpoint.safetensors` (the last
    epoch, until the run is finished), `history.csv`, and at the end `curves.png`, `predictions.png`, `confusion.png`
    and `metrics.json`.

    Args:
        data: The samples.
        settings: Options; of an interrupted run that is resumed, those in its `run.json` count.
        out: The run's folder.
        resume: Go on with an interrupted run, bit for bit as if it had not been interrupted; what stands against that
            (other threads, another processor, other images) is said.
        say: Takes lines of text.
        progress: Given a title, returns a function that shows (done, total).
        verbose: As for `Model.fit`.
        callbacks: Further ones.

    Returns:
        The measures on the test samples, or the validation samples if there are none.

    Raises:
        InvalidInput: Another training uses the folder, or holds a run already; data or settings that do not fit. Then
            the folder is as it was.

    Example:
        >>> from tinyseg.datasets import default_colors, digit_scenes
        >>> from tinyseg.runs import RunData, Settings, train_run
        >>> samples = list(zip(*digit_scenes(4, size=32)))
        >>> names = ["background", *"0123456789"]
        >>> data = RunData("digit scenes", samples, samples, None, 1, names, default_colors(11))
        >>> settings = Settings(width=4, depth=2, epochs=1, batch_size=2)
        >>> report = train_run(data, settings, "run", say=lambda line: None, verbose=0)
        >>> report.split, report.samples
        ('val', 4)
    """
    folder = RunFolder(out)
    with folder.lock.held() as lock:
        if lock.problem:
            say(f"{folder.path}: {lock.problem}")
        resumed = resume and folder.exists
        if resumed and folder.finished:
            folder.remove_leftovers()
            return _measure_again(folder, data, say, progress)
        if resumed:
            run = _go_on(folder, data, say)
        else:
            folder.refuse_to_overwrite(resume)
            _check_size(data, settings, say)
            run = _start(data, settings, say)
        folder.remove_leftovers()
        try:
            if not resumed:
                folder.write_description(run)
            return _train(folder, run, data, lock, say, progress, verbose, callbacks or [])
        except Exception:
            # Nothing was learnt yet: the mistake can be mended and the command repeated.
            if not resumed and not folder.results():
                folder.description_file.unlink(missing_ok=True)
            raise


def _train(
    folder: RunFolder,
    run: RunDescription,
    data: RunData,
    lock: FolderLock,
    say: Callable[[str], None],
    progress: object,
    verbose: str | int,
    callbacks: list[Callback],
) -> Report:
    """Train, measure and draw, in a folder that is ours."""
    settings, began = run.settings, time.monotonic()
    assert settings.epochs is not None
    batches, validation = _batches(data, settings)
    set_random_seed(settings.seed)
    model = build_model(settings, data.channels, len(data.class_names))
    compile_model(model, settings, len(data.class_names), run.class_weight, len(batches))
    say(
        f"{settings.model} of {model.count_params():,} parameters, {len(data.train)} training and {len(data.val)} "
        f"validation images, {len(data.class_names)} classes, {settings.epochs} epochs of {len(batches)} steps, "
        f"backend {get_backend()}"
    )
    limit = [] if settings.minutes is None else [TimeLimit(settings.minutes)]
    watching = [
        StillOurs(lock),
        TerminateOnNaN(),
        CSVLogger(folder.history),
        ModelCheckpoint(folder.model, MONITOR, save_best_only=True),
        *limit,
        *callbacks,
        BackupAndRestore(folder.path, delete_checkpoint=False),
    ]
    with np.errstate(all="ignore"):  # a run that diverges is told by TerminateOnNaN, in words
        model.fit(batches, epochs=settings.epochs, validation_data=validation, verbose=verbose, callbacks=watching)
    if np.isnan(model.history.history["loss"]).any():
        say("the loss became NaN and training was stopped: use a smaller learning rate")
    report = _finish(folder, run, data, time.monotonic() - began, say, progress)
    folder.checkpoint.unlink(missing_ok=True)
    return report


class StillOurs(Callback):
    """Stops before anything is written into a folder that was removed, and in which another run may have begun."""

    def __init__(self, lock: FolderLock) -> None:
        """Set the lock on the folder."""
        self.lock = lock

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Look."""
        if not self.lock.still_held():
            raise OSError(f"{self.lock.folder}: the folder was removed or replaced while this run was training in it")


def _go_on(folder: RunFolder, data: RunData, say: Callable[[str], None]) -> RunDescription:
    """Read what the run was asked to do, and say what is not as it was when it began."""
    run = _same_classes(folder, data)
    now = files({"train": data.train, "val": data.val}, run.files)
    changed = [*changes(run.basis, basis(np.dtype(np.float32))), *changed_files(run.files, now)]
    for text in changed:
        say(f"{folder.path}: {text}: the run goes on, but not bit for bit")
    if not run.basis:
        say(
            f"{folder.path}: begun by an older tinyseg, which did not record threads, backend and images: they may "
            "differ"
        )
    if set(changed) - set(run.changed):
        run = replace(run, changed=list(dict.fromkeys([*run.changed, *changed])))
        folder.write_description(run)
    return run


def _same_classes(folder: RunFolder, data: RunData) -> RunDescription:
    run = folder.read_description()
    if run.class_names != data.class_names or run.channels != data.channels:
        raise InvalidInput(
            f"{folder.path}: the run was started with {run.channels} channels and the classes {run.class_names}; "
            f"the data have {data.channels} and {data.class_names}"
        )
    return run


def _measure_again(folder: RunFolder, data: RunData, say: Callable[[str], None], progress: object) -> Report:
    run = _same_classes(folder, data)
    say(f"{folder.path}: the run is finished already; its model is measured again, and nothing is written")
    folder.checkpoint.unlink(missing_ok=True)  # it is still there after a kill between the measures and its removal
    return _measure(folder.load_model(), run, data, progress)


def _check_size(data: RunData, settings: Settings, say: Callable[[str], None]) -> None:
    """Refuse a network that no memory holds, and say when one is deeper than the images have pixels."""
    size = settings.crop or max((data.train[k][1].shape for k in range(min(len(data.train), LOOKED_AT))), key=math.prod)
    batch = min(settings.batch_size, len(data.train))
    refuse_what_does_not_fit(settings, data.channels, len(data.class_names), batch, size, say)
    if settings.multiple_of > max(size):
        side = settings.multiple_of
        say(
            f"depth {settings.levels} halves images of {size[0]} x {size[1]} to less than a pixel: each is filled up "
            f"to {side} x {side}"
        )


def _start(data: RunData, settings: Settings, say: Callable[[str], None]) -> RunDescription:
    """Settle what depends on the data: class weights, and the number of epochs that fit into the minutes."""
    weights = class_weights(data) if settings.loss == "balanced-cross-entropy" else None
    if settings.minutes is not None:
        say(f"measuring some steps to see how many epochs fit into {settings.minutes:g} minutes ...")
        trial = settings.with_epochs(1)
        batches, validation = _batches(data, trial)
        model = build_model(trial, data.channels, len(data.class_names))
        compile_model(model, trial, len(data.class_names), weights, len(batches))
        fitting = epochs_within(settings.minutes, model, batches, validation)
        settings = settings.with_epochs(min(fitting, settings.epochs or fitting))
    return RunDescription(
        *(settings, data.name, data.channels, data.class_names, data.colors, weights),
        basis=basis(np.dtype(np.float32)),
        files=files({"train": data.train, "val": data.val}),
    )


def _batches(data: RunData, settings: Settings) -> tuple[SegmentationBatches, SegmentationBatches]:
    learning = SegmentationBatches(
        data.train,
        settings.batch_size,
        crop=settings.crop,
        augmentation=settings.augmentation,
        multiple_of=settings.multiple_of,
        shuffle=True,
        seed=settings.seed,
        prepare=preparation(settings),
    )
    pixels = max(data.val[k][1].size for k in range(len(data.val)))  # all are read: a bad mask is better told now
    size = max(1, min(settings.batch_size, VALIDATION_BATCH_PIXELS // pixels))
    validation = SegmentationBatches(data.val, size, multiple_of=settings.multiple_of, prepare=preparation(settings))
    return learning, validation


def class_weights(data: RunData) -> list[float]:
    """Return 1 / sqrt(share of the class among the training pixels), scaled to a mean of 1 over the pixels.

    1 for classes that are absent.
    """
    counts = np.zeros(256, np.int64)
    for k in range(len(data.train)):
        counts += np.bincount(data.train[k][1].ravel(), minlength=256)
    counts = np.delete(counts, VOID)[: len(data.class_names)]
    share = counts / max(int(counts.sum()), 1)
    weights = np.divide(1.0, np.sqrt(share), out=np.zeros(len(share)), where=share > 0)
    weights = weights / max(float((weights * share).sum()), 1e-12)
    return [float(weight) or 1.0 for weight in weights]


def _finish(
    folder: RunFolder, run: RunDescription, data: RunData, seconds: float, say: Callable[[str], None], progress: object
) -> Report:
    """Measure the best model and draw what it does."""
    history = folder.read_history()
    if np.isnan(history[MONITOR]).all():
        raise InvalidInput(f"{data.name}: no epoch could be judged: all labels of the validation images are void")
    model = folder.load_model()
    best = int(np.nanargmax(history[MONITOR]))
    save_figure(plot_curves({k: v for k, v in history.items() if k != "epoch"}, best), folder.path / "curves.png")
    report = _measure(model, run, data, progress)
    draw_predictions(folder, model, run, data.val if data.test is None else data.test)
    save_figure(plot_confusion(report.matrix, data.class_names), folder.path / "confusion.png")
    content = {
        **report.as_json(),
        "best_epoch": best + 1,
        "epochs": len(history[MONITOR]),
        "best_val_mean_iou": history[MONITOR][best],
        "parameters": model.count_params(),
        "seconds": round(seconds, 1),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "backend": get_backend(),
        "command": " ".join(["tinyseg", *sys.argv[1:]]) if sys.argv and "tinyseg" in sys.argv[0] else None,
    }
    write_json(folder.metrics, content)
    say(f"best epoch {best + 1} of {len(history[MONITOR])} (validation mean IoU {history[MONITOR][best]:.3f})")
    return report


def _measure(model: Model, run: RunDescription, data: RunData, progress: Any) -> Report:
    """Measure on the test samples, or on the validation samples if there are none."""
    split, samples = ("val", data.val) if data.test is None else ("test", data.test)
    show = None if progress is None else progress(f"evaluating {split}")
    return evaluate_samples(model, samples, data.class_names, run.settings.multiple_of, show, split)


def draw_predictions(folder: RunFolder, model: Model, run: RunDescription, samples: SampleSource) -> None:
    """Write `predictions.png`: samples spread evenly over the split, neither the best nor the first ones.

    Example:
        >>> from tinyseg.datasets import default_colors, digit_scenes
        >>> from tinyseg.runs import RunDescription, RunFolder, Settings, build_model, draw_predictions
        >>> settings, names = Settings(width=4, depth=2), ["background", *"0123456789"]
        >>> model = build_model(settings, channels=1, classes=11)
        >>> run = RunDescription(settings, "digit scenes", 1, names, default_colors(11))
        >>> folder, samples = RunFolder("drawn"), list(zip(*digit_scenes(3, size=32)))
        >>> folder.path.mkdir()
        >>> draw_predictions(folder, model, run, samples)
        >>> (folder.path / "predictions.png").exists()
        True
    """
    chosen = np.unique(np.linspace(0, len(samples) - 1, min(PICTURES, len(samples))).round().astype(int))
    pairs = [samples[int(k)] for k in chosen]
    names = [str(samples.name(int(k)) if hasattr(samples, "name") else f"sample {k}")[:24] for k in chosen]
    predictions = [predict_sample(model, image, run.settings.multiple_of) for image, _ in pairs]
    figure = plot_predictions(
        [image for image, _ in pairs], [ids for _, ids in pairs], predictions, run.class_names, run.colors, names
    )
    save_figure(figure, folder.path / "predictions.png")
