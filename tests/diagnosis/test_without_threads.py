"""The diagnosis where no thread can be started, as in a browser tab: the same finding, without a time limit."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from tinyseg.diagnosis import calling, diagnose
from tinyseg.exercises import check


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    monkeypatch.setattr(calling, "HAS_THREADS", False)


def forward(x: Any) -> Any:
    return np.maximum(x, 0), x


def backward(dy: Any, x: Any) -> Any:
    return dy * (x > 0)


def wrong(dy: Any, x: Any) -> Any:
    return dy * (x != 0)


def test_right_passes_and_wrong_is_named() -> None:
    assert diagnose("relu", forward, backward).passed
    assert diagnose("relu", forward, wrong).cause == "mask-of-nonzero"


def test_what_is_raised_is_a_finding() -> None:
    def failing(dy: Any, x: Any) -> Any:
        raise SystemExit(3)

    assert diagnose("relu", forward, failing).cause == "exception"


def test_a_notebook_is_told_that_nothing_stops_a_call() -> None:
    for function in (backward, wrong):
        assert "time of a call is not limited in a browser tab" in str(check("relu", forward, function))


def test_with_threads_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert "not limited" not in str(check("relu", forward, backward))
