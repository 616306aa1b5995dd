"""Encoders, and the networks that have one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg import weights
from tinyseg.applications import (
    ENCODERS,
    FPN,
    LRASPP,
    DeepLabV3Plus,
    FCN8s,
    MobileNetV2,
    ResNet18,
    SegNet,
    UNet,
    encoder,
)
from tinyseg.layers import Input, MaxPooling2D, MaxUnpooling2D
from tinyseg.models import Model, load_model
from tinyseg.models.flops import step_flops
from tinyseg.utils import set_random_seed

SHAPE = (64, 96, 3)
SMALL: dict[str, Any] = {"pyramid_filters": 16, "filters": 8}


def image(*shape: int) -> Any:
    """Return random pixels."""
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("name", ENCODERS)
def test_each_level_is_half_of_the_one_before(name: str) -> None:
    down = encoder(name, Input(SHAPE))
    strides = [stride for stride in (1, 2, 4, 8, 16, 32) if stride in down.levels]
    assert strides[-1] == down.output_stride == (16 if name.startswith("squeeze") else 32)
    for stride, x in down.levels.items():
        assert x.shape[1:3] == (64 // stride, 96 // stride), stride
    assert down.last is down.levels[strides[-1]]


@pytest.mark.parametrize("name", ["resnet34", "mobilenet_v3_small", "efficientnet_lite1", "squeezenet1_0"])
@pytest.mark.parametrize("stride", [8, 16])
def test_dilation_instead_of_strides_keeps_the_maps_large(name: str, stride: int) -> None:
    down = encoder(name, Input(SHAPE), stride)
    assert down.last.shape[1:3] == (64 // stride, 96 // stride)
    assert max(down.levels) == stride


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "mobilenet_v2", "efficientnet_lite0"])
@pytest.mark.parametrize("stride", [8, 16])
def test_the_dilated_network_sees_what_the_strided_one_sees(name: str, stride: int) -> None:
    """Every second (or fourth) result of the dilated one is a result of the strided one.

    With TensorFlow's padding a strided window begins at the border, so that the last of two (or four) is meant.
    """
    models = []
    for output_stride in (32, stride):
        set_random_seed(1)
        x = Input(SHAPE)
        models.append(Model(x, encoder(name, x, output_stride).last))
    models[1].set_weights(models[0].get_weights())
    strided, dilated = (model.predict(image(1, *SHAPE)) for model in models)
    step = 32 // stride
    first = step - 1 if name == "efficientnet_lite0" else 0
    assert np.abs(dilated[:, first::step, first::step] - strided).max() < 1e-3 * np.abs(strided).max()


@pytest.mark.parametrize(
    "build",
    [
        lambda shape: UNet(shape, 3, encoder="mobilenet_v2", decoder="light"),
        lambda shape: UNet(shape, 3, encoder="squeezenet1_1", filters=4),
        lambda shape: UNet(shape, 3, encoder="resnet18", filters=4, depth=3, dropout=0.1),
        lambda shape: FPN(shape, 3, encoder="mobilenet_v3_small", **SMALL),
        lambda shape: DeepLabV3Plus(shape, 3, encoder="mobilenet_v3_small", filters=8),
        lambda shape: DeepLabV3Plus(shape, 3, encoder="resnet18", filters=8, output_stride=8),
        lambda shape: LRASPP(shape, 3, encoder="mobilenet_v3_small"),
        lambda shape: FCN8s(shape, 3, encoder="resnet18", filters=8, dropout=0.0),
        lambda shape: SegNet(shape, 3, filters=(4, 6), convolutions=(1, 2)),
    ],
)
def test_all_learn_at_any_size_and_come_back_from_a_file(build: Any, tmp_path: Any) -> None:
    set_random_seed(2)
    model = build((None, None, 3))
    x, y = image(2, *SHAPE), np.random.default_rng(1).integers(0, 3, (2, 64, 96))
    assert build(SHAPE).output_shape == (None, 64, 96, 3)
    model.compile("adam", loss="sparse_categorical_crossentropy")
    losses = [float(model.train_step(x, y)[0][0]) for _ in range(6)]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "model.safetensors")
    again = load_model(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert again.preprocessing == model.preprocessing


def test_weights_of_a_classifier_become_those_of_the_encoder(tmp_path: Any) -> None:
    """From a file with PyTorch's names and a head that the encoder has not."""
    torch = pytest.importorskip("torch")
    from . import torch_networks as peers

    torch.save(peers.randomised(peers.ResNet((2, 2, 2, 2), False)).state_dict(), tmp_path / "resnet18.pth")
    model = UNet(SHAPE, 3, encoder="resnet18", encoder_weights=tmp_path / "resnet18.pth", filters=4)
    classifier = ResNet18(input_shape=SHAPE, classes=10, weights=tmp_path / "resnet18.pth")
    for layer in classifier.layers:
        if layer.weights and layer.name != "predictions":
            for ours, theirs in zip(model.get_layer(layer.name).weights, layer.weights, strict=True):
                np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(tinyseg.InvalidInput, match=r"resnet18\.pth"):
        UNet(SHAPE, 3, encoder="resnet34", encoder_weights=tmp_path / "resnet18.pth", filters=4)


