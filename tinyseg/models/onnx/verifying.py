"""Whether ONNX Runtime computes from the file what the network computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.layers.symbolic import Shape

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LIMIT = 1e-3
"""Of the largest difference over the largest value; float32 sums in another order differ by some 1e-6."""

TRIED = ((21, 34), (24, 40), (32, 48), (64, 96), (96, 128), (224, 256))
"""Heights and widths for a network that takes any: the first that it accepts."""


class ExportMismatch(RuntimeError):
    """ONNX Runtime computes something else; no file was written."""


@dataclass(frozen=True)
class Verified:
    """What was compared, and the largest difference relative to the largest value (or 1, if that is smaller)."""

    runtime: str
    shape: tuple[int, ...]
    error: float


def samples(
    shapes: Sequence[Shape], as_bytes: bool, computed: Callable[[list[Array]], list[Array]]
) -> tuple[list[Array], list[Array]]:
    """Draw inputs of a size that the network accepts; return them and what it gives.

    Raises:
        InvalidInput: None of the sizes fits.
    """
    rng = np.random.default_rng(0)
    fault: InvalidInput | None = None
    for size in TRIED:
        lengths = [(2, *(n if n is not None else size[axis % 2] for axis, n in enumerate(s[1:]))) for s in shapes]
        if as_bytes:
            xs: list[Array] = [rng.integers(0, 256, (2, *size, lengths[0][3]), np.uint8)]
        else:
            xs = [rng.standard_normal(shape).astype(np.float32) for shape in lengths]
        try:
            return xs, computed(xs)
        except InvalidInput as error:
            fault = error
    raise InvalidInput(f"export: no size was found that the network accepts: {fault}")


def session(runtime: ModuleType, content: bytes) -> InferenceSession:
    """Return a session on the CPU that says nothing but errors."""
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def difference(results: Sequence[Array], expected: Sequence[Array]) -> float:
    """Return the largest difference over the largest expected value, or over 1."""
    worst = 0.0
    for y, right in zip(results, expected, strict=True):
        if y.shape != right.shape:
            raise ExportMismatch(f"export: expected an output of shape {right.shape}, got {y.shape}")
        if right.size:
            scale = max(1.0, float(np.abs(right).max()))
            worst = max(worst, float(np.abs(y.astype(np.float64) - right).max()) / scale)
    return worst
