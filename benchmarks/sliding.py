"""A patch classifier slid over an image, and made convolutional: `python -m benchmarks.sliding [--side 256]`.

A classifier as in the article (two convolutions and a pooling for each block, then dense layers), 'valid' padding.
Both give the scores of the patch at every `stride` pixels, and of the patch at every pixel. Their largest
difference is printed beside the times.
Runs alternate; the median of the ratios counts.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from tinyseg_kernels.types import FloatArray

from tinyseg.layers import Conv2D, Dense, Flatten, InputLayer, MaxPooling2D
from tinyseg.layers.layer import Layer
from tinyseg.models import Model, Sequential, convolutionalize
from tinyseg.segmentation import dense_scores, slide_classifier


def seconds(work: Callable[[], FloatArray]) -> tuple[float, FloatArray]:
    """Return how long it takes, and its result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=256, help="height and width of the image")
    parser.add_argument("--patch", type=int, default=32)
    parser.add_argument("--filters", type=int, default=32)
    parser.add_argument("--blocks", type=int, default=2, help="of two convolutions and a pooling; 1 is the article's")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    patch = given.patch
    layers: list[Layer] = [InputLayer((patch, patch, 3))]
    for block in range(given.blocks):
        layers += [Conv2D(given.filters * 2**block, 3, activation="relu") for _ in range(2)] + [MaxPooling2D(2)]
    layers += [Flatten(), Dense(128, activation="relu"), Dense(128, activation="relu"), Dense(10, activation="softmax")]
    model = Sequential(layers)
    whole = convolutionalize(model)
    every = convolutionalize(model, every_pixel=True)
    image = np.random.default_rng(0).random((given.side, given.side, 3), dtype=np.float32)

    def at_once(network: Model) -> FloatArray:
        return np.asarray(network.predict_on_batch(image[None]))[0]

    stride = 2**given.blocks
    ways: dict[str, tuple[Callable[[], FloatArray], Callable[[], FloatArray]]] = {
        f"every {stride} pixels": (lambda: slide_classifier(model, image, stride), lambda: at_once(whole)),
        "every pixel": (lambda: slide_classifier(model, image), lambda: at_once(every)),
        "shift and stitch": (lambda: slide_classifier(model, image), lambda: dense_scores(whole, image, patch)),
    }  # fmt: skip
    print(f"image {given.side} x {given.side}, patch {patch}, {given.blocks} blocks from {given.filters} filters on")
    for name, (slow, fast) in ways.items():
        fast()  # compiles
        slid, made = zip(*((seconds(slow), seconds(fast)) for _ in range(given.rounds)), strict=True)
        ratios = [a[0] / b[0] for a, b in zip(slid, made, strict=True)]
        difference = float(np.abs(slid[0][1] - made[0][1]).max())
        print(
            f"{name}: slid {min(a[0] for a in slid):.2f} s, convolutional {min(b[0] for b in made):.4f} s, "
            f"ratio {statistics.median(ratios):.0f} (median of {given.rounds}), largest difference {difference:.1e}"
        )


if __name__ == "__main__":
    main()
