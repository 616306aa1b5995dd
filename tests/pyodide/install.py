# ruff: noqa: E402  what is imported is installed first
"""Runs in Pyodide: install tinyseg's wheel, which the argument names, as `micropip.install("tinyseg")` does; use it."""

import sys

import micropip

await micropip.install(f"emfs:/wheels/{sys.argv[1]}")  # noqa: F704  the runner allows it

import tinyseg

loaded = {"numba", "scipy", "sklearn", "matplotlib", "PIL", "rich", "typer", "safetensors"} & set(sys.modules)
assert not loaded, f"import tinyseg loads {loaded}"
assert tinyseg.get_backend() == "numpy"

import numpy as np

from tinyseg.applications import UNet
from tinyseg.check import gradients
from tinyseg.datasets import digit_scenes
from tinyseg.diagnosis import diagnose
from tinyseg.exercises import check
from tinyseg.metrics import MeanIoU
from tinyseg.models import load_model
from tinyseg.segmentation import find_regions, histogram, otsu_threshold

x, y = digit_scenes(8, size=32)
model = UNet((32, 32, 1), classes=11, filters=4, depth=2)
model.compile("adam", "sparse_categorical_crossentropy", metrics=[MeanIoU(11)])
history = model.fit(x, y, epochs=3, batch_size=4, verbose=2).history
assert history["loss"][-1] < history["loss"][0], history
assert model.predict(x, verbose=0).shape == (8, 32, 32, 11)
model.save("model.safetensors")
assert np.array_equal(load_model("model.safetensors").predict(x, verbose=0), model.predict(x, verbose=0))

image = np.array([[10, 12, 11], [200, 205, 12]], np.uint8)
assert otsu_threshold(image) == 12
assert histogram(image.astype(np.int64))[0].dtype == np.int64
assert len(find_regions(image > 100)) == 1

assert diagnose("relu", lambda x: (np.maximum(x, 0), x), lambda dy, x: dy).cause == "mask-missing"
checked = check("relu", lambda x: (np.maximum(x, 0), x), lambda dy, x: dy * (x > 0))
assert checked.passed
assert "time of a call is not limited" in str(checked)
assert not gradients(lambda x: (x**2, x), np.array([1.0, -2.0, 3.0]), backward=lambda dy, x: x * dy).passed
print("installed and used: all right")
