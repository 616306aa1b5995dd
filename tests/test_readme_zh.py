"""The README in Chinese says all that README.md says: the same commands and programs, links, numbers, sections."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def prose(text: str) -> str:
    """Return a page without its programs and commands."""
    return FENCED.sub("", text)


def links(text: str) -> Counter[str]:
    """Return where the links and pictures of a page lead, but for those from one README to the other."""
    found = Counter(a or b for a, b in re.findall(r'\]\(([^)\s]+)\)|src="([^"]+)"', prose(text)))
    return Counter({target: count for target, count in found.items() if not target.startswith("README")})


def headings(text: str) -> list[int]:
    """Return the levels of a page's headings."""
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(text), re.MULTILINE)]


def table_rows(text: str) -> int:
    """Return how many lines of tables a page has."""
    return len(re.findall(r"^\|", prose(text), re.MULTILINE))


def words_in_code(text: str) -> set[str]:
    """Return what stands between backticks."""
    return set(re.findall(r"`([^`\n]+)`", prose(text)))


def numbers(text: str) -> set[str]:
    """Return the numbers of the prose."""
    return set(re.findall(r"\d+(?:[.,]\d+)*", re.sub(r"\]\([^)]*\)|<img[^>]*>", "", prose(text))))


def test_programs_commands_and_outputs_are_the_same() -> None:
    assert len(FENCED.findall(ENGLISH)) >= 10
    assert FENCED.findall(CHINESE) == FENCED.findall(ENGLISH)


def test_links_are_the_same() -> None:
    assert links(ENGLISH)
    assert links(CHINESE) == links(ENGLISH)


def test_nothing_is_left_out() -> None:
    """The same sections and rows, and each word in code and each number of the English text."""
    assert headings(CHINESE) == headings(ENGLISH)
    assert table_rows(CHINESE) == table_rows(ENGLISH)
    assert words_in_code(ENGLISH) - words_in_code(CHINESE) == set()
    assert numbers(ENGLISH) - numbers(CHINESE) == set()


def test_each_leads_to_the_other_before_anything_else() -> None:
    for page, other in ((ENGLISH, "README.zh-CN.md"), (CHINESE, "README.md")):
        assert re.search(r"\]\(([^)]+)\)", page.split("\n\n")[1]).group(1) == other  # type: ignore[union-attr]


def test_it_is_in_chinese() -> None:
    """Every paragraph outside the programs, but for the title."""
    paragraphs = [part for part in prose(CHINESE).split("\n\n") if part.strip() and not part.startswith("# ")]
    assert len(paragraphs) > 30
    for paragraph in paragraphs:
        words = re.sub(r"`[^`]*`|\([^)]*\)|<[^>]*>", "", paragraph)
        assert not words.strip() or re.search(r"[\u4e00-\u9fff]", words), paragraph


def test_lines_are_short_enough_to_be_read_as_text() -> None:
    assert max(map(len, CHINESE.splitlines())) <= 120
