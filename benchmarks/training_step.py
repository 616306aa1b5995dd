"""Time and peak memory of one training step of a network, each network in a process of its own.

python benchmarks/training_step.py                       # all networks
python benchmarks/training_step.py article --batch 32    # the article's network
"""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np

BATCHES = {"unet16": 8, "fcn16": 8, "article": 8}


def network(name: str) -> tuple[Any, tuple[int, ...], int]:
    """Return a compiled model, its image shape, and its number of classes."""
    from tinyseg.applications import FCN, UNet
    from tinyseg.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
    from tinyseg.models import Model

    if name == "article":
        shape, classes = (224, 224, 3), 10
        inputs = x = Input(shape=shape)
        for _ in range(2):
            x = Conv2D(64, kernel_size=(3, 3), activation="relu")(x)
        x = Flatten()(MaxPooling2D(pool_size=(2, 2))(x))
        for _ in range(2):
            x = Dense(128, activation="relu")(x)
        model = Model(inputs, Dense(classes, activation="softmax")(x))
    else:
        shape, classes = (128, 128, 3), 12
        model = {"unet16": UNet, "fcn16": FCN}[name](shape, classes, filters=16, depth=3)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model, shape, classes


def measure(name: str, batch: int, repeats: int) -> None:
    """Run steps and print the median and the peak of this process's memory."""
    model, shape, classes = network(name)
    rng = np.random.default_rng(0)
    x = rng.random((batch, *shape), dtype=np.float32)
    y = rng.integers(0, classes, (batch, *model.output.shape[1:-1]))
    times = []
    for _ in range(repeats + 1):  # the first one also allocates
        started = time.perf_counter()
        model.train_on_batch(x, y)
        times.append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{name:8} batch {batch:3}  {model.count_params():>11,} parameters  median "
        f"{statistics.median(times[1:]):7.3f} s  (from {min(times[1:]):.3f} to {max(times[1:]):.3f}, {repeats} "
        f"steps)  peak memory {peak:5.2f} GiB",
        flush=True,
    )


def main() -> None:
    """Measure the networks asked for, each in a fresh process, because memory's peak is never given back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", choices=[*BATCHES, []], default=[], help="default: all")
    parser.add_argument("--batch", type=int, help="images per step")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.networks or list(BATCHES)
    if options.here:
        measure(names[0], options.batch or BATCHES[names[0]], options.repeats)
        return
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}, {platform.platform()}")
    for name in names:
        more = [] if options.batch is None else ["--batch", str(options.batch)]
        subprocess.run([sys.executable, __file__, name, "--here", "--repeats", str(options.repeats), *more], check=True)


if __name__ == "__main__":
    main()
