"""Weights for others: the same bytes each time, in C order, and PyTorch takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tests.models.test_saving import message
from tinyseg import layers, weights
from tinyseg.models import Model, Sequential

Input = layers.Input


@pytest.fixture(autouse=True)
def by_numpy() -> Any:
    before = tinyseg.get_backend()
    tinyseg.set_backend("numpy")
    yield
    tinyseg.set_backend(before)


def network(seed: int = 0) -> Model:
    tinyseg.utils.set_random_seed(seed)
    model = Sequential(
        [
            Input((7, 5, 3)),
            layers.Conv2D(6, (3, 5), padding="same", name="conv"),
            layers.BatchNormalization(epsilon=1e-5, momentum=0.9, name="norm"),
            layers.ReLU(),
            layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", use_bias=False, name="depthwise"),
            layers.Conv2DTranspose(5, 2, strides=2, name="up"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(8, activation="relu", name="one"),
            layers.Dense(4, name="two"),
        ]
    )
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.1, 1, a.shape).astype("f4") - 0.3 * (a.ndim > 1) for a in model.get_weights()])
    return model


TABLE = {"conv": "0", "norm": "1", "depthwise": "3", "up": "4", "one": "7", "two": "9"}


def test_the_same_bytes_and_back(tmp_path: Path) -> None:
    for layout, mapping in (("tinyseg", None), ("torch", None), ("torch", TABLE)):
        paths = [tmp_path / f"{k}.safetensors" for k in range(2)]
        for path in paths:
            weights.save(network(), path, layout=layout, mapping=mapping)
        assert paths[0].read_bytes() == paths[1].read_bytes()
        other = network(1)
        report = weights.load(other, paths[0], mapping)
        assert report.complete
        for a, b in zip(network().get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_what_stands_in_the_file_is_in_c_order(tmp_path: Path) -> None:
    """The package writes the memory of a transposed array as it lies; read plainly, the numbers must be right."""
    from tests.models.tensor_files import load_file

    weights.save(network(), tmp_path / "m.safetensors", layout="torch", mapping=TABLE)
    found, model = load_file(tmp_path / "m.safetensors"), network()
    np.testing.assert_array_equal(found["0.weight"], model.get_layer("conv").kernel.transpose(3, 2, 0, 1))
    np.testing.assert_array_equal(found["9.weight"], model.get_layer("two").kernel.T)
    assert found["3.weight"].shape == (12, 1, 3, 3)


def test_pytorch_takes_it(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file
    from torch import nn

    net = nn.Sequential(
        nn.Conv2d(3, 6, (3, 5), padding=(1, 2)), nn.BatchNorm2d(6), nn.ReLU(),
        nn.Conv2d(6, 12, 3, groups=6, padding=1, bias=False), nn.ConvTranspose2d(12, 5, 2, stride=2), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(7 * 5 * 5, 8), nn.ReLU(), nn.Linear(8, 4),
    )  # fmt: skip
    model = network()
    weights.save(model, tmp_path / "m.safetensors", layout="torch", mapping=TABLE)
    missing = net.load_state_dict(load_file(tmp_path / "m.safetensors"), strict=False)
    assert missing.unexpected_keys == []
    assert set(missing.missing_keys) <= {"1.num_batches_tracked"}
    x = np.random.default_rng(3).normal(size=(2, 7, 5, 3)).astype("f4")
    with torch.no_grad():
        expected = net.eval()(torch.tensor(x.transpose(0, 3, 1, 2))).numpy()
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("legacy", [True, False])
def test_what_pytorch_writes(legacy: bool, tmp_path: Path) -> None:
    """Views, other dtypes, parameters with attributes, nested and wrapped: as torch.load reads them."""
    torch = pytest.importorskip("torch")
    base = torch.randn(4, 6, 5)
    parameter = torch.nn.Parameter(torch.randn(3, 2))
    parameter.tag = "kept"
    named = torch.randn(5)
    named.tag = 3
    tree = {
        "epoch": 4,
        "state_dict": {
            "module.a": base, "module.turned": base.permute(2, 0, 1)[1:, ::2],
            "module.wide": torch.randn(1).expand(3, 4),
            "module.half": base.half(), "module.brain": base.bfloat16(), "module.count": torch.tensor(7),
            "module.truth": base > 0, "module.p": parameter, "module.named": named, "module.none": base[:0],
            "module.bytes": torch.arange(5, dtype=torch.uint8), "module.wider": base.double(),
            "module.u": torch.arange(4, dtype=torch.int32).to(torch.uint16),
        },
        "optimizer": {"state": {0: {"m": base}}, "param_groups": [{"lr": 0.1}]},
    }  # fmt: skip
    path = tmp_path / "m.pth"
    torch.save(tree, path, _use_new_zipfile_serialization=not legacy)
    tensors = weights.read(path)
    assert tensors.metadata["prefix"].startswith("module.")
    expected = {name.removeprefix("module."): t for name, t in tree["state_dict"].items()}  # type: ignore[attr-defined]
    assert list(tensors) == list(expected)
    for name, tensor in expected.items():
        wide = tensor.float() if tensor.dtype == torch.bfloat16 else tensor
        np.testing.assert_array_equal(tensors[name], wide.detach().numpy(), err_msg=name)
    torch.save(torch.nn.Linear(2, 3), path, _use_new_zipfile_serialization=not legacy)
    assert "torch.nn.modules.linear.Linear is refused" in message(weights.read, path)


def test_mistakes(tmp_path: Path) -> None:
    model = network()
    assert ".safetensors" in message(weights.save, model, tmp_path / "m.pth")
    assert "'caffe'" in message(weights.save, model, tmp_path / "m.safetensors", layout="caffe")
    assert "layout='torch'" in message(weights.save, model, tmp_path / "m.safetensors", mapping=TABLE)
    same = dict.fromkeys(TABLE, "x")
    assert "two arrays would have the name 'x." in message(
        weights.save, model, tmp_path / "m.safetensors", layout="torch", mapping=same
    )
    assert not list(tmp_path.iterdir())
