"""The exercises that need an operation of their own: worked examples, other references, what scores, what is named.

TINYSEG_CATALOGUE=1000 takes all planted bugs of each; without it a seeded part.
"""

from __future__ import annotations

import inspect
import os
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinyseg.diagnosis.case import drawn_with
from tinyseg.diagnosis.traits import ZEROS
from tinyseg.exercises import Exercise, exercise
from tinyseg.exercises.checking import check_functions

Array = np.ndarray[Any, np.dtype[Any]]
Function = Callable[..., Any]

NAMES = (
    "threshold",
    "otsu_threshold",
    "connected_components",
    "backprop_graph",
    "grad_cam",
    "tiled_prediction",
    "unet",
    "augmentation",
)
PLANTED = int(os.environ.get("TINYSEG_CATALOGUE", "2"))
"""How many planted bugs of each exercise are checked."""


def written(chosen: Exercise, source: str) -> Function:
    """Return the function of a learner's file."""
    names: dict[str, Any] = {}
    exec(compile(source, chosen.name, "exec"), names)
    return names[chosen.forward]


def solved(name: str) -> Function:
    """Return the function of an exercise's solution."""
    return written(exercise(name), exercise(name).solution)


def lenient(function: Function) -> Function:
    """Return a function that leaves out what another one does not take."""
    known = list(inspect.signature(function).parameters.values())
    places = sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in known)
    names = {p.name for p in known}

    def answer(*arguments: Any, **options: Any) -> Any:
        return function(*arguments[:places], **{k: v for k, v in options.items() if k in names})

    return answer


# What scores ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_passes_whatever_is_drawn(name: str) -> None:
    chosen = exercise(name)
    for seed in range(3):
        outcome = check_functions(chosen, solved(name), seed=seed)
        assert outcome.passed, str(outcome.diagnosis)
        assert outcome.points == 10


@pytest.mark.parametrize("name", NAMES)
def test_who_has_not_solved_it_earns_nothing(name: str) -> None:
    chosen = exercise(name)
    count = len(chosen.operation().results)
    solution = solved(name)

    def many(value: Any) -> Any:
        return value if count == 1 else (value,) * count

    def zeros(*arguments: Any, **options: Any) -> Any:
        right = solution(*arguments, **options)
        return tuple(np.zeros_like(r) for r in right) if count > 1 else np.zeros_like(right)

    answers: list[Function] = [
        written(chosen, chosen.stub),
        lambda *arguments, **options: None,
        lambda *arguments, **options: many(1.0),
        lambda *arguments, **options: (arguments * count)[:count] if count > 1 else arguments[0],
        zeros,
        *(lenient(solved(other)) for other in random.Random(name).sample(sorted({*NAMES} - {name}), 1)),
    ]
    for number, answer in enumerate(answers):
        outcome = check_functions(chosen, answer)
        assert not outcome.passed
        assert outcome.points == 0, f"answer {number}: {outcome.groups}"


@pytest.mark.parametrize("name", NAMES)
def test_planted_bugs_are_named(name: str) -> None:
    chosen = exercise(name)
    assert len(chosen.mistakes) >= 30
    assert len({mistake.name for mistake in chosen.mistakes}) == len(chosen.mistakes)
    for mistake in random.Random(name).sample(chosen.mistakes, min(PLANTED, len(chosen.mistakes))):
        assert chosen.solution.count(mistake.before) == 1, mistake.name
        wrong = written(chosen, chosen.solution.replace(mistake.before, mistake.after))
        outcome = check_functions(chosen, wrong, time_limit=2.0)
        assert outcome.diagnosis.cause in mistake.causes, f"{mistake.name}: {outcome.diagnosis}"
        assert outcome.points < 10


@pytest.mark.parametrize("name", NAMES)
def test_the_drawn_numbers_are_others_and_the_shapes_are_not(name: str) -> None:
    operation = exercise(name).operation()
    first = operation.cases()
    with drawn_with(5):
        second = operation.cases()
    assert [c.traits for c in first] == [c.traits for c in second]
    same = [
        all(np.array_equal(a, b) for a, b in zip(one.arrays.values(), two.arrays.values(), strict=True))
        for one, two in zip(first, second, strict=True)
    ]
    assert not all(same)
    for one, two in zip(first, second, strict=True):
        assert [a.shape for a in one.arrays.values()] == [a.shape for a in two.arrays.values()]
        assert [a.dtype for a in one.arrays.values()] == [a.dtype for a in two.arrays.values()]


