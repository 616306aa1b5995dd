"""mean_iou_ignore_class: what is asked, and how it goes wrong.

The mean IoU of the positions whose label is not a certain one. Every mistake in the mean IoU can be made here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.metrics.confusion import confusion_matrix, mean_iou

from ..case import Case, Outputs, case_rng
from ..operation import Hypothesis
from ..traits import LABELS_OF_8_BITS, MORE_THAN_TWO_CLASSES, SEVERAL_IMAGES, Trait, traits_of
from .mean_iou import ABSENT, ONLY_PREDICTED, ONLY_TRUE, PERFECT, MeanIoU

NONE_IGNORED = Trait("ignore_class=None")
NO_CLASS = Trait("an ignored label that is no class")
ONE_OF_THE_CLASSES = Trait("an ignored label that is one of the classes")
EXCHANGED = Trait("two classes that are predicted for each other")
ZERO_IGNORED = Trait("ignore_class=0", mistake="zero-taken-for-none")
SETTINGS: tuple[tuple[tuple[int, ...], int, int | None, Trait | None], ...] = (
    ((6,), 2, None, None),
    ((6,), 2, 255, None),
    ((6,), 2, 0, None),
    ((2, 4), 2, 1, None),
    ((2, 4), 3, 255, None),
    ((3, 4), 3, 2, None),
    ((2, 4, 5), 3, 0, None),
    ((2, 4, 5), 3, -1, None),
    ((3, 6, 5), 4, None, None),
    ((3, 6, 5), 4, 255, None),
    ((3, 4), 3, 255, PERFECT),
    ((3, 4), 3, 0, PERFECT),
    ((4, 4), 4, 255, ABSENT),
    ((4, 5), 4, 0, ABSENT),
    ((4, 4), 3, 255, ONLY_TRUE),
    ((4, 4), 3, 255, ONLY_PREDICTED),
    ((2, 6), 3, None, ONLY_TRUE),
    ((3, 6), 4, 0, ONLY_TRUE),
    ((3, 5), 4, None, ONLY_PREDICTED),
    ((3, 5), 3, 255, EXCHANGED),
    ((2, 5), 3, None, EXCHANGED),
    ((2, 24, 26), 20, 255, LABELS_OF_8_BITS),
    ((2, 24, 26), 3, 255, LABELS_OF_8_BITS),
)


class MeanIoUIgnoreClass(MeanIoU):
    """Mean of intersection over union of the classes, without the positions of one label."""

    name = "mean_iou_ignore_class"
    contract = (
        "forward(y_true, y_pred, *, num_classes, ignore_class) -> number: class ids of one shape, in y_true also "
        "ignore_class, which need not be below num_classes; positions where y_true is ignore_class (None: there are "
        "none) do not count, whatever is predicted there; the mean over the classes that occur in y_true or in y_pred "
        "in the other positions"
    )

    def cases(self) -> list[Case]:
        """Few pixels first; a label that is no class, and one that is; classes that are missing on either side."""
        cases = []
        for number, (shape, classes, ignored, special) in enumerate(SETTINGS):
            rng = case_rng(number, 19)
            t = rng.integers(0, classes, shape)
            t.flat[:classes] = np.arange(classes)
            p = np.where(rng.random(shape) < 0.6, t, rng.integers(0, classes, shape))
            if special == ABSENT:
                t, p = np.where(t == 1, 2, t), np.where(p == 1, 2, p)
            if special == ONLY_TRUE:
                p = np.where(p == 2, 0, p)
            if special == ONLY_PREDICTED:
                t = np.where(t == 1, 0, t)
            if ignored is not None and not 0 <= ignored < classes:
                t = np.where(rng.random(shape) < 0.3, ignored, t)
                t.flat[-1] = ignored
                t.flat[0] = 0
            counts = np.ones(shape, bool) if ignored is None else t != ignored
            # What is predicted where nothing counts must not show, and a class may be predicted there alone.
            p = np.where(counts, t if special == PERFECT else p, rng.integers(0, classes, shape))
            if special is None and ignored in range(classes):
                p.flat[np.flatnonzero(counts)[-1]] = ignored  # predicted where it counts
            if special == ONLY_PREDICTED:
                p.flat[0] = 1
            if special == ONLY_TRUE:
                t.flat[1], p.flat[1] = 2, 0
            if special == EXCHANGED:
                t.flat[:3] = 0, 1, 2
                p = np.where(t == 1, 2, np.where(t == 2, 1, np.where(t == 0, 0, p)))
            if special == LABELS_OF_8_BITS:
                t, p = t.astype(np.uint8), p.astype(np.uint8)
            some = {
                MORE_THAN_TWO_CLASSES: classes > 2,
                SEVERAL_IMAGES: len(shape) == 3,
                NONE_IGNORED: ignored is None,
                ZERO_IGNORED: ignored == 0,
                ONE_OF_THE_CLASSES: ignored in range(classes),
                NO_CLASS: ignored is not None and ignored not in range(classes),
            }
            options = {"num_classes": classes, "ignore_class": ignored}
            cases.append(Case({"y_true": t, "y_pred": p}, options, traits_of(some, special), by_hand=t.size < 20))
        return cases

    def right(self, case: Case) -> Outputs:
        """Ask the library."""
        t, p = case.arrays.values()
        cm = confusion_matrix(t, p, case.options["num_classes"], ignore_class=case.options["ignore_class"])
        return {"mean_iou": np.asarray(mean_iou(cm))}

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """Among the positions that count."""
        return super().named_shapes(_counted(case), output)

    def mistakes(self) -> Iterator[Hypothesis]:
        """Another set of positions or of classes; then the mistakes of the mean IoU, made where it counts."""
        yield from self._position_mistakes()
        yield from self._class_mistakes()
        yield from self._image_mistakes()
        for known in super().mistakes():
            yield Hypothesis(known.cause, lambda case, known=known: known.predict(_counted(case)), known.detail)

    def _position_mistakes(self) -> Iterator[Hypothesis]:
        """Which positions count."""

        def by(mask: Callable[[Array, Array, int], Array]) -> Callable[[Case], Outputs]:
            """Predict from a mask made of labels, predictions and the ignored label."""

            def predict(case: Case) -> Outputs:
                t, p, ignored = _parts(case)
                counts = np.ones(t.shape, bool) if ignored is None else mask(t, p, ignored)
                return _result(score(t[counts], p[counts], range(case.options["num_classes"])))

            return predict

        yield Hypothesis("ignore-class-not-used", by(lambda t, p, i: np.ones(t.shape, bool)))
        yield Hypothesis("zero-taken-for-none", by(lambda t, p, i: (t != i) | (i == 0)))
        yield Hypothesis("mask-of-the-prediction", by(lambda t, p, i: p != i))
        yield Hypothesis("predictions-of-it-ignored-too", by(lambda t, p, i: (t != i) & (p != i)))
        yield Hypothesis("predictions-of-it-ignored-too", by(lambda t, p, i: (t != i) | (p != i)), "where both are it")
        yield Hypothesis("mask-inverted", by(lambda t, p, i: t == i))
        for constant in (255, 0, -1):
            yield Hypothesis(
                "another-label-ignored", by(lambda t, p, i, k=constant: t != k), f"{constant} is left out always"
            )
        yield Hypothesis("smaller-labels-ignored-too", by(lambda t, p, i: t > i))
        yield Hypothesis("larger-labels-ignored-too", by(lambda t, p, i: t < i))

    def _class_mistakes(self) -> Iterator[Hypothesis]:
        """Which classes count, and other labels at the positions that should not count."""

        def of(f: Callable[[Array, Array, int, int], float]) -> Callable[[Case], Outputs]:
            """Predict as f of labels, predictions, number of classes and ignored label where there is one."""

            def predict(case: Case) -> Outputs:
                t, p, ignored = _parts(case)
                if ignored is None:
                    return self.right(case)
                return _result(f(t, p, case.options["num_classes"], ignored))

            return predict

        def others(k: int, i: int) -> list[int]:
            return [c for c in range(k) if c != i]

        yield Hypothesis("class-left-out-of-the-mean-only", of(lambda t, p, k, i: score(t, p, others(k, i))))
        yield Hypothesis(
            "class-left-out-of-the-mean-too", of(lambda t, p, k, i: score(t[t != i], p[t != i], others(k, i)))
        )
        yield Hypothesis(
            "ignored-positions-count-as-class-0",
            of(lambda t, p, k, i: score(t * (t != i), p * (t != i), range(k))),
            "in both arrays",
        )
        yield Hypothesis(
            "ignored-positions-count-as-class-0",
            of(lambda t, p, k, i: score(t * (t != i), p, range(k))),
            "in y_true",
        )
        yield Hypothesis(
            "ignored-positions-count-as-class-0",
            of(lambda t, p, k, i: score(t, p * (t != i), range(k))),
            "in y_pred",
        )
        yield Hypothesis(
            "ignored-positions-count-as-right", of(lambda t, p, k, i: score(np.where(t == i, p, t), p, range(k)))
        )
        yield Hypothesis(
            "ignored-positions-count-as-right",
            of(lambda t, p, k, i: score(t, np.where(t == i, t, p), range(k))),
            "of the ignored class",
        )
        yield Hypothesis(
            "ignored-positions-in-the-prediction-counted",
            of(lambda t, p, k, i: _with_sums(t, p, k, i)),
        )

    def _image_mistakes(self) -> Iterator[Hypothesis]:
        """Images apart from each other."""

        def images(case: Case) -> Iterator[float]:
            t, p, ignored = _parts(case)
            if t.ndim == 1:
                t, p = t[None], p[None]
            for one, other in zip(t, p, strict=True):
                counts = np.ones(one.shape, bool) if ignored is None else one != ignored
                yield score(one[counts], other[counts], range(case.options["num_classes"]))

        yield Hypothesis("averaged-over-images", lambda case: _result(float(np.mean(list(images(case))))))
        yield Hypothesis("averaged-over-images", lambda case: _result(float(np.nanmean(list(images(case))))))
        yield Hypothesis("only-first-image", lambda case: _result(next(images(case))))


def _parts(case: Case) -> tuple[Array, Array, int | None]:
    t, p = (np.asarray(a, np.int64) for a in case.arrays.values())
    ignored: int | None = case.options["ignore_class"]
    return t, p, ignored


def _result(value: float) -> Outputs:
    return {"mean_iou": np.asarray(value)}


def _counted(case: Case) -> Case:
    """Return the case without the positions that do not count."""
    t, p = case.arrays.values()
    ignored = case.options["ignore_class"]
    return case if ignored is None else case.with_arrays(y_true=t[t != ignored], y_pred=p[t != ignored])


def score(t: Array, p: Array, classes: Iterable[int]) -> float:
    """Return the mean IoU over those of some classes that occur; NaN where none does."""
    values = []
    for k in classes:
        either = ((t == k) | (p == k)).sum()
        if either:
            values.append(((t == k) & (p == k)).sum() / either)
    return float(np.mean(values)) if values else float("nan")


def _with_sums(t: Array, p: Array, classes: int, ignored: int) -> float:
    """Return the score from counts in which y_pred counts everywhere and y_true where it should."""
    values = []
    for k in range(classes):
        both = ((t == k) & (p == k) & (t != ignored)).sum()
        either = ((t == k) & (t != ignored)).sum() + (p == k).sum() - both
        if either:
            values.append(both / either)
    return float(np.mean(values))
