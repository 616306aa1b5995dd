"""Exercises on GPU kernels: right kernels pass, wrong ones are named, and nothing else earns points.

Samples by default; TINYSEG_WHOLE_SWEEP=1 takes every planted bug, every style and three seeds.
"""

from __future__ import annotations

import os
import random

import numpy as np
import pytest

from tests.exercises.right_kernels import RIGHT, cuda, numba
from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.texts.gpu import BY_EXERCISE
from tinyseg.exercises import Exercise, Outcome, exercise, names
from tinyseg.exercises.gpu.judging import check_kernel
from tinyseg.exercises.gpu.operation import KernelOperation
from tinyseg.exercises.gpu.process import what_is_missing
from tinyseg.exercises.languages import texts_of

KERNELS = tuple(name for name in names() if exercise(name).kind != "functions")
WHOLE = os.environ.get("TINYSEG_WHOLE_SWEEP", "0") not in ("", "0")
SEEDS = (0, 1, 2) if WHOLE else (1,)
PLANTED = 1000 if WHOLE else 1

ZEROS = {
    "gpu_map": ("y[i] = gain * x[i] + offset;", "y[i] = 0.0f;"),
    "gpu_bounds": ("(x[i] - mean) * scale", "0.0"),
    "gpu_grid_2d": ("0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2]", "0.0f"),
    "gpu_reduction": ("= part[0]", "= 0.0"),
    "gpu_race_repair": ("atomicAdd(&counts[t], own[t])", "atomicAdd(&counts[t], 0)"),
    "gpu_shared_tiles": ("c[row * n + column] = sum;", "c[row * n + column] = 0.0f;"),
    "gpu_coalescing": ("= tile[t][i];", "= 0.0f;"),
    "gpu_convolution": ("y[row, column] = total", "y[row, column] = 0.0"),
    "gpu_bank_conflicts": ("sums[top + t] = total", "sums[top + t] = 0.0"),
}
"""What turns a solution into a kernel that writes zeros of the right shape."""


def check(of: Exercise, text: str, seed: int = 0, launch_limit: float = 10.0) -> Outcome:
    """Check a file, or skip where kernels cannot be executed."""
    missing = what_is_missing(of.kind)
    if missing:
        pytest.skip(missing)
    return check_kernel(of, text, seed=seed, launch_limit=launch_limit)


def test_there_are_at_least_eight_and_four_of_each_language() -> None:
    kinds = [exercise(name).kind for name in KERNELS]
    assert len(kinds) >= 8
    assert min(kinds.count("cuda"), kinds.count("numba")) >= 4


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", KERNELS)
def test_the_solution_passes(name: str, seed: int) -> None:
    outcome = check(exercise(name), exercise(name).solution, seed)
    assert outcome.passed, str(outcome.diagnosis)
    assert outcome.points == 10
    assert all(group.right == group.of > 0 for group in outcome.groups.values())


@pytest.mark.parametrize(
    ("name", "style"), [(name, k) for name, styles in RIGHT.items() for k in range(len(styles) if WHOLE else 1)]
)
def test_other_styles_are_not_blamed(name: str, style: int) -> None:
    outcome = check(exercise(name), RIGHT[name][style], seed=3)
    assert outcome.passed, str(outcome.diagnosis)


@pytest.mark.parametrize("name", KERNELS)
def test_stub_and_zeros_earn_nothing(name: str) -> None:
    it = exercise(name)
    stub = check(it, it.stub)
    assert (stub.points, stub.passed) == (0, False)
    assert stub.diagnosis.cause == ("barrier-missing" if name == "gpu_race_repair" else "nothing-written")
    before, after = ZEROS[name]
    assert it.solution.count(before) == 1
    zeros = check(it, it.solution.replace(before, after))
    assert (zeros.points, zeros.passed) == (0, False)


@pytest.mark.parametrize("name", KERNELS)
def test_the_answer_to_another_exercise_earns_nothing(name: str) -> None:
    it = exercise(name)
    other = next(o for o in KERNELS if o != name and exercise(o).kind == it.kind)
    outcome = check(it, exercise(other).solution)
    assert (outcome.points, outcome.diagnosis.cause) == (0, "kernel-missing")
    wrong_kind = next(o for o in KERNELS if exercise(o).kind != it.kind)
    assert check(it, exercise(wrong_kind).solution).points == 0


