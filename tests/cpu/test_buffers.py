"""Memory that is used again: never while somebody still sees it, never more of it from step to step."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from tinyseg_kernels.cpu.memory import buffers
from tinyseg_kernels.cpu.memory.buffers import ALIGNMENT, empty, poison, release, usage, zeros

LARGE = 1 << 16


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int64"])
@pytest.mark.parametrize("shape", [(LARGE,), (3, 5, 7), (300, 401, 3), (0,), (4, 0, 2), (1,)])
def test_shape_dtype_and_alignment(shape: tuple[int, ...], dtype: str) -> None:
    array = empty(shape, dtype)
    assert array.shape == shape
    assert array.dtype == dtype
    assert array.flags.c_contiguous
    assert array.flags.writeable
    if array.nbytes >= buffers.SMALLEST:
        assert array.ctypes.data % ALIGNMENT == 0
    array[...] = 7
    assert (array == 7).all()
    assert not zeros(shape, dtype).any()


def test_memory_is_used_again() -> None:
    release()
    first = empty((LARGE,), "f4")
    place = first.ctypes.data
    del first
    again = empty((LARGE // 2, 2), "f4")
    assert again.ctypes.data == place


@pytest.mark.parametrize(
    "view", [lambda a: a[10:20], lambda a: a[::7].reshape(2, -1)[1], lambda a: a.view("i4").T, memoryview]
)
def test_a_view_keeps_the_memory(view: object) -> None:
    release()
    array = empty((7 * 9362 + 2,), "f4")
    array.fill(1)
    kept = view(array[: 7 * 9362])  # type: ignore[operator]
    before = np.array(kept).copy()
    del array
    others = [empty((7 * 9362 + 2,), "f4") for _ in range(3)]
    for other in others:
        other.fill(2)
    np.testing.assert_array_equal(np.array(kept), before)
    used = usage()["used"]
    del kept
    assert usage()["used"] < used


def test_little_more_is_touched_than_was_in_use_at_once() -> None:
    release()
    for count in range(20, 60):  # each size once: a store of arrays by size would keep all of them
        del_me = empty((count * LARGE,), "f4")
        del del_me
    state = usage()
    assert state["used"] + state["unused"] <= state["peak"] + (1 << 20)
    release()
    assert usage()["unused"] == 0


def test_memory_given_back_by_another_thread() -> None:
    release()
    before = usage()["used"]
    arrays = [empty((LARGE,), "f4") for _ in range(8)]
    assert usage()["used"] > before
    thread = threading.Thread(target=arrays.clear)
    thread.start()
    thread.join()
    assert usage()["used"] == before


def test_several_threads_never_share_memory() -> None:
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(200):
            array = empty((LARGE,), "i4")
            array.fill(number)
            if not (array == number).all():
                wrong.append(number)

    team = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("shape", [(LARGE,), (5, 5), ()])
def test_poisoned_memory_is_nan(shape: tuple[int, ...]) -> None:
    poison(True)
    if shape:
        assert np.isnan(empty(shape, "f4")).all()
        assert np.isnan(empty(shape, "f8")).all()
    assert not zeros(shape, "f4").any()
