"""A wrong factor in every `numba_cpu.py` is found by gradcheck alone, and gradcheck enters every compiled function."""

from __future__ import annotations

import re
import subprocess
import sys

from .factors import kernel_mutants, rungs


def test_every_factor_in_a_result_is_found_and_every_kernel_is_entered() -> None:
    """In a process of its own, in which nothing else has run.

    `python -m tests.check.factors` also rewrites the kernels, which takes many minutes.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.check.factors", "--results"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    planted, found = re.search(r"(\d+) planted, (\d+) found, 0 missed, 0 did not run", done.stdout).groups()
    assert planted == found
    assert int(planted) >= 100
    operations = set(re.findall(r"^found   (\w+): ", done.stdout, re.MULTILINE))
    assert operations == set(rungs())
    entered, kernels = re.search(r"(\d+) of (\d+) compiled functions were entered", done.stdout).groups()
    assert entered == kernels
    assert int(kernels) >= 60


def test_statements_of_kernels_are_found_to_be_rewritten() -> None:
    without_kernels = {"conv2d", "conv2d_transpose", "dense"}  # they lend those of `cpu/` and of conv2d's workshop
    assert {operation for operation in rungs() if not kernel_mutants(operation)} == without_kernels
    texts = [mutant.text for mutant in kernel_mutants("batch_norm")]
    assert any("write(target + i" in text for text in texts)
    assert (
        len({str(mutant) + str(mutant.number) for operation in rungs() for mutant in kernel_mutants(operation)}) > 100
    )
