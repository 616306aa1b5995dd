"""Damaged files are read or refused by an InvalidInput that names them: no other exception, whatever the damage.

The number of examples is small and the same in every run. For a long search with new examples each time:

    TINYSEG_FUZZ_EXAMPLES=5000 pytest -q -s tests/fuzz/test_readers.py
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinyseg

from .mutations import damaged, damaged_tree
from .readers import READERS, Reader, clear

EXAMPLES = 300
LONG = os.environ.get("TINYSEG_FUZZ_EXAMPLES")

each_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


def outcome(reader: Reader, path: Path, named: Path | None = None) -> str:
    """Return 'read' or 'refused'.

    Any exception but an InvalidInput that names the file (or what else is to be named) comes through.
    """
    before, refusal = sorted(path.parent.rglob("*")), None
    try:
        reader.read(path)
    except tinyseg.InvalidInput as error:
        refusal = str(error)
    assert reader.writes or sorted(path.parent.rglob("*")) == before
    if refusal is None:
        return "read"
    assert str(named or (path.parent if reader.names_folder else path)) in refusal
    return "refused"


@each_reader
def test_the_files_are_sound_to_begin_with(reader: Reader) -> None:
    for name, content in reader.sources().items():
        with reader.place() as folder:
            (folder / name).write_bytes(content)
            assert outcome(reader, folder / name) == "read"


def search(reader: Reader, file: Callable[[st.DataObject, bytes], bytes]) -> None:
    """Try examples, and say how they ended."""
    seen: Counter[str] = Counter()
    count = max(1, round(reader.share * int(LONG or EXAMPLES)))

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=LONG is None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(sorted(reader.sources())), st.data())
    def attempt(name: str, data: st.DataObject) -> None:
        path = folder / name
        if reader.writes:
            clear(folder)
            reader.surround(folder)
        path.write_bytes(file(data, reader.sources()[name]))
        seen[outcome(reader, path)] += 1
        path.unlink(missing_ok=True)

    with reader.place() as folder:
        attempt()
    print(f"\nfuzz: {reader.name}: {seen.total():,} files, {seen['refused']:,} refused, {seen['read']:,} read")
    assert seen["refused"] or seen.total() < 20


@each_reader
def test_damaged_bytes(reader: Reader) -> None:
    search(reader, lambda data, content: data.draw(damaged(content)))


@pytest.mark.parametrize("reader", [r for r in READERS if r.inner], ids=lambda reader: reader.name)
def test_damage_behind_a_checksum(reader: Reader) -> None:
    assert reader.inner is not None
    unpack, pack = reader.inner
    search(reader, lambda data, content: pack(data.draw(damaged(unpack(content)))))


@pytest.mark.parametrize("reader", [r for r in READERS if r.form], ids=lambda reader: reader.name)
def test_damaged_values(reader: Reader) -> None:
    assert reader.form is not None
    parse, form = reader.form
    search(reader, lambda data, content: form(data.draw(damaged_tree(parse(content)))))


# Where a file should be -----------------------------------------------------------------------------------------------


def _nothing(path: Path) -> None:
    pass


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


@each_reader
@pytest.mark.parametrize(
    "put",
    [_nothing, Path.mkdir, Path.touch, _loop, _dangling],
    ids=["missing", "folder", "empty", "loop of links", "link to nothing"],
)
def test_something_else_in_its_place(reader: Reader, put: Callable[[Path], Any]) -> None:
    with reader.place() as folder:
        path = folder / next(iter(reader.sources()))
        path.unlink(missing_ok=True)
        put(path)
        found = outcome(reader, path, named=folder)  # a reader of a folder names the folder in which the file is not
        if put is Path.touch:
            allowed = path.suffix in (".csv", ".toml")  # no rows, no keys
        else:
            allowed = reader.optional and put is not Path.mkdir
        assert found == "refused" or allowed


@each_reader
def test_a_file_that_may_not_be_read(reader: Reader) -> None:
    name, content = next(iter(reader.sources().items()))
    with reader.place() as folder:
        path = folder / name
        path.write_bytes(content)
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read everything")
        assert outcome(reader, path) == "refused"
