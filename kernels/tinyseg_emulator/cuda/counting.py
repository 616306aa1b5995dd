"""Counts the operations of threads: the compiler's assembly gets a counter in each stretch of code that computes.

A stretch is what runs from its first instruction to its last one without a jump in or out, so one counter, and how many
operations of each kind the stretch has, say how many were done, in loops and branches too. What is counted is what is
left after the compiler's work (-O1, no vectors): common parts are computed once, and constants not at all.

Instructions from lines of the program and of its own headers count, and calls of the C library's functions (expf,
pow, ...). What the emulator's headers do in another way than a GPU leaves a comment for this, as
include/device/counting.h has it, and counts as that says; the instructions behind it do not.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping
from pathlib import Path

from ..checks.roofline.work import KINDS
from .compiler import COUNTED
from .translate import CompileError

__all__ = ["COUNTED", "Counters", "with_counters"]

HEADERS = str(Path(__file__).parent / "include")
AS_A_GPU_DOES = (
    "device/exact_operators.h", "device/rounding.h", "device/fast_math.h", "cuComplex.h", "cooperative_groups/",
    "cuda_vectors.h",
)  # fmt: skip
"""Headers whose arithmetic is that of a GPU: their instructions count as the program's own do."""

_FP32, _FP64, _ADD, _MUL, _FMA, _SPECIAL = 0, 4, 0, 1, 2, 3
_OPERATION = {"add": _ADD, "sub": _ADD, "mul": _MUL, "div": _SPECIAL, "sqrt": _SPECIAL}
_ARITHMETIC = re.compile(r"v?(?:(add|sub|mul|div|sqrt)|(fn?m(?:add|sub)(?:132|213|231)))([sp])([sd])$")
_FUNCTIONS = frozenset(
    [
        "exp",
        "exp2",
        "exp10",
        "expm1",
        "log",
        "log2",
        "log10",
        "log1p",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "atan2",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "pow",
        "powi",
        "cbrt",
        "hypot",
        "erf",
        "erfc",
        "tgamma",
        "lgamma",
        "fmod",
        "remainder",
        "j0",
        "j1",
        "jn",
        "y0",
        "y1",
        "yn",
        "sqrt",
        "sincos",
    ]
)
_SAFE = re.compile(r"(?:v?(?:add|sub|mul|div|sqrt|fn?m\w+|xor|and|or|andn)[sp][sd]|v?mov\w*|lea[ql]?|v?cvt\w+|"
                   r"v?unpck\w+|push\w?|pop\w?|nop\w*|cltd|cltq|cqto|v?pxor|v?shufps|v?insertps)$")  # fmt: skip
"""Instructions that neither read nor change the flags."""
_SETS = re.compile(r"(?:call\w?|cmp\w?|test\w?|add[bwlq]?|sub[bwlq]?|i?mul[bwlq]?|and[bwlq]?|or[bwlq]?|"
                   r"xor[bwlq]?|neg\w?|v?u?comis[sd]|ret\w?)$")  # fmt: skip
"""Instructions behind which nobody can ask what the flags were."""

_MARK = re.compile(r"#\s*tinyseg_count (\d+) (\d+)")
_FILE = re.compile(r'\.file\s+(\d+)\s+"((?:[^"\\]|\\.)*)"(?:\s+"((?:[^"\\]|\\.)*)")?')
_LOC = re.compile(r"\.loc\s+(\d+)")
_LABEL = re.compile(r"[\w.$]+:")


def with_counters(text: str) -> str:
    """Return assembly (of an x86-64, as GNU's and clang's write it) with counters.

    Raises:
        CompileError: It is that of another processor.
    """
    if "%rip" not in text:
        raise CompileError("operations are counted in the code of an x86-64 only")
    return _Counting(text).result()


