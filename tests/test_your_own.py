"""The programs of docs/your-own.md do what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PAGE = Path(__file__).parents[1] / "docs" / "your-own.md"


def test_the_programs_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    programs = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(programs) == 9
    for program in programs:
        exec(program, names)
    assert capsys.readouterr().out == "True\n"
    assert names["history"].history["loss"][1] < names["history"].history["loss"][0]
    assert names["model"].losses[0].power == 3
    names["model"].compile("sgd", "mse", metrics=[names["Largest"]()])
    largest = names["model"].evaluate(names["images"], np.eye(2)[names["masks"]], return_dict=True)["largest"]
    assert largest == names["model"].predict(names["images"]).max()
