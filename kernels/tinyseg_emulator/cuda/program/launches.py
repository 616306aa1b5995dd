"""Rewrites the launches of a CUDA program as calls of the runtime, and finds its kernels.

    k<<<grid, block, shared, stream>>>(a, b)    ->    emulator::stub(emulator::Config(grid, ...), "k", k)(a, b)

For a kernel whose address the name alone tells, and for function pointers, arguments are converted as in any call of
that type. A template whose arguments are deduced, or an overload, is called by a lambda, so that the compiler selects
it as it does in CUDA C++.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinyseg_kernels.errors import InvalidInput

from ..translate.exports import literal
from ..translate.kernels import Kernel
from ..translate.tokens import PUNCTUATION, WORD, Edits, Token, closing, split

_BEFORE_NAME = ("__launch_bounds__", "__cluster_dims__", "__maxnreg__", "__attribute__", "__block_size__", "alignas")
_LAUNCHERS = ("cudaLaunchKernel", "cudaLaunchCooperativeKernel", "cudaFuncSetAttribute")
UNCHECKED = '__attribute__((no_sanitize("thread"), no_sanitize("undefined")))'


class LaunchSyntax(InvalidInput):
    """A launch that cannot be read."""


@dataclass(frozen=True)
class KernelName:
    """A kernel as it is declared: its name, how many template parameters it has, and the types of its parameters.

    `template` is None for a plain function and -1 for a template with a pack of parameters.
    """

    name: str
    template: int | None
    types: tuple[str, ...]


def kernel_names(tokens: Sequence[Token]) -> list[KernelName]:
    """Return the `__global__` functions in the order of the text, declarations and definitions alike."""
    found = []
    for i, token in enumerate(tokens):
        if token.text != "__global__":
            continue
        at = i + 1
        while at < len(tokens) and not (
            tokens[at].kind == WORD
            and tokens[at].text not in _BEFORE_NAME
            and at + 1 < len(tokens)
            and tokens[at + 1].text in ("(", "<")
        ):
            if tokens[at].text in _BEFORE_NAME and at + 1 < len(tokens):
                at = closing(tokens, at + 1)
            elif tokens[at].text in (";", "{", "}"):
                break
            at += 1
        if at + 1 >= len(tokens) or tokens[at].kind != WORD:
            continue
        opening = at + 1
        if tokens[opening].text == "<":
            opening = closing(tokens, opening) + 1
        if opening < len(tokens) and tokens[opening].text == "(":
            inside = tokens[opening + 1 : closing(tokens, opening)]
            types = tuple(_type_of(parameter) for parameter in split(inside))
            found.append(KernelName(tokens[at].text, _template_of(tokens, i), types))
    return found


def _type_of(parameter: Sequence[Token]) -> str:
    """Return the words of a parameter without its name and default."""
    words = [token.text for token in parameter if token.text not in ("const", "__restrict__", "__restrict")]
    words = words[: words.index("=")] if "=" in words else words
    return " ".join(words[:-1] if len(words) > 1 and words[-1].isidentifier() else words)


def _template_of(tokens: Sequence[Token], kernel: int) -> int | None:
    """Return how many template parameters the declaration around a `__global__` has; None for no template."""
    start = kernel
    while start > 0 and tokens[start - 1].text not in (";", "}", "{"):
        start -= 1
    for i in range(start, kernel):
        if tokens[i].text == "template" and tokens[i + 1].text == "<":
            inside = tokens[i + 2 : closing(tokens, i + 1)]
            if not inside:
                return None  # template <>: a specialisation, which its template stands for
            return -1 if any(token.text == "..." for token in inside) else len(split(inside))
    return None


def rewrite_launches(tokens: Sequence[Token], edits: Edits, bounds: Mapping[str, str] | None = None) -> int:
    """Add the changes for every launch in a text to `edits`; return how many there are.

    `bounds` has the most threads of a block that kernels promise by __launch_bounds__, by their names.

    Raises:
        LaunchSyntax: A `<<<` without its `>>>`, or without arguments behind it.
    """
    kernels = kernel_names(tokens)
    count = 0
    for i, token in enumerate(tokens):
        if i and _opens_a_launch(tokens, i):
            _rewrite(tokens, i, kernels, edits, bounds or {})
            count += 1
        is_declared = i and tokens[i - 1].kind == WORD and tokens[i - 1].text not in ("return", "else", "do")
        if token.text in _LAUNCHERS and i + 1 < len(tokens) and tokens[i + 1].text == "(" and not is_declared:
            _strip_cast(tokens, i + 2, edits, token.text != "cudaFuncSetAttribute")
    return count


def _opens_a_launch(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a `<<<` begins here, or the `<< <` of some editors, which nvcc takes and C++ has not."""
    if tokens[at].kind != PUNCTUATION:
        return False
    return tokens[at].text == "<<<" or (tokens[at].text == "<<" and at + 1 < len(tokens) and tokens[at + 1].text == "<")


def launch_bounds(kernels: Sequence[Kernel]) -> dict[str, str]:
    """Return the first argument of __launch_bounds__ by a kernel's name, where it means the same at every launch."""
    found: dict[str, str] = {}
    for kernel in kernels:
        plain = kernel.template is None and kernel.qualified == f"::{kernel.name}"
        if kernel.bounds and (plain or re.fullmatch(r"[\d\s()*+uU]+", kernel.bounds)):
            found[kernel.name] = "" if found.get(kernel.name, kernel.bounds) != kernel.bounds else kernel.bounds
    return {name: text for name, text in found.items() if text}


