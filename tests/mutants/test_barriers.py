"""A sample of the barriers, fences and atomics that are left out one at a time.

All of them: `python -m tests.mutants.run_barriers`, or TINYSEG_BARRIERS=all (an hour).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tinyseg_emulator.cuda.build import find_compiler

from .barriers import LIBRARY, ROOT, Site, exercise_sites, library_sites, program_sites, sites_of, users_of
from .kernel_probes import PROBES
from .redundant_barriers import REDUNDANT
from .run import copied_sources
from .run_barriers import leave_out, run

WHOLE = os.environ.get("TINYSEG_BARRIERS") == "all"
# What only few blocks show, and what a launch over all of an array does not: found missing in the workloads once. One
# file that is compiled fast: every one more costs the tests a minute on a slow machine.
SAMPLE = {"global_pool2d/global_pool2d.cu": "global pools in few blocks"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with copied_sources() as copy:
        yield copy


def test_every_call_of_the_library_is_a_site() -> None:
    pattern = re.compile(
        r"__syncthreads\(\)|__syncwarp\(|__threadfence\w*\(|\batomic[A-Z]\w+\(|cuda\.(?:sync|atomic\.)"
    )
    for path in [*LIBRARY.rglob("*.cu"), *LIBRARY.rglob("*.cuh"), *LIBRARY.rglob("*numba*.py")]:
        lines = {
            number
            for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
            if pattern.search(re.sub(r"//.*|#.*|\"\"\".*", "", line)) and not line.lstrip().startswith(("*", "//"))
        }
        assert {site.line for site in sites_of(path)} == lines, path
    assert len(library_sites()) > 50
    assert len(exercise_sites()) > 10
    assert len(program_sites()) > 20


def test_what_is_left_out_is_what_is_named(tmp_path: Path) -> None:
    for site in [*library_sites(), *exercise_sites(), *program_sites()]:
        source = (ROOT / site.file).read_text("utf-8")
        assert site.what.split("(")[0] in source[site.begin : site.end]
        assert site.removed(source).count("\n") == source.count("\n")
        assert site.removed(source) != source


def test_headers_and_modules_know_their_users() -> None:
    users = users_of("kernels/tinyseg_kernels/gpu/shared_tiles.cuh")
    assert "kernels/tinyseg_kernels/gemm/gemm.cu" in users
    assert "kernels/tinyseg_kernels/softmax/numba_gpu.py" in users_of("kernels/tinyseg_kernels/gpu/numba_rows.py")


def test_redundant_ones_exist() -> None:
    known = {site.file for site in [*library_sites(), *exercise_sites(), *program_sites()]}
    assert {file for file, _ in REDUNDANT} <= known
    assert all(REDUNDANT.values())


def _last(file: str) -> Site:
    return sites_of(LIBRARY / file)[-1]


@pytest.mark.skipif(find_compiler() is None, reason="NOT TESTED: CUDA C++ needs a C++ compiler")
@pytest.mark.parametrize("file", SAMPLE)
def test_a_sample_is_found(folder: Path, file: str) -> None:
    assert PROBES[SAMPLE[file]].backend == "cupy"
    outcome = leave_out(folder, _last(file), [SAMPLE[file]])
    assert "Race" in outcome.found, outcome


@pytest.mark.skipif(find_compiler() is None, reason="NOT TESTED: CUDA C++ needs a C++ compiler")
def test_a_barrier_of_a_program_is_found(folder: Path) -> None:
    site = next(site for site in program_sites() if site.file.endswith("last_block.cu") and "threadfence" in site.what)
    outcome = leave_out(folder, site, [f"program {site.file}"])
    assert "Race" in outcome.found, outcome


@pytest.mark.skipif(not WHOLE, reason="the whole sweep takes an hour: TINYSEG_BARRIERS=all")
def test_all_that_matter_are_found() -> None:
    outcomes = run([*library_sites(), *exercise_sites(), *program_sites()])
    assert [o.site.name for o in outcomes if o.verdict not in ("found", "redundant")] == []
