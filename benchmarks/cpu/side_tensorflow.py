"""Keras on TensorFlow, each with or without XLA.

Operations by `tf.function`, networks by `train_on_batch` and a compiled call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ..common.networks import NetworkCase, compiled
from .case import Operation, Steps
from .keras_networks import keras_model


class Side:
    """Steps in TensorFlow."""

    def __init__(self, compiler: str, threads: int) -> None:
        """Set the number of threads; the compiler is 'xla' or anything else for none."""
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        self.jit = compiler == "xla"

    def operation(self, case: Operation) -> Steps:
        """Return the steps of an operation."""
        if case.tensorflow is None:
            raise ValueError("not written for TensorFlow")
        return case.tensorflow(tf, self.jit, *[tf.constant(array) for array in case.inputs()])

    def network(self, case: NetworkCase) -> Steps:
        """Return a training step, which returns the loss, and inference."""
        import keras

        model = keras_model(keras, compiled(case))
        model.compile(
            optimizer=keras.optimizers.Adam(case.learning_rate),
            loss="sparse_categorical_crossentropy",
            jit_compile=self.jit,
        )
        images, labels = (tf.constant(array) for array in case.data(case.batch))
        # What `predict_on_batch` runs, without its way through NumPy.
        run = tf.function(lambda x: model(x, training=False), jit_compile=self.jit)
        return {
            "train": lambda: (float(model.train_on_batch(images, labels)),),
            "inference": lambda: (run(images),),
        }

    def to_numpy(self, outputs: Sequence[Any], layouts: Sequence[str]) -> list[np.ndarray]:
        """Return the outputs as arrays; the layout is ours."""
        return [np.asarray(output) for output in outputs]
