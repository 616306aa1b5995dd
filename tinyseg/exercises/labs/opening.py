"""Open an answer: its functions, ready to be called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from ..exercise import Exercise

Functions = tuple[Callable[..., object] | None, Callable[..., object] | None]


@contextmanager
def opened(exercise: Exercise, source: str) -> Iterator[Functions]:
    """Give the forward and the backward of an answer; None for one that the exercise does not ask for."""
    space: dict[str, Any] = {"__name__": exercise.name}
    exec(compile(source, f"{exercise.name}.py", "exec"), space)
    lacking = [name for name in exercise.functions if not callable(space.get(name))]
    if lacking:
        raise InvalidInput(f"{exercise.name}: your file has no function {' and no '.join(lacking)}")
    yield (
        space.get(exercise.forward) if exercise.forward else None,
        space.get(exercise.backward) if exercise.backward else None,
    )
