"""The arithmetic of the GPU benchmarks: ratios, roofline, requirements, records. Times are made up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.common.arrays import Work, classes, from_torch, numbers
from benchmarks.common.statistics import Ratio
from benchmarks.gpu import suite
from benchmarks.gpu.case import Case, largest_error, rotation
from benchmarks.gpu.clock import HostClock, Timing, ratio, time_in_turn
from benchmarks.gpu.report import Report, as_json, as_markdown, rate_text, write
from benchmarks.gpu.roofline import Roofline
from benchmarks.gpu.rows import REQUIREMENTS, Row, judge, passes, state_of

MEMORY = next(r for r in REQUIREMENTS if r.group == "memory-bound")


class ScriptedClock(HostClock):
    """A clock on which each function takes the time that it returns; it keeps who was called."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def seconds(self, functions: Any, calls: int) -> float:
        """Add up what the functions return."""
        self.calls.append((functions[0], calls))
        return float(sum(functions[k % len(functions)]() for k in range(calls)))


def test_sides_take_turns_and_the_first_one_changes() -> None:
    clock = ScriptedClock()
    ours, peer = [lambda: 1.0, lambda: 3.0], [lambda: 4.0]
    timing = time_in_turn(clock, ours, peer, rounds=4, sample=8.0, most_calls=100, warm_up=3)
    assert timing == Timing((2.0,) * 4, (4.0,) * 4)
    measured = [(0 if first is ours[0] else 1, calls) for first, calls in clock.calls][4:]
    assert measured == [(0, 4), (1, 2), (1, 2), (0, 4), (0, 4), (1, 2), (1, 2), (0, 4)]
    assert clock.calls[0] == (ours[0], 6)  # warm-up: three rotations
    assert ratio(timing) == Ratio(2.0, 2.0, 2.0)


def test_a_slow_call_is_made_once_and_a_quick_one_not_too_often() -> None:
    clock = ScriptedClock()
    time_in_turn(clock, [lambda: 9.0], None, rounds=1, sample=1.0)
    time_in_turn(clock, [lambda: 1e-9], None, rounds=1, sample=1.0, most_calls=50)
    assert [calls for _, calls in clock.calls][2::3] == [1, 50]


def test_the_ratio_is_that_of_each_round() -> None:
    timing = Timing((1.0, 2.0, 4.0), (3.0, 4.0, 4.0))
    assert ratio(timing) == Ratio(2.0, 1.0, 3.0)
    assert ratio(Timing((1.0,), ())) is None


def test_the_host_clock_measures_calls_in_rotation() -> None:
    called: list[int] = []
    assert HostClock().seconds([lambda: called.append(0), lambda: called.append(1)], 5) > 0
    assert called == [0, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("work", "seconds", "precision", "share"),
    [
        (Work(50), 1.0, "float32", 0.5),  # bound by memory
        (Work(50, 2000), 4.0, "float32", 0.5),  # bound by arithmetic: 2 s at least
        (Work(300, 2000), 4.0, "float32", 0.75),  # 3 s of memory against 2 s
        (Work(50, 2000), 1.0, "tf32", None),  # that rate was not measured
        (Work(50), 1.0, "tf32", 0.5),
    ],
)
def test_roofline(work: Work, seconds: float, precision: str, share: float | None) -> None:
    assert Roofline(100.0, {"float32": 1000.0, "tf32": None}).share(work, seconds, precision) == share


def test_copies_of_the_inputs_outgrow_the_cache() -> None:
    inputs = [np.zeros(1000, np.float32), np.zeros(500, np.float32)]  # 6000 bytes
    assert rotation(inputs, 0) == 1
    for cache in (1, 6000, 13_000, 50_000):
        copies = rotation(inputs, cache, most=1000)
        assert (copies - 1) * 6000 >= 3 * cache  # what was read since its last turn
    assert rotation(inputs, 10**9, most=16) == 16


def row(ratio_: float | None = None, share: float | None = None, group: str = "memory-bound", name: str = "row") -> Row:
    """Make a measured row."""
    found = None if ratio_ is None else Ratio(ratio_, ratio_ * 0.9, ratio_ * 1.1)
    return Row(
        name,
        group,
        ours=0.002,
        ours_low=0.001,
        ours_high=0.003,
        peer=None if ratio_ is None else 0.002 * ratio_,
        ratio=found,
        share=share,
        rate=3e11,
        unit="B/s",
        error=1e-7,
    )


