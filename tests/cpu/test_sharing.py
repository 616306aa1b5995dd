"""One machine for several: limits of addresses, late threads, forks, memory that goes back, processes that compile
together.
"""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tinyseg_kernels
from tinyseg_kernels import private_memory
from tinyseg_kernels.cpu.memory import arena, buffers
from tinyseg_kernels.cpu.memory.arena import PAGE, Arena
from tinyseg_kernels.cpu.memory.buffers import empty, usage
from tinyseg_kernels.cpu.threading import pace, team
from tinyseg_kernels.cpu.threading.alone import let_go, wait_for_lock
from tinyseg_kernels.cpu.threading.threads import parallel, set_num_threads

import tinyseg
from tests.cpu.test_threads import run

MB = 1 << 20
ROOT = Path(tinyseg_kernels.__file__).parents[1]
LARGE = 1 << 16


# Late threads -------------------------------------------------------------------------------------------------------


def test_a_part_that_its_thread_has_not_begun_is_done_by_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread is never told; it must not do the part when it wakes up later, either."""
    set_num_threads(3)
    begun = threading.Barrier(
        3, timeout=30
    )  # a worker that only starts now would find the next task without being told
    parallel(lambda start, stop: begun.wait(), 3)
    seen: list[tuple[int, int]] = []
    with monkeypatch.context() as patch:
        patch.setattr(team._Worker, "wake", lambda self: None)
        parallel(lambda start, stop: seen.append((start, threading.get_ident())), 3)
        assert sorted(seen) == [(k, threading.get_ident()) for k in range(3)]
    for worker in team._workers:
        worker.wake()
    set_num_threads(3)
    both = threading.Barrier(3, timeout=30)
    parallel(lambda start, stop: (both.wait(), seen.append((start, 0))), 3)
    assert len(seen) == 6


def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Return the time of a clock that the test sets."""
    now = {"wall": 100.0}
    for module in (pace, team):
        monkeypatch.setattr(module, "perf_counter", lambda: now["wall"])
    monkeypatch.setattr(pace, "usable_cores", lambda: 2)
    return now


def test_threads_that_cost_more_than_they_save_rest_ever_longer_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now, mine = clock(monkeypatch), pace.Pace()

    def note(all_parts: float, own: float = 2e-4) -> None:
        mine.note("work", 2, own, all_parts)
        now["wall"] += all_parts

    for _ in range(50):
        note(2.1e-4)
    assert mine.until == 0
    rests = []
    for _ in range(12):
        note(6e-3)
        rests.append(mine.until - now["wall"] + 6e-3)
        now["wall"] = mine.until
    assert np.allclose(rests[:4], [1e-3, 2e-3, 4e-3, 8e-3])
    assert np.allclose(rests[-1], pace.LONGEST)
    assert mine.cores == 2
    for _ in range(20_000):  # seconds of use
        note(2.1e-4)
    note(6e-3)
    assert np.isclose(mine.until - now["wall"] + 6e-3, pace.FIRST)
    mine.reset()
    assert mine.until == 0


def test_a_caller_who_waits_for_a_core_himself_saves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """His own part is late then, too.

    It counts as what it took at its shortest, which follows a machine that has become slower.
    """
    now, mine = clock(monkeypatch), pace.Pace()
    mine.note("work", 2, 2e-4, 2.1e-4)
    mine.note("work", 2, 6e-3, 6e-3)
    assert mine.until > now["wall"]
    mine.reset()
    for _ in range(200):
        mine.note("work", 2, 6e-3, 6.1e-3)
    assert mine.until == 0
    mine.note("work", 2, 2e-4, 2.1e-4)
    for _ in range(200):
        mine.note("work", 2, 6e-3, 6.1e-3)
    assert np.isclose(mine.times["work"], 6e-3)


