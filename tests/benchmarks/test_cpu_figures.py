"""The arithmetic of the CPU benchmarks: turns, ratios, targets, records. Times are made up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from benchmarks.common.arrays import Work
from benchmarks.common.statistics import Ratio
from benchmarks.cpu.growth import Point, cliffs
from benchmarks.cpu.measuring import Plan, _difference, time_in_turn
from benchmarks.cpu.peers import MALLOC, PEERS, Peer, available, environment
from benchmarks.cpu.process import PeerFailed
from benchmarks.cpu.report import Report, as_json, as_markdown, line, write
from benchmarks.cpu.roofline import Roofline, best
from benchmarks.cpu.rows import TARGETS, Measured, Row, judge, reaches
from tests.utils.processes import run_python

BY_KEY = {peer.key: peer for peer in PEERS}


class Scripted:
    """A peer's process whose steps take scripted times; it keeps what it was asked for."""

    def __init__(self, peer: Peer, seconds: float, log: list[Any]) -> None:
        self.peer, self.seconds, self.log = peer, seconds, log

    def ask(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Return the time."""
        self.log.append((self.peer.key, arguments["calls"], arguments["warm"]))
        return {"seconds": self.seconds}

    def wait_until_idle(self) -> None:
        """Note it."""
        self.log.append("idle")


def test_sides_take_turns_and_the_first_one_changes() -> None:
    log: list[Any] = []
    sides = [
        Scripted(BY_KEY[key], seconds, log) for key, seconds in (("tinyseg", 0.01), ("torch", 0.02), ("keras", 0.5))
    ]
    times = time_in_turn(sides, "both", Plan(rounds=4, sample=0.1, most=100.0))  # type: ignore[arg-type]
    assert times == {"tinyseg": (0.01,) * 4, "torch": (0.02,) * 4, "keras": (0.5,) * 4}
    assert log[1::2] == ["idle"] * (len(log) // 2)  # after each measurement
    asked = log[::2]
    assert asked[:3] == [("tinyseg", 1, 1), ("torch", 1, 1), ("keras", 1, 1)]
    assert asked[3:9] == [
        ("tinyseg", 10, 1),
        ("torch", 5, 1),
        ("keras", 1, 0),
        ("torch", 5, 1),
        ("keras", 1, 0),
        ("tinyseg", 10, 1),
    ]


def test_a_slow_peer_is_measured_less_often() -> None:
    log: list[Any] = []
    sides = [
        Scripted(BY_KEY["tinyseg"], 1.0, log),
        Scripted(BY_KEY["course"], 30.0, log),
        Scripted(BY_KEY["torch"], 30.0, log),
    ]
    times = time_in_turn(sides, "train", Plan(rounds=5, sample=0.1, most=12.0))  # type: ignore[arg-type]
    assert {key: len(found) for key, found in times.items()} == {"tinyseg": 5, "course": 5, "torch": 5}
    asked = [entry[0] for entry in log if entry != "idle"]
    assert {key: asked.count(key) for key in times} == {"tinyseg": 6, "course": 1, "torch": 4}


def side(*seconds: float, ours: tuple[float, ...] = (1.0, 1.0, 1.0), added: int | None = None) -> Measured:
    """Make a measured side."""
    return Measured(seconds or (1.0,) * 3, ours, peak=None if added is None else added + 100, added=added, error=1e-7)


def row(kind: str = "train", name: str = "U-Net base 16", threads: int = 2, **sides: Measured) -> Row:
    """Make a row; names of peers have underscores here."""
    return Row(name, kind, threads, {key.replace("_", "-"): value for key, value in sides.items()})


def test_ratios_and_the_best_peer() -> None:
    found = row(
        tinyseg=side(1.0, 2.0, 4.0),
        torch_cl=side(3.0, 3.0, 3.0, ours=(1.0, 2.0, 1.5)),
        keras=side(9.0, 2.0, 2.0),
        tinyseg_numpy=side(0.1, 0.1, 0.1),
        course=Measured(note="no"),
    )
    assert found.ratio("torch-cl") == Ratio(2.0, 1.5, 3.0)
    assert found.best() == "keras"  # by the median; our own NumPy backend is no peer
    assert found.ours == 2.0
    assert found.ratio("course") is None
    assert found.ratio("torch") is None
    # Both over ours: 3, 1.5, 2 against 0.1.
    assert found.ratio("torch-cl", "tinyseg-numpy") == pytest.approx(Ratio(20.0, 15.0, 30.0))
    assert row(tinyseg=Measured(note="failed"), torch=side()).ratio("torch") is None


def test_targets_of_the_issue() -> None:
    assert [(t.must, t.aim, t.at_most) for t in TARGETS] == [
        (1.2, 1.8, False), (1.5, 2.5, False), (1.2, 2.0, False), (1.0, 1.5, False), (1.0, 0.7, True),
        (0.15, 0.3, False), (10, 30, False),
    ]  # fmt: skip
    memory = next(target for target in TARGETS if target.at_most)
    assert reaches(memory, 0.9, 1.0)
    assert not reaches(memory, 1.1, 1.0)
    assert reaches(TARGETS[0], 1.2, 1.2)


def states(rows: list[Row]) -> list[str]:
    """Return the states of the targets."""
    return [verdict.state for verdict in judge(rows, 2)]


def test_verdicts() -> None:
    good = row(
        tinyseg=side(added=50), torch_cl=side(2.0, 2.0, 2.0, added=100), keras=side(1.3, 1.3, 1.3, added=60),
        course=side(20.0, 20.0, 20.0, added=900),
        tinyseg_numpy=side(8.0, 8.0, 8.0, added=10),
    )  # fmt: skip
    operation = row("both", "relu", tinyseg=side(), torch=side(1.6, 1.6, 1.6), keras=side(0.1, 0.1, 0.1))
    assert states([good, operation]) == ["pass", "pass", "open", "aim", "pass", "pass", "pass"]
    # One row below what it must is a miss, whatever the others do; the other number of threads does not count.
    bad = row(name="worse", tinyseg=side(), torch_cl=side(1.1, 1.1, 1.1))
    verdict = judge([good, bad], 2)[0]
    assert (verdict.state, verdict.worst, verdict.missed) == ("miss", 1.1, ("worse",))
    assert states([good, operation, replace(bad, threads=1)])[0] == "pass"
    unmeasured = row(name="broken", tinyseg=Measured(note="failed"))
    verdict = judge([good, unmeasured], 2)[0]
    assert (verdict.state, verdict.unmeasured) == ("open", ("broken",))
    memory = judge([good, row(name="fat", tinyseg=side(added=70), torch=side(added=60))], 2)[4]
    assert (memory.state, memory.worst) == ("miss", pytest.approx(70 / 60))


def test_results_are_compared(tmp_path: Path) -> None:
    def write_outputs(name: str, outputs: list[np.ndarray], shapes: Any = "same") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for k, output in enumerate(outputs):
            np.save(folder / f"{k}.npy", output)
        (folder / "shapes.json").write_text(json.dumps(shapes))
        return folder

    numbers, loss = np.array([1.0, -4.0], np.float32), np.array([2.0])
    reference = write_outputs("ours", [numbers, loss])
    assert _difference(write_outputs("a", [numbers + np.float32(4e-5), loss * 1.009]), reference) == pytest.approx(
        1e-5, rel=0.1
    )
    for name, outputs in (
        ("b", [numbers * 1.001, loss]),
        ("c", [numbers, loss * 1.02]),
        ("d", [numbers * np.float32(np.nan), loss]),
    ):
        with pytest.raises(PeerFailed, match="the results differ by"):
            _difference(write_outputs(name, outputs), reference)
    with pytest.raises(PeerFailed, match="the shapes differ"):
        _difference(write_outputs("e", [numbers, loss], "other"), reference)
    with pytest.raises(PeerFailed, match="nothing to compare with"):
        _difference(reference, tmp_path / "missing")


def test_environments_do_not_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "7")
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    plain, tuned = environment(BY_KEY["torch"], 3), environment(BY_KEY["torch-malloc"], 3)
    assert plain["OMP_NUM_THREADS"] == plain["OPENBLAS_NUM_THREADS"] == plain["TINYSEG_NUM_THREADS"] == "3"
    assert not set(MALLOC) & set(plain)
    assert {key: tuned[key] for key in MALLOC} == MALLOC
    with pytest.raises(InvalidInput, match="peer"):
        available(["tourch"])


def test_roofline() -> None:
    roofline = best([{"flops": 1e3, "bandwidth": 10.0}, {"flops": 5e2, "bandwidth": 100.0}])
    assert roofline == Roofline(1e3, 100.0)
    assert roofline.share(Work(50, 2000), 4.0) == 0.5
    assert roofline.share(Work(300, 2000), 4.0) == 0.75


def test_cliffs_of_growth() -> None:
    def point(value: int, train: float, added: int = 100) -> Point:
        return Point("tinyseg", "size", value, train, 1e-3 * value**2, added * value**2)

    assert cliffs([point(64, 1.0), point(128, 5.9), point(256, 5.9 * 4)]) == []
    (text,) = cliffs([point(64, 1.0), point(128, 6.1), point(256, 20.0)])
    assert text == "tinyseg, size 64 to 128: train grows 6.1 times, 4 were expected"
    assert "added grows" in cliffs([point(64, 1.0), point(128, 4.0, added=200)])[0]


def test_the_record_and_the_tables(tmp_path: Path) -> None:
    rows = [
        replace(row("both", "relu 2", tinyseg=side(0.002, 0.002, 0.002, ours=(0.002,) * 3),
            torch_cl=side(0.003, 0.004, 0.005, ours=(0.002,) * 3)), bytes=10**8, share=0.5),
        row(tinyseg=side(added=2**20), torch=side(2.0, 2.0, 2.0, added=3 * 2**20),
            keras=Measured(note="Keras: no such thing")),
    ]  # fmt: skip
    report = Report(
        "2030-01-02T03:04:05+00:00",
        "python -m benchmarks.cpu",
        {"numpy": "2"},
        61.0,
        {2: Roofline(5e11, 2e10)},
        rows,
        judge(rows, 2),
        ("A note.",),
    )
    assert line(rows[0]) == (
        "relu 2 [forward + backward, 2 threads]: 2 ms  50 GB/s (50%)  channels_last 2.00 (1.50-2.50)  best "
        "torch 2.00 (1.50-2.50) torch-cl  best 2.00 (1.50-2.50) torch-cl"
    )
    text = as_markdown(report)
    assert "Measured: matrix product 500 GFLOP/s, copy 20.0 GB/s." in text
    assert (
        "| relu 2, forward + backward | 2 | 50 GB/s | 50% | **2.00 (1.50-2.50)** torch-cl | 2.00 (1.50-2.50) | - | "
        "- |  |"
    ) in text
    assert "| training step against the best peer | 1.2 | 1.8 | 2.00 | 2.00 | **aim** |" in text
    assert "| U-Net base 16 | 1 (1) | 3 (3) | - |" in text
    assert "Keras: no such thing" in text
    assert "A note." in text
    paths = write(report, tmp_path / "records")
    assert [path.name for path in paths] == [f"2030-01-02-cpu{end}" for end in (".json", ".md", ".png")]
    content = json.loads(paths[0].read_text())
    assert content == json.loads(as_json(report))
    assert content["rows"][0]["ratios"]["torch-cl"] == {"median": 2.0, "low": 1.5, "high": 2.5}
    assert content["rows"][1]["best peer"] == "torch"
    assert content["verdicts"][0]["state"] == "aim"
    assert paths[2].read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the system does not forget a peak")
def test_what_was_needed_before_a_case_is_not_its_peak() -> None:
    program = """
        import numpy as np
        from benchmarks.cpu.memory import forget_peak, peak_bytes
        np.ones(1 << 26, np.uint8).sum()
        before = peak_bytes()
        forget_peak()
        print(before - peak_bytes())
    """
    done = run_python(program)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1 << 25