# Worked examples of the stubs ----------------------------------------------------------------------------------------


def test_threshold_by_hand() -> None:
    image = np.array([[99, 100, 101], [0, 255, 50]], np.uint8)
    assert solved("threshold")(image, t=100).tolist() == [[False, False, True], [False, True, False]]
    assert solved("threshold")(image, t=100, invert=True).tolist() == [[True, True, False], [True, False, True]]


def test_otsu_threshold_by_hand() -> None:
    image = np.array([[10, 10, 20], [20, 60, 60]], np.uint8)
    assert solved("otsu_threshold")(image) == 20
    for t, variance in ((10, 200), (20, 450)):
        dark, bright = image[image <= t].astype(float), image[image > t].astype(float)
        shares = dark.size * bright.size / image.size**2
        assert shares * (dark.mean() - bright.mean()) ** 2 == pytest.approx(variance)


def test_connected_components_by_hand() -> None:
    mask = np.array([[1, 0, 0, 1], [1, 0, 1, 0], [0, 0, 1, 0]])
    labels, count = solved("connected_components")(mask, connectivity=4)
    assert labels.tolist() == [[1, 0, 0, 2], [1, 0, 3, 0], [0, 0, 3, 0]]
    assert count == 3
    labels, count = solved("connected_components")(mask, connectivity=8)
    assert labels.tolist() == [[1, 0, 0, 2], [1, 0, 2, 0], [0, 0, 2, 0]]
    assert count == 2


def test_backprop_graph_by_hand() -> None:
    a, b, c = (np.array(v, float) for v in ([1, 2], [3, 4], [5, 6]))
    nodes = (("mul", 0, 1), ("add", 3, 0), ("sum", 4))
    da, db, dc = solved("backprop_graph")(a, b, c, nodes=nodes)
    assert da.tolist() == [4, 5]
    assert db.tolist() == [1, 2]
    assert dc.tolist() == [0, 0]


def test_grad_cam_by_hand() -> None:
    a = np.array([[[1, 2], [0, 4]], [[1, 0], [3, 0]]], float).transpose(1, 2, 0)[None]
    g = np.array([[[1, 3], [2, 2]], [[-1, -1], [-1, -1]]], float).transpose(1, 2, 0)[None]
    assert g.mean(axis=(0, 1, 2)).tolist() == [2, -1]
    assert (a @ [2, -1]).tolist() == [[[1, 4], [-3, 8]]]
    heat = solved("grad_cam")(a, g, size=(2, 4))
    assert heat.tolist() == [[[0.125, 0.125, 0.5, 0.5], [0, 0, 1, 1]]]


def test_tiled_prediction_by_hand() -> None:
    image = np.array([0, 6, 3, 9], float).reshape(1, 4, 1)
    assert solved("tiled_prediction")(image, size=3, overlap=1).ravel().tolist() == [-3, 2, -2, 3]


def test_unet_by_hand() -> None:
    """The stub's table of shapes: every array that goes through the given parts."""
    names: dict[str, Any] = {}
    exec(exercise("unet").solution, names)
    seen: list[tuple[str, tuple[int, ...]]] = []
    for part in ("conv", "pool", "up", "mix"):

        def watched(*arguments: Any, part: str = part, original: Function = names[part]) -> Array:
            result: Array = original(*arguments)
            seen.append((part, result.shape))
            return result

        names[part] = watched
    x = np.random.default_rng(0).standard_normal((1, 5, 6, 3))
    assert names["unet"](x, depth=2, filters=4, classes=2).shape == (1, 5, 6, 2)
    shapes = [(part, shape) for part, shape in seen if part != "mix"]
    assert shapes == [
        *[("conv", (1, 8, 8, 4))] * 2,
        ("pool", (1, 4, 4, 4)),
        *[("conv", (1, 4, 4, 8))] * 2,
        ("pool", (1, 2, 2, 8)),
        *[("conv", (1, 2, 2, 16))] * 2,
        ("up", (1, 4, 4, 16)),
        *[("conv", (1, 4, 4, 8))] * 3,
        ("up", (1, 8, 8, 8)),
        *[("conv", (1, 8, 8, 4))] * 3,
    ]
    assert seen[-1] == ("mix", (1, 8, 8, 2))