def test_work_too_brief_to_hand_over_is_not_handed_over_again() -> None:
    set_num_threads(2)
    seen: dict[str, list[set[int]]] = {"brief": [], "long": []}

    def run_one(name: str, seconds: float) -> None:
        threads: set[int] = set()

        def part() -> None:
            threads.add(threading.get_ident())
            if seconds:
                time.sleep(seconds)

        team.run_together([part, part], name)
        seen[name].append(threads)

    for _ in range(30):
        run_one("brief", 0)
        run_one("long", 2e-3)
    assert any(threads == {threading.get_ident()} for threads in seen["brief"])
    assert any(len(threads) == 2 for threads in seen["long"])  # not each time, where another process has the other core
    assert team.PACE.times["long"] > pace.BRIEF
    # Work that has become longer is handed over again.
    team.PACE.reset()
    team.PACE.times["long"] = 1e-7
    run_one("long", 2e-3)
    assert len(seen["long"][-1]) == 1
    assert not team.PACE.is_alone("long")


def test_kinds_of_work_are_told_apart_by_kernel_count_and_bytes_and_not_kept_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_num_threads(2)

    def kernel(start: int, stop: int, x: Any) -> None:
        pass

    for shape in ((4, 3), (4, 5), (4, 3)):
        parallel(kernel, 4, np.zeros(shape))
    parallel(kernel, 5, np.zeros((4, 3)))
    assert {key[1:3] for key in team.PACE.times if isinstance(key, tuple)} == {(4, 96), (4, 160), (5, 96)}
    mine = pace.Pace()
    monkeypatch.setattr(pace, "KINDS", 10)
    for k in range(25):
        mine.note(k, 2, 1e-3, 1.1e-3)
        assert len(mine.times) <= 10
    for k in range(25):
        mine.do_alone(-k, [lambda: None])
        assert len(mine.times) <= 10


def test_while_threads_rest_the_caller_does_the_same_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock(monkeypatch)
    set_num_threads(3)
    monkeypatch.setattr(team.PACE, "until", now["wall"] + 1)
    seen: list[tuple[int, int, int]] = []
    parallel(lambda start, stop: seen.append((start, stop, threading.get_ident())), 10)
    assert seen == [(0, 3, threading.get_ident()), (3, 6, threading.get_ident()), (6, 10, threading.get_ident())]
    set_num_threads(3)  # asks for threads anew
    assert team.PACE.until == 0


def test_without_room_for_a_thread_the_caller_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused:
        def __init__(self) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(team, "_Worker", Refused)
    monkeypatch.setattr(team, "_workers", [])
    set_num_threads(4)
    done: list[int] = []
    parallel(lambda start, stop: done.append(start), 4)
    assert done == [0, 1, 2, 3]


# Memory -------------------------------------------------------------------------------------------------------------


def test_under_a_limit_ranges_are_small_and_something_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    left = 400 * MB
    monkeypatch.setattr(arena, "addresses_left", lambda: left - sum(found.size for found in mine.ranges))
    mine = Arena()
    taken: list[int] = []

    def take_all() -> None:
        while True:
            mine.take(8 * MB)
            taken.append(8 * MB)

    with pytest.raises(
        MemoryError, match=r"expected 8,388,608 bytes of memory; the limit .* leaves .* smaller batches"
    ):
        take_all()
    assert mine.ranges[0].size <= 50 * MB
    assert all(a.size >= b.size for a, b in zip(mine.ranges, mine.ranges[1:], strict=False))
    assert 300 * MB <= sum(taken) <= left - arena.RESERVE
    for found in mine.ranges:
        found.__init__(found.size)  # type: ignore[misc]  # nobody uses it any more
    assert mine.take(100 * MB)[0].size == 100 * MB  # ranges that nobody uses make room


