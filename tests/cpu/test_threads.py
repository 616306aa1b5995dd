"""The team of threads: parts of a range, exceptions, several callers, forked processes, and how many threads there
are.
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tinyseg_kernels
from tinyseg_kernels.cpu.threading import threads
from tinyseg_kernels.cpu.threading.threads import (
    get_num_threads,
    parallel,
    parallel_parts,
    set_num_threads,
    usable_cores,
)
from tinyseg_kernels.errors import InvalidInput

import tinyseg


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 100])
@pytest.mark.parametrize("team", [1, 2, 3, 8])
def test_parts_cover_the_range_once_and_each_has_a_thread(team: int, count: int) -> None:
    set_num_threads(team)
    seen: list[tuple[int, int, int]] = []
    # A part is not done before all of them have begun: only different threads can do that.
    all_there = threading.Barrier(max(1, min(team, count)), timeout=30)

    def kernel(start: int, stop: int, given: str) -> None:
        assert given == "argument"
        seen.append((start, stop, threading.get_ident()))
        all_there.wait()

    parallel(kernel, count, "argument")
    assert sorted(k for start, stop, _ in seen for k in range(start, stop)) == list(range(count))
    assert len(seen) == len({ident for _, _, ident in seen}) == min(team, count)
    if count:
        sizes = [stop - start for start, stop, _ in seen]
        assert max(sizes) - min(sizes) <= 1


def test_parts_are_numbered_in_order() -> None:
    set_num_threads(3)
    seen: list[tuple[int, int, int]] = []
    parallel_parts(lambda part, start, stop: seen.append((part, start, stop)), 10, 4)
    assert sorted(seen) == [(0, 0, 2), (1, 2, 5), (2, 5, 7), (3, 7, 10)]


@pytest.mark.parametrize("guilty", [0, 1, 2])
def test_an_exception_reaches_the_caller_after_all_parts_ended_and_the_team_lives_on(guilty: int) -> None:
    set_num_threads(3)
    ended: list[int] = []

    def kernel(start: int, stop: int) -> None:
        if start == guilty:
            raise ValueError(f"part {start}")
        threading.Event().wait(0.05)
        ended.append(start)

    with pytest.raises(ValueError, match=f"part {guilty}"):
        parallel(kernel, 3)
    assert sorted(ended) == sorted({0, 1, 2} - {guilty})
    done: list[int] = []
    parallel(lambda start, stop: done.append(start), 3)
    assert sorted(done) == [0, 1, 2]


def test_two_threads_of_the_program_at_once() -> None:
    """The second does its work alone while the first has the team.

    Neither waits for the other, and both get all of it done.
    """
    set_num_threads(2)
    inside, may_go = threading.Event(), threading.Event()
    first: list[int] = []
    second: list[tuple[int, int, int]] = []

    def slow(start: int, stop: int) -> None:
        first.append(start)
        inside.set()
        assert may_go.wait(30)

    caller = threading.Thread(target=lambda: parallel(slow, 2))
    caller.start()
    assert inside.wait(30)
    parallel(lambda start, stop: second.append((start, stop, threading.get_ident())), 10)
    may_go.set()
    caller.join(30)
    assert not caller.is_alive()
    assert sorted(first) == [0, 1]
    assert second == [(0, 5, threading.get_ident()), (5, 10, threading.get_ident())]


def test_many_threads_of_the_program_compute_the_same(rng: np.random.Generator) -> None:
    from tinyseg_kernels.cpu.gemm.gemm import product, transposed_product

    set_num_threads(2)
    a, b = rng.standard_normal((300, 70)).astype("f4"), rng.standard_normal((70, 33)).astype("f4")
    expected = product(a, b), transposed_product(a, a)
    wrong: list[str] = []

    def work() -> None:
        for _ in range(50):
            if not np.array_equal(product(a, b), expected[0]):
                wrong.append("product")
            if not np.array_equal(transposed_product(a, a), expected[1]):
                wrong.append("transposed_product")

    team = [threading.Thread(target=work) for _ in range(4)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join(120)
    assert not wrong


def test_a_kernel_may_call_for_the_team_again() -> None:
    set_num_threads(2)
    done: list[int] = []
    parallel(lambda start, stop: parallel(lambda a, b: done.extend(range(a, b)), 4), 2)
    assert sorted(done) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_team_without_work_uses_no_processor() -> None:
    """Threads look for new work only for a moment; a program that waits for its user must not keep a core busy."""
    set_num_threads(2)
    parallel(lambda start, stop: None, 2)
    time.sleep(0.2)
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.25


def test_work_that_comes_at_any_time_is_done_once(rng: np.random.Generator) -> None:
    """The next task may come while a thread still looks for it, while it falls asleep, or when it sleeps."""
    set_num_threads(3)
    for pause in rng.uniform(0, 8e-4, 300):
        time.sleep(pause)
        done: list[int] = []
        parallel(lambda start, stop, done: done.extend(range(start, stop)), 3, done)
        assert sorted(done) == [0, 1, 2]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer here")
def test_ctrl_c_waits_for_all_parts_and_the_team_lives_on() -> None:
    """What the parts write to may be given to others as soon as the call is over, so none may be at work then, wherever
    the interruption struck.
    """

    class Interrupted(BaseException):
        pass

    def interrupt(*_: object) -> None:
        raise Interrupted

    def kernel(start: int, stop: int, counts: list[int]) -> None:
        for _ in range(30):
            counts[start] += 1
            time.sleep(0)  # another thread's turn

    set_num_threads(4)
    parallel(lambda start, stop: None, 4)  # there is a team; an import that is cut short is another matter
    struck, chance = 0, random.Random(2)
    before = signal.signal(signal.SIGALRM, interrupt)
    gc.disable()  # an exception in what others do after a collection is lost
    try:
        for _ in range(400):
            counts = [0, 0, 0, 0]
            with contextlib.suppress(Interrupted):
                try:
                    signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-5, 1e-3))
                    parallel(kernel, 4, counts)
                    signal.setitimer(signal.ITIMER_REAL, 0)
                    assert counts == [30, 30, 30, 30]
                except Interrupted:
                    struck += 1
                    # What a worker began is done. The one part that this thread was in is cut short; those that nobody
                    # had begun are missing.
                    after = list(counts)
                    assert sum(count not in (0, 30) for count in after) <= 1
                    time.sleep(1e-3)
                    assert counts == after  # and nobody is at work any more
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.enable()
    assert struck > 20
    done: list[int] = []
    parallel(lambda start, stop: done.append(start), 4)
    assert sorted(done) == [0, 1, 2, 3]


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to a thread here")
def test_ctrl_c_twice_does_not_wait() -> None:
    """The worker's part never ends.

    The first interruption waits for it, the second one does not, and a new team does the next work.
    """
    output = run(
        """
        import signal, threading, time
        from tinyseg_kernels.cpu.threading.threads import parallel, set_num_threads
        set_num_threads(2)
        parallel(lambda start, stop: None, 2)  # an import that is cut short is another matter
        forever, begun = threading.Event(), threading.Event()
        def kernel(start, stop):
            if start:
                begun.set()
                forever.wait()
            begun.wait()  # else this thread would do the other part as well
        def press():
            begun.wait()
            for _ in range(2):
                time.sleep(0.3)
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # wakes the thread, as Ctrl-C does
        threading.Thread(target=press, daemon=True).start()
        try:
            parallel(kernel, 2)
        except KeyboardInterrupt:
            done = []
            parallel(lambda start, stop: done.append(start), 2)
            print(sorted(done))
        """
    )
    assert output == "[0, 1]"


def run(program: str, **environment: str) -> str:
    """Run a program in a new process and return what it printed."""
    variables = {**os.environ, "PYTHONPATH": str(Path(tinyseg_kernels.__file__).parents[1]), **environment}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], env=variables, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_a_team_of_its_own() -> None:
    """The parent's team has worked before, and is at work at the moment of the fork."""
    output = run(
        """
        import os, threading
        from tinyseg_kernels.cpu.threading.threads import parallel, set_num_threads
        set_num_threads(3)
        parallel(lambda a, b: None, 3)
        go, inside = threading.Event(), threading.Event()
        def slow(a, b):
            inside.set()
            go.wait()
        busy = threading.Thread(target=lambda: parallel(slow, 3))
        busy.start()
        inside.wait()
        child = os.fork()
        if child == 0:
            seen = set()
            barrier = threading.Barrier(3, timeout=20)
            def kernel(a, b):
                seen.add(threading.get_ident())
                barrier.wait()
            parallel(kernel, 3)
            os._exit(len(seen))
        _, status = os.waitpid(child, 0)
        go.set()
        busy.join()
        print(os.waitstatus_to_exitcode(status))
        """
    )
    assert output == "3"


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "2", True, None])
def test_a_wrong_number_is_refused_and_changes_nothing(wrong: Any) -> None:
    set_num_threads(3)
    with pytest.raises(InvalidInput, match=f"set_num_threads: expected an integer of at least 1, got {wrong!r}"):
        set_num_threads(wrong)
    assert get_num_threads() == 3


