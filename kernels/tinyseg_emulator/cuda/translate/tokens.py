"""C++ as tokens: words, numbers, strings and punctuation, each with its place in the text.

Comments, blanks and preprocessor lines are no tokens, and neither is what preprocessed text holds of the system's own
headers, so a `__shared__` in a comment or a string is never taken for the word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

WORD, NUMBER, STRING, CHARACTER, PUNCTUATION = "word", "number", "string", "character", "punctuation"

_LEXEMES = re.compile(
    r"""
    (?P<skip> [ \t\r\f\v]+ | \\\r?\n | //(?:\\\r?\n|[^\n])* | /\*.*?(?:\*/|\Z) )
  | (?P<newline> \n )
  | (?P<raw> (?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)" )
  | (?P<string> (?:u8|[uUL])?"(?:\\.|[^"\\\n])*" )
  | (?P<character> (?:u8|[uUL])?'(?:\\.|[^'\\\n])+' )
  | (?P<word> [^\W\d][\w$]* | \$\w* )
  | (?P<number> \.?\d(?:[eEpP][+-]|'(?=\w)|[\w.])* )
  | (?P<punctuation> <<<|<<=|<<|<= | \.\.\.|->\*?|::|\.\* | \+\+|--|&&|\|\| | [-+*/%&|^!=]=|\#\# | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"[ \t]*(?:#|%:)(?:\\\r?\n|/\*.*?\*/|[^\n])*", re.DOTALL)
_MARKER = re.compile(r'[ \t]*#(?:line)?[ \t]*\d+[ \t]*"(?:\\.|[^"\\\n])*"([ \t\d]*)')
_NEXT_MARKER = re.compile(r'^#(?:line)?[ \t]*\d+[ \t]*"', re.MULTILINE)
_PAIRS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of C++.

    Args:
        kind: WORD, NUMBER, STRING, CHARACTER or PUNCTUATION. `<<<` is one token; each `>` is one of its own, since
            `>>` may close two lists of template arguments.
        text: What stands there.
        offset: Where it begins in the text.
    """

    kind: str
    text: str
    offset: int

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.offset + len(self.text)


def tokenize(text: str) -> list[Token]:
    """Return the tokens of C++, preprocessed or not; any text is read, whatever it is."""
    found: list[Token] = []
    at, first_of_line = 0, True
    while at < len(text):
        if first_of_line:
            first_of_line = False
            directive = _DIRECTIVE.match(text, at)
            if directive is not None:
                at = _after_directive(text, directive)
                continue
        match = _LEXEMES.match(text, at)
        assert match is not None  # the last alternative takes any character
        at = match.end()
        kind = match.lastgroup or ""
        if kind == "newline":
            first_of_line = True
        elif kind != "skip":
            found.append(Token(STRING if kind in ("raw", "mark") else kind, match[0], match.start()))
    return found


def _after_directive(text: str, directive: re.Match[str]) -> int:
    """Return where to go on: behind the line, or behind the system's header that a line marker announces."""
    marker = _MARKER.match(directive[0])
    if marker is None or "3" not in marker[1].split():
        return directive.end()
    following = _NEXT_MARKER.search(text, directive.end())
    return len(text) if following is None else following.start() - 1


def closing(tokens: Sequence[Token], opening: int) -> int:
    """Return the index of the bracket that closes the one at an index, `len(tokens)` when there is none.

    Round, square and curly brackets; at a `<`, the `>` that ends a list of template arguments (a `<` or `>` inside
    other brackets of it is an operator).
    """
    if tokens[opening].text == "<":
        return _closing_template(tokens, opening)
    waiting: list[str] = []
    for i in range(opening, len(tokens)):
        text = tokens[i].text
        if text in _PAIRS:
            waiting.append(_PAIRS[text])
        elif waiting and text == waiting[-1]:
            waiting.pop()
        if not waiting:
            return i if i > opening else len(tokens)
    return len(tokens)


def _closing_template(tokens: Sequence[Token], opening: int) -> int:
    depth, i = 0, opening
    while i < len(tokens):
        text = tokens[i].text
        if text in _PAIRS:
            i = closing(tokens, i)
        elif text in (";", ")", "]", "}"):
            break
        else:
            depth += (text == "<") - (text == ">")
            if depth == 0:
                return i
        i += 1
    return len(tokens)


def split(tokens: Sequence[Token], separator: str = ",") -> list[list[Token]]:
    """Split at the separators that are outside all brackets; nothing at all gives no parts.

    A `<` behind a word counts as a bracket where a `>` closes it.
    """
    parts: list[list[Token]] = [[]] if tokens else []
    i = 0
    while i < len(tokens):
        text = tokens[i].text
        end = i
        if text in _PAIRS or (text == "<" and i and tokens[i - 1].kind == WORD):
            end = closing(tokens, i)
            end = i if end == len(tokens) and text == "<" else min(end, len(tokens) - 1)
        if text == separator:
            parts.append([])
        else:
            parts[-1] += tokens[i : end + 1]
        i = end + 1
    return parts


class Edits:
    """Changes of a text, made at once.

    What is replaced leaves its line ends and preprocessor lines behind, so each line of the text keeps its number.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._changes: list[tuple[int, int, str]] = []

    def replace(self, begin: int, end: int, text: str) -> None:
        """Put a text in the place of text[begin:end]; a change inside of another one is dropped."""
        kept = re.findall(r"\n[ \t]*#[^\n]*(?=\n)|\n", self._text[begin:end])
        self._changes.append((begin, end, text + "".join(kept)))

    def insert(self, place: int, text: str) -> None:
        """Put a text before a place; of several at one place the first comes first."""
        self._changes.append((place, place, text))

    def apply(self) -> str:
        """Return the changed text."""
        parts, at = [], 0
        for begin, end, text in sorted(self._changes, key=lambda change: change[:2]):
            if begin >= at:
                parts += [self._text[at:begin], text]
                at = end
        return "".join([*parts, self._text[at:]])