TRAINS = """
import resource, sys
kind, megabytes, name = sys.argv[1:]
resource.setrlimit(getattr(resource, kind), (int(megabytes) << 20,) * 2)
import numpy as np, tinyseg
tinyseg.set_backend(name)
from tinyseg.applications import UNet
model = UNet((32, 32, 3), 3, filters=8, depth=2)
model.compile("adam", "sparse_categorical_crossentropy")
rng = np.random.default_rng(0)
x, y = rng.random((8, 32, 32, 3), dtype="f4"), rng.integers(0, 3, (8, 32, 32))
model.fit(x, y, epochs=2, verbose=0)
used = open("/proc/self/status").read()
print(tinyseg.get_backend(), *(int(used.split(word)[1].split()[0]) >> 10 for word in ("VmPeak:", "VmData:")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold programs to the limit")
def test_a_training_in_what_numpy_takes_and_300_megabytes_goes_on() -> None:
    """Under a limit of addresses or of data; LLVM ends a process that has too few.

    Where compiled kernels have no room NumPy computes, and a line says so.
    """

    def trains(kind: str, megabytes: int, name: str) -> tuple[list[str], str]:
        done = subprocess.run(
            [sys.executable, "-c", TRAINS, kind, str(megabytes), name],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split(), done.stderr

    (_, addresses, data), _ = trains("RLIMIT_AS", 1 << 20, "numpy")
    for kind, needed in ("RLIMIT_AS", int(addresses)), ("RLIMIT_DATA", int(data)):
        (used, *_), messages = trains(kind, needed + 300, "numba")
        assert used == "numba" or "NumPy computes instead of compiled kernels" in messages
    assert trains("RLIMIT_AS", int(addresses) + 500, "numba")[0][0] == "numba"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold programs to the limit")
def test_the_limits_of_this_process_are_read() -> None:
    output = run(
        """
        import resource
        from tinyseg_kernels.private_memory import addresses_left
        print(addresses_left())
        resource.setrlimit(resource.RLIMIT_DATA, (8 << 30, 8 << 30))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        print(3 << 30 < addresses_left() < 4 << 30)
        """
    )
    assert output.split() == ["None", "True"]


def test_memory_that_is_not_needed_any_more_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "LATELY", 50)
    monkeypatch.setattr(buffers, "_POOL", buffers._Pool())
    large = empty((64 * LARGE,), "f4")
    large.fill(1)
    del large
    for _ in range(120):  # as a training does: the same again and again
        step = [empty((LARGE,), "f4") for _ in range(3)]
        del step
    assert usage()["unused"] == 3 * LARGE * 4
    large = empty((64 * LARGE,), "f4")
    del large
    for _ in range(160):  # arrays that are NumPy's count as well
        empty((10,), "f4")
    assert usage()["unused"] == 0


def test_memory_of_a_steady_loop_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "LATELY", 10)
    monkeypatch.setattr(buffers, "_POOL", buffers._Pool())
    given: list[int] = []
    monkeypatch.setattr(
        arena.Range,
        "_empty",
        lambda self, low, real=arena.Range._empty: given.append(self.touched - low) or real(self, low),
    )
    for _ in range(100):
        step = [empty((LARGE,), "f4") for _ in range(4)]
        del step
    assert len(given) > 10
    assert max(given[2:]) <= 0


def test_clear_session_gives_memory_back_and_starts_the_names_again() -> None:
    array = empty((64 * LARGE,), "f4")
    del array
    tinyseg.layers.Conv2D(1, 1)
    tinyseg.utils.clear_session(free_memory=False)
    assert usage()["unused"] > 0
    assert tinyseg.layers.Conv2D(1, 1).name == "conv2d"
    tinyseg.backend.clear_session()  # type: ignore[attr-defined]  # as Keras programs call it
    assert usage()["unused"] < 64 * LARGE * 4
    assert tinyseg.layers.Conv2D(1, 1).name == "conv2d"


# Forks --------------------------------------------------------------------------------------------------------------


def test_memory_is_asked_for_as_private(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS, like Linux, would else give memory that parent and child share; Windows has no flags."""
    asked: list[Any] = []
    monkeypatch.setattr(mmap, "mmap", lambda *args, **options: asked.append((args, options)))
    private_memory.private_memory(PAGE)
    if hasattr(mmap, "MAP_PRIVATE"):
        assert asked == [((-1, PAGE), {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANON})]
        monkeypatch.delattr(mmap, "MAP_PRIVATE")
        private_memory.private_memory(PAGE)
    assert asked[-1] == ((-1, PAGE), {})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("make", ["empty((1 << 16,), 'f4')", "guarded(1 << 18).view('f4')"])
