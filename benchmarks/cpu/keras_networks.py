"""The same network in Keras: its layers have the same names and arguments."""

from __future__ import annotations

from typing import Any

from tinyseg.layers.input import InputLayer
from tinyseg.models import Model


def keras_model(keras: Any, model: Model) -> Any:
    """Return a Keras model with the layers and the numbers of one of ours."""
    values: dict[int, Any] = {}
    pairs: list[tuple[Any, Any]] = []
    for k, step in enumerate(model.graph.steps):
        config = step.layer.get_config()
        if isinstance(step.layer, InputLayer):
            values[k] = keras.Input(shape=tuple(config["shape"]))
            continue
        options = {key: value for key, value in config.items() if not key.endswith("_initializer") and key != "dtype"}
        made = getattr(keras.layers, type(step.layer).__name__)(**options)
        arguments = [values[i] for i in step.inputs]
        values[k] = made(arguments if step.layer.several_inputs else arguments[0])
        pairs.append((step.layer, made))
    outputs = [values[k] for k in model.graph.outputs]
    inputs = [values[k] for k in model.graph.inputs]
    net = keras.Model(*(group if len(group) > 1 else group[0] for group in (inputs, outputs)))
    for ours, theirs in pairs:
        theirs.set_weights(ours.get_weights())
    return net
