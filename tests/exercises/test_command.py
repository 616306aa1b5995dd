"""`tinyseg exercises`, as a learner types it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tinyseg_kernels import backend

from tests.cli.command import is_refused, succeeds, tinyseg
from tinyseg.cli.exercises import checks
from tinyseg.exercises import exercise, names, watching
from tinyseg.exercises.attempt import next_unsolved
from tinyseg.exercises.folder import Classroom
from tinyseg.exercises.progress import Progress, Record

from .learner import HALF, RIGHT, WRONG, new_room, write


@pytest.fixture(autouse=True)
def own_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "_default", None)
    monkeypatch.delenv("TINYSEG_LANGUAGE", raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Classroom:
    """A folder of exercises, in which the learner is."""
    made = new_room(tmp_path / "ex")
    monkeypatch.chdir(made.root)
    return made


def exercises(*arguments: object) -> str:
    return succeeds("exercises", *arguments)


def fails(*arguments: object) -> str:
    """Run what must end with 1, the code of an answer that does not pass."""
    outcome = tinyseg("exercises", *arguments)
    assert outcome.code == 1, outcome.out + outcome.err
    assert outcome.err == ""
    return outcome.out


def test_a_folder_is_made_and_said_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = exercises("init", "my exercises")
    assert f"{len(names())} exercises in my exercises" in text
    assert 'cd "my exercises"' in text
    assert f"tinyseg exercises check {names()[0]}" in text
    assert f"has all {len(names())} exercises already" in exercises("init", "my exercises")
    (tmp_path / "README.md").write_text("mine", "utf-8")
    assert "in the way (README.md)" in is_refused("exercises", "init", ".")


def test_the_way_of_an_exercise(room: Classroom) -> None:
    """Not begun, half, wrong, right; a hint in between."""
    text = fails("check", "relu")
    assert "relu   not begun" in text
    assert "relu_forward and relu_backward" in text
    assert room.progress.read()["relu"].tried == 0

    write(room, HALF)
    assert "relu_backward is not written yet" in fails("check", "relu")
    write(room, WRONG)
    text = fails("check", "relu")
    assert "relu   not yet, 4 of 10 points" in text
    assert "right  " in text
    assert "*" in text
    assert max(map(len, text.splitlines())) <= 80
    assert text.rstrip().endswith("Stuck? tinyseg exercises hint relu")
    picture = room.picture("relu")
    assert f"{picture.relative_to(room.root)}" in text
    assert picture.is_file()
    assert re.search(r"^  relu +\* +tried 2 times +4 / 10$", exercises("list"), re.MULTILINE)

    write(room, RIGHT)
    text = exercises("check", "relu")
    assert "relu   passed, 10 of 10 points" in text
    assert "tinyseg exercises solution relu" in text
    assert not picture.exists()
    record = room.progress.read()["relu"]
    assert (record.tried, record.points, bool(record.passed), record.question) == (3, 10, True, "")
    assert "passed" in exercises("list")


def test_without_a_name_the_next_that_has_not_passed(room: Classroom) -> None:
    assert fails("check").startswith(f"{names()[0]}   not begun")
    for name in names():
        write(room, exercise(name).solution, name)
        with room.progress.changing(name) as record:
            record.passed = "" if name == names()[-1] else "2026-01-01 00:00:00"
    assert exercises("check").startswith(f"{names()[-1]}   passed")
    assert f"all {len(names())} exercises" in exercises("check")
    assert json.loads(exercises("check", "--json")) == {"passed": True, "exercises": len(names())}


def test_next_is_what_follows_the_one_that_passed_last(room: Classroom) -> None:
    for name, when in zip(names(), ("2026-01-01 00:00:00", "", "2026-01-02 00:00:00"), strict=False):
        with room.progress.changing(name) as record:
            record.passed = when
    expected = (*names()[3:], *names()[1:2])
    assert next_unsolved(room) == (expected[0] if expected else None)


def test_json(room: Classroom) -> None:
    assert json.loads(fails("check", "relu", "--json"))["begun"] is False
    write(room, WRONG)
    found = json.loads(fails("check", "relu", "--json"))
    assert (found["cause"], found["points"], found["passed"]) == ("mask-of-the-upstream", 4, False)
    assert Path(found["picture"]).is_file()
    rows = {row["exercise"]: row for row in json.loads(exercises("list", "--json"))}
    assert list(rows) == list(names())
    assert (rows["relu"]["state"], rows["relu"]["tried"], rows["relu"]["points"]) == ("tried", 1, 4)


def test_a_file_anywhere(room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "elsewhere" / "answer.py"
    mine.parent.mkdir()
    mine.write_text('"""Exercise: relu   (of mine)"""\n' + WRONG, "utf-8")
    monkeypatch.chdir(mine.parent)
    assert "relu   not yet" in fails("check", "answer.py")
    assert [path.name for path in mine.parent.iterdir()] == ["answer.py"]
    fails("check", "answer.py", "--picture", tmp_path / "p.png")
    assert (tmp_path / "p.png").is_file()
    monkeypatch.chdir(room.root)
    write(room, RIGHT)
    assert "passed" in exercises("check", "relu.py")  # the name, as an editor shows it
    copy = room.root / "copy.py"
    copy.write_text('"""Exercise: relu"""\n' + WRONG, "utf-8")
    fails("check", copy)
    assert room.progress.read()["relu"].tried == 1  # of the learner's own file only
    assert "no such file" in is_refused("exercises", "check", "nothing/relu.py")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "rleu"), "did you mean 'relu'"),
        (("hint", "rleu"), "did you mean 'relu'"),
        (("reset", "rleu"), "did you mean 'relu'"),
        (("solution", "rleu"), "did you mean 'relu'"),
        (("check", "relu", "--dir", "absent"), "no such folder"),
        (("list", "--language", "tlh"), "zh-CN"),
    ],
)
def test_mistakes_of_typing(arguments: tuple[str, ...], words: str, room: Classroom) -> None:
    assert words in is_refused("exercises", *arguments)


def test_outside_of_a_folder_of_exercises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (("list",), ("check",), ("check", "relu"), ("hint", "relu"), ("reset", "relu"), ("watch",)):
        assert "tinyseg exercises init" in is_refused("exercises", *command)
    room = new_room(tmp_path / "ex")
    assert "relu" in exercises("list", "--dir", "ex")
    room.file("relu").unlink()
    assert "tinyseg exercises reset relu" in is_refused("exercises", "check", "relu", "--dir", "ex")
    exercises("reset", "relu", "--dir", "ex")
    assert room.file("relu").is_file()


def test_hints_open_one_after_each_attempt(room: Classroom) -> None:
    def shown() -> int:
        return len(re.findall(r"^Hint \d of 3$", exercises("hint", "relu"), re.MULTILINE))

    assert [shown(), shown()] == [1, 1]
    write(room, WRONG)
    fails("check", "relu")
    fails("check", "relu")  # the same code is no attempt
    assert [shown(), shown()] == [2, 2]
    text = exercises("hint", "relu")
    assert text.index("On your last attempt (mask-of-the-upstream)") < text.index("Hint 1 of 3")
    assert "depend on x or on dy?" in text
    write(room, "# a comment is no attempt\n" + WRONG)
    fails("check", "relu")
    assert shown() == 2
    write(room, WRONG.replace("dy > 0", "dy >= 0"))
    fails("check", "relu")
    assert shown() == 3
    assert "solution relu" in exercises("hint", "relu")


def test_after_passing_all_hints_are_open(room: Classroom) -> None:
    write(room, RIGHT)
    exercises("check", "relu")
    text = exercises("hint", "relu")
    assert "Hint 3 of 3" in text
    assert "On your last attempt" not in text


def test_reset_keeps_a_copy(room: Classroom) -> None:
    write(room, WRONG)
    fails("check", "relu")
    text = exercises("reset", "relu")
    assert "relu-1.py" in text
    assert (room.hidden / "backups" / "relu-1.py").read_text("utf-8") == WRONG
    assert room.file("relu").read_text("utf-8") == exercise("relu").stub
    assert "already" in exercises("reset", "relu")
    assert not (room.hidden / "backups" / "relu-2.py").exists()
    assert "On your last attempt" not in exercises("hint", "relu")
    assert room.progress.read()["relu"].tried == 1


def test_the_solution_asks_first_and_is_noted(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.typer, "confirm", lambda question: False)
    text = fails("solution", "relu")
    assert "np.where" not in text
    assert room.progress.read()["relu"].solution == ""
    assert exercise("relu").solution.strip() in exercises("solution", "relu", "--yes")
    assert room.progress.read()["relu"].solution
    assert "solution seen" in exercises("list")
    write(room, RIGHT)
    exercises("check", "relu")
    assert "passed, solution seen" in exercises("list")


def test_nobody_is_there_to_be_asked(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "--yes" in is_refused("exercises", "solution", "relu")
    assert room.progress.read().get("relu", Record()).solution == ""


def test_the_solution_of_what_has_passed_is_shown_and_not_noted(room: Classroom) -> None:
    write(room, RIGHT)
    exercises("check", "relu")
    assert "np.where" in exercises("solution", "relu")
    assert room.progress.read()["relu"].solution == ""


def test_broken_progress_is_said_and_kept(room: Classroom) -> None:
    (room.hidden / "progress.json").write_text("{", "utf-8")
    text = exercises("list").replace("\n", " ")
    assert "progress-broken-1.json" in text
    assert "progress-broken" not in exercises("list")


def test_a_check_is_told_even_if_it_cannot_be_noted(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    write(room, WRONG)

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Progress, "changing", full)
    text = fails("check", "relu")
    assert "not yet" in text
    assert "disk full" in text


def test_another_exercise_that_was_changed_is_mentioned(room: Classroom) -> None:
    if len(names()) < 2:
        pytest.skip("one exercise only")
    other = next(name for name in names() if name != "relu")
    write(room, exercise(other).stub + "\nx = 1\n", other)
    write(room, WRONG)
    assert f"tinyseg exercises check {other}" in fails("check", "relu").replace("\n  ", " ")


def test_watch_checks_what_is_saved(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = iter([lambda: write(room, WRONG), lambda: None, lambda: write(room, RIGHT), lambda: None])

    def sleep(_: float) -> None:
        step = next(steps, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    ordinary = watching.saves
    monkeypatch.setattr(watching, "saves", lambda files: ordinary(files, 0.0, sleep))
    text = exercises("watch")
    places = [
        text.index(words) for words in (f"{names()[0]}   not begun", "relu   not yet", "relu   passed", "Stopped.")
    ]
    assert places == sorted(places)


def test_help_loads_nothing_of_it() -> None:
    program = (
        "import sys; sys.argv = ['tinyseg', '--help']; from tinyseg.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "rooms = ('tinyseg.exercises', 'tinyseg.diagnosis', 'matplotlib')\n"
        "print(sorted(name for name in sys.modules if name.startswith(rooms)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert "exercises" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
