"""Compiles a whole program, and the runtime of its host side."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import build
from ..compiler import CHECKED, OPTIMISED, compiler, form_flags, machine_flags
from ..compiler_messages import readable
from ..implicit import WARNING
from ..objects import compile_object
from ..prelude import HEADER, Prelude, behind_front, divided_text, is_of_precompiled
from ..source_files import readable_headers
from ..translate.arithmetic import exact_arithmetic
from ..translate.exports import CompileError, Exports
from ..translate.inline_ptx import rewrite_ptx
from ..translate.kernels import find_kernels, remove_kernel_words
from ..translate.shared import rewrite_shared
from ..translate.statements import FUNCTION, Statement, function_name, statements
from ..translate.stores import keep_results
from ..translate.tokens import WORD, Edits, Token, tokenize
from ..translate.variables import Field, find_structures, find_variables, remove_memory_words
from .absent import refuse_device_heap, what_is_absent
from .launches import UNCHECKED, launch_bounds, rewrite_launches
from .symbols import host_uses

HERE = Path(__file__).parent
WRAPPED = ("fork", "vfork", "system", "popen", "execv", "execvp", "execve")
"""Functions of the C library that would start other processes: the runtime takes their place."""

_DISCARDED = re.compile(
    r"^(.*?):(\d+):\d+: warning: ignoring return value of '(?:cudaError_t|[^']*?) (\w+)[(<\s]", re.M
)


@dataclass(frozen=True)
class Program:
    """A compiled program.

    Args:
        library: The shared library.
        filename: The file's name, as messages have it.
        discarded: (file, line) of calls whose error code is thrown away.
        host_uses: (name, what host code does with it, file:line) of variables in device memory.
    """

    library: Path
    filename: str
    discarded: frozenset[tuple[str, int]]
    host_uses: tuple[tuple[str, str, str], ...] = ()


def program_runtime() -> Path:
    """Return the runtime of the host side, compiled when this version of it is first used on this machine."""
    folders = [HERE / "runtime", HERE.parent / "runtime", HERE.parent / "include"]
    files = [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]
    flags = [
        *(flag for flag in build.COMMON_FLAGS if flag != "-fno-exceptions"),
        *machine_flags(), *form_flags(OPTIMISED), "-DTINYSEG_PROGRAM=1",
    ]  # fmt: skip
    key = build._key(flags, *(path.read_bytes() for path in files))
    return build._kept(f"program-{key}.so", flags, HERE / "runtime" / "program.cpp", "the runtime of programs")


def compile_program(
    source: str,
    filename: str,
    include: Sequence[Path],
    defines: Mapping[str, str | int],
    standard: str = "c++17",
    form: str = CHECKED,
) -> Program:
    """Compile a file with `main`.

    Args:
        source: CUDA C++.
        filename: Its name, for messages.
        include: Folders of header files.
        defines: Macros.
        standard: The language: 'c++17' or a later one.
        form: CHECKED or COUNTED (compiler.py).

    Raises:
        CompileError: The compiler rejects it, or it uses what is not executed (`absent.py`).
    """
    own = HERE.parent / "include"
    headers = build._headers(source, [own, *include])
    flags = [
        *(flag for flag in build.COMMON_FLAGS if flag not in ("-fno-exceptions", "-std=c++17")),
        f"-std={standard}", *machine_flags(), *form_flags(form), "-DTINYSEG_PROGRAM=1",
        "-Wno-all", "-Wunused-result", WARNING, "-fdiagnostics-color=never", "-fno-access-control",
        *(("-fopenmp",) if re.search(r"#\s*include\s*<omp\.h>", source) else ()),
    ]  # fmt: skip
    macros = [f"-D{name}={value}" for name, value in sorted(defines.items())]
    tool = b"".join(
        path.read_bytes()
        for path in (
            *sorted(own.rglob("*.*")),
            *sorted(HERE.glob("*.py")),
            *(HERE.parent / name for name in ("implicit.py", "objects.py", "counting.py")),
        )
    )
    key = build._key([*flags, *macros, filename], source.encode("utf-8", "surrogateescape"), tool, *headers)
    name = f"{re.sub(r'[^A-Za-z0-9]+', '_', Path(filename).stem)}-main-{key}.so"
    target = build.cache_folder() / name
    notes = target.with_suffix(".json")
    if not (target.exists() and notes.exists()):
        _compile(source, filename, flags, defines, [own, *include], headers, target, notes)
    noted = json.loads(notes.read_text(encoding="utf-8"))
    discarded = frozenset((file, line) for file, line in noted["discarded"])
    return Program(target, filename, discarded, tuple((name, how, place) for name, how, place in noted["host_uses"]))


def _compile(
    source: str,
    filename: str,
    flags: Sequence[str],
    defines: Mapping[str, str | int],
    folders: Sequence[Path],
    headers: Sequence[bytes],
    target: Path,
    notes: Path,
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    early, late = build.divided(defines)
    known = build.known_prelude([*flags, *early])

    def preprocessed(known: Prelude | None) -> tuple[str, str]:
        with readable_headers(source, folders) as converted:
            search = [f"-I{place}" for place in (folders[0], *converted, *folders[1:])]
            options = [*(known.options if known else ()), *early, *search, "-include", HEADER]
            command = [*compiler(), *flags, *options, "-E", "-x", "c++", "-"]
            first = ["cuda_runtime.h", *build.early_headers(source, headers)]
            text, _ = _run(command, behind_front(source, filename, first, late), filename)
        return divided_text(text) if known else ("", text)

    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        objects, built = Path(folder) / "object.o", Path(folder) / "library.so"

        def compiled(parts: tuple[str, str], exact: bool) -> str:
            head, text = parts
            structures = known.structures if known and head else None
            changed = rewritten(text, filename, exact, structures)
            return compile_object(flags, head, changed, objects, filename, _run)

        parts = preprocessed(known)
        try:
            told = compiled(parts, exact=True)
        except CompileError as error:
            # Perhaps it is the exact operators that the compiler does not take; else this tells why.
            told = compiled(preprocessed(None) if is_of_precompiled(error) else parts, exact=False)
        wrapped = [f"-Wl,--wrap={function}" for function in WRAPPED]
        more = [flag for flag in flags if flag == "-fopenmp"]
        _run([*compiler(), *build.LINK_FLAGS, *wrapped, *more, "-o", str(built), str(objects)], None, filename)
        calls = sorted({(match[1], int(match[2])) for match in _DISCARDED.finditer(told)})
        noted = {"discarded": calls, "host_uses": host_uses(parts[1], filename)}
        notes.write_text(json.dumps(noted), encoding="utf-8")
        os.replace(built, target)


def _run(command: Sequence[str], text: str | None, subject: str) -> tuple[str, str]:
    """Return what a compiler writes, and what it says."""
    given = None if text is None else text.encode("utf-8", "surrogateescape")
    result = subprocess.run(command, input=given, capture_output=True, env={**os.environ, "LC_ALL": "C"}, check=False)
    said = result.stderr.decode("utf-8", "replace")
    if result.returncode != 0:
        absent = what_is_absent(said)
        told = re.sub(r"\nhint: .*", "", readable(said)) + f"\nhint: {absent}" if absent else readable(said)
        raise CompileError(f"{subject} does not compile:\n{told}")
    return result.stdout.decode("utf-8", "surrogateescape"), said


def rewritten(text: str, filename: str, exact: bool = True, known: Mapping[str, list[Field]] | None = None) -> str:
    """Return a preprocessed program as C++; with `exact`, device code computes and stores as on a device.

    `known` are the structures of headers before it.
    """
    text = rewrite_ptx(text, filename)
    tokens = tokenize(text)
    found = statements(tokens)
    edits = Edits(text)
    refuse_device_heap(tokens, found, filename)
    kernels, _ = find_kernels(found)
    exports = Exports(kernels, {**find_structures(tokens, found), **(known or {})})
    exports.add_variables(find_variables(found))
    exports.add_shared(rewrite_shared(tokens, found, edits))
    if exact:
        exact_arithmetic(tokens, found, edits)
        keep_results(tokens, found, edits)
    rewrite_launches(tokens, edits, launch_bounds(kernels))
    _rewrite_noinline(tokens, edits)
    _unhook_host(found, edits)
    remove_kernel_words(tokens, edits)
    remove_memory_words(tokens, found, edits)
    return edits.apply() + exports.text()


def _unhook_host(found: Sequence[Statement], edits: Edits) -> None:
    """Spare functions of the host the hooks of the checks: what they touch is guarded by pages."""
    for statement in found:
        words = [token.text for token in statement.head]
        place = function_name(statement.head)
        if statement.kind != FUNCTION or statement.in_class or place is None or not place:
            continue
        if (
            words[0] in ("template", "extern", "[", "constexpr")
            or words[place - 1] in ("::", "~")
            or "operator" in words
        ):
            continue
        if not any(word in ("__device__", "__global__", "__host__") for word in words):
            edits.insert(statement.head[0].offset, f"{UNCHECKED} ")


def _rewrite_noinline(tokens: Sequence[Token], edits: Edits) -> None:
    for i, token in enumerate(tokens):
        if token.text == "__noinline__" and (i == 0 or tokens[i - 1].text not in ("(", ",")):
            edits.replace(token.offset, token.end, "__attribute__((noinline))")


def is_program(source: str) -> bool:
    """Return whether a source is a whole program: it defines `main`, and has no comments that say how to launch."""
    if re.search(r"^\s*//\s*racecheck:", source, re.MULTILINE):
        return False
    tokens = tokenize(source)
    return any(
        token.text == "main" and tokens[i + 2].text == "(" and tokens[i].kind == WORD
        for i, token in enumerate(tokens[1:-1])
    )
