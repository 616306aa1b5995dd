"""Answers the page: one network at a time, trained step by step, looked at in between."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.check import diagnose, gradients
from tinyseg.models import Model
from tinyseg.optimizers import Adam
from tinyseg.utils import set_random_seed, to_categorical

from .bugs import BUGS, heal
from .fields import receptive_field
from .network import CLASSES, Settings, build, loss_of

BATCH, RATE, SEED = 8, 0.005, 3
SMALL = 8
"""Height and width of the image with which a whole training step is checked."""


class Session:
    """Scenes, and the network in hand.

    Every network begins with the same random numbers where it has the same layers, and meets the same batches: what
    differs between two curves is what was switched.
    """

    def __init__(self, scenes: Mapping[str, Array]) -> None:
        """Take scenes: x_train, x_test (N, S, S) and y_train, y_test of 0 and 1, all uint8."""
        self.x_train, self.x_test = (_images(scenes[name]) for name in ("x_train", "x_test"))
        self.y_train, self.y_test = scenes["y_train"], scenes["y_test"]
        self.size = self.x_train.shape[1]
        self.begin({})

    def begin(self, given: Any) -> dict[str, Any]:
        """Make a new network; returns what there is to say about it."""
        self.settings = Settings.of(_python(given))
        set_random_seed(SEED)
        self.model = build(self.settings, self.size)
        self.model.compile(Adam(RATE), loss_of(self.settings))
        self.planted = BUGS[self.settings.bug].plant(self.model) if self.settings.bug else []
        self.order = np.random.default_rng(SEED)
        self.steps = 0
        names = [layer.name for layer in self.model.layers[1:]]
        self.inside = Model(self.model.input, [self.model.get_layer(name).output for name in names])
        return {"parameters": self.model.count_params(), "layers": names, "planted": self.planted, **self.score()}

    def step(self) -> dict[str, Any]:
        """Learn from one batch."""
        began = time.perf_counter()
        chosen = self.order.choice(len(self.x_train), BATCH, replace=False)
        loss, _ = self.model.train_step(self.x_train[chosen], self._labels(self.y_train[chosen]))
        self.steps += 1
        return {"step": self.steps, "loss": _finite(loss[0]), "seconds": time.perf_counter() - began}

    def _labels(self, y: Array) -> Array:
        return to_categorical(y, CLASSES) if self.settings.loss == "mae" else y

    def score(self) -> dict[str, Any]:
        """Return the intersection over union of the digits in all test scenes together."""
        predicted = self._predict(self.x_test) > 0.5
        return {"step": self.steps, "iou": overlap(predicted, self.y_test == 1)}

    def _predict(self, images: Array) -> Array:
        return self.model(images)[..., 1]

    def look(self, image: Any, index: int | None = None) -> dict[str, Any]:
        """Return the probability of a digit at each pixel of an image, as bytes; for a test scene also the IoU."""
        probability = self._predict(_images(self._checked(image)[None]))[0]
        found: dict[str, Any] = {"probability": _bytes(probability)}
        if index is not None:
            found["iou"] = overlap(probability > 0.5, self.y_test[index] == 1)
        return found

    def place(self, image: Any, row: int, column: int) -> dict[str, Any]:
        """Return for a pixel what each layer answers there, and from which pixels it knows.

        Returns:
            'layers': for each its name, kind, size, channels, the place in it, the box of the image that this place
            sees, the answers of all channels there, and their maps as bytes (channels, H, W), each scaled to its own
            range. 'influence': how much the network's answer at the pixel depends on each pixel of the image, as
            bytes (S, S), scaled to the largest.
        """
        if not (0 <= row < self.size and 0 <= column < self.size):
            raise InvalidInput(f"place: expected a pixel of {self.size} x {self.size}, got ({row}, {column})")
        x = _images(self._checked(image)[None])
        layers = []
        for name, answer in zip([layer.name for layer in self.model.layers[1:]], self.inside(x), strict=True):
            maps = answer[0].transpose(2, 0, 1)
            step = self.size // maps.shape[1]
            r, c = row // step, column // step
            box = receptive_field(self.model, name, r, c)
            layers.append(
                {
                    "name": name,
                    "kind": type(self.model.get_layer(name)).__name__,
                    "size": maps.shape[1],
                    "channels": len(maps),
                    "place": [r, c],
                    "field": list(box),
                    "answers": [_finite(value) for value in maps[:, r, c]],
                    "maps": _bytes(_scaled(maps)),
                }
            )
        return {"layers": layers, "influence": _bytes(self._influence(x, row, column))}

    def _influence(self, x: Array, row: int, column: int) -> Array:
        """Return |d probability(row, column) / d x|, its largest being 1: by the right gradient, whatever is planted."""
        heal(self.model)
        try:
            y, cache = self.model.forward(x)
            dy = np.zeros_like(y)
            dy[0, row, column, 1] = 1
            dx = np.abs(self.model.backward(dy, cache)[0][0, ..., 0])
        finally:
            if self.settings.bug:
                BUGS[self.settings.bug].plant(self.model)
        largest = np.nan_to_num(dx).max()
        return np.nan_to_num(dx) / largest if largest > 0 else np.zeros_like(dx)

    def _checked(self, image: Any) -> Array:
        """Return an image (S, S): given so, or as its bytes."""
        pixels = np.asarray(_python(image), np.uint8)
        if pixels.size != self.size**2:
            raise InvalidInput(f"expected an image of {self.size} x {self.size} pixels, got {pixels.shape}")
        return pixels.reshape(self.size, self.size)

    # What is wrong with the gradient ---------------------------------------------------------------------------------

    def check(self) -> dict[str, Any]:
        """Hold the gradients of a whole training step against central differences, in float64 on a small image."""
        set_random_seed(SEED)
        model = build(self.settings, SMALL, "float64")
        model.compile(Adam(RATE), loss_of(self.settings))
        if self.settings.bug:
            BUGS[self.settings.bug].plant(model)
        middle = slice((self.size - SMALL) // 2, (self.size + SMALL) // 2)
        x = self.x_train[:1, middle, middle].astype(np.float64)
        report = gradients(model, x, y_true=self._labels(self.y_train[:1, middle, middle]), limit=4)
        rows = [{"name": a.name, "error": _finite(a.error), "passed": bool(a.passed)} for a in report.arguments]
        return {"passed": bool(report.passed), "rows": rows}

    def name_it(self) -> dict[str, Any]:
        """Ask tinyseg's diagnosis what is wrong with the functions in use; it is not told which mistake was planted."""
        bug = BUGS[self.settings.bug]
        found = diagnose(bug.operation, bug.forward, bug.backward)
        return {"operation": bug.operation, "passed": found.passed, "cause": found.cause, "message": found.message}


def _python(value: Any) -> Any:
    """Turn what came from the page into Python's own."""
    return value.to_py() if hasattr(value, "to_py") else value


def overlap(predicted: Array, true: Array) -> float:
    """Return the intersection over union of two masks; 1 when both are empty."""
    union = np.count_nonzero(predicted | true)
    return float(np.count_nonzero(predicted & true) / union) if union else 1.0


def _images(scenes: Array) -> Array:
    return (scenes[..., None] / 255).astype(np.float32)


def _scaled(maps: Array) -> Array:
    """Bring each map to 0 to 1."""
    maps = np.nan_to_num(maps, posinf=0, neginf=0)
    low, high = maps.min(axis=(1, 2), keepdims=True), maps.max(axis=(1, 2), keepdims=True)
    return (maps - low) / np.where(high > low, high - low, 1)


def _bytes(shares: Array) -> bytes:
    return np.rint(np.nan_to_num(shares).clip(0, 1) * 255).astype(np.uint8).tobytes()


def _finite(value: Any) -> float | None:
    """Return a number, or None for what JSON does not have."""
    return float(value) if np.isfinite(value) else None
