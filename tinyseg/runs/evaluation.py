"""How good a model is on samples it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.datasets import VOID, standardize
from tinyseg.datasets.batches import SampleSource
from tinyseg.metrics.confusion import confusion_matrix, dice_per_class, iou_per_class, mean_over_classes, pixel_accuracy
from tinyseg.segmentation import predict_mask
from tinyseg.utils.types import JsonObject

if TYPE_CHECKING:
    from tinyseg.models.model import Model


@dataclass(frozen=True)
class Report:
    """Measures of a segmentation, pixels of all samples pooled, void left out.

    A class that occurs neither in truth nor in prediction has no IoU and no Dice; it is left out of the means.

    Example:
        >>> import numpy as np
        >>> from tinyseg.runs import Report
        >>> report = Report(np.array([[6, 2], [0, 8]]), ["background", "cell"], samples=1)
        >>> round(report.mean_iou, 3)
        0.775
    """

    matrix: Array
    class_names: list[str]
    samples: int
    split: str = ""
    """Which samples: 'train', 'val' or 'test'."""

    @property
    def mean_iou(self) -> float:
        """Mean IoU over the classes that occur."""
        return mean_over_classes(iou_per_class(self.matrix), "skip")

    def as_json(self) -> JsonObject:
        """Return all measures as JSON types."""
        iou, dice = iou_per_class(self.matrix), dice_per_class(self.matrix)
        return {
            "split": self.split,
            "samples": self.samples,
            "pixels": int(self.matrix.sum()),
            "pixel_accuracy": pixel_accuracy(self.matrix),
            "mean_iou": self.mean_iou,
            "mean_dice": mean_over_classes(dice, "skip"),
            "classes": {
                name: {"iou": float(iou[k]), "dice": float(dice[k]), "pixels": int(self.matrix[k].sum())}
                for k, name in enumerate(self.class_names)
            },
            "confusion_matrix": self.matrix.tolist(),
        }


def predict_sample(model: Model, image: Array, multiple_of: int) -> Array:
    """Return the class of each pixel of an image (H, W, C) from 0 to 1, of any size.

    Example:
        >>> import numpy as np
        >>> from tinyseg.runs import Settings, build_model, predict_sample
        >>> model = build_model(Settings(width=4, depth=2), channels=1, classes=3)
        >>> predict_sample(model, np.zeros((19, 30, 1), "float32"), multiple_of=4).shape
        (19, 30)
    """
    prepare = model.preprocessing or standardize
    return predict_mask(model, prepare(image), multiple_of=multiple_of)


def evaluate_samples(
    model: Model,
    samples: SampleSource,
    class_names: Sequence[str],
    multiple_of: int,
    progress: Callable[[int, int], None] | None = None,
    split: str = "",
) -> Report:
    """Predict every sample whole, at its own size, and count.

    Args:
        model: From (N, H, W, C) to (N, H, W, K).
        samples: Pairs (image, ids).
        class_names: K of them.
        multiple_of: See `predict_image`.
        progress: Called with (samples done, samples in all).
        split: What the report calls the samples.

    Example:
        >>> import numpy as np
        >>> from tinyseg.runs import Settings, build_model, evaluate_samples
        >>> model = build_model(Settings(width=4, depth=2), channels=1, classes=2)
        >>> samples = [(np.zeros((8, 8, 1), "float32"), np.zeros((8, 8), "uint8"))] * 3
        >>> report = evaluate_samples(model, samples, ["background", "cell"], multiple_of=4)
        >>> report.samples, int(report.matrix.sum())
        (3, 192)
    """
    classes = len(class_names)
    matrix = np.zeros((classes, classes), np.int64)
    for k in range(len(samples)):
        image, ids = samples[k]
        matrix += confusion_matrix(ids, predict_sample(model, image, multiple_of), classes, ignore_class=VOID)
        if progress is not None:
            progress(k + 1, len(samples))
    return Report(matrix, list(class_names), len(samples), split)
