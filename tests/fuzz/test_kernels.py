"""No public function of the arithmetic touches memory beyond its arrays, whatever it is given.

A few of the calls that `kernels.py` makes by the thousand.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest
from tinyseg_kernels.backend import GPU_BACKENDS

from tests.kernels.backends import BACKENDS

from . import guards
from .kernel_calls import covered, public_functions
from .kernels import search

CALLS = {"numba": 216, "numpy": 432, "cupy": 36, "numba-cuda": 36}


def test_every_public_function_is_called() -> None:
    functions = set(public_functions())
    assert len(functions) > 60
    # The table of activations has a sweep of its own: tests/kernels/test_activation.py.
    swept = {"cap", "elementwise_backward", "elementwise_forward", "options_of"}
    assert covered() | swept == functions


@pytest.mark.skipif(not guards.CAN_PROTECT, reason="needs mmap and mprotect")
@pytest.mark.parametrize("name", [name for name in BACKENDS if name != "naive"])
def test_right_and_wrong_calls_stay_within_their_arrays(name: str) -> None:
    report = search(name, CALLS[name], seed=15, layouts=name != "numba")
    print(f"\nfuzz: {report.calls:,} calls of kernels, backend {name}")
    assert report.failures == []
    assert report.calls == CALLS[name]


@pytest.mark.skipif(not guards.CAN_PROTECT, reason="needs mmap and mprotect")
def test_what_is_written_beside_an_array_is_noticed() -> None:
    watched = guards.Guards()
    watched.at_end = False
    address = watched.take(12)
    memory = np.ctypeslib.as_array((np.ctypeslib.ctypes.c_uint8 * 16).from_address(address))
    memory[:12] = 1
    watched.give(address)
    assert watched.damaged == []
    address = watched.take(12)
    np.ctypeslib.as_array((np.ctypeslib.ctypes.c_uint8 * 16).from_address(address))[12] = 1
    watched.give(address)
    assert watched.damaged == ["behind an array of 12 bytes"]


@pytest.mark.skipif(not guards.CAN_PROTECT, reason="needs mmap and mprotect")
def test_who_reads_beyond_an_array_is_ended() -> None:
    import subprocess

    code = (
        "import ctypes; from tests.fuzz.guards import GUARDS; GUARDS.at_end = True; a = GUARDS.take(12); "
        "ctypes.string_at(a, 12); print('inside', flush=True); ctypes.string_at(a, 13)"
    )
    from .kernels import ROOT

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "inside\n"
    assert done.returncode < 0


def test_gpu_backends_have_guards_of_their_own() -> None:
    assert set(GPU_BACKENDS) <= set(CALLS)
