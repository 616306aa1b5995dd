"""`tinyseg weights`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.weights.files import npz
from tests.weights.torch_format import file_of, stored, tensor, zip_file
from tinyseg.models import load_model

from .command import is_refused, succeeds


def test_a_list_of_tensors(tmp_path: Path) -> None:
    path = tmp_path / "m.pth"
    path.write_bytes(file_of({"conv.weight": np.zeros((4, 3, 3, 3), "f4"), "step": np.array(3)}, True))
    lines = succeeds("weights", path).splitlines()
    assert lines[0].endswith("m.pth: PyTorch (legacy), 2 tensors, 109 numbers")
    assert [line.split() for line in lines[1:]] == [
        ["tensor", "shape", "dtype"], ["-----------", "-------", "-------"], ["conv.weight", "4x3x3x3", "float32"],
        ["step", "scalar", "int64"],
    ]  # fmt: skip


def test_what_a_file_would_fill(trained: Path, tmp_path: Path) -> None:
    model = load_model(trained / "model.safetensors")
    before, content = model.get_weights(), (trained / "model.safetensors").read_bytes()
    model.set_weights([array + 1 for array in before])
    model.save_weights(tmp_path / "other.safetensors")
    text = succeeds("weights", tmp_path / "other.safetensors", "--into", trained)
    assert f"{len([a for a in before if a.dtype.kind == 'f'])} arrays loaded" in text
    assert (trained / "model.safetensors").read_bytes() == content
    assert "arrays loaded" in succeeds(
        "weights", trained / "model.safetensors", "--into", trained / "model.safetensors"
    )
    (tmp_path / "wrong.npz").write_bytes(npz({"a": np.zeros(3)}))
    assert "nothing in the file fits" in is_refused("weights", tmp_path / "wrong.npz", "--into", trained)


def test_one_dict_of_several(tmp_path: Path) -> None:
    storage = stored("0", np.zeros(2, "f4"))
    one = tensor(storage.reference(False), (2,))
    path = tmp_path / "m.pt"
    path.write_bytes(zip_file({"one": {"a": one}, "two": {"b": one}}, [storage]))
    assert "one.a" in succeeds("weights", path)
    assert "root: two (as asked for)" in succeeds("weights", path, "--root", "two")
    assert "no tensors under 'three'" in is_refused("weights", path, "--root", "three")
    assert "no such file" in is_refused("weights", tmp_path / "nothing.pth")
