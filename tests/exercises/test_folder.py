"""A learner's folder: what is written, what is never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinyseg import InvalidInput
from tinyseg.exercises import exercise, names
from tinyseg.exercises.folder import MARKER, Classroom, begin, find, fingerprint

from .learner import ENGLISH, RIGHT, WRONG, new_room, write


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_each_exercise_is_a_file_with_its_stub(tmp_path: Path) -> None:
    room = new_room(tmp_path / "ex")
    files = room.files()
    assert list(files) == list(names())
    for name, path in files.items():
        assert path.stem == name
        assert path.read_text("utf-8") == exercise(name).stub
    assert {path.parent.parent for path in files.values()} == {room.root}
    readme = (room.root / "README.md").read_text("utf-8")
    for command in ("list", "check", "watch", "hint", "reset", "solution"):
        assert f"tinyseg exercises {command}" in readme


def test_nothing_of_a_solution_or_of_the_second_hint_on_is_given_out(tmp_path: Path) -> None:
    room = new_room(tmp_path / "ex")
    given = b"\n".join(contents(room.root).values()).decode("utf-8")
    lines = {line.strip() for line in given.splitlines()}
    # Whole code that is to be repaired says how a tile is filled, which others must find.
    lines -= {line.strip() for name in names() if exercise(name).repaired for line in exercise(name).stub.splitlines()}
    for name in names():
        stub = {line.strip() for line in exercise(name).stub.splitlines()}
        body = exercise(name).solution.split('"""', 2)[2]
        own = {line.strip() for line in body.splitlines() if len(line.strip()) > 24} - stub
        common = {line for line in own if line.startswith(("def ", "import ", '"""', "#", "return x", "for "))}
        assert not (own - common) & lines, name


def test_again_adds_what_is_missing_and_touches_nothing_else(tmp_path: Path) -> None:
    room = new_room(tmp_path / "ex")
    write(room, WRONG)
    other = next(name for name in names()[::-1] if name != "relu") if len(names()) > 1 else None
    if other:
        room.file(other).unlink()
    (room.root / "README.md").write_text("my notes", "utf-8")
    before = contents(room.root)
    done = begin(room.root, ENGLISH)
    assert done.new == ((other,) if other else ())
    assert not done.renewed
    assert "relu" in done.kept
    after = contents(room.root)
    assert {name: after[name] for name in before if MARKER not in name} == {
        name: content for name, content in before.items() if MARKER not in name
    }


def test_an_untouched_stub_of_an_older_version_is_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of = exercise("relu")
    with monkeypatch.context() as patch:
        patch.setitem(vars(of), "stub", of.stub.replace("By hand", "On paper"))
        room = new_room(tmp_path / "a")
        mine = new_room(tmp_path / "b")
        noted = mine.file("relu")
        noted.write_text(of.stub.replace("import numpy", "# think!\nimport numpy") + "\n# a note\n", "utf-8")
    before = noted.read_bytes()
    assert begin(room.root, ENGLISH).renewed == ("relu",)
    assert room.file("relu").read_text("utf-8") == of.stub
    assert begin(mine.root, ENGLISH).renewed == ()  # a note in it is the learner's
    assert noted.read_bytes() == before


@pytest.mark.parametrize("taken", ["README.md", "chapter", "file"])
def test_files_in_the_way_are_named_and_nothing_is_lost(taken: str, tmp_path: Path) -> None:
    place = Classroom(tmp_path).place("relu")
    path = {"README.md": tmp_path / "README.md", "chapter": place.parent, "file": place}[taken]
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine", "utf-8")
    before = contents(tmp_path)
    with pytest.raises(InvalidInput, match="in the way"):
        begin(tmp_path, ENGLISH)
    assert contents(tmp_path) == before
    assert not (tmp_path / MARKER).exists()


def test_other_files_are_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    new_room(tmp_path)
    assert (tmp_path / "notes.txt").read_text("utf-8") == "mine"


def test_what_is_no_place_for_exercises(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(InvalidInput, match="got a file"):
        begin(tmp_path / "file", ENGLISH)
    room = new_room(tmp_path / "ex")
    with pytest.raises(InvalidInput, match="a folder of exercises already"):
        begin(room.root / "ex", ENGLISH)
    assert not (room.root / "ex").exists()


def test_what_was_broken_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Classroom, "write_stub", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            begin(tmp_path / "ex", ENGLISH)
    assert begin(tmp_path / "ex", ENGLISH).new == names()


def test_it_is_found_from_within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = new_room(tmp_path / "ex")
    deep = room.file("relu").parent
    assert find(deep) == room
    monkeypatch.chdir(deep)
    assert find() == room
    assert room.shown(room.file("relu")) == Path("relu.py")
    for nothing in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InvalidInput, match=r"no exercises in|no such folder"):
            find(nothing)


def test_a_file_may_be_moved_but_not_doubled(tmp_path: Path) -> None:
    room = new_room(tmp_path / "ex")
    moved = room.root / "week 1" / "relu.py"
    moved.parent.mkdir()
    room.file("relu").rename(moved)
    for trap in (".hidden/relu.py", "__pycache__/relu.py"):
        (room.root / trap).parent.mkdir()
        (room.root / trap).write_text("", "utf-8")
    environment = room.root / "venv"
    (environment / "lib").mkdir(parents=True)
    (environment / "pyvenv.cfg").write_text("", "utf-8")
    (environment / "lib" / "relu.py").write_text("", "utf-8")
    assert room.file("relu") == moved
    assert begin(room.root, ENGLISH).new == ()
    (room.root / "relu.py").write_text("", "utf-8")
    with pytest.raises(InvalidInput, match="expected one file"):
        room.file("relu")


def test_backups_have_numbers_and_replace_nothing(tmp_path: Path) -> None:
    room = new_room(tmp_path / "ex")
    kept = []
    for source in (WRONG, RIGHT, WRONG):
        write(room, source)
        path = room.backup("relu")
        assert path is not None
        kept.append((path, source))
    assert [path.name for path, _ in kept] == ["relu-1.py", "relu-2.py", "relu-3.py"]
    assert all(path.read_text("utf-8") == source for path, source in kept)
    room.file("relu").unlink()
    assert room.backup("relu") is None


def test_a_fingerprint_is_that_of_the_code() -> None:
    assert fingerprint(WRONG) == fingerprint(WRONG.replace("\n\n\n", "\n\n# a comment\n\n") + "\n")
    assert fingerprint(WRONG) != fingerprint(WRONG.replace("dy > 0", "dy >= 0"))
    assert fingerprint("def (") != fingerprint("def [")
