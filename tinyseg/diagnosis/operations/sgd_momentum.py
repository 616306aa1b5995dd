"""sgd_momentum: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng, small_integers, strided
from ..operation import Hypothesis, Operation
from ..traits import FLOAT32, STRIDED, Numbers, Special, Trait, traits_of

NESTEROV = Trait("nesterov=True")
AT_REST = Trait("a velocity of 0", unseen=True)
NO_MOMENTUM = Trait("momentum = 0")
FLAT = Trait("a gradient of 0", unseen=True)
Shape = tuple[int, ...]
SETTINGS: tuple[tuple[Shape, float, float, bool, Special], ...] = (
    ((2,), 0.5, 0.5, False, AT_REST),
    ((2,), 0.5, 0.5, False, Numbers.BY_HAND),
    ((3,), 0.25, 0.75, False, Numbers.BY_HAND),
    ((3,), 0.5, 0.0, False, Numbers.BY_HAND),
    ((2,), 0.5, 0.5, True, AT_REST),
    ((2,), 0.5, 0.5, True, Numbers.BY_HAND),
    ((3,), 0.25, 0.75, True, Numbers.BY_HAND),
    ((3,), 0.5, 0.0, True, Numbers.BY_HAND),
    ((4, 3), 0.1, 0.9, False, Numbers.RANDOM),
    ((2, 3), 2.0, 0.3, False, Numbers.RANDOM),
    ((3, 3, 2, 4), 0.01, 0.99, False, Numbers.RANDOM),
    ((4, 3), 0.1, 0.9, True, Numbers.RANDOM),
    ((3, 3, 2, 4), 0.3, 0.7, True, Numbers.RANDOM),
    ((4,), 0.1, 0.9, False, FLAT),
    ((4,), 0.1, 0.9, True, FLAT),
    ((4, 3), 0.2, 0.8, True, STRIDED),
    ((4, 2), 0.1, 0.9, False, FLOAT32),
    ((4, 2), 0.1, 0.9, True, FLOAT32),
)


class Step(NamedTuple):
    """The quantities of an update: parameter, gradient, old velocity, settings."""

    p: Array
    g: Array
    u: Array
    rate: float
    m: float
    nesterov: bool

    @property
    def v(self) -> Array:
        """The new velocity."""
        return self.m * self.u - self.rate * self.g

    def moved(self, v: Array | None = None, nesterov: bool | None = None) -> Array:
        """Return the new parameter, with another velocity or another kind of step."""
        v = self.v if v is None else v
        ahead = self.nesterov if nesterov is None else nesterov
        return self.p + (self.m * v - self.rate * self.g if ahead else v)


class SgdMomentum(Operation):
    """One update of parameters."""

    name = "sgd_momentum"
    arrays = ("parameter", "gradient", "velocity")
    results = ("parameter", "velocity")
    gradients = ()
    has_cache = False
    contract = (
        "forward(parameter, gradient, velocity, *, learning_rate, momentum, nesterov) -> (parameter, velocity), new "
        "arrays: v = momentum * velocity - learning_rate * gradient is the new velocity, and parameter + v the new "
        "parameter; with nesterov it is parameter + momentum * v - learning_rate * gradient"
    )

    def cases(self) -> list[Case]:
        """From rest, then with a velocity; each kind of step from numbers on paper up."""
        cases = []
        for number, (shape, rate, momentum, nesterov, special) in enumerate(SETTINGS):
            rng = case_rng(number, 18)
            by_hand = special is Numbers.BY_HAND or special == AT_REST
            values = {
                name: small_integers(rng, shape) if by_hand else rng.standard_normal(shape) for name in self.arrays
            }
            if special == AT_REST:
                values["velocity"] = np.zeros(shape)
            if special == FLAT:
                values["gradient"] = np.zeros(shape)
            if special == FLOAT32:
                values = {name: value.astype(np.float32) for name, value in values.items()}
            if special == STRIDED:
                values = {name: strided(value) for name, value in values.items()}
            options = {"learning_rate": rate, "momentum": momentum, "nesterov": nesterov}
            some = {NESTEROV: nesterov, NO_MOMENTUM: momentum == 0}
            cases.append(Case(values, options, traits_of(some, special), by_hand=by_hand))
        return cases

    def parts(self, case: Case) -> Step:
        """Return the quantities of the formulas."""
        p, g, u = (np.asarray(a, np.float64) for a in case.arrays.values())
        o = case.options
        return Step(p, g, u, o["learning_rate"], o["momentum"], o["nesterov"])

    def right(self, case: Case) -> Outputs:
        """The formulas."""
        s = self.parts(case)
        return {"parameter": s.moved().astype(case.dtype), "velocity": s.v.astype(case.dtype)}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """The settings."""
        s = self.parts(case)
        return {"learning_rate": s.rate, "momentum": s.m, "(1 - momentum)": 1 - s.m}

    def mistakes(self) -> Iterator[Hypothesis]:
        """The velocity, what it is made of, the step, what is returned."""
        yield from self._velocity_mistakes()
        yield from self._setting_mistakes()
        yield from self._gradient_mistakes()
        yield from self._step_mistakes()
        yield from self._nesterov_mistakes()
        yield from self._returned_mistakes()

    def _velocity(self, v: Callable[[Step], Array], p: Callable[[Step, Array], Array] | None = None) -> Predicted:
        """Predict both results from a wrong velocity; `p` says how the parameter moves with it."""

        def predict(case: Case) -> Outputs:
            s = self.parts(case)
            wrong = v(s)
            return {"velocity": wrong, "parameter": s.moved(wrong) if p is None else p(s, wrong)}

        return predict

    def _parameter(self, p: Callable[[Step], Array]) -> Predicted:
        """Predict the parameter alone."""
        return lambda case: {"parameter": p(self.parts(case))}

    def _velocity_mistakes(self) -> Iterator[Hypothesis]:
        """The two terms of the velocity, their weights and signs."""
        of = self._velocity
        yield Hypothesis("momentum-not-used", of(lambda s: s.u - s.rate * s.g))
        yield Hypothesis("velocity-not-kept", of(lambda s: -s.rate * s.g))
        yield Hypothesis("gradient-not-used", of(lambda s: s.m * s.u))
        yield Hypothesis("gradient-damped", of(lambda s: s.m * s.u - (1 - s.m) * s.rate * s.g))
        yield Hypothesis("gradient-damped", of(lambda s: s.m * s.u - (1 - s.m) * s.g), "the learning rate is missing")
        yield Hypothesis("momentum-the-wrong-way-round", of(lambda s: (1 - s.m) * s.u - s.rate * s.g))
        yield Hypothesis("momentum-the-wrong-way-round", of(lambda s: (1 - s.m) * s.u - s.m * s.rate * s.g))
        yield Hypothesis("momentum-on-the-gradient-too", of(lambda s: s.m * (s.u - s.rate * s.g)))
        yield Hypothesis("momentum-on-the-gradient-only", of(lambda s: s.u - s.m * s.rate * s.g))
        yield Hypothesis("momentum-squared", of(lambda s: s.m**2 * s.u - s.rate * s.g))
        yield Hypothesis("momentum-and-learning-rate-swapped", of(lambda s: s.rate * s.u - s.m * s.g))
        yield Hypothesis("old-velocity-subtracted", of(lambda s: -s.m * s.u - s.rate * s.g))
        yield Hypothesis("gradient-added", of(lambda s: s.m * s.u + s.rate * s.g, _uphill))
        yield Hypothesis("gradient-added", of(lambda s: s.m * s.u + s.rate * s.g), "in the velocity only")
        yield Hypothesis("velocity-of-the-opposite-sign", of(lambda s: s.m * s.u + s.rate * s.g, _against))
        yield Hypothesis(
            "velocity-of-the-opposite-sign", lambda case: {"velocity": -self.parts(case).v}, "in what is returned"
        )
        yield Hypothesis("velocity-of-the-opposite-sign", of(lambda s: -s.m * s.u + s.rate * s.g, _against))
        yield Hypothesis("largest-velocity-kept", of(lambda s: np.maximum(s.u, s.v)))

    def _setting_mistakes(self) -> Iterator[Hypothesis]:
        """The learning rate in the wrong place; constants."""
        of = self._velocity
        yield Hypothesis("learning-rate-outside-the-velocity", of(lambda s: s.m * s.u + s.g, _scaled_against))
        yield Hypothesis("learning-rate-outside-the-velocity", of(lambda s: s.m * s.u - s.g, _scaled))
        yield Hypothesis("learning-rate-missing", of(lambda s: s.m * s.u - s.g, _unscaled))
        yield Hypothesis("learning-rate-missing", of(lambda s: s.m * s.u - s.g), "in the velocity")
        yield Hypothesis("learning-rate-twice", of(lambda s: s.v, _scaled))
        yield Hypothesis("learning-rate-twice", of(lambda s: s.m * s.u - s.rate**2 * s.g), "in the velocity")
        yield Hypothesis("learning-rate-on-the-velocity-too", of(lambda s: s.rate * (s.m * s.u - s.g)))
        yield Hypothesis("learning-rate-divided-by", of(lambda s: s.m * s.u - s.g / s.rate))
        for option, constants in (("momentum", (0.9, 0.99, 0.5, 0.8)), ("learning_rate", (0.01, 0.1, 0.001, 0.5))):
            for constant in constants:
                yield Hypothesis(
                    f"{option.replace('_', '-')}-ignored",
                    lambda case, o=option, k=constant: self.right(case.with_options(**{o: k})),
                    f"{constant:g} is used",
                )

    def _gradient_mistakes(self) -> Iterator[Hypothesis]:
        """The gradient is changed before it is used."""
        for cause, g in (
            ("gradient-sign-only", lambda s: np.sign(s.g)),
            ("gradient-squared", lambda s: s.g**2),
            ("gradient-sign-lost", lambda s: np.abs(s.g)),
            ("gradient-clipped", lambda s: np.clip(s.g, -1, 1)),
            ("gradient-clipped", lambda s: np.clip(s.g, -5, 5)),
            ("gradient-clipped", lambda s: s.g * min(1.0, 1 / max(float(np.linalg.norm(s.g)), 1e-300))),
            ("gradient-normalised", lambda s: s.g / np.linalg.norm(s.g)),
            ("gradient-averaged", lambda s: s.g / len(s.g)),
            ("gradient-averaged", lambda s: s.g / s.g.size),
            ("gradient-averaged", lambda s: np.full(s.g.shape, s.g.mean())),
            *(
                ("weight-decay-in-the-gradient", lambda s, d=d: s.g + d * s.p)
                for d in (0.1, 0.01, 1e-3, 1e-4, 5e-4, 0.05)
            ),
        ):

            def changed(case: Case, g: Callable[[Step], Array] = g) -> Outputs:
                s = self.parts(case)
                s = s._replace(g=g(s))
                return {"velocity": s.v, "parameter": s.moved()}

            yield Hypothesis(cause, changed)

    def _step_mistakes(self) -> Iterator[Hypothesis]:
        """How the parameter moves."""
        of = self._parameter
        yield Hypothesis("old-velocity-used", of(lambda s: s.moved(s.u)))
        yield Hypothesis("old-velocity-used", of(lambda s: s.p + s.u), "with and without nesterov")
        yield Hypothesis("step-subtracted", of(lambda s: 2 * s.p - s.moved()))
        yield Hypothesis("step-subtracted", of(lambda s: s.p - (s.m * s.v + s.rate * s.g if s.nesterov else s.v)))
        yield Hypothesis("plain-gradient-descent", of(lambda s: s.p - s.rate * s.g))
        yield Hypothesis("gradient-counted-twice", of(lambda s: s.p + s.v - s.rate * s.g))
        yield Hypothesis("gradient-counted-twice", of(lambda s: s.moved() - s.rate * s.g))
        yield Hypothesis("learning-rate-twice", of(lambda s: s.p + s.rate * (s.moved() - s.p)), "in the step")
        yield Hypothesis("momentum-on-the-step-too", of(lambda s: s.p + s.m * s.v))
        yield Hypothesis("parameter-missing", of(lambda s: s.moved() - s.p))
        yield Hypothesis("parameter-missing", of(lambda s: s.p - s.moved()), "with the other sign")
        yield Hypothesis("parameter-not-updated", of(lambda s: s.p))
        yield Hypothesis("momentum-on-the-parameter", of(lambda s: s.m * s.p + s.v))
        yield Hypothesis("momentum-on-the-parameter", of(lambda s: s.m * s.p + s.moved() - s.p))
        for decay in (1e-2, 1e-3, 1e-4, 0.1, 5e-4, 0.004):
            yield Hypothesis("weight-decay-added", of(lambda s, d=decay: s.moved() - s.rate * d * s.p), f"{decay:g}")
            yield Hypothesis("weight-decay-added", of(lambda s, d=decay: s.moved() - d * s.p), f"{decay:g}")

    def _nesterov_mistakes(self) -> Iterator[Hypothesis]:
        """The step that looks ahead, or does so where it should not."""

        def ahead(f: Callable[[Step], Array]) -> Predicted:
            return self._parameter(lambda s: f(s) if s.nesterov else s.moved())

        yield Hypothesis("nesterov-ignored", self._parameter(lambda s: s.moved(nesterov=False)))
        yield Hypothesis("nesterov-always", self._parameter(lambda s: s.moved(nesterov=True)))
        yield Hypothesis("nesterov-inverted", self._parameter(lambda s: s.moved(nesterov=not s.nesterov)))
        yield Hypothesis("gradient-missing-in-the-nesterov-step", ahead(lambda s: s.p + s.m * s.v))
        yield Hypothesis("momentum-missing-in-the-nesterov-step", ahead(lambda s: s.p + s.v - s.rate * s.g))
        yield Hypothesis("learning-rate-missing-in-the-nesterov-step", ahead(lambda s: s.p + s.m * s.v - s.g))
        yield Hypothesis("gradient-added-in-the-nesterov-step", ahead(lambda s: s.p + s.m * s.v + s.rate * s.g))
        yield Hypothesis("velocity-counted-twice-in-the-nesterov-step", ahead(lambda s: s.p + s.v + s.m * s.v))
        yield Hypothesis(
            "velocity-counted-twice-in-the-nesterov-step",
            ahead(lambda s: s.p + s.v + s.m * s.v - s.rate * s.g),
            "and the gradient too",
        )
        yield Hypothesis("momentum-squared-in-the-nesterov-step", ahead(lambda s: s.p + s.m**2 * s.v - s.rate * s.g))
        yield Hypothesis("momentum-on-the-whole-nesterov-step", ahead(lambda s: s.p + s.m * (s.v - s.rate * s.g)))
        yield Hypothesis("step-subtracted-with-nesterov", ahead(lambda s: s.p - (s.m * s.v - s.rate * s.g)))
        yield Hypothesis("step-subtracted-with-nesterov", ahead(lambda s: s.p - s.m * s.v - s.rate * s.g), "in part")

        def stored(case: Case) -> Outputs:
            s = self.parts(case)
            return {"velocity": s.moved() - s.p}

        yield Hypothesis("nesterov-step-stored-as-velocity", stored)

        def velocity_ahead(case: Case) -> Outputs:
            s = self.parts(case)
            step = s.moved() - s.p
            return {"velocity": step, "parameter": s.p + (s.m * step - s.rate * s.g if s.nesterov else step)}

        yield Hypothesis("nesterov-step-stored-as-velocity", velocity_ahead, "and the step taken once more")

    def _returned_mistakes(self) -> Iterator[Hypothesis]:
        """Other arrays are handed back than those of the contract."""
        yield Hypothesis("old-velocity-returned", lambda case: {"velocity": self.parts(case).u})
        yield Hypothesis("gradient-returned", lambda case: {"velocity": self.parts(case).g}, "")
        yield Hypothesis(
            "gradient-returned", lambda case: {"velocity": -self.parts(case).rate * self.parts(case).g}, "scaled"
        )


Predicted = Callable[[Case], Outputs]


def _uphill(s: Step, v: Array) -> Array:
    """Return the parameter moved with a velocity that contains the gradient itself, all signs the same."""
    return s.p + (s.m * v + s.rate * s.g if s.nesterov else v)


def _against(s: Step, v: Array) -> Array:
    """Return the parameter moved against a velocity, as where it has the gradient's sign."""
    return s.p - (s.m * v + s.rate * s.g if s.nesterov else v)


def _scaled_against(s: Step, v: Array) -> Array:
    """Return the parameter moved against a velocity of gradients, multiplied by the learning rate only now."""
    return s.p - s.rate * (s.m * v + s.g if s.nesterov else v)


def _scaled(s: Step, v: Array) -> Array:
    return s.p + s.rate * (s.m * v - s.g if s.nesterov else v)


def _unscaled(s: Step, v: Array) -> Array:
    return s.p + (s.m * v - s.g if s.nesterov else v)
