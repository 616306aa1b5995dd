"""The size of a run, known before anything is built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tinyseg
from tinyseg.runs import Settings, build_model
from tinyseg.runs.size import memory_limit, parameters, refuse_what_does_not_fit, step_bytes

from .tiny import SETTINGS, run

NETWORKS: list[dict[str, Any]] = [
    {"width": 3, "depth": 1},
    {"width": (2, 7, 3), "depth": 2},
    {"width": 5, "depth": 3, "dropout": 0.2},
    {"width": 4, "depth": 2, "decoder": "light"},
    {"width": (20, 3, 40), "depth": 2, "decoder": "light"},
    {"width": 3, "depth": 2, "model": "fcn"},
]


@pytest.mark.parametrize("options", NETWORKS, ids=str)
@pytest.mark.parametrize(("channels", "classes"), [(1, 2), (3, 11)])
def test_the_parameters_are_those_of_the_network(options: dict[str, Any], channels: int, classes: int) -> None:
    settings = Settings(**options)
    assert parameters(settings, channels, classes) == build_model(settings, channels, classes).count_params()


def test_what_no_memory_holds_is_refused_with_numbers_and_a_cure() -> None:
    deep, wide = Settings(depth=9), Settings(batch_size=1000)
    with pytest.raises(
        tinyseg.InvalidInput, match=r"1,991,095,\d+ parameters.*about 3\d\.\d GiB.*has 8\.0 GiB.*smaller --depth or"
    ):
        refuse_what_does_not_fit(deep, 1, 2, 8, (256, 256), limit=8 << 30)
    with pytest.raises(tinyseg.InvalidInput, match=r"1000 images of 250 x 256.*--batch-size, --crop or --width"):
        refuse_what_does_not_fit(wide, 1, 2, 1000, (250, 256), limit=8 << 30)
    said: list[str] = []
    refuse_what_does_not_fit(Settings(), 1, 2, 8, (256, 256), said.append, limit=8 << 30)
    assert said == []
    refuse_what_does_not_fit(deep, 1, 2, 8, (256, 256), said.append, limit=64 << 30)
    assert "1,991,095," in said[0]
    assert step_bytes(wide, 1, 2, 8, (250, 256)) == step_bytes(wide, 1, 2, 8, (256, 256))  # filled up


def test_nothing_is_built_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinyseg.runs.training.build_model", lambda *given: pytest.fail("built"))
    for minutes in (None, 1.0):
        with pytest.raises(tinyseg.InvalidInput, match="parameters"):
            run(tmp_path / "run", replace(SETTINGS, depth=12, width=16, minutes=minutes))
    assert not (tmp_path / "run").exists()


def test_a_limit_is_found_here() -> None:
    limit = memory_limit()
    assert limit is None or limit > 1 << 28
