"""safetensors files for tests: with the package, or without it in a browser tab."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tinyseg.models import plain_safetensors

try:
    import safetensors.numpy as package
except ImportError:
    package = None  # type: ignore[assignment]


def load_file(path: Path) -> dict[str, np.ndarray]:
    """Return a file's arrays."""
    return plain_safetensors.load_file(path)[0] if package is None else package.load_file(path)


def save_file(tensors: Mapping[str, np.ndarray], path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write arrays and texts."""
    if package is None:
        plain_safetensors.save_file(tensors, path, metadata or {})
    else:
        package.save_file(dict(tensors), path, None if metadata is None else dict(metadata))
