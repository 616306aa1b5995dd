"""A short form of `python -m tests.robustness.kill`, and that it notices what it is there to notice."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.datasets.blobs import write_blobs

from .kill import Training, campaign, random_moment
from .training import Phases

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")


def test_killed_at_random_moments() -> None:
    said: list[str] = []
    result = campaign(3, seed=3, say=said.append)
    assert (result.survived, result.lost) == (3, 0), "\n".join(said)
    assert sum(result.phases.values()) == 3
    assert set(result.kinds) == {"command", "script"}


def test_a_difference_is_noticed(tmp_path: Path) -> None:
    """One bit of the weights, one number of the history, one file more."""
    data = write_blobs(tmp_path / "data")
    pair = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        pair.append(Training("script", tmp_path / name, data))
        pair[-1].finish()
    changed, alone = pair
    changed.compare(alone)
    changed.check_files()
    for name, at in (("model.safetensors", -1), ("best.safetensors", -1), ("history.json", 30), ("log.csv", -3)):
        path = changed.folder / name
        content = path.read_bytes()
        flipped = bytearray(content)
        flipped[at] ^= 1
        path.write_bytes(flipped)
        with pytest.raises(AssertionError):
            changed.compare(alone)
        path.write_bytes(content)
    (changed.folder / ".checkpoint-abcdefgh.part.safetensors").write_bytes(b"half")
    with pytest.raises(AssertionError):
        changed.compare(alone)
    (changed.folder / "log.csv").write_bytes(content[: content.rindex(b",")])
    with pytest.raises(AssertionError):
        changed.check_files()


def test_a_moment_is_waited_for(tmp_path: Path) -> None:
    """The phases that one process writes, another one sees, and a moment that never comes ends with the process."""
    writer, reader = Phases(tmp_path / "phases"), Phases(tmp_path / "phases")
    writer.write("writing checkpoint")
    assert reader.read() == (1, "writing checkpoint")
    writer.write("a name that is longer than there is room for in the file, which is no reason to fail")
    assert reader.read()[0] == 2
    for seed in range(20):
        random_moment(random.Random(seed), 0.001)(reader, lambda: True)
