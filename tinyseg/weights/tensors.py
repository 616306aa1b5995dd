"""Tensors of a file: names, shapes and texts at once, numbers when they are asked for."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array, DType

MOST_TENSORS = 50_000
LONGEST_NAME = 1_000
MOST_AXES = 32
"""NumPy before 2.0 has no more."""

SLACK, LARGEST_RATIO = 64 << 20, 16
"""Bytes that the tensors of a file may have in any case, and bytes for each byte of the file beyond them.

Compression, tensors that share their numbers, and small types that are widened make more of a file than it has; a few
bytes that ask for all memory are no weights.
"""


@dataclass(frozen=True)
class TensorInfo:
    """What is known of a tensor without its numbers.

    Attributes:
        name: In the file.
        shape: In the file.
        dtype: Of the array that is read.
        stored: The file's own name of the dtype, such as 'BF16'.
        read: Reads the numbers.
        settings: What else the file says of it, such as the axis order of a node that uses it.
    """

    name: str
    shape: tuple[int, ...]
    dtype: DType
    stored: str
    read: Callable[[], Array] = field(repr=False, compare=False)
    settings: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def nbytes(self) -> int:
        """How much memory the array takes."""
        return math.prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True)
class Snapshot:
    """A file as it was when its index was read; what is read later must be of the same file."""

    path: Path
    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Snapshot:
        """Take note of size and time."""
        state = path.stat()
        return cls(path, state.st_size, state.st_mtime_ns)

    def bytes(self, begin: int, length: int) -> bytes:
        """Read bytes; raises ValueError when the file is another one by now, or shorter."""
        with self.path.open("rb") as file:
            state = os.fstat(file.fileno())
            if (state.st_size, state.st_mtime_ns) != (self.size, self.changed):
                raise ValueError("the file was changed after its index was read; read it again")
            if begin < 0 or length < 0 or begin + length > self.size:
                raise ValueError(f"bytes {begin} to {begin + length} in a file of {self.size}")
            file.seek(begin)
            return file.read(length)


class Tensors(Mapping[str, Array]):
    """The tensors of a file by name, in the file's order.

    Names, shapes and dtypes are known at once; an array is read each time it is asked for, as an array of one's own in
    C order and the machine's byte order. bfloat16, which NumPy does not have, comes as float32, which holds all its
    numbers. `print` shows a table.

    Attributes:
        path: The file.
        format: What it is, such as 'PyTorch (legacy)'.
        layout: How kernels are laid out: 'torch' (filters first), 'keras' (filters last) or 'tinyseg'.
        metadata: What the file says beside its tensors.
        info: Shape, dtype and so on of each tensor.

    Example:
        >>> import os
        >>> import tempfile
        >>> import numpy as np
        >>> from tinyseg import weights
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = os.path.join(folder, "two.npz")
        ...     np.savez(file, kernel=np.ones((3, 2)), bias=np.zeros(2))
        ...     tensors = weights.read(file)
        ...     print(list(tensors), tensors.info["kernel"].shape, tensors["kernel"].sum())
        ...
        ['kernel', 'bias'] (3, 2) 6.0
    """

    def __init__(
        self, path: Path, format: str, layout: str, infos: Iterable[TensorInfo], metadata: Mapping[str, str]
    ) -> None:
        """Take what a reader found; raises ValueError for more, or larger ones, than a file of its size can hold."""
        self.path, self.format, self.layout = path, format, layout
        self.metadata = dict(metadata)
        self.info: dict[str, TensorInfo] = {}
        allowed = left = SLACK + LARGEST_RATIO * path.stat().st_size
        for info in infos:
            if len(self.info) >= MOST_TENSORS:
                raise ValueError(f"more than {MOST_TENSORS:,} tensors")
            if not isinstance(info.name, str):  # protobuf gives bytes where they are no UTF-8
                raise ValueError(f"the name {info.name!r:.80} of a tensor, which is no text")
            if len(info.name) > LONGEST_NAME or len(info.shape) > MOST_AXES:
                raise ValueError(f"tensor {info.name[:80]!r}: a name or a shape that is too long")
            if info.name in self.info:
                raise ValueError(f"two tensors have the name {info.name!r}")
            left -= info.nbytes
            if left < 0:
                raise ValueError(
                    f"tensor {info.name!r} of shape {info.shape}: more than {allowed:,} bytes of tensors in a file of "
                    f"{path.stat().st_size:,}"
                )
            self.info[info.name] = info

    def __getitem__(self, name: str) -> Array:
        """Read a tensor; raises InvalidInput when there is none of the name, or when it is damaged."""
        if name not in self.info:
            raise unknown_name(f"tensor of {self.path}", name, list(self.info))
        info = self.info[name]
        try:
            array = info.read()
            if array.shape != info.shape or array.dtype != info.dtype:
                raise ValueError(f"expected {info.dtype} {info.shape}, got {array.dtype} {array.shape}")
        except MemoryError as error:
            raise InvalidInput(f"{self.path}: tensor {name!r}: needs more memory than there is") from error
        except (OSError, ValueError, LookupError, TypeError, OverflowError, EOFError) as error:
            raise InvalidInput(f"{self.path}: tensor {name!r}: damaged ({error})") from error
        return array

    def __contains__(self, name: object) -> bool:
        """Whether there is a tensor of this name; reads nothing."""
        return name in self.info

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self.info)

    def __len__(self) -> int:
        """Return how many tensors there are."""
        return len(self.info)

    def __repr__(self) -> str:
        """Say file, format and count."""
        return f"<Tensors of {self.path}: {self.format}, {len(self)} tensors>"

    def __str__(self) -> str:
        """Return a table of the tensors, and what the file says beside them."""
        from .report import as_table

        rows = [(info.name, "x".join(map(str, info.shape)) or "scalar", info.stored) for info in self.info.values()]
        numbers = sum(math.prod(info.shape) for info in self.info.values())
        head = f"{self.path}: {self.format}, {len(self):,} tensors, {numbers:,} numbers"
        texts = [f"{key}: {shortened(text)}" for key, text in self.metadata.items()]
        return "\n".join([head, *texts, as_table(("tensor", "shape", "dtype"), rows)])


def likely_layout(names: Iterable[str]) -> str:
    """Return the layout that goes with names, where a file says nothing else: PyTorch calls a kernel 'weight'."""
    return "torch" if any(name == "weight" or name.endswith(".weight") for name in names) else "keras"


def shortened(text: str, most: int = 100) -> str:
    """Return a text on one line, cut when it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 3]}..."
