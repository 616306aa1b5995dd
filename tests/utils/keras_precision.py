"""Keras in the dtype of the comparison."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import jax
import keras
import numpy as np
from keras.src.backend.common import dtypes

# Each function here runs a few times at most: compiling it well takes twice as long as it can save.
jax.config.update("jax_disable_most_optimizations", True)


def _drawn_by_numpy(initializer: object, shape: tuple[int, ...], dtype: str | None = None) -> Any:
    """Return start values, which every comparison replaces by its own: JAX would compile a program for each shape."""
    limit = np.sqrt(6 / max(1, sum(shape[-2:]) * np.prod(shape[:-2])))
    values = np.random.default_rng(0).uniform(-limit, limit, shape)
    return jax.numpy.asarray(values.astype(keras.backend.standardize_dtype(dtype)))


keras.initializers.GlorotUniform.__call__ = _drawn_by_numpy  # in place of the one that it inherits


@contextmanager
def keras_floatx(dtype: str) -> Iterator[None]:
    """Let Keras compute in this dtype, all of it.

    Three things decide on it. `floatx` is what sums and some functions compute in. The dtype policy is what layers get
    that are not told a dtype; Keras derives it from `floatx` when the first layer of the process is made, and keeps it.
    And on JAX, whose default is 32 bits, Keras lowers float64 to float32 where two dtypes meet, also when JAX was told
    to use 64; the table that says so has to change meanwhile.
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