def _rewrite(
    tokens: Sequence[Token], at: int, kernels: Sequence[KernelName], edits: Edits, bounds: Mapping[str, str]
) -> None:
    inside = at + 1 if tokens[at].text == "<<<" else at + 2
    end = _end_of_configuration(tokens, inside)
    if end is None or end + 3 >= len(tokens) or tokens[end + 3].text != "(":
        raise LaunchSyntax("a launch is written  kernel<<<grid, block>>>(arguments): '<<<' without '>>>(' behind it")
    last = closing(tokens, end + 3)
    start = _start_of_callee(tokens, at)
    callee = tokens[start:at]
    text = "".join(_spaced(callee))
    name = literal(text)
    words = [token.text for token in callee]
    named = words[words.index("<") - 1] if "<" in words else words[-1]
    promise = f".bounded({bounds[named]})" if named in bounds else ""
    if _has_an_address(callee, kernels):
        before, behind = "emulator::stub(emulator::Config(", f"){promise}, {name}, {text})"
    else:
        call = f"[](auto &...tinyseg_values) {UNCHECKED} {{ {text}(tinyseg_values...); }}"
        before, behind = "emulator::generic(emulator::Config(", f"){promise}, {name}, {call})"
        for value in split(tokens[end + 4 : last]):
            if len(value) == 1 and value[0].text in ("NULL", "__null"):  # a null pointer, and no number
                edits.replace(value[0].offset, value[0].end, "nullptr")
    edits.replace(tokens[start].offset, tokens[inside - 1].end, before)
    edits.replace(tokens[end].offset, tokens[end + 2].end, behind)


def _end_of_configuration(tokens: Sequence[Token], at: int) -> int | None:
    """Return the index of the first of the three `>` that close a `<<<` whose inside begins at an index."""
    i = at
    while i + 2 < len(tokens):
        text = tokens[i].text
        if text in ("(", "[", "{"):
            i = closing(tokens, i)
        elif text in (";", "}", ")", "]"):
            return None
        elif text == "<" and tokens[i - 1].kind == WORD:
            end = closing(tokens, i)
            i = end if end < len(tokens) else i
        elif [token.text for token in tokens[i : i + 3]] == [">", ">", ">"] and (
            tokens[i].end == tokens[i + 1].offset and (i + 3 >= len(tokens) or tokens[i + 3].text != ">")
        ):
            return i  # `>>>` or `>> >`, as nvcc has it
        i += 1
    return None


def _start_of_callee(tokens: Sequence[Token], at: int) -> int:
    """Return where the expression in front of a `<<<` begins."""
    start = at
    while True:
        start -= 1
        if tokens[start].text == ">":
            start = _opening(tokens, start, "<", ">") - 1
        while tokens[start].text in (")", "]"):
            opening = "(" if tokens[start].text == ")" else "["
            start = _opening(tokens, start, opening, tokens[start].text)
            if tokens[start - 1].kind == WORD or tokens[start - 1].text in (")", "]"):
                start -= 1
            else:
                break
        if start > 0 and tokens[start - 1].text == "template":
            start -= 1
        if start > 0 and tokens[start - 1].text in ("::", ".", "->"):
            start -= 1
            if tokens[start].text == "::" and not (tokens[start - 1].kind == WORD or tokens[start - 1].text == ">"):
                return start
            if tokens[start].text == "::" and tokens[start - 1].text in ("return", "else", "do"):
                return start
            continue
        return start


def _opening(tokens: Sequence[Token], end: int, opening: str, closer: str) -> int:
    depth = 0
    for i in range(end, -1, -1):
        depth += (tokens[i].text == closer) - (tokens[i].text == opening)
        if depth == 0:
            return i
    return 0


def _has_an_address(callee: Sequence[Token], kernels: Sequence[KernelName]) -> bool:
    """Return whether an expression names one function, or is a pointer to one."""
    words = list(callee)
    arguments: int | None = None
    if words and words[-1].text == ">":
        opening = _opening(words, len(words) - 1, "<", ">")
        arguments = len(split(words[opening + 1 : -1]))
        words = words[:opening]
    if not words or words[-1].kind != WORD:
        return True
    known = [kernel for kernel in kernels if kernel.name == words[-1].text]
    templates = {kernel.types: kernel for kernel in known if kernel.template is not None}
    plain = {kernel.types for kernel in known if kernel.template is None}
    if arguments is not None:
        return len(templates) == 1 and next(iter(templates.values())).template == arguments
    return not templates and len(plain) <= 1


def _strip_cast(tokens: Sequence[Token], at: int, edits: Edits, named: bool) -> None:
    """Remove `(void *)`, `(const void *)` or a named cast to it before a kernel: the type is needed, and the name."""
    end = closing(tokens, at - 1)
    first = next((i for i in range(at, end) if tokens[i].text == ","), end)
    words = [token.text for token in tokens[at:first]]
    start = at
    if words[:1] == ["("] and "void" in words and ")" in words:
        behind = words.index(")")
        if all(word in ("const", "void", "*") for word in words[1:behind]):
            edits.replace(tokens[at].offset, tokens[at + behind].end, "")
            start = at + behind + 1
    elif words[:1] == ["reinterpret_cast"] and words[-1:] == [")"] and "(" in words:
        opening = at + words.index("(")
        edits.replace(tokens[at].offset, tokens[opening - 1].end, "")
        start = opening + 1
    if named and start < first:
        name = "".join(_spaced([token for token in tokens[start:first] if token.text not in ("&", ")")]))
        edits.insert(tokens[at - 1].end, f"{literal(name)}, ")


def _spaced(tokens: Sequence[Token]) -> list[str]:
    """Return the texts of tokens, with a blank between two words and behind a comma."""
    parts: list[str] = []
    for i, token in enumerate(tokens):
        before = tokens[i - 1].text[-1:] if i else ""
        if before == "," or (re.match(r"\w", before) and re.match(r"\w", token.text)):
            parts.append(" ")
        parts.append(token.text)
    return parts
