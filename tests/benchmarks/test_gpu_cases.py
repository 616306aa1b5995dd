"""Every case of the GPU benchmarks runs, in tiny shapes on the emulated GPU, and agrees with the NumPy backend and,
where it is installed, with PyTorch.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import GPU_BACKENDS, RUNGS, backend
from tinyseg_kernels.device import to_host

from benchmarks.common import torch_networks
from benchmarks.common.arrays import from_torch
from benchmarks.gpu import convolutions, images, networks, optimizers, pointwise, products
from benchmarks.gpu.case import (
    TOLERANCE,
    Case,
    build_peer,
    expected,
    largest_error,
    largest_error_on_device,
    upload,
)
from benchmarks.gpu.clock import HostClock
from benchmarks.gpu.measuring import OUT_OF_MEMORY, Bench, measure, measure_network
from benchmarks.gpu.roofline import Roofline
from benchmarks.gpu.rows import REQUIREMENTS, Row
from benchmarks.gpu.run import main

MODULES = (images, pointwise, optimizers, convolutions, products)
CASES: list[Case] = [case for module in MODULES for case in module.cases(True)]
LADDERS: list[Case] = [*convolutions.ladder(True), *products.ladder(True)]
NETWORKS = list(networks.cases(True))
ids = [f"{case.group}: {case.name}" for case in [*CASES, *LADDERS]]


def torch_or_skip() -> Any:
    """Return PyTorch; skip the test without it (the extra 'benchmark' brings it)."""
    try:
        return importlib.import_module("torch")
    except ImportError:
        pytest.skip("PEERS NOT CHECKED: PyTorch is not installed (pip install 'tinyseg[benchmark]')")


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Measure on the emulated GPU without PyTorch."""
    with backend("cupy", emulate=True):
        yield Bench(HostClock(), None, "cpu", Roofline(1e9, {"float32": 1e9, "tf32": 1e9}), 0, rounds=2, sample=0.0)


@pytest.mark.parametrize("case", [*CASES, *LADDERS], ids=ids)
def test_a_case_agrees_with_numpy_and_is_timed(bench: Bench, case: Case) -> None:
    row = measure(bench, case)
    assert row.note == ""
    assert row.error is not None
    assert row.error < TOLERANCE[case.precision]
    assert row.ours is not None
    assert row.share is not None
    assert row.rate == pytest.approx((case.work.flops or case.work.bytes) / row.ours)


@pytest.mark.parametrize("case", CASES, ids=ids[: len(CASES)])
def test_the_peer_computes_the_same(case: Case) -> None:
    torch = torch_or_skip()
    inputs = case.inputs()
    results = build_peer(case, upload(case, inputs, torch, "cpu"), torch)()
    computed = [from_torch(tensor, layout) for tensor, layout in zip(results, case.results, strict=True)]
    reference = expected(case, inputs)
    error = largest_error(case, computed, reference)
    assert error < TOLERANCE["float32"]
    assert largest_error_on_device(case, torch, reference, results) < TOLERANCE["float32"]
    assert largest_error_on_device(case, torch, [reference[0] + 1, *reference[1:]], results) > 0.01


def test_a_nan_does_not_agree() -> None:
    case, right = CASES[0], [np.ones(3, np.float32)] * 2
    assert np.isnan(largest_error(case, [right[0], right[1] * np.float32("nan")], right))


@pytest.mark.parametrize("case", NETWORKS, ids=[f"{case.name}, {case.precision}" for case in NETWORKS])
def test_a_network_trains_and_is_timed(bench: Bench, case: networks.NetworkCase) -> None:
    row, beside = measure_network(bench, case, cpu=("numpy", 0.5))
    assert row.note == ""
    assert row.ours is not None
    assert beside.group == "U-Net against the CPU"
    assert beside.ratio is not None
    assert beside.ratio.median == pytest.approx(0.5 * case.batch / row.ours)
    assert beside.ratio.low <= beside.ratio.median <= beside.ratio.high


