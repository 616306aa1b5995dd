"""The checks of a machine without a GPU notice planted bugs of GPU kernels.

One for each check here, all of them by `python -m tests.mutants.run_kernels`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tinyseg_emulator.simulator.ptx import compile_listed
from tinyseg_kernels.backend import GPU_BACKENDS
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.gpu.availability import why_not_emulated

from .kernel_bugs import HOW, KERNEL_BUGS, PTX, KernelBug
from .kernel_probes import PROBES
from .run import ROOT, copied_sources
from .run_kernels import assert_clean, plant

CHOSEN = (
    "cuda-first-barrier-of-the-tiles",
    "cuda-atomic-between-blocks-lost",
    "cuda-barrier-in-a-branch",
    "cuda-mask-of-half-a-warp",
    "cuda-only-one-copy-cleared",
    "cuda-rows-beyond-the-end",
    "cuda-packs-from-an-odd-place",
    "cuda-float-instead-of-double",
    "cuda-one-round-of-philox-less",
    "numba-atomic-lost",
    "numba-sum-in-float64",
)
"""One for each check, and of each language, whose workloads take seconds."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with copied_sources() as copy:
        yield copy


@pytest.mark.parametrize("bug", KERNEL_BUGS, ids=lambda bug: bug.mutant.name)
def test_a_bug_changes_what_stands_in_the_source(bug: KernelBug) -> None:
    source = (ROOT / bug.mutant.file).read_text("utf-8")
    assert source.count(bug.mutant.before) == 1
    assert bug.mutant.before != bug.mutant.after
    assert bug.probe in PROBES
    assert bug.by in HOW


def test_the_list_and_the_choice_cover_every_check() -> None:
    assert len({bug.mutant.name for bug in KERNEL_BUGS}) == len(KERNEL_BUGS) >= 30
    assert {bug.by for bug in KERNEL_BUGS} == set(HOW)
    assert {bug.by for bug in KERNEL_BUGS if bug.mutant.name in CHOSEN} == set(HOW)


@pytest.mark.parametrize("name", CHOSEN)
def test_a_planted_bug_is_noticed_by_its_check(folder: Path, name: str) -> None:
    bug = next(bug for bug in KERNEL_BUGS if bug.mutant.name == name)
    for backend in GPU_BACKENDS:
        if PROBES[bug.probe].backend == backend and (reason := why_not_emulated(backend)):
            pytest.skip(f"NOT CHECKED: {reason}")
    if bug.by == PTX:
        _skip_without_nvvm()
    assert_clean(folder, bug.probe)
    outcome = plant(folder, bug)
    assert outcome.missing == ""


def _skip_without_nvvm() -> None:
    try:
        compile_listed(["tinyseg_kernels.activation.numba_gpu"])
    except InvalidInput as error:
        pytest.skip(f"NOT CHECKED for float64: {error}")
