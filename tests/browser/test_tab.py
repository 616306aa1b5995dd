"""What the playground computes in the tab, tried here: networks that learn, receptive fields, named mistakes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyseg import InvalidInput, backend
from tinyseg.datasets import digit_scenes
from tinyseg.layers import Activation, Conv2D

SITE = Path(__file__).parents[2] / "docs" / "site"
sys.path[:0] = [str(SITE), str(SITE / "playground")]
try:
    import lite_build
    import playground_build
    from tab.bugs import BUGS
    from tab.fields import receptive_field
    from tab.network import ACTIVATIONS, LOSSES, POOLINGS, Settings, build
    from tab.session import Session, overlap
finally:
    del sys.path[:2]

SIZE = 32
CAUSES = {
    "kernel-not-turned": "kernel-not-flipped",
    "kernel-sign": "sign-flipped",
    "kernel-half": "wrong-factor",
    "bias-mean": "wrong-factor",
    "relu-mask-of-dy": "mask-of-the-upstream",
    "relu-no-mask": "mask-missing",
    "pool-to-all": "gradient-to-all",
}


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with backend("numpy"):
        yield


@pytest.fixture(scope="module")
def scenes() -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for split, count in (("train", 16), ("test", 3)):
        x, y = digit_scenes(count, split, size=SIZE)
        found[f"x_{split}"], found[f"y_{split}"] = np.rint(x[..., 0] * 255).astype(np.uint8), (y > 0).astype(np.uint8)
    return found


def curve(session: Session, settings: dict[str, Any], steps: int) -> list[float]:
    session.begin(settings)
    return [session.step()["loss"] for _ in range(steps)]


def test_it_learns_and_the_same_settings_give_the_same_curve(scenes: dict[str, np.ndarray]) -> None:
    session = Session(scenes)
    before = session.score()["iou"]
    losses = curve(session, {}, 30)
    assert losses[-1] < 0.5 * losses[0]
    assert session.score()["iou"] > before + 0.3
    assert curve(session, {}, 3) == losses[:3]


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("skip", [True, False])
def test_receptive_fields_are_where_the_image_matters(pooling: str, skip: bool) -> None:
    """Without kinks and with random kernels the gradient is 0 outside of the field, and not 0 at its edges."""
    pooling = "average" if pooling == "max" else pooling  # of a window the maximum sees one pixel at a time
    model = build(Settings(pooling=pooling, activation="linear", skip=skip), SIZE, "float64")
    x = np.random.default_rng(1).standard_normal((1, SIZE, SIZE, 1))
    for row, column in ((0, 0), (13, 10), (31, 16)):
        y, cache = model.forward(x)
        dy = np.zeros_like(y)
        dy[0, row, column, 0] = 1
        rows, columns = np.nonzero(model.backward(dy, cache)[0][0, ..., 0])
        found = receptive_field(model, "scores", row, column)
        assert tuple(found) == (rows.min(), columns.min(), rows.max(), columns.max())


def test_the_field_of_a_pooling_is_that_of_its_window() -> None:
    model = build(Settings(), SIZE)
    assert tuple(receptive_field(model, "down1_conv", 10, 12)) == (9, 11, 11, 13)
    assert tuple(receptive_field(model, "down1_smaller", 5, 6)) == (9, 11, 12, 14)
    with pytest.raises(InvalidInput, match="no layer 'nowhere'"):
        receptive_field(model, "nowhere", 0, 0)


def test_a_pixel_is_told_of_all_layers(scenes: dict[str, np.ndarray]) -> None:
    session = Session(scenes)
    found = session.place(scenes["x_test"][0], 12, 10)
    assert [layer["name"] for layer in found["layers"]] == [layer.name for layer in session.model.layers[1:]]
    for layer in found["layers"]:
        assert len(layer["maps"]) == layer["channels"] * layer["size"] ** 2
        assert len(layer["answers"]) == layer["channels"]
    assert sum(found["layers"][-1]["answers"]) == pytest.approx(1)  # probabilities
    influence = np.frombuffer(found["influence"], np.uint8).reshape(SIZE, SIZE)
    top, left, bottom, right = found["layers"][-1]["field"]
    assert influence.max() == 255
    assert influence.sum() == influence[top : bottom + 1, left : right + 1].sum()
    json.dumps([{k: v for k, v in layer.items() if k != "maps"} for layer in found["layers"]])
    with pytest.raises(InvalidInput, match="expected a pixel of 32 x 32"):
        session.place(scenes["x_test"][0], 32, 0)
    with pytest.raises(InvalidInput, match="expected an image of 32 x 32 pixels"):
        session.look(np.zeros((3, 3), np.uint8))


def test_a_look_gives_probabilities_and_the_overlap(scenes: dict[str, np.ndarray]) -> None:
    session = Session(scenes)
    curve(session, {}, 12)
    found = session.look(scenes["x_test"][1], 1)
    taken = np.frombuffer(found["probability"], np.uint8).reshape(SIZE, SIZE) > 127
    assert found["iou"] == pytest.approx(overlap(taken, scenes["y_test"][1] == 1), abs=0.02)
    assert overlap(np.zeros(3, bool), np.zeros(3, bool)) == 1


@pytest.mark.parametrize(
    ("activation", "loss"), [*((name, "dice") for name in ACTIVATIONS), *(("relu", name) for name in LOSSES[::2])]
)
def test_right_gradients_pass(scenes: dict[str, np.ndarray], activation: str, loss: str) -> None:
    session = Session(scenes)
    session.begin({"activation": activation, "loss": loss, "pooling": "average"})
    found = session.check()
    assert found["passed"], found


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_mistake_is_noticed_and_named(scenes: dict[str, np.ndarray], name: str) -> None:
    session = Session(scenes)
    assert session.begin({"bug": name})["planted"]
    found = session.check()
    assert not found["passed"]
    assert {row["name"] for row in found["rows"] if not row["passed"]}
    assert session.name_it()["cause"] == CAUSES[name]


def test_a_wrong_sign_goes_up_and_a_missing_factor_hides_behind_adam(scenes: dict[str, np.ndarray]) -> None:
    session = Session(scenes)
    right, half, wrong = (curve(session, {"bug": bug}, 12)[-1] for bug in ("", "kernel-half", "kernel-sign"))
    assert wrong > 5 * right
    assert half < 2 * right


def test_what_the_answer_depends_on_is_told_by_the_right_gradient(scenes: dict[str, np.ndarray]) -> None:
    told = []
    for bug in ("", "kernel-not-turned", "relu-no-mask"):
        session = Session(scenes)
        session.begin({"bug": bug})
        told.append(session.place(scenes["x_test"][0], 9, 9)["influence"])
        planted = [layer for layer in session.model.layers if vars(layer).keys() & {"backward", "convolve_backward"}]
        assert bool(planted) == bool(bug)  # it is planted again
        assert all(isinstance(layer, (Conv2D, Activation)) for layer in planted)
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"pooling": "mean"}, "unknown pooling 'mean'"),
        ({"bug": "typo"}, "unknown bug 'typo'"),
        ({"bug": "relu-no-mask", "activation": "tanh"}, "one of 'relu': choose it instead of 'tanh'"),
        ({"bug": "pool-to-all", "pooling": "stride"}, "one of 'max': choose it instead of 'stride'"),
        ({"colour": "red"}, "got also \\['colour'\\]"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        Settings.of(settings)


def test_pyodide_without_a_package_that_another_needs_is_refused() -> None:
    packages: dict[str, Any] = {name: {"depends": []} for name in playground_build.WANTED}
    packages["ipython"] = {"depends": ["prompt_toolkit"]}
    packages["prompt-toolkit"] = {"depends": ["wcwidth"]}
    packages["unused"] = {"depends": []}
    with pytest.raises(SystemExit, match="wcwidth"):
        playground_build.needed_packages(packages)
    packages["wcwidth"] = {"depends": []}
    found = playground_build.needed_packages(packages)
    assert set(packages) - set(found) == {"unused"}


def test_another_pyodide_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"missing: pyodide\.mjs"):
        playground_build.pyodide_folder(tmp_path)
    for name in playground_build.CORE:
        (tmp_path / name).write_text(json.dumps({"info": {"version": "0.1"}, "packages": {}}))
    with pytest.raises(SystemExit, match=r"expected Pyodide 0\.27\.7, got 0\.1"):
        playground_build.pyodide_folder(tmp_path)


def test_jupyterlite_keeps_its_kernel_and_no_other_extension(tmp_path: Path) -> None:
    names = ("@jupyterlite/pyodide-kernel-extension", "jupyterlab-jupytext", "@someone/else")
    for name in names:
        (tmp_path / "extensions" / name / "static").mkdir(parents=True)
        (tmp_path / "extensions" / name / "package.json").write_text("{}")
    file = tmp_path / "jupyter-lite.json"
    file.write_text(json.dumps({"jupyter-config-data": {"federated_extensions": [{"name": name} for name in names]}}))
    lite_build.leave_out_others(tmp_path)
    data = json.loads(file.read_text())["jupyter-config-data"]
    assert data["federated_extensions"] == [{"name": names[0]}]
    assert [path.parent.name for path in tmp_path.rglob("package.json")] == ["pyodide-kernel-extension"]
