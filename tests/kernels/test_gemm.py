"""Every version of the matrix product in CUDA C++, over several tiles of each size, and how they use memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import Finding
from tinyseg_kernels.device import to_device, to_host
from tinyseg_kernels.gemm import cupy_gpu
from tinyseg_kernels.gemm.cupy_gpu import add_partial_sums, choose, matmul
from tinyseg_kernels.gemm.tiles import LARGE, NARROW, SMALL, TALL, TILES, Tile, choose_splits, choose_tile
from tinyseg_kernels.gpu.alignment import address, in_quads
from tinyseg_kernels.gpu.versions import VERSIONS, versions
from tinyseg_kernels.types import Array

from tests.kernels.backends import EMULATED, MISSING
from tests.kernels.backends import choose as choose_backend
from tests.support.errors import relative_error

pytestmark = pytest.mark.skipif("cupy" in MISSING, reason=str(MISSING.get("cupy")))

LIMITS = {"float32": 1e-6, "float64": 1e-14}
only_emulated = pytest.mark.skipif(not EMULATED, reason="counts what the emulator sees")


@pytest.fixture(autouse=True)
def cupy_backend() -> Iterator[None]:
    with choose_backend("cupy"):
        yield


def drawn(rng: np.random.Generator, dtype: str, *shapes: tuple[int, ...]) -> list[Array]:
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def multiplied(a: Array, b: Array, bias: Array | None = None, transposed: str = "") -> Array:
    """Return a @ b + bias from the device; a transposed factor lies there the other way round."""
    there = [to_device(f.T.copy() if name in transposed else f) for name, f in (("a", a), ("b", b))]
    added = None if bias is None else to_device(bias)
    result: Array = to_host(matmul(*there, added, transpose_a="a" in transposed, transpose_b="b" in transposed))
    return result


def exact(a: Array, b: Array) -> Array:
    result: Array = a.astype(np.float64) @ b.astype(np.float64)
    return result


def check(c: Array, expected: Array, dtype: str) -> None:
    assert c.dtype == dtype
    assert c.shape == expected.shape
    if np.any(expected):
        assert relative_error(c, expected) < LIMITS[dtype]
    else:
        assert not c.any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("transposed", ["", "a", "b", "ab"])
@pytest.mark.parametrize("version", VERSIONS["gemm"])
class TestEveryVersion:
    """Results."""

    @pytest.mark.parametrize("shape", [(1, 1, 1), (5, 7, 3), (33, 129, 70), (64, 40, 64), (0, 3, 4), (3, 4, 0)])
    def test_agrees_with_numpy(
        self, rng: np.random.Generator, version: str, shape: tuple[int, int, int], transposed: str, dtype: str
    ) -> None:
        m, k, n = shape
        a, b, bias = drawn(rng, dtype, (m, k), (k, n), (n,))
        with versions(gemm=version):
            check(multiplied(a, b, bias, transposed), exact(a, b) + bias, dtype)
            check(multiplied(a, b, None, transposed), exact(a, b), dtype)

    def test_a_sum_over_nothing_is_the_bias(
        self, rng: np.random.Generator, version: str, transposed: str, dtype: str
    ) -> None:
        a, b, bias = drawn(rng, dtype, (5, 0), (0, 3), (3,))
        with versions(gemm=version):
            np.testing.assert_array_equal(multiplied(a, b, bias, transposed), np.tile(bias, (5, 1)))
            np.testing.assert_array_equal(multiplied(a, b, None, transposed), np.zeros((5, 3)))


@pytest.mark.parametrize(
    ("shape", "tile"),
    [((1500, 7, 1500), LARGE), ((16800, 5, 60), TALL), ((300, 33, 20), NARROW), ((70, 50, 70), SMALL)],
    ids=["large", "tall", "narrow", "small"],
)
def test_every_tile_over_several_blocks(rng: np.random.Generator, shape: tuple[int, int, int], tile: Tile) -> None:
    m, k, n = shape
    assert choose_tile(m, n, "float32") == tile
    a, b, bias = drawn(rng, "float32", (m, k), (k, n), (n,))
    with versions(gemm="register_tiles"):
        check(multiplied(a, b, bias), exact(a, b) + bias, "float32")


@pytest.mark.parametrize("transposed", ["", "a", "b", "ab"])
@pytest.mark.parametrize("tile", TILES, ids=["large", "tall", "narrow", "small"])
@pytest.mark.parametrize("shape", [(132, 44, 140), (131, 43, 139)], ids=["quads", "odd"])
def test_every_tile_and_transpose(
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
    shape: tuple[int, int, int],
    tile: Tile,
    transposed: str,
) -> None:
    monkeypatch.setattr(cupy_gpu, "choose_tile", lambda *_: tile)
    m, k, n = shape
    a, b, bias = drawn(rng, "float32", (m, k), (k, n), (n,))
    with versions(gemm="register_tiles"):
        check(multiplied(a, b, bias, transposed), exact(a, b) + bias, "float32")


def test_a_long_sum_is_split_and_gives_the_same_bits_again(rng: np.random.Generator) -> None:
    a, b, bias = drawn(rng, "float32", (20, 5003), (5003, 12), (12,))
    with versions(gemm="register_tiles"):
        first, second = multiplied(a, b, bias), multiplied(a, b, bias)
    check(first, exact(a, b) + bias, "float32")
    np.testing.assert_array_equal(first, second)


def test_factors_that_start_anywhere_in_memory(rng: np.random.Generator) -> None:
    """Parts of larger arrays: their rows are multiples of four numbers, but not of 16 bytes from a multiple of 16."""
    memory = [to_device(f) for f in drawn(rng, "float32", (1 + 20 * 24,), (2 + 24 * 28,))]
    a, b = memory[0][1:].reshape(20, 24), memory[1][2:].reshape(24, 28)
    assert address(a) % 16 != 0
    assert not in_quads(24, a)
    assert in_quads(24, memory[0])
    assert not in_quads(23, memory[0])
    with versions(gemm="register_tiles"):
        check(to_host(matmul(a, b)), exact(to_host(a), to_host(b)), "float32")


def test_factors_with_gaps(rng: np.random.Generator) -> None:
    a, b = drawn(rng, "float64", (9, 14), (7, 5))
    check(to_host(matmul(to_device(a)[:, ::2], to_device(b))), exact(a[:, ::2], b), "float64")


@pytest.mark.parametrize("splits", [1, 2, 3, 4, 5, 9])
def test_partial_sums(rng: np.random.Generator, splits: int) -> None:
    partial, bias = drawn(rng, "float64", (splits, 3, 2, 5), (5,))
    check(to_host(add_partial_sums(to_device(partial))), partial.sum(axis=0), "float64")
    check(to_host(add_partial_sums(to_device(partial), to_device(bias))), partial.sum(axis=0) + bias, "float64")


def test_the_choice_without_one() -> None:
    assert choose("float32") == ("register_tiles" if EMULATED else "cublas")
    assert choose_tile(100000, 100000, "float64") == SMALL


@pytest.mark.parametrize("tiles", [1, 7, 100, 131, 200, 5000])
@pytest.mark.parametrize("length", [0, 1, 511, 512, 513, 4099, 1 << 20])
def test_splits_cover_the_sum_once(tiles: int, length: int) -> None:
    splits, chunk = choose_splits(tiles, tiles * 64 * 64, length)
    assert splits * chunk >= length
    if splits > 1:
        assert chunk % 16 == 0
        assert (splits - 1) * chunk < length
        assert chunk >= 256
        assert splits * tiles <= 264


def emulated_traffic(version: str, transposed: str, rng: np.random.Generator) -> Findings:
    """Multiply under all checks of the emulator."""
    a, b, bias = drawn(rng, "float32", (128, 64), (64, 256), (256,))
    with versions(gemm=version), emulation(races=True, memory_report=True) as findings:
        check(multiplied(a, b, bias, transposed), exact(a, b) + bias, "float32")
    return findings


def sectors(findings: Findings, array: str) -> float:
    """Return how many sectors of 32 bytes a warp's request for this array touches."""
    lines = [line for line in findings.traffic if line.array == array]
    return sum(line.sectors for line in lines) / sum(line.requests for line in lines)


