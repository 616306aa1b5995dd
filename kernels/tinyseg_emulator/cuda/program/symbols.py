"""Finds host code that uses a variable in device memory as if it were one of its own.

The host has a variable of that name too, which the device never sees; only the functions for symbols
(cudaMemcpyToSymbol and its kin) know the other one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..translate import place_in
from ..translate.shared import declared_names
from ..translate.statements import DECLARATION, FUNCTION, Statement, function_name, statements
from ..translate.tokens import WORD, Token, closing, tokenize

_ON_DEVICE = frozenset({"__device__", "__constant__"})
_OF_DEVICE = frozenset({"__device__", "__global__"})
_ASSIGNING = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "++", "--"})
_UNEVALUATED = frozenset({"sizeof", "decltype", "alignof", "typeid"})
_NO_TYPE = frozenset(
    {"return", "else", "do", "case", "goto", "throw", "new", "delete", "and", "or", "not", "co_return"}
)


def host_uses(text: str, filename: str) -> list[tuple[str, str, str]]:
    """Return (name, what is done, file:line) of uses of device variables in functions of the host alone."""
    tokens = tokenize(text)
    found = statements(tokens)
    names = _device_variables(found)
    functions = {
        statement.head[place].text
        for statement in found
        if statement.kind == FUNCTION and (place := function_name(statement.head)) is not None
    }
    uses: list[tuple[str, str, str]] = []
    for statement in found:
        if not names or statement.kind != FUNCTION or statement.body is None or function_name(statement.head) is None:
            continue
        if any(token.text in _OF_DEVICE for token in statement.head):
            continue
        first, last = statement.body
        body = tokens[first : min(last + 1, len(tokens))]
        own = _declared([*statement.head, *body], names)
        for token, how in _uses(body, names - own, functions):
            at = place_in(text, token.offset, filename)
            uses.append((token.text, how, f"{at.file}:{at.line}"))
    return uses


def _device_variables(found: Sequence[Statement]) -> set[str]:
    names: set[str] = set()
    for statement in found:
        outside = _without_bodies(statement.head)
        words = {token.text for token in outside}
        if statement.kind != DECLARATION or statement.in_class or not words & _ON_DEVICE or "__managed__" in words:
            continue
        if function_name(outside) is not None or words & {"typedef", "using", "const", "constexpr"}:
            continue
        head = [token for token in outside if token.text not in (*_ON_DEVICE, "extern", "static")]
        names |= set(declared_names(head)[1])
    return names


def _without_bodies(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens outside of braces: a class may have functions of the device, and its variable be the host's."""
    kept: list[Token] = []
    depth = 0
    for token in tokens:
        depth += (token.text == "{") - (token.text == "}")
        if not depth and token.text != "}":
            kept.append(token)
    return kept


def _declared(tokens: Sequence[Token], names: set[str]) -> set[str]:
    """Return which of the names a function declares itself: `int x`, `float *x`, `auto &x`."""
    return {
        token.text
        for i, token in enumerate(tokens)
        if i
        and token.text in names
        and (
            (tokens[i - 1].kind == WORD and tokens[i - 1].text not in (*_NO_TYPE, *_UNEVALUATED))
            or (
                tokens[i - 1].text in ("*", "&", ">")
                and i > 1
                and tokens[i - 2].kind == WORD
                and _begins(tokens, i - 2)
            )
        )
    }


def _begins(tokens: Sequence[Token], i: int) -> bool:
    """Return whether a word is where a declaration begins."""
    return i == 0 or tokens[i - 1].text in (";", "{", "}", "(", ",", "const")


def _uses(body: Sequence[Token], names: set[str], functions: set[str]) -> Iterator[tuple[Token, str]]:
    i = 0
    while i < len(body) - 1:
        token, behind = body[i], body[i + 1].text
        if token.kind == WORD and behind == "(" and ("Symbol" in token.text or token.text in _UNEVALUATED):
            i = closing(body, i + 1)
            continue
        if token.text in _UNEVALUATED and body[i + 1].text in names:
            i += 2
            continue
        before = body[i - 1].text if i else ""
        if token.text in names and before not in (".", "->"):
            element = i + 1
            while element < len(body) and body[element].text == "[":
                element = closing(body, element) + 1
            following = body[element].text if element < len(body) else ""
            if before == "&" and (i < 2 or body[i - 2].kind != WORD or body[i - 2].text in _NO_TYPE):
                yield token, "takes the address of"
            elif following in _ASSIGNING or before in ("++", "--"):
                yield token, "writes"
            else:
                callee = _callee(body, i)
                if callee not in functions:  # a function of the program may hand it on to one for symbols
                    yield token, "passes" if callee == ">>>" else "reads"
        i += 1


def _callee(body: Sequence[Token], i: int) -> str:
    """Return which function is called with a word as an argument of its own, `>>>` for a launch; '' for none."""
    if body[i + 1].text not in (",", ")") or body[i - 1].text not in (",", "("):
        return ""
    depth = 0
    for k in range(i - 1, 0, -1):
        depth += (body[k].text in (")", "]", "}")) - (body[k].text in ("(", "[", "{"))
        if depth < 0:
            return ">>>" if body[k - 1].text == ">" and body[k - 2].text == ">" else body[k - 1].text
    return ""
