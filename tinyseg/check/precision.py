r"""Does a backend compute in float32 what the specification says? Its results and gradients against a float64 run of
the loops of `naive.py`.

This is what is trained with. Central differences need float64, and some rungs have float32 kernels only: compiled for
the CPU, they hand float64 over to NumPy, so that differences on
that backend say nothing of them. Here the same numbers, such as float32 can hold, go through both:

    error = max |float32 result - float64 result| / max |float64 result|             for y, and for each gradient

What may rounding make of it? A sum of n terms that are rounded to eps = 2^-23 each, with errors that are independent,
is off by about sqrt(n) * eps of its terms' size (n * eps at worst:
Higham, "Accuracy and Stability of Numerical Algorithms", chapter 4). No sum of a subject has more terms than its
largest array has numbers, so

    tolerance = 4 * eps * sqrt(numbers of the largest array)

with a factor of 4 for algorithms that add and subtract more (Winograd). Subjects that are too large for loops are held
against the NumPy rung in float64; the report says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.backend import backend as use_backend
from tinyseg_kernels.backend import get_backend, is_emulated
from tinyseg_kernels.types import Array

from .rungs import RungsUsed
from .subject import Results, Subject

FACTOR = 4
EPSILON = float(np.finfo(np.float32).eps)

CANCELS = 1e-12
"""A result of this share of the subject's largest is a sum that cancels to 0.

So does the gradient of a bias before a batch normalisation: it has no size of its own to compare with.
"""


@dataclass(frozen=True)
class ResultCheck:
    """The comparison of one result.

    Attributes:
        name: 'y', 'dx', 'dkernel', ...
        shape: Of the result.
        tolerance: The largest error that rounding explains.
        problem: What is wrong before numbers are compared (missing, shape, dtype, not finite), or None.
        error: Largest difference, relative to the largest number that is expected.
        worst: Where that is.
        computed: The number there.
        expected: What the specification gives there.
    """

    name: str
    shape: tuple[int, ...]
    tolerance: float
    problem: str | None = None
    error: float = 0.0
    worst: tuple[int, ...] = ()
    computed: float = float("nan")
    expected: float = float("nan")

    @property
    def passed(self) -> bool:
        """Whether rounding explains the difference."""
        return self.problem is None and self.error <= self.tolerance


@dataclass(frozen=True)
class PrecisionReport:
    """The comparison of all results of one subject. Prints as a table.

    Attributes:
        name: What was checked.
        backend: Where it was computed in float32.
        rungs: The rungs that computed it there, as seen; empty when no operation of `tinyseg_kernels` ran.
        operations: The operations that they belong to.
        specification: The backend that computed in float64.
        results: One comparison per result.
    """

    name: str
    backend: str
    rungs: tuple[str, ...]
    operations: tuple[str, ...]
    specification: str
    results: tuple[ResultCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether there is something and all of it is right."""
        return bool(self.results) and all(result.passed for result in self.results)

    @property
    def worst(self) -> ResultCheck:
        """The result with the largest error for its tolerance; one with a problem before all."""
        return max(self.results, key=lambda r: math.inf if r.problem else r.error / r.tolerance)

    def __str__(self) -> str:
        """Return the table."""
        verdict = "passed" if self.passed else "FAILED"
        lines = [
            f"{self.name} in float32 on backend {self.backend!r} (computed by {', '.join(self.rungs) or 'no rung'}) "
            f"against {self.specification!r} in float64: {verdict}"
        ]
        for r in self.results:
            numbers = f"error {r.error:.1e} of {r.tolerance:.1e} at {r.worst}: {r.computed:.6g} for {r.expected:.6g}"
            lines.append(f"  {r.name:12} {r.shape!s:18} {r.problem or numbers}  {'ok' if r.passed else 'WRONG'}")
        return "\n".join(lines)


def specified(subject: Subject, seed: int = 0) -> tuple[str, Results]:
    """Return the backend of a subject's specification, and what it computes in float64.

    'naive', or 'numpy' for a subject that is too large for loops.
    """
    name = "numpy" if subject.large else "naive"
    with use_backend(name):
        return name, subject.run("float64", seed)


def precision(
    subject: Subject,
    seed: int = 0,
    *,
    backend: str | None = None,
    emulate: bool = False,
    against: tuple[str, Results] | None = None,
) -> PrecisionReport:
    """Compare a subject in float32 on a backend with its float64 run on the specification.

    Args:
        subject: See `subject.py`.
        seed: Of all numbers that go in.
        backend: Where to compute in float32; the one in use when None.
        emulate: Run the kernels of a GPU's `backend` on the CPU.
        against: What `specified` gave for this subject and seed, where it is at hand.
    """
    specification, expected = specified(subject, seed) if against is None else against
    chosen = (get_backend(), is_emulated()) if backend is None else (backend, emulate)
    with use_backend(chosen[0], emulate=chosen[1]), RungsUsed() as used:
        computed = subject.run("float32", seed)
    largest = max((array.size for array in (*expected.values(), *computed.values())), default=1)
    tolerance = FACTOR * EPSILON * math.sqrt(max(largest, 1))
    all_of_it = max((float(np.abs(array).max(initial=0)) for array in expected.values()), default=0.0)
    results = tuple(_compare(name, computed, expected, tolerance, all_of_it) for name in {**expected, **computed})
    return PrecisionReport(subject.label, chosen[0], used.names, used.operations, specification, results)


def _compare(name: str, all_computed: Results, all_expected: Results, tolerance: float, largest: float) -> ResultCheck:
    computed, expected = all_computed.get(name), all_expected.get(name)
    if computed is None or expected is None:
        return ResultCheck(name, (), tolerance, "missing" if computed is None else "not in the specification")
    problem = _problem(computed, expected)
    if problem is not None or not expected.size:
        return ResultCheck(name, expected.shape, tolerance, problem)
    difference = np.abs(computed.astype(np.float64) - expected)
    worst = tuple(int(i) for i in np.unravel_index(int(difference.argmax()), difference.shape))
    scale = float(np.abs(expected).max())
    if scale <= CANCELS * largest:
        scale = max(largest, float(np.finfo(np.float32).tiny))
    return ResultCheck(
        name,
        expected.shape,
        tolerance,
        None,
        float(difference[worst]) / scale,
        worst,
        float(computed[worst]),
        float(expected[worst]),
    )


def _problem(computed: Array, expected: Array) -> str | None:
    if computed.shape != expected.shape:
        return f"shape {computed.shape} instead of {expected.shape}"
    wanted: Any = expected.dtype
    if wanted == np.float64 and computed.dtype == np.float32:
        wanted = computed.dtype
    if computed.dtype != wanted:
        return f"dtype {computed.dtype} instead of {wanted}"
    if not np.isfinite(computed).all():
        return "NaN or infinity in it"
    return None
