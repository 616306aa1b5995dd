"""Everything that has something random in it, computed once and told as digests.

`python -m tests.robustness.results BACKEND`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tests.datasets.blobs import blobs
from tests.models.networks import IMAGE, classifier, images
from tinyseg import initializers, layers
from tinyseg.applications import FCN, UNet
from tinyseg.datasets import Augmentation, SegmentationBatches, digit_scenes, single_digits
from tinyseg.losses import SparseCategoricalCrossentropy
from tinyseg.models import Model
from tinyseg.optimizers import Adam, AdamW, RMSprop, schedules
from tinyseg.utils import clear_session, set_random_seed


def digest(arrays: Iterable[tuple[str, Any]]) -> str:
    """Return a digest of names, dtypes, shapes and bits."""
    total = hashlib.sha256()
    for name, array in arrays:
        array = np.asarray(array)
        total.update(f"{name} {array.dtype} {array.shape} ".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()[:16]


def learnt(model: Model, history: Any) -> dict[str, str]:
    """Return digests of what a training came to.

    The model's arrays in the order in which it has them, which must be the same too.
    """
    return {
        "parameters": digest(model.parameters.items()),
        "state": digest(model.state.items()),
        "optimizer": digest(model.optimizer.state().items()),
        "history": digest(history.history.items()),
    }


def classification() -> dict[str, str]:
    """Shuffled arrays, dropout with a seed of its own and one that is drawn, batch normalisation, class weights."""
    inputs = layers.Input(IMAGE)
    x = layers.Conv2D(3, 3, activation="relu")(inputs)
    x = layers.Dropout(0.3)(layers.BatchNormalization()(x))
    x = layers.GlobalAveragePooling2D()(layers.SeparableConv2D(4, 3, padding="same")(x))
    model = Model(inputs, layers.Dense(3, activation="softmax", kernel_initializer="he_normal")(x))
    model.compile(
        Adam(schedules.CosineDecay(0.02, 8), clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    data = images(22)
    history = model.fit(*data, 6, epochs=2, validation_split=0.25, class_weight={1: 2.5}, verbose=0)
    return {**learnt(model, history), "prediction": digest([("y", model.predict(data[0], 5))])}


def segmentation() -> dict[str, str]:
    """Random crops, all augmentations, dropout, transposed convolutions."""
    change = Augmentation(flip_vertical=True, rotate=30, scale=0.3, brightness=0.2)
    source = blobs(4, (20, 24), seed=3)
    batches = SegmentationBatches(source, 2, crop=(12, 16), augmentation=change, multiple_of=4, shuffle=True, seed=9)
    model = UNet((None, None, 1), 2, 2, 2, dropout=0.2)
    model.compile(AdamW(0.01), SparseCategoricalCrossentropy(ignore_class=255, class_weight=[1.0, 2.0]))
    history = model.fit(batches, epochs=2, validation_data=SegmentationBatches(source[:1], multiple_of=4), verbose=0)
    return {**learnt(model, history), "prediction": digest([("y", model.predict(np.stack([source[1][0]])))])}


def bilinear_segmentation() -> dict[str, str]:
    """The other network, another optimizer, and batches from a generator."""
    model = FCN((None, None, 1), 2, 2, 2)
    model.compile(RMSprop(0.01, momentum=0.5, centered=True), SparseCategoricalCrossentropy(ignore_class=255))
    data = SegmentationBatches(blobs(2, (16, 12)), 1, multiple_of=4)
    history = model.fit(((x, y) for k in range(9) for x, y, _ in data.epoch(k)), steps_per_epoch=2, epochs=2, verbose=0)
    return learnt(model, history)


def datasets() -> dict[str, str]:
    """Scenes, single digits, and the batches of two epochs."""
    change = Augmentation(rotate=90, scale=1.0, brightness=0.5)
    data = SegmentationBatches(blobs(5, channels=3), 2, augmentation=change, shuffle=True, seed=1)
    return {
        "scenes": digest(zip("xy", digit_scenes(3, "val", seed=2, size=40), strict=True)),
        "digits": digest(zip("xy", (part[:20] for part in single_digits("test", seed=2, size=20)), strict=True)),
        "batches": digest((f"{k}", part) for k in (0, 1) for batch in data.epoch(k) for part in batch[:2]),
    }


def initial() -> dict[str, str]:
    """Every random initializer, with a seed and without."""
    names = ("glorot_uniform", "he_normal", "lecun_uniform", "random_normal", "random_uniform", "truncated_normal")
    drawn = [(name, initializers.get(name)((3, 3, 2, 4), "float32")) for name in names]
    return {"without": digest(drawn), "with": digest([("seed", initializers.HeNormal(seed=3)((5, 6)))])}


def seen_before() -> dict[str, str]:
    """What was trained and predicted before must not show in a prediction."""
    model = classifier(dropout=0.5)
    x = images(7)[0]
    return {"prediction": digest([("y", model.predict(x))])}


PARTS: tuple[Callable[[], dict[str, str]], ...] = (
    classification,
    segmentation,
    bilinear_segmentation,
    datasets,
    initial,
    seen_before,
)


def results(seed: int = 12) -> dict[str, dict[str, str]]:
    """Return the digests of all parts, each from the same seed."""
    found = {}
    for part in PARTS:
        clear_session()  # layers without a name are numbered
        set_random_seed(seed)
        found[part.__name__] = part()
    return found


if __name__ == "__main__":
    from tinyseg_kernels.backend import backend

    with backend(sys.argv[1]):
        print(json.dumps(results()))
