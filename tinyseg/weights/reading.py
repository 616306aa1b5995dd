"""`read`: the tensors of a file, whatever program wrote it; the content says which, not the name's ending."""

from __future__ import annotations

import os
import struct
import tokenize
from collections.abc import Callable
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.files import existing_file

from .archives import Archive
from .keras_files import read_h5, read_keras
from .numpy_files import read_npz
from .onnx_files import read_onnx
from .safetensors_files import read_safetensors
from .tensors import Tensors
from .torch_files import read_legacy, read_zip

DAMAGED = (
    OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError, EOFError, struct.error, AttributeError,
    SyntaxError, tokenize.TokenError, AssertionError,
)  # fmt: skip
"""What readers of formats raise for files that are not as they expect; NumPy evaluates the header of an array."""


def read(path: str | os.PathLike[str], root: str | None = None) -> Tensors:
    """Read the names, shapes and texts of a file of weights; the numbers follow when they are asked for.

    Read are safetensors; PyTorch's .pth and .pt in both of its formats; Keras's .weights.h5 and .keras, and the .h5 of
    Keras 2 (needs h5py); ONNX's initializers (needs onnx); NumPy's .npz. What a file holds decides, not its name.
    Nothing in a file is ever executed: of a pickle, which is a program, only the constructors that tensors need are
    followed, and anything else is refused by its name. No size is believed before the file is seen to be as large.

    Args:
        path: The file.
        root: For checkpoints of PyTorch with several dicts of tensors: the key of the one to read, such as 'ema' or
            'model.encoder'. Without it 'state_dict', 'model' and other usual keys are looked for, and the metadata say
            which was taken. Prefixes of wrappers ('module.') are taken off.

    Raises:
        InvalidInput: No such file, not a file of weights, damaged, or with content that is refused.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg import weights
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "model.npz")
        ...     np.savez(file, **{"conv.weight": np.zeros((8, 3, 3, 3), "float32")})
        ...     tensors = weights.read(file)
        ...     print(tensors.format, tensors.layout, tensors["conv.weight"].shape)
        ...
        NumPy's archive torch (8, 3, 3, 3)
    """
    file = existing_file(path)
    try:
        return _reader(file, root)(file)
    except InvalidInput as error:
        text = str(error)
        raise InvalidInput(text if str(path) in text else f"{path}: {text}") from error
    except MemoryError as error:
        raise InvalidInput(f"{path}: needs more memory than there is") from error
    except DAMAGED as error:
        raise InvalidInput(f"{path}: not a readable file of weights: {error}") from error


def _reader(path: Path, root: str | None) -> Callable[[Path], Tensors]:
    """Return the function that reads what a file's first bytes say it is."""
    with path.open("rb") as file:
        start = file.read(64)
    if start.startswith(b"PK\x03\x04"):
        archive = Archive(path)
        if any(name.rpartition("/")[2] == "data.pkl" for name in archive.names):
            return lambda path: read_zip(path, archive, root)
        if "model.weights.h5" in archive.names:
            return lambda path: read_keras(path, archive)
        if archive.names and all(name.endswith(".npy") for name in archive.names):
            return lambda path: read_npz(path, archive)
        raise ValueError("a zip archive that is neither PyTorch's, Keras's nor NumPy's")
    if start.startswith(HDF5_START):
        return read_h5
    if start[:1] == PICKLE_START:
        return lambda path: read_legacy(path, root)
    if start[8:9] == b"{":
        return read_safetensors
    if path.suffix.lower() == ".onnx" or start[:1] == ONNX_START:
        return read_onnx
    raise ValueError("its content is that of none of the formats that are read")


HDF5_START, PICKLE_START, ONNX_START = b"\x89HDF\r\n\x1a\n", b"\x80", b"\x08"
"""An ONNX file begins with its version, field 1 as a number."""
