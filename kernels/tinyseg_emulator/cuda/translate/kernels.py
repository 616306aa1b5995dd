"""The kernels of a file: where they stand, their template parameters, their parameters, what they promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .statements import FUNCTION, Statement, function_name, without_template
from .tokens import PUNCTUATION, WORD, Edits, Token, closing, split

_LAUNCH_WORDS = ("__launch_bounds__", "__cluster_dims__", "__block_size__", "__maxnreg__")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a kernel: its type as it is written, its name ('' without one), and whether it has a default."""

    type: str
    name: str
    has_default: bool

    @property
    def to_const(self) -> bool:
        """Whether it is a pointer to what the kernel only reads."""
        return "*" in self.type and "const" in self.type.partition("*")[0].split()


@dataclass(frozen=True)
class Kernel:
    """A kernel that a file defines.

    Args:
        name: Its name.
        qualified: The same with the namespaces, `::a::b::name`.
        parameters: Its parameters.
        template: Text of each template parameter, None for a kernel that is no template.
        bounds: First argument of its __launch_bounds__, '' without.
        cluster: Arguments of its __cluster_dims__, '' without.
        offset: Where its name stands in the text.
    """

    name: str
    qualified: str
    parameters: tuple[Parameter, ...]
    template: tuple[str, ...] | None
    bounds: str
    cluster: str
    offset: int

    @property
    def display(self) -> str:
        """The name for people: `a::b::name`."""
        return self.qualified.removeprefix("::")

    @property
    def required_template_arguments(self) -> int | None:
        """How many template arguments must be named, None when there is no telling, as with a pack."""
        if self.template is None:
            return 0
        if any("..." in parameter for parameter in self.template):
            return None
        return sum("=" not in parameter.replace("==", "") for parameter in self.template)


def find_kernels(found: Sequence[Statement]) -> tuple[list[Kernel], list[str]]:
    """Return the kernels that are defined, and the instances that a file itself asks for (`template ... k<float>`)."""
    kernels: list[Kernel] = []
    instances: list[str] = []
    for statement in found:
        if not any(token.text == "__global__" for token in statement.head):
            continue
        head, templates = without_template(statement.head)
        place = function_name(head)
        if place is None or statement.in_class:
            continue
        if statement.kind == FUNCTION and templates != [[]]:  # `template <>` is a specialisation of another one
            kernels.append(_kernel(statement, head, templates, place))
        elif statement.kind != FUNCTION and head[0].text == "template":
            end = closing(head, place + 1) if head[place + 1].text == "<" else place
            instances.append(statement.qualified + text_of(head[place : end + 1]))
    return kernels, instances


def _kernel(statement: Statement, head: Sequence[Token], templates: list[list[Token]], place: int) -> Kernel:
    start = place
    while start >= 2 and head[start - 1].text == "::" and head[start - 2].kind == WORD:
        start -= 2
    opening = next(i for i in range(place, len(head)) if head[i].text == "(")
    parameters = split(head[opening + 1 : closing(head, opening)])
    if [text_of(part) for part in parameters] == ["void"]:
        parameters = []
    return Kernel(
        name=head[place].text,
        qualified=statement.qualified + text_of(head[start : place + 1]).replace(" ", ""),
        parameters=tuple(parameter(part) for part in parameters),
        template=tuple(text_of(part) for part in split(templates[-1])) if templates else None,
        bounds=_first(head, "__launch_bounds__"),
        cluster=_inside(head, "__cluster_dims__"),
        offset=head[place].offset,
    )


