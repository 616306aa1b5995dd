"""The number of threads, and whether memory is poisoned, are the same after a test as before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tinyseg_kernels.cpu.memory import buffers
from tinyseg_kernels.cpu.threading import threads


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    chosen = threads._chosen  # not by monkeypatch, which a test may undo in its middle
    yield
    threads._chosen = chosen
    buffers.poison(False)
