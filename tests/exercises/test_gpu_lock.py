"""A file of Numba kernels runs behind the lock, whatever the rules for its text have let through."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.utils.processes import run_python

PROGRAM = """
import os, sys
os.environ["NUMBA_ENABLE_CUDASIM"] = "1"
from tinyseg.exercises.gpu.worker import NumbaKernel, Refused
try:
    NumbaKernel(sys.argv[1], "kernel.py", "nothing")
except Refused as refused:
    print(refused.cause, refused)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="NOT TESTED: the lock refuses system calls on Linux alone")
@pytest.mark.parametrize(
    "line",
    [
        "np.save({path!r}, np.zeros(3))",
        "np.loadtxt({path!r})",
        "np.memmap({path!r}, mode='w+', shape=3)",
    ],
)
def test_nothing_outside_is_reached(line: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.npy"
    kept.write_text("1 2 3")
    done = run_python(PROGRAM, "import numpy as np\n" + line.format(path=str(kept)))
    assert kept.read_text() == "1 2 3"
    assert "does-not-compile PermissionError" in done.stdout, done