@pytest.mark.parametrize(
    ("ratio_", "share", "state"),
    [
        (1.0, 0.70, "pass"),
        (1.29, 0.9, "pass"),
        (1.4, 0.84, "pass"),
        (1.3, 0.85, "aim"),
        (0.99, 0.9, "miss"),
        (2.0, 0.69, "miss"),
        (None, 0.9, "open"),
        (None, 0.5, "miss"),  # the share alone is too small
        (2.0, None, "open"),
        (0.5, None, "miss"),
        (None, None, "open"),
    ],
)
def test_a_row_is_judged_by_ratio_and_share(ratio_: float | None, share: float | None, state: str) -> None:
    assert state_of(row(ratio_, share)) == state
    assert passes(row(ratio_, share), MEMORY) is {"pass": True, "aim": True, "miss": False, "open": None}[state]


def test_a_group_is_as_good_as_its_worst_row() -> None:
    rows = [row(1.5, 0.9), row(1.1, 0.8, name="slow"), row(9.9, group="something else")]
    verdicts = {verdict.requirement.group: verdict for verdict in judge(rows)}
    assert len(verdicts) == len(REQUIREMENTS) == 5
    assert (verdicts["memory-bound"].state, verdicts["memory-bound"].worst, verdicts["memory-bound"].middle) == (
        "pass",
        1.1,
        1.3,
    )
    assert verdicts["U-Net"].state == "open"
    worse = {v.requirement.group: v for v in judge([*rows, row(0.2, 0.9, name="too slow"), row(name="broken")])}[
        "memory-bound"
    ]
    assert (worse.state, worse.missing, worse.unmeasured) == ("miss", ("too slow",), ("broken",))
    half = {v.requirement.group: v for v in judge([*rows, row(name="broken")])}["memory-bound"]
    assert half.state == "open"
    assert {v.requirement.group: v for v in judge([row(1.4, 0.9)])}["memory-bound"].state == "aim"


def test_what_the_issue_asks_for() -> None:
    assert [(r.group, r.must, r.aim) for r in REQUIREMENTS] == [
        ("memory-bound", 1.0, 1.3), ("conv2d 3x3", 0.7, 1.2), ("U-Net", 0.7, 1.0), ("U-Net against the CPU", 30, 100),
        ("gemm against cuBLAS", 0.7, 0.9),
    ]  # fmt: skip
    assert (MEMORY.must_share, MEMORY.aim_share) == (0.70, 0.85)


def report(rows: list[Row]) -> Report:
    """Make the report of a run."""
    outcome = suite.Outcome("python -m pytest", 12.0, {"passed": 3, "failed": 1}, ("tests/a.py::b",), True)
    chip = Roofline(2e12, {"float32": 5e13, "tf32": None})
    return Report(
        "2030-01-02T03:04:05+00:00",
        "NVIDIA Made-Up 9000",
        "python -m benchmarks.gpu",
        {"numpy": "2"},
        61.0,
        outcome,
        chip,
        rows,
        judge(rows),
        ("A note.",),
    )


def test_the_record_holds_every_figure_and_the_files_are_named_by_day_and_device(tmp_path: Path) -> None:
    rows = [row(1.5, 0.9), Row("failed", "gemm against cuBLAS", note="TypeError: no"), row(None, 0.5, group="other")]
    paths = write(report(rows), tmp_path / "records")
    assert [path.name for path in paths] == [f"2030-01-02-nvidia-made-up-9000{end}" for end in (".json", ".md", ".png")]
    content = json.loads(paths[0].read_text(encoding="utf-8"))
    assert content["rows"][0]["ratio"] == {"median": 1.5, "low": 1.35, "high": pytest.approx(1.65)}
    assert content["rows"][1]["note"] == "TypeError: no"
    assert content["tests"]["counts"] == {"passed": 3, "failed": 1}
    assert content["roofline"] == {"bandwidth": 2e12, "rates": {"float32": 5e13, "tf32": None}}
    assert content["verdicts"][0]["state"] == "aim"
    assert content["device"] == "NVIDIA Made-Up 9000"
    assert paths[2].read_bytes().startswith(b"\x89PNG")
    assert json.loads(as_json(report(rows))) == content


