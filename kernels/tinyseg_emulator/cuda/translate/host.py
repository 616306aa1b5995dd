"""Takes the host's part out of a file whose kernels are launched by comments: it is never called."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .statements import FUNCTION, Statement, function_name, without_template
from .tokens import WORD, Edits, Token

_OF_THE_HOST = re.compile(r"(?:cuda|cublas|cudnn|cufft|cusparse|cusolver|curand)[A-Z]\w*|cu[A-Z]\w*|nvtx\w+")
_OF_THE_DEVICE = frozenset({"__global__", "__device__", "constexpr", "consteval", "operator"})


def empty_host_functions(tokens: Sequence[Token], found: Sequence[Statement], edits: Edits) -> None:
    """Empty `main`, and each function of the host that launches kernels or calls CUDA's library.

    What is left behind ends the program, so that a function may still promise a value.
    """
    for statement in found:
        if statement.kind != FUNCTION or statement.body is None or statement.in_class:
            continue
        if any(token.text in _OF_THE_DEVICE for token in statement.head):
            continue
        head, _ = without_template(statement.head)
        place = function_name(head)
        first, last = statement.body
        if place is None or last >= len(tokens):
            continue
        if head[place].text == "main" or any(
            _is_host_only(token, tokens[i + 1]) for i, token in enumerate(tokens[first:last], start=first)
        ):
            edits.replace(tokens[first].end, tokens[last].offset, " __builtin_trap(); ")


def _is_host_only(token: Token, behind: Token) -> bool:
    launch = token.text == "<<<" or (token.text == "<<" and behind.text == "<")  # as some editors write it
    return launch or (token.kind == WORD and _OF_THE_HOST.fullmatch(token.text) is not None)
