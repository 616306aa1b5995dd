"""A patch classifier slid over an image, and made convolutional: `python -m benchmarks.sliding [--side 256]`.

The article's classifier (two convolutions, a pooling, dense layers), with 'valid' padding. Both give the scores of the
patch at every `stride` pixels, and of the patch at every pixel; their largest difference is printed beside the times.
Runs alternate; the median of the ratios counts.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from tinyseg_kernels.types import FloatArray

from tinyseg.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
from tinyseg.models import Sequential, convolutionalize
from tinyseg.segmentation import dense_scores, slide_classifier


def seconds(work: Callable[[], FloatArray]) -> tuple[float, FloatArray]:
    """Return how long it takes, and its result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=128, help="height and width of the image")
    parser.add_argument("--patch", type=int, default=32)
    parser.add_argument("--filters", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    patch = given.patch
    model = Sequential([
        Input((patch, patch, 3)),
        Conv2D(given.filters, 3, activation="relu"), Conv2D(given.filters, 3, activation="relu"), MaxPooling2D(2),
        Flatten(), Dense(128, activation="relu"), Dense(128, activation="relu"), Dense(10, activation="softmax"),
    ])  # fmt: skip
    whole = convolutionalize(model)
    every = convolutionalize(model, every_pixel=True)
    image = np.random.default_rng(0).random((given.side, given.side, 3), dtype=np.float32)
    ways: dict[str, tuple[Callable[[], FloatArray], Callable[[], FloatArray]]] = {
        "every 2 pixels": (lambda: slide_classifier(model, image, 2), lambda: np.asarray(whole.predict_on_batch(image[None]))[0]),
        "every pixel": (lambda: slide_classifier(model, image), lambda: np.asarray(every.predict_on_batch(image[None]))[0]),
        "every pixel, shift and stitch": (lambda: slide_classifier(model, image), lambda: dense_scores(whole, image, patch)),
    }  # fmt: skip
    print(f"image {given.side} x {given.side}, patch {patch}, {given.filters} filters")
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
