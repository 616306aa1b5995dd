"""dice_loss: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng
from ..operation import Hypothesis, Operation, axis_sizes
from ..traits import FLOAT32, LARGE_EPSILON, SEVERAL_CHANNELS, SEVERAL_IMAGES, Trait, traits_of
from .dice_parts import part_mistakes, two_mistakes

NO_OBJECT = Trait("no object at all")
ONLY_OBJECTS = Trait("objects everywhere")
NOTHING = Trait("neither objects nor predictions", not_finite="epsilon-missing")


class DiceLoss(Operation):
    """1 - Dice coefficient of probabilities."""

    name = "dice_loss"
    arrays = ("y_true", "y_pred")
    gradients = ("dy_pred",)
    contract = (
        "forward(y_true, y_pred, *, epsilon) -> (loss, cache): one number over everything, 1 - (2 sum(t p) + epsilon) "
        "/ (sum(t) + sum(p) + epsilon), labels t of 0 and 1, probabilities p of the same shape; backward(dloss, "
        "cache) -> dy_pred"
    )

    def cases(self) -> list[Case]:
        """Few pixels first; no object at all."""
        cases = []
        for number, (shape, epsilon, special) in enumerate(
            (
                ((4,), 1e-7, None),
                ((2, 3), 1.0, None),
                ((2, 3), 0.1, None),
                ((2, 4, 5, 1), 1e-7, None),
                ((2, 4, 5, 3), 0.5, None),
                ((3, 3, 4, 2), 1.0, None),
                ((3, 4), 0.5, NO_OBJECT),
                ((3, 4), 1e-3, ONLY_OBJECTS),
                ((3, 4), 0.5, FLOAT32),
                ((3, 4), 0.5, NOTHING),
            )
        ):
            rng = case_rng(number, 13)
            t, p = (rng.random(shape) < 0.4) * 1.0, rng.uniform(0.05, 0.95, shape)
            t.flat[0], t.flat[1] = 1.0, 0.0
            if special in (NO_OBJECT, NOTHING):
                t[...] = 0
            if special == NOTHING:
                p[...] = 0
            if special == ONLY_OBJECTS:
                t[...] = 1
            values = {"y_true": t, "y_pred": p}
            if special == FLOAT32:
                values = {name: value.astype(np.float32) for name, value in values.items()}
            some = {
                SEVERAL_IMAGES: len(shape) > 1,
                LARGE_EPSILON: epsilon > 1e-3,
                SEVERAL_CHANNELS: len(shape) == 4 and shape[3] > 1,
            }
            traits = traits_of(some, special)
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
        yield from self._numerator_mistakes()
        yield from self._denominator_mistakes()
        yield from self._whole_loss_mistakes()
        yield from self._average_mistakes()
        yield from self._bracket_mistakes()
        yield from self._backward_mistakes()
        yield from part_mistakes(self)

    def pairs(self) -> Iterator[tuple[Hypothesis, tuple[str, str]]]:
        """A wrong numerator over a wrong denominator."""
        return two_mistakes()

    def _numerator_mistakes(self) -> Iterator[Hypothesis]:
        """The score, its factor 2, and epsilon."""
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
                f"{other:g} is used" if other > 1e-6 else "a tiny constant is used",
            )

    def _denominator_mistakes(self) -> Iterator[Hypothesis]:
        """Other sums."""
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

    def _whole_loss_mistakes(self) -> Iterator[Hypothesis]:
        """Other labels and predictions, and functions of the loss."""
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

    def _average_mistakes(self) -> Iterator[Hypothesis]:
        """One loss for each image, class or pixel, and their mean or sum."""

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

    def _bracket_mistakes(self) -> Iterator[Hypothesis]:
        """Brackets, and sums taken twice."""

        def loss_of(f: Callable[[Array, Array, float, float, float], Any]) -> Callable[[Case], Outputs]:
            """f(t, p, e, I, S) -> loss."""
            return loss(lambda t, p, e: f(t, p, e, (t * p).sum(), t.sum() + p.sum()))

        yield Hypothesis(
            "one-sum-missing",
            loss_of(lambda t, p, e, i, s: 1 - (2 * i + e) / (2 * t.sum() + e)),
            "that of p, for which t is counted twice",
        )
        yield Hypothesis(
            "one-sum-missing",
            loss_of(lambda t, p, e, i, s: 1 - (2 * i + e) / (2 * p.sum() + e)),
            "that of t, for which p is counted twice",
        )
        yield Hypothesis("brackets-misplaced", loss_of(lambda t, p, e, i, s: (1 - (2 * i + e)) / (s + e)))
        yield Hypothesis("brackets-misplaced", loss_of(lambda t, p, e, i, s: 1 - (2 * i + e) / t.sum() + p.sum() + e))
        yield Hypothesis("brackets-misplaced", loss_of(lambda t, p, e, i, s: 1 - (2 * i + e) / s + e))
        yield Hypothesis("brackets-misplaced", loss_of(lambda t, p, e, i, s: 1 - 2 * i + e / (s + e)))
        yield Hypothesis("brackets-misplaced", loss_of(lambda t, p, e, i, s: 1 - 2 * i / s + e))
        yield Hypothesis("numerator-and-denominator-swapped", loss_of(lambda t, p, e, i, s: 1 - (s + e) / (2 * i + e)))

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


def loss(f: Callable[[Array, Array, float], Any]) -> Callable[[Case], Outputs]:
    """Predict the loss as f of labels, probabilities and epsilon."""

    def predict(case: Case) -> Outputs:
        t, p = (np.asarray(a, np.float64) for a in case.arrays.values())
        return {"y": np.asarray(f(t, p, case.options["epsilon"]))}

    return predict
