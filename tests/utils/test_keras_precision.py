"""Keras computes in the dtype of the comparison, whatever was made in the process before."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from .keras_precision import keras_floatx


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_layers_losses_and_functions_of_a_dtype(dtype: str) -> None:
    before = keras.layers.Dense(2)  # from here on, Keras would make all layers of this one's dtype
    with keras_floatx(dtype):
        layer, loss = keras.layers.Dense(2), keras.losses.MeanSquaredError()
        y = layer(np.ones((3, 4), dtype))
        assert keras.ops.mean(y * 2.0).dtype == y.dtype == loss(y, y).dtype == layer.kernel.dtype == dtype
    assert keras.layers.Dense(2).compute_dtype == before.compute_dtype == keras.config.floatx() == "float32"
