"""A forward that keeps no caches holds a result no longer than its last use: its memory is for the next one."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.layers import Add, Conv2D, Input, Layer, MaxPooling2D
from tinyseg.models import Model


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_only_what_is_still_needed_is_alive_when_a_layer_begins(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a chain that is one array; beside a skip connection two."""
    results: list[weakref.ref[Any]] = []
    alive: list[int] = []

    def watched(layer: Layer) -> Layer:
        forward = layer.forward

        def note(x: Any, training: bool = False, **options: Any) -> Any:
            alive.append(sum(ref() is not None for ref in results))
            y, cache = forward(x, training, **options)
            results.append(weakref.ref(y))
            return y, cache

        monkeypatch.setattr(layer, "forward", note)
        return layer

    image = Input(shape=(9, 12, 3))
    h = skip = watched(Conv2D(4, 3, padding="same", activation="relu"))(image)
    for _ in range(3):
        h = watched(Conv2D(4, 3, padding="same"))(h)
    h = watched(Add())([h, skip])
    for _ in range(2):
        h = watched(MaxPooling2D(2))(h)
    with tinyseg.backend(backend):
        model = Model(image, h)
        model.predict(np.random.default_rng(0).random((2, 9, 12, 3), dtype=np.float32))
    assert alive == [0, 1, 2, 2, 2, 1, 1]
