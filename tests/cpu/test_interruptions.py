"""Signal handlers, finalizers and Ctrl-C strike between any two lines.

Nothing waits for itself, no list is half-changed, nothing is lost.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from types import CodeType, FrameType
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.cpu.memory import arena, buffers
from tinyseg_kernels.cpu.memory.buffers import empty, release, usage
from tinyseg_kernels.cpu.threading import team
from tinyseg_kernels.cpu.threading.threads import parallel, set_num_threads

from tests.cpu.test_threads import run

LARGE = 1 << 16
FUNCTIONS = [
    buffers._Pool.take, buffers._Pool._take_back, arena.Arena.take, arena.Arena._another, arena.Range.take,
    arena.Range.give,
]  # fmt: skip
"""Whatever runs when memory is taken."""


def places(function: Any) -> list[tuple[CodeType, int]]:
    """Return the lines of a function."""
    code = function.__code__
    return sorted(
        {(code, line) for _, _, line in code.co_lines() if line and line > code.co_firstlineno},
        key=lambda place: place[1],
    )


LINES = [place for function in FUNCTIONS for place in places(function)]
NAMES = [
    f"{code.co_qualname}-{line - code.co_firstlineno}" if hasattr(code, "co_qualname") else f"{code.co_name}-{line}"
    for code, line in LINES
]


@contextmanager
def before(place: tuple[CodeType, int], action: Any) -> Iterator[list[int]]:
    """Do something once, before a line is executed, as a signal handler would; gives how often the line was reached."""
    reached: list[int] = []

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code is place[0]:
            if event == "line" and frame.f_lineno == place[1]:
                reached.append(1)
                if len(reached) == 1:
                    action()
            return trace
        return trace if event == "call" and frame.f_code.co_filename.endswith(("arena.py", "buffers.py")) else None

    old = sys.gettrace()
    sys.settrace(trace)
    try:
        yield reached
    finally:
        sys.settrace(old)


def some_life(ranges: bool) -> list[np.ndarray]:
    """Take and give memory so that pieces join before, behind and on both sides.

    Return arrays that live, each full of its own number.
    """
    if ranges:
        buffers._POOL.arena = arena.Arena()
    kept = []
    for k in range(12):
        kept.append(empty((LARGE + 5000 * (k % 3),), "i4"))
        kept[-1].fill(k)
        if k % 4 == 3:
            del kept[-3], kept[-1]
    return kept


def check(arrays: list[np.ndarray]) -> None:
    """See that no two arrays share memory, and that the lists of the pool are in order."""
    spans = sorted((a.ctypes.data, a.ctypes.data + a.nbytes) for a in arrays)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    for found in buffers._POOL.arena.ranges:
        assert all(a < b for a, b in found.gaps)
        assert all(end < start for (_, end), (start, _) in pairwise(found.gaps))
        assert found.used == found.size - sum(b - a for a, b in found.gaps)


@pytest.fixture(autouse=True)
def _own_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    monkeypatch.setattr(buffers, "_POOL", buffers._Pool())
    monkeypatch.setattr(buffers, "PATIENCE", 0.0)


@pytest.mark.parametrize("place", LINES, ids=NAMES)
def test_what_strikes_before_a_line_may_compute(place: tuple[CodeType, int]) -> None:
    others: list[np.ndarray] = []

    def handler() -> None:
        sys.settrace(None)
        others.extend(some_life(False))
        others[-1] = others[-1] + 1
        usage()

    with before(place, handler):
        kept = some_life(True)
    values = [int(a[0]) for a in kept]
    assert all((a == v).all() for a, v in zip(kept, values, strict=True))
    check([*kept, *others])
    others.clear()
    kept.clear()
    assert usage()["used"] == 0
    assert not buffers._POOL.holder


@pytest.mark.parametrize("place", LINES, ids=NAMES)
def test_ctrl_c_before_a_line_loses_nothing(place: tuple[CodeType, int]) -> None:
    def handler() -> None:
        raise KeyboardInterrupt

    kept: list[np.ndarray] = []
    with before(place, handler) as reached:
        try:
            kept = some_life(True)
        except KeyboardInterrupt:
            pass
        else:
            assert not reached
    again = some_life(False)
    check([*kept, *again])
    assert buffers._POOL.take((LARGE,), np.dtype("u1"), LARGE) is not None  # nobody thinks that somebody is in there
    del kept, again
    assert usage()["used"] == 0
    assert all(found.gaps == [(0, found.size)] for found in buffers._POOL.arena.ranges)


def test_a_finalizer_may_compute_while_memory_is_taken() -> None:
    """The garbage collector runs it in the middle of `take`, in the same thread."""
    made: list[np.ndarray] = []

    class Cyclic:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            made.append(empty((LARGE,), "i4"))
            made[-1].fill(7)

    def handler() -> None:
        Cyclic()
        gc.collect()

    for place in places(buffers._Pool.take):
        with before(place, handler):
            check([*some_life(False), *made])
    assert made
    assert all((a == 7).all() for a in made)


def test_who_comes_while_another_thread_is_in_there_does_not_wait() -> None:
    buffers._POOL.holder[0] = "another thread"
    array = empty((LARGE,), "f4")
    array.fill(1)
    assert usage()["used"] == 0
    assert buffers._POOL.take((LARGE,), np.dtype("u1"), LARGE) is None


def test_what_is_to_be_released_while_somebody_is_in_there_is_released_by_the_next_one() -> None:
    array = empty((LARGE,), "f4")
    array.fill(1)
    del array
    buffers._POOL.holder[0] = "a handler has interrupted this"
    release()
    assert usage()["used"] > 0  # nobody has looked yet what came back
    buffers._POOL.holder.clear()
    array = empty((LARGE // 4,), "f4")
    assert usage() == {"used": array.nbytes, "unused": 0, "peak": array.nbytes}


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer here")
@pytest.mark.parametrize("what", ["model.predict(x, verbose=0)", "model.train_on_batch(x, y)"])
def test_a_signal_handler_that_computes(what: str) -> None:
    """While the main thread trains, every 2 ms.

    The training ends, its memory is in order, and prediction has the bits that it has without a handler.
    """
    output = run(
        f"""
        import signal, threading
        import numpy as np, tinyseg
        from tinyseg import Sequential, layers
        from tinyseg_kernels.cpu.memory import buffers
        tinyseg.set_backend("numba"); tinyseg.set_num_threads(2)
        convolution = layers.Conv2D(8, 3, padding="same", activation="relu")
        model = Sequential([
            layers.Input((32, 32, 3)), convolution, layers.MaxPooling2D(2), layers.UpSampling2D(2),
            layers.Conv2D(3, 1, activation="softmax"),
        ])
        model.compile("adam", "sparse_categorical_crossentropy")
        rng = np.random.default_rng(0)
        x, y = rng.random((4, 32, 32, 3), dtype="f4"), rng.integers(0, 3, (4, 32, 32))
        model.fit(x, y, verbose=0); expected = model.predict(x, verbose=0)
        calls, inside = [], [0]
        def handler(*_):
            # One may interrupt another; without end Python would not nest them either.
            if inside[0] < 2 and len(calls) < 20:
                inside[0] += 1
                calls.append({what})
                inside[0] -= 1
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
        while len(calls) < 20:
            found = model.predict(x, verbose=0)
            if {what!r}.startswith("model.predict"):
                assert np.array_equal(found, expected)
            else:
                model.train_on_batch(x, y)
        signal.setitimer(signal.ITIMER_REAL, 0)
        del found, expected; calls.clear(); buffers.release()
        for r in buffers._POOL.arena.ranges:
            assert r.used == r.size - sum(b - a for a, b in r.gaps)
        print(not buffers._POOL.holder)
        """
    )  # fmt: skip
    assert output == "True"


def test_the_team_is_free_after_an_interruption_at_any_line() -> None:
    set_num_threads(2)
    parallel(lambda start, stop: None, 2)
    # The last lines of run_together let the team go without a call, so no signal comes between them.
    for place in [*places(team.run_together)[:-2], *places(team._share)]:

        def handler() -> None:
            raise KeyboardInterrupt

        once: list[Any] = []

        def trace(frame: FrameType, event: str, argument: object, place: Any = place, once: list[Any] = once) -> Any:
            if frame.f_code is place[0] and event == "line" and frame.f_lineno == place[1] and place not in once:
                once.append(place)
                raise KeyboardInterrupt
            return trace

        sys.settrace(trace)
        try:
            parallel(lambda start, stop: None, 2)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        seen: list[int] = []
        team.PACE.reset()
        both = threading.Barrier(2, timeout=30)  # only two threads can pass it

        def kernel(start: int, stop: int, both: Any = both, seen: list[int] = seen) -> None:
            both.wait()
            seen.append(threading.get_ident())

        parallel(kernel, 2)
        assert len(set(seen)) == 2


def test_a_handler_that_computes_while_kernels_are_compiled(tmp_path: Any) -> None:
    """A signal handler that computes, while the same kernels are compiled for the first time."""
    output = run(
        """
        import signal
        import numpy as np
        from tinyseg_kernels.activation.numba_cpu import relu_forward, relu_backward
        x = np.linspace(-1, 1, 1000, dtype="f4")
        calls, inside = [], [0]
        def handler(*_):
            if inside[0] < 2 and len(calls) < 20:  # on a busy machine the timer is faster than a handler
                inside[0] += 1
                y, cache = relu_forward(x)
                calls.append(float(relu_backward(y, cache).sum()))
                inside[0] -= 1
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        while len(calls) < 20:
            y, cache = relu_forward(x)
            assert np.array_equal(y, np.maximum(x, 0))
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(len(set(calls)))
        """,
        TINYSEG_CACHE=str(tmp_path),
    )
    assert output == "1"
