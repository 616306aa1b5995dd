"""Every stage of every network, and every gradient, against the same network in plain PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinyseg import weights
from tinyseg.applications import (
    VGG16,
    EfficientNetLite0,
    EfficientNetLite2,
    MobileNetV2,
    MobileNetV3Large,
    MobileNetV3Small,
    ResNet18,
    ResNet50,
    SqueezeNet,
)
from tinyseg.models import Model

torch = pytest.importorskip("torch")
from . import torch_networks as peers  # noqa: E402

SHAPE = (64, 96, 3)
OPTIONS: dict[str, Any] = {"input_shape": SHAPE, "classes": 10, "classifier_activation": None}
LITE0, LITE2 = (16, 24, 40, 80, 112, 192, 320), (16, 24, 48, 88, 120, 208, 352)

NETWORKS: dict[str, Any] = {
    "vgg16": (lambda: VGG16(**{**OPTIONS, "input_shape": (64, 64, 3)}), lambda: peers.VGG16((2, 2))),
    "resnet18": (lambda: ResNet18(**OPTIONS), lambda: peers.ResNet((2, 2, 2, 2), False)),
    "resnet50": (lambda: ResNet50(**OPTIONS), lambda: peers.ResNet((3, 4, 6, 3), True)),
    "mobilenet_v2": (lambda: MobileNetV2(**OPTIONS), peers.MobileNetV2),
    "mobilenet_v3_small": (lambda: MobileNetV3Small(**OPTIONS), lambda: peers.MobileNetV3(peers.SMALL, 1024)),
    "mobilenet_v3_large": (lambda: MobileNetV3Large(**OPTIONS), lambda: peers.MobileNetV3(peers.LARGE, 1280)),
    "lite0": (lambda: EfficientNetLite0(**OPTIONS), lambda: peers.EfficientNetLite(LITE0, (1, 2, 2, 3, 3, 4, 1))),
    "lite2": (lambda: EfficientNetLite2(**OPTIONS), lambda: peers.EfficientNetLite(LITE2, (1, 3, 3, 4, 4, 5, 1))),
    "squeezenet1.0": (lambda: SqueezeNet(version="1.0", **OPTIONS), lambda: peers.SqueezeNet("1.0")),
    "squeezenet1.1": (lambda: SqueezeNet(version="1.1", **OPTIONS), lambda: peers.SqueezeNet("1.1")),
}


def channels_last(array: Any) -> Any:
    """Return (N, C, H, W) as (N, H, W, C)."""
    array = array.detach().numpy()
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def as_ours(layer: Any, key: str, tensor: Any, before: Any = None) -> Any:
    """Return a tensor of PyTorch's in the layout of ours."""
    array = tensor.detach().numpy()
    if array.ndim == 4:
        depthwise = type(layer).__name__ == "DepthwiseConv2D"
        return array.transpose(2, 3, 0, 1) if depthwise else array.transpose(2, 3, 1, 0)
    if array.ndim != 2:
        return array
    if before is not None:  # a dense layer after Flatten: its rows are pixels, then channels
        height, width, channels = before
        array = array.reshape(len(array), channels, height, width).transpose(0, 2, 3, 1).reshape(len(array), -1)
    shape = layer.parameters["kernel"].shape
    return array.T.reshape(shape)


def flattened(model: Model, layer: Any) -> Any:
    """Return the shape of the map that the layer before this one flattened, or None."""
    before = layer.input.node.layer
    return before.input.shape[1:] if type(before).__name__ == "Flatten" else None


NAMES = {"weight": ("kernel", "gamma"), "bias": ("bias", "beta")}


def own_key(layer: Any, name: str) -> str:
    """Return what a parameter of PyTorch's is called here."""
    return next(key for key in NAMES[name] if key in layer.parameters)


def fill(model: Model, network: Any, path: Any) -> None:
    """Bring PyTorch's weights into the model through a file; none may be left on either side."""
    torch.save(network.state_dict(), path)
    report = weights.load(model, path, model.tensor_names)
    assert report.complete, report.wrong()


def close(ours: Any, theirs: Any, tolerance: float, what: str) -> None:
    """Compare against the largest number of theirs."""
    assert ours.shape == theirs.shape, f"{what}: {ours.shape}, {theirs.shape}"
    worst = np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-6)
    assert worst < tolerance, f"{what}: {worst:.1e}"


@pytest.mark.parametrize("name", NETWORKS)
def test_every_stage_and_every_gradient_is_pytorchs(name: str, tmp_path: Any) -> None:
    ours, theirs = NETWORKS[name]
    model, network = ours(), peers.randomised(theirs()).eval()
    fill(model, network, tmp_path / "weights.pth")
    x = np.random.default_rng(3).normal(size=(2, *model.input_shape[1:])).astype(np.float32)
    there = torch.from_numpy(x.transpose(0, 3, 1, 2).copy())
    table = model.tensor_names
    y, stages = peers.outputs_of(network, there, list(table.values()))
    drawn = Model(model.input, [model.get_layer(layer).output for layer in table])
    for layer, found in zip(table, drawn.predict(x), strict=True):
        if type(model.get_layer(layer)).__name__ != "Dense" or layer == "predictions":
            expected = channels_last(stages[table[layer]])
            close(found.reshape(expected.shape), expected, 1e-4, layer)
    dy = np.random.default_rng(4).normal(size=(2, 10)).astype(np.float32)
    y.backward(torch.from_numpy(dy))
    result, cache = model.forward(x)
    close(result, y.detach().numpy(), 1e-4, "output")
    _, gradients = model.backward(dy, cache, need_dx=False)
    parameters = dict(network.named_parameters())
    for layer_name, source in table.items():
        layer = model.get_layer(layer_name)
        for key in ("weight", "bias"):
            if f"{source}.{key}" in parameters:
                own = own_key(layer, key)
                expected = as_ours(layer, own, parameters[f"{source}.{key}"].grad, flattened(model, layer))
                close(gradients[f"{layer_name}/{own}"], expected, 1e-3, f"gradient of {layer_name}/{own}")
