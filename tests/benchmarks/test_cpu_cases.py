"""Every case of the CPU benchmarks in tiny shapes.

All sides that are installed compute the same numbers, in this process and through the command.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import backend

from benchmarks.common.networks import NetworkCase, compiled
from benchmarks.cpu import growth, start, suite
from benchmarks.cpu.case import Operation
from benchmarks.cpu.course_network import CourseNetwork
from benchmarks.cpu.keras_networks import keras_model
from benchmarks.cpu.measuring import TOLERANCE
from benchmarks.cpu.peers import COURSE, OURS, PLAIN, available
from benchmarks.cpu.process import PeerFailed, PeerProcess
from benchmarks.cpu.run import main

OPERATIONS = list(suite.operations(True).values())
NETWORKS = list(suite.network_cases(True).values())


def assert_same(actual: Any, expected: Any) -> None:
    """Compare outputs one by one."""
    assert len(actual) == len(expected)
    for mine, other in zip(actual, expected, strict=True):
        assert np.shape(mine) == np.shape(other)
        scale = float(np.abs(other).max(initial=0.0)) or 1.0
        assert float(np.abs(np.asarray(mine) - np.asarray(other)).max(initial=0.0)) <= TOLERANCE * scale


def expected(case: Operation) -> list[np.ndarray]:
    """Return what the readable loops compute."""
    with backend("naive"):
        return [np.array(output) for output in case.ours(*case.inputs())["both"]()]


@pytest.mark.parametrize("case", OPERATIONS, ids=lambda case: case.name)
def test_our_sides_agree_with_the_loops(case: Operation) -> None:
    for name in ("numpy", "numba"):
        with backend(name):
            steps = case.ours(*case.inputs())
            assert_same(steps["both"](), expected(case))
            if "forward" in steps:
                assert_same(steps["forward"](), expected(case)[:1])
    assert len(case.layouts) == len(case.inputs())
    assert len(case.results) == len(expected(case))


@pytest.mark.parametrize("case", [case for case in OPERATIONS if case.course], ids=lambda case: case.name)
def test_the_courses_operations_agree(case: Operation) -> None:
    assert case.course is not None
    assert_same(case.course(*case.inputs())["both"](), expected(case))


@pytest.mark.parametrize("layout", ["channels_last", "default"])
@pytest.mark.parametrize("case", [*OPERATIONS, *NETWORKS], ids=lambda case: case.name)
def test_pytorch_agrees(case: Operation | NetworkCase, layout: str) -> None:
    try:
        module = importlib.import_module("benchmarks.cpu.side_torch")
    except ImportError:
        pytest.skip("PEERS NOT CHECKED: PyTorch is not installed (pip install 'tinyseg[benchmark]')")
    side = module.Side(layout, 1)
    if isinstance(case, Operation):
        steps = side.operation(case)
        assert_same(side.to_numpy(steps["both"](), case.results), expected(case))
        return
    model = compiled(case)
    images, labels = case.data(case.batch)
    steps = side.network(case)
    with backend("numpy"):
        kind = "image" if case.segments else "plain"
        assert_same(side.to_numpy(steps["inference"](), [kind]), [model.predict_on_batch(images)])
        for _ in range(2):
            assert steps["train"]()[0] == pytest.approx(float(model.train_step(images, labels)[0][0]), rel=0.01)


@pytest.mark.parametrize("case", NETWORKS, ids=lambda case: case.name)
def test_keras_has_the_same_network(case: NetworkCase) -> None:
    keras = pytest.importorskip("keras")
    model = compiled(case)
    images, _ = case.data(case.batch)
    with backend("numpy"):
        assert_same([np.asarray(keras_model(keras, model)(images))], [model.predict_on_batch(images)])


@pytest.mark.parametrize(
    "case", [n for n in NETWORKS if suite.takes_part(COURSE, n.name, True)], ids=lambda case: case.name
)
def test_the_courses_network_learns_the_same(case: NetworkCase) -> None:
    model = compiled(case)
    net = CourseNetwork(model)
    images, labels = case.data(case.batch)
    with backend("numpy"):
        assert_same([net.predict(images)], [model.predict_on_batch(images)])
        for _ in range(3):
            assert net.train_step(images, labels) == pytest.approx(
                float(model.train_step(images, labels)[0][0]), rel=1e-3
            )


def test_the_cases_are_those_of_the_issue() -> None:
    names = list(suite.operations(False))
    shapes = [
        (8, 128, 3, 16),
        (8, 128, 16, 16),
        (8, 128, 32, 32),
        (8, 64, 64, 64),
        (8, 32, 128, 128),
        (8, 16, 256, 256),
        (4, 224, 3, 64),
        (4, 224, 64, 64),
    ]
    assert [name for name in names if name.startswith("conv2d 3x3 ") and name[11].isdigit()] == [
        f"conv2d 3x3 {n}x{edge}x{edge}x{c} -> {f}" for n, edge, c, f in shapes
    ]
    for start_ in (
        "conv2d 3x3 stride 2", "conv2d 1x1", "conv2d 5x5", "conv2d 7x7 stride 2 4x224x224x3", "conv2d 3x3 dilation 2",
        "depthwise 3x3", "transposed 2x2 stride 2",
        "max pool 2x2", "average pool 2x2", "max pool 3x3 stride 2", "average pool 3x3 stride 2",
        "dense 8x774400 -> 128", "dense 256x1024 -> 1024", "batch norm", "relu",
        "softmax cross-entropy 8x256x256, 12 classes", "bilinear upsampling",
    ):  # fmt: skip
        assert any(name.startswith(start_) for name in names), start_
    sizes = [int(name.split(", ")[-1].split()[0].replace(",", "")) for name in names if name.startswith("Adam")]
    assert [round(size / 1e6) for size in sizes] == [8, 99]
    assert list(suite.network_cases(False)) == [
        "U-Net base 16 depth 3, 8x128x128x3", "U-Net base 16 depth 3 without batch normalisation, 8x128x128x3",
        ("U-Net "
            "base 32 depth 4, 4x256x256x3"),
        "U-Net base 32 depth 4 without batch normalisation, 4x256x256x3", "the article's network, 8x224x224x3", ("the "
            "article's network, 32x224x224x3"),
        "separable U-Net base 32 depth 4, 4x256x256x3",
    ]  # fmt: skip
    quick = suite.chosen([*names, *suite.network_cases(False)], [], True)
    assert 10 < len(quick) < 20
    assert all(any(name.startswith(start_) for name in quick) for start_ in suite.QUICK)
    assert suite.chosen(names, ["DENSE", "relu"], False) == [n for n in names if n.startswith(("dense", "relu"))]


def test_a_peers_process(tmp_path: Path) -> None:
    process = PeerProcess(PLAIN, 1)
    try:
        with pytest.raises(PeerFailed, match="unknown case 'no such case'"):
            process.ask("prepare", case="no such case", tiny=True)
        process.ask("prepare", case=OPERATIONS[0].name, tiny=True)  # it goes on
        assert process.ask("kinds") == {"kinds": ["both", "forward"]}
        process.ask("check", folder=str(tmp_path))
        with backend("numpy"):
            outputs = OPERATIONS[0].ours(*OPERATIONS[0].inputs())["both"]()
        assert_same([np.load(tmp_path / f"{k}.npy") for k in range(len(outputs))], [np.ravel(out) for out in outputs])
        assert 0 < process.ask("time", kind="both", calls=3, warm=1)["seconds"] < 5
        memory = process.ask("memory")
        assert memory["peak"] > memory["before"] > 1 << 20
        process.wait_until_idle()
        process.process.kill()
        with pytest.raises(PeerFailed, match="tinyseg \\(numpy\\)"):
            process.ask("kinds")
    finally:
        process.close()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.cpu.run.busy_share", lambda: 0.4)
    words = ["relu", "U-Net base 2 depth 1,"]
    code = main(
        ["--tiny", "--only", *words, "--peers", "tinyseg-numpy", "course", "--threads", "1", "--out", str(tmp_path)]
    )
    out = capsys.readouterr().out
    assert code == 0, out
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".md", ".png"}
    (record,) = tmp_path.glob("*.json")
    content = json.loads(record.read_text())
    assert [(row["name"].split()[0], row["kind"]) for row in content["rows"]] == [
        ("relu", "both"),
        ("relu", "forward"),
        ("U-Net", "train"),
        ("U-Net", "inference"),
    ]
    train = content["rows"][2]
    assert set(train["sides"]) == {"tinyseg", "tinyseg-numpy", "course"}
    assert all(side["note"] == "" and side["added"] > 0 for side in train["sides"].values())
    assert train["sides"]["course"]["error"] < TOLERANCE
    assert content["rooflines"]["1"]["flops"] > 1e8
    assert "| U-Net base 2 depth 1, 2x8x8x3 |" in out
    assert "VOID: others used up to 40% of the processors before 2 of 2 cases" in out
    assert {verdict["state"] for verdict in content["verdicts"]} == {"void"}


def test_growth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    growth.main(tmp_path, 1, [OURS.key], tiny=True)
    (record,) = tmp_path.glob("*.json")
    points = json.loads(record.read_text())["points"]
    assert [(point["axis"], point["value"]) for point in points] == [
        ("size", 8),
        ("size", 16),
        ("channels", 2),
        ("channels", 4),
    ]
    assert all(point["train"] > 0 and point["inference"] > 0 for point in points)
    assert len(list(tmp_path.glob("*.png"))) == 1
    assert "tinyseg (numba), size 8: step" in capsys.readouterr().out


def test_the_program_of_the_start_runs() -> None:
    times = start._run("")  # the folder of everybody: kernels that other tests compiled
    assert times == sorted(times)
    assert times[0] > 0


def test_peers_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.cpu.peers.find_spec", lambda name: None if name == "torch" else object())
    found, notes = available()
    assert [peer.key for peer in found] == ["tinyseg", "tinyseg-numpy", "keras", "keras-xla", "course"]
    assert notes[0] == "PyTorch channels_last is left out: torch is not installed"
