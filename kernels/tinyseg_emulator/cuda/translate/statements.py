"""The declarations of a file: what stands at the level of namespaces and classes, with the names around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .tokens import WORD, Token, closing

FUNCTION, CLASS, DECLARATION = "function", "class", "declaration"

DEVICE = frozenset({"__device__", "__global__"})
"""What makes a function one for the device."""

ATTRIBUTES = frozenset({
    "__launch_bounds__", "__cluster_dims__", "__block_size__", "__maxnreg__", "__attribute__", "__align__", "alignas",
    "__declspec", "decltype", "noexcept", "requires", "explicit",
})  # fmt: skip
"""Words whose parentheses are no list of parameters."""


@dataclass(frozen=True)
class Statement:
    """A declaration or definition at the level of namespaces and classes.

    Args:
        kind: FUNCTION with a body, CLASS with a body, or DECLARATION, which ends at a semicolon.
        head: Its tokens before the body or the semicolon; a class that declares a variable at once is in its head.
        body: Indices of the tokens `{` and `}` of the body, None for a declaration.
        path: Names of the namespaces and classes around it, '' for one without a name.
        in_class: Whether it is a member of a class.
    """

    kind: str
    head: tuple[Token, ...]
    body: tuple[int, int] | None
    path: tuple[str, ...]
    in_class: bool

    @property
    def qualified(self) -> str:
        """`::a::b::` for what stands in b of a; a namespace without a name is left out, as C++ wants it."""
        return "::".join(["", *(name for name in self.path if name), ""])


def statements(tokens: Sequence[Token]) -> list[Statement]:
    """Return all declarations of a file, those inside of classes included, those inside of functions not."""
    found: list[Statement] = []
    _walk(tokens, 0, len(tokens), (), False, found)
    return found


def words(tokens: Sequence[Token]) -> list[str]:
    """Return the texts of tokens."""
    return [token.text for token in tokens]


def without_template(head: Sequence[Token]) -> tuple[list[Token], list[list[Token]]]:
    """Return a head without its `template <...>`, and the inside of each of those."""
    rest, lists = list(head), []
    while len(rest) > 1 and rest[0].text == "template" and rest[1].text == "<":
        end = closing(rest, 1)
        lists.append(rest[2:end])
        rest = rest[end + 1 :]
    return rest, lists


def _walk(
    tokens: Sequence[Token], i: int, end: int, path: tuple[str, ...], in_class: bool, found: list[Statement]
) -> None:
    begin = i
    while i < end:
        text = tokens[i].text
        if text in ("(", "["):
            i = closing(tokens, i)
        elif text == ";":
            if i > begin:
                found.append(Statement(DECLARATION, tuple(tokens[begin:i]), None, path, in_class))
            begin = i + 1
        elif text == ":" and in_class and tokens[i - 1].text in ("public", "private", "protected"):
            begin = i + 1
        elif text == "{":
            close = min(closing(tokens, i), end)
            head = tuple(tokens[begin:i])
            kind, name = _kind(head)
            if kind == "namespace":
                _walk(tokens, i + 1, close, (*path, *name.split("::")), False, found)
                begin = close + 1
            elif kind == "linkage":
                _walk(tokens, i + 1, close, path, in_class, found)
                begin = close + 1
            elif kind == CLASS:
                found.append(Statement(CLASS, head, (i, close), path, in_class))
                _walk(tokens, i + 1, close, (*path, name), True, found)
            elif kind == FUNCTION:
                found.append(Statement(FUNCTION, head, (i, close), path, in_class))
                begin = close + 1
            elif not head:
                begin = close + 1
            i = close
        i += 1


def _kind(head: Sequence[Token]) -> tuple[str, str]:
    """Return what a `{` behind a head begins, and the name of a namespace or class."""
    rest, _ = without_template(head)
    texts = words(rest)
    if len(texts) == 2 and texts[0] == "extern" and rest[1].kind == "string":
        return "linkage", ""
    if "namespace" in texts[:2]:
        behind = rest[texts.index("namespace") + 1 :]
        return "namespace", "".join(token.text for token in behind if token.kind == WORD or token.text == "::")
    if function_name(rest) is not None:
        return FUNCTION, ""
    for key in ("struct", "class", "union"):
        if key in texts and "enum" not in texts:
            return CLASS, _class_name(rest[texts.index(key) + 1 :])
    return "other", ""


def _class_name(rest: Sequence[Token]) -> str:
    i = 0
    while i < len(rest):
        if rest[i].text in ATTRIBUTES or rest[i].text == "[":
            i += rest[i].text != "["
            i = closing(rest, i) + 1 if i < len(rest) else i
        elif rest[i].kind == WORD:
            return rest[i].text
        else:
            return ""
    return ""


def function_name(head: Sequence[Token]) -> int | None:
    """Return the index of the name of a function in its head (without `template <...>`), None if it is no function.

    The name is a word with a list of parameters behind it; for `f<int>(...)` it is that of f.
    """
    i = 0
    while i < len(head):
        token = head[i]
        behind = head[i + 1].text if i + 1 < len(head) else ""
        if token.text in ATTRIBUTES and behind == "(":
            i = closing(head, i + 1)
        elif token.text == "operator":
            return i
        elif token.text in ("=", "{") or (token.text == ":" and i):
            return None
        elif token.text in ("(", "["):
            i = closing(head, i)
        elif token.kind == WORD and behind == "(":
            return i
        elif token.kind == WORD and behind == "<":
            end = closing(head, i + 1)
            if end + 1 < len(head) and head[end + 1].text == "(":
                return i
            i = end if end < len(head) else i
        i += 1
    return None
