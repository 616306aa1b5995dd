"""mean_iou and dice_loss: what is asked, and how they go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.metrics.confusion import confusion_matrix, mean_iou

from ..case import FLOAT32, Case, Outputs
from ..operation import Hypothesis, Operation, axis_sizes

ABSENT = "a class that does not occur"
ONLY_TRUE = "a class that is never predicted"
ONLY_PREDICTED = "a class that is only predicted"
BYTES = "labels of 8 bits"
PERFECT = "a perfect prediction"


class MeanIoU(Operation):
    """Mean of intersection over union of the classes."""

    name = "mean_iou"
    arrays = ("y_true", "y_pred")
    results = ("mean_iou",)
    gradients = ()
    has_cache = False
    contract = "forward(y_true, y_pred, *, num_classes) -> number: class ids of one shape; the mean over the classes that occur in y_true or in y_pred"

    def cases(self) -> list[Case]:
        """Few pixels first, then classes that are missing on either side."""
        cases = []
        for number, (shape, classes, special) in enumerate(
            (
                ((6,), 2, ""),
                ((2, 4), 2, ""),
                ((3, 3), 3, ""),
                ((2, 4, 5), 3, ""),
                ((3, 6, 5), 4, ""),
                ((3, 4), 3, PERFECT),
                ((4, 4), 4, ABSENT),
                ((4, 4), 3, ONLY_TRUE),
                ((4, 4), 3, ONLY_PREDICTED),
                ((2, 3, 6), 5, ABSENT),
                ((3, 5), 4, ONLY_TRUE),
                ((5, 4), 4, ONLY_PREDICTED),
                ((3, 3), 2, "no agreement at all"),
                ((2, 24, 26), 20, BYTES),
                ((2, 24, 26), 3, BYTES),
            )
        ):
            rng = np.random.default_rng([number, 12])
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
            if special.startswith("no"):
                p = 1 - t
            if special == BYTES:
                t, p = t.astype(np.uint8), p.astype(np.uint8)
            some = {"more than two classes": classes > 2, "several images": len(shape) == 3}
            traits = frozenset([k for k, holds in some.items() if holds] + ([special] if special else []))
            cases.append(Case({"y_true": t, "y_pred": p}, {"num_classes": classes}, traits, by_hand=t.size < 20))
        return cases

    def right(self, case: Case) -> Outputs:
        """Ask the library."""
        t, p = case.arrays.values()
        return {"mean_iou": np.asarray(mean_iou(confusion_matrix(t, p, case.options["num_classes"])))}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Number of classes and pixels."""
        return {"K": float(case.options["num_classes"]), "pixels": float(case.arrays["y_true"].size)}

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """One number per class."""
        return {(case.options["num_classes"],): "mean-missing"}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Another quotient, another mean."""

        def of(f: Callable[[Array], Any]) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                t, p = case.arrays.values()
                cm = confusion_matrix(t, p, case.options["num_classes"]).astype(float)
                return {"mean_iou": np.asarray(f(cm))}

            return predict

        def d(cm: Array) -> Array:
            return np.diag(cm)

        def r(cm: Array) -> Array:
            return cm.sum(axis=1)

        def c(cm: Array) -> Array:
            return cm.sum(axis=0)

        def union(cm: Array) -> Array:
            return r(cm) + c(cm) - d(cm)

        def mean_of(a: Array, b: Array) -> float:
            return float((a[b > 0] / b[b > 0]).mean())

        yield Hypothesis(
            "absent-classes-count-as-zero",
            of(lambda cm: np.where(union(cm) > 0, d(cm) / np.maximum(union(cm), 1), 0).mean()),
        )
        yield Hypothesis(
            "absent-classes-count-as-one",
            of(lambda cm: np.where(union(cm) > 0, d(cm) / np.maximum(union(cm), 1), 1).mean()),
        )
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
        yield Hypothesis("union-without-intersection", of(lambda cm: mean_of(d(cm), r(cm) + c(cm) - 2 * d(cm))))
        yield Hypothesis("larger-of-the-two-instead-of-union", of(lambda cm: mean_of(d(cm), np.maximum(r(cm), c(cm)))))
        yield Hypothesis("all-pixels-instead-of-union", of(lambda cm: (d(cm) / cm.sum())[union(cm) > 0].mean()))
        yield Hypothesis("all-pixels-instead-of-union", of(lambda cm: (d(cm) / cm.sum()).mean()))
        yield Hypothesis("true-negatives-counted", of(lambda cm: ((cm.sum() - union(cm) + d(cm)) / cm.sum()).mean()))
        yield Hypothesis(
            "divided-by-one-class-less", of(lambda cm: (d(cm) / np.maximum(union(cm), 1)).sum() / max(len(cm) - 1, 1))
        )
        yield Hypothesis(
            "integer-division", of(lambda cm: np.floor(d(cm) / np.maximum(union(cm), 1))[union(cm) > 0].mean())
        )
        yield Hypothesis("union-one-off", of(lambda cm: mean_of(d(cm), union(cm) + 1 * (union(cm) > 0))))

        def per_image(case: Case, empty: float | None = None) -> Outputs:
            t, p = case.arrays.values()
            if t.ndim == 1:
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
        yield Hypothesis("only-first-image", first_image)


def e_text(tiny: float) -> str:
    """Name a small constant."""
    return f"constant {tiny:g}"


class DiceLoss(Operation):
    """1 - Dice coefficient of probabilities."""

    name = "dice_loss"
    arrays = ("y_true", "y_pred")
    gradients = ("dy_pred",)
    contract = (
        "forward(y_true, y_pred, *, epsilon) -> (loss, cache): one number over everything, 1 - (2 sum(t p) + epsilon) / (sum(t) + sum(p) + epsilon), labels t of 0 "
        "and 1, probabilities p of the same shape; backward(dloss, cache) -> dy_pred"
    )

    def cases(self) -> list[Case]:
        """Few pixels first; no object at all."""
        cases = []
        for number, (shape, epsilon, special) in enumerate(
            (
                ((4,), 1e-7, ""),
                ((2, 3), 1.0, ""),
                ((2, 3), 0.1, ""),
                ((2, 4, 5, 1), 1e-7, ""),
                ((2, 4, 5, 3), 0.5, ""),
                ((3, 3, 4, 2), 1.0, ""),
                ((3, 4), 0.5, "no object at all"),
                ((3, 4), 1e-3, "objects everywhere"),
                ((3, 4), 0.5, FLOAT32),
            )
        ):
            rng = np.random.default_rng([number, 13])
            t, p = (rng.random(shape) < 0.4) * 1.0, rng.uniform(0.05, 0.95, shape)
            t.flat[0], t.flat[1] = 1.0, 0.0
            if special == "no object at all":
                t[...] = 0
            if special == "objects everywhere":
                t[...] = 1
            values = {"y_true": t, "y_pred": p}
            if special == FLOAT32:
                values = {name: value.astype(np.float32) for name, value in values.items()}
            some = {
                "several images": len(shape) > 1,
                "a large epsilon": epsilon > 1e-3,
                "several channels": len(shape) == 4 and shape[3] > 1,
            }
            traits = frozenset([k for k, holds in some.items() if holds] + ([special] if special else []))
            cases.append(Case(values, {"epsilon": epsilon}, traits, by_hand=t.size < 20))
        return cases

    def right(self, case: Case) -> Outputs:
        """The formula and its derivative by p: -(2 t (S + e) - (2 I + e)) / (S + e)^2."""
        t, p = case.arrays.values()
        e = case.dtype.type(case.options["epsilon"])
        both, total = (t * p).sum(), t.sum() + p.sum()
        y = np.asarray(1 - (2 * both + e) / (total + e), case.dtype)
        if case.dy is None:
            return {"y": y}
        slope = -(2 * t * (total + e) - (2 * both + e)) / (total + e) ** 2
        return {"y": y, "dy_pred": np.asarray(case.dy * slope, case.dtype)}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Sizes."""
        t = case.arrays["y_true"]
        return {**axis_sizes(("N",), t), "size": float(t.size)}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Another quotient, another mean, parts of the quotient rule."""

        def loss(f: Callable[[Array, Array, float], Any]) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                t, p = (np.asarray(a, np.float64) for a in case.arrays.values())
                return {"y": np.asarray(f(t, p, case.options["epsilon"]))}

            return predict

        yield Hypothesis(
            "score-instead-of-loss", loss(lambda t, p, e: (2 * (t * p).sum() + e) / (t.sum() + p.sum() + e))
        )
        yield Hypothesis("sign-flipped", loss(lambda t, p, e: -(2 * (t * p).sum() + e) / (t.sum() + p.sum() + e)))
        yield Hypothesis("factor-2-missing", loss(lambda t, p, e: 1 - ((t * p).sum() + e) / (t.sum() + p.sum() + e)))
        yield Hypothesis("epsilon-missing", loss(lambda t, p, e: 1 - 2 * (t * p).sum() / (t.sum() + p.sum())))
        yield Hypothesis(
            "epsilon-missing", loss(lambda t, p, e: 1 - 2 * (t * p).sum() / (t.sum() + p.sum() + e)), "in the numerator"
        )
        yield Hypothesis(
            "epsilon-missing",
            loss(lambda t, p, e: 1 - (2 * (t * p).sum() + e) / (t.sum() + p.sum())),
            "in the denominator",
        )
        yield Hypothesis(
            "epsilon-doubled",
            loss(lambda t, p, e: 1 - 2 * ((t * p).sum() + e) / (t.sum() + p.sum() + e)),
            "in the numerator",
        )
        yield Hypothesis(
            "epsilon-doubled",
            loss(lambda t, p, e: 1 - (2 * (t * p).sum() + e) / (t.sum() + p.sum() + 2 * e)),
            "in the denominator",
        )
        yield Hypothesis(
            "epsilon-doubled",
            loss(lambda t, p, e: 1 - 2 * ((t * p).sum() + e) / (t.sum() + p.sum() + 2 * e)),
            "in both",
        )
        yield Hypothesis(
            "epsilon-outside-the-quotient", loss(lambda t, p, e: 1 - 2 * (t * p).sum() / (t.sum() + p.sum()) + e)
        )
        yield Hypothesis(
            "epsilon-outside-the-quotient", loss(lambda t, p, e: 1 - 2 * (t * p).sum() / (t.sum() + p.sum()) - e)
        )
        for other in (1.0, 1e-3, 1e-5, 1e-6, 1e-7, 1e-8):
            yield Hypothesis(
                "epsilon-ignored",
                loss(lambda t, p, e, o=other: 1 - (2 * (t * p).sum() + o) / (t.sum() + p.sum() + o)),
                f"{other:g} is used",
            )
        yield Hypothesis(
            "jaccard-instead-of-dice",
            loss(lambda t, p, e: 1 - ((t * p).sum() + e) / (t.sum() + p.sum() - (t * p).sum() + e)),
        )
        yield Hypothesis(
            "jaccard-instead-of-dice",
            loss(lambda t, p, e: 1 - (2 * (t * p).sum() + e) / (t.sum() + p.sum() - (t * p).sum() + e)),
            "in the denominator",
        )
        yield Hypothesis(
            "squared-denominator", loss(lambda t, p, e: 1 - (2 * (t * p).sum() + e) / ((t**2).sum() + (p**2).sum() + e))
        )
        yield Hypothesis(
            "product-in-the-denominator", loss(lambda t, p, e: 1 - (2 * (t * p).sum() + e) / (t.sum() * p.sum() + e))
        )
        yield Hypothesis(
            "one-sum-missing", loss(lambda t, p, e: 1 - (2 * (t * p).sum() + e) / (t.sum() + e)), "that of p"
        )
        yield Hypothesis(
            "one-sum-missing", loss(lambda t, p, e: 1 - (2 * (t * p).sum() + e) / (p.sum() + e)), "that of t"
        )
        yield Hypothesis(
            "size-in-the-denominator", loss(lambda t, p, e: 1 - (2 * (t * p).sum() + e) / (2 * t.size + e))
        )
        yield Hypothesis("size-in-the-denominator", loss(lambda t, p, e: 1 - (2 * (t * p).sum() + e) / (t.size + e)))
        yield Hypothesis(
            "mean-in-the-numerator", loss(lambda t, p, e: 1 - (2 * (t * p).mean() + e) / (t.sum() + p.sum() + e))
        )
        yield Hypothesis(
            "means-instead-of-sums", loss(lambda t, p, e: 1 - (2 * (t * p).mean() + e) / (t.mean() + p.mean() + e))
        )
        yield Hypothesis(
            "prediction-thresholded",
            loss(lambda t, p, e: 1 - (2 * (t * (p > 0.5)).sum() + e) / (t.sum() + (p > 0.5).sum() + e)),
        )
        yield Hypothesis(
            "prediction-thresholded",
            loss(lambda t, p, e: 1 - (2 * (t * (p > 0.5)).sum() + e) / (t.sum() + p.sum() + e)),
            "in the numerator",
        )
        yield Hypothesis(
            "background-instead-of-object",
            loss(lambda t, p, e: 1 - (2 * ((1 - t) * (1 - p)).sum() + e) / ((1 - t).sum() + (1 - p).sum() + e)),
        )
        yield Hypothesis(
            "background-counted-too",
            loss(lambda t, p, e: 1 - (2 * (t * p + (1 - t) * (1 - p)).sum() + e) / (2 * t.size + e)),
        )
        yield Hypothesis(
            "sum-instead-of-product", loss(lambda t, p, e: 1 - (2 * (t + p).sum() + e) / (t.sum() + p.sum() + e))
        )
        yield Hypothesis(
            "sigmoid-applied",
            loss(
                lambda t, p, e: (
                    1 - (2 * (t / (1 + np.exp(-p))).sum() + e) / (t.sum() + (1 / (1 + np.exp(-p))).sum() + e)
                )
            ),
        )
        yield Hypothesis(
            "logarithm-taken", loss(lambda t, p, e: -np.log((2 * (t * p).sum() + e) / (t.sum() + p.sum() + e)))
        )
        yield Hypothesis("squared", loss(lambda t, p, e: (1 - (2 * (t * p).sum() + e) / (t.sum() + p.sum() + e)) ** 2))
        yield Hypothesis(
            "root-taken", loss(lambda t, p, e: np.sqrt(1 - (2 * (t * p).sum() + e) / (t.sum() + p.sum() + e)))
        )
        yield Hypothesis(
            "cross-entropy-added",
            loss(
                lambda t, p, e: (
                    1
                    - (2 * (t * p).sum() + e) / (t.sum() + p.sum() + e)
                    - (t * np.log(p) + (1 - t) * np.log(1 - p)).mean()
                )
            ),
        )
        yield Hypothesis("offset-missing", loss(lambda t, p, e: 2 - (2 * (t * p).sum() + e) / (t.sum() + p.sum() + e)))

        def part(
            axes_of: Callable[[int], tuple[int, ...]], reduce: Callable[[Array], Any]
        ) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                t, p = (np.asarray(a, np.float64) for a in case.arrays.values())
                axes, e = axes_of(t.ndim), case.options["epsilon"]
                return {
                    "y": np.asarray(
                        reduce(1 - (2 * (t * p).sum(axis=axes) + e) / (t.sum(axis=axes) + p.sum(axis=axes) + e))
                    )
                }

            return predict

        for cause, axes_of in (
            ("averaged-over-images", lambda n: tuple(range(1, n))),
            ("averaged-over-classes", lambda n: tuple(range(n - 1))),
            ("averaged-over-images-and-classes", lambda n: tuple(range(1, n - 1))),
            ("averaged-over-pixels", lambda n: (n - 1,)),
            ("averaged-over-pixels", lambda n: (0,)),
            ("averaged-over-pixels", lambda n: ()),
        ):
            for reduce in (np.mean, np.sum, np.asarray):
                yield Hypothesis(cause, part(axes_of, reduce))
        yield from self._more_forward_mistakes()
        yield from self._backward_mistakes()

    def _more_forward_mistakes(self) -> Iterator[Hypothesis]:
        """Brackets, and sums taken twice."""

        def loss(f: Callable[[Array, Array, float, float, float], Any]) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                t, p = (np.asarray(a, np.float64) for a in case.arrays.values())
                return {"y": np.asarray(f(t, p, case.options["epsilon"], (t * p).sum(), t.sum() + p.sum()))}

            return predict

        yield Hypothesis(
            "one-sum-missing",
            loss(lambda t, p, e, i, s: 1 - (2 * i + e) / (2 * t.sum() + e)),
            "that of p, for which t is counted twice",
        )
        yield Hypothesis(
            "one-sum-missing",
            loss(lambda t, p, e, i, s: 1 - (2 * i + e) / (2 * p.sum() + e)),
            "that of t, for which p is counted twice",
        )
        yield Hypothesis("brackets-misplaced", loss(lambda t, p, e, i, s: (1 - (2 * i + e)) / (s + e)))
        yield Hypothesis("brackets-misplaced", loss(lambda t, p, e, i, s: 1 - (2 * i + e) / t.sum() + p.sum() + e))
        yield Hypothesis("brackets-misplaced", loss(lambda t, p, e, i, s: 1 - (2 * i + e) / s + e))
        yield Hypothesis("brackets-misplaced", loss(lambda t, p, e, i, s: 1 - 2 * i + e / (s + e)))
        yield Hypothesis("brackets-misplaced", loss(lambda t, p, e, i, s: 1 - 2 * i / s + e))
        yield Hypothesis("numerator-and-denominator-swapped", loss(lambda t, p, e, i, s: 1 - (s + e) / (2 * i + e)))

        def rounded(case: Case) -> Outputs:
            return self.right(case.with_dy(None).with_arrays(y_pred=np.round(case.arrays["y_pred"])))

        yield Hypothesis("prediction-thresholded", rounded)
        for digits in (1, 2, 3):
            yield Hypothesis(
                "prediction-rounded",
                lambda case, k=digits: self.right(
                    case.with_dy(None).with_arrays(y_pred=np.round(case.arrays["y_pred"], k))
                ),
            )

    def _backward_mistakes(self) -> Iterator[Hypothesis]:
        def slope(f: Callable[[Array, Array, float, float, float], Any]) -> Callable[[Case], Outputs]:
            """f(t, p, e, I, S) -> derivative of the loss."""

            def predict(case: Case) -> Outputs:
                t, p = (np.asarray(a, np.float64) for a in case.arrays.values())
                e = case.options["epsilon"]
                value = f(t, p, e, float((t * p).sum()), float(t.sum() + p.sum()))
                return {"dy_pred": np.broadcast_to(np.asarray(case.dy * value), t.shape)}

            return predict

        yield Hypothesis("denominator-not-differentiated", slope(lambda t, p, e, i, s: -2 * t / (s + e)))
        yield Hypothesis(
            "numerator-not-differentiated", slope(lambda t, p, e, i, s: np.full(t.shape, (2 * i + e) / (s + e) ** 2))
        )
        yield Hypothesis(
            "denominator-not-squared", slope(lambda t, p, e, i, s: -(2 * t * (s + e) - (2 * i + e)) / (s + e))
        )
        yield Hypothesis(
            "quotient-rule-sign", slope(lambda t, p, e, i, s: -(2 * t * (s + e) + (2 * i + e)) / (s + e) ** 2)
        )
        yield Hypothesis("factor-2-missing", slope(lambda t, p, e, i, s: -(t * (s + e) - (2 * i + e)) / (s + e) ** 2))
        yield Hypothesis(
            "factor-2-missing",
            slope(lambda t, p, e, i, s: -(2 * t * (s + e) - (i + e)) / (s + e) ** 2),
            "of the intersection",
        )
        yield Hypothesis(
            "factor-2-missing", slope(lambda t, p, e, i, s: -(t * (s + e) - (i + e)) / (s + e) ** 2), "in both terms"
        )
        yield Hypothesis(
            "factor-2-missing", slope(lambda t, p, e, i, s: -(t * (s + e) - i) / (s + e) ** 2), "in both terms"
        )
        yield Hypothesis(
            "factor-2-twice", slope(lambda t, p, e, i, s: -(2 * t * (s + e) - 2 * (2 * i + e)) / (s + e) ** 2)
        )
        yield Hypothesis("epsilon-missing", slope(lambda t, p, e, i, s: -(2 * t * s - 2 * i) / s**2))
        yield Hypothesis(
            "epsilon-missing",
            slope(lambda t, p, e, i, s: -(2 * t * (s + e) - 2 * i) / (s + e) ** 2),
            "in the numerator",
        )
        yield Hypothesis(
            "epsilon-missing", slope(lambda t, p, e, i, s: -(2 * t * s - (2 * i + e)) / (s + e) ** 2), "once"
        )
        yield Hypothesis(
            "epsilon-missing",
            slope(lambda t, p, e, i, s: -(2 * t * (s + e) - (2 * i + e)) / s**2),
            "in the denominator",
        )
        yield Hypothesis(
            "numerator-and-denominator-swapped",
            slope(lambda t, p, e, i, s: -(2 * t * (2 * i + e) - (s + e)) / (s + e) ** 2),
        )
        yield Hypothesis(
            "numerator-and-denominator-swapped",
            slope(lambda t, p, e, i, s: -(2 * t * (2 * i + e) - (s + e)) / (2 * i + e) ** 2),
            "in the divisor too",
        )
        yield Hypothesis(
            "numerator-and-denominator-swapped",
            slope(lambda t, p, e, i, s: -(2 * t * (s + e) - (2 * i + e)) / (2 * i + e) ** 2),
            "in the divisor",
        )
        yield Hypothesis(
            "prediction-instead-of-label", slope(lambda t, p, e, i, s: -(2 * p * (s + e) - (2 * i + e)) / (s + e) ** 2)
        )
        yield Hypothesis(
            "label-missing", slope(lambda t, p, e, i, s: np.full(t.shape, -(2 * (s + e) - (2 * i + e)) / (s + e) ** 2))
        )
        yield Hypothesis(
            "gradient-of-the-squared-denominator",
            slope(lambda t, p, e, i, s: -(2 * t * (s + e) - 2 * p * (2 * i + e)) / (s + e) ** 2),
        )
        yield Hypothesis(
            "only-where-labelled", slope(lambda t, p, e, i, s: -t * (2 * t * (s + e) - (2 * i + e)) / (s + e) ** 2)
        )
        yield Hypothesis("difference-instead-of-gradient", slope(lambda t, p, e, i, s: p - t))
        yield Hypothesis(
            "upstream-ignored", lambda case: {"dy_pred": self.right(case.with_dy(np.asarray(1.0)))["dy_pred"]}
        )
        yield Hypothesis(
            "jaccard-instead-of-dice",
            slope(lambda t, p, e, i, s: -(t * (s - i + e) - (i + e) * (1 - t)) / (s - i + e) ** 2),
        )
        yield Hypothesis("cross-entropy-gradient", slope(lambda t, p, e, i, s: -(t / p - (1 - t) / (1 - p))))
        yield Hypothesis(
            "loss-in-the-gradient", slope(lambda t, p, e, i, s: -(2 * t - (1 - (2 * i + e) / (s + e))) / (s + e))
        )
        yield Hypothesis(
            "sigmoid-slope-added",
            slope(lambda t, p, e, i, s: -(2 * t * (s + e) - (2 * i + e)) / (s + e) ** 2 * p * (1 - p)),
        )
        yield Hypothesis(
            "denominator-cubed", slope(lambda t, p, e, i, s: -(2 * t * (s + e) - (2 * i + e)) / (s + e) ** 3)
        )
