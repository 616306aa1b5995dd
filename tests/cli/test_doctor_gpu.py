"""What `tinyseg doctor` prints of what is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.doctor.test_gpu import HEALTHY_13
from tinyseg.doctor import report

from .command import succeeds


def test_the_doctor_prints_problems_with_reasons_and_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = replace(HEALTHY_13, driver_cuda=(12, 4))
    monkeypatch.setattr(report, "machine_with_trials", lambda: machine)
    out = succeeds("doctor")
    assert "Tesla T4" in out
    assert "Problem: cupy-cuda13x is built for CUDA 13" in out
    assert 'mend: pip uninstall -y cupy-cuda13x && pip install --upgrade "tinyseg[cuda12]"' in out


def test_the_doctor_shows_the_rung_of_every_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    lines = succeeds("doctor").splitlines()
    (conv2d,) = [line.split() for line in lines if line.split()[:1] == ["conv2d"]]
    assert "naive" in conv2d
    assert "numpy_cpu" in conv2d
    assert any("g++" in line or "clang" in line or "ziglang" in line for line in lines)
