"""Python's operators and other libraries' functions on symbolic tensors.

A + b draws Add, everything else names the layer to use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinyseg import InvalidInput
from tinyseg.layers import Add, Input
from tinyseg.models import Model


def test_plus_is_the_layer_add(rng: np.random.Generator) -> None:
    a, b = Input((3, 5, 2)), Input((3, 5, 2))
    x = [rng.random((2, 3, 5, 2), dtype=np.float32) for _ in range(2)]
    for drawn in (a + b, sum([a, b])):
        assert type(drawn.node.layer) is Add
        np.testing.assert_array_equal(Model([a, b], drawn).predict(x), x[0] + x[1])
    with pytest.raises(InvalidInput, match="same shape"):
        a + Input((4, 4, 1))


@pytest.mark.parametrize(
    ("use", "word"),
    [
        (lambda a, b: a - b, "Subtract"),
        (lambda a, b: -a, "Subtract"),
        (lambda a, b: a * 2, "Rescaling"),
        (lambda a, b: 2 * a, "Rescaling"),
        (lambda a, b: a / 255, "Rescaling"),
        (lambda a, b: a + 1, "Add"),
        (lambda a, b: 1.0 + a, "Add"),
        (lambda a, b: np.ones(3) + a, "np.add"),
        (lambda a, b: a @ b, "Dense"),
        (lambda a, b: a**2, "layer of your own"),
        (lambda a, b: a[..., 0], "Cropping2D"),
        (lambda a, b: a > 0, "predict"),
        (lambda a, b: 1 if a else 2, "if and while"),
        (lambda a, b: float(a), "predict"),
        (lambda a, b: len(a), "a.shape"),
        (lambda a, b: list(a), "whole batch"),
        (lambda a, b: np.concatenate([a, b]), "Concatenate"),
        (lambda a, b: np.add(a, b), "Add"),
        (lambda a, b: np.mean(a), "GlobalAveragePooling2D"),
        (lambda a, b: np.asarray(a), "use layers"),
    ],
)
def test_everything_else_names_the_layer(use: Callable[[Any, Any], Any], word: str) -> None:
    a, b = Input((4, 4, 1), name="a"), Input((4, 4, 1), name="b")
    with pytest.raises(InvalidInput, match="has no values yet") as caught:
        use(a, b)
    assert word in str(caught.value)


def test_a_tensor_is_still_itself() -> None:
    a, b = Input((3,)), Input((3,))
    assert a == a
    assert a != b
    assert b in [a, b]
    assert len({a: 1, b: 2}) == 2
