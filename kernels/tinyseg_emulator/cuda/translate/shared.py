"""Shared memory in C++: static arrays become thread-local variables, dynamic ones pointers.

Nothing else is thread-local in a kernel file, so the thread-local storage of its library is the block's static shared
memory, and can be filled with NaN before each block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .kernels import text_of
from .statements import FUNCTION, Statement, function_name, without_template
from .tokens import WORD, Edits, Token, closing, split

# "used": the compiler would otherwise take a variable that nobody writes for a constant 0.
_STATIC = "static thread_local __attribute__((used))"
_ALIGNMENT = ("alignas", "__align__", "__attribute__")


@dataclass(frozen=True)
class SharedArray:
    """A shared variable as the source declares it: its name, its element's type, and the function around it, if any."""

    name: str
    type: str
    function: str
    dynamic: bool


@dataclass(frozen=True)
class _Dynamic:
    name: str
    type: str
    rest: str
    end: int

    @property
    def declaration(self) -> str:
        memory = "tinyseg_dynamic_shared()"
        if not self.rest:
            return f"{self.type} &{self.name} = *({self.type} *){memory};"
        behind = self.rest[self.rest.index("]") + 1 :]
        if behind:
            return f"{self.type} (*const {self.name}){behind} = ({self.type} (*){behind}){memory};"
        return f"{self.type} *const {self.name} = ({self.type} *){memory};"


def rewrite_shared(tokens: Sequence[Token], found: Sequence[Statement], edits: Edits) -> list[SharedArray]:
    """Rewrite all declarations of shared variables; returns what they declare."""
    bodies = [(s.body[0], s.body[1], s) for s in found if s.kind == FUNCTION and s.body is not None]
    arrays: list[SharedArray] = []
    of_the_file: list[_Dynamic] = []
    done = -1
    for i, token in enumerate(tokens):
        if token.text != "__shared__" or i <= done:
            continue
        begin, end = _statement(tokens, i)
        done = end
        declared = tokens[begin:end]
        function = next((_name(s) for first, last, s in bodies if first < i < last), "")
        specifiers, declarators = _parts(declared)
        kind = text_of(_plain_type(specifiers))
        dynamic = [_Dynamic(name, kind + stars, rest, end) for name, stars, rest in declarators]
        is_dynamic = any(word.text == "extern" for word in specifiers)
        arrays += [SharedArray(array.name, array.type, function, is_dynamic) for array in dynamic]
        if not is_dynamic:
            _make_thread_local(specifiers, edits)
        elif function:
            text = " ".join(array.declaration for array in dynamic)
            edits.replace(tokens[begin].offset, tokens[min(end, len(tokens) - 1)].end, text)
        else:
            edits.replace(tokens[begin].offset, tokens[min(end, len(tokens) - 1)].end, "")
            of_the_file += dynamic
    _declare_in_functions(tokens, bodies, of_the_file, edits)
    return arrays


def _statement(tokens: Sequence[Token], i: int) -> tuple[int, int]:
    """Return the index of the first token of the statement around an index, and that of its semicolon."""
    begin = i
    while begin and tokens[begin - 1].text not in (";", "{", "}", ":"):
        begin -= 1
    end = i
    while end < len(tokens) and tokens[end].text not in (";", "}"):
        end = closing(tokens, end) + 1 if tokens[end].text in ("(", "[", "{") else end + 1
    return begin, min(end, len(tokens))


def _parts(declared: Sequence[Token]) -> tuple[list[Token], list[tuple[str, str, str]]]:
    """Split a declaration into its specifiers and (name, stars, lengths) of each declarator."""
    parts = split(declared)
    declarators: list[tuple[str, str, str]] = []
    specifiers: list[Token] = []
    for k, part in enumerate(parts):
        names = []
        i = 0
        while i < len(part) and part[i].text not in ("[", "="):
            if part[i].text in _ALIGNMENT and i + 1 < len(part) and part[i + 1].text == "(":
                i = closing(part, i + 1)
            elif part[i].text in ("(", "{", "<"):
                end = closing(part, i)
                i = end if end < len(part) else i
            elif part[i].kind == WORD:
                names.append(i)
            i += 1
        if not names:
            continue
        name, first = names[-1], names[-1]
        while first and part[first - 1].text == "*":
            first -= 1
        rest = next((part[j:] for j in range(name, len(part)) if part[j].text == "["), [])
        lengths = text_of(rest[: next((j for j, token in enumerate(rest) if token.text == "="), len(rest))])
        declarators.append((part[name].text, "*" * (name - first), lengths))
        if k == 0:
            specifiers = part[:first]
    return specifiers, declarators


def declared_names(declared: Sequence[Token]) -> tuple[str, list[str]]:
    """Return the type that a declaration of variables writes, and their names."""
    specifiers, declarators = _parts(declared)
    return text_of(_plain_type(specifiers)), [name for name, _, _ in declarators]


def _plain_type(specifiers: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    i = 0
    while i < len(specifiers):
        text = specifiers[i].text
        if text in _ALIGNMENT and i + 1 < len(specifiers):
            i = closing(specifiers, i + 1)
        elif text == "[":
            i = closing(specifiers, i)
        elif text not in ("extern", "static", "__shared__", "inline", "thread_local"):
            kept.append(specifiers[i])
        i += 1
    return kept


def _make_thread_local(specifiers: Sequence[Token], edits: Edits) -> None:
    """Turn `__shared__` into storage classes; an `alignas` goes to the front, the only place where C++ takes it."""
    i = 0
    while i < len(specifiers):
        token = specifiers[i]
        if token.text == "__shared__":
            edits.replace(token.offset, token.end, _STATIC)
        elif token.text in ("static", "inline"):
            edits.replace(token.offset, token.end, "")
        elif token.text == "alignas" and i + 1 < len(specifiers):
            end = closing(specifiers, i + 1)
            edits.insert(specifiers[0].offset, text_of(specifiers[i : end + 1]) + " ")
            edits.replace(token.offset, specifiers[min(end, len(specifiers) - 1)].end, "")
            i = end
        i += 1


def _name(statement: Statement) -> str:
    head, _ = without_template(statement.head)
    place = function_name(head)
    return "" if place is None else head[place].text


def _declare_in_functions(
    tokens: Sequence[Token], bodies: Sequence[tuple[int, int, Statement]], arrays: Sequence[_Dynamic], edits: Edits
) -> None:
    """Declare the file's dynamic shared arrays in each function that uses them, around its body.

    As variables of the file they would have to get their values when the library is loaded, before any launch.
    """
    for first, last, statement in bodies:
        parameters = {token.text for token in statement.head}
        used = {
            tokens[i].text
            for i in range(first, last)
            if tokens[i].kind == WORD and tokens[i - 1].text not in (".", "->")
        }
        wanted = {a.name: a for a in arrays if a.end < first and a.name in used and a.name not in parameters}
        if wanted and last < len(tokens):
            edits.insert(tokens[first].end, " " + " ".join(a.declaration for a in wanted.values()) + " {")
            edits.insert(tokens[last].offset, "}")