def test_the_package_exports_both() -> None:
    tinyseg.set_num_threads(5)
    assert tinyseg.get_num_threads() == get_num_threads() == 5


@pytest.mark.parametrize(("text", "expected"), [("3", 3), (" 12 ", 12), ("", None), (None, None)])
def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, text: str | None, expected: int | None) -> None:
    monkeypatch.setattr(threads, "_chosen", None)
    if text is None:
        monkeypatch.delenv(threads.ENVIRONMENT_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(threads.ENVIRONMENT_VARIABLE, text)
    assert get_num_threads() == (expected or usable_cores())
    set_num_threads(7)
    assert get_num_threads() == 7


@pytest.mark.parametrize("text", ["0", "-2", "many", "1.5"])
def test_a_wrong_environment_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(threads, "_chosen", None)
    monkeypatch.setenv(threads.ENVIRONMENT_VARIABLE, text)
    with pytest.raises(InvalidInput, match=f"TINYSEG_NUM_THREADS: expected an integer of at least 1, got '{text}'"):
        get_num_threads()


@pytest.mark.parametrize(
    ("version", "quota", "expected"),
    [
        (2, "200000 100000", 2), (2, "150000 100000", 2), (2, "50000 100000", 1), (2, "max 100000", 16),
        (2, "6400000 100000", 16),
        (2, "nonsense", 16), (2, "100000 0", 16),
        (1, "300000 100000", 3), (1, "250000 100000", 3), (1, "-1 100000", 16), (1, "100 100000", 1),
    ],
)  # fmt: skip
def test_the_quota_of_a_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, quota: str, expected: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(16)), raising=False)
    if version == 2:
        (tmp_path / "cpu.max").write_text(quota + "\n")
    else:
        (tmp_path / "cpu").mkdir()
        for name, number in zip(("cfs_quota_us", "cfs_period_us"), quota.split(), strict=True):
            (tmp_path / "cpu" / f"cpu.{name}").write_text(number + "\n")
    assert usable_cores(tmp_path) == expected


def test_without_a_quota_the_affinity_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 3, 5}, raising=False)
    assert usable_cores(tmp_path / "missing") == 3
    (tmp_path / "cpu.max").write_text("800000 100000")
    assert usable_cores(tmp_path) == 3
