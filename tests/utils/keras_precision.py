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

    Three things decide on it. `floatx` is what sums and some functions compute in. The dtype policy is what layers get that are not told a dtype; Keras
    derives it from `floatx` when the first layer of the process is made, and keeps it. And on JAX, whose default is 32 bits, Keras lowers float64 to
    float32 where two dtypes meet, also when JAX was told to use 64; the table that says so has to change meanwhile.
    """
    before, policy = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        with patch.dict(dtypes.BIT64_TO_BIT32_DTYPE, {"float64": dtype}):
            yield
    finally:
        keras.config.set_floatx(before)
        keras.config.set_dtype_policy(policy)
