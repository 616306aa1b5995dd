"""One run from begin to end, for all tests that only look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .tiny import run


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was never interrupted; not to be changed."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    run(folder)
    return folder


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the drawing out, which takes longer than a tiny run."""
    for name in ("plot_curves", "plot_confusion", "draw_predictions", "save_figure"):
        monkeypatch.setattr(f"tinyseg.runs.training.{name}", lambda *given: None)
