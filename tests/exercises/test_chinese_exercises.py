"""Exercises in Chinese: texts of all of them, the command's sentences, and how wide they are."""

from __future__ import annotations

import re
import string
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tinyseg.diagnosis import language
from tinyseg.exercises import exercise, names, pictures
from tinyseg.exercises.chapters import CHAPTERS
from tinyseg.exercises.columns import NOT_FIRST, NOT_LAST, breadth, folded, padded
from tinyseg.exercises.folder import Classroom, begin
from tinyseg.exercises.hinting import hints
from tinyseg.exercises.languages import texts_of
from tinyseg.exercises.notebook import check
from tinyseg.exercises.overview import overview, table
from tinyseg.exercises.rendering import Kind, Part, for_learners, plain, split
from tinyseg.exercises.showing import Example, Result
from tinyseg.exercises.words import SENTENCES, Words

LANGUAGE = "zh-CN"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,} +[a-z]{2,} +[a-z]{2,}")
"""Three words in a row: a sentence that was left as it was."""
NARROW = re.compile(r"[\u4e00-\u9fff] ?[,;:?!]|[\u4e00-\u9fff]\.(?!\w)")
"""A comma, or another mark, that is not a Chinese one."""
NUMBER = re.compile(r"(?<![\w\[])\d+(?:\.\d+)?")
SIGNS = {"untouched"}
"""Keys of what is a sign and no sentence."""
COMMANDS = re.compile(r"tinyseg exercises [a-z]+|raise NotImplementedError")


@pytest.mark.parametrize("name", names())
def test_an_exercise_has_chinese_texts(name: str) -> None:
    of = exercise(name)
    assert (of.folder / f"{LANGUAGE}.toml").is_file(), f"{name}: expected {LANGUAGE}.toml beside en.toml"
    chinese, english = texts_of(of, LANGUAGE), texts_of(of)
    assert list(chinese.groups) == list(english.groups)
    assert CHINESE.search(chinese.title) or name == "grad_cam"
    assert all(map(CHINESE.search, (chinese.summary, *chinese.hints)))
    for text in (chinese.title, chinese.summary, *chinese.hints, *chinese.groups.values()):
        assert not ENGLISH_WORDS.search(text), text
        assert not NARROW.search(text), text
        assert "  " not in text, text


@pytest.mark.parametrize("name", names())
def test_numbers_are_those_of_the_english_texts(name: str) -> None:
    chinese, english = texts_of(exercise(name), LANGUAGE), texts_of(exercise(name))
    for said, in_english in zip((chinese.summary, *chinese.hints), (english.summary, *english.hints), strict=True):
        assert set(NUMBER.findall(said)) == set(NUMBER.findall(in_english)), said


