"""The race detector of the simulator: right kernels stay clean, wrong ones are found in every order of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("greenlet", reason="NOT TESTED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')")

from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import OutOfBounds, Race, UninitialisedRead
from tinyseg_emulator.simulator.simulate import cuda

from tests.emulator.numba_kernels import (
    ORDERS,
    every_atomic,
    line_of,
    locked_count,
    multiply,
    scale,
    sum_of_exponentials,
    warp_operations,
    warp_sums,
)

EACH_ORDER = pytest.mark.parametrize("order", ORDERS)


@cuda.jit
def reverse(x: Any, y: Any, waits: Any) -> None:
    shared = cuda.shared.array(64, np.float32)
    i = cuda.threadIdx.x
    shared[i] = x[i]  # put
    if waits:
        cuda.syncthreads()
    y[i] = shared[63 - i]  # take


@cuda.jit
def second_barrier_missing(x: Any, y: Any) -> None:
    shared = cuda.shared.array(64, np.float32)
    i = cuda.threadIdx.x
    for k in range(2):
        shared[i] = x[i + 64 * k]  # put
        cuda.syncthreads()
        y[i + 64 * k] = shared[63 - i]  # take


@cuda.jit
def sum_without_atomic(x: Any, total: Any) -> None:
    total[0] = total[0] + x[cuda.grid(1)]


@cuda.jit
def same_value(flag: Any) -> None:
    flag[0] = 1


@cuda.jit
def atomic_and_plain(total: Any) -> None:
    if cuda.threadIdx.x == 0:
        total[0] = 0  # plain
    cuda.atomic.add(total, 0, 1)  # atomic


@cuda.jit
def exchange_in_a_warp(x: Any, y: Any, waits: Any) -> None:
    shared = cuda.shared.array(64, np.float32)
    i = cuda.threadIdx.x
    shared[i] = x[i]
    if waits:
        cuda.syncwarp()
    y[i] = shared[i ^ 1]


@cuda.jit
def exchange_across_warps(x: Any, y: Any) -> None:
    shared = cuda.shared.array(64, np.float32)
    i = cuda.threadIdx.x
    shared[i] = x[i]
    cuda.syncwarp()
    y[i] = shared[i ^ 32]


@cuda.jit
def half_warps(x: Any, y: Any, distance: Any) -> None:
    shared = cuda.shared.array(32, np.float32)
    i = cuda.threadIdx.x
    shared[i] = x[i]
    cuda.syncwarp(0x0000FFFF if i < 16 else 0xFFFF0000)
    y[i] = shared[i ^ distance]


@cuda.jit
def unwritten(x: Any, y: Any) -> None:
    shared = cuda.shared.array(64, np.float32)
    i = cuda.threadIdx.x
    if i % 2 == 0:
        shared[i] = x[i]
    cuda.syncthreads()
    y[i] = shared[i]


@cuda.jit
def neighbours(x: Any, y: Any, shift: Any) -> None:
    i = cuda.grid(1)
    y[i] = x[i + shift]


def check(kernel: Any, launch: tuple[Any, ...], *args: Any, order: str = "up") -> Findings:
    with emulation(races=True, thread_order=order) as findings:
        kernel[launch](*args)
    return findings


def floats(rng: np.random.Generator, *shape: int) -> Any:
    return rng.standard_normal(shape).astype(np.float32)


@EACH_ORDER
def test_right_kernels_stay_clean(rng: np.random.Generator, order: str) -> None:
    x, y = floats(rng, 128), floats(rng, 128)
    assert not list(check(scale, (2, 32), x, y, np.float32(2), order=order))
    np.testing.assert_array_equal(y, x * np.float32(2))
    assert not list(check(sum_of_exponentials, (2, 64), x, np.zeros(2, np.float32), order=order))
    a, b, c = floats(rng, 16, 16), floats(rng, 16, 16), np.zeros((16, 16), np.float32)
    assert not list(check(multiply, ((2, 2), (8, 8), 0, 512), a, b, c, order=order))
    np.testing.assert_allclose(c, a @ b, rtol=1e-4, atol=1e-5)
    assert not list(check(warp_sums, (2, 64), x, y, order=order))
    assert not list(check(warp_operations, (1, 64), np.arange(64), np.zeros((8, 64), np.int64), order=order))
    assert not list(check(every_atomic, (2, 32), x, np.zeros(5, np.uint32), np.zeros(4, np.float32), order=order))
    assert not list(check(reverse, (3, 64), x[:64], y[:64], True, order=order).of(UninitialisedRead))


@EACH_ORDER
def test_a_missing_barrier_is_found(rng: np.random.Generator, order: str) -> None:
    x, y = floats(rng, 64), floats(rng, 64)
    assert not list(check(reverse, (1, 64), x, y, True, order=order))
    findings = check(reverse, (1, 64), x, y, False, order=order)
    races = findings.of(Race)
    places = {frozenset((race.first.place.rpartition(":")[2], race.second.place.rpartition(":")[2])) for race in races}
    assert places == {frozenset((str(line_of(reverse, "# put")), str(line_of(reverse, "# take"))))}
    for race in races:
        assert (race.kernel, race.memory, race.array, race.benign) == ("reverse", "shared", "shared", False)
        assert {race.first.kind, race.second.kind} == {"read", "write"}
        write, read = (race.first, race.second) if race.first.kind == "write" else (race.second, race.first)
        assert write.thread[0] == 63 - read.thread[0] == int(race.index)
        assert write.value == str(x[int(race.index)])


@EACH_ORDER
def test_a_missing_second_barrier_is_found(rng: np.random.Generator, order: str) -> None:
    findings = check(second_barrier_missing, (1, 64), floats(rng, 128), floats(rng, 128), order=order)
    assert findings.of(Race)
    assert not findings.of(UninitialisedRead)


@EACH_ORDER
def test_blocks_race_on_global_memory(rng: np.random.Generator, order: str) -> None:
    findings = check(sum_without_atomic, (3, 1), floats(rng, 3), np.zeros(1, np.float32), order=order)
    races = findings.of(Race)
    assert races
    assert all(
        race.first.block != race.second.block and race.memory == "global" and race.array == "total" for race in races
    )
    assert "Nothing orders two blocks" in str(findings)


@EACH_ORDER
def test_threads_of_a_block_race_on_global_memory(rng: np.random.Generator, order: str) -> None:
    assert check(sum_without_atomic, (1, 2), floats(rng, 2), np.zeros(1, np.float32), order=order).of(Race)


@cuda.jit
def larger(n: Any, y: Any, compares: Any) -> None:
    old = n[0]  # guess
    y[cuda.grid(1)] = old
    while compares and old < cuda.grid(1):
        seen = old
        old = cuda.atomic.cas(n, 0, seen, cuda.grid(1))
        if old == seen:
            break
    if not compares:
        cuda.atomic.add(n, 0, 1)  # counts


@EACH_ORDER
def test_the_plain_first_read_of_a_compare_and_swap_loop(order: str) -> None:
    assert list(check(larger, (2, 32), np.zeros(1, np.int32), np.zeros(64, np.int32), True, order=order)) == []
    found = check(larger, (2, 32), np.zeros(1, np.int32), np.zeros(64, np.int32), False, order=order)
    kinds = {access.kind for race in found.of(Race) for access in (race.first, race.second)}
    assert kinds == {"read", "atomic"}


@EACH_ORDER
def test_the_same_value_is_benign(order: str) -> None:
    races = check(same_value, (2, 8), np.zeros(1, np.int32), order=order).of(Race)
    assert [race.benign for race in races] == [True] * len(races)
    assert sum(race.count for race in races) >= 15


@EACH_ORDER
def test_an_atomic_races_with_a_plain_write(order: str) -> None:
    races = check(atomic_and_plain, (1, 4), np.zeros(1, np.int32), order=order).of(Race)
    assert {frozenset((race.first.kind, race.second.kind)) for race in races} == {frozenset(("write", "atomic"))}


@EACH_ORDER
def test_warp_barriers_order_lanes_and_only_lanes(rng: np.random.Generator, order: str) -> None:
    x, y = floats(rng, 64), floats(rng, 64)
    assert not list(check(exchange_in_a_warp, (1, 64), x, y, True, order=order))
    assert check(exchange_in_a_warp, (1, 64), x, y, False, order=order).of(Race)
    assert check(exchange_across_warps, (1, 64), x, y, order=order).of(Race)


@EACH_ORDER
def test_a_mask_orders_only_the_lanes_it_names(rng: np.random.Generator, order: str) -> None:
    x, y = floats(rng, 32), floats(rng, 32)
    assert not list(check(half_warps, (1, 32), x, y, 8, order=order))
    assert check(half_warps, (1, 32), x, y, 16, order=order).of(Race)


@EACH_ORDER
def test_unwritten_shared_memory(rng: np.random.Generator, order: str) -> None:
    findings = check(unwritten, (2, 64), floats(rng, 64), floats(rng, 64), order=order)
    (found,) = findings.of(UninitialisedRead)
    assert found.count == 64
    assert int(found.index) % 2 == 1
    assert not findings.of(Race) or all(race.first.block != race.second.block for race in findings.of(Race))


@cuda.jit
def counts_not_cleared(counts: Any) -> None:
    own = cuda.shared.array(2, np.int32)
    cuda.atomic.add(own, cuda.threadIdx.x % 2, 1)  # of what?
    cuda.syncthreads()
    if cuda.threadIdx.x < 2:
        counts[cuda.threadIdx.x] = own[cuda.threadIdx.x]


@EACH_ORDER
def test_an_atomic_on_unwritten_shared_memory(order: str) -> None:
    found = check(counts_not_cleared, (1, 64), np.zeros(2, np.int32), order=order)
    (read,) = found.of(UninitialisedRead)
    assert (read.array, read.count, read.access.kind) == ("own", 2, "atomic")
    assert read.access.place.endswith(f":{line_of(counts_not_cleared, '# of what?')}")
    assert len(found) == 1


def test_out_of_bounds_is_collected_and_the_kernel_goes_on(rng: np.random.Generator) -> None:
    x, y = floats(rng, 8), np.zeros(8, np.float32)
    (found,) = check(neighbours, (1, 8), x, y, 3).of(OutOfBounds)
    assert (found.array, found.shape, found.count, found.access.thread) == ("x", "(8,)", 3, (5, 0, 0))
    np.testing.assert_array_equal(y[:5], x[3:])
    assert np.isnan(y[5:]).all()
    (found,) = check(neighbours, (1, 8), x, y, -2).of(OutOfBounds)  # a GPU wraps it; it is hardly ever meant
    assert (found.index, found.count) == ("-2], which a GPU counts from the end: [6", 2)
    np.testing.assert_array_equal(y, np.roll(x, 2))
    with (
        emulation(races=True, raise_on_finding=True),
        pytest.raises(KernelError, match=r"(?s)'x'.*out of bounds at \[8\].*y\[i\] = x"),
    ):
        neighbours[1, 8](x, y, 3)


def test_a_lock_counts_as_a_race_because_fences_are_not_followed() -> None:
    total = np.zeros(1, np.int32)
    assert check(locked_count, (1, 8), np.zeros(1, np.int32), total).of(Race)
    assert total[0] == 8


def test_an_outer_emulation_learns_what_an_inner_one_found(rng: np.random.Generator) -> None:
    x, y = floats(rng, 64), floats(rng, 64)
    with emulation(races=True) as outer:
        for order in ORDERS:
            with emulation(thread_order=order) as inner:
                reverse[1, 64](x, y, False)
            assert inner.of(Race)
    assert sum(race.count for race in outer.of(Race)) == 4 * sum(race.count for race in inner.of(Race))
    assert outer.to_json()["findings"][0]["kind"] == "Race" or outer.of(UninitialisedRead)
