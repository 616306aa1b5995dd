"""Hundreds of layer configurations against Keras.

Output, gradients of inputs and of all parameters, moving averages.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.layers.cases import CASES
from tests.layers.test_parity_with_keras import check
from tests.support.errors import ErrorLog

from .configurations import CONFIGURATIONS, Configuration, both


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_layer(configuration: Configuration, record_error: ErrorLog) -> None:
    compared = ErrorLog()
    check(compared, configuration.case, configuration.dtype, configuration.training)
    worst = max(error for _, error in compared.entries.values())
    record_error(f"Keras, generated layer configurations, {configuration.dtype}", worst)


def test_every_layer_is_drawn() -> None:
    absent = {"MaxUnpooling2D"}  # of SegNet; Keras has no layer of this kind
    assert {c.case.name for c in CONFIGURATIONS} | absent == {case.name for case in CASES}
    assert len(CONFIGURATIONS) >= 400
    assert len({str(c) for c in CONFIGURATIONS}) == len(CONFIGURATIONS)


def beyond(c: Configuration) -> bool:
    """Tell whether a window leaves gaps."""
    window = c.case.arguments.get("pool_size") or c.case.arguments.get("kernel_size")
    return any(s > k for s, k in zip(both(c.case.arguments.get("strides", window)), both(window), strict=True))


SLIDING = [c for c in CONFIGURATIONS if {"pool_size", "kernel_size"} & set(c.case.arguments)]
SITUATIONS: dict[str, Callable[[Configuration], bool]] = {
    "one image": lambda c: c.case.shapes[0][0] == 1,
    "one channel": lambda c: c.case.shapes[0][-1] == 1,
    "odd height and width": lambda c: all(n % 2 for n in c.case.shapes[0][1:3]),
    "same": lambda c: c.case.arguments["padding"] == "same",
    "valid": lambda c: c.case.arguments["padding"] == "valid",
    "gaps between windows": beyond,
    "windows that overlap": lambda c: "strides" in c.case.arguments and not beyond(c),
    "one stride per axis": lambda c: len(set(both(c.case.arguments.get("strides", 1)))) == 2,
    "float32": lambda c: c.dtype == "float32",
    "float64": lambda c: c.dtype == "float64",
}


@pytest.mark.parametrize("name", sorted({c.case.name for c in SLIDING}))
@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_situation_is_drawn_for_every_sliding_window(situation: str, name: str) -> None:
    assert sum(SITUATIONS[situation](c) for c in SLIDING if c.case.name == name) >= 3
