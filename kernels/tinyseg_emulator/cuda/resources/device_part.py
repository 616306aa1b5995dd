"""The device part of a whole program, for a compiler that knows no host: NVRTC.

Functions, classes and variables of the host are blanked, lines keep their numbers. Headers of the C and C++ library,
which NVRTC has not, are stood in for: those that device code uses for their types and limits, the others are empty.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..source_files import read_source
from ..translate.requests import escaped
from ..translate.statements import CLASS, FUNCTION, Statement, statements
from ..translate.tokens import Token, tokenize

_ON_THE_DEVICE = frozenset({"__device__", "__global__", "__constant__", "__shared__", "__managed__", "constexpr"})
_OF_THE_HOST = re.compile(r"(?:cuda|cublas|cudnn|cufft|cusparse|cusolver|nvtx)[A-Z]\w*|std|FILE|printf|thrust|cub")
_STAYS = frozenset({
    "typedef", "using", "struct", "class", "union", "enum", "template", "static_assert", "namespace", "extern",
})  # fmt: skip
_ABSENT = re.compile(r'(?:could not|cannot) open source file "([^"]+)"')
_INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"')
_SYMBOL_OF_A_TEMPLATE = re.compile(r"void (.+>\(.*\))$")

_INTEGERS = """#pragma once
typedef signed char int8_t; typedef short int16_t; typedef int int32_t; typedef long long int64_t;
typedef unsigned char uint8_t; typedef unsigned short uint16_t; typedef unsigned uint32_t;
typedef unsigned long long uint64_t; typedef unsigned long uintptr_t; typedef long intptr_t;
"""
_LIMITS = """#pragma once
#define CHAR_BIT 8
#define INT_MAX 2147483647
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX 4294967295u
#define LLONG_MAX 9223372036854775807ll
#define ULLONG_MAX 18446744073709551615ull
"""
_FLOATS = """#pragma once
#define FLT_MAX 3.402823466e+38f
#define FLT_MIN 1.175494351e-38f
#define FLT_EPSILON 1.192092896e-07f
#define DBL_MAX 1.7976931348623157e+308
#define DBL_MIN 2.2250738585072014e-308
#define DBL_EPSILON 2.2204460492503131e-16
"""
_MATHS = """#pragma once
#define INFINITY __int_as_float(0x7f800000)
#define NAN __int_as_float(0x7fffffff)
#define M_PI 3.14159265358979323846
#define M_E 2.71828182845904523536
#define M_SQRT2 1.41421356237309504880
"""
_ASSERT = "#pragma once\n#ifndef assert\n#define assert(condition) ((void)0)\n#endif\n"
STAND_INS = {
    "cstdint": _INTEGERS, "stdint.h": _INTEGERS, "inttypes.h": _INTEGERS, "climits": _LIMITS, "limits.h": _LIMITS,
    "cfloat": _FLOATS, "float.h": _FLOATS, "cmath": _MATHS, "math.h": _MATHS, "cassert": _ASSERT, "assert.h": _ASSERT,
}  # fmt: skip


def device_part(source: str, filename: str, symbols: Iterable[str] = (), folders: Sequence[Path] = ()) -> str:
    """Return a program's text without what is for the host alone.

    Args:
        source: The program.
        filename: Its name.
        symbols: Names of kernels in the emulator's library; instances of templates among them are asked for at the end.
        folders: Where headers in quotation marks lie: their own device part is put in their place.
    """
    asked = [f"template __global__ void {name};" for name in dict.fromkeys(map(_instance, symbols)) if name]
    return f"namespace std {{}}\n{_line(1, filename)}\n" + "\n".join(
        [_included(_blanked(source), filename, folders, set()), *asked, ""]
    )


def _line(number: int, filename: str) -> str:
    return f'#line {number} "{escaped(filename)}"'


def _included(text: str, filename: str, folders: Sequence[Path], seen: set[Path]) -> str:
    """Return a text with the device part of its own headers in place of their `#include`; each one once."""
    lines = text.split("\n")
    for k, line in enumerate(lines):
        found = _INCLUDE.match(line)
        path = next((place / found[1] for place in folders if (place / found[1]).is_file()), None) if found else None
        if path is None:
            continue
        lines[k] = ""
        if path.resolve() not in seen:
            seen.add(path.resolve())
            inner = _included(_blanked(read_source(path)), str(path), [path.parent, *folders], seen)
            lines[k] = "\n".join([_line(1, str(path)), inner, _line(k + 2, filename)])
    return "\n".join(lines)


def _blanked(source: str) -> str:
    """Return a text with blanks for what is for the host alone."""
    tokens = tokenize(source)
    text = source
    for statement in statements(tokens):
        begin, end = _span(tokens, statement)
        if end > begin and not statement.in_class and _is_for_the_host(tokens, statement):
            text = text[:begin] + re.sub(r"[^\n]", " ", text[begin:end]) + text[end:]
    return text


def _span(tokens: Sequence[Token], statement: Statement) -> tuple[int, int]:
    """Return where a statement begins and ends in the text."""
    begin = statement.head[0].offset if statement.head else 0
    if statement.body is None:
        return begin, statement.head[-1].end
    last = min(statement.body[1], len(tokens) - 1)
    return begin, tokens[last].end


def _is_for_the_host(tokens: Sequence[Token], statement: Statement) -> bool:
    words = {token.text for token in statement.head}
    if words & _ON_THE_DEVICE:
        return False
    if statement.kind == FUNCTION:
        return True
    if statement.body is not None:
        words |= {token.text for token in tokens[statement.body[0] : statement.body[1]]}
        if words & _ON_THE_DEVICE:
            return False
        return statement.kind == CLASS and any(_OF_THE_HOST.fullmatch(word) for word in words)
    if any(_OF_THE_HOST.fullmatch(word) for word in words):
        return True
    return statement.head[0].text not in _STAYS and "const" not in words  # a variable, or a function of the host


def _instance(symbol: str) -> str:
    """Return an instance of a template and its parameters, as C++ writes them; '' for what is none."""
    found = _SYMBOL_OF_A_TEMPLATE.match(readable(symbol))
    return found[1].replace("(anonymous namespace)::", "") if found else ""


def name_of(symbol: str) -> str:
    """Return a kernel's name of a symbol, such as 'sums<float, 4>'."""
    text = readable(symbol).replace("(anonymous namespace)::", "").removeprefix("void ")
    depth = 0
    for k, character in enumerate(text):
        depth += {"<": 1, ">": -1}.get(character, 0)
        if character == "(" and not depth:
            return text[:k]
    return text


