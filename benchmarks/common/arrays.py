"""Inputs of a benchmark, and how arrays lie here and in PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

TO_TORCH = {"image": (0, 3, 1, 2), "kernel": (3, 2, 0, 1), "depthwise": (2, 3, 0, 1), "transposed": (1, 0)}
"""Layout -> order of our axes in PyTorch; 'plain' stays as it is.

Images (N, H, W, C), kernels (KH, KW, C, F), depthwise kernels (KH, KW, C, 1), dense kernels (D, F).
"""


@dataclass(frozen=True)
class Work:
    """The least that has to be done.

    Bytes read and written when each array crosses once, and floating-point operations of the plain algorithm.
    """

    bytes: int
    flops: int = 0


def numbers(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    """Return random float32 numbers; a large array repeats a block of a million, which is quick to make."""
    size = int(np.prod(shape))
    block = np.random.default_rng(seed).standard_normal(min(size, 1_000_003), dtype=np.float32)
    return np.resize(block * np.float32(scale), shape)


def classes(*shape: int, count: int, seed: int = 0) -> np.ndarray:
    """Return random class ids."""
    size = int(np.prod(shape))
    return np.resize(np.random.default_rng(seed).integers(0, count, min(size, 1_000_003)), shape)


def to_torch(torch: Any, array: np.ndarray, layout: str, device: str, *, channels_last: bool = True) -> Any:
    """Copy an array to PyTorch; images and kernels are channels-last there as well, or in PyTorch's default layout."""
    tensor = torch.from_numpy(np.array(array)).to(device)
    order = TO_TORCH.get(layout)
    tensor = tensor if order is None else tensor.permute(order)
    last = channels_last and tensor.ndim == 4
    return tensor.contiguous(memory_format=torch.channels_last) if last else tensor.contiguous()


def from_torch(tensor: Any, layout: str) -> np.ndarray:
    """Copy a tensor to NumPy, in our order of axes."""
    array = tensor.detach().cpu().numpy()
    order = TO_TORCH.get(layout)
    return array if order is None else array.transpose(np.argsort(order))