@pytest.mark.parametrize("name", KERNELS)
def test_planted_bugs_are_found_and_named(name: str) -> None:
    it = exercise(name)
    assert len(it.mistakes) >= 20
    assert len({mistake.name for mistake in it.mistakes}) == len(it.mistakes)
    for mistake in random.Random(f"{name} 1").sample(it.mistakes, min(PLANTED, len(it.mistakes))):
        outcome = check(it, it.solution.replace(mistake.before, mistake.after))
        assert not outcome.passed, mistake.name
        assert outcome.diagnosis.cause in mistake.causes, f"{mistake.name}: {outcome.diagnosis}"
        assert outcome.points < 10


@pytest.mark.parametrize("name", KERNELS)
def test_planted_bugs_change_the_solution_in_one_place(name: str) -> None:
    it = exercise(name)
    for mistake in it.mistakes:
        assert it.solution.count(mistake.before) == 1, mistake.name
        assert mistake.before != mistake.after, mistake.name
        assert mistake.causes, mistake.name


@pytest.mark.parametrize("name", KERNELS)
def test_every_cause_has_a_text(name: str) -> None:
    operation = exercise(name).operation()
    assert isinstance(operation, KernelOperation)
    assert operation.name == name
    known = BY_EXERCISE[name]
    causes = {mistake.cause for mistake in operation.hypotheses()}
    causes |= {limit.cause for case in operation.cases() for limit in operation.traffic(case)}
    assert {cause for cause in causes if cause not in known} == set()


@pytest.mark.parametrize("name", KERNELS)
def test_texts(name: str) -> None:
    it, texts = exercise(name), texts_of(exercise(name))
    assert set(texts.groups) == {group.name for group in it.groups}
    assert it.stub.startswith(f'"""Exercise: {name}   (chapter {it.chapter}, difficulty {it.difficulty} of 5)\n')
    # What makes the solution one is not in what a learner gets.
    essential = "while i < x.size" if name == "gpu_bounds" else ZEROS[name][0]
    assert essential in it.solution
    assert essential not in it.stub


@pytest.mark.parametrize(
    ("name", "arrays", "options", "right"),
    [
        ("gpu_map", {"x": [5, 0, -1, 4, 2, 7]}, {"gain": 2.0, "offset": 1.0}, [11, 1, -1, 9, 5, 15]),
        (
            "gpu_bounds",
            {"x": [5, 2, 0, 4, 3, 1, 2, 2, 7, 2]},
            {"mean": 2.0, "scale": 3.0},
            [9, 0, -6, 6, 3, -3, 0, 0, 15, 0],
        ),
        ("gpu_grid_2d", {"rgb": [[[10, 100, 50]]]}, {}, [[67.39]]),
        ("gpu_reduction", {"x": [3, 1, 4, 2]}, {"grid": (1,), "block": (4,)}, [10]),
        ("gpu_race_repair", {"image": [0, 31, 32, 255]}, {}, [2, 1, 0, 0, 0, 0, 0, 1]),
        ("gpu_shared_tiles", {"a": [[1, 2], [3, 4]], "b": [[5, 6], [7, 8]]}, {}, [[19, 22], [43, 50]]),
        ("gpu_coalescing", {"x": [[1, 2, 3], [4, 5, 6]]}, {}, [[1, 4], [2, 5], [3, 6]]),
        (
            "gpu_convolution",
            {"x": [[1, 2], [3, 4]], "kernel": [[1, 1, 1], [1, 2, 1], [1, 1, 1]]},
            {},
            [[11, 12], [13, 14]],
        ),
        ("gpu_bank_conflicts", {"x": [[1, 2, 3], [4, 5, 6]]}, {}, [6, 15]),
    ],
)
def test_examples_by_hand(
    name: str, arrays: dict[str, list[object]], options: dict[str, object], right: list[object]
) -> None:
    kind = np.uint8 if "image" in arrays else np.float32
    case = Case({key: np.array(value, kind) for key, value in arrays.items()}, options)
    (result,) = exercise(name).operation().right(case).values()
    np.testing.assert_allclose(result, right, rtol=1e-6)