def parameter(tokens: Sequence[Token]) -> Parameter:
    """Read a parameter: `const float *__restrict__ x = nullptr`, `float x[]`, `void (*f)(int)`, `int`."""
    equals = next((i for i, token in enumerate(tokens) if token.text == "="), len(tokens))
    kept = [token for token in tokens[:equals] if token.text not in ("__restrict__", "__restrict", "restrict")]
    kept = _without_attributes(kept)
    name = _declared(kept)
    if name is None:
        return Parameter(text_of(kept), "", equals < len(tokens))
    rest = kept[name + 1 :]
    pointer = "*" if rest and rest[0].text == "[" else ""
    behind = rest[closing(rest, 0) + 1 :] if pointer else rest
    written = f"{text_of(kept[:name])}{f' (*){text_of(behind)}' if pointer and behind else pointer + text_of(behind)}"
    return Parameter(written, kept[name].text, equals < len(tokens))


_TYPE_WORDS = frozenset({
    "const", "volatile", "unsigned", "signed", "int", "short", "long", "char", "float", "double", "bool", "struct",
    "typename", "enum", "class", "union", "auto",
})  # fmt: skip


def _declared(tokens: Sequence[Token]) -> int | None:
    """Return the index of the name that a parameter declares; None for a type alone."""
    names = []
    i = 0
    while i < len(tokens):
        text = tokens[i].text
        if text == "<":
            i = closing(tokens, i)
        elif text == "[":
            break
        elif tokens[i].kind == WORD:
            names.append(i)
        elif text == ")" and names:
            break
        i += 1
    if not names or tokens[names[-1]].text in _TYPE_WORDS:
        return None
    last = names[-1]
    before = [tokens[k].text for k in names[:-1] if tokens[k].text not in ("const", "volatile", "struct", "typename")]
    if not before or tokens[last - 1].text == "::":
        return None
    return last


def _without_attributes(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    i = 0
    while i < len(tokens):
        if tokens[i].text in ("__attribute__", "alignas") and i + 1 < len(tokens):
            i = closing(tokens, i + 1)
        elif tokens[i].text == "[" and i + 1 < len(tokens) and tokens[i + 1].text == "[":
            i = closing(tokens, i)
        elif tokens[i].text not in ("__grid_constant__", "register"):
            kept.append(tokens[i])
        i += 1
    return kept


_JOINING = ("+", "-", "&", "|", "<", ">", "=", ":")


def text_of(tokens: Sequence[Token]) -> str:
    """Return tokens as text, with blanks between words only."""
    parts: list[str] = []
    for k, token in enumerate(tokens):
        if k and _apart(tokens[k - 1], token):
            parts.append(" ")
        parts.append(token.text)
    return "".join(parts)


def _apart(left: Token, right: Token) -> bool:
    words = left.kind != PUNCTUATION and right.kind != PUNCTUATION
    before_star = right.text in ("*", "&") and left.kind == WORD
    behind = left.text == ">" and right.kind == WORD
    behind_star = left.text in ("*", "&") and right.text == "const"
    joining = left.text in _JOINING and right.text in _JOINING and left.end < right.offset  # `- -1`
    return words or before_star or behind or behind_star or joining or left.text == ","


def _inside(head: Sequence[Token], word: str) -> str:
    for i, token in enumerate(head[:-1]):
        if token.text == word and head[i + 1].text == "(":
            return text_of(head[i + 2 : closing(head, i + 1)])
    return ""


def _first(head: Sequence[Token], word: str) -> str:
    for i, token in enumerate(head[:-1]):
        if token.text == word and head[i + 1].text == "(":
            parts = split(head[i + 2 : closing(head, i + 1)])
            return text_of(parts[0]) if parts else ""
    return ""


def remove_kernel_words(tokens: Sequence[Token], edits: Edits) -> None:
    """Take out what only CUDA knows: `__global__`, and the promises with their parentheses."""
    for i, token in enumerate(tokens):
        if token.text == "__global__":
            edits.replace(token.offset, token.end, "")
        elif token.text in _LAUNCH_WORDS and i + 1 < len(tokens) and tokens[i + 1].text == "(":
            end = min(closing(tokens, i + 1), len(tokens) - 1)
            edits.replace(token.offset, tokens[end].end, "")
