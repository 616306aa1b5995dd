"""What the emulator checks during a launch, chosen for a `with` block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Options:
    """Choices for emulated launches.

    Args:
        thread_order: The order in which a block's threads run between barriers: 'up', 'down' or 'rotated:<seed>'. A right kernel gives
            the same result in each.
    """

    thread_order: str = "up"


_options: ContextVar[Options] = ContextVar("tinyseg_emulator_options", default=Options())  # noqa: B039 (it is frozen)


def current_options() -> Options:
    """Return the options of the innermost `emulation(...)`."""
    return _options.get()


@contextmanager
def emulation(**options: Any) -> Iterator[None]:
    """Use these options for every emulated launch within the block."""
    token = _options.set(replace(_options.get(), **options))
    try:
        yield
    finally:
        _options.reset(token)
