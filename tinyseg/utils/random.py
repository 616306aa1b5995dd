"""The one source of randomness: everything that is not given a seed draws from here."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.errors import InvalidInput

from .arguments import Natural, checks_arguments

_generator = np.random.default_rng()


@checks_arguments("utils.set_random_seed")
def set_random_seed(seed: Natural) -> None:
    """Make all that follows reproducible: initial parameters, shuffling, dropout masks.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Dense
        >>> from tinyseg.utils import set_random_seed
        >>> def first_kernel():
        ...     set_random_seed(7)
        ...     layer = Dense(2)
        ...     layer(np.ones((1, 3), "float32"))
        ...     return layer.kernel
        ...
        >>> bool((np.asarray(first_kernel()) == np.asarray(first_kernel())).all())
        True
    """
    global _generator
    if isinstance(seed, bool) or not hasattr(seed, "__index__") or seed < 0:
        raise InvalidInput(f"seed: expected an integer of at least 0, got {seed!r}")
    _generator = np.random.default_rng(int(seed))


def generator() -> np.random.Generator:
    """Return the generator in use."""
    return _generator


def new_seed() -> int:
    """Draw a seed for a generator of its own."""
    return int(_generator.integers(2**31))
