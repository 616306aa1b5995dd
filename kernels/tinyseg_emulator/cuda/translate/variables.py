"""The variables that a file keeps on the device, and the fields of its structures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .kernels import text_of
from .shared import declared_names
from .statements import CLASS, DECLARATION, Statement, function_name, statements, without_template
from .tokens import WORD, Edits, Token, split, tokenize

_MEMORY = {"__constant__": "constant", "__device__": "global", "__managed__": "global"}
_WORDS = (*_MEMORY, "__host__", "__grid_constant__")
_NO_FIELD = frozenset({"static", "typedef", "using", "friend", "enum", "template", "__global__", ":", "operator", "("})
_USED = "__attribute__((used))"


@dataclass(frozen=True)
class Variable:
    """A variable of the file in device memory: its name with the namespaces, its type as written, which memory."""

    qualified: str
    type: str
    memory: str


@dataclass(frozen=True)
class Field:
    """A field of a structure: its name, its type as it is written, and the template parameters of the structure."""

    name: str
    type: str
    parameters: tuple[str, ...] = ()

    def type_in(self, arguments: Sequence[str]) -> str:
        """Return the type in an instance of the template: `T` of `Vec<float, 3>` is float."""
        chosen = dict(zip(self.parameters, arguments, strict=False))
        return text_of([replace(token, text=chosen.get(token.text, token.text)) for token in tokenize(self.type)])


def find_variables(found: Sequence[Statement]) -> list[Variable]:
    """Return the `__device__`, `__constant__` and `__managed__` variables that a file defines."""
    variables = []
    for statement in found:
        texts = {token.text for token in statement.head}
        if _is_variable(statement) and not texts & {"extern", "template", "typedef", "using"}:
            memory = "constant" if "__constant__" in texts else "global"
            kind, names = declared_names([token for token in statement.head if token.text not in _WORDS])
            variables += [Variable(statement.qualified + name, kind, memory) for name in names]
    return variables


def _is_variable(statement: Statement) -> bool:
    return (
        statement.kind == DECLARATION
        and not statement.in_class
        and any(token.text in _MEMORY for token in _before_body(statement.head))
        and function_name(statement.head) is None
    )


def _before_body(head: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens in front of a class's body: its member functions may be `__device__`."""
    return head[: next((i for i, token in enumerate(head) if token.text == "{"), len(head))]


def remove_memory_words(tokens: Sequence[Token], found: Sequence[Statement], edits: Edits) -> None:
    """Take out `__device__` and its kin; a variable gets an attribute, since the host may write to it."""
    variables = {
        next(token.offset for token in statement.head if token.text in _MEMORY)
        for statement in found
        if _is_variable(statement)
    }
    for token in tokens:
        if token.text in _WORDS:
            edits.replace(token.offset, token.end, _USED if token.offset in variables else "")


def find_structures(tokens: Sequence[Token], found: Sequence[Statement]) -> dict[str, list[Field]]:
    """Return the fields of each structure by its name; one that is too special, as with bit fields, is left out."""
    structures: dict[str, list[Field]] = {}
    for k, statement in enumerate(found):
        if statement.kind != CLASS or statement.body is None or any(token.text == "union" for token in statement.head):
            continue
        fields = _fields(tokens[statement.body[0] + 1 : statement.body[1]])
        if fields is None:
            continue
        fields = [replace(field, parameters=_parameters(statement)) for field in fields]
        for name in (*_own_name(statement), *_aliases(statement, found[k + 1 :])):
            structures.setdefault(name, fields)
    return structures


def _parameters(statement: Statement) -> tuple[str, ...]:
    """Return the names of a class template's parameters."""
    _, templates = without_template(statement.head)
    names = []
    for part in split(templates[-1]) if templates else []:
        declared = part[: next((i for i, token in enumerate(part) if token.text == "="), len(part))]
        names.append(next((token.text for token in reversed(declared) if token.kind == WORD), ""))
    return tuple(names)


def _own_name(statement: Statement) -> list[str]:
    names = [token.text for token in statement.head if token.kind == WORD]
    for key in ("struct", "class"):
        if key in names and names.index(key) + 1 < len(names):
            behind = names[names.index(key) + 1 :]
            # `struct __align__(16) P : Base` and the like: the first word that is no attribute's.
            plain = [name for name in behind if not name.startswith("__") and name not in ("alignas", "aligned")]
            return plain[:1]
    return []


def _aliases(statement: Statement, later: Sequence[Statement]) -> list[str]:
    """Return the name that `typedef struct {...} Name;` gives."""
    for other in later:
        if other.kind == DECLARATION and other.head[: len(statement.head)] == statement.head:
            return [other.head[-1].text] if other.head[0].text == "typedef" else []
    return []


def _fields(inside: Sequence[Token]) -> list[Field] | None:
    fields: list[Field] = []
    for member in statements(_without_access(inside)):
        texts = [token.text for token in member.head]
        if member.path or member.kind == CLASS or not texts:
            continue
        if member.kind == DECLARATION and not set(texts) & _NO_FIELD:
            kind, names = declared_names(member.head)
            fields += [Field(name, kind) for name in names]
        elif ":" in texts and member.kind == DECLARATION and "(" not in texts:
            return None
    return fields


def _without_access(tokens: Sequence[Token]) -> list[Token]:
    kept = []
    for k, token in enumerate(tokens):
        access = ("public", "private", "protected")
        behind = tokens[k + 1].text if k + 1 < len(tokens) else ""
        before = tokens[k - 1].text if k else ""
        if not ((token.text in access and behind == ":") or (token.text == ":" and before in access)):
            kept.append(token)
    return kept


def written_type(tokens: Sequence[Token]) -> str:
    """Return the word by which a type is known in the table of structures: Vec for `const ns::Vec<float>`."""
    name = ""
    for token in tokens:
        if token.text == "<":
            break
        if token.kind == WORD and token.text not in ("const", "volatile", "struct", "class", "typename"):
            name = token.text
    return name
