"""C++ as tokens, and changes of a text that keep its lines."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinyseg_emulator.cuda.translate.tokens import Edits, closing, split, tokenize

PIECES = [
    "__shared__", "float4", "x1", "$y", "0x1Fu", "1.5e-3f", "1'000'000", ".5f", '"a \\" __shared__ // b"', "u8\"z\"",
    'R"q(__global__ " )" )q"', "'\\''", "'a'", "<<<", ">", "<=", "<<", "<<=", "==", "->", "->*", "::", "...", "&&",
    "+=", "(",
    ")", "[", "]", "{", "}", ";", ",", "%", "?",
]  # fmt: skip
BLANKS = [
    " ",
    "\n",
    "\t",
    "\r\n",
    " // __global__ here\n",
    ' /* a\n"b */ ',
    " \\\n",
    "\n#pragma unroll 4\n",
    '\n# 7 "a.cu" 2\n',
]


def texts(text: str) -> list[str]:
    """The texts of the tokens."""
    return [token.text for token in tokenize(text)]


@pytest.mark.parametrize("seed", range(20))
def test_pieces_come_back_whatever_stands_between_them(seed: int) -> None:
    generator = random.Random(seed)
    pieces = generator.choices(PIECES, k=200)
    text = "".join(piece + generator.choice(BLANKS) for piece in pieces)
    assert texts(text) == pieces
    assert all(text[token.offset : token.end] == token.text for token in tokenize(text))


def test_kinds() -> None:
    found = [token.kind for token in tokenize('a 1 "s" R"(r)" \'c\' +')]
    assert found == ["word", "number", "string", "string", "character", "punctuation"]


def test_the_systems_headers_are_no_tokens_and_the_files_own_are() -> None:
    text = (
        '# 1 "k.cu"\nint a;\n# 1 "/usr/include/x.h" 1 3 4\nint inside;\n# 9 "/usr/include/y.h" 3\nint too;\n'
        '# 2 "k.cu" 2\nint b;\n# 1 "own.cuh" 1\nint c;\n'
    )
    assert texts(text) == ["int", "a", ";", "int", "b", ";", "int", "c", ";"]


def test_closing_brackets() -> None:
    found = tokenize("k<A<B<int>>, (a > b)>(f(1, g[2]), {3})")
    assert found[closing(found, 1)].offset == 20
    at = closing(found, 1) + 1
    assert closing(found, at) == len(found) - 1
    assert closing(found, 0) == len(found)  # no bracket
    assert closing(tokenize("(a ]"), 0) == 3
    assert closing(tokenize("i < n; j > 2"), 1) == 7


def test_split_at_commas_outside_of_brackets() -> None:
    parts = split(tokenize("f<a, b>(1, 2), {3, 4}, i < n, k > 2, ()"))
    assert ["".join(token.text for token in part) for part in parts] == ["f<a,b>(1,2)", "{3,4}", "i<n,k>2", "()"]
    assert split([]) == []


def test_edits_keep_the_numbers_of_lines() -> None:
    text = 'a\nb(\n# 1 "x"\n  c)\nd'
    edits = Edits(text)
    edits.replace(2, text.index(")") + 1, "B")
    edits.insert(0, "<")
    edits.insert(0, ">")
    assert edits.apply() == '<>a\nB\n# 1 "x"\n\nd'


@given(st.text(alphabet="ab<>()[]{},;\"'\\\n#/*R 1.e-+$", max_size=80))
def test_any_text_is_read(text: str) -> None:
    found = tokenize(text)
    split(found)
    for i in range(len(found)):
        assert i <= closing(found, i) <= len(found)
