"""What a U-Net's way down learns by naming single digits, as a start for segmenting scenes of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinyseg.datasets import single_digits, standardize
from tinyseg.layers import Dense, GlobalAveragePooling2D
from tinyseg.models import Model
from tinyseg.utils.random import set_random_seed

from .settings import Settings, build_model

BOTTOM = "bottom_act2"
"""The last layer of the way down."""


def pretrained_on_digits(
    settings: Settings, epochs: int = 12, repeats: int = 4, say: Callable[[str], None] = print
) -> Callable[[Model, str], None]:
    """Train the way down of a network as a classifier of single digits; return what gives it to another network.

    The digits are those of the split 'train': the test scenes hold others.

    Args:
        settings: Of the network that shall segment.
        epochs: Passes over the digits.
        repeats: Images of each digit.
        say: Takes lines of text.

    Example:
        >>> from tinyseg.runs import Settings, build_model, pretrained_on_digits
        >>> settings = Settings(width=4, depth=1)
        >>> begin = pretrained_on_digits(settings, epochs=1, repeats=1, say=lambda line: None)
        >>> model = build_model(settings, 1, 11)
        >>> begin(model, "frozen")
        >>> model.get_layer("bottom_conv2").trainable, model.get_layer("up1").trainable
        (False, True)
    """
    set_random_seed(settings.seed)
    network = build_model(settings, 1, 11)
    x = GlobalAveragePooling2D(name="mean")(network.get_layer(BOTTOM).output)
    classifier = Model(network.input, Dense(10, activation="softmax", name="digit")(x), name="digit_classifier")
    classifier.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    sets = {split: single_digits(split, repeats=repeats if split == "train" else 1) for split in ("train", "val")}
    (x_train, y_train), (x_val, y_val) = ((np.stack([standardize(im) for im in x]), y) for x, y in sets.values())
    say(f"naming single digits: {len(x_train)} images, {epochs} epochs ...")
    classifier.fit(x_train, y_train, batch_size=64, epochs=epochs, verbose=0)
    accuracy = classifier.evaluate(x_val, y_val, verbose=0)[1]
    say(f"{accuracy:.1%} of {len(x_val)} digits that it has not seen are named right")
    learnt = {layer.name: layer.get_weights() for layer in classifier.layers if layer.weights and layer.name != "digit"}

    def begin(model: Model, way: str) -> None:
        for name, weights in learnt.items():
            model.get_layer(name).set_weights(weights)
        if way == "frozen":
            model.freeze(BOTTOM)

    return begin
