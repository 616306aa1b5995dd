"""The models of threads on cores and of machines in a ring, and the clock beside them."""

from __future__ import annotations

import numpy as np
import pytest

from tinyseg.book.machines import ring_all_reduce, schedule, seconds


@pytest.mark.parametrize("kernels", [1, 7, 40])
def test_without_others_each_kernel_takes_its_time(kernels: int) -> None:
    turns, ended = schedule(0, kernels=kernels, work=0.2)
    assert ended == pytest.approx(0.2 * kernels)
    assert all(turn.is_worker for turn in turns)


@pytest.mark.parametrize("spinners", [0, 2, 4])
def test_turns_fill_each_core_without_gaps(spinners: int) -> None:
    turns, ended = schedule(spinners, kernels=20)
    for core in (0, 1):
        own = [turn for turn in turns if turn.core == core]
        ends = [turn.begin + turn.length for turn in own]
        assert own[0].begin == 0
        assert ends[-1] == pytest.approx(ended)
        np.testing.assert_allclose([turn.begin for turn in own[1:]], ends[:-1])
        assert max(turn.length for turn in own) < 3.1 or spinners == 0


def test_workers_run_together_as_long_as_the_kernels_take() -> None:
    """Nothing is done while one of the workers has no core, but for the part of a kernel that it has done before."""
    turns, ended = schedule(2, kernels=40, work=0.2)
    both = sum(
        max(0.0, min(a.begin + a.length, b.begin + b.length) - max(a.begin, b.begin))
        for a in turns
        for b in turns
        if a.is_worker and b.is_worker and (a.core, b.core) == (0, 1)
    )
    assert 0.2 * 40 - 0.2 * len(turns) <= both <= 0.2 * 40 + 1e-6
    assert ended > 2 * both


@pytest.mark.parametrize(("machines", "size"), [(1, 5), (2, 6), (3, 12), (5, 40), (5, 13)])
def test_every_machine_of_the_ring_gets_the_sum(machines: int, size: int) -> None:
    vectors = list(np.random.default_rng(0).standard_normal((machines, size)))
    total = np.sum(vectors, axis=0)
    sent = ring_all_reduce(vectors)
    for vector in vectors:
        np.testing.assert_allclose(vector, total, rtol=1e-12)
        assert vector.tobytes() == vectors[0].tobytes()
    assert sent == 2 * (machines - 1) * -(-size // machines)


def test_a_time_is_the_shortest_after_a_first_run(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 5.0, 10.0, 12.0, 20.0, 23.0])
    monkeypatch.setattr("tinyseg.book.machines.time.perf_counter", lambda: next(clock))
    calls: list[int] = []
    assert seconds(lambda: calls.append(1), 3) == 2.0
    assert len(calls) == 4
