"""Which tests are smoke tests, slow, or about emulated GPU kernels.

Told by their names, so that no test has to say it.
"""

from __future__ import annotations

import re

SLOW = (
    "tests/tutorials/", "tests/robustness/test_determinism.py", "tests/robustness/test_kill.py",
    "tests/kernels/test_gpu_races.py", "tests/kernels/test_wide_shapes.py", "tests/kernels/test_numba_ptx.py",
    "tests/kernels/test_nvrtc.py", "tests/check/test_factors.py", "tests/diagnosis/test_diagnosis.py",
    "tests/diagnosis/test_handwritten.py", "tests/mutants/test_planted_bugs.py::test_a_planted_bug",
    "tests/mutants/test_kernel_bugs.py", "tests/models/test_parity_with_keras.py", "tests/cli/", "tests/parity/",
    "tests/fuzz/",
)  # fmt: skip
"""Files and tests that take most of the suite's time."""

FIRST = (
    "tests/tutorials/", "tests/kernels/test_gpu_races.py", "tests/check/test_factors.py",
    "tests/robustness/test_kill.py", "tests/kernels/test_numba_ptx.py", "tests/exercises/test_proof.py",
)  # fmt: skip
"""Tests of half a minute and more. They begin first, so that no process is left with one at the end."""

SMOKE = (
    "tests/kernels/test_conv2d.py", "tests/kernels/test_max_pool2d.py", "tests/kernels/test_softmax.py",
    "tests/kernels/test_dense.py", "tests/optimizers/", "tests/metrics/", "tests/models/test_gradients.py",
    "tests/models/test_fusion.py", "tests/models/test_training.py", "tests/datasets/", "tests/segmentation/",
    "tests/cpu/test_threads.py",
)  # fmt: skip
"""A look at each part: kernels, layers in networks, training, files, threads."""

EMULATED = re.compile(r"cupy|numba-cuda|tests/emulator/|_gpu|racecheck|test_nvrtc|test_numba_ptx|winograd_bounds")


def marks_of(nodeid: str) -> list[str]:
    """Return the names of the marks of a test."""
    slow, emulated = nodeid.startswith(SLOW), EMULATED.search(nodeid) is not None
    marks = [name for name, holds in (("slow", slow), ("gpu_emulated", emulated)) if holds]
    return marks if marks or not nodeid.startswith(SMOKE) else ["smoke"]
