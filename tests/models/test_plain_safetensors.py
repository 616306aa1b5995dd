"""The safetensors format without the package: the same bytes, and the same refusals."""

from __future__ import annotations

import builtins
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyseg import InvalidInput
from tinyseg.models import load_model, plain_safetensors
from tinyseg.models.saving import read_tensors, write_tensors

from .networks import assert_same_arrays, classifier, images

TENSORS = {
    "b": np.arange(6, dtype=np.float32).reshape(2, 3).T,
    "a/ä": np.array([[True], [False]]),
    "wide": np.array(1.5),
    "count": np.array([2**40, -1], np.int64),
    "half": np.array([0.5, -2], np.float16),
    "bytes": np.array([1, 255], np.uint8),
    "none": np.zeros((0, 3), np.float32),
    "big-endian": np.array([1.0, 2.0], ">f4"),
    **{kind: np.array([1, 2], kind) for kind in ("int8", "int16", "uint16", "int32", "uint32", "uint64")},
}
METADATA = {"two": "Zwei", "one": "\N{LATIN SMALL LETTER E WITH ACUTE}"}


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the package safetensors, as in a browser tab."""
    original = builtins.__import__

    def hiding(name: str, *args: Any, **options: Any) -> Any:
        if name.partition(".")[0] == "safetensors":
            raise ImportError(name)
        return original(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", hiding)


def test_both_write_the_same_bytes(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("safetensors")
    tensors = {key: a.astype(a.dtype.newbyteorder("=")) for key, a in TENSORS.items()}  # the package takes no other
    write_tensors(tmp_path / "package.safetensors", tensors, METADATA)
    request.getfixturevalue("no_package")
    write_tensors(tmp_path / "plain.safetensors", tensors, METADATA)
    assert (tmp_path / "plain.safetensors").read_bytes() == (tmp_path / "package.safetensors").read_bytes()


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "plain.safetensors"
    plain_safetensors.save_file(TENSORS, path, METADATA)
    arrays, metadata = plain_safetensors.load_file(path)
    assert_same_arrays(arrays, {key: a.astype(a.dtype.newbyteorder("=")) for key, a in TENSORS.items()})
    assert metadata == METADATA
    arrays["b"][:] = 0  # they are the reader's own


def test_a_model_goes_through_either_way(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    model = classifier()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(*images(8), verbose=0)
    model.save(tmp_path / "first.safetensors")
    request.getfixturevalue("no_package")
    again = load_model(tmp_path / "first.safetensors")
    again.save(tmp_path / "second.safetensors")
    assert (
        "safetensors" not in sys.modules
        or (tmp_path / "second.safetensors").read_bytes() == (tmp_path / "first.safetensors").read_bytes()
    )
    np.testing.assert_array_equal(again.predict(images(4)[0], verbose=0), model.predict(images(4)[0], verbose=0))


def written(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


ONE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "header of 0 bytes in a file of 0"),
        (written({}, length=2**63), "header of"),
        (written(b"{"), "Expecting"),
        (written(b"\xff"), "utf-8"),
        (written([]), "no object"),
        (written(b"[" * 100_000), "nested|recursion"),
        (written({"__metadata__": {"a": 1}}), "no texts"),
        (written({"a": ONE}, bytes(7)), "7 bytes of numbers, where 8"),
        (written({"a": ONE}, bytes(9)), "9 bytes of numbers, where 8"),
        (written({"a": ONE | {"data_offsets": [1, 9]}}, bytes(9)), "from byte 1, where 0"),
        (written({"a": ONE, "b": ONE}, bytes(8)), "from byte 0, where 8"),
        (written({"a": ONE | {"dtype": "BF16"}}, bytes(8)), "BF16"),
        (written({"a": ONE | {"shape": [3]}}, bytes(8)), "8 bytes for F32"),
        (written({"a": ONE | {"shape": [-2]}}, bytes(8)), "shape"),
        (written({"a": ONE | {"shape": [True, 2]}}, bytes(8)), "shape"),
        (written({"a": {"dtype": "F32"}}, bytes(8)), "no description"),
        (written({"a": ONE | {"data_offsets": [0.0, 8]}}, bytes(8)), "no description"),
    ],
)
def test_a_damaged_file_is_refused(content: bytes, words: str, tmp_path: Path, no_package: None) -> None:
    if sys.platform == "emscripten" and "nested" in words:
        pytest.skip("json in Pyodide overflows the stack of WebAssembly, which ends Python")
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=f"not a readable safetensors file.*({words})"):
        read_tensors(path)
