"""Submissions are read without harm, every exercise is in every result, and platforms get what they ask for."""

from __future__ import annotations

import base64
import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tinyseg_kernels.errors import InvalidInput

from tinyseg.exercises import Outcome, exercise
from tinyseg.exercises.authoring import new_exercise
from tinyseg.exercises.checking import check_source
from tinyseg.exercises.grading import classroom
from tinyseg.exercises.grading.assignment import assignment_of, read_assignment
from tinyseg.exercises.grading.classroom import KEPT, file_names, grade_class
from tinyseg.exercises.grading.formats import FORMATS
from tinyseg.exercises.grading.formats.csv import csv_of
from tinyseg.exercises.grading.formats.prairielearn import LARGEST, prairielearn
from tinyseg.exercises.grading.grade import Assignment, ExerciseGrade, Grade, GroupGrade, grade
from tinyseg.exercises.grading.page import page
from tinyseg.exercises.grading.submission import LARGEST_ANSWER, Submission, read_submission, submissions_in
from tinyseg.exercises.outcome import GroupResult

ASKED = Assignment(("relu", "dense"), {"dense": 2})


def solution(name: str) -> str:
    return exercise(name).solution


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


# Reading -------------------------------------------------------------------------------------------------------------


def test_answers_are_found_by_name_at_any_depth(tmp_path: Path) -> None:
    folder = tmp_path / "ann" / "week 1"
    folder.mkdir(parents=True)
    (folder / "relu.py").write_text("x = 1", "utf-8")
    (tmp_path / "ann" / "other.py").write_text("y = 1", "utf-8")
    (tmp_path / "ann" / "DENSE.PY").write_text("z = 1", "utf-8") if (tmp_path / "ann" / "dense.py").exists() else None
    found = read_submission(tmp_path / "ann", ["relu", "dense"])
    assert (found.student, found.answers) == ("ann", {"relu": "x = 1"})
    archive = zipped(tmp_path / "bob.zip", {"a/b/relu.py": b"\xef\xbb\xbfx = 2", "Relu.txt": b"no"})
    assert read_submission(archive, ["relu"]).answers == {"relu": "x = 2"}
    assert read_submission(folder / "relu.py", ["relu"]).answers == {"relu": "x = 1"}


def test_the_file_nearest_to_the_top_counts_and_that_is_said(tmp_path: Path) -> None:
    files = {"old/relu.py": b"old", "relu.py": b"new", "__MACOSX/relu.py": b"\x00", ".backup/relu.py": b"hidden"}
    found = read_submission(zipped(tmp_path / "a.zip", files), ["relu"])
    assert found.answers == {"relu": "new"}
    assert "2 files of this name" in found.notes[0]


