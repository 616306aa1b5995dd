"""Keras in the dtype of the comparison."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import jax
import keras
from keras.src.backend.common import dtypes

# Each function here runs a few times at most: compiling it well takes twice as long as it can save.
jax.config.update("jax_disable_most_optimizations", True)


@contextmanager
def keras_floatx(dtype: str) -> Iterator[None]:
    """Let Keras compute in this dtype, all of it.

    A layer of dtype float64 alone is not enough: sums and some functions would be computed in Keras's default. And on JAX, whose default is 32 bits,
    Keras lowers float64 to float32 where two dtypes meet, also when JAX was told to use 64; the table that says so has to change meanwhile.
    """
    before = keras.config.floatx()
    keras.config.set_floatx(dtype)
    try:
        with patch.dict(dtypes.BIT64_TO_BIT32_DTYPE, {"float64": dtype}):
            yield
    finally:
        keras.config.set_floatx(before)
