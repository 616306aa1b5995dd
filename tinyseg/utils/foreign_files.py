"""Files of other programs.

None is written under an ending that promises one, and one that is read is called by its name.
"""

from __future__ import annotations

import os
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

FOREIGN = {
    ".keras": "Keras's archive", ".h5": "HDF5", ".hdf5": "HDF5", ".hdf": "HDF5", ".he5": "HDF5",
    ".tf": "TensorFlow's SavedModel", ".pb": "TensorFlow's graph", ".ckpt": "TensorFlow's checkpoint",
    ".tflite": "TensorFlow Lite", ".pt": "PyTorch's archive", ".pth": "PyTorch's archive", ".onnx": "ONNX",
    ".npz": "NumPy's archive", ".npy": "NumPy's array", ".pkl": "a pickle", ".pickle": "a pickle",
    ".joblib": "joblib's pickle", ".mat": "MATLAB's file", ".json": "JSON", ".zip": "a zip archive",
}  # fmt: skip
"""Endings that promise another format, in lower case."""


def check_ending(path: str | os.PathLike[str], what: str) -> None:
    """Refuse to write under another format's ending; raises InvalidInput with an ending to use."""
    name = os.fspath(path)
    ending = os.path.splitext(name)[1].lower()
    if ending in FOREIGN:
        better = name[: -len(ending)].removesuffix(".weights") + (".weights" if what == "weights" else "")
        who = "model.export writes" if ending == ".onnx" else "tinyseg does not write"
        raise InvalidInput(
            f"{name}: the ending {ending!r} promises {FOREIGN[ending]}, which {who}; "
            f"its own format is safetensors: use {os.path.basename(better)}.safetensors"
        )


def foreign_content(path: Path) -> str | None:
    """Return what a file or folder that is not a safetensors file seems to be, or None."""
    try:
        if path.is_dir():
            saved_model = any((path / name).exists() for name in ("saved_model.pb", "saved_model.pbtxt"))
            return "TensorFlow's SavedModel, a folder" if saved_model else None
        if not path.is_file():  # nothing, or a pipe, which would be waited for without end
            return "TensorFlow's checkpoint" if Path(f"{path}.index").is_file() else None
        with path.open("rb") as file:
            start = file.read(16)
    except (OSError, ValueError):  # such as a name that is too long
        return None
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return "an HDF5 file, perhaps of Keras"
    if start.startswith(b"PK\x03\x04"):
        return _archive(path)
    for magic, kind in (
        (b"\x93NUMPY", "NumPy's array"),
        (b"\x80\x02", "a pickle"),
        (b"\x80\x03", "a pickle"),
        (b"\x80\x04", "a pickle"),
        (b"\x80\x05", "a pickle"),
    ):
        if start.startswith(magic):
            return f"{kind}, which could hold programs and is never opened" if kind == "a pickle" else kind
    if path.suffix.lower() == ".onnx":
        return "ONNX, which tinyseg.models.from_onnx reads"
    return "TensorFlow Lite" if start[4:8] == b"TFL3" else None


def _archive(path: Path) -> str:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return "a damaged zip archive"
    if "model.weights.h5" in names or "config.json" in names:
        return "Keras's archive (.keras)"
    if any(name.endswith("data.pkl") for name in names):
        return "PyTorch's archive"
    return "NumPy's archive (.npz)" if names and all(name.endswith(".npy") for name in names) else "a zip archive"