# What a learner's kernel can do to the check -------------------------------------------------------------------------

MAP = cuda("__global__ void adjust(const float *x, float *y, float gain, float offset) {\n%s\n}\n")
BOUNDS = numba("@cuda.jit\ndef standardize(x, y, mean, scale):\n%s\n")
INDEX = "  const int i = blockIdx.x * blockDim.x + threadIdx.x;\n"


@pytest.mark.parametrize(
    ("name", "text", "cause"),
    [
        ("gpu_map", MAP % "  while (gain > 0) y[0] = 1;", "loop-never-ends"),
        ("gpu_bounds", BOUNDS % "    while True:\n        y[0] = 1", "loop-never-ends"),
        ("gpu_map", MAP % '  while (gain > 0) printf("flood flood flood\\n");', "loop-never-ends"),
        ("gpu_map", MAP % (INDEX + "  y[i] = x[i / (threadIdx.x - threadIdx.x)];"), "kernel-fails"),
        ("gpu_map", MAP % "  *(float *)16 = 1.0f;", "index-out-of-bounds"),
        (
            "gpu_map",
            cuda(
                "__device__ int deep(int n) { int a[99]; a[n % 99] = n; return n < 0 ? 0 : deep(n + 1) + a[n % 7]; }\n"
                "__global__ void adjust(const float *x, float *y, float gain, float offset) { y[0] = deep(1); }\n"
            ),
            "kernel-fails",
        ),
        ("gpu_map", MAP % "  y[0] = gian;", "does-not-compile"),
        ("gpu_map", "SOURCE = 3", "kernel-missing"),
        ("gpu_map", "SOURCE = r'''", "does-not-compile"),
        ("gpu_map", cuda("__global__ void adjust(const float *x, float *y) { }\n"), "wrong-parameters"),
        ("gpu_bounds", numba("@cuda.jit\ndef standardize(x, y):\n    pass\n"), "wrong-parameters"),
        ("gpu_bounds", BOUNDS % "    y[0] = x.missing", "not-allowed"),
        ("gpu_bounds", BOUNDS % "    y[0] = gian", "does-not-compile"),
        ("gpu_bounds", BOUNDS % "    y[0] = 1 / (x.size - x.size)", "kernel-fails"),
    ],
)
def test_kernels_that_go_wrong_are_named(name: str, text: str, cause: str) -> None:
    outcome = check(exercise(name), text, launch_limit=1.0)
    assert (outcome.diagnosis.cause, outcome.points) == (cause, 0), str(outcome.diagnosis)
    assert len(outcome.printed) <= 4000


def test_what_is_printed_is_shown_and_is_no_answer() -> None:
    it = exercise("gpu_map")
    text = it.solution.replace("y[i] = gain", 'if (i == 0) printf("{\\"do\\": 1}\\n");\n  y[i] = gain')
    outcome = check(it, text)
    assert outcome.passed
    assert '{"do": 1}' in outcome.printed


def test_a_race_is_told_with_its_lines_and_two_threads() -> None:
    it = exercise("gpu_reduction")
    found = check(it, it.solution.replace("        cuda.syncthreads()  # this step is done\n", "")).diagnosis
    line = it.solution.splitlines().index("            part[t] += part[t + half]") + 1
    assert found.cause == "barrier-missing"
    assert f"line {line}" in found.where
    assert "thread 0 of block 0" in found.message
    assert "thread 1 of block 0" in found.message
    assert "in the opposite order" in found.message
    assert "either may come first" in found.evidence["example"]


def test_partial_points() -> None:
    it = exercise("gpu_race_repair")
    outcome = check(it, it.solution.replace("atomicAdd(&counts[t], own[t])", "counts[t] += own[t]"))
    assert {name: group.earned for name, group in outcome.groups.items()} == {"one_block": 4, "blocks": 0}
    assert outcome.points == 4
