"""Keras's layers with the same arguments and weights, and their exact gradients from JAX."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import keras
import numpy as np

from tests.utils.keras_precision import keras_floatx
from tinyseg.layers import Layer

from .cases import Case


@dataclass(frozen=True)
class Reference:
    """What Keras's layer gives: output, gradients, and the state after the call."""

    y: np.ndarray
    dx: list[np.ndarray]
    gradients: list[np.ndarray]
    state: list[np.ndarray]


def run_keras(case: Case, layer: Layer, x: Any, dtype: str, training: bool) -> Reference:
    """Run Keras's layer of the case's name with the weights of `layer`, and go back from the case's upstream
    gradient.
    """
    with keras_floatx(dtype):
        reference = getattr(keras.layers, case.name)(**case.arguments, dtype=dtype)
        reference.build(case.shape)
        if layer.weights:
            reference.set_weights(layer.get_weights())
        parameters = [variable.value for variable in reference.trainable_variables]
        state = [variable.value for variable in reference.non_trainable_variables]
        # Not every layer takes `training`.
        arguments = {"training": training} if case.name in ("BatchNormalization", "Dropout") else {}

        @jax.jit  # one compilation of it all takes less time than one for each operation
        def run(parameters: list[jax.Array], inputs: Any, dy: jax.Array) -> tuple[Any, ...]:
            y, pull_back, after = jax.vjp(
                lambda p, i: reference.stateless_call(p, state, i, **arguments), parameters, inputs, has_aux=True
            )
            return y, *pull_back(dy), after

        shape = reference.compute_output_shape(case.shape)
        y, gradients, dx, after = run(parameters, x, case.upstream(shape, dtype))
    return Reference(
        np.asarray(y),
        [np.asarray(a) for a in (dx if isinstance(dx, list) else [dx])],
        [np.asarray(g) for g in gradients],
        [np.asarray(a) for a in after],
    )
