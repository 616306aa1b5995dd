"""Run a learner's functions on a case and compare everything that comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from .calling import Call, Elsewhere, Kept, Keywords, Opaque, Raised, Watched, call
from .case import Case, Outputs, strided, upstream_for
from .comparison import Finding, agrees
from .operation import Operation
from .running import arrays_in
from .traits import STRIDED


class Function(StrEnum):
    """Which of a learner's functions."""

    FORWARD = "forward"
    BACKWARD = "backward"


class Failure(NamedTuple):
    """An exception, and which function raised it."""

    function: Function
    raised: Raised


class Malformed(NamedTuple):
    """A function returned other things than its contract says; `output` is the first of its results."""

    output: str
    function: Function
    returned: str
    expected: str


@dataclass
class Observation:
    """What happened in one case."""

    case: Case
    right: Outputs = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    raised: Failure | None = None
    timed_out: Function | None = None
    changed: dict[Function, tuple[Watched, ...]] = field(default_factory=dict)
    """Arrays that they were given, and that they changed."""
    malformed: Malformed | None = None
    number: int = -1
    """Which of the operation's configurations it is; -1 for one of another kind."""

    @property
    def is_right(self) -> bool:
        """Whether nothing was wrong; a change of the inputs is looked at separately."""
        trouble = self.raised or self.timed_out or self.malformed
        return not trouble and all(f.is_right for f in self.findings.values())

    def with_findings(self, findings: dict[str, Finding]) -> Observation:
        """Return it with other findings."""
        return replace(self, findings=findings)


class NotAgain(Exception):
    """A function that did its work before does not do it again."""


class Learner:
    """The functions under diagnosis."""

    def __init__(
        self,
        operation: Operation,
        forward: Callable[..., object] | None,
        backward: Callable[..., object] | None,
        limit: float,
        seed: int,
    ) -> None:
        """`limit` is the time of one call in seconds."""
        self.operation, self.forward, self.backward, self.limit, self.seed = operation, forward, backward, limit, seed
        self.keywords = Keywords(forward, len(operation.arrays)) if forward is not None else None
        self.preferred_cache: int | None = None

    def lacking(self, case: Case) -> list[str]:
        """Return the options that forward cannot be given although the case needs them."""
        if self.keywords is None:
            return []
        defaults = self.operation.needs(case)
        return [
            option
            for option, value in case.options.items()
            if self.keywords.name_for(option) is None and value not in defaults.get(option, ())
        ]

    def run_forward(self, case: Case) -> tuple[Call, dict[str, Array]]:
        """Call forward on fresh arrays."""
        assert self.forward is not None
        assert self.keywords is not None
        arrays = fresh_arrays(case)
        options = {self.keywords.name_for(o): v for o, v in case.options.items()}
        named = {name: value for name, value in options.items() if name is not None}
        watch = {Watched(name): array for name, array in arrays.items()}
        return call(self.forward, arrays.values(), named, limit=self.limit, watch=watch), arrays

    def run_backward(self, dy: object, cache: object, arrays: Mapping[str, Array]) -> Call:
        """Call backward."""
        assert self.backward is not None
        watch = {Watched(name): array for name, array in {"dy": dy, **arrays}.items()}
        if not isinstance(self.backward, Elsewhere):  # one that is elsewhere looks into its caches itself
            watch |= {Watched(f"cache, array {k}", in_cache=True): a for k, a in enumerate(arrays_in(cache))}
        return call(self.backward, [dy, cache], limit=self.limit, watch=watch)

    def cache_of(self, case: Case) -> Any:
        """Return the cache of forward (the library's where forward makes none) for a case that went well.

        Raises:
            NotAgain: Forward, which gave (y, cache) before, now gives something else.
        """
        if self.forward is None or not self.operation.has_cache:
            return self._library_cache(case, fresh_arrays(case))
        result = self.run_forward(case)[0].result
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise NotAgain
        return result[1]

    def observe(self, case: Case, number: int = -1) -> Observation:
        """Run both functions on one case, of which `number` is the place among the operation's."""
        operation = self.operation
        seen = Observation(case, number=number)
        cache: Any = None
        y: Any = None
        arrays = fresh_arrays(case)
        if self.forward is not None:
            done, arrays = self.run_forward(case)
            if not _note(seen, Function.FORWARD, done):
                seen.right = operation.right(case)
                return seen
            outputs = done.result
            if operation.has_cache:
                if not isinstance(outputs, (tuple, list)) or len(outputs) != 2:
                    seen.malformed = Malformed("y", Function.FORWARD, _describe(outputs), "(y, cache)")
                    return seen
                y, cache = outputs
                outputs = (y,)
            elif len(operation.results) == 1:
                y, outputs = outputs, (_value_of(outputs),)
        seen.case = case = operation.adapt(case, y)
        if self.backward is not None:
            y_right = operation.right(case)["y"]
            seen.case = case = case.with_dy(upstream_for(y_right, case, self.seed, number))
        seen.right = operation.right(case)
        if operation.has_cache and self.forward is not None and _swapped(seen.right["y"], y, cache, case):
            seen.malformed = Malformed("y", Function.FORWARD, "(cache, y)", "(y, cache)")
            return seen
        if self.forward is not None:
            self._compare(seen, operation.results, outputs, Function.FORWARD)
        if self.backward is not None and seen.malformed is None:
            if self.forward is None or not operation.has_cache:
                # The cache shares memory with these copies, never with the case: backward may write into it.
                cache = self._library_cache(case, arrays)
            self._observe_backward(seen, cache, arrays)
        return seen

    def _observe_backward(self, seen: Observation, cache: object, arrays: Mapping[str, Array]) -> None:
        dy = _fresh(seen.case.dy, seen.case)
        done = self.run_backward(dy, cache, arrays)
        if _note(seen, Function.BACKWARD, done):
            names = self.operation.gradients
            self._compare(seen, names, gradients_of(done.result, names), Function.BACKWARD)

    def _compare(self, seen: Observation, names: tuple[str, ...], values: object, function: Function) -> None:
        if not isinstance(values, (tuple, list)):
            values = (values,)
        if len(values) != len(names):
            expected = f"{len(names)} results ({', '.join(names)})"
            seen.malformed = Malformed(names[0], function, _describe(values), expected)
            return
        for name, value in zip(names, values, strict=True):
            seen.findings[name] = self.operation.compare(seen.case, name, seen.right[name], value)

    def _library_cache(self, case: Case, arrays: Mapping[str, Array]) -> Any:
        """Return the cache of the library's forward: of the first rung with whose cache this backward can work."""
        if self.preferred_cache is None:
            self.preferred_cache = self._choose_cache(case)
        return self.operation.library_caches(case.with_arrays(**arrays))[self.preferred_cache]

    def _choose_cache(self, case: Case) -> int:
        scores = []
        for index in range(len(self.operation.library_caches(case))):
            arrays = fresh_arrays(case)
            trial = Observation(case, self.operation.right(case))
            self._observe_backward(trial, self.operation.library_caches(case.with_arrays(**arrays))[index], arrays)
            scores.append(2 if trial.is_right else int(trial.raised is None and not trial.timed_out))
            if trial.timed_out:
                break
        return scores.index(max(scores))


