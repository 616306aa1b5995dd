"""The emulator's own headers, which stand before the first line of every kernel file: read and compiled once.

They make nine tenths of what the compiler and translate/ would read for a small file. When a second file is compiled
with the same options, g++ precompiles them, and the fields of their structures are kept; later files begin behind them.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from .compiler import compiler, is_clang, run_compiler
from .translate.exports import CompileError
from .translate.requests import escaped
from .translate.statements import statements
from .translate.tokens import tokenize
from .translate.variables import Field, find_structures

HEADER = "cuda_emulator.h"
_FRONT = "front of the file"
_FRONT_LINE = re.compile(rf'^# 1 "{_FRONT}"', re.MULTILINE)
_PRECOMPILED = re.compile(r"^#pragma GCC pch_preprocess .*\n", re.MULTILINE)


@dataclass(frozen=True)
class Prelude:
    """Options by which the preprocessor takes the precompiled headers, and the fields of their structures."""

    options: tuple[str, ...]
    structures: dict[str, list[Field]]


def prelude(folder: Path, flags: Sequence[str], include: Path) -> Prelude | None:
    """Return what is known of the headers when they are compiled with these flags; None for the first file.

    Args:
        folder: Where it is kept, a folder for each set of flags and each version of the headers.
        flags: Options of the compiler.
        include: Where the headers are.
    """
    structures = folder / "structures.json"
    if not structures.exists():
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)  # a sign that one file has been compiled
            return None
        try:
            _make(folder, flags, include)
        except (CompileError, OSError):  # such as no room on the disk: files are compiled without
            return None
    known = json.loads(structures.read_text(encoding="utf-8"))
    fields = {
        name: [Field(**{**field, "parameters": tuple(field["parameters"])}) for field in known[name]] for name in known
    }
    return Prelude((f"-I{folder}", "-fpch-preprocess") if (folder / f"{HEADER}.gch").exists() else (), fields)


def _make(folder: Path, flags: Sequence[str], include: Path) -> None:
    command = [*compiler(), *flags, f"-I{include}"]
    text = run_compiler([*command, "-include", HEADER, "-E", "-x", "c++", "-"], "", HEADER)[0]
    tokens = tokenize(text)
    found = find_structures(tokens, statements(tokens))
    with tempfile.TemporaryDirectory(dir=folder) as building:
        if not is_clang():
            made = Path(building) / f"{HEADER}.gch"
            with suppress(CompileError):
                run_compiler([*command, "-x", "c++-header", str(include / HEADER), "-o", str(made)], None, HEADER)
                os.replace(made, folder / made.name)
        made = Path(building) / "structures.json"
        made.write_text(
            json.dumps({name: [asdict(field) for field in found[name]] for name in found}), encoding="utf-8"
        )
        os.replace(made, folder / made.name)


def behind_front(source: str, filename: str, headers: Sequence[str], lines: str) -> str:
    """Return a source behind what else comes before it.

    Args:
        source: CUDA C++.
        filename: Its name.
        headers: Names of headers to be included first, behind `HEADER`.
        lines: More lines, such as those that define macros.
    """
    includes = "".join(f"#include <{name}>\n" for name in headers)
    return f'#line 1 "{_FRONT}"\n{includes}{lines}#line 1 "{escaped(filename)}"\n{source}\n'


def divided_text(text: str) -> tuple[str, str]:
    """Return preprocessed text in two parts: `HEADER`, or the line that names it precompiled; and the rest."""
    front = _FRONT_LINE.search(text)
    return (text[: front.start()], text[front.start() :]) if front else ("", text)


def language(head: str) -> tuple[str, ...]:
    """Return the arguments by which the compiler reads rewritten text behind such a head."""
    precompiled = _PRECOMPILED.search(head)
    return ("-fpreprocessed", "-x", "c++-cpp-output", "-") if precompiled else ("-x", "c++", "-")


def is_of_precompiled(error: CompileError) -> bool:
    """Return whether the compiler complains of precompiled headers, and not of the file."""
    return any(word in str(error) for word in (".gch", "PCH", "precompiled"))
