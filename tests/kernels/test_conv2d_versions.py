"""Every version of convolution and transposed convolution in CUDA C++, over several tiles.

The contract tests run what suits their small shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.options import emulation
from tinyseg_kernels.backend import backend
from tinyseg_kernels.conv2d.cupy_gpu import choose
from tinyseg_kernels.conv2d.gpu import implicit_gemm
from tinyseg_kernels.conv2d.gpu.geometry import make_geometry
from tinyseg_kernels.device import to_device, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.gemm.tiles import LARGE, NARROW, SMALL, TALL, TILES, Tile
from tinyseg_kernels.gpu.versions import VERSIONS, versions
from tinyseg_kernels.types import Array
from tinyseg_kernels.windows import explicit_padding

from tests.kernels.backends import EMULATED, MISSING
from tests.kernels.backends import choose as choose_backend
from tests.kernels.portable import (
    conv2d_backward,
    conv2d_forward,
    conv2d_transpose_backward,
    conv2d_transpose_forward,
)
from tests.support.errors import relative_error

pytestmark = pytest.mark.skipif("cupy" in MISSING, reason=str(MISSING.get("cupy")))

LIMITS = {"float32": 3e-6, "float64": 2e-14}

SHAPES: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "quads": ((2, 11, 13, 8), (3, 3, 8, 12), {"padding": "same"}),
    "image": ((2, 12, 17, 3), (5, 4, 3, 16), {"padding": "same", "strides": 2}),
    "to-classes": ((1, 9, 14, 16), (3, 3, 16, 5), {}),
    "odd-channels": ((3, 7, 9, 5), (2, 3, 5, 7), {"padding": ((0, 2), (3, 1))}),
    "phases": ((2, 14, 11, 4), (4, 5, 4, 8), {"strides": (3, 2), "padding": "same"}),
    "phases-without-taps": ((1, 13, 15, 4), (2, 3, 4, 4), {"strides": (4, 5)}),
    "phases-of-dilated-taps": ((1, 17, 16, 4), (3, 3, 4, 8), {"strides": (2, 4), "dilation_rate": (2, 2)}),
    "phases-of-dilated-taps-split": (
        (1, 9, 9, 4),
        (3, 3, 4, 140),
        {"strides": 2, "dilation_rate": 2, "padding": "same"},
    ),
    "phases-of-taps-far-apart": (
        (1, 17, 15, 4),
        (5, 3, 4, 4),
        {"strides": (2, 1), "dilation_rate": 3, "padding": "same"},
    ),
    "dilated-and-strided": ((1, 15, 16, 4), (3, 2, 4, 4), {"strides": (3, 2), "dilation_rate": 2, "padding": "same"}),
    "padding-wider-than-window": ((1, 4, 5, 4), (2, 2, 4, 4), {"padding": ((5, 4), (3, 6)), "strides": 2}),
    "long-sums": ((1, 31, 33, 68), (3, 3, 68, 8), {"padding": "same"}),
    "pointwise-padded": ((1, 4, 5, 4), (1, 1, 4, 4), {"padding": ((1, 0), (0, 2))}),
    "pointwise": ((2, 6, 7, 8), (1, 1, 8, 4), {}),
    "one-image-wide": ((1, 3, 1, 4), (3, 1, 4, 4), {"padding": "same"}),
}


@pytest.fixture(autouse=True)
def cupy_backend() -> Iterator[None]:
    with choose_backend("cupy"):
        yield


def drawn(rng: np.random.Generator, dtype: str, *shapes: tuple[int, ...]) -> list[Array]:
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def check_against_numpy(
    rng: np.random.Generator,
    dtype: str,
    shapes: tuple[tuple[int, ...], ...],
    options: dict[str, Any],
    *,
    forward: Any = conv2d_forward,
    backward: Any = conv2d_backward,
    rung: str = "numpy",
) -> None:
    """Compare y and the gradients with those of NumPy's rung in float64, and a second run with the first, bit by
    bit.
    """
    inputs = drawn(rng, dtype, *shapes)
    with backend(rung):
        y, cache = forward(*(a.astype(np.float64) for a in inputs), **options)
        (dy,) = drawn(rng, dtype, y.shape)
        expected = [y, *backward(dy.astype(np.float64), cache)]
    runs = []
    for _ in range(2):
        y, cache = forward(*inputs, **options)
        runs.append([y, *backward(dy, cache)])
    for name, a, again, b in zip(("y", "dx", "dkernel", "dbias"), *runs, expected, strict=True):
        assert a.dtype == dtype, name
        assert a.shape == b.shape, name
        if b.any():
            assert relative_error(a, b) < LIMITS[dtype], name
        else:
            assert not a.any(), name
        np.testing.assert_array_equal(a, again, err_msg=name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("version", VERSIONS["conv2d"])
@pytest.mark.parametrize("name", SHAPES)
def test_every_version_agrees_with_numpy(rng: np.random.Generator, name: str, version: str, dtype: str) -> None:
    x, kernel, options = SHAPES[name]
    with versions(conv2d=version):
        check_against_numpy(rng, dtype, (x, kernel, kernel[3:]), options)


@pytest.mark.parametrize("version", VERSIONS["conv2d"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, (3, 1)])
def test_every_version_of_the_transposed_convolution(
    rng: np.random.Generator, strides: Any, padding: str, version: str
) -> None:
    shapes = ((2, 5, 6, 8), (3, 3, 4, 8), (4,))
    functions = {"forward": conv2d_transpose_forward, "backward": conv2d_transpose_backward}
    with versions(conv2d=version):
        check_against_numpy(rng, "float32", shapes, {"strides": strides, "padding": padding}, **functions)


@pytest.mark.parametrize("tile", TILES, ids=["large", "tall", "narrow", "small"])
@pytest.mark.parametrize("name", ["several-tiles", "several-odd-tiles"])
def test_every_tile(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, name: str, tile: Tile) -> None:
    monkeypatch.setattr(implicit_gemm, "choose_tile", lambda *_: tile)
    c, f = (68, 132) if name == "several-tiles" else (67, 131)
    with versions(conv2d="register_tiles"):
        check_against_numpy(rng, "float32", ((1, 13, 15, c), (3, 2, c, f), (f,)), {"strides": (1, 2)})


@pytest.mark.parametrize("channels", [(8, 0), (0, 8)], ids=["no-filters", "no-channels"])
@pytest.mark.parametrize("version", VERSIONS["conv2d"])
def test_no_channels(rng: np.random.Generator, channels: tuple[int, int], version: str) -> None:
    """A convolution without channels or filters is refused, by every rung alike."""
    c, f = channels
    with (
        versions(conv2d=version),
        pytest.raises(InvalidInput, match=r"conv2d: expected kernel .* of at least one number"),
    ):
        conv2d_forward(*map(to_device, drawn(rng, "float32", (2, 6, 5, c), (3, 3, c, f), (f,))), padding="same")


def test_a_stride_of_more_phases_than_register_tiles_take(rng: np.random.Generator) -> None:
    with versions(conv2d="register_tiles"):
        check_against_numpy(rng, "float32", ((1, 29, 31, 4), (3, 3, 4, 4), (4,)), {"strides": (9, 10)})


def test_images_that_start_anywhere_in_memory(rng: np.random.Generator) -> None:
    memory, kernel = drawn(rng, "float32", (1 + 2 * 6 * 7 * 8,), (3, 3, 8, 4))
    x = memory[1:].reshape(2, 6, 7, 8)
    with backend("numpy"):
        y, cache = conv2d_forward(x, kernel)
        expected = [y, *conv2d_backward(y, cache)[:2]]
    there = to_device(memory)[1:].reshape(2, 6, 7, 8)
    with versions(conv2d="register_tiles"):
        y, cache = conv2d_forward(there, kernel)
        dy = np.concatenate([[np.float32(0)], expected[0].ravel()])
        dy_there = to_device(dy)[1:].reshape(y.shape)
        actual = [y, *conv2d_backward(dy_there, cache)[:2]]
    for a, b in zip(actual, expected, strict=True):
        assert relative_error(a, b) < LIMITS["float32"]


def test_the_choice_by_shape() -> None:
    def chosen(x: tuple[int, ...], kernel: tuple[int, ...], strides: Any = (1, 1), dtype: str = "float32") -> str:
        pads = explicit_padding("same", x[1:3], kernel[:2], strides)
        return choose(make_geometry(x, kernel, strides, pads, (1, 1)), dtype)

    assert chosen((8, 64, 64, 64), (1, 1, 64, 32)) == "matrix_product"
    assert chosen((8, 64, 64, 64), (1, 1, 64, 32), (2, 2)) == "register_tiles"
    assert chosen((8, 64, 64, 64), (3, 3, 64, 64)) == "winograd"
    assert chosen((8, 64, 64, 64), (3, 3, 64, 64), dtype="float64") == "register_tiles"
    assert chosen((8, 64, 64, 64), (3, 3, 64, 64), (2, 2)) == "register_tiles"
    assert chosen((8, 64, 64, 3), (3, 3, 3, 64)) == "register_tiles"
    with versions(conv2d="naive"):
        assert chosen((8, 64, 64, 64), (1, 1, 64, 32)) == "naive"
    with versions(conv2d="winograd"):
        assert chosen((1, 5, 5, 2), (3, 3, 2, 2)) == "winograd"
        assert chosen((8, 64, 64, 64), (5, 5, 64, 64)) == "register_tiles"


@pytest.mark.skipif(not EMULATED, reason="asks the emulator")
@pytest.mark.parametrize("version", ["naive", "coalesced", "shared_tiles", "register_tiles"])
@pytest.mark.parametrize("name", ["quads", "image", "phases"])
def test_no_races_and_nothing_out_of_bounds(rng: np.random.Generator, name: str, version: str) -> None:
    x, kernel, options = SHAPES[name]
    inputs = [to_device(a) for a in drawn(rng, "float32", x, kernel, kernel[3:])]
    with versions(conv2d=version), emulation(races=True, memory_report=True) as findings:
        y, cache = conv2d_forward.__wrapped__(*inputs, **options)  # type: ignore[attr-defined]
        conv2d_backward.__wrapped__(y, cache)  # type: ignore[attr-defined]
        to_host(y)
    assert len(findings) == 0
    if version == "register_tiles":
        conflicts = sum(line.bank_conflicts for line in findings.traffic if line.memory == "shared")
        assert conflicts <= 0.05 * sum(line.ideal_wavefronts for line in findings.traffic if line.memory == "shared")


def test_the_tiles_of_the_u_net_of_the_benchmarks() -> None:
    """Shapes and tiles, so that a change of the choice shows."""
    from tinyseg_kernels.gemm.tiles import choose_tile

    assert choose_tile(8 * 256 * 256, 32, "float32") == NARROW
    assert choose_tile(8 * 128 * 128, 64, "float32") == TALL
    assert choose_tile(8 * 64 * 64, 128, "float32") == LARGE
    assert choose_tile(8 * 16 * 16, 512, "float32") == SMALL