def readable(symbol: str) -> str:
    """Return a symbol as C++ writes it, by the C++ library of the machine; the symbol itself where there is none."""
    try:
        function = ctypes.CDLL("libstdc++.so.6").__cxa_demangle
        free = ctypes.CDLL(None).free
    except (OSError, AttributeError):
        return symbol
    function.restype = ctypes.c_void_p
    function.argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)]
    free.argtypes = [ctypes.c_void_p]
    status = ctypes.c_int()
    address = function(symbol.encode(), None, None, ctypes.byref(status))
    if not address:
        return symbol
    text = ctypes.string_at(address).decode("utf-8", "replace")
    free(address)
    return text


class Headers:
    """A folder of headers that stand in for absent ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, log: str) -> bool:
        """Add what a compiler missed; return whether it was something new."""
        found = _ABSENT.search(log)
        if found is None or found[1].startswith(("cuda/", "nv/", "cub/", "thrust/")):
            return False
        path = (self.folder / found[1]).resolve()
        if self.folder.resolve() not in path.parents or path.exists():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STAND_INS.get(found[1], ""), encoding="ascii")
        return True


@contextmanager
def stand_in_headers() -> Iterator[Headers]:
    """Give a folder for such headers, as long as the block runs."""
    with TemporaryDirectory(prefix="tinyseg-headers-") as folder:
        yield Headers(Path(folder))
