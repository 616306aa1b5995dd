"""In which precision matrix products and convolutions multiply: float32 unless somebody asks for tensor cores.

Tensor cores multiply numbers of fewer digits, several times faster, and add the products up in float32:

    float32   24 bits of significance: no tensor cores; the default
    tf32      11 bits, float32's range: relative rounding error of a factor up to 2^-11 (4.9e-4); needs an Ampere GPU (sm_80) or newer
    float16   11 bits, and half's range: a factor beyond 65504 becomes infinite, one below 6.1e-5 loses digits, and one below 3.0e-8 becomes 0. Gradients of a mean over
              many pixels are often so small; nothing here scales the loss for them. Needs a Turing GPU (sm_75) or newer

Only float32 arrays on a GPU backend are concerned: float64, the backends of the CPU and all other operations stay
exact. On 'numba-cuda' too the products are then made by kernels in CUDA C++.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .errors import unknown_name

PRECISIONS = ("float32", "tf32", "float16")

_default = "float32"
_override: ContextVar[str | None] = ContextVar("tinyseg_matmul_precision", default=None)


def set_matmul_precision(precision: str) -> None:
    """Let matrix products and convolutions of float32 arrays on the GPU backends multiply in this precision, in all threads from now on.

    Args:
        precision: 'float32' (exact, the default), 'tf32' or 'float16' (tensor cores; what they lose is at the top of
            this file).

    Raises:
        InvalidInput: An unknown name. A GPU that lacks it is found when a product is computed.

    Example:
        >>> import tinyseg
        >>> tinyseg.set_matmul_precision("tf32")
        >>> tinyseg.matmul_precision()
        'tf32'
        >>> tinyseg.set_matmul_precision("float32")
    """
    global _default
    _default = _checked(precision)


def matmul_precision() -> str:
    """Return the precision in use.

    The innermost `with using_matmul_precision(...)`, else `set_matmul_precision`, else 'float32'.

    Example:
        >>> import tinyseg
        >>> tinyseg.matmul_precision()
        'float32'
    """
    return _override.get() or _default


@contextmanager
def using_matmul_precision(precision: str) -> Iterator[None]:
    """Use a precision within a `with` block, in this thread only.

    Arguments and errors as for `set_matmul_precision`.

    Example:
        >>> import tinyseg
        >>> with tinyseg.using_matmul_precision("tf32"):
        ...     print(tinyseg.matmul_precision())
        ...
        tf32
    """
    token = _override.set(_checked(precision))
    try:
        yield
    finally:
        _override.reset(token)


def _checked(precision: str) -> str:
    if precision not in PRECISIONS:
        raise unknown_name("matmul precision", precision, PRECISIONS)
    return precision
