"""Assignments of what a call or an operator returns.

    a[i] = f(x)             a[i] =emulator::Kept{}|| f(x)
    a[i] = c ? f(x) : g()   a[i] =emulator::Kept{}||( c ? f(x) : g())

g++ lets a function that returns a structure write it to its place at once, and has no hook for that: nobody would see
the store. The operator takes the result as a temporary of its own, which is then copied with a hook; it returns what it
is given, and binds more weakly than all that may stand to its right. (`-fno-elide-constructors` has the same effect,
but on host code as well, where programs live on the elision: a class that frees its memory and has no copy
constructor.)
"""

from __future__ import annotations

from collections.abc import Sequence

from .statements import DEVICE, FUNCTION, Statement
from .tokens import CHARACTER, NUMBER, STRING, WORD, Edits, Token, closing

_BEFORE_A_TARGET = frozenset([";", "{", "}", ")", "(", ":", "=", "else", "do", ".", "->", "*"])
_OPERATORS = frozenset(["+", "-", "*", "/", "%", "&", "|", "^", "~", "<<"])
_ASSIGNMENTS = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<="])


def keep_results(tokens: Sequence[Token], found: Sequence[Statement], edits: Edits) -> None:
    """Rewrite the assignments in the bodies of device functions."""
    for statement in found:
        if statement.kind != FUNCTION or statement.body is None:
            continue
        if any(token.text in DEVICE for token in statement.head):
            first, last = statement.body
            for i in range(first + 1, min(last, len(tokens))):
                if tokens[i].text == "=" and _assigns(tokens, i):
                    _keep(tokens, i + 1, edits)


def _assigns(tokens: Sequence[Token], at: int) -> bool:
    """Return whether an `=` stores to something that is there already; a declaration initialises."""
    before = tokens[at - 1]
    if before.kind == WORD:
        return tokens[at - 2].text in _BEFORE_A_TARGET
    return before.text in ("]", ")")


def _keep(tokens: Sequence[Token], begin: int, edits: Edits) -> None:
    end, commas = begin, False
    outside: list[int] = []  # what stands outside of all brackets
    while end < len(tokens) and tokens[end].text not in (";", ")", "]", "}"):
        commas = commas or tokens[end].text == ","
        outside.append(end)
        end = closing(tokens, end) + 1 if tokens[end].text in ("(", "[", "{") else end + 1
    if len(outside) < 2 or end > len(tokens):
        return
    first = tokens[begin]
    if first.text in ("{", "[", "&") or first.kind in (STRING, CHARACTER):
        return
    if any(tokens[i].text in _ASSIGNMENTS and tokens[i - 1].text != ">" for i in outside):
        return  # a = b = f(): the last one is what stores the result
    question = next((i for i in outside if tokens[i].text == "?"), None)
    computed = [i for i in outside if question is None or i > question]
    operates = any(tokens[i].text in _OPERATORS for i in computed)
    calls = any(tokens[i].text == "(" and _called(tokens[i - 1]) for i in computed)
    member = len(outside) > 1 and tokens[outside[-1]].kind == WORD and tokens[outside[-2]].text in (".", "->")
    if not operates and (member or not calls):
        return  # something that is there already: perhaps a bit-field, to which no reference can be made
    if question is None:
        edits.insert(tokens[begin - 1].end, "emulator::Kept{}||")
    elif not commas:
        edits.insert(tokens[begin - 1].end, "emulator::Kept{}||(")
        edits.insert(tokens[end - 1].end, ")")


def _called(before: Token) -> bool:
    return before.kind in (WORD, NUMBER) or before.text in (">", ")", "]", "}")
