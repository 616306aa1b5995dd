"""Rewrites preprocessed CUDA C++ as C++, and adds what the runtime calls.

arithmetic.py   shifts, divisions and conversions as a GPU does them
stores.py       assignments of structures that a call returns
tokens.py       words, brackets, and changes of a text that keep its lines
statements.py   what is declared in a file's namespaces and classes
kernels.py      kernels and their parameters
shared.py       shared memory
variables.py    variables in device memory, and structures
requests.py     what the launch comments of a file ask of its compiler
exports.py      the functions by which Python finds all that
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .arithmetic import exact_arithmetic
from .exports import CompileError, Exports, Place
from .host import empty_host_functions
from .inline_ptx import rewrite_ptx
from .kernels import find_kernels, remove_kernel_words
from .requests import take_requests
from .shared import rewrite_shared
from .statements import statements
from .stores import keep_results
from .tokens import Edits, tokenize
from .variables import Field, find_structures, find_variables, remove_memory_words

__all__ = ["CompileError", "place_in", "translate"]

_MARKER = re.compile(r'^#(?:line)? *(\d+) *"((?:[^"\\]|\\.)*)"', re.MULTILINE)


def translate(text: str, filename: str, exact: bool = True, known: Mapping[str, list[Field]] | None = None) -> str:
    """Rewrite preprocessed CUDA C++ as C++, and add what the runtime calls (`exports.py`).

    The lines of the text keep their numbers. With `exact`, operators that C++ leaves open give what a GPU does.
    `known` are the structures of headers before it.

    Raises:
        CompileError: There is no kernel, or a comment asks for one that is not there.
    """
    text = rewrite_ptx(text, filename)
    tokens = tokenize(text)
    found = statements(tokens)
    edits = Edits(text)
    empty_host_functions(tokens, found, edits)
    kernels, instances = find_kernels(found)
    if not kernels:
        raise CompileError(f"{filename}: expected kernels declared  __global__ void name(...), found none")
    exports = Exports(kernels, {**find_structures(tokens, found), **(known or {})})
    requests = take_requests(found, edits)
    exports.add_requests(requests, [place_in(text, request.offset, filename) for request in requests])
    for instance in instances:
        exports.add_own_instance(instance)
    exports.add_variables(find_variables(found))
    exports.add_shared(rewrite_shared(tokens, found, edits))
    if exact:
        exact_arithmetic(tokens, found, edits)
        keep_results(tokens, found, edits)
    remove_kernel_words(tokens, edits)
    remove_memory_words(tokens, found, edits)
    return edits.apply() + exports.text()


def place_in(text: str, offset: int, filename: str) -> Place:
    """Return the file and line of a place in preprocessed text, by the last line marker before it."""
    last = None
    for match in _MARKER.finditer(text, 0, offset):
        last = match
    if last is None:
        return Place(filename, text.count("\n", 0, offset) + 1)
    name = last[2].replace('\\"', '"').replace("\\\\", "\\")
    return Place(name, int(last[1]) + text.count("\n", last.end(), offset) - 1)