class _Counting:
    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._own: dict[int, bool] = {}
        for number, folder, name in _FILE.findall(text):
            path = f"{folder}/{name}" if name and not name.startswith("/") else name or folder
            inside = path.startswith(HEADERS)
            self._own[int(number)] = not inside or path[len(HEADERS) + 1 :].startswith(AS_A_GPU_DOES)
        self._rows: list[dict[int, int]] = []
        self._out: list[str] = []
        self._found: dict[int, int] = {}
        self._first = -1
        self._counts = True  # whether the line that is read counts

    def result(self) -> str:
        for line in self._lines:
            self._read(line)
        self._end()
        return "\n".join([*self._out, *self._table()])

    def _read(self, line: str) -> None:
        text = line.strip()
        if not text or text[0] == "#":
            mark = _MARK.match(text)
            if mark:
                self._count(int(mark[1]), int(mark[2]))
        elif text[0] == ".":
            if _LABEL.match(text):
                self._begin(text)
            elif text.startswith(".loc"):
                found = _LOC.match(text)
                self._counts = self._own.get(int(found[1]), True) if found else True
        elif _LABEL.match(text):
            self._end()
        else:
            self._instruction(text)
        self._out.append(line)

    def _begin(self, label: str) -> None:
        """Come to a label: some are for the debugger only, and nothing jumps there."""
        if not label.startswith((".LV", ".LB", ".Ltmp", ".LF", ".LM")):
            self._end()

    def _instruction(self, text: str) -> None:
        name, _, operands = text.partition("\t") if "\t" in text else text.partition(" ")
        if name[0] == "j" or name.startswith(("ret", "loop", "ud2")):
            self._end()
        elif not self._counts:
            return
        elif name.startswith("call"):
            self._call(operands.strip())
        elif found := _ARITHMETIC.match(name):
            base = _FP32 if found[4] == "s" else _FP64
            lanes = 1
            if found[3] == "p":
                lanes = (8 if "%ymm" in operands else 4) // (1 if found[4] == "s" else 2)
            self._count(base + (_OPERATION[found[1]] if found[1] else _FMA), lanes)

    def _call(self, target: str) -> None:
        name = target.removeprefix("*").partition("@")[0]
        if name in ("fma", "fmaf"):
            self._count((_FP32 if name == "fmaf" else _FP64) + _FMA, 1)
            return
        name = name.removeprefix("__").removesuffix("_finite")
        for stem, base in ((name, _FP64), (name.removesuffix("f"), _FP32)):
            if stem in _FUNCTIONS and (base == _FP64 or stem != name):
                self._count(base + _SPECIAL, 2 if stem == "sincos" else 1)
                return

    def _count(self, kind: int, times: int) -> None:
        if not self._found:
            self._first = len(self._out)
        self._found[kind] = self._found.get(kind, 0) + times

    def _end(self) -> None:
        """End a stretch: put its counter in front of the first instruction that counts."""
        if not self._found:
            return
        step = f"\tincq\t.Ltinyseg_counted+{8 * len(self._rows)}(%rip)"
        if not self._flags_are_free(self._first):
            # Below the stack pointer a function that calls none may keep variables.
            step = f"\tleaq\t-128(%rsp), %rsp\n\tpushfq\n{step}\n\tpopfq\n\tleaq\t128(%rsp), %rsp"
        self._out.insert(self._first, step)
        self._rows.append(self._found)
        self._found = {}

    def _flags_are_free(self, first: int) -> bool:
        for line in self._out[first:]:
            text = line.strip()
            if not text or text[0] in ".#":
                continue
            name = text.split()[0]
            if _SETS.match(name):
                return True
            if not _SAFE.match(name):
                return False
        return False

    def _table(self) -> list[str]:
        rows = ["\t.long\t" + ", ".join(str(row.get(kind, 0)) for kind in range(len(KINDS))) for row in self._rows]
        return [
            "\t.text", "\t.section\t.rodata", "\t.align 8", "\t.globl\ttinyseg_counted_rows",
            "\t.type\ttinyseg_counted_rows, @object", "tinyseg_counted_rows:", f"\t.long\t{len(rows)}", *rows,
            "\t.size\ttinyseg_counted_rows, .-tinyseg_counted_rows",
            "\t.bss", "\t.align 8", "\t.globl\ttinyseg_counted", "\t.type\ttinyseg_counted, @object",
            "tinyseg_counted:", ".Ltinyseg_counted:", f"\t.zero\t{8 * max(1, len(rows))}",
            "\t.size\ttinyseg_counted, .-tinyseg_counted", "",
        ]  # fmt: skip


class Counters:
    """The counters of a loaded library that was compiled with them."""

    def __init__(self, handle: ctypes.CDLL) -> None:
        count = ctypes.c_int32.in_dll(handle, "tinyseg_counted_rows").value
        table = (ctypes.c_int32 * (1 + count * len(KINDS))).in_dll(handle, "tinyseg_counted_rows")
        self._rows = [table[1 + k * len(KINDS) : 1 + (k + 1) * len(KINDS)] for k in range(count)]
        self._counters = (ctypes.c_uint64 * max(1, count)).in_dll(handle, "tinyseg_counted")

    def reset(self) -> None:
        """Set all to 0."""
        ctypes.memset(self._counters, 0, ctypes.sizeof(self._counters))

    def read(self) -> Mapping[str, int]:
        """Return kind -> how often it was done since the last reset."""
        totals = dict.fromkeys(KINDS, 0)
        for times, row in zip(self._counters, self._rows, strict=False):
            if times:
                for kind, count in zip(KINDS, row, strict=True):
                    totals[kind] += times * count
        return totals
