"""The Chinese texts of the diagnosis: complete, and with the gaps of the English ones."""

from __future__ import annotations

import pkgutil
import re
import string
from collections.abc import Mapping
from importlib import import_module

import numpy as np
import pytest

from tinyseg.diagnosis import diagnose, texts
from tinyseg.diagnosis.causes import sentence, text_of
from tinyseg.diagnosis.language import language_in_use, languages, speaking, tables_of
from tinyseg.diagnosis.texts import BY_OPERATION, FAMILIES, TEXTS, families

LANGUAGE = "zh-CN"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,} +[a-z]{2,} +[a-z]{2,}")
"""Three words in a row: a sentence that was left as it was."""

OTHER_TABLES = {"words", "phrases"}
"""Tables that hold no causes."""


def english() -> dict[str, Mapping[str, tuple[str, str]]]:
    """Return the English texts as the tables of a language's file: one for each module of texts."""
    modules = {name: import_module(f"{texts.__name__}.{name}") for _, name, _ in pkgutil.iter_modules(texts.__path__)}
    patterns = {**families.PATTERNS, **families.PATTERNS_BY_NUMBER, **families.PATTERNS_OF_THE_LAST_AXIS}
    return {"families": patterns} | {name: module.TEXTS for name, module in modules.items() if hasattr(module, "TEXTS")}


TABLES = english()


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("table", TABLES)
def test_every_cause_has_a_chinese_text(table: str) -> None:
    there = set(tables_of(LANGUAGE).get(table, {}))
    assert set(TABLES[table]) - there == set()
    assert there - set(TABLES[table]) == set()


def test_no_table_is_unknown() -> None:
    assert set(tables_of(LANGUAGE)) - OTHER_TABLES == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_texts_are_chinese_and_have_the_gaps_of_the_english_ones(table: str) -> None:
    for cause, text in tables_of(LANGUAGE).get(table, {}).items():
        assert len(text) == 2, cause
        for said, in_english in zip(text, TABLES[table][cause], strict=True):
            assert gaps(said) == gaps(in_english), cause
            assert CHINESE.search(said), cause
            assert not ENGLISH_WORDS.search(said), cause
            # what is left out when there is no detail
            assert ("（{detail}）" in said) == (" ({detail})" in in_english), cause


def test_words_fill_the_patterns() -> None:
    words = tables_of(LANGUAGE)["words"]
    assert set(words) == {"first", "last", *families.ENTRIES}
    assert all(CHINESE.search(word) for word in words.values())
    with speaking(LANGUAGE):
        for cause in FAMILIES:
            if cause in TEXTS:
                continue
            text = text_of(cause, "nobody's")
            assert text is not None
            assert all(CHINESE.search(said) and not ENGLISH_WORDS.search(said) for said in text), cause
            assert "{" not in "".join(text), cause
        assert sentence("last-row-missing", "nobody's").startswith("漏掉了最后一行。")


def test_phrases_have_the_gaps_of_their_english_wording() -> None:
    for in_english, said in tables_of(LANGUAGE).get("phrases", {}).items():
        assert gaps(said) == gaps(in_english), in_english


@pytest.mark.parametrize("operation", BY_OPERATION)
def test_an_operation_finds_its_chinese_texts(operation: str) -> None:
    with speaking(LANGUAGE):
        for cause, own in BY_OPERATION[operation].items():
            said = text_of(cause, operation)
            assert said is not None
            assert said != own, cause
            assert CHINESE.search(said[0]), cause


def test_a_language_is_spoken_within_its_block() -> None:
    assert LANGUAGE in languages()
    in_english = sentence("mask-missing", "relu")
    assert in_english.startswith("dx is dy itself")
    with speaking(LANGUAGE):
        assert language_in_use() == LANGUAGE
        assert sentence("mask-missing", "relu").startswith("dx 就是 dy 本身")
        assert "（" not in sentence("transposed", "relu", thing="y")
        assert "y 被转置了（轴 0）。" in sentence("transposed", "relu", thing="y", detail="轴 0")
        with speaking("en"):
            assert sentence("mask-missing", "relu") == in_english
        assert sentence("mask-missing", "relu") != in_english
    assert sentence("mask-missing", "relu") == in_english


def test_the_block_ends_with_an_exception_too() -> None:
    with pytest.raises(KeyError), speaking(LANGUAGE):
        raise KeyError
    assert language_in_use() == "en"


def test_an_unknown_language_is_english() -> None:
    for cause, operation in (("mask-missing", "relu"), ("all-zero", "relu"), ("last-row-missing", "relu")):
        in_english = sentence(cause, operation)
        with speaking("tlh"):
            assert sentence(cause, operation) == in_english


def test_a_diagnosis_is_chinese() -> None:
    def forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.abs(x), x

    def backward(dy: np.ndarray, cache: np.ndarray) -> np.ndarray:
        return dy * (cache > 0)

    with speaking(LANGUAGE):
        assert "y 是 |x|。" in diagnose("relu", forward, backward).message
    assert "y is |x|." in diagnose("relu", forward, backward).message
