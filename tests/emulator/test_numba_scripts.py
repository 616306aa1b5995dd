"""Scripts with Numba kernels, run as they stand."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("greenlet", reason="NOT TESTED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')")
pytest.importorskip("numba_cuda", reason="NOT TESTED: numba-cuda is not installed")

from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.records import Failure, Race
from tinyseg_emulator.simulator.host_random import create_states, random_module
from tinyseg_emulator.simulator.script import Limits, check_script
from tinyseg_emulator.simulator.simulate import cuda

from tests.emulator import numba_scripts as scripts


def run(folder: Path, text: str, arguments: list[str], limits: Limits | None = None) -> tuple[Findings, str]:
    path = folder / "script.py"
    path.write_text(text, "utf-8")
    output = io.BytesIO()
    findings = check_script(path, arguments, limits=limits, output=output)
    return findings, output.getvalue().decode()


@pytest.mark.parametrize("name", scripts.RIGHT)
def test_a_right_script_runs_unchanged_and_nothing_is_found(tmp_path: Path, name: str) -> None:
    text, arguments, expected = scripts.RIGHT[name]
    findings, output = run(tmp_path, text, arguments)
    assert expected in output, output
    assert not len(findings), str(findings)
    assert findings.traffic or name == "says"


def test_random_numbers_are_those_of_numba(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    findings, _ = run(tmp_path, scripts.MONTE_CARLO, [])
    assert not len(findings), str(findings)
    got = np.load(tmp_path / "random.npy")
    module = random_module(cuda)  # the generator written anew from its paper
    states = create_states(64, 1)
    for thread in range(64):
        inside = 0
        for _ in range(10):
            x, y = (module.xoroshiro128p_uniform_float32(states, thread) for _ in range(2))
            inside += float(x) ** 2 + float(y) ** 2 <= 1
        assert got[thread] == np.float32(4 * inside / 10)
        np.testing.assert_allclose(got[64 + thread], module.xoroshiro128p_normal_float64(states, thread), rtol=1e-6)


def test_a_missing_barrier_is_told_with_the_line_of_the_script(tmp_path: Path) -> None:
    findings, _ = run(tmp_path, scripts.RACE, [])
    races = findings.of(Race)
    assert races
    assert {race.array for race in races} == {"sA", "sB"}
    assert all("script.py:" in access.place for race in races for access in race.accesses)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no clock of a process that interrupts it")
def test_an_endless_kernel_is_a_finding_with_its_place(tmp_path: Path) -> None:
    findings, _ = run(tmp_path, scripts.ENDLESS, [], Limits(seconds=2))
    (failure,) = findings.of(Failure)
    assert "may never end" in failure.what
    assert failure.place is not None
    assert "script.py:" in failure.place


def test_what_numba_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    findings, _ = run(tmp_path, scripts.REFUSED, [])
    (failure,) = findings.of(Failure)
    assert "Unknown attribute 'sort_of'" in failure.what
    line = 1 + scripts.REFUSED.splitlines().index("        c[tid] = a.sort_of(b)")
    assert failure.place is not None
    assert failure.place.endswith(f"script.py:{line}")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without a signal")
def test_a_crash_and_an_endless_output_are_findings(tmp_path: Path) -> None:
    findings, _ = run(tmp_path, scripts.CRASHES, [])
    assert "was ended by signal 11" in str(findings)
    findings, output = run(tmp_path, scripts.CHATTERS, [], Limits(output=50_000))
    assert "printed more than 50000 bytes" in str(findings)
    assert len(output) == 50_000