def test_names_in_a_zip_file_reach_nothing(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    found = read_submission(
        zipped(inside / "a.zip", {"../../relu.py": b"outside", "/abs/dense.py": b"absolute"}), ["relu", "dense"]
    )
    assert found.answers == {"dense": "absolute"}  # '..' begins with a dot: left out, as hidden files are
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip", "inside"]


def test_what_cannot_be_read_is_a_problem_of_that_answer_alone(tmp_path: Path) -> None:
    files = {"relu.py": "größe = 1".encode("latin-1"), "dense.py": b"#" * (LARGEST_ANSWER + 1), "softmax.py": b"s = 1"}
    found = read_submission(zipped(tmp_path / "a.zip", files), ["relu", "dense", "softmax"])
    assert found.answers == {"softmax": "s = 1"}
    assert "UTF-8" in found.problems["relu"]
    assert f"{LARGEST_ANSWER:,}" in found.problems["dense"]
    broken = tmp_path / "b.zip"
    broken.write_bytes((tmp_path / "a.zip").read_bytes()[:200])
    assert set(read_submission(broken, ["relu", "dense"]).problems) == {"relu", "dense"}
    with pytest.raises(InvalidInput, match="no such"):
        read_submission(tmp_path / "none", ["relu"])
    (tmp_path / "a.tar").write_bytes(b"")
    with pytest.raises(InvalidInput, match=r"\.zip"):
        read_submission(tmp_path / "a.tar", ["relu"])


def test_damaged_zip_files_are_a_problem_of_their_own(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lzma.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("relu.py", bytes(range(256)) * 8)
    content = bytearray((tmp_path / "lzma.zip").read_bytes())
    content[50:200] = b"\xff" * 150
    (tmp_path / "lzma.zip").write_bytes(content)
    name = zipped(tmp_path / "name.zip", {"\N{LATIN SMALL LETTER A WITH DIAERESIS}.py": b"", "relu.py": b"x = 1"})
    name.write_bytes(name.read_bytes().replace(b"\xc3\xa4", b"\xff\xff"))
    for path in (tmp_path / "lzma.zip", name):
        assert set(read_submission(path, ["relu"]).problems) == {"relu"}


def test_a_group_counts_when_it_is_right_with_each_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    of = exercise("relu")
    wrong = check_source(of, solution("relu").replace("> 0", ">= 0").replace("np.maximum", "np.minimum"))
    assert not wrong.passed

    def checked(_: object, source: str, seed: int) -> Outcome:
        right = [group.name for group in of.groups][seed]
        groups = {g.name: GroupResult(g.points, int(g.name == right), 1) for g in of.groups}
        return replace(wrong, groups=groups)

    monkeypatch.setattr("tinyseg.exercises.grading.grade.check_source", checked)
    found = grade(Submission("ann", {"relu": "x = 1"}), Assignment(("relu",), seeds=(0, 1))).exercises[0]
    assert [group.points for group in found.groups] == [0, 0, 0]
    assert found.points == 0


def test_an_exercise_that_changes_is_graded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "solution.py").write_text("x = 1", "utf-8")
    monkeypatch.setattr(classroom, "exercise", lambda name: replace(exercise("relu"), folder=tmp_path / "one"))
    before = classroom._digest(ASKED)
    assert classroom._digest(ASKED) == before
    (tmp_path / "one" / "solution.py").write_text("x = 2", "utf-8")
    assert classroom._digest(ASKED) != before


def test_names_of_students_can_be_written_and_stay_apart(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x\N{RIGHT-TO-LEFT OVERRIDE}y.zip", {"relu.py": b"x = 1"})
    assert read_submission(path, ["relu"]).student == "x\N{REPLACEMENT CHARACTER}y"
    names = file_names(["ann", "a b", "a_b", "Ann", "ann", "...", "bob"])
    assert len({name.casefold() for name in names}) == 7
    assert names[-2:] == ["submission", "bob"]
    assert file_names(["aa", "bob"])[1] == "bob"


def test_a_link_out_of_the_submission_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("secret", "utf-8")
    (tmp_path / "ann").mkdir()
    try:
        (tmp_path / "ann" / "relu.py").symlink_to(tmp_path / "secret.py")
    except OSError:
        pytest.skip("links cannot be made here")
    assert read_submission(tmp_path / "ann", ["relu"]).answers == {}


def test_submissions_of_a_class(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    zipped(tmp_path / "bob.zip", {"relu.py": b""})
    (tmp_path / "notes.txt").write_text("", "utf-8")
    (tmp_path / ".hidden").mkdir()
    assert [path.name for path in submissions_in(tmp_path)] == ["ann", "bob.zip"]
    with pytest.raises(InvalidInput, match="there is none"):
        submissions_in(tmp_path / "ann")


# Grading -------------------------------------------------------------------------------------------------------------


def test_every_exercise_is_in_every_result() -> None:
    handed_in = {
        "nothing": {},
        "no Python": {"relu": "def relu_forward(x:\n", "dense": "\x00"},
        "right": {"relu": solution("relu"), "dense": solution("dense")},
        "half": {"relu": solution("relu").replace("positive, dy, 0", "dy > 0, dy, 0")},
        "exits": {"relu": "raise SystemExit(0)", "dense": "import os\nos._exit(0)"},
    }
    grades = {name: grade(Submission(name, answers), ASKED) for name, answers in handed_in.items()}
    assert {one.of for one in grades.values()} == {30}
    assert {tuple(e.exercise for e in one.exercises) for one in grades.values()} == {("relu", "dense")}
    assert grades["right"].points == 30
    assert 0 < grades["half"].exercises[0].points < 10
    for name in ("nothing", "no Python", "exits"):
        assert grades[name].points == 0
        assert all(one.message for one in grades[name].exercises)
    assert "not handed in" in grades["nothing"].exercises[0].message


def test_numbers_of_a_secret_seed_are_not_told() -> None:
    """Neither by what the code prints, nor by an example: both are those of seed 0, which everybody has."""
    prints = solution("relu").replace(
        "return np.maximum(x, 0), x > 0", "print(x.sum()); return np.maximum(x, 0), x >= 0"
    )
    secret, known = (
        grade(Submission("ann", {"relu": prints}), Assignment(("relu",), seeds=seeds)).exercises[0]
        for seeds in ((12345,), (0,))
    )
    assert secret.printed == known.printed != ""
    assert secret.message == known.message
    right = grade(Submission("ann", {"relu": prints.replace(">=", ">")}), Assignment(("relu",), seeds=(12345,)))
    assert right.points == 10
    assert not right.exercises[0].printed


def test_assignments(tmp_path: Path) -> None:
    path = tmp_path / "week.toml"
    path.write_text('exercises = ["relu", "dense"]\n[weights]\ndense = 2\n', "utf-8")
    assert read_assignment(path, [1], "en") == ASKED
    for text, match in (
        ("exercises = 3", "exercises"),
        ('exercises = ["relu"]\npoints = 3', "points"),
        ('exercises = ["relu"]\n[weights]\nrelu = 0', "relu = 0"),
        ('exercises = ["relu"]\n[weights]\ndense = 1', "dense = 1"),
        ('exercises = ["rellu"]', "relu"),
        ('exercises = ["relu", "relu"]', "once"),
        ("exercises = [", "TOML"),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(InvalidInput, match=match):
            read_assignment(path, [1], "en")
    with pytest.raises(InvalidInput, match="seeds"):
        assignment_of(["relu"], [-1], "en")


# What platforms get --------------------------------------------------------------------------------------------------

GRADE = Grade(
    "=ann <b>",
    (
        ExerciseGrade("relu", "ReLU", 10, 10, "none", "", "right", (GroupGrade("forward", "y", 10, 10),), seconds=0.5),
        ExerciseGrade(
            "dense", "Dense", 4, 20, "sign-flipped", "dx: everywhere", "wrong \x07\ud800 sign", printed="\x1b["
        ),
        ExerciseGrade("softmax", "Softmax", 0, 10, "missing", message="softmax.py was not handed in"),
    ),
    ("a note",),
    1.25,
)


def test_gradescope() -> None:
    content = json.loads(FORMATS["gradescope"][1](replace(GRADE, exercises=GRADE.exercises[:1])))
    assert "score" not in content  # a total of its own would stand above the tests
    (test,) = content["tests"]
    assert (test["score"], test["max_score"], test["status"], test["visibility"]) == (10, 10, "passed", "visible")
    assert content["stdout_visibility"] == "hidden"
    tests = json.loads(FORMATS["gradescope"][1](GRADE).encode("utf-8", "replace"))["tests"]
    assert sum(test["max_score"] for test in tests) == 40
    assert [test["number"] for test in tests] == ["1", "2", "3"]


def test_prairielearn_stays_below_its_limit() -> None:
    content = json.loads(prairielearn(replace(GRADE, exercises=GRADE.exercises[::2])))
    assert content["gradable"] is True
    assert content["score"] == pytest.approx(0.5)
    assert [test["max_points"] for test in content["tests"]] == [10, 10]
    pictured = tuple(replace(one, picture="A" * 400_000, message="ok") for one in GRADE.exercises)
    text = prairielearn(replace(GRADE, exercises=pictured))
    tests = json.loads(text)["tests"]
    assert len(text.encode()) <= LARGEST
    assert ["images" in test for test in tests] == [True, True, False]
    assert tests[0]["images"][0]["url"].startswith("data:image/png;base64,AAA")
    long = tuple(replace(one, message="\u9519" * 900_000) for one in pictured)
    text = prairielearn(replace(GRADE, exercises=long))
    assert len(text.encode()) <= LARGEST
    assert len(json.loads(text)["tests"]) == 3


def test_the_wrong_gradient_is_drawn_for_prairielearn() -> None:
    wrong = solution("relu").replace("positive, dy, 0", "dy > 0, dy, 0")
    found = grade(Submission("ann", {"relu": wrong}), replace(ASKED, pictures=True))
    content = json.loads(prairielearn(found))
    image = content["tests"][0]["images"][0]["url"]
    assert base64.b64decode(image.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    assert not grade(Submission("ann", {"relu": wrong}), ASKED).exercises[0].picture


def test_classroom50(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSROOM", "cs")
    monkeypatch.setenv("ASSIGNMENT", "week-3")
    monkeypatch.setenv("COMMIT_URL", "https://example.org/commit/1")
    content = json.loads(FORMATS["classroom50"][1](replace(GRADE, exercises=GRADE.exercises[::2])))
    assert content["schema"] == "classroom50/result/v1"
    assert (content["classroom"], content["assignment"], content["review"]) == ("cs", "week-3", content["commit"])
    assert (content["score"], content["max-score"]) == (10, 20)
    for test in content["tests"]:
        assert type(test["score"]) is int
        assert type(test["max-score"]) is int
        assert {"test-name", "passed"} <= set(test)


def test_junit_skips_nothing_and_is_xml() -> None:
    root = ET.fromstring(FORMATS["junit"][1](GRADE))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert len(suite.findall("testcase")) == 3
    assert not suite.findall("testcase/skipped")


def test_csv_begins_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(csv_of([GRADE]))))
    assert rows[1][:4] == ["'=ann <b>", "relu", "10", "10"]
    assert rows[-1][1:4] == ["total", "14", "40"]


def test_json_is_read_again() -> None:
    assert Grade.from_json(json.loads(FORMATS["json"][1](GRADE))) == GRADE


# A class -------------------------------------------------------------------------------------------------------------


def test_a_class_is_graded_once_and_goes_on(tmp_path: Path) -> None:
    paths = []
    for student, answer in (("ann", solution("relu")), ("bob", "")):
        (tmp_path / student).mkdir()
        (tmp_path / student / "relu.py").write_text(answer, "utf-8")
        paths.append(tmp_path / student)
    asked, steps = Assignment(("relu",)), []
    first = grade_class(paths, asked, tmp_path / "out", 1, lambda done, total: steps.append((done, total)))
    assert [one.points for one in first] == [10, 0]
    assert steps == [(0, 2), (1, 2), (2, 2)]
    kept = sorted((tmp_path / "out" / KEPT).iterdir())
    content = json.loads(kept[0].read_text("utf-8"))
    content["grade"]["notes"] = ["kept"]
    kept[0].write_text(json.dumps(content), "utf-8")
    kept[1].write_text("{broken", "utf-8")
    (tmp_path / "bob" / "relu.py").write_text(solution("relu"), "utf-8")
    second = grade_class(paths, asked, tmp_path / "out", 1)
    assert second[0].notes == ("kept",)  # not graded again
    (tmp_path / "aaron").mkdir()
    assert grade_class([tmp_path / "aaron", *paths], asked, tmp_path / "out", 1)[1].notes == ("kept",)
    assert second[1].points == 10  # its kept result was broken, and its answer is another one


def test_the_page_shows_everybody_and_runs_nothing() -> None:
    shown = page([GRADE, replace(GRADE, student="<script>alert(1)</script>")], "Week <3>")
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "sign-flipped" in shown
    assert shown.count("<tr>") > 3
    assert "No submission" in page([])


def test_an_exercise_of_ones_own_has_a_plain_name(tmp_path: Path) -> None:
    for name in ("\N{FULLWIDTH LATIN SMALL LETTER R}elu", "a b", "../x", "import", "relu"):
        with pytest.raises(InvalidInput):
            new_exercise(name, tmp_path)
    assert new_exercise("mine", tmp_path) == tmp_path / "mine"