def test_a_child_does_not_write_into_its_parents_arrays(make: str) -> None:
    output = run(
        f"""
        import os
        from tinyseg_kernels.cpu.memory.buffers import empty
        from tinyseg_emulator.host.guarded import guarded
        array = {make}
        array.fill(1)
        child = os.fork()
        if child == 0:
            array.fill(2)
            os._exit(int(array[0]))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), set(array.tolist()))
        """
    )
    assert output == "2 {1.0}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_computes_wherever_it_was_forked() -> None:
    """In a worker's part, in the caller's, in a thread beside a training, while memory is taken.

    It computes what the parent computes.
    """
    output = run(
        """
        import os, threading
        import numpy as np
        from tinyseg_kernels.conv2d.numba_cpu import conv2d_forward
        from tinyseg_kernels.cpu.memory import buffers
        from tinyseg_kernels.cpu.threading.threads import parallel, set_num_threads
        set_num_threads(2)
        rng = np.random.default_rng(0)
        x, k = rng.random((4, 32, 32, 8), dtype="f4"), rng.random((3, 3, 8, 8), dtype="f4")
        options = dict(strides=(1, 1), padding="same", dilation_rate=(1, 1))
        import tinyseg_kernels, tinyseg_kernels.backend
        tinyseg_kernels.backend.set_backend("numba")
        from tinyseg_kernels.conv2d import conv2d_forward
        compute = lambda: conv2d_forward(x, k, None, **options)[0]
        expected = compute()
        codes = []
        def child():
            pid = os.fork()
            if pid == 0:
                os._exit(7 if np.array_equal(compute(), expected) else 1)
            codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        begun = threading.Event()
        def part(start, stop, forks):
            if start:
                begun.set()
            else:
                begun.wait(5)
            if start == forks:
                child()
        parallel(part, 2, 1)
        parallel(part, 2, 0)
        stop = threading.Event()
        def train():
            while not stop.is_set():
                compute()
        beside = threading.Thread(target=train); beside.start()
        for _ in range(5):
            child()
        stop.set(); beside.join()
        buffers._POOL.holder[0] = "a thread that the child does not have"
        child()
        buffers._POOL.holder.clear()
        print(codes)
        """
    )
    assert output == str([7] * 8)


# Compiling ----------------------------------------------------------------------------------------------------------


def test_a_lock_is_had_by_one_and_dies_with_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "kernel.lock")
    first = wait_for_lock(path)
    assert first is not None
    monkeypatch.setattr("tinyseg_kernels.cpu.threading.alone.PATIENCE", 0.1)
    assert wait_for_lock(path) is None
    let_go(first)
    program = (
        f"from tinyseg_kernels.cpu.threading.alone import wait_for_lock; print(wait_for_lock({path!r}) is not "
        "None, flush=True); import os; os._exit(0)"
    )
    assert run(program) == "True"
    again = wait_for_lock(path)
    assert again is not None
    let_go(again)
    assert wait_for_lock(str(tmp_path / "missing" / "kernel.lock")) is None


def test_who_waited_reads_what_the_other_process_compiled(tmp_path: Path) -> None:
    """Two processes begin together: together they compile what one compiles."""
    program = """
        import numpy as np
        from numba.core import event
        from tinyseg_kernels.activation.numba_cpu import relu_backward, relu_forward
        names = []
        class Count(event.Listener):
            def on_start(self, event): names.append(event.data["dispatcher"].py_func.__name__)
            def on_end(self, event): pass
        event.register("numba:compile", Count())
        y, cache = relu_forward(np.array([-1, 2], "f4"))
        relu_backward(y, cache)
        print([name for name in names if name.startswith("_relu")])
    """
    outputs: list[str] = []
    team_of_two = [
        threading.Thread(target=lambda: outputs.append(run(program, TINYSEG_CACHE=str(tmp_path)))) for _ in range(2)
    ]
    for one in team_of_two:
        one.start()
    for one in team_of_two:
        one.join()
    compiled = [name for output in outputs for name in eval(output)]
    assert sorted(compiled) == ["_relu_backward", "_relu_forward"]
