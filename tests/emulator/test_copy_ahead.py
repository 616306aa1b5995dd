"""Copies on a second stream.

The emulated one makes them as late as CUDA allows, so that a missing wait shows every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.host import hostcupy
from tinyseg_emulator.host.streams import Event, Stream, get_current_stream
from tinyseg_kernels.backend import backend
from tinyseg_kernels.copy_ahead import copy_ahead
from tinyseg_kernels.device import to_device
from tinyseg_kernels.types import Array


@pytest.fixture(autouse=True)
def _emulated() -> Iterator[None]:
    with backend("cupy", emulate=True):
        yield


def test_every_batch_arrives_and_only_once(rng: np.random.Generator) -> None:
    batches = [(rng.standard_normal((4, 3)), rng.integers(0, 9, 4)) for _ in range(5)]
    batches.append((rng.standard_normal((2, 3)), rng.integers(0, 9, 2)))  # the last one is smaller
    hostcupy.TRANSFERS.reset()
    seen = 0
    for x, y in copy_ahead(iter(batches), list):
        there = to_device(x), to_device(y), to_device(x)
        assert there[0] is there[2]
        np.testing.assert_array_equal(there[0].get(), batches[seen][0])
        np.testing.assert_array_equal(there[1].get(), batches[seen][1])
        seen += 1
    assert seen == len(batches)
    assert hostcupy.TRANSFERS.to_device == 2 * len(batches)


def test_the_next_batch_is_asked_for_before_this_one_is_worked_on() -> None:
    asked = []

    def source() -> Iterator[Array]:
        for k in range(3):
            asked.append(k)
            yield np.full(2, float(k))

    progress = [list(asked) for _ in copy_ahead(source(), lambda batch: [batch])]
    assert progress == [[0, 1], [0, 1, 2], [0, 1, 2]]


def test_who_stops_early_leaves_no_copy_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The buffers go back to the pools then, and a copy still to come would write over what is in them next."""
    made: list[Stream] = []

    class Noted(Stream):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(hostcupy.cuda, "Stream", Noted)
    batches = copy_ahead([np.full(2, float(k)) for k in range(4)], list_of)
    next(batches)
    assert made[0].done < made[0].asked
    batches.close()  # type: ignore[attr-defined]
    assert made[0].done == made[0].asked


def test_a_copy_in_a_stream_is_made_no_earlier_than_somebody_waits(rng: np.random.Generator) -> None:
    source, there, stream, event = rng.standard_normal(3), hostcupy.empty(3), Stream(non_blocking=True), Event()
    there.set(source, stream=stream)
    event.record(stream)
    assert np.isnan(there.get()).all()
    assert not event.done
    source[1] = 5.0  # too early: the copy will see it
    get_current_stream().wait_event(event)
    assert event.done
    np.testing.assert_array_equal(there.get(), source)


@pytest.mark.parametrize("forgotten", ["wait for the copy", "wait for the last copy from the buffer"])
def test_a_missing_wait_gives_wrong_numbers(monkeypatch: pytest.MonkeyPatch, forgotten: str) -> None:
    if forgotten == "wait for the copy":
        monkeypatch.setattr(Stream, "wait_event", lambda self, event: None)
    else:
        monkeypatch.setattr(Event, "synchronize", lambda self: None)
    arrived: list[Any] = [
        to_device(batch).get() for batch in copy_ahead([np.full(2, float(k)) for k in range(4)], list_of)
    ]
    assert not all(np.array_equal(there, np.full(2, float(k))) for k, there in enumerate(arrived))


def list_of(array: Array) -> list[Array]:
    """Return a batch of one array."""
    return [array]
