"""The report in docs/emulator.md is what the command prints for the file beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.command import tinyseg

PAGE = Path(__file__).parents[2] / "docs" / "emulator.md"


def test_the_report_is_what_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text(encoding="utf-8")
    source, *_ = re.findall(r"```cuda\n(.*?)```", text, re.DOTALL)
    (report,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("sums.cu").write_text(source, encoding="utf-8")
    outcome = tinyseg("racecheck", "sums.cu")
    assert outcome.code == 1
    assert outcome.out == report

    # The page says how to mend both.
    Path("sums.cu").write_text(source.replace("thread == 1", "thread == 0").replace("tile[32][32]", "tile[32][33]"))
    outcome = tinyseg("racecheck", "sums.cu")
    assert outcome.code == 0
    assert "ways" not in outcome.out
