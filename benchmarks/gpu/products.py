"""Matrix products: every version of the hand-written ladder against cuBLAS, and dense layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tinyseg_kernels.backend import on_gpu
from tinyseg_kernels.dense import dense_backward, dense_forward
from tinyseg_kernels.gpu.versions import VERSIONS, versions

from ..common.arrays import Work, numbers
from .case import Case, Step

BEST = "register_tiles"
"""The best version written by hand in float32; the one above it is cuBLAS itself."""


def cases(tiny: bool) -> Iterator[Case]:
    """Return the cases; tiny ones have the same code and a few numbers."""
    for m, k, n in [(16, 12, 8)] if tiny else [(4096, 4096, 4096), (8192, 1024, 2048), (2048, 8192, 512)]:
        yield _matmul(m, k, n, BEST, group="gemm against cuBLAS")
    m, k, n = (12, 8, 16) if tiny else (4096, 4096, 4096)
    yield _matmul(m, k, n, None, group="gemm, tf32", precision="tf32")
    yield from _dense(*((4, 12, 8) if tiny else (8192, 2048, 2048)))


def ladder(tiny: bool) -> Iterator[Case]:
    """Return each version of the product at one shape."""
    m, k, n = (16, 12, 8) if tiny else (2048, 2048, 2048)
    for version in VERSIONS["gemm"]:
        if not (tiny and version == "cublas"):
            yield _matmul(m, k, n, version, group=f"ladder gemm: {version}")


def _matmul(m: int, k: int, n: int, version: str | None, *, group: str, precision: str = "float32") -> Case:
    def ours(a: Any, b: Any) -> Step:
        if not on_gpu():
            return lambda: (a @ b,)
        from tinyseg_kernels.backend import rung

        return lambda: (rung("gemm").matmul(a, b),)

    def peer(torch: Any, a: Any, b: Any) -> Step:
        return lambda: (a @ b,)

    options = {} if version is None else {"version": lambda: versions(gemm=version)}
    return Case(
        f"gemm {m}x{k} by {k}x{n}" + (f", {version}" if version else ""),
        group,
        lambda: [numbers(m, k), numbers(k, n, seed=1, scale=k**-0.5)],
        ours,
        peer,
        Work(4 * (m * k + k * n + m * n), 2 * m * k * n),
        ("plain", "plain"),
        ("plain",),
        precision,
        **options,  # type: ignore[arg-type]
    )


def _dense(n: int, d: int, f: int) -> Iterator[Case]:
    def forward(x: Any, kernel: Any, bias: Any) -> Step:
        return lambda: (dense_forward(x, kernel, bias)[0],)

    def peer_forward(torch: Any, x: Any, kernel: Any, bias: Any) -> Step:
        return lambda: (torch.nn.functional.linear(x, kernel, bias),)

    def backward(x: Any, kernel: Any, bias: Any, dy: Any) -> Step:
        _, cache = dense_forward(x, kernel, bias)
        return lambda: dense_backward(dy, cache)

    def peer_backward(torch: Any, x: Any, kernel: Any, bias: Any, dy: Any) -> Step:
        return lambda: (dy @ kernel, dy.T @ x, dy.sum(0))

    def inputs() -> list[Any]:
        return [numbers(n, d), numbers(d, f, seed=1, scale=d**-0.5), numbers(f, seed=2)]

    layouts = ("plain", "transposed", "plain")
    sizes, flops = n * d + d * f + n * f, 2 * n * d * f
    yield Case(
        f"dense {n}x{d} -> {f}, forward",
        "dense",
        inputs,
        forward,
        peer_forward,
        Work(4 * sizes, flops),
        layouts,
        ("plain",),
    )
    yield Case(
        f"dense {n}x{d} -> {f}, gradients",
        "dense",
        lambda: [*inputs(), numbers(n, f, seed=3)],
        backward,
        peer_backward,
        Work(8 * sizes, 2 * flops),
        (*layouts, "plain"),
        layouts,
    )
