"""The programs of the pages for those who come from Keras, PyTorch and CS231n: tinyseg's side runs, and agrees."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

DOCS = Path(__file__).parents[1] / "docs"


def programs(page: str, side: str) -> list[str]:
    """Return the programs of one side of a page, in order."""
    text = (DOCS / f"coming_from_{page}.md").read_text("utf-8")
    return re.findall(rf"^\*\*{side}\*\*[^\n]*\n\n```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(sources: list[str], names: dict[str, Any]) -> dict[str, Any]:
    """Run programs one after the other, as a reader does."""
    for source in sources:
        exec(source, names)
    return names


def test_each_program_has_its_counterpart() -> None:
    for page, other, count in (("keras", "Keras", 4), ("pytorch", "PyTorch", 4), ("cs231n", "CS231n", 3)):
        assert len(programs(page, "tinyseg")) == len(programs(page, other)) == count


def test_keras() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((16, 32, 32, 1), dtype=np.float32), rng.integers(0, 11, (16, 32, 32))
    names = run(programs("keras", "tinyseg"), {"x": x, "y": y})
    assert set(names["history"].history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert np.array_equal(names["again"].predict(x, verbose=0).shape, (16, 32, 32, 11))
    from tinyseg.check import gradients

    assert gradients(names["Scale"](dtype="float64"), rng.random((2, 3, 4))).passed
    assert set(names["gradients"]) == set(names["model"].trainable_parameters)


def test_the_programs_of_keras_differ_in_their_imports_alone() -> None:
    ours, theirs = programs("keras", "tinyseg"), programs("keras", "Keras")
    for k in (0, 1):
        assert ours[k].replace("tinyseg", "keras").replace(".safetensors", ".keras") == theirs[k]


def test_pytorch() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((16, 8, 8, 1), dtype=np.float32), rng.integers(0, 10, 16)
    state = {"0.weight": (8, 1, 3, 3), "0.bias": (8,), "3.weight": (16, 8, 3, 3), "3.bias": (16,)}
    state |= {"6.weight": (10, 256), "6.bias": (10,)}
    arrays = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in state.items()}
    names = run(programs("pytorch", "tinyseg"), {"x": x, "y": y, "state": arrays})
    assert len(names["history"].history["loss"]) == 3
    assert names["passed"]
    assert np.allclose(names["scores"], as_pytorch(x, arrays), rtol=1e-4, atol=1e-4)


def as_pytorch(x: Any, state: dict[str, Any]) -> Any:
    """Compute the page's network in PyTorch's layout, by loops over the taps."""
    h = x.transpose(0, 3, 1, 2).astype(np.float64)
    for name in ("0", "3"):
        kernel, bias = state[f"{name}.weight"], state[f"{name}.bias"]
        padded = np.pad(h, ((0, 0), (0, 0), (1, 1), (1, 1)))
        size = h.shape[2]
        taps = [
            np.einsum("nchw,fc->nfhw", padded[:, :, i : i + size, j : j + size], kernel[:, :, i, j])
            for i in range(3)
            for j in range(3)
        ]
        h = np.maximum(sum(taps) + bias[:, None, None], 0)
        if name == "0":
            h = h.reshape(len(h), 8, 4, 2, 4, 2).max(axis=(3, 5))
    return h.reshape(len(h), -1) @ state["6.weight"].T + state["6.bias"]


def test_pytorch_itself_agrees() -> None:
    torch = pytest.importorskip("torch", reason="NOT TESTED: PyTorch's side of docs/coming_from_pytorch.md")
    rng = np.random.default_rng(1)
    x, y = rng.random((16, 8, 8, 1), dtype=np.float32), rng.integers(0, 10, 16)
    theirs = {"x": torch.from_numpy(x.transpose(0, 3, 1, 2).copy()), "y": torch.from_numpy(y)}
    run(programs("pytorch", "PyTorch")[:3], theirs)
    ours = run(programs("pytorch", "tinyseg")[:3], {"x": x, "y": y, "state": theirs["state"]})
    assert np.allclose(ours["scores"], theirs["expected"], rtol=1e-4, atol=1e-5)


def test_cs231n(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    given = {
        "np": np, "x": rng.random((4, 5)), "w": rng.random((5, 3)), "b": rng.random(3), "dout": rng.random((4, 3)),
        "image_batch": rng.random((2, 3, 7, 7)), "filters": rng.random((4, 3, 3, 3)), "filter_bias": rng.random(4),
    }  # fmt: skip
    names = run(programs("cs231n", "tinyseg"), given)
    assert capsys.readouterr().out == "wrong-factor\n"
    padded = np.pad(given["image_batch"], ((0, 0), (0, 0), (1, 1), (1, 1)))
    window = padded[1, :, 2:5, 4:7]  # of the output's row 1, column 2
    expected = (window * given["filters"][3]).sum() + given["filter_bias"][3]
    assert names["out_as_there"].shape == (2, 4, 4, 4)
    assert names["out_as_there"][1, 3, 1, 2] == pytest.approx(expected)
    assert names["dx"].shape == (2, 7, 7, 3)
