"""Which version of a kernel is used, where an operation has a ladder of them.

For tests, which run each, and benchmarks, which time each.

    with versions(gemm="shared_tiles", conv2d="naive"):
        ...

Without a choice each operation takes the version that suits the shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from ..errors import unknown_name

VERSIONS: dict[str, tuple[str, ...]] = {
    "gemm": ("naive", "coalesced", "shared_tiles", "register_tiles", "cublas"),
    "conv2d": ("naive", "coalesced", "shared_tiles", "register_tiles", "winograd"),
    "packs": ("scalar", "vectors"),
    "depthwise_conv2d": ("direct", "strips"),
}
"""Operation -> its versions, slowest first. 'cublas' is NVIDIA's library, which Numba does not have.

'packs' stands for all layers that are bound by memory (pack.cuh): number by number, or 16 bytes at a time."""

_forced: ContextVar[Mapping[str, str]] = ContextVar("tinyseg_kernel_versions", default={})  # noqa: B039 (never changed in place)


@contextmanager
def versions(**choices: str) -> Iterator[None]:
    """Use these versions within a `with` block, in this thread only.

    A version that cannot compute a case (Winograd for a 5x5 kernel, say) leaves it to the version that would be used
    without a choice.

    Raises:
        InvalidInput: An unknown operation or version.
    """
    for operation, version in choices.items():
        if operation not in VERSIONS:
            raise unknown_name("operation with versions", operation, VERSIONS)
        if version not in VERSIONS[operation]:
            raise unknown_name(f"version of {operation}", version, VERSIONS[operation])
    token = _forced.set({**_forced.get(), **choices})
    try:
        yield
    finally:
        _forced.reset(token)


def forced_version(operation: str) -> str | None:
    """Return the version that was asked for, or None."""
    return _forced.get().get(operation)
