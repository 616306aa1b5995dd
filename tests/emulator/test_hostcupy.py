"""The stand-in for CuPy: the same rules, so that host code that runs with it makes no mistake with CuPy."""

from __future__ import annotations

import gc
import operator
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.host import hostcupy
from tinyseg_emulator.host.guarded import ALIGNMENT
from tinyseg_emulator.host.hostcupy import MEMORY, TRANSFERS, OutOfMemoryError, limited_memory, memory_of


@pytest.fixture
def pair(rng: np.random.Generator) -> tuple[Any, Any]:
    """Two device arrays."""
    return hostcupy.asarray(rng.standard_normal((3, 4))), hostcupy.asarray(rng.standard_normal((3, 4)))


def test_an_array_never_becomes_numpys_by_itself(pair: tuple[Any, Any]) -> None:
    for convert in (np.asarray, np.array, np.ascontiguousarray):
        with pytest.raises(TypeError, match=r"Implicit conversion to a NumPy array is not allowed.*get\(\)"):
            convert(pair[0])
    host = pair[0].get()
    assert isinstance(host, np.ndarray)
    host[...] = 0
    assert float(abs(pair[0]).max()) > 0  # a copy, not a view of the device's memory


@pytest.mark.parametrize("apply", [operator.add, operator.mul, operator.sub, operator.truediv, operator.lt, np.maximum])
def test_an_array_never_meets_numpys(pair: tuple[Any, Any], apply: Any) -> None:
    device, host = pair[0], pair[1].get()
    for args in ((device, host), (host, device)):
        with pytest.raises(TypeError):
            apply(*args)


@pytest.mark.parametrize(
    "apply",
    [operator.add, operator.sub, operator.mul, operator.truediv, operator.lt, operator.eq, np.maximum, np.arctan2],
)
def test_arithmetic_is_numpys(pair: tuple[Any, Any], apply: Any) -> None:
    a, b = pair
    for x, y in ((a, b), (a, 2.0), (2.0, b), (np.float64(3), b)):
        result = apply(x, y)
        assert isinstance(result, hostcupy.ndarray)
        there = [v.get() if isinstance(v, hostcupy.ndarray) else v for v in (x, y)]
        np.testing.assert_array_equal(result.get(), apply(*there))


@pytest.mark.parametrize(
    "place", [np.array([2, 0]), (slice(None), np.array([3, 3])), np.arange(12).reshape(3, 4) % 2 == 0]
)
def test_numpys_arrays_may_say_which_part_is_meant(pair: tuple[Any, Any], place: Any) -> None:
    """CuPy copies such an index to the device."""
    host, before = pair[0].get(), TRANSFERS.to_device
    np.testing.assert_array_equal(pair[0][place].get(), host[place])
    assert TRANSFERS.to_device == before + 1
    pair[0][place] = 7.0
    host[place] = 7.0
    np.testing.assert_array_equal(pair[0].get(), host)


def test_in_place_operations_change_the_array_and_its_views(pair: tuple[Any, Any]) -> None:
    a, before = pair[0], pair[0].get()
    row = a[1]
    a *= 2.0
    a[0] = pair[1][2]
    np.testing.assert_array_equal(row.get(), before[1] * 2)
    np.testing.assert_array_equal(a[0].get(), pair[1].get()[2])
    a.reshape(-1)[-1] = 7.0
    assert a[2, 3].item() == 7.0


def test_a_reduction_stays_on_the_device(pair: tuple[Any, Any]) -> None:
    TRANSFERS.reset()
    total = pair[0].sum()
    assert isinstance(total, hostcupy.ndarray)
    assert total.shape == ()
    assert TRANSFERS.to_host == 0
    assert float(total) == pair[0].get().sum()
    assert (TRANSFERS.to_host, TRANSFERS.to_host_bytes) == (2, 8 + 12 * 8)


def test_a_new_array_is_full_of_nan_and_ends_at_a_guard_page() -> None:
    new = hostcupy.empty((3, 5), np.float32)
    assert np.isnan(new.get()).all()
    assert (hostcupy.empty(4, np.int32).get() == -1).all()
    memory = memory_of(new)
    assert memory.ctypes.data % ALIGNMENT == 0
    assert (memory.ctypes.data + memory.nbytes + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT % 4096 == 0
    assert hostcupy.empty((0, 3), np.float32).shape == (0, 3)


def test_memory_is_counted_given_back_and_limited(rng: np.random.Generator) -> None:
    gc.collect()
    before = MEMORY.used
    x = hostcupy.asarray(rng.standard_normal(1000))
    view = x[10:]
    assert MEMORY.used - before == 8000
    with limited_memory(before + 10_000):
        with pytest.raises(
            OutOfMemoryError, match=r"Out of memory allocating 8,000 bytes \(allocated so far: .*limit set to"
        ):
            hostcupy.empty_like(x)
        hostcupy.zeros(200)
    del x
    gc.collect()
    assert MEMORY.used - before == 8000  # the view keeps it
    del view
    gc.collect()
    assert MEMORY.used == before


def test_a_name_that_cupy_may_not_have_is_refused() -> None:
    with pytest.raises(AttributeError, match="stand-in for cupy has no 'apply_along_axis'"):
        hostcupy.apply_along_axis  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'byteswap'"):
        hostcupy.zeros(3).byteswap  # noqa: B018
    with pytest.raises(TypeError):
        np.apply_along_axis(np.sum, 0, hostcupy.zeros(3))


@pytest.mark.skipif(
    find_spec("cupy") is None, reason="CuPy is not installed: the stand-in's names were not compared with it"
)
def test_what_the_stand_in_has_cupy_has_too() -> None:
    import cupy

    missing = [
        name for name in (*hostcupy.FUNCTIONS, "empty", "zeros", "asarray", "asnumpy") if not hasattr(cupy, name)
    ]
    methods = (*hostcupy.METHODS, *hostcupy.PROPERTIES, "get", "item", "set", "fill", "tolist")
    missing += [name for name in methods if not hasattr(cupy.ndarray, name)]
    missing += [name for name in ("Stream", "Event", "Device", "get_current_stream") if not hasattr(cupy.cuda, name)]
    assert missing == []
