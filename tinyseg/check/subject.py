"""What can be checked on a backend.

Something that computes named arrays from random numbers, in float32 or in float64.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from tinyseg_kernels.device import to_backend, to_host
from tinyseg_kernels.types import Array

from .report import GradientReport

Results = Mapping[str, Array]


class Subject:
    """A configuration of a layer, loss, operation, optimizer or metric.

    Attributes:
        names: What it is chosen by: its own name first, then those of what is made of it.
        large: Too large for loops and emulators; it is there for algorithms of compiled rungs that small arrays do not
            reach.
    """

    names: tuple[str, ...]
    large = False

    @property
    def label(self) -> str:
        """Return 'Conv2D(filters=2, kernel_size=3) on (2, 5, 6, 3)'."""
        raise NotImplementedError

    def run(self, dtype: str, seed: int) -> Results:
        """Compute everything on the backend in use.

        Results and gradients by name, on the host. The numbers that go in are the same for both dtypes.
        """
        raise NotImplementedError

    def differences(
        self, backend: str | None, limit: int, seed: int, *, emulate: bool = False
    ) -> GradientReport | None:
        """Check the gradients against central differences in float64.

        None where there is no gradient, or where another subject has it.
        """
        return None


class Draw:
    """Random numbers of both signs that float32 can hold, in the dtype asked for, where the backend in use computes."""

    def __init__(self, dtype: str, *seed: int) -> None:
        """Start the stream of a seed."""
        self.dtype, self.rng = dtype, np.random.default_rng(seed)

    def __call__(self, *shape: int) -> Array:
        """Draw from the normal distribution."""
        return to_backend(self.host(*shape))

    def host(self, *shape: int) -> Array:
        """Draw from the normal distribution; the array stays on the host."""
        return self.exact(self.rng.standard_normal(shape))

    def exact(self, array: Array) -> Array:
        """Round to float32, then take the dtype asked for."""
        return np.asarray(array, np.float32).astype(self.dtype)


def on_host(**results: object) -> dict[str, Array]:
    """Return results by name as NumPy arrays: lists as one entry each, None left out."""
    named: dict[str, Array] = {}
    for name, value in results.items():
        if isinstance(value, (list, tuple)):
            named |= {f"{name}{k}": np.asarray(to_host(part)) for k, part in enumerate(value) if part is not None}
        elif value is not None:
            named[name] = np.array(to_host(value))
    return named


def called(name: str, arguments: Mapping[str, object]) -> str:
    """Return 'Conv2D(filters=2)'."""
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