@pytest.mark.parametrize("size", ["large", "small"])
def test_lraspp_is_torchvisions(size: str, tmp_path: Any) -> None:
    torch = pytest.importorskip("torch")
    from . import torch_networks as peers

    network = peers.randomised(peers.LRASPP(peers.LARGE if size == "large" else peers.SMALL, 5)).eval()
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    model = LRASPP(SHAPE, 5, encoder=f"mobilenet_v3_{size}", classifier_activation=None)
    assert weights.load(model, tmp_path / "weights.pth", model.tensor_names).complete
    x = image(1, *SHAPE)
    with torch.no_grad():
        expected = network(torch.from_numpy(x.transpose(0, 3, 1, 2).copy())).numpy().transpose(0, 2, 3, 1)
    assert np.abs(model.predict(x) - expected).max() < 1e-4 * np.abs(expected).max()


def test_unpooling_puts_back_what_the_pooling_took() -> None:
    x = image(2, 7, 9, 3)  # odd: the last row and column are in no window
    pooled = MaxPooling2D(2)(x)
    back = MaxUnpooling2D(2)([pooled, x])
    assert back.shape == x.shape
    np.testing.assert_array_equal(back[back != 0], x[back != 0])
    np.testing.assert_array_equal(MaxPooling2D(2)(np.where(back != 0, back, -np.inf).astype(np.float32)), pooled)
    assert np.count_nonzero(back) == pooled.size


@pytest.mark.parametrize("shapes", [((2, 3, 3, 1), (2, 7, 8, 1)), ((2, 3, 4, 2), (2, 7, 8, 1))])
def test_unpooling_refuses_what_no_pooling_gives(shapes: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="what a pooling"):
        MaxUnpooling2D(2)([image(*shapes[0]), image(*shapes[1])])


@pytest.mark.parametrize("filters", [16, 24])
def test_a_separable_unet_has_a_sixth_of_the_operations(filters: int) -> None:
    work = [
        sum(step_flops(UNet((192, 240, 3), 11, filters, separable=separable), (1, 192, 240, 3), training=False))
        for separable in (False, True)
    ]
    assert work[0] > 6 * work[1]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: UNet(SHAPE, encoder="resnet19"), "did you mean 'resnet18'"),
        (lambda: UNet((60, 96, 3), encoder="resnet18"), "multiples of 32"),
        (lambda: UNet(SHAPE, encoder="squeezenet1_1", depth=5), "depth: the encoder"),
        (lambda: UNet(SHAPE, encoder="resnet18", separable=True), "separable"),
        (lambda: FPN(SHAPE, encoder="squeezenet1_0"), "stride 32"),
        (lambda: FCN8s(SHAPE, encoder="squeezenet1_0"), "stride 32"),
        (lambda: DeepLabV3Plus(SHAPE, output_stride=12), "output_stride"),
        (lambda: DeepLabV3Plus((60, 96, 3)), "multiples of 16"),
        (lambda: LRASPP(SHAPE, encoder="resnet18"), "encoder of LRASPP"),
        (lambda: SegNet(SHAPE, filters=(4, 8), convolutions=(1,)), "filters and convolutions"),
        (lambda: MobileNetV2(alpha=0.0), "alpha"),
        (lambda: MobileNetV2(classes=0), "classes"),
        (lambda: MobileNetV2(pooling="mean", include_top=False), "pooling"),
        (lambda: MobileNetV2((32, 32)), "input_shape"),
        (lambda: MobileNetV2(weights="imagenet", classes=10), "1000 classes"),
        (lambda: MobileNetV2(weights="no-such-file.pth"), "no-such-file.pth"),
    ],
)
def test_impossible_networks_are_refused(make: Any, text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        make()
