"""What a benchmark case is: inputs, this library's side, and PyTorch's side, which must agree before they are timed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import numpy as np
from tinyseg_kernels.backend import backend
from tinyseg_kernels.device import to_host

from ..common.arrays import TO_TORCH, Work, to_torch
from .precision import ours_in

Outputs = Sequence[Any]
Step = Callable[[], Outputs]

TOLERANCE = {"float32": 1e-4, "tf32": 5e-3, "float16": 5e-3}
"""Largest difference of two results over the largest number.

They were added up in different orders and, below float32, from rounded factors.
"""


@dataclass(frozen=True)
class Case:
    """One row of the benchmark.

    Attributes:
        name: What is computed, with the shape.
        group: Which requirement it belongs to (`rows.REQUIREMENTS`), or a name of its own.
        inputs: Makes the inputs as NumPy arrays.
        ours: Takes the inputs on the device and returns the step to be timed; what comes before backward is done here.
        peer: The same for (torch, tensors); None: this library against itself only.
        work: The least work of a step.
        layouts: Of the inputs for PyTorch, by `TO_TORCH`.
        results: Of the outputs.
        precision: 'float32', 'tf32' or 'float16': what both sides may round the factors of products to.
        version: Context in which our side is built and runs, such as `versions(gemm="naive")`.
        in_place: The step changes its inputs, so every check starts from new ones.
    """

    name: str
    group: str
    inputs: Callable[[], list[np.ndarray]]
    ours: Callable[..., Step]
    peer: Callable[..., Step] | None
    work: Work
    layouts: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    precision: str = "float32"
    version: Callable[[], AbstractContextManager[Any]] = field(default=nullcontext)
    in_place: bool = False


def rotation(inputs: Sequence[np.ndarray], cache_bytes: int, most: int = 16) -> int:
    """Return how many copies of the inputs are needed so that none is in the cache when its turn comes again.

    Three times the cache in all.
    """
    size = sum(array.nbytes for array in inputs)
    return max(1, min(most, ceil(3 * cache_bytes / max(size, 1)) + 1))


def build_ours(case: Case, arrays: Sequence[Any]) -> Step:
    """Build our side from arrays on the device, which it copies first; it keeps the case's version and precision."""
    arrays = [array.copy() for array in arrays]
    with case.version(), ours_in(case.precision):
        step = case.ours(*arrays)

    def run() -> Outputs:
        with case.version(), ours_in(case.precision):
            return step()

    return run


def build_peer(case: Case, tensors: Sequence[Any], torch: Any) -> Step:
    """Build PyTorch's side from tensors, which it copies first."""
    assert case.peer is not None
    return case.peer(torch, *[tensor.clone() for tensor in tensors])


def upload(case: Case, inputs: Sequence[np.ndarray], torch: Any, device: str) -> list[Any]:
    """Copy the inputs to PyTorch in its layouts."""
    return [to_torch(torch, a, layout, device) for a, layout in zip(inputs, case.layouts, strict=True)]


def expected(case: Case, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the outputs of the NumPy backend."""
    with backend("numpy"):
        return [np.asarray(output) for output in case.ours(*[np.array(array) for array in inputs])()]


def largest_error(case: Case, ours: Outputs, reference: Sequence[np.ndarray]) -> float:
    """Return the largest difference over the largest number of the reference, the worst of all outputs."""
    errors = []
    for mine, other in zip(ours, reference, strict=True):
        mine = to_host(mine)
        if mine.shape != other.shape:
            raise ValueError(f"{case.name}: shapes {mine.shape} and {other.shape} differ")
        scale = float(np.abs(other).max(initial=0.0)) or 1.0
        errors.append(float(np.abs(mine - other).max(initial=0.0)) / scale)
    return float(np.max(errors))  # which is NaN when one is; Python's max would pass over it


def largest_error_on_device(case: Case, torch: Any, ours: Outputs, results: Outputs) -> float:
    """Return the same for arrays and tensors of one device, compared there: large ones would take long to fetch."""
    errors = []
    for mine, other, layout in zip(ours, results, case.results, strict=True):
        tensor = torch.from_dlpack(mine)
        order = TO_TORCH.get(layout)
        tensor = tensor if order is None else tensor.permute(order)
        if tensor.shape != other.shape:
            raise ValueError(
                f"{case.name}: shapes {tuple(tensor.shape)} and {tuple(other.shape)} differ, in PyTorch's order"
            )
        scale = float(other.detach().abs().max()) or 1.0
        errors.append(float((tensor - other.detach()).abs().max()) / scale)
    return float(np.max(errors))  # which is NaN when one is; Python's max would pass over it
