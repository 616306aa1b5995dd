"""The sentences of the command."""

from __future__ import annotations

import string

import pytest

from tinyseg import InvalidInput
from tinyseg.exercises.words import LANGUAGES, SENTENCES, VARIABLE, Words, language_named


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_the_gaps_of_the_english_one(language: str) -> None:
    for key, sentence in SENTENCES[language].items():
        assert gaps(sentence) == gaps(SENTENCES["en"][key]), key


def test_a_language_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert language_named() == "en"
    for name in ("zh-CN", "zh", "zh_CN", "zh_CN.UTF-8", "ZH-cn"):
        assert language_named(name) == "zh-CN"
    monkeypatch.setenv(VARIABLE, "zh")
    assert language_named() == "zh-CN"
    assert language_named("en_US.UTF-8") == "en"
    monkeypatch.setenv(VARIABLE, "tlh")
    with pytest.raises(InvalidInput, match=r"TINYSEG_LANGUAGE.*'tlh'"):
        language_named()


def test_what_a_language_lacks_is_said_in_english() -> None:
    assert Words("zh-CN")("passed", points=1, of=2)
    assert Words("en").times("tried", 1) == "tried once"
    assert Words("en").times("tried", 2) == "tried 2 times"
