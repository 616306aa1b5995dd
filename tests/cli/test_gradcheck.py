"""`tinyseg gradcheck` checks all on every backend, by the rungs that compute there, and fails when one is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from tinyseg_kernels.dense import numba_cpu as compiled_dense
from tinyseg_kernels.gpu.availability import why_not_emulated

from tinyseg import layers
from tinyseg.check.subjects import SUBJECTS, chosen

from .command import is_refused, succeeds, tinyseg


def test_everything_on_all_backends() -> None:
    tinyseg(
        "gradcheck", "ReLU", "--limit", 1, "--backend", "numba"
    )  # says on stderr that it compiles, where nothing is compiled yet
    lines = succeeds("gradcheck", "--limit", 8).splitlines()
    small = sum(not subject.large for subject in SUBJECTS)
    checks = 3 * small + len(SUBJECTS) - small  # large arrays for the compiled rungs only
    assert f"{checks} of {checks} checks passed" in lines[-1]
    assert f"{2 * (len(SUBJECTS) - small)} left out" in lines[-1]
    assert all(line.startswith(("ok", "left out: backend")) for line in lines[:-1])
    assert {line.split()[1] for line in lines[:-1] if line.startswith("ok")} == {"naive", "numpy", "numba"}
    dense = next(line for line in lines if line.startswith("ok     numba") and "Dense(units=2)" in line)
    assert "by numpy_cpu  float32" in dense  # float64 is NumPy's on this backend, and the line says so
    assert dense.count("by numba_cpu") == 1


@pytest.mark.parametrize(("function", "place"), [("dense_forward", 0), ("dense_backward", 0), ("dense_backward", 1)])
def test_a_wrong_factor_in_a_compiled_rung_is_wrong(monkeypatch: pytest.MonkeyPatch, function: str, place: int) -> None:
    right = getattr(compiled_dense, function)

    def wrong(*arguments: Any, **options: Any) -> Any:
        result = list(right(*arguments, **options))
        result[place] = result[place] * 3
        return tuple(result)

    monkeypatch.setattr(compiled_dense, function, wrong)
    outcome = tinyseg("gradcheck", "Dense", "--backend", "numba")
    assert outcome.code == 1
    assert "WRONG  numba" in outcome.out
    assert " in float32 on backend 'numba' (computed by numba_cpu) against 'naive' in float64: FAILED" in outcome.out
    assert tinyseg("gradcheck", "Dense", "--backend", "numpy").code == 0


def test_a_row_of_numba_does_not_hide_a_fallback() -> None:
    line = next(
        line for line in succeeds("gradcheck", "Softmax", "--backend", "numba").splitlines() if "axis=1" in line
    )
    assert "numba_cpu" not in line
    assert line.count("by numpy_cpu") == 2


@pytest.mark.parametrize("name", ["cupy", "numba-cuda"])
def test_emulated_kernels_are_checked_in_float32(name: str) -> None:
    if why_not_emulated(name) is not None:
        pytest.skip(str(why_not_emulated(name)))
    lines = succeeds("gradcheck", "LeakyReLU", "SGD", "--backend", name, "--emulate", "--limit", 4).splitlines()
    rung = {"cupy": "cupy_gpu", "numba-cuda": "numba_gpu"}[name]
    assert all(f"by {rung}" in line.partition("float32")[2] for line in lines[:-1])
    assert len(lines) > 4


def test_chosen_layers_on_one_backend_with_tables() -> None:
    text = succeeds("gradcheck", "ReLU", "MaxPooling2D", "--backend", "numpy", "--limit", 8, "--verbose")
    small = sum(not subject.large for subject in chosen(["ReLU", "MaxPooling2D"]))
    assert f"{small} of {small} checks passed" in text
    assert text.count(" on backend 'numpy' (computed by numpy_cpu) against 'naive' in float64: passed") == small
    assert text.count("gradients of") == 4
    assert {line.split()[1] for line in text.splitlines() if line.startswith("ok ")} == {"numpy"}


def test_a_wrong_layer_is_shown_and_the_exit_code_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    right = layers.Conv2D.operation_backward

    def wrong(self: Any, dy: Any, cache: Any, need_dx: bool) -> Any:
        dx, gradients = right(self, dy, cache, need_dx)
        return dx, {**gradients, "kernel": gradients["kernel"] * 2}

    monkeypatch.setattr(layers.Conv2D, "operation_backward", wrong)
    outcome = tinyseg("gradcheck", "Conv2D", "ReLU", "--backend", "numpy", "--limit", 8)
    assert outcome.code == 1
    small = sum(not subject.large for subject in chosen(["Conv2D", "ReLU"]))
    assert f"{small - 5} of {small} checks passed" in outcome.out
    assert outcome.out.count("FAILED") == 5
    assert [line.split()[-1] for line in outcome.out.splitlines() if line.strip().startswith("kernel")] == ["WRONG"] * 5


def test_unknown_names_suggest_the_nearest() -> None:
    assert "did you mean 'Conv2D'" in is_refused("gradcheck", "Conv2d")
    assert "did you mean 'numpy'" in is_refused("gradcheck", "--backend", "nunpy")
