"""Every stage of Keras's variants against Keras's own networks, on the same random weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.applications import VGG16, MobileNetV2, MobileNetV3Small, ResNet18, ResNet50
from tinyseg.models import Model

keras = pytest.importorskip("keras")

CASES: dict[str, Any] = {
    "vgg16": (VGG16, "VGG16", (32, 64, 3), {"include_top": False}, {}),
    "resnet50": (ResNet50, "ResNet50", (45, 64, 3), {"classes": 7}, {}),
    "mobilenet_v2": (MobileNetV2, "MobileNetV2", (75, 97, 3), {"alpha": 0.35, "classes": 7}, {}),
    "mobilenet_v3_small": (
        MobileNetV3Small, "MobileNetV3Small", (64, 97, 3), {"alpha": 0.75, "classes": 7},
        {"include_preprocessing": False},
    ),
}  # fmt: skip


def randomise(model: Model) -> None:
    """Give all layers random weights, random statistics included, that keep the numbers of all stages near 1."""
    rng = np.random.default_rng(5)
    for layer in model.layers:
        for key, array in layer.parameters.items():
            fan = array[..., 0].size if array.ndim > 1 else 1
            if type(layer).__name__ == "DepthwiseConv2D" and array.ndim == 4:
                fan = array.shape[0] * array.shape[1]
            spread, centre = {"gamma": (0.1, 0.9), "beta": (0.2, 0.0), "bias": (0.1, 0.0)}.get(
                key, ((1.6 / fan) ** 0.5, 0.0)
            )
            array[...] = centre + spread * rng.normal(size=array.shape)
        if "moving_mean" in layer.state:
            layer.state["moving_mean"][...] = 0.2 * rng.normal(size=layer.state["moving_mean"].shape)
            layer.state["moving_variance"][...] = rng.uniform(0.6, 1.2, layer.state["moving_variance"].shape)


@pytest.fixture
def without_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Keras build without random numbers, for each shape of which JAX compiles: all weights are set afterwards."""
    for name in ("GlorotUniform", "Zeros", "Ones"):
        monkeypatch.setattr(getattr(keras.initializers, name), "__call__", zeros)


def zeros(self: Any, shape: tuple[int, ...], dtype: Any = None) -> Any:
    """Stand in for an initializer."""
    return np.zeros(shape, dtype or "float32")


@pytest.mark.parametrize("name", CASES)
def test_every_stage_is_kerass(name: str, without_drawing: None) -> None:
    build, of_keras, shape, options, more = CASES[name]
    model = build(input_shape=shape, variant="keras", **options)
    peer = getattr(keras.applications, of_keras)(input_shape=shape, weights=None, **options, **more)
    randomise(model)
    stages = []
    with_weights = {layer.name for layer in peer.layers if layer.get_weights()}
    for layer in model.layers:
        if layer.weights:
            peer.get_layer(layer.name).set_weights(layer.get_weights())
            with_weights.remove(layer.name)
            stages.append(layer.name)
    assert with_weights == set(), "Keras's network has layers that ours has not"
    x = np.random.default_rng(1).normal(size=(1, *shape)).astype(np.float32)
    drawn = Model(model.input, [model.get_layer(stage).output for stage in stages])
    of_peer = keras.Model(peer.input, [peer.get_layer(stage).output for stage in stages] + [peer.output])
    expected = [np.asarray(y) for y in of_peer.predict(x, verbose=0)]
    for stage, y, truth in zip([*stages, "output"], [*drawn.predict(x), model.predict(x)], expected, strict=True):
        if stage == "predictions":  # ours are logits; the softmax is a layer of its own
            continue
        if name == "vgg16" and stage != "output":  # Keras's convolutions have the ReLU in them
            y = np.maximum(y, 0)
        assert y.shape == truth.shape, stage
        worst = np.abs(y - truth).max() / np.abs(truth).max()
        assert worst < 1e-4, f"{stage}: {worst:.1e}"


def test_preprocessing_is_kerass() -> None:
    image = np.random.default_rng(0).integers(0, 256, (1, 40, 50, 3), np.uint8)
    for build, module in ((MobileNetV2, "mobilenet_v2"), (ResNet50, "resnet50")):
        model = build(include_top=False, variant="keras", input_shape=(None, None, 3))
        expected = getattr(keras.applications, module).preprocess_input(image.astype(np.float32).copy())
        np.testing.assert_allclose(model.preprocess(image), expected, atol=2e-5)


def test_a_variant_that_there_is_not() -> None:
    with pytest.raises(tinyseg.InvalidInput, match="did you mean 'keras'"):
        MobileNetV2(variant="kers")
    from tinyseg.applications.classifiers.making import units_of
    from tinyseg.applications.classifiers.resnet import RESNET18

    assert ResNet18(include_top=False).output_shape == (None, None, None, 512)
    with pytest.raises(tinyseg.InvalidInput, match="Keras has no such network"):
        units_of(RESNET18, "keras")
