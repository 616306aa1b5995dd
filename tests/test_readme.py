"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.blobs import write_blobs

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_program_for_a_folder_of_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_blobs(tmp_path / "photos", 4, 2, 0)
    monkeypatch.chdir(tmp_path)
    (program,) = (text for text in PROGRAMS if "SegmentationFolder" in text)
    names: dict[str, object] = {}
    exec(program.replace("epochs=20", "epochs=1"), names)
    assert set(names["history"].history) == {"loss", "mean_iou", "val_loss", "val_mean_iou"}  # type: ignore[attr-defined]
    assert (tmp_path / "model.safetensors").stat().st_size > 1000


def test_the_keras_program(capsys: pytest.CaptureFixture[str]) -> None:
    """As it stands, but for smaller images and layers, so that it takes no minute."""
    (program,) = (text for text in PROGRAMS if "conv_layer_1" in text)
    small = (
        program.replace("(224, 224, 3)", "(14, 12, 3)")
        .replace("Conv2D(64", "Conv2D(3")
        .replace("epochs=10", "epochs=2")
    )
    rng = np.random.default_rng(0)
    x, y = rng.random((48, 14, 12, 3), dtype=np.float32), np.eye(5, dtype=np.float32)[rng.integers(0, 5, 48)]
    exec(small, {"x_train": x[:40], "y_train": y[:40], "x_val": x[40:], "y_val": y[40:], "num_classes": 5})
    lines = [line for line in capsys.readouterr().out.splitlines() if re.match(r"Epoch \d+/\d+  \d", line)]
    assert len(lines) == 2
    assert "val_accuracy" in lines[-1]


@pytest.mark.parametrize("name", ["gradients", "diagnose"])
def test_the_checks_print_what_it_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = (text for text in PROGRAMS if f"from tinyseg.check import {name}" in text)
    exec(program, {})
    assert f"```\n{capsys.readouterr().out.rstrip()}\n```" in README


def test_the_commands_exist() -> None:
    from tinyseg.cli.app import app

    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    named = set(re.findall(r"(?:^|`|bin/)tinyseg ([a-z]+)", README, re.MULTILINE))
    assert named
    assert named <= known


def test_files_and_pictures_exist() -> None:
    targets = re.findall(r'\]\(([^)#:]+)\)|src="([^"]+)"', README)
    assert targets
    for target in targets:
        path = target[0] or target[1]
        assert (Path(__file__).parents[1] / path).exists(), path
