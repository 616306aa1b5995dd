"""`tinyseg gradcheck` checks every layer, and fails when one is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tinyseg import layers
from tinyseg.check.layer_cases import LAYER_CASES

from .command import is_refused, succeeds, tinyseg


def test_every_layer_has_a_case() -> None:
    """A new layer without one fails here."""
    named = {case.layer.__name__ for case in LAYER_CASES}
    nothing_to_compute = {"Input", "InputLayer", "Layer", "SymbolicTensor"}
    assert named == set(layers.__all__) - nothing_to_compute


def test_all_layers_on_all_backends() -> None:
    tinyseg(
        "gradcheck", "--limit", 1, "--backend", "numba"
    )  # says on stderr that it compiles, where nothing is compiled yet
    lines = succeeds("gradcheck", "--limit", 8).splitlines()
    assert f"{3 * len(LAYER_CASES)} of {3 * len(LAYER_CASES)} checks passed" in lines[-1]
    assert all(line.startswith(("ok", "left out: backend")) for line in lines[:-1])
    assert {line.split()[2] for line in lines[:-1] if line.startswith("ok")} == {"naive", "numpy", "numba"}


def test_chosen_layers_on_one_backend_with_tables() -> None:
    text = succeeds("gradcheck", "ReLU", "MaxPooling2D", "--backend", "numpy", "--limit", 8, "--verbose")
    assert "3 of 3 checks passed" in text
    assert text.count("gradients of") == 3
    assert "naive" not in text


def test_a_wrong_layer_is_shown_and_the_exit_code_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    right = layers.Conv2D.operation_backward

    def wrong(self: Any, dy: Any, cache: Any, need_dx: bool) -> Any:
        dx, gradients = right(self, dy, cache, need_dx)
        return dx, {**gradients, "kernel": gradients["kernel"] * 2}

    monkeypatch.setattr(layers.Conv2D, "operation_backward", wrong)
    outcome = tinyseg("gradcheck", "Conv2D", "ReLU", "--backend", "numpy", "--limit", 8)
    assert outcome.code == 1
    assert "1 of 5 checks passed" in outcome.out
    assert outcome.out.count("FAILED") == 4
    assert [line.split()[-1] for line in outcome.out.splitlines() if line.strip().startswith("kernel")] == ["WRONG"] * 4


def test_unknown_names_suggest_the_nearest() -> None:
    assert "did you mean 'Conv2D'" in is_refused("gradcheck", "Conv2d")
    assert "did you mean 'numpy'" in is_refused("gradcheck", "--backend", "nunpy")