def gaps(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


def test_every_sentence_is_there_in_chinese_with_the_same_gaps() -> None:
    chinese, english = SENTENCES[LANGUAGE], SENTENCES["en"]
    assert set(english) == set(chinese)
    for key, sentence in chinese.items():
        assert gaps(sentence) == gaps(english[key]), key
        assert key in SIGNS or CHINESE.search(sentence), key
        assert not ENGLISH_WORDS.search(COMMANDS.sub("", sentence)), key
        assert COMMANDS.findall(sentence) == COMMANDS.findall(english[key]), key


def test_every_chapter_has_a_title_in_chinese() -> None:
    words = Words(LANGUAGE)
    titles = [words(chapter.title) for chapter in CHAPTERS.values()]
    assert all(map(CHINESE.search, titles))
    assert len(set(titles)) == len(CHAPTERS)


def test_the_list_and_the_hints_are_chinese_and_its_columns_straight(tmp_path: Path) -> None:
    words = Words(LANGUAGE)
    begin(tmp_path / "ex", words)
    room = Classroom(tmp_path / "ex")
    parts = list(table(overview(room), room, words))
    lines = [line for part in parts if part.kind is Kind.LINES for line in part.text.split("\n")]
    heading, *rows = lines
    at = breadth(heading[: heading.index(words("difficulty"))])
    assert len(rows) == len(names())
    for row in rows:
        assert row[at] == "*", row
        assert row[at - 1] == " ", row
    headings = [part.text for part in parts if part.kind is Kind.HEADING]
    assert all(map(CHINESE.search, headings))
    first = names()[0]
    assert texts_of(exercise(first), LANGUAGE).hints[0] in [part.text for part in hints(room, first, words)]


def test_chinese_characters_take_two_columns() -> None:
    assert breadth("relu") == 4
    assert breadth("卷积，y") == 7
    assert breadth("e\u0301") == 1
    assert padded("卷积", 6) == "卷积  "
    assert padded("卷积", 3) == "卷积"


def test_chinese_is_folded_between_characters_and_a_comma_never_begins_a_line() -> None:
    text = "对每个输出，求出它的窗口（在图像之内）的第一行；核元素 (i, j) 对上 x[n, h + i, w + j, c] 的像素。" * 3
    for width in range(14, 90):
        lines = folded(text, width)
        assert max(map(breadth, lines)) <= width
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert not any(line[0] in NOT_FIRST or line[-1] in NOT_LAST for line in lines)
        # filled: what begins a line had no room on the line before, but for what must stay together
        assert all(breadth(line) + breadth(following.split(" ")[0]) > width - 4 for line, following in pairwise(lines))


def test_english_is_folded_at_blanks() -> None:
    assert folded("the window moves in steps", 12) == ["the window", "moves in", "steps"]
    assert folded("", 12) == []


@pytest.mark.parametrize("name", ["relu", "unet"])
def test_paragraphs_of_a_report_fit_into_the_terminal(name: str) -> None:
    texts = texts_of(exercise(name), LANGUAGE)
    written = plain([Part(Kind.TEXT, text) for text in (texts.summary, *texts.hints)], 60)
    assert max(map(breadth, written.split("\n"))) <= 60


def test_a_check_says_in_chinese_what_is_wrong() -> None:
    def forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.abs(x), x

    def backward(dy: np.ndarray, cache: np.ndarray) -> np.ndarray:
        return dy * (cache > 0)

    said = str(check("relu", forward, backward, language=LANGUAGE))
    assert "y 是 |x|。" in said
    assert Words(LANGUAGE)("question") in said
    assert "Hint" not in said
    assert "y is |x|." in str(check("relu", forward, backward, language="en"))


def test_the_hint_is_told_from_what_was_seen() -> None:
    assert split("y 是 |x|。\n提示：y 应该是什么？") == ("y 是 |x|。", "y 应该是什么？")
    assert split("y is |x|.\nHint: what should it be?") == ("y is |x|.", "What should it be?")


def test_the_task_stands_in_a_sentence_of_either_language() -> None:
    assert for_learners("按照 contract('dice_loss')，p 是什么？", Words(LANGUAGE)) == "按照习题说明，p 是什么？"
    assert for_learners("在contract('dice_loss')中", Words(LANGUAGE)) == "在习题说明中"
    assert for_learners("Is it in contract('dice_loss')?", Words("en")) == "Is it in the text of the exercise?"


def wrong_example() -> Example:
    right = np.arange(6.0).reshape(1, 2, 3, 1)
    wrong = right > 4
    return Example({}, {}, {}, Result("dx", right, right + wrong, wrong, ("N", "H", "W", "C")))


def test_a_picture_is_lettered_in_chinese_where_a_font_has_the_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "CHINESE_FONTS", ("none of this name", "DejaVu Serif"))
    panel = pictures.draw(wrong_example(), "relu", Words(LANGUAGE)).axes[1]
    assert panel.get_title() == "你的"
    assert panel.title.get_fontfamily() == ["DejaVu Serif", "DejaVu Sans"]


def test_a_picture_is_lettered_in_english_where_no_font_has_the_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "CHINESE_FONTS", ())
    figure = pictures.draw(wrong_example(), "relu", Words(LANGUAGE))
    assert figure.axes[1].get_title() == "yours"
    assert pictures.png(figure).startswith(b"\x89PNG")


def test_a_detail_is_said_by_a_phrase_with_gaps_for_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    phrases = {"over axes {0}": "沿轴 {0}", "{0} instead of {1}": "是 {0}，而不是 {1}", "2 for each level": "每层加 2"}
    monkeypatch.setattr(language, "tables_of", lambda name: {"phrases": phrases} if name == LANGUAGE else {})
    said = {
        "over axes (0, 1)": "沿轴 (0, 1)",
        "over axes (0,)": "沿轴 (0,)",
        "over axes ()": "沿轴 ()",
        "-1 instead of 1e-05": "是 -1，而不是 1e-05",
        "2 for each level": "每层加 2",
        "3 for each level": "3 for each level",
        "x[0]": "x[0]",
        "": "",
    }
    with language.speaking(LANGUAGE):
        assert {detail: language.say_detail(detail) for detail in said} == said
    assert language.say_detail("over axes (0, 1)") == "over axes (0, 1)"
