"""Operators whose result C++ leaves open, and a GPU does not: shifts, integer division, conversions of floats.

    a << b          a <<emulator::Shift{}<< b          (also >>, <<=, >>=)
    a / b           a /emulator::Divide{}/ b           (also %, /=, %=)
    (int)x          (int)(emulator::saturating<int>)x
    int(x)          emulator::converted<int>(x)    (also static_cast<int>(x))
    memcpy(...)     emulator::copied(...)          (also memset; include/device/checked_copies.h)
    abs(x)          emulator::absolute(x)

The new operator has the place of the old one, so that no expression need be understood: which types it works on, the
compiler finds out (include/device/exact_operators.h), in templates and constant expressions too. Only the bodies of
functions for the device are changed, and only where the right side is not a number that cannot matter.
"""

from __future__ import annotations

from collections.abc import Sequence

from .statements import DEVICE, FUNCTION, Statement
from .tokens import NUMBER, WORD, Edits, Token, closing

_INTEGERS = frozenset([
    "int", "unsigned", "signed", "short", "long", "char", "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t",
    "uint16_t", "uint32_t", "uint64_t", "size_t", "uchar", "ushort", "uint", "ulong",
])  # fmt: skip
_CALLS = {
    "memcpy": "emulator::copied", "memset": "emulator::filled",
    "abs": "emulator::absolute", "labs": "emulator::absolute", "llabs": "emulator::absolute",
}  # fmt: skip
_BEFORE_A_VALUE = frozenset([
    "=", "(", ",", "return", "[", "?", ":", "+", "-", "*", "/", "%", "&", "|", "^", "!", "~", "<", ">", "&&", "||",
    "==", "!=", "+=", "-=", "*=", "/=", "%=", "<<", "<=", ">=", "<<=", "case",
])  # fmt: skip


def exact_arithmetic(tokens: Sequence[Token], found: Sequence[Statement], edits: Edits) -> None:
    """Rewrite the operators in the bodies of device functions."""
    for statement in found:
        if statement.kind != FUNCTION or statement.body is None:
            continue
        if any(token.text in DEVICE for token in statement.head):
            first, last = statement.body
            _body(tokens, first + 1, min(last, len(tokens)), edits)


def _body(tokens: Sequence[Token], begin: int, end: int, edits: Edits) -> None:
    opened = [0]  # lists of template arguments that may be open, for each bracket around
    i = begin
    while i < end:
        text, token = tokens[i].text, tokens[i]
        before = tokens[i - 1].text
        if text in ("(", "[", "{"):
            opened.append(0)
            if text == "(":
                _cast(tokens, i, end, edits)
        elif text in (")", "]", "}"):
            if len(opened) > 1:
                opened.pop()
        elif text in (";", "&&", "||"):
            opened[-1] = 0
        elif text == "<" and tokens[i - 1].kind == WORD:
            opened[-1] += 1
        elif text == ">":
            double = i + 1 < end and tokens[i + 1].text == ">" and tokens[i + 1].offset == token.end
            if double and opened[-1] < 2 and before != "operator":
                assigns = i + 2 < end and tokens[i + 2].text == "=" and tokens[i + 2].offset == token.end + 1
                last = i + 1 + int(assigns)
                if not _small(tokens, last + 1, 32):
                    edits.insert(tokens[last].end, "emulator::Shift{}>>=" if assigns else "emulator::Shift{}>>")
                i = last
            elif opened[-1]:
                opened[-1] -= 1
        elif before == "operator":
            pass
        elif text in ("<<", "<<=") and not _small(tokens, i + 1, 32):
            edits.insert(token.end, f"emulator::Shift{{}}{text}")
        elif text in ("/", "%", "/=", "%=") and not _small(tokens, i + 1, None):
            edits.insert(token.end, f"emulator::Divide{{}}{text}")
        elif text in _CALLS and i + 1 < end and tokens[i + 1].text == "(" and before not in (".", "->"):
            first = tokens[i - 2] if before == "::" and tokens[i - 2].text == "std" else token
            if before != "::" or first is not token:  # `mine::abs` is another one
                edits.replace(first.offset, token.end, _CALLS[text])
        elif token.kind == WORD and text in ("static_cast", *_INTEGERS):
            _conversion(tokens, i, end, edits)
        i += 1


def _small(tokens: Sequence[Token], i: int, limit: int | None) -> bool:
    """Return whether a number follows that is not 0, or below a limit; then nothing is left open."""
    token = tokens[i]
    if token.text == "sizeof":
        return limit is None
    if token.kind != NUMBER:
        return False
    digits = token.text.rstrip("uUlLfF") if not token.text.lower().startswith("0x") else token.text.rstrip("uUlL")
    try:
        value = int(digits.replace("'", ""), 0)
    except ValueError:
        return "." in digits or "e" in digits.lower()  # a float; nothing is open in its division
    return value < limit if limit is not None else value != 0


def _type(tokens: Sequence[Token], i: int, end: int) -> int:
    """Return where the name of an integer type that begins at `i` ends; `i` when there is none."""
    k = i
    while k < end and tokens[k].text in _INTEGERS:
        k += 1
    return k


def _cast(tokens: Sequence[Token], i: int, end: int, edits: Edits) -> None:
    """Rewrite `(int)x` at its `(`."""
    close = _type(tokens, i + 1, end)
    if close == i + 1 or close + 1 >= end or tokens[close].text != ")" or tokens[i - 1].text in ("sizeof", ")", "]"):
        return
    if tokens[i - 1].kind == WORD and tokens[i - 1].text != "return":
        return
    following = tokens[close + 1]
    if following.kind in (WORD, NUMBER) or following.text in ("(", "-", "+", "*", "~", "!"):
        name = " ".join(token.text for token in tokens[i + 1 : close])
        edits.insert(tokens[close].end, f"(emulator::saturating<{name}>)")


def _conversion(tokens: Sequence[Token], i: int, end: int, edits: Edits) -> None:
    """Rewrite `int(x)` and `static_cast<int>(x)` at their first word."""
    if tokens[i].text == "static_cast":
        close = closing(tokens, i + 1) if tokens[i + 1].text == "<" else end
        if close < end and _type(tokens, i + 2, end) == close and close > i + 2:
            edits.replace(tokens[i].offset, tokens[i].end, "emulator::converted")
        return
    one_word = i + 1 < end and tokens[i + 1].text == "(" and tokens[i - 1].text in _BEFORE_A_VALUE
    if one_word and tokens[i + 2].text not in ("*", "&", ")", "&&") and tokens[i + 2].text not in _INTEGERS:
        edits.replace(tokens[i].offset, tokens[i].end, f"emulator::converted<{tokens[i].text}>")