@only_emulated
def test_each_version_gains_what_its_text_says(rng: np.random.Generator) -> None:
    """gemm.cu: 33 sectors for a warp's 32 products, then 5, then a sixteenth.

    Register tiles read quads, each sector once.
    """
    found = {version: emulated_traffic(version, "", rng) for version in VERSIONS["gemm"][:4]}
    assert sectors(found["naive"], "a") == 32
    assert sectors(found["naive"], "b") == 1
    assert sectors(found["coalesced"], "a") == 1
    assert sectors(found["coalesced"], "b") == 4
    requests = {
        version: sum(line.sectors for line in findings.traffic if line.array in ("a", "b"))
        for version, findings in found.items()
    }
    products = 128 * 64 * 256 / 32
    assert requests["naive"] == 33 * products
    assert requests["coalesced"] == 5 * products
    # A warp of 16 x 16 tiles reads two rows of 16 numbers, 4 sectors, and a tile of a and one of b serve 16 steps of k.
    assert requests["shared_tiles"] == 2 * 4 * products / 16
    # 64 x 64 tiles: each number of a is read for 4 tiles of columns, each number of b for 2 tiles of rows.
    assert requests["register_tiles"] == (128 * 64 * 4 + 64 * 256 * 2) / 8


@only_emulated
@pytest.mark.parametrize("transposed", ["", "a", "b"])
@pytest.mark.parametrize("tile", TILES, ids=["large", "tall", "narrow", "small"])
def test_register_tiles_have_no_bank_conflicts(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, tile: Tile, transposed: str
) -> None:
    monkeypatch.setattr(cupy_gpu, "choose_tile", lambda *_: tile)
    shared = [line for line in emulated_traffic("register_tiles", transposed, rng).traffic if line.memory == "shared"]
    assert {line.kind for line in shared} == {"read", "write"}
    for line in shared:
        # The narrow tile turns b's quads with four threads to a row, two of which share a bank.
        assert line.bank_conflicts <= (line.ideal_wavefronts if (tile, transposed) == (NARROW, "b") else 0), line


@only_emulated
@pytest.mark.parametrize("transposed", ["", "a", "b", "ab"])
@pytest.mark.parametrize("version", ["naive", "coalesced", "shared_tiles", "register_tiles"])
def test_no_races_and_nothing_out_of_bounds(rng: np.random.Generator, version: str, transposed: str) -> None:
    assert emulated_traffic(version, transposed, rng).of(Finding) == []


@only_emulated
@pytest.mark.parametrize("order", ["down", "rotated:3"])
@pytest.mark.parametrize("version", ["shared_tiles", "register_tiles"])
def test_any_order_of_threads_gives_the_same_bits(rng: np.random.Generator, version: str, order: str) -> None:
    a, b = drawn(rng, "float32", (70, 50), (50, 70))
    with versions(gemm=version):
        first = multiplied(a, b)
        with emulation(thread_order=order):
            np.testing.assert_array_equal(multiplied(a, b), first)