def _note(seen: Observation, function: Function, done: Call) -> bool:
    """Note what a call did; return whether it came back with a result."""
    if done.changed:
        seen.changed[function] = done.changed
    seen.timed_out = function if done.timed_out else None
    seen.raised = Failure(function, done.raised) if done.raised else None
    return not done.timed_out and done.raised is None


def gradients_of(result: Any, names: tuple[str, ...]) -> Any:
    """Return the gradients in the contract's order; a mapping by name is taken as well."""
    if isinstance(result, Mapping) and set(names) <= set(result):
        return tuple(result[name] for name in names)
    if len(names) == 1 and not (isinstance(result, (tuple, list)) and len(result) == 1):
        return (result,)
    return result


def fresh_arrays(case: Case) -> dict[str, Array]:
    """Return copies of the inputs, in the same memory layout."""
    return {name: _fresh(array, case) for name, array in case.arrays.items()}


def _fresh(array: object, case: Case) -> Any:
    array = np.asarray(array)
    return strided(array) if STRIDED in case.traits and array.ndim > 1 else array.copy()


def _swapped(right: Any, y: Any, cache: Any, case: Case) -> bool:
    """Whether y and cache have changed places: what stands first is no result, or one of the inputs."""
    if isinstance(cache, Kept):
        cache = cache.copied() if cache.shape == np.shape(right) else None
    if not isinstance(cache, np.ndarray) or not agrees(right, cache):
        return False
    if not isinstance(y, np.ndarray) or y.shape != np.shape(right):
        return True
    return not agrees(right, y) and any(agrees(array, y) for array in case.arrays.values())


def _value_of(result: Any) -> Any:
    """Return the value of a function that may give (value, cache) or the value alone, which may be a list of lists."""
    if isinstance(result, (tuple, list)) and len(result) == 2 and not _is_nested(result):
        return result[0]
    return result


def _is_nested(result: Any) -> bool:
    return isinstance(result, list) and isinstance(result[0], list)


def _describe(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, Opaque):
        return f"a {value.kind}"
    return f"a {type(value).__name__}"
