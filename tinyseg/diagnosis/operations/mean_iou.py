"""mean_iou: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.metrics.confusion import confusion_matrix, mean_iou

from ..case import Case, Outputs, case_rng
from ..comparison import Finding, Kind
from ..operation import Hypothesis, Operation
from ..traits import LABELS_OF_8_BITS, MORE_THAN_TWO_CLASSES, SEVERAL_IMAGES, Trait, traits_of

ABSENT = Trait("a class that does not occur", not_finite="absent-classes-divide-by-zero")
ONLY_TRUE = Trait("a class that is never predicted")
ONLY_PREDICTED = Trait("a class that is only predicted")
PERFECT = Trait("a perfect prediction")
NO_AGREEMENT = Trait("no agreement at all")

FLOAT32 = 1e-6
"""Relative error of a mean of some ratios in float32."""


class MeanIoU(Operation):
    """Mean of intersection over union of the classes."""

    name = "mean_iou"
    arrays = ("y_true", "y_pred")
    results = ("mean_iou",)
    gradients = ()
    has_cache = False
    contract = (
        "forward(y_true, y_pred, *, num_classes) -> number: class ids of one shape; the mean over the classes that "
        "occur in y_true or in y_pred"
    )

    def cases(self) -> list[Case]:
        """Few pixels first, then classes that are missing on either side."""
        cases = []
        for number, (shape, classes, special) in enumerate(
            (
                ((6,), 2, None),
                ((2, 4), 2, None),
                ((3, 3), 3, None),
                ((2, 4, 5), 3, None),
                ((3, 6, 5), 4, None),
                ((3, 4), 3, PERFECT),
                ((4, 4), 4, ABSENT),
                ((4, 4), 3, ONLY_TRUE),
                ((4, 4), 3, ONLY_PREDICTED),
                ((2, 3, 6), 5, ABSENT),
                ((3, 5), 4, ONLY_TRUE),
                ((5, 4), 4, ONLY_PREDICTED),
                ((3, 3), 2, NO_AGREEMENT),
                ((2, 24, 26), 20, LABELS_OF_8_BITS),
                ((2, 24, 26), 3, LABELS_OF_8_BITS),
            )
        ):
            rng = case_rng(number, 12)
            t = rng.integers(0, classes, shape)
            t.flat[:classes] = np.arange(classes)
            p = np.where(rng.random(shape) < 0.6, t, rng.integers(0, classes, shape))
            if special == PERFECT:
                p = t.copy()
            if special == ABSENT:
                t, p = np.where(t == 1, 0, t), np.where(p == 1, 2, p)
            if special == ONLY_TRUE:
                p = np.where(p == 2, 0, p)
            if special == ONLY_PREDICTED:
                t, p = np.where(t == 1, 0, t), p
                p.flat[0] = 1
            if special == NO_AGREEMENT:
                p = 1 - t
            if special == LABELS_OF_8_BITS:
                t, p = t.astype(np.uint8), p.astype(np.uint8)
            some = {MORE_THAN_TWO_CLASSES: classes > 2, SEVERAL_IMAGES: len(shape) == 3}
            traits = traits_of(some, special)
            cases.append(Case({"y_true": t, "y_pred": p}, {"num_classes": classes}, traits, by_hand=t.size < 20))
        return cases

    def right(self, case: Case) -> Outputs:
        """Ask the library."""
        t, p = case.arrays.values()
        return {"mean_iou": np.asarray(mean_iou(confusion_matrix(t, p, case.options["num_classes"])))}

    def compare(self, case: Case, output: str, right: object, got: object) -> Finding:
        """Compare; a number of float32 is right as well: class ids are whole numbers and ask for no other type."""
        found = super().compare(case, output, right, got)
        rounded = found.kind is Kind.PRECISION and found.narrow == "float32" and found.error < FLOAT32
        return found._replace(kind=Kind.RIGHT) if rounded else found

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Number of classes and pixels."""
        return {"K": float(case.options["num_classes"]), "pixels": float(case.arrays["y_true"].size)}

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """One number per class, or per class that occurs."""
        occurring = np.union1d(*case.arrays.values())
        return {(case.options["num_classes"],): "mean-missing", (len(occurring),): "mean-missing"}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Another quotient, another mean."""
        yield from self._absent_class_mistakes()
        yield from self._quotient_mistakes()
        yield from self._left_out_mistakes()
        yield from self._mean_mistakes()
        yield from self._union_mistakes()
        yield from self._counting_mistakes()

    def _absent_class_mistakes(self) -> Iterator[Hypothesis]:
        """What becomes of a class that does not occur, and constants against a division by zero."""
        yield Hypothesis(
            "absent-classes-count-as-zero",
            of(lambda cm: np.where(union(cm) > 0, d(cm) / np.maximum(union(cm), 1), 0).mean()),
        )
        yield Hypothesis(
            "absent-classes-count-as-one",
            of(lambda cm: np.where(union(cm) > 0, d(cm) / np.maximum(union(cm), 1), 1).mean()),
        )
        yield Hypothesis("absent-classes-divide-by-zero", of(lambda cm: (d(cm) / union(cm)).mean()))
        for tiny in (1.0, 1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16):
            yield Hypothesis(
                "absent-classes-count-as-one",
                of(lambda cm, e=tiny: ((d(cm) + e) / (union(cm) + e)).mean()),
                f"by the {e_text(tiny)} in numerator and denominator",
            )
            yield Hypothesis(
                "absent-classes-count-as-zero",
                of(lambda cm, e=tiny: (d(cm) / (union(cm) + e)).mean()),
                f"by the {e_text(tiny)} in the denominator",
            )
            yield Hypothesis(
                "smoothed", of(lambda cm, e=tiny: mean_of(d(cm), union(cm) + e * (union(cm) > 0))), e_text(tiny)
            )
            yield Hypothesis(
                "smoothed", of(lambda cm, e=tiny: mean_of(d(cm) + e, union(cm) + e * (union(cm) > 0))), e_text(tiny)
            )

    def _quotient_mistakes(self) -> Iterator[Hypothesis]:
        """Another score than IoU."""
        yield Hypothesis("union-counts-the-intersection-twice", of(lambda cm: mean_of(d(cm), r(cm) + c(cm))))
        yield Hypothesis("dice-instead-of-iou", of(lambda cm: mean_of(2 * d(cm), r(cm) + c(cm))))
        yield Hypothesis("recall-instead-of-iou", of(lambda cm: mean_of(d(cm), r(cm))))
        yield Hypothesis(
            "recall-instead-of-iou",
            of(lambda cm: np.where(r(cm) > 0, d(cm) / np.maximum(r(cm), 1), 0)[union(cm) > 0].mean()),
        )
        yield Hypothesis(
            "recall-instead-of-iou", of(lambda cm: np.where(r(cm) > 0, d(cm) / np.maximum(r(cm), 1), 0).mean())
        )
        yield Hypothesis("precision-instead-of-iou", of(lambda cm: mean_of(d(cm), c(cm))))
        yield Hypothesis(
            "precision-instead-of-iou",
            of(lambda cm: np.where(c(cm) > 0, d(cm) / np.maximum(c(cm), 1), 0)[union(cm) > 0].mean()),
        )
        yield Hypothesis(
            "precision-instead-of-iou", of(lambda cm: np.where(c(cm) > 0, d(cm) / np.maximum(c(cm), 1), 0).mean())
        )
        yield Hypothesis("pixel-accuracy-instead-of-iou", of(lambda cm: d(cm).sum() / cm.sum()))
        yield Hypothesis("pooled-over-classes", of(lambda cm: d(cm).sum() / union(cm).sum()))
        yield Hypothesis(
            "classes-weighted-by-size", of(lambda cm: ((d(cm) / np.maximum(union(cm), 1)) * r(cm)).sum() / cm.sum())
        )
        yield Hypothesis(
            "summed-instead-of-averaged",
            of(lambda cm: np.where(union(cm) > 0, d(cm) / np.maximum(union(cm), 1), 0).sum()),
        )

    def _left_out_mistakes(self) -> Iterator[Hypothesis]:
        """The mean is over too few classes."""
        yield Hypothesis("background-left-out", of(lambda cm: mean_of(d(cm)[1:], union(cm)[1:])))
        yield Hypothesis(
            "background-left-out",
            of(lambda cm: np.where(union(cm) > 0, d(cm) / np.maximum(union(cm), 1), 0)[1:].mean()),
        )
        yield Hypothesis("last-class-left-out", of(lambda cm: mean_of(d(cm)[:-1], union(cm)[:-1])))
        yield Hypothesis(
            "last-class-left-out",
            of(lambda cm: np.where(union(cm) > 0, d(cm) / np.maximum(union(cm), 1), 0)[:-1].mean()),
        )
        yield Hypothesis(
            "only-classes-in-the-truth", of(lambda cm: (d(cm) / np.maximum(union(cm), 1))[r(cm) > 0].mean())
        )
        yield Hypothesis(
            "only-classes-in-the-prediction", of(lambda cm: (d(cm) / np.maximum(union(cm), 1))[c(cm) > 0].mean())
        )
        yield Hypothesis(
            "only-classes-in-both", of(lambda cm: (d(cm) / np.maximum(union(cm), 1))[(c(cm) > 0) & (r(cm) > 0)].mean())
        )
        yield Hypothesis(
            "only-classes-in-both",
            of(lambda cm: (d(cm) / np.maximum(union(cm), 1))[d(cm) > 0].mean()),
            "with a pixel in common",
        )
        yield Hypothesis("one-class-only", of(lambda cm: d(cm)[1] / union(cm)[1]), "class 1")
        yield Hypothesis("one-class-only", of(lambda cm: d(cm)[0] / union(cm)[0]), "class 0")

    def _mean_mistakes(self) -> Iterator[Hypothesis]:
        """Another mean."""
        yield Hypothesis(
            "median-instead-of-mean", of(lambda cm: np.median((d(cm) / np.maximum(union(cm), 1))[union(cm) > 0]))
        )
        yield Hypothesis(
            "smallest-instead-of-mean", of(lambda cm: (d(cm) / np.maximum(union(cm), 1))[union(cm) > 0].min())
        )
        yield Hypothesis(
            "largest-instead-of-mean", of(lambda cm: (d(cm) / np.maximum(union(cm), 1))[union(cm) > 0].max())
        )
        yield Hypothesis(
            "geometric-mean", of(lambda cm: np.exp(np.log((d(cm) / np.maximum(union(cm), 1))[union(cm) > 0]).mean()))
        )
        yield Hypothesis(
            "harmonic-mean", of(lambda cm: 1 / (1 / (d(cm) / np.maximum(union(cm), 1))[union(cm) > 0]).mean())
        )
        yield Hypothesis("loss-instead-of-score", of(lambda cm: 1 - mean_of(d(cm), union(cm))))
        yield Hypothesis("percent", of(lambda cm: 100 * mean_of(d(cm), union(cm))))

    def _union_mistakes(self) -> Iterator[Hypothesis]:
        """Another divisor than the union."""
        yield Hypothesis("union-without-intersection", of(lambda cm: mean_of(d(cm), r(cm) + c(cm) - 2 * d(cm))))
        yield Hypothesis("larger-of-the-two-instead-of-union", of(lambda cm: mean_of(d(cm), np.maximum(r(cm), c(cm)))))
        yield Hypothesis("all-pixels-instead-of-union", of(lambda cm: (d(cm) / cm.sum())[union(cm) > 0].mean()))
        yield Hypothesis("all-pixels-instead-of-union", of(lambda cm: (d(cm) / cm.sum()).mean()))
        yield Hypothesis("true-negatives-counted", of(lambda cm: ((cm.sum() - union(cm) + d(cm)) / cm.sum()).mean()))
        yield Hypothesis(
            "true-negatives-counted",
            of(lambda cm: mean_of((cm.sum() - union(cm) + d(cm)) * (union(cm) > 0), union(cm))),
            "in the intersection",
        )
        yield Hypothesis(
            "one-class-only", of(lambda cm: (d(cm) / union(cm))[union(cm) > 0][-1]), "the last that occurs"
        )
        yield Hypothesis(
            "divided-by-one-class-less", of(lambda cm: (d(cm) / np.maximum(union(cm), 1)).sum() / max(len(cm) - 1, 1))
        )
        yield Hypothesis(
            "integer-division", of(lambda cm: np.floor(d(cm) / np.maximum(union(cm), 1))[union(cm) > 0].mean())
        )
        yield Hypothesis("union-one-off", of(lambda cm: mean_of(d(cm), union(cm) + 1 * (union(cm) > 0))))

    def _counting_mistakes(self) -> Iterator[Hypothesis]:
        """Another matrix of counts, and images apart from each other."""

        def per_image(case: Case, empty: float | None = None, *, lines: bool = False) -> Outputs:
            t, p = case.arrays.values()
            if t.ndim == 1 and not lines:  # a loop over a line of pixels takes each for an image
                t, p = t[None], p[None]
            values = []
            for one, other in zip(t, p, strict=True):
                cm = confusion_matrix(one, other, case.options["num_classes"]).astype(float)
                if empty is None:
                    values.append(mean_of(d(cm), union(cm)))
                else:
                    values.append(float(np.where(union(cm) > 0, d(cm) / np.maximum(union(cm), 1), empty).mean()))
            return {"mean_iou": np.asarray(np.mean(values))}

        def first_image(case: Case) -> Outputs:
            t, p = case.arrays.values()
            cm = confusion_matrix(t[0], p[0], case.options["num_classes"]).astype(float)
            return {"mean_iou": np.asarray(mean_of(d(cm), union(cm)))}

        def counted(change: Callable[[Array], Array]) -> Callable[[Case], Outputs]:
            """From a wrong matrix of counts."""
            return of(lambda cm: mean_of(d(change(cm)), union(change(cm))))

        yield Hypothesis("pairs-counted-once", counted(lambda cm: (cm > 0) * 1.0))

        def wrapped(case: Case) -> Outputs:
            t, p = case.arrays.values()
            values = []
            for k in range(case.options["num_classes"]):
                both, either = ((t == k) & (p == k)).sum() % 256, ((t == k) | (p == k)).sum() % 256
                if either:
                    values.append(both / either)
            return {"mean_iou": np.asarray(np.mean(values))}

        yield Hypothesis("label-dtype-overflows", wrapped)
        yield Hypothesis("averaged-over-images", per_image)
        yield Hypothesis(
            "averaged-over-images", lambda case: per_image(case, 0.0), "classes that an image lacks count as 0"
        )
        yield Hypothesis(
            "averaged-over-images", lambda case: per_image(case, 1.0), "classes that an image lacks count as 1"
        )
        yield Hypothesis("averaged-over-images", lambda case: per_image(case, lines=True))
        yield Hypothesis("only-first-image", first_image)


def of(f: Callable[[Array], float]) -> Callable[[Case], Outputs]:
    """Predict the score as f of the matrix of counts (class in the truth, predicted class)."""

    def predict(case: Case) -> Outputs:
        t, p = case.arrays.values()
        cm = confusion_matrix(t, p, case.options["num_classes"]).astype(float)
        return {"mean_iou": np.asarray(f(cm))}

    return predict


def d(cm: Array) -> Array:
    """Return the pixels of each class that are right, the diagonal."""
    return np.diag(cm)


def r(cm: Array) -> Array:
    """Return the pixels of each class in the truth, the sums of the rows."""
    return cm.sum(axis=1)


def c(cm: Array) -> Array:
    """Return the pixels of each class in the prediction, the sums of the columns."""
    return cm.sum(axis=0)


def union(cm: Array) -> Array:
    """Return the pixels that are of a class in the truth or in the prediction."""
    return r(cm) + c(cm) - d(cm)


def mean_of(a: Array, b: Array) -> float:
    """Return the mean of a / b where b is not 0."""
    return float((a[b > 0] / b[b > 0]).mean())


def e_text(tiny: float) -> str:
    """Name a small constant."""
    return f"constant {tiny:g}"