def test_augmentation_by_hand() -> None:
    plain = {"crop": None, "flip": False, "turns": 0, "zoom": 1.0, "shift": (0, 0), "contrast": 1.0, "brightness": 0.0}

    def changed(image: list[list[int]], mask: list[list[int]], **options: Any) -> tuple[Any, Any]:
        arrays = np.array(image, float)[..., None], np.array(mask, np.uint8)
        new, labels = solved("augmentation")(*arrays, **{**plain, "void": 9, **options})
        return new[..., 0].tolist(), labels.tolist()

    image, mask = [[1, 2, 3], [4, 5, 6]], [[1, 1, 2], [1, 2, 2]]
    assert changed(image, mask, turns=1) == ([[3, 6], [2, 5], [1, 4]], [[2, 2], [1, 2], [1, 1]])
    found = changed(image, mask, flip=True, shift=(1, 0), contrast=2, brightness=1)
    assert found == ([[1, 1, 1], [7, 5, 3]], [[9, 9, 9], [2, 1, 1]])
    assert changed([[0, 4, 8]], [[1, 2, 3]], shift=(0, 0.25)) == ([[0, 3, 7]], [[9, 2, 3]])


# Other references ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("connectivity", [4, 8])
def test_connected_components_are_those_of_scipy(connectivity: int) -> None:
    from scipy.ndimage import generate_binary_structure, label

    operation = exercise("connected_components").operation()
    for case in operation.cases():
        case = case.with_options(connectivity=connectivity)
        labels, count = label(case.arrays["mask"] != 0, generate_binary_structure(2, 1 if connectivity == 4 else 2))
        right = operation.right(case)
        assert np.array_equal(right["labels"], labels)
        assert int(right["count"]) == count


def test_gradients_of_graphs_are_central_differences() -> None:
    names: dict[str, Any] = {}
    exec(exercise("backprop_graph").solution, names)
    operation = exercise("backprop_graph").operation()
    for case in operation.cases():
        if case.dtype == np.float32 or ZEROS in case.traits:  # there is no derivative of relu at 0
            continue
        right = operation.right(case)
        for name, array in case.arrays.items():
            for place in np.ndindex(array.shape):
                ends = []
                for step in (1e-6, -1e-6):
                    moved = array.copy()
                    moved[place] += step
                    values = {**case.arrays, name: moved}
                    ends.append(float(names["evaluate"](*values.values(), case.options["nodes"])[-1]))
                slope, found = (ends[0] - ends[1]) / 2e-6, float(right[f"d{name}"][place])
                assert abs(slope - found) <= 1e-5 * max(1.0, abs(found), abs(ends[0])), case.label


def test_resampling_is_that_of_scipy() -> None:
    from scipy.ndimage import map_coordinates

    operation = exercise("augmentation").operation()
    for case in operation.cases():
        options = {**case.options, "crop": None, "flip": False, "turns": 0, "contrast": 1.0, "brightness": 0.0}
        case = case.with_options(**options)
        right = operation.right(case)
        axes = [
            (np.arange(n) - (n - 1) / 2) / options["zoom"] + (n - 1) / 2 - shift
            for n, shift in zip(case.arrays["mask"].shape, options["shift"], strict=True)
        ]
        grid = np.meshgrid(*axes, indexing="ij")
        outside = sum((g < 0) | (g > n - 1) for g, n in zip(grid, case.arrays["mask"].shape, strict=True)) > 0
        labels = map_coordinates(case.arrays["mask"], grid, order=0, mode="nearest")
        assert np.array_equal(right["mask"], np.where(outside, options["void"], labels))
        for channel in range(case.arrays["image"].shape[2]):
            values = map_coordinates(case.arrays["image"][..., channel].astype(float), grid, order=1, mode="nearest")
            assert np.allclose(right["image"][..., channel], np.where(outside, 0, values), atol=1e-6)


def test_no_place_lies_just_between_two_pixels() -> None:
    """Where it did, one rounding would give one class and another rounding another."""
    operation = exercise("augmentation").operation()
    for case in operation.cases():
        for n, shift in zip(operation.right(case)["mask"].shape, case.options["shift"], strict=True):
            at = (np.arange(n) - (n - 1) / 2) / case.options["zoom"] + (n - 1) / 2 - shift
            at = at[(at >= 0) & (at <= n - 1)]
            assert np.abs(at - np.floor(at) - 0.5).min(initial=1.0) > 1e-6, case.label
