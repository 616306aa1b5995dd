"""Every layer, written and read again: the same numbers, and where ONNX has the layer's operation, the same layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.layers.cases import CASES, Case
from tinyseg import InvalidInput, layers
from tinyseg.applications import FCN, UNet
from tinyseg.layers import Input
from tinyseg.models import Model, from_onnx

pytest.importorskip("onnx")

LIMIT = 1e-5

WITH_OPERATIONS = [
    "linear",
    "relu",
    "leaky_relu",
    "sigmoid",
    "tanh",
    "softmax",
    "selu",
    "elu",
    "gelu",
    "silu",
    "hard_silu",
    "hard_sigmoid",
    "softplus",
    "relu6",
]
"""Activations that other programs write, too."""

NOT_READ = {
    "Cubic and lanczos": lambda case: case.arguments.get("interpolation") in ("bicubic", "lanczos3", "lanczos5"),
    "Resizing is a product with matrices": lambda case: case.name == "Resizing",
    "normalisations in parts": lambda case: case.name in ("LayerNormalization", "GroupNormalization"),
    "axes that move": lambda case: case.name in ("Flatten", "Reshape") and len(case.shapes[0]) == 4,
    "places of maxima": lambda case: case.name == "MaxUnpooling2D",
    "numbers of every place": lambda case: case.name == "PReLU" and "shared_axes" not in case.arguments,
    "Where": lambda case: (
        (case.name == "ReLU" and ("threshold" in case.arguments or len(case.arguments) > 1))
        or case.arguments.get("activation") not in (None, *WITH_OPERATIONS)
    ),
}  # fmt: skip
"""Why a layer that is written is not read again: no other program writes it so."""


def is_read(case: Case) -> bool:
    """Return whether a case is read again."""
    return not any(applies(case) for applies in NOT_READ.values())


@pytest.mark.filterwarnings("ignore:.*softmax over axis")
@pytest.mark.parametrize("case", [case for case in CASES if is_read(case)], ids=str)
def test_layers(case: Case, tmp_path: Path) -> None:
    layer, x = case.layer("float32", name="it"), case.inputs("float32")
    drawn = [Input(a.shape[1:]) for a in (x if isinstance(x, list) else [x])]
    model = Model(drawn, layer(drawn if layer.several_inputs else drawn[0]))
    model.export(tmp_path / "net.onnx", data_format="channels_first", verify=False)
    again = from_onnx(tmp_path / "net.onnx")
    y, right = again.predict_on_batch(x), model.predict_on_batch(x)
    assert y.shape == right.shape
    np.testing.assert_allclose(y, right, atol=LIMIT)
    kinds = {type(other) for other in again.layers}
    if case.name in ("Conv2D", "Conv2DTranspose", "DepthwiseConv2D", "Dense", "MaxPooling2D", "BatchNormalization"):
        assert type(layer) in kinds or case.arguments.get("groups") == case.shapes[0][3]


@pytest.mark.parametrize("network", [FCN, UNet])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_networks_of_any_size(network: type, data_format: str, tmp_path: Path) -> None:
    model = network((None, None, 3), 4, 4, 2)
    model.export(tmp_path / "net.onnx", data_format=data_format)
    again = from_onnx(tmp_path / "net.onnx")
    assert again.output_shape == (None, None, None, 4)
    x = np.random.default_rng(0).random((2, 24, 36, 3), np.float32)
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), atol=LIMIT)
    assert again.count_params() == model.count_params()
    kinds = [[type(layer) for layer in net.layers if layer.parameters] for net in (model, again)]
    assert kinds[0] == kinds[1]


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    x = Input((4, 6, 3))
    Model(x, layers.LayerNormalization()(x)).export(tmp_path / "net.onnx")
    with pytest.raises(InvalidInput, match="ReduceMean 'layer_normalization"):
        from_onnx(tmp_path / "net.onnx")
