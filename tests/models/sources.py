"""The same samples in every form that `fit` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np

SIZE = 4
"""Samples of a batch, where a source makes its own."""


class Tensor:
    """What PyTorch's tensors have: shape, length, items.

    And memory that is handed over only without the gradient, from the host.
    """

    def __init__(self, array: np.ndarray, attached: bool = True, dtype: str = "torch.float32") -> None:
        self.array, self.attached, self.dtype, self.shape = array, attached, dtype, array.shape

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, k: Any) -> Tensor:
        return Tensor(self.array[k])

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        if self.attached:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        return self.array if dtype is None else self.array.astype(dtype)

    def detach(self) -> Tensor:
        return Tensor(self.array, attached=False)

    def cpu(self) -> Tensor:
        return self


class OnlyDLPack:
    """An array that has nothing but DLPack."""

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.shape = array, array.shape

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()


class Sequence:
    """Batches by number, as Keras's PyDataset; `as_list` gives them as lists of tensors."""

    def __init__(self, *arrays: np.ndarray, as_list: bool = False) -> None:
        self.arrays, self.as_list = arrays, as_list
        self.told: list[str] = []

    def __len__(self) -> int:
        return -(-len(self.arrays[0]) // SIZE)

    def __getitem__(self, k: int) -> Any:
        if not 0 <= k < len(self):
            raise IndexError(k)
        parts = [array[k * SIZE : (k + 1) * SIZE] for array in self.arrays]
        return [Tensor(part) for part in parts] if self.as_list else tuple(parts)

    def on_epoch_begin(self) -> None:
        self.told.append("begin")

    def on_epoch_end(self) -> None:
        self.told.append("end")


class PyDataset(keras.utils.PyDataset):  # type: ignore[misc]
    """Keras's own, which has `num_batches` instead of a length."""

    def __init__(self, *arrays: np.ndarray, end: bool = True) -> None:
        super().__init__()
        self.sequence, self.end = Sequence(*arrays), end

    @property
    def num_batches(self) -> int | None:
        return len(self.sequence) if self.end else None

    def __getitem__(self, k: int) -> Any:
        return self.sequence[k % len(self.sequence)]


class Loader:
    """What PyTorch's DataLoader is: a length, and lists of tensors one after the other."""

    def __init__(self, *arrays: np.ndarray) -> None:
        self.sequence = Sequence(*arrays, as_list=True)

    def __len__(self) -> int:
        return len(self.sequence)

    def __iter__(self) -> Iterator[Any]:
        return (self.sequence[k] for k in range(len(self.sequence)))


class Unknown:
    """An iterable that can begin anew, and does not know how long it is, as TensorFlow's datasets."""

    def __init__(self, *arrays: np.ndarray) -> None:
        self.sequence = Sequence(*arrays)

    def __iter__(self) -> Iterator[Any]:
        return (self.sequence[k] for k in range(len(self.sequence)))


class Own:
    """tinyseg's own protocol, which SegmentationBatches has."""

    def __init__(self, *arrays: np.ndarray) -> None:
        self.sequence = Sequence(*arrays)

    def __len__(self) -> int:
        return len(self.sequence)

    def epoch(self, epoch: int) -> Iterator[Any]:
        return (self.sequence[k] for k in range(len(self.sequence)))


def endless(*arrays: np.ndarray) -> Iterator[Any]:
    """A generator that goes round and round."""
    sequence = Sequence(*arrays)
    while True:
        yield from (sequence[k] for k in range(len(sequence)))


@dataclass(frozen=True)
class Form:
    """A form of data."""

    name: str
    make: Callable[..., Any]
    """Takes x, and perhaps y and weights; for arrays one of them at a time."""
    kind: str
    """'arrays', 'sequence' (in any order), 'loader' (in its own order), 'generator'."""

    def given(self, x: np.ndarray, *labels: np.ndarray) -> tuple[Any, ...]:
        """Return the arguments of `fit` for these samples."""
        if self.kind == "arrays":
            return (self.make(x), *(label.tolist() if self.name == "lists" else self.label(label) for label in labels))
        return (self.make(x, *labels),)

    def label(self, label: np.ndarray) -> Any:
        """Labels and weights in the form of x, where one array is one."""
        return label if self.name in ("dict", "list of one") else self.make(label)


def _backwards(array: np.ndarray) -> np.ndarray:
    """The same numbers in memory that runs the other way."""
    return np.ascontiguousarray(array[::-1])[::-1]


FORMS = [
    Form("NumPy", lambda x: x, "arrays"),
    Form("not contiguous", _backwards, "arrays"),
    Form("lists", lambda x: x.tolist(), "arrays"),
    Form("dict", lambda x: {"image": x}, "arrays"),
    Form("list of one", lambda x: [x], "arrays"),
    Form("JAX", jnp.asarray, "arrays"),
    Form("tensor", Tensor, "arrays"),
    Form("DLPack", OnlyDLPack, "arrays"),
    Form("sequence", Sequence, "sequence"),
    Form("sequence of lists", lambda *a: Sequence(*a, as_list=True), "sequence"),
    Form("PyDataset", PyDataset, "sequence"),
    Form("list of batches", lambda *a: list(Sequence(*a)), "sequence"),
    Form("list of lists", lambda *a: list(Sequence(*a, as_list=True)), "sequence"),
    Form("loader", Loader, "loader"),
    Form("unknown length", Unknown, "loader"),
    Form("own protocol", Own, "loader"),
    Form("generator", endless, "generator"),
]