@pytest.mark.parametrize("case", NETWORKS[:1] + NETWORKS[-1:], ids=lambda case: case.name)
def test_the_peer_network_learns_the_same(case: networks.NetworkCase) -> None:
    torch = torch_or_skip()
    data, labels = case.data(case.batch)
    with backend("numpy"):
        model = networks.compiled(case)
        step = networks.peer_step(torch, case, model, data, labels, "cpu")
        ours = [float(model.train_step(data, labels)[0][0]) for _ in range(4)]
    theirs = [float(step()) for _ in range(4)]
    np.testing.assert_allclose(ours, theirs, rtol=2e-3)
    assert ours[-1] < ours[0]


def test_the_peer_of_the_largest_network_takes_its_parameters() -> None:
    """At full depth every level has its parameters in the place where tinyseg has them; only shapes are compared."""
    torch = torch_or_skip()
    case = next(networks.cases(False))
    net = case.peer(torch)
    torch_networks.take_parameters(torch, net, [to_host(a) for a in case.model().parameters.values()])
    assert sum(p.numel() for p in net.parameters()) > 7_000_000


def test_the_fastest_backend_of_the_cpu_is_timed_per_image() -> None:
    name, seconds = networks.cpu_seconds_per_image(NETWORKS[0], batch=2, steps=1)
    assert name in set(RUNGS) - set(GPU_BACKENDS) - {"naive"}
    assert 0 < seconds < 60


def test_full_cases_are_the_tiny_ones_in_large_and_have_names_of_their_own() -> None:
    full = [case for module in MODULES for case in module.cases(False)]
    assert {case.group for case in full} == {case.group for case in CASES}
    keys = [(case.name, case.group) for case in full]
    assert len(set(keys)) == len(keys)
    groups = {case.group for case in full} | {case.group for case in networks.cases(False)} | {"U-Net against the CPU"}
    assert groups >= {requirement.group for requirement in REQUIREMENTS}
    assert sum(case.group == "memory-bound" for case in full) >= 20
    batches = {(case.name, case.batch, case.image) for case in networks.cases(False)}
    assert batches == {
        ("U-Net base 32 depth 4", 64, (256, 256, 3)), ("U-Net base 64 depth 4", 16, (512, 512, 3)),
        ("the article's network", 256, (224, 224, 3)),
    }  # fmt: skip
    assert all(case.work.bytes > 1 << 20 for case in full)


def test_a_wrong_result_is_not_timed(bench: Bench) -> None:
    right = CASES[0]
    wrong = Case(
        "wrong", "g", right.inputs,
        lambda x: lambda: (right.ours(x)()[0] + (x.dtype.type(1) if hasattr(x, "get") else 0),), None, right.work
    )  # fmt: skip
    row = measure(bench, wrong)
    assert row.note.startswith("Disagreement: the results differ by")
    assert row.ours is None


def test_a_batch_that_does_not_fit_is_halved(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def measured(bench: Bench, case: networks.NetworkCase, row: Row, batch: int) -> Row:
        tried.append(batch)
        if batch > 8:
            raise MemoryError
        return row

    monkeypatch.setattr("benchmarks.gpu.measuring._measure_network", measured)
    (case,) = [case for case in networks.cases(False) if case.batch == 64 and case.precision == "float32"]
    (row,) = measure_network(bench, case)
    assert tried == [64, 32, 16, 8]
    assert row.name.startswith("U-Net base 32 depth 4, 8x256x256x3")
    assert row.note == "batch 64 did not fit into the device's memory"
    monkeypatch.setattr("benchmarks.gpu.measuring._measure_network", lambda *_: (_ for _ in ()).throw(MemoryError()))
    (row,) = measure_network(bench, case)
    assert row.note == OUT_OF_MEMORY


def test_the_command_on_a_machine_without_a_gpu(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--emulate", "--tiny", "--only", "relu", "pool", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert code == 0, out
    assert out.count("| memory-bound: max pool") == 2
    assert "conv2d 3x3 2x6" not in out
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".md", ".png"}


def test_rows_beyond_the_time_limit_stay_open(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--emulate", "--tiny", "--only", "relu", "--minutes", "-1"])
    assert capsys.readouterr().out.count("not measured: out of time") == 2


def test_without_a_gpu_the_command_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinyseg_kernels.gpu.availability.why_unavailable", lambda name: "no GPU was found")
    assert main(["--no-tests"]) == 1
    assert "error: backend 'cupy': no GPU was found" in capsys.readouterr().err