def test_the_table() -> None:
    text = as_markdown(
        report(
            [row(1.5, 0.9), row(0.5, 0.9, name="slow one"), replace(row(group="other"), note="out of device memory")]
        )
    )
    assert "Tests: 3 passed, 1 failed in 12 s." in text
    assert "- failed: tests/a.py::b" in text
    assert "copy 2000 GB/s; cuBLAS float32 50.0 TFLOP/s." in text
    assert (
        "| memory-bound: slow one | float32 | 2.000 | 1.000 | 0.50 (0.45 to 0.55) | 300 GB/s | 90% | 1e-07 | miss |"
        in text
    )
    assert "| memory-bound operations | 1, 70% | 1.3, 85% | 0.50 | 1.00 | **miss**: 1 rows below |" in text
    assert "| U-Net training step, float32 | 0.7 | 1 | - | - | **open** |" in text
    assert "| other: row | float32 | 2.000 | - | - | 300 GB/s | - | 1e-07 | out of device memory |" in text
    assert rate_text(replace(row(), rate=1.5e13, unit="flop/s")) == "15.00 TFLOP/s"


def test_the_error_is_that_of_the_worst_output() -> None:
    case = Case("c", "g", list, lambda: lambda: (), None, Work(0))
    good, bad = np.array([1.0, -4.0]), np.array([2.0, 2.5])
    assert largest_error(case, [good, bad], [good, np.array([2.0, 2.0])]) == 0.25
    assert largest_error(case, [np.zeros(3)], [np.zeros(3)]) == 0
    assert np.isnan(largest_error(case, [np.array([np.nan])], [np.ones(1)]))
    with pytest.raises(ValueError, match="shapes"):
        largest_error(case, [np.ones(2)], [np.ones((2, 1))])


def test_layouts_return_to_ours() -> None:
    class Tensor:
        def __init__(self, array: np.ndarray) -> None:
            self.array = array

        def detach(self) -> Tensor:
            return self

        def cpu(self) -> Tensor:
            return self

        def numpy(self) -> np.ndarray:
            return self.array

    assert from_torch(Tensor(np.zeros((1, 2, 3, 4))), "image").shape == (1, 3, 4, 2)
    assert from_torch(Tensor(np.zeros((1, 2, 3, 4))), "kernel").shape == (
        3,
        4,
        2,
        1,
    )  # (F, C, KH, KW) to (KH, KW, C, F)
    assert from_torch(Tensor(np.zeros((1, 2))), "transposed").shape == (2, 1)
    assert from_torch(Tensor(np.zeros((1, 2))), "plain").shape == (1, 2)


def test_numbers_are_random_and_repeat_only_in_large_arrays() -> None:
    a, b = numbers(40, 50), numbers(40, 50, seed=1)
    assert (a.shape, a.dtype) == ((40, 50), np.float32)
    assert len(np.unique(a)) > 1990
    assert not np.array_equal(a, b)
    large = numbers(3, 700_000)
    np.testing.assert_array_equal(large.reshape(-1)[: 2_100_000 - 1_000_003], large.reshape(-1)[1_000_003:])
    ids = classes(30, 30, count=5)
    assert set(np.unique(ids)) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("text", "counts", "failed"),
    [
        ("....\n12 passed in 3.41s\n", {"passed": 12}, ()),
        ("F.\nFAILED tests/a.py::test_b[x] - assert 1 == 2\n1 failed, 11 passed, 2 skipped in 3.41s\n",
         {"failed": 1, "passed": 11, "skipped": 2}, ("tests/a.py::test_b[x]",)),
        ("ERROR tests/c.py - ImportError\n1 error in 0.2s\n", {"error": 1}, ("tests/c.py",)),
        ("comparisons: 12 passed\n==== 5 passed in 83.12s (0:01:23) ====\n", {"passed": 5}, ()),
    ],
)  # fmt: skip
def test_reading_the_tests_output(text: str, counts: dict[str, int], failed: tuple[str, ...]) -> None:
    outcome = suite.read(text, "pytest", 3.0, True)
    assert outcome.counts == counts
    assert outcome.failed == failed


def test_a_suite_that_dies_is_a_failure() -> None:
    assert suite.read("Fatal Python error: Aborted\n", "pytest", 1.0, True).failed
    assert not suite.read("....", "pytest", 1.0, False).finished


def test_the_suite_runs_in_a_process_of_its_own_and_ends_at_its_limit(tmp_path: Path) -> None:
    (tmp_path / "test_made_up.py").write_text(
        "def test_right():\n    assert True\n\ndef test_wrong():\n    assert False\n"
    )
    outcome = suite.run(120, [str(tmp_path)], processes=1)
    assert outcome.counts == {"passed": 1, "failed": 1}
    assert len(outcome.failed) == 1
    assert outcome.finished
    (tmp_path / "test_made_up.py").write_text("import time\n\ndef test_slow():\n    time.sleep(60)\n")
    outcome = suite.run(3, [str(tmp_path)], processes=1)
    assert not outcome.finished
    assert outcome.seconds < 30
