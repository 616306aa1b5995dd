"""Progress: written whole, kept when broken, and right when two commands write at once."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import damaged, damaged_tree
from tests.utils.test_locks import held_by_another
from tinyseg import InvalidInput
from tinyseg.exercises import progress
from tinyseg.exercises.progress import Progress, Record

COUNTING = """
import sys
from pathlib import Path
from tinyseg.exercises.progress import Progress
for _ in range(25):
    with Progress(Path(sys.argv[1])).changing("relu") as record:
        record.tried += 1
"""


def test_what_is_written_is_read(tmp_path: Path) -> None:
    kept = Progress(tmp_path)
    assert kept.read() == {}
    with kept.changing("relu") as record:
        record.tried, record.cause, record.question = 3, "mask-missing", "Σ? 为什么"
    with kept.changing("dense") as record:
        record.points = 7
    assert Progress(tmp_path).read() == {
        "relu": Record(tried=3, cause="mask-missing", question="Σ? 为什么"),
        "dense": Record(points=7),
    }
    assert [path.name for path in tmp_path.iterdir()] == ["progress.json"]


def test_two_commands_at_once_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COUNTING, str(tmp_path)]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert Progress(tmp_path).read()["relu"].tried == 50


def test_a_block_that_fails_changes_nothing(tmp_path: Path) -> None:
    kept = Progress(tmp_path)
    with kept.changing("relu") as record:
        record.tried = 1

    def broken_off() -> None:
        with kept.changing("relu") as record:
            record.tried = 9
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    with kept.changing("dense"):  # nothing is locked any more
        pass
    assert kept.read()["relu"].tried == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"exercises": {"relu": {"tried"',
        b"[]",
        b'{"exercises": []}',
        b'{"exercises": {"relu": 3}}',
        b"\xff",
        b"[" * 10**5,
    ],
)
def test_a_broken_file_is_kept_aside(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "progress-broken-1.json").write_bytes(b"older")
    (tmp_path / "progress.json").write_bytes(content)
    kept = Progress(tmp_path)
    assert kept.read() == {}
    assert kept.kept_aside == tmp_path / "progress-broken-2.json"
    assert kept.kept_aside.read_bytes() == content
    assert (tmp_path / "progress-broken-1.json").read_bytes() == b"older"
    with kept.changing("relu") as record:
        record.tried = 2
    assert Progress(tmp_path).read()["relu"].tried == 2


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_whatever_is_in_the_file_it_is_read_or_kept(data: st.DataObject) -> None:
    tree = {"version": 1, "exercises": {"relu": asdict(Record(tried=3, question="?")), "dense": asdict(Record())}}
    form = json.dumps(data.draw(damaged_tree(tree))).encode() if data.draw(st.booleans()) else json.dumps(tree).encode()
    content = data.draw(damaged(form))
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "progress.json").write_bytes(content)
        kept = Progress(folder)
        records = kept.read()
        assert all(isinstance(record.tried, int) for record in records.values())
        if kept.kept_aside is not None:
            assert kept.kept_aside.read_bytes() == content
        with kept.changing("relu") as record:
            record.tried = 7
        assert Progress(folder).read()["relu"].tried == 7


def test_values_that_make_no_sense_count_as_none_and_those_of_a_newer_version_stay(tmp_path: Path) -> None:
    record = {"tried": "many", "points": True, "passed": None, "hints": 2, "badge": "gold"}
    content = {"version": 9, "exercises": {"relu": record, "gone": {"tried": 4}}}
    (tmp_path / "progress.json").write_text(json.dumps(content), "utf-8")
    kept = Progress(tmp_path)
    assert kept.read()["relu"] == Record(hints=2)
    with kept.changing("relu") as changed:
        changed.tried = 1
    found = json.loads((tmp_path / "progress.json").read_text("utf-8"))["exercises"]
    assert found["relu"]["badge"] == "gold"
    assert found["gone"]["tried"] == 4


def test_a_command_that_hangs_is_not_waited_for_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with (
        held_by_another(tmp_path),
        pytest.raises(InvalidInput, match="another command"),
        Progress(tmp_path).changing("relu"),
    ):
        pass
