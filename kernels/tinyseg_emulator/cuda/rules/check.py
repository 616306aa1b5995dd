"""All rules for one file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..translate import CompileError
from . import tokens
from .clang_parse import parse, text_of, why_not
from .complaints import Complaint, complaints, fatal
from .functions import function_rules, kernel_rules
from .refusal import RULES, Refusal
from .variables import variable_rules
from .walk import KERNEL, Function, functions, kind, nodes

_WARNED = frozenset(["device-variable-on-host", "constant-written"])
_WHERE_USED = frozenset(["host-function", "constexpr-function", "host-variable", "host-table", "host-runtime"])
"""Rules that nvcc applies to a function only if it compiles it: a static one that nothing calls is left out."""
_FLAG = re.compile(r"--?(?:expt-)?(relaxed-constexpr|extended-lambda|rdc|relocatable-device-code)\b|-(dc)\b")
_FLAG_OF_RULE = {
    "constexpr-function": "relaxed-constexpr",
    "extended-lambda": "extended-lambda",
    "kernel-launch-on-device": "rdc",
}


@dataclass
class Verdict:
    """What the rules say of a file.

    Args:
        refusals: What nvcc refuses, in the order of lines.
        warnings: What nvcc compiles with a warning, and is a mistake nevertheless.
        maybe: Refusals that hold only if the compiler has refused the file as well.
        left_out: Why some or all rules were not looked at; '' when all were.
    """

    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    maybe: list[Refusal] = field(default_factory=list)
    left_out: str = ""

    def notes(self) -> list[str]:
        """Return what a report adds: warnings, and that rules were not looked at."""
        return [*map(str, self.warnings), *([self.left_out] if self.left_out else [])]


def check_rules(
    source: str,
    filename: str,
    include: Sequence[Path] = (),
    defines: Mapping[str, str | int] | None = None,
    standard: str = "c++17",
) -> Verdict:
    """Hold a CUDA file against the rules of nvcc, without running or compiling it.

    Options of nvcc that allow more (--expt-relaxed-constexpr, --extended-lambda, -rdc=true) count when a comment of the
    file names them.

    Args:
        source: CUDA C++ as the student wrote it, with or without `main`.
        filename: Its name, for messages.
        include: Folders of its headers.
        defines: Macros.
        standard: The version of C++.
    """
    flags = flags_of(source)
    reason = why_not()
    if reason:
        found = [Complaint(rule, filename, line, what) for rule, line, what in tokens.broken_rules(source)]
        return _verdict(found, source, filename, flags, f"only the commonest rules of nvcc were checked: {reason}")
    unit = parse(source, filename, include, dict(defines or {}), standard)
    if fatal(unit):
        found = [Complaint(rule, filename, line, what) for rule, line, what in tokens.broken_rules(source)]
        return _verdict(found, source, filename, flags, f"only the commonest rules of nvcc were checked: {fatal(unit)}")
    return _verdict([*_all(unit, flags)], source, filename, flags, "")


def refuse(verdict: Verdict, filename: str) -> None:
    """Raise `CompileError` with all refusals, if there are any."""
    if verdict.refusals:
        raise CompileError(f"{filename}: nvcc does not compile this file\n" + "\n".join(map(str, verdict.refusals)))


@contextmanager
def rules_kept(verdict: Verdict, filename: str) -> Iterator[None]:
    """Refuse what nvcc refuses before the file is compiled within the block.

    An error of the CPU's compiler there is told with the rules that explain it.
    """
    refuse(verdict, filename)
    try:
        yield
    except CompileError as error:
        if not verdict.maybe:
            raise
        explained = "\n".join(map(str, verdict.maybe))
        raise CompileError(f"{filename}: nvcc does not compile this file\n{explained}\n\n{error}") from error


def flags_of(source: str) -> frozenset[str]:
    """Return nvcc's options that the comments of a file name, as a command to compile it often stands there."""
    comments = " ".join(re.findall(r"//[^\n]*|/\*.*?\*/", source, re.DOTALL))
    named = {a or b for a, b in _FLAG.findall(comments)}
    return frozenset("rdc" if name in ("dc", "relocatable-device-code") else name for name in named)


def _all(unit: Any, flags: frozenset[str]) -> Iterator[Complaint]:
    bodies = list(functions(unit))
    for found in (
        *complaints(unit),
        *kernel_rules(unit),
        *(rule for body in bodies for rule in variable_rules(body)),
        *(rule for body in bodies for rule in function_rules(body, flags)),
    ):
        around = [body for body in bodies if found.rule in _WHERE_USED and _within(found, body)]
        if all(body.side == KERNEL or _used(body, bodies) for body in around):
            yield found


def _used(function: Function, bodies: Sequence[Function]) -> bool:
    """Return whether nvcc compiles a function: if it can be seen from elsewhere, or another function names it."""
    cursor = function.cursor
    inner = cursor.linkage.name == "INTERNAL" or kind(cursor) != "FUNCTION_DECL" or _inline(cursor)
    if not inner:
        return True
    own = cursor.get_usr()
    for body in bodies:
        if body.cursor == cursor:
            continue
        for node in nodes(body.cursor):
            target = node.cursor.referenced
            if target is not None and (
                target.get_usr() == own or _pattern(target) == own or _names(node.cursor, cursor)
            ):
                return True
    return False


def _inline(cursor: Any) -> bool:
    return re.search(r"\b(inline|__forceinline__|__inline__)\b", text_of(cursor).partition("{")[0]) is not None


def _pattern(target: Any) -> str:
    """Return which template a function was made of."""
    from clang.cindex import conf

    found = conf.lib.clang_getSpecializedCursorTemplate(target)
    return str(found.get_usr()) if found is not None else ""


def _names(cursor: Any, function: Any) -> bool:
    """Return whether an unresolved name, as in the body of a template, is that of a function."""
    return kind(cursor) in ("OVERLOADED_DECL_REF", "MEMBER_REF_EXPR") and cursor.spelling == function.spelling


def _within(found: Complaint, function: Function) -> bool:
    extent = function.cursor.extent
    file = extent.start.file
    return file is not None and file.name == found.file and extent.start.line <= found.line <= extent.end.line


def _verdict(found: Sequence[Complaint], source: str, filename: str, flags: frozenset[str], left_out: str) -> Verdict:
    verdict = Verdict(left_out=left_out)
    seen = set[tuple[str, str, int]]()
    for one in sorted(found, key=lambda one: (one.file != filename, one.file, one.line)):
        if _FLAG_OF_RULE.get(one.rule) in flags or (one.rule, one.file, one.line) in seen:
            continue
        seen.add((one.rule, one.file, one.line))
        because, instead = RULES[one.rule]
        text = _line(source if one.file == filename else _text(one.file), one.line)
        refusal = Refusal(one.file, one.line, one.rule, one.what, because, instead, text, one.rule in _WARNED)
        (verdict.warnings if refusal.warned else verdict.refusals if one.sure else verdict.maybe).append(refusal)
    return verdict


def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""
