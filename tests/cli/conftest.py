"""A small dataset and a run on it, for all tests that only look at them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.datasets.blobs import write_blobs

from .command import succeeds

TRAINING = ("--width", "4", "--depth", "2", "--epochs", "3", "--batch-size", "4", "--rotate", "10", "--dropout", "0.1")


@pytest.fixture(autouse=True)
def own_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what --backend sets for the whole process."""
    monkeypatch.setattr("tinyseg_kernels.backend._default", None)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of 8 training, 4 validation and 3 test images; not to be changed."""
    return write_blobs(tmp_path_factory.mktemp("cli") / "data")


@pytest.fixture(scope="session")
def trained(data: Path) -> Path:
    """The folder of a finished run; not to be changed."""
    folder = data.parent / "run"
    succeeds("train", data, "--out", folder, *TRAINING)
    return folder
