"""What `conftest.py` refuses to let a test leave behind is seen."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest
from tinyseg_kernels import backend, precision
from tinyseg_kernels.cpu.memory import buffers
from tinyseg_kernels.cpu.threading import threads

import tinyseg
from tests.support.process_state import changes, process_state
from tinyseg.utils import dtypes

LEAKS: dict[str, Callable[[pytest.MonkeyPatch], object]] = {
    threads.__name__: lambda patch: patch.setattr(threads, "_chosen", tinyseg.get_num_threads() + 1),
    backend.__name__: lambda patch: patch.setattr(backend, "_default", backend.Choice("naive", False)),
    dtypes.__name__: lambda patch: patch.setattr(dtypes, "_floatx", "float64"),
    "poisoned memory": lambda patch: patch.setattr(buffers._POOL, "poison", True),
    "folder": lambda patch: patch.chdir("/"),
    "$TINYSEG_NEW": lambda patch: patch.setenv("TINYSEG_NEW", "1"),
    "$PATH": lambda patch: patch.delenv("PATH"),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_seen_and_only_that(name: str) -> None:
    before = process_state()
    with pytest.MonkeyPatch.context() as patch:
        LEAKS[name](patch)
        found = changes(before, process_state())
    assert set(found) == {name}
    assert not changes(before, process_state())


def test_errors_of_numpy() -> None:
    before = process_state()
    with np.errstate(all="raise"):
        assert set(changes(before, process_state())) == {"errors of NumPy"}


def test_what_is_decided_for_the_first_time_and_what_libraries_set_are_no_leaks() -> None:
    before = {precision.__name__: None, "$HOME": os.environ.get("HOME", "")}
    assert not changes(before, {**before, precision.__name__: "tf32", "$KMP_INIT_AT_FORK": "FALSE"})
