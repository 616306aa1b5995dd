"""docs/exercises.md says what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.command import tinyseg
from tests.test_sizes import ROOT

from .learner import new_room, write

PAGE = (ROOT / "docs" / "exercises.md").read_text("utf-8")


def test_the_transcript_is_a_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("TINYSEG_LANGUAGE", raising=False)
    room = new_room(tmp_path / "exercises")
    monkeypatch.chdir(room.root)
    first, second = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[:2]
    second = first[: first.index("def relu_backward")] + second
    said = re.findall(r"```\n\$ tinyseg exercises check relu\n(.*?)```", PAGE, re.DOTALL)
    assert len(said) == 3
    for source, text in zip((first, second, second.replace(">=", ">")), said, strict=True):
        write(room, source)
        found = tinyseg("exercises", "check", "relu").out
        assert found == text or (found.startswith(f"{text}\n") and "passed" in text)


def test_the_commands_and_options_exist() -> None:
    commands = set(re.findall(r"tinyseg exercises ([a-z]+)", PAGE))
    assert commands == {*("init", "list", "check", "watch", "hint", "reset", "solution"), *("bench", "use", "explain")}
    for command in commands:
        assert tinyseg("exercises", command, "--help").code == 0
    options = set(re.findall(r"--[a-z]+", PAGE))
    helped = "".join(tinyseg("exercises", command, "--help").out for command in ("check", "list", "explain"))
    assert options <= set(re.findall(r"--[a-z]+", helped))
