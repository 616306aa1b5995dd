"""adam: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng
from ..comparison import NUMBERS, Finding, compare
from ..operation import Hypothesis, Operation
from ..traits import FLOAT32, LARGE_EPSILON, Trait, traits_of
from .adam_pairs import one_correction_mistakes, two_mistakes

FIRST_STEP = Trait("the first step")
LATER_STEP = Trait("a later step")
NO_BETA_1 = Trait("beta_1 = 0")
UNTOUCHED = Trait("a parameter that never had a gradient", not_finite="epsilon-missing", unseen=True)
SETTINGS: tuple[tuple[tuple[int, ...], int, float, float, float, float, Trait | None], ...] = (
    ((3,), 1, 0.1, 0.9, 0.999, 1e-7, None),
    ((3,), 1, 0.1, 0.5, 0.8, 0.1, None),
    ((3,), 2, 0.1, 0.9, 0.999, 1e-7, None),
    ((2, 3), 2, 0.01, 0.5, 0.8, 0.1, None),
    ((4, 3), 7, 0.3, 0.8, 0.9, 0.01, None),
    ((3, 3, 2, 4), 30, 0.001, 0.9, 0.999, 1e-8, None),
    ((5,), 3, 1.0, 0.9, 0.99, 1e-3, None),
    ((5,), 3, 0.1, 0.0, 0.9, 1e-3, None),
    ((4, 2), 5, 0.1, 0.9, 0.99, 1e-2, FLOAT32),
    ((4,), 1, 0.1, 0.9, 0.999, 1e-7, UNTOUCHED),
)


class Step(NamedTuple):
    """The quantities of an update."""

    p: Array
    g: Array
    m0: Array
    v0: Array
    t: int
    rate: float
    b1: float
    b2: float
    e: float
    m: Array
    v: Array

    def update(
        self,
        m: Array | None = None,
        v: Array | None = None,
        *,
        c1: float | None = None,
        c2: float | None = None,
        keras: bool = True,
    ) -> Array:
        """Return p - step, with parts replaced; c1 and c2 are the bias corrections."""
        m, v = self.m if m is None else m, self.v if v is None else v
        c1 = 1 - self.b1**self.t if c1 is None else c1
        c2 = 1 - self.b2**self.t if c2 is None else c2
        if keras:
            return self.p - self.rate * np.sqrt(c2) / c1 * m / (np.sqrt(v) + self.e)
        return self.p - self.rate * (m / c1) / (np.sqrt(v / c2) + self.e)


class Adam(Operation):
    """One update of parameters."""

    name = "adam"
    arrays = ("parameter", "gradient", "m", "v")
    results = ("parameter", "m", "v")
    gradients = ()
    has_cache = False
    contract = (
        "forward(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon) -> (parameter, m, v), "
        "new arrays; step counts from 1; epsilon is added to the root, of v as in Keras or of the corrected v as in "
        "the paper"
    )

    def cases(self) -> list[Case]:
        """The first step from zero moments; later steps."""
        cases = []
        for number, (shape, step, rate, b1, b2, epsilon, special) in enumerate(SETTINGS):
            rng = case_rng(number, 11)
            m, v = 0.3 * rng.standard_normal(shape), 0.05 + rng.random(shape)
            if step == 1:
                m, v = np.zeros(shape), np.zeros(shape)
            values = {"parameter": rng.standard_normal(shape), "gradient": rng.standard_normal(shape), "m": m, "v": v}
            if special == UNTOUCHED:
                values["gradient"][0] = 0
            if special == FLOAT32:
                values = {name: value.astype(np.float32) for name, value in values.items()}
            options = {"step": step, "learning_rate": rate, "beta_1": b1, "beta_2": b2, "epsilon": epsilon}
            some = {
                FIRST_STEP: step == 1,
                LATER_STEP: step > 1,
                LARGE_EPSILON: epsilon > 1e-3,
                FLOAT32: special == FLOAT32,
                UNTOUCHED: special == UNTOUCHED,
                NO_BETA_1: b1 == 0,
            }
            # beta_1 = 0 is allowed, but a function that works with its logarithm may refuse it.
            cases.append(Case(values, options, traits_of(some), lenient=b1 == 0, by_hand=len(shape) == 1))
        return cases

    def parts(self, case: Case) -> Step:
        """Return the quantities of the formulas."""
        p, g, m0, v0 = (np.asarray(a, np.float64) for a in case.arrays.values())
        o = case.options
        b1, b2 = o["beta_1"], o["beta_2"]
        return Step(
            p,
            g,
            m0,
            v0,
            o["step"],
            o["learning_rate"],
            b1,
            b2,
            o["epsilon"],
            b1 * m0 + (1 - b1) * g,
            b2 * v0 + (1 - b2) * g**2,
        )

    def right(self, case: Case) -> Outputs:
        """The formulas, in Keras's form."""
        s = self.parts(case)
        return {n: a.astype(case.dtype) for n, a in {"parameter": s.update(), "m": s.m, "v": s.v}.items()}

    def compare(self, case: Case, output: str, right: object, got: object) -> Finding:
        """Take the paper's form as well: hold a parameter against the form to which most of its numbers are nearer."""
        found = compare(right, got)
        if output != "parameter" or found.is_right:
            return found
        paper = compare(self.parts(case).update(keras=False).astype(case.dtype), got)
        both = [np.abs(np.asarray(f.got, np.float64) - f.right).sum() for f in (paper, found) if f.kind in NUMBERS]
        return paper if paper.is_right or (len(both) == 2 and both[0] < both[1]) else found

    def symbols(self, case: Case) -> Mapping[str, float]:
        """The settings."""
        s = self.parts(case)
        return {"t": float(s.t), "(1 - beta_1)": 1 - s.b1, "(1 - beta_2)": 1 - s.b2}

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """None: all is element by element."""
        return {}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Corrections, moments, the gradient, the step: in Keras's form, then in the paper's."""
        for keras in (True, False):
            yield from self._correction_mistakes(keras)
            yield from self._moment_mistakes(keras)
            yield from self._gradient_mistakes(keras)
            yield from self._step_mistakes(keras)
        yield from self._formula_mistakes()
        yield from self._returned_mistakes()
        for keras in (True, False):
            yield from self._fixed_beta_mistakes(keras)
        yield from one_correction_mistakes(self)

    def pairs(self) -> Iterator[tuple[Hypothesis, tuple[str, str]]]:
        """One mistake in each of two parts of the update."""
        return two_mistakes(self)

    def _new(self, f: Callable[[Step], Array]) -> Callable[[Case], Outputs]:
        """Predict the parameter as f of the step's quantities."""
        return lambda case: {"parameter": f(self.parts(case))}

    def _moments(
        self, m: Callable[[Step], Array] | None = None, v: Callable[[Step], Array] | None = None, *, keras: bool
    ) -> Callable[[Case], Outputs]:
        """Predict all results from wrong moments."""

        def predict(case: Case) -> Outputs:
            s = self.parts(case)
            result: dict[str, Array] = {}
            wrong_m = m(s) if m is not None else s.m
            wrong_v = v(s) if v is not None else s.v
            if m is not None:
                result["m"] = wrong_m
            if v is not None:
                result["v"] = wrong_v
            return {**result, "parameter": s.update(wrong_m, wrong_v, keras=keras)}

        return predict

    def _correction_mistakes(self, keras: bool) -> Iterator[Hypothesis]:
        """Bias corrections, and moments of another step."""

        def update(**parts: Callable[[Step], Any]) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                s = self.parts(case)
                return {"parameter": s.update(**{name: f(s) for name, f in parts.items()}, keras=keras)}

            return predict

        yield Hypothesis("bias-correction-missing", update(c1=lambda s: 1.0, c2=lambda s: 1.0))
        yield Hypothesis("bias-correction-of-m-missing", update(c1=lambda s: 1.0))
        yield Hypothesis("bias-correction-of-v-missing", update(c2=lambda s: 1.0))
        for off in (-1, 1):
            yield Hypothesis(
                "step-one-off",
                update(c1=lambda s, k=off: 1 - s.b1 ** (s.t + k), c2=lambda s, k=off: 1 - s.b2 ** (s.t + k)),
            )
        yield Hypothesis("power-missing-in-the-correction", update(c1=lambda s: 1 - s.b1, c2=lambda s: 1 - s.b2))
        yield Hypothesis("power-missing-in-the-correction", update(c1=lambda s: 1 - s.b1), "of m")
        yield Hypothesis("power-missing-in-the-correction", update(c2=lambda s: 1 - s.b2), "of v")
        yield Hypothesis("power-as-a-product", update(c1=lambda s: 1 - s.b1 * s.t), "in the correction of m")
        yield Hypothesis("power-as-a-product", update(c2=lambda s: 1 - s.b2 * s.t), "in the correction of v")
        yield Hypothesis("power-as-a-product", update(c1=lambda s: 1 - s.b1 * s.t, c2=lambda s: 1 - s.b2 * s.t))
        yield Hypothesis(
            "betas-swapped-in-the-correction", update(c1=lambda s: 1 - s.b2**s.t, c2=lambda s: 1 - s.b1**s.t)
        )
        yield Hypothesis("one-beta-in-both-corrections", update(c2=lambda s: 1 - s.b1**s.t))
        yield Hypothesis("one-beta-in-both-corrections", update(c1=lambda s: 1 - s.b2**s.t))
        yield Hypothesis(
            "correction-multiplied", update(c1=lambda s: 1 / (1 - s.b1**s.t), c2=lambda s: 1 / (1 - s.b2**s.t))
        )
        yield Hypothesis("correction-multiplied", update(c1=lambda s: 1 / (1 - s.b1**s.t)), "of m")
        yield Hypothesis("correction-multiplied", update(c2=lambda s: 1 / (1 - s.b2**s.t)), "of v")
        yield Hypothesis("old-moments-used", update(m=lambda s: s.m0, v=lambda s: s.v0))
        yield Hypothesis("old-moments-used", update(m=lambda s: s.m0), "m")
        yield Hypothesis("old-moments-used", update(v=lambda s: s.v0), "v")
        yield Hypothesis("gradient-instead-of-m", update(m=lambda s: s.g))
        yield Hypothesis("gradient-instead-of-m", update(m=lambda s: s.g, c1=lambda s: 1.0))
        yield Hypothesis("nesterov", update(m=lambda s: s.b1 * s.m + (1 - s.b1) * s.g))
        yield Hypothesis("largest-v-kept", self._moments(v=lambda s: np.maximum(s.v0, s.v), keras=keras))

    def _moment_mistakes(self, keras: bool) -> Iterator[Hypothesis]:
        """Wrong decays, and moments of something else."""
        for text, m in (
            ("betas-swapped", lambda s: s.b2 * s.m0 + (1 - s.b2) * s.g),
            ("decay-the-wrong-way-round", lambda s: (1 - s.b1) * s.m0 + s.b1 * s.g),
            ("new-gradient-not-weighted", lambda s: s.b1 * s.m0 + s.g),
            ("old-moment-not-weighted", lambda s: s.m0 + (1 - s.b1) * s.g),
            ("gradient-subtracted", lambda s: s.b1 * s.m0 - (1 - s.b1) * s.g),
            ("gradient-squared-in-m", lambda s: s.b1 * s.m0 + (1 - s.b1) * s.g**2),
            ("moment-not-kept", lambda s: (1 - s.b1) * s.g),
            ("moment-not-kept", lambda s: s.g),
            ("moment-accumulated", lambda s: s.m0 + s.g),
            ("gradient-sign-only", lambda s: s.b1 * s.m0 + (1 - s.b1) * np.sign(s.g)),
        ):
            yield Hypothesis(text, self._moments(m=m, keras=keras), "m")
        for text, v in (
            ("betas-swapped", lambda s: s.b1 * s.v0 + (1 - s.b1) * s.g**2),
            ("decay-the-wrong-way-round", lambda s: (1 - s.b2) * s.v0 + s.b2 * s.g**2),
            ("new-gradient-not-weighted", lambda s: s.b2 * s.v0 + s.g**2),
            ("old-moment-not-weighted", lambda s: s.v0 + (1 - s.b2) * s.g**2),
            ("square-missing", lambda s: s.b2 * s.v0 + (1 - s.b2) * s.g),
            ("absolute-value-instead-of-square", lambda s: s.b2 * s.v0 + (1 - s.b2) * np.abs(s.g)),
            ("square-of-m-instead-of-gradient", lambda s: s.b2 * s.v0 + (1 - s.b2) * s.m**2),
            ("deviation-from-m-squared", lambda s: s.b2 * s.v0 + (1 - s.b2) * (s.g - s.m) ** 2),
            ("weight-squared-too", lambda s: s.b2 * s.v0 + ((1 - s.b2) * s.g) ** 2),
            ("square-of-the-sum-over-all", lambda s: s.b2 * s.v0 + (1 - s.b2) * (s.g**2).sum()),
            ("square-of-the-mean-over-all", lambda s: s.b2 * s.v0 + (1 - s.b2) * (s.g**2).mean()),
            ("moment-not-kept", lambda s: (1 - s.b2) * s.g**2),
            ("moment-not-kept", lambda s: s.g**2),
            ("moment-accumulated", lambda s: s.v0 + s.g**2),
        ):
            yield Hypothesis(text, self._moments(v=v, keras=keras), "v")

        def fixed_betas(case: Case) -> Outputs:
            usual = case.with_options(beta_1=0.9, beta_2=0.999)
            s = self.parts(usual)
            return {"m": s.m, "v": s.v, "parameter": s.update(keras=keras)}

        yield Hypothesis("betas-ignored", fixed_betas)

    def _gradient_mistakes(self, keras: bool) -> Iterator[Hypothesis]:
        """The gradient is changed before the moments are made."""
        for text, g in (
            *(
                ("weight-decay-in-the-gradient", lambda s, d=d: s.g + d * s.p)
                for d in (0.1, 0.01, 1e-3, 1e-4, 5e-4, 0.05)
            ),
            *(("gradient-clipped", lambda s, c=c: np.clip(s.g, -c, c)) for c in (0.1, 0.5, 1.0, 5.0)),
            *(("gradient-clipped", lambda s, c=c: s.g * min(1.0, c / (np.linalg.norm(s.g) + 0.0))) for c in (1.0, 5.0)),
            ("gradient-normalised", lambda s: s.g / np.linalg.norm(s.g)),
            ("gradient-averaged", lambda s: s.g / len(s.g)),
            ("gradient-averaged", lambda s: s.g / s.g.size),
            ("gradient-averaged", lambda s: np.full(s.g.shape, s.g.mean())),
            ("sign-flipped", lambda s: -s.g),
        ):

            def with_gradient(case: Case, g: Any = g) -> Outputs:
                s = self.parts(case)
                new_g = g(s)
                m, v = s.b1 * s.m0 + (1 - s.b1) * new_g, s.b2 * s.v0 + (1 - s.b2) * new_g**2
                return {"m": m, "v": v, "parameter": s.update(m, v, keras=keras)}

            yield Hypothesis(text, with_gradient)

        def swapped(case: Case) -> Outputs:
            s = self.parts(case)
            m, v = s.b2 * s.m0 + (1 - s.b2) * s.g, s.b1 * s.v0 + (1 - s.b1) * s.g**2
            c = {"c1": 1 - s.b2**s.t, "c2": 1 - s.b1**s.t}
            return {"m": m, "v": v, "parameter": s.update(m, v, **c, keras=keras)}

        yield Hypothesis("betas-swapped", swapped)

    def _step_mistakes(self, keras: bool) -> Iterator[Hypothesis]:
        """What is subtracted from the parameter."""
        for decay in (1e-2, 1e-3, 1e-4, 0.1, 5e-4, 0.004):
            yield Hypothesis(
                "weight-decay-added",
                lambda case, d=decay: {
                    "parameter": self.parts(case).update(keras=keras) - self.parts(case).rate * d * self.parts(case).p
                },
                f"{decay:g}",
            )
            yield Hypothesis(
                "weight-decay-added",
                lambda case, d=decay: {"parameter": self.parts(case).update(keras=keras) - d * self.parts(case).p},
                f"{decay:g}",
            )
        yield Hypothesis(
            "step-added",
            lambda case: {"parameter": 2 * self.parts(case).p - self.parts(case).update(keras=keras)},
        )
        yield Hypothesis(
            "parameter-missing",
            lambda case: {"parameter": self.parts(case).update(keras=keras) - self.parts(case).p},
        )
        yield Hypothesis(
            "parameter-missing",
            lambda case: {"parameter": self.parts(case).p - self.parts(case).update(keras=keras)},
            "the step itself",
        )
        yield Hypothesis(
            "learning-rate-missing",
            lambda case: {"parameter": self.parts(case)._replace(rate=1.0).update(keras=keras)},
        )
        yield Hypothesis(
            "learning-rate-divided-by",
            lambda case: {"parameter": self.parts(case)._replace(rate=1 / self.parts(case).rate).update(keras=keras)},
        )
        yield Hypothesis(
            "learning-rate-squared",
            lambda case: {"parameter": self.parts(case)._replace(rate=self.parts(case).rate ** 2).update(keras=keras)},
        )
        for power in (0.5, 1.0):
            yield Hypothesis(
                "learning-rate-decays",
                lambda case, q=power: {
                    "parameter": self.parts(case)
                    ._replace(rate=self.parts(case).rate / self.parts(case).t ** q)
                    .update(keras=keras)
                },
            )
        yield Hypothesis(
            "epsilon-missing", lambda case: {"parameter": self.parts(case)._replace(e=0.0).update(keras=keras)}
        )
        for other in (1e-8, 1e-7, 1e-10, 1e-6, 1e-3):
            yield Hypothesis(
                "epsilon-ignored",
                lambda case, e=other: {"parameter": self.parts(case)._replace(e=e).update(keras=keras)},
                f"{other:g} is used" if other > 1e-8 else "a constant of about 1e-8 or less is used",
            )

    def _formula_mistakes(self) -> Iterator[Hypothesis]:
        """Roots, quotients and moments in the wrong place, or none."""
        yield Hypothesis(
            "epsilon-inside-the-root",
            self._new(lambda s: s.p - s.rate * (s.m / (1 - s.b1**s.t)) / np.sqrt(s.v / (1 - s.b2**s.t) + s.e)),
        )
        yield Hypothesis(
            "epsilon-inside-the-root",
            self._new(lambda s: s.p - s.rate * np.sqrt(1 - s.b2**s.t) / (1 - s.b1**s.t) * s.m / np.sqrt(s.v + s.e)),
        )
        yield Hypothesis(
            "epsilon-subtracted",
            self._new(lambda s: s.p - s.rate * (s.m / (1 - s.b1**s.t)) / (np.sqrt(s.v / (1 - s.b2**s.t)) - s.e)),
        )
        yield Hypothesis(
            "epsilon-added-to-the-quotient",
            self._new(lambda s: s.p - s.rate * ((s.m / (1 - s.b1**s.t)) / np.sqrt(s.v / (1 - s.b2**s.t)) + s.e)),
        )
        yield Hypothesis(
            "root-missing", self._new(lambda s: s.p - s.rate * (s.m / (1 - s.b1**s.t)) / (s.v / (1 - s.b2**s.t) + s.e))
        )
        yield Hypothesis(
            "root-missing",
            self._new(lambda s: s.p - s.rate * np.sqrt(1 - s.b2**s.t) / (1 - s.b1**s.t) * s.m / (s.v + s.e)),
        )
        yield Hypothesis(
            "root-missing",
            self._new(lambda s: s.p - s.rate * (1 - s.b2**s.t) / (1 - s.b1**s.t) * s.m / (np.sqrt(s.v) + s.e)),
            "in the correction",
        )
        yield Hypothesis(
            "multiplied-by-the-root",
            self._new(lambda s: s.p - s.rate * (s.m / (1 - s.b1**s.t)) * (np.sqrt(s.v / (1 - s.b2**s.t)) + s.e)),
        )
        yield Hypothesis("v-not-used", self._new(lambda s: s.p - s.rate * s.m / (1 - s.b1**s.t)))
        yield Hypothesis("v-not-used", self._new(lambda s: s.p - s.rate * s.m))
        yield Hypothesis("plain-gradient-descent", self._new(lambda s: s.p - s.rate * s.g))
        yield Hypothesis("m-not-used", self._new(lambda s: s.p - s.rate * s.g / (np.sqrt(s.v) + s.e)))
        yield Hypothesis("sign-of-the-gradient", self._new(lambda s: s.p - s.rate * np.sign(s.m)))

    def _returned_mistakes(self) -> Iterator[Hypothesis]:
        """Other arrays are handed back than those of the contract."""
        yield Hypothesis("parameter-not-updated", self._new(lambda s: s.p))
        yield Hypothesis(
            "corrected-moments-returned",
            lambda case: {"m": self.parts(case).m / (1 - self.parts(case).b1 ** self.parts(case).t)},
        )
        yield Hypothesis(
            "corrected-moments-returned",
            lambda case: {"v": self.parts(case).v / (1 - self.parts(case).b2 ** self.parts(case).t)},
        )
        yield Hypothesis("old-moments-returned", lambda case: {"m": self.parts(case).m0})
        yield Hypothesis("old-moments-returned", lambda case: {"v": self.parts(case).v0})
        yield Hypothesis(
            "moments-returned-in-wrong-order", lambda case: {"m": self.parts(case).v, "v": self.parts(case).m}
        )

    def _fixed_beta_mistakes(self, keras: bool) -> Iterator[Hypothesis]:
        """One beta is a constant, or both are in the moments alone; a correction without its 1 - ."""

        def fixed(b1: float | None, b2: float | None, corrections: bool) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                s = self.parts(case)
                changed = {k: b for k, b in (("beta_1", b1), ("beta_2", b2)) if b is not None}
                wrong = self.parts(case.with_options(**changed))
                of = wrong if corrections else s
                new = s.update(wrong.m, wrong.v, c1=1 - of.b1**s.t, c2=1 - of.b2**s.t, keras=keras)
                moments = {"m": wrong.m} if b1 is not None else {}
                return {**moments, **({"v": wrong.v} if b2 is not None else {}), "parameter": new}

            return predict

        for corrections in (False, True):
            for b1 in (0.9, 0.99, 0.5):
                yield Hypothesis("beta-ignored", fixed(b1, None, corrections), f"beta_1: {b1:g} is used")
            for b2 in (0.999, 0.99, 0.9):
                yield Hypothesis("beta-ignored", fixed(None, b2, corrections), f"beta_2: {b2:g} is used")
        yield Hypothesis("betas-ignored", fixed(0.9, 0.999, False))
        for rate in (0.001, 0.01, 0.1):
            yield Hypothesis(
                "learning-rate-ignored",
                lambda case, rate=rate: {"parameter": self.parts(case)._replace(rate=rate).update(keras=keras)},
                f"{rate:g} is used",
            )

        def without_one(case: Case) -> Outputs:
            s = self.parts(case)
            return {"parameter": s.update(c1=s.b1**s.t, c2=s.b2**s.t, keras=keras)}

        yield Hypothesis("one-minus-missing-in-the-correction", without_one)
        yield Hypothesis(
            "epsilon-added-to-the-quotient",
            lambda case: {"parameter": self.parts(case)._replace(e=0.0).update(keras=keras) - case.options["epsilon"]},
            "after the learning rate",
        )
