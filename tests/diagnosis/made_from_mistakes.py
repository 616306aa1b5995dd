"""Functions such as a learner writes, made from a mistake: right results, but for what the mistake changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.explaining import predict_safely
from tinyseg.diagnosis.operation import Hypothesis, Operation

Functions = tuple[Callable[..., Any], Callable[..., Any] | None]


def functions_with(operation: Operation, mistake: Hypothesis | None) -> Functions:
    """Return a forward and a backward that make a mistake, or none."""

    def results(case: Case, names: tuple[str, ...]) -> tuple[Any, ...]:
        right = operation.right(case)
        wrong = {} if mistake is None else predict_safely(mistake, case)
        return tuple(wrong.get(name, right[name]) for name in names)

    def case_of(arguments: tuple[Any, ...], options: dict[str, Any]) -> Case:
        return operation.adapt(Case(dict(zip(operation.arrays, arguments, strict=True)), options), None)

    def forward(*arguments: Any, **options: Any) -> Any:
        values = results(case_of(arguments, options), operation.results)
        if operation.has_cache:
            return values[0], (arguments, options)
        return values if len(values) > 1 else values[0]

    def backward(dy: Any, cache: Any) -> Any:
        values = results(case_of(*cache).with_dy(dy), operation.gradients)
        return values if len(values) > 1 else values[0]

    return forward, (backward if operation.gradients else None)
