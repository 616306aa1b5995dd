"""The transfer study: the same images for all ways, what is frozen stays, an interrupted one goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.models import Model
from tinyseg.runs import Settings, TransferPlan, build_model, table_text, transfer_study
from tinyseg.runs.transfer import WAYS, read_results

from .tiny import tiny_data

SETTINGS = Settings(width=3, depth=1, batch_size=3)
PLAN = TransferPlan(labels=(2, 5), seeds=2, steps=3)


def begin(model: Model, way: str) -> None:
    """Give the way down weights of its own; the frozen way keeps them."""
    for layer in model.layers:
        if layer.name.startswith(("down", "bottom")):
            for array in layer.parameters.values():
                array[...] = 0.25
    if way == "frozen":
        model.freeze("bottom_act2")


def study(out: Path, **options: Any) -> Any:
    """Run without printing."""
    given: dict[str, Any] = {"begin": begin, "say": lambda line: None, **options}
    return transfer_study(tiny_data(), given.pop("settings", SETTINGS), given.pop("plan", PLAN), out, **given)


def test_all_ways_and_numbers_are_there_and_the_same_again(tmp_path: Path) -> None:
    found = study(tmp_path / "one")
    assert set(found) == {(n, way, seed) for n in (2, 5) for way in WAYS for seed in (0, 1)}
    assert found == study(tmp_path / "two")
    assert all(0 <= value <= 1 for value in found.values())
    assert (tmp_path / "one" / "transfer.png").stat().st_size > 5000
    saved = read_results(tmp_path / "one" / "results.csv")
    assert {key: round(value, 6) for key, value in found.items()} == saved
    assert (tmp_path / "one" / "table.txt").read_text().startswith("labels")


def test_what_was_interrupted_goes_on(tmp_path: Path) -> None:
    lines: list[str] = []

    def interrupted(line: str) -> None:
        lines.append(line)
        if len(lines) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study(tmp_path, say=interrupted)
    assert len(read_results(tmp_path / "results.csv")) == 5
    after: list[str] = []
    found = study(tmp_path, say=after.append)
    assert "5 trainings are there, 7 are to come" in after[0]
    assert len(after) == 8
    fresh = study(tmp_path / "fresh")
    np.testing.assert_allclose([found[key] for key in sorted(found)], [fresh[key] for key in sorted(fresh)], atol=1e-6)


def test_the_ways_differ_as_they_should(tmp_path: Path, monkeypatch: Any) -> None:
    trained: list[Model] = []

    def kept(settings: Settings, *rest: Any) -> Model:
        trained.append(build_model(settings, *rest))
        return trained[-1]

    monkeypatch.setattr("tinyseg.runs.transfer.build_model", kept)
    study(tmp_path, plan=TransferPlan(labels=(4,), seeds=1, steps=2))
    scratch, frozen, tuned = (model.get_layer("down1_conv1").parameters["kernel"] for model in trained)
    assert (frozen == 0.25).all()
    assert (tuned != 0.25).any()
    assert abs(tuned - 0.25).max() < 0.1
    assert scratch.std() > 0.05


def test_another_study_in_the_folder_is_refused(tmp_path: Path) -> None:
    study(tmp_path, plan=TransferPlan(labels=(2,), seeds=1, steps=1))
    with pytest.raises(tinyseg.InvalidInput, match="a study of other data or settings"):
        study(tmp_path, plan=TransferPlan(labels=(2,), seeds=1, steps=1), settings=Settings(width=4, depth=1))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"begin": None}, "expected weights of the encoder"),
        ({"plan": TransferPlan(labels=(99,), seeds=1, steps=1)}, "has 8 labelled images"),
    ],
)
def test_what_cannot_be_studied(tmp_path: Path, options: dict[str, Any], text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        study(tmp_path, **options)


def test_a_table_says_what_was_gained_at_least() -> None:
    results = {}
    for seed, (start, frozen, tuned) in enumerate(((0.1, 0.3, 0.2), (0.2, 0.25, 0.45))):
        results |= {(5, WAYS[0], seed): start, (5, WAYS[1], seed): frozen, (5, WAYS[2], seed): tuned}
    line = table_text(results).splitlines()[1]
    assert "0.150 (0.100-0.200)" in line
    assert line.endswith("+0.100")  # fine-tuned: +0.1 and +0.25; frozen: +0.2 and +0.05


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"model": "fpn"}, "expected an encoder"),
        ({"weights": "file.pth"}, "expected an encoder"),
        ({"freeze_encoder": True}, "expected an encoder"),
        ({"encoder": "resnet19"}, "did you mean 'resnet18'"),
        ({"encoder": "resnet18", "model": "fcn"}, "expected no encoder"),
        ({"encoder": "resnet18", "separable": True}, "expected no encoder"),
        ({"encoder": "resnet18", "model": "fpn", "depth": 3}, "depth"),
        ({"encoder": "resnet18", "encoder_rate": 0.0}, "encoder_rate"),
    ],
)
def test_settings_that_do_not_fit_together(options: dict[str, Any], text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        Settings(**options)


def test_a_run_with_an_encoder_takes_grey_images_and_its_own_preprocessing(tmp_path: Path) -> None:
    from .tiny import run

    settings = Settings(
        encoder="mobilenet_v3_small", decoder="light", freeze_encoder=True, epochs=1, batch_size=4, crop=(32, 32)
    )
    report = run(tmp_path / "run", settings)
    assert report.samples == 3
    model = tinyseg.models.load_model(tmp_path / "run" / "model.safetensors")
    assert model.preprocessing is not None
    assert model.input_shape == (None, None, None, 3)
    fresh = build_model(settings, 1, 2)
    frozen = {layer.name for layer in fresh.layers if layer.parameters and not layer.trainable}
    assert frozen == set(fresh.tensor_names)
