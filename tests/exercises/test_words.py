"""The sentences of the command."""

from __future__ import annotations

import re
import string

import pytest

from tests.test_sizes import ROOT
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


def test_every_sentence_is_said_somewhere() -> None:
    sources = [*(ROOT / "tinyseg" / "exercises").glob("*.py"), *(ROOT / "tinyseg" / "cli" / "exercises").glob("*.py")]
    program = "\n".join(path.read_text("utf-8") for path in sources if path.name != "words.py")
    named = set(re.findall(r"""["']([a-z]+(?:-[a-z]+)*)["']""", program))
    keys = {key.removesuffix("-1") for key in SENTENCES["en"]}
    assert keys <= named
    called = set(re.findall(r"""words(?:\.times)?\(\s*["']([a-z-]+)["']""", program))
    assert called <= keys
    assert len(called) > 40
