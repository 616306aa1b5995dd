"""dropout: what is asked, and how it goes wrong.

Any generator may draw the mask, so it is read off y and its properties are tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from tinyseg_kernels.dropout import naive, numpy_cpu
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng
from ..comparison import NUMBERS, Finding, Kind, compare
from ..observing import Learner, Observation
from ..operation import Hypothesis, Operation, Trouble
from ..place import NamedRegion
from ..traits import FLOAT32, IMAGES, ZEROS, Trait, traits_of

RATE_ABOVE_0 = Trait("a rate above 0")
RATE_NOT_HALF = Trait("a rate other than 0.5")
KEPT, DROPPED = NamedRegion("what was kept"), NamedRegion("what was dropped")

SHAPES: tuple[tuple[tuple[int, ...], float, Trait | None], ...] = (
    ((2, 3), 0.0, None),
    ((40, 50), 0.5, None),
    ((40, 50), 0.2, None),
    ((50, 30), 0.8, None),
    ((4, 12, 10, 8), 0.3, None),
    ((20, 60), 0.6, FLOAT32),
    ((40, 50), 0.4, ZEROS),
)


class Dropout(Operation):
    """Random zeros, the rest scaled up."""

    name = "dropout"
    contract = (
        "forward(x, *, rate, seed) -> (y, cache): each number is 0 with probability rate, the others are divided by 1 "
        "- rate; the mask is a function of the seed; backward(dy, cache) -> dx with the same mask"
    )

    def cases(self) -> list[Case]:
        """Rate 0 first, which changes nothing; then rates from 0.2 to 0.8."""
        cases = []
        for number, (shape, rate, special) in enumerate(SHAPES):
            rng = case_rng(number, 10)
            x = rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape)
            some = {RATE_ABOVE_0: rate > 0, IMAGES: len(shape) == 4, RATE_NOT_HALF: rate not in (0, 0.5)}
            x = x.astype(np.float32) if special == FLOAT32 else x
            if special == ZEROS:
                x[rng.random(shape) < 0.4] = 0
            cases.append(Case({"x": x}, {"rate": rate, "seed": 7 * number}, traits_of(some, special)))
        return cases

    def adapt(self, case: Case, y: Any) -> Case:
        """Read the mask off y; of the library's own forward where there is none."""
        if y is None:
            y = numpy_cpu.dropout_forward(np.ones_like(case.arrays["x"]), **case.options)[0]
        y = np.asarray(y) if hasattr(y, "__array__") else y  # another library's array is as good
        known = isinstance(y, np.ndarray) and y.shape == case.arrays["x"].shape and y.dtype.kind in "fiub"
        return replace(case, seen={"mask": (y != 0) if known else np.ones(case.arrays["x"].shape, bool)})

    def right(self, case: Case) -> Outputs:
        """Scale what the mask keeps."""
        mask = case.seen.get("mask", np.ones(case.arrays["x"].shape, bool))
        keep = case.dtype.type(1 - case.options["rate"])
        if "kept_at_zeros" in case.seen:
            mask = np.where(case.arrays["x"] == 0, case.seen["kept_at_zeros"], mask)
        y = case.arrays["x"] * mask / keep
        return {"y": y} if case.dy is None else {"y": y, "dx": np.asarray(case.dy * mask / keep, case.dtype)}

    def compare(self, case: Case, output: str, right: Any, got: Any) -> Finding:
        """Where x is 0, y does not tell whether it was dropped: both are right, as `trouble` counts how many."""
        if (
            output == "dx"
            and ZEROS in case.traits
            and hasattr(got, "__array__")
            and got.shape == case.arrays["x"].shape
        ):
            right = self.right(replace(case, seen={**case.seen, "kept_at_zeros": got != 0}))["dx"]
        return compare(right, got)

    def library_caches(self, case: Case) -> list[object]:
        """The caches of both rungs."""
        return [rung.dropout_forward(case.arrays["x"], **case.options)[1] for rung in (numpy_cpu, naive)]

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Rate and its complement."""
        rate = case.options["rate"]
        return {"(1 - rate)": 1 - rate, **({"rate": rate} if rate else {})}

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """Kept and dropped."""
        mask = case.seen["mask"]
        return {KEPT: mask, DROPPED: ~mask}

    def mistakes(self) -> Iterator[Hypothesis]:
        """What is multiplied by."""

        def of(f: Callable[[Array, Array, float], Array]) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                mask, rate = case.seen["mask"], case.options["rate"]
                result = {"y": f(np.asarray(case.arrays["x"], np.float64), mask, rate)}
                return result if case.dy is None else {**result, "dx": f(np.asarray(case.dy, np.float64), mask, rate)}

            return predict

        yield Hypothesis("not-scaled", of(lambda a, m, r: a * m))
        yield Hypothesis("scaled-by-the-rate", of(lambda a, m, r: a * m / r if r else a * np.inf))
        yield Hypothesis("scaled-the-wrong-way", of(lambda a, m, r: a * m * (1 - r)))
        yield Hypothesis("scaled-by-the-rate", of(lambda a, m, r: a * m * r), "multiplied")
        yield Hypothesis("scaled-twice", of(lambda a, m, r: a * m / (1 - r) ** 2))
        yield Hypothesis("scaled-by-the-root", of(lambda a, m, r: a * m / np.sqrt(1 - r)))
        yield Hypothesis("scaled-as-for-another-rate", of(lambda a, m, r: a * m * 2), "one half")
        yield Hypothesis("mask-missing", of(lambda a, m, r: a / (1 - r)))
        yield Hypothesis("mask-missing", of(lambda a, m, r: a), "and the scale")
        yield Hypothesis("mask-inverted", of(lambda a, m, r: a * ~m / (1 - r)))
        yield Hypothesis("mask-inverted", of(lambda a, m, r: a * ~m), "and not scaled")
        yield Hypothesis("mask-inverted", of(lambda a, m, r: a * ~m / r if r else a), "and scaled by the rate")
        yield Hypothesis("scaled-by-what-was-kept", of(lambda a, m, r: a * m / max(m.mean(), 1e-9)))
        yield Hypothesis("only-ones", of(lambda a, m, r: m * 1.0), "the mask itself")
        yield Hypothesis("only-ones", of(lambda a, m, r: m / (1 - r)), "the scaled mask itself")
        yield Hypothesis("one-plus", of(lambda a, m, r: a * m / (1 + r)))

        def with_x(case: Case) -> Outputs:
            return {"dx": case.dy * case.arrays["x"] * case.seen["mask"] / (1 - case.options["rate"])}

        yield Hypothesis("multiplied-by-the-value", with_x)
        for axis in (0, 1, -1):

            def one_for_all(case: Case, axis: int = axis) -> Outputs:
                mask = np.broadcast_to(case.seen["mask"].take([0], axis), case.dy.shape)
                return {"dx": case.dy * mask / (1 - case.options["rate"])}

            yield Hypothesis("mask-of-one-for-all", one_for_all, f"along axis {axis}")
        yield Hypothesis("multiplied-by-the-value", lambda case: {"dx": case.dy * self.right(case)["y"]})

    def trouble(self, learner: Learner, judged: Sequence[Observation]) -> Trouble | None:
        """Test the mask: how many, for which seeds, whether it is the same on the way back."""
        found = [o for o in judged if "y" in o.findings and o.findings["y"].kind in NUMBERS]
        if learner.forward is not None:
            large = [o for o in found if o.case.options["rate"] > 0 and o.case.arrays["x"].size > 100]
            if large:
                trouble = self._another_mask(judged) or self._seed_trouble(learner, large[0])
                if trouble is not None:
                    return trouble
            for seen in found:
                trouble = self._mask_trouble(seen)
                if trouble is not None:
                    return trouble
        return self._another_mask(judged)

    def _mask_trouble(self, seen: Observation) -> Trouble | None:
        mask, rate = seen.case.seen["mask"], seen.case.options["rate"]
        if ZEROS in seen.case.traits:
            return self._at_zeros(seen)
        if rate == 0 or mask.size < 100 or seen.findings["y"].got is None:
            return None
        kept, label = float(mask.mean()), seen.case.label
        numbers = {"configuration": label, "kept": kept, "expected": 1 - rate}
        slack = 6 * np.sqrt(rate * (1 - rate) / mask.size)
        ratio = np.asarray(seen.findings["y"].got, np.float64) / np.asarray(seen.case.arrays["x"], np.float64)
        if kept == 1 and np.ptp(ratio) > 0.01:
            untouched = float(np.isclose(ratio, 1 / (1 - rate), rtol=1e-3).mean())
            if abs(untouched - (1 - rate)) <= slack:
                return Trouble("dropped-not-zero", "y", "", {**numbers, "kept": untouched})
            return Trouble("noise-instead-of-mask", "y", "", numbers)
        if kept == 1:
            return Trouble("nothing-dropped", "y", "", numbers)
        for axis in range(mask.ndim):
            if mask.shape[axis] > 1 and (mask == mask.take([0], axis)).all():
                return Trouble("mask-shared", "y", f"along axis {axis}", numbers)
        for axis, word in ((0, "axis-0"), (-1, "last-axis")):
            for index, end in ((0, "first"), (-1, "last")):
                if mask.shape[axis] > 1 and mask.size > 1000 and not mask.take(index, axis).any():
                    return Trouble(f"{end}-{word}-missing", "y", "it is always 0", numbers)
        if abs(kept - (1 - rate)) <= slack:
            return None
        if abs(kept - rate) <= slack:
            return Trouble("mask-inverted", "y", "", numbers)
        return Trouble("wrong-share-dropped", "y", f"{100 * (1 - kept):.1f} % instead of {100 * rate:.0f} %", numbers)

    def _at_zeros(self, seen: Observation) -> Trouble | None:
        """Are numbers that were 0 before treated as dropped?"""
        if "dx" not in seen.findings or not seen.findings["dx"].is_right:
            return None
        zeros = seen.case.arrays["x"] == 0
        kept = float((seen.findings["dx"].got[zeros] != 0).mean())
        if kept == 0:
            return Trouble(
                "mask-read-off-the-result",
                "dx: where x is 0",
                "",
                {"configuration": seen.case.label, "kept where x is 0": kept},
            )
        return None

    def _seed_trouble(self, learner: Learner, seen: Observation) -> Trouble | None:
        numbers = {"configuration": seen.case.label}
        again = learner.observe(replace(seen.case, dy=None, seen={}))
        mask = seen.case.seen["mask"]
        zero = [learner.observe(replace(seen.case.with_options(seed=0), dy=None, seen={})) for _ in range(2)]
        if not np.array_equal(*(o.case.seen.get("mask", np.empty(0)) for o in zero)):
            return Trouble("mask-not-reproducible", "y", "", {**numbers, "seed": 0})
        if not np.array_equal(again.case.seen.get("mask", np.empty(0)), mask):
            return Trouble("mask-not-reproducible", "y", "", numbers)
        other = learner.observe(replace(seen.case.with_options(seed=12345), dy=None, seen={}))
        if not mask.all() and np.array_equal(other.case.seen.get("mask", np.empty(0)), mask):
            return Trouble("seed-ignored", "y", "", numbers)
        return None

    def _another_mask(self, judged: Sequence[Observation]) -> Trouble | None:
        """Is dx masked, but by another mask?"""
        wrong = [
            o
            for o in judged
            if "dx" in o.findings
            and o.findings["dx"].kind is Kind.VALUE
            and o.case.arrays["x"].size > 100
            and ZEROS not in o.case.traits
        ]
        if not wrong or any(
            o.case.options["rate"] and o.findings["dx"].kind is not Kind.VALUE
            for o in judged
            if "dx" in o.findings and o.case.arrays["x"].size > 100
        ):
            return None
        for seen in wrong:
            got, mask = seen.findings["dx"].got, seen.case.seen["mask"]
            other = got != 0
            if not (other & ~mask).any():
                return None  # another mask would pass on something that was dropped
            share = abs(other.mean() - mask.mean()) < 0.1
            ratios = (got / seen.case.dy)[other]
            if (
                not share
                or np.array_equal(other, mask)
                or np.array_equal(other, ~mask)
                or np.ptp(ratios) > 1e-3 * abs(ratios).max()
            ):
                return None
        return Trouble("mask-drawn-anew", "dx", "", {"configuration": wrong[0].case.label})
