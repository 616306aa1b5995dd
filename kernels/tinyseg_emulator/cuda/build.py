"""Compiles CUDA C++ for the CPU and keeps the results on disk."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tinyseg_kernels.cache_folder import CACHE_VARIABLE
from tinyseg_kernels.cache_folder import cache_folder as folder_of

from .compiler import (
    OPTIMISED,
    compiler,
    compiler_version,
    find_compiler,
    form_flags,
    machine_flags,
    run_compiler,
)
from .compiler_messages import absent_host_header
from .implicit import WARNING
from .objects import compile_object
from .prelude import HEADER, Prelude, behind_front, divided_text, is_of_precompiled, prelude
from .source_files import readable_headers
from .translate import CompileError, translate
from .translate.requests import Requests

__all__ = ["CACHE_VARIABLE", "CompileError", "cache_folder", "find_compiler", "kernel_library", "runtime_library"]

HERE = Path(__file__).parent

COMMON_FLAGS = (
    "-std=c++17",
    "-fPIC",
    "-g1",  # line tables: errors name the source line
    "-gdwarf-4",
    "-U_FORTIFY_SOURCE",
    "-fno-strict-aliasing",  # kernels read float arrays as float4
    "-fwrapv",  # signed numbers wrap, as the machine's do
    "-ffp-contract=off",  # a * b + c is rounded twice, whatever the optimiser does: the same bits from every compiler
    "-fno-exceptions",
    "-fno-stack-protector",
    # Large local arrays touch every page, so that they cannot step over the guard page of a stack.
    "-fstack-clash-protection",
    "-fno-omit-frame-pointer",
)
LINK_FLAGS = ("-shared", "-O2", "-Wl,-Bsymbolic", "-Wl,-z,lazy")

_ANY_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
_INCLUDE_LINE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def cache_folder() -> Path:
    """Return where kernels compiled for the emulator are kept."""
    return folder_of("emulator")


def runtime_library() -> Path:
    """Return the emulator's runtime, compiled when this version of it is first used on this machine."""
    files = [*sorted((HERE / "runtime").iterdir()), HERE / "include" / "runtime_interface.h"]
    flags = [*COMMON_FLAGS, *machine_flags(), *form_flags(OPTIMISED), "-fno-rtti"]
    key = _key(flags, *(path.read_bytes() for path in files if path.is_file()))
    return _kept(f"runtime-{key}.so", flags, HERE / "runtime" / "runtime.cpp", "the runtime")


def kernel_library(
    source: str,
    filename: str,
    include: Sequence[Path],
    defines: Mapping[str, str | int],
    form: str = OPTIMISED,
    std: str = "",
    requests: Requests | None = None,
) -> Path:
    """Return the shared library of a .cu file.

    Args:
        source: CUDA C++.
        filename: Its name, for messages.
        include: Folders of header files.
        defines: Macros.
        form: For speed, or with the hooks of the checks (compiler.py).
        std: Name of the C++ standard, such as 'c++20'; '' for C++17.
        requests: What the launch comments of the file ask of its compiler.

    Raises:
        CompileError: The compiler rejects the source.
    """
    folders = [HERE / "include", *include]
    headers = _headers(source, folders)
    flags = [*COMMON_FLAGS, *machine_flags(), *form_flags(form), "-Wno-all", WARNING, "-fno-access-control"]
    flags += [f"-std={std}"] if std else []
    macros = [f"-D{name}={value}" for name, value in sorted(defines.items())]
    whole = (requests or Requests()).appended_to(source, filename)
    key = _key([*flags, *macros, filename, *(str(folder) for folder in include)], whole.encode(), _own(), *headers)
    name = f"{re.sub(r'[^A-Za-z0-9]+', '_', Path(filename).stem)}-{key}.so"
    if (cache_folder() / name).exists():
        return cache_folder() / name
    early, late = divided(defines)
    known = known_prelude([*flags, *early])

    def preprocessed(known: Prelude | None) -> tuple[str, str]:
        with readable_headers(source, include) as converted:
            search = (f"-I{folder}" for folder in (folders[0], *converted, *folders[1:]))
            options = [*(known.options if known else ()), *early, *search, "-include", HEADER]
            command = [*compiler(), *flags, *options, "-E", "-x", "c++", "-"]
            text = _preprocessed(command, behind_front(whole, filename, early_headers(source, headers), late), filename)
        return divided_text(text) if known else ("", text)

    def compiled(parts: tuple[str, str], exact: bool) -> Path:
        head, text = parts
        rewritten = translate(text, filename, exact=exact, known=known.structures if known and head else None)
        return _kept(name, flags, (head, rewritten), filename)

    parts = preprocessed(known)
    try:
        return compiled(parts, exact=True)
    except CompileError as error:
        # If it is the exact operators that the compiler does not take, the file runs without them; else this tells why.
        return compiled(preprocessed(None) if is_of_precompiled(error) else parts, exact=False)


def known_prelude(flags: Sequence[str]) -> Prelude | None:
    """Return what is known of the emulator's headers when they are compiled with these flags."""
    return prelude(cache_folder() / f"prelude-{_key(flags, _own())}", flags, HERE / "include")


@cache
def _own() -> bytes:
    """Return what each kernel file's library is made with: the emulator's headers and translate/."""
    return b"".join(
        path.read_bytes()
        for folder, pattern in (
            ("include", "*"),
            ("translate", "*.py"),
            (".", "implicit.py"),
            (".", "objects.py"),
            (".", "counting.py"),
        )
        for path in sorted((HERE / folder).rglob(pattern))
        if path.is_file()
    )


def early_headers(source: str, headers: Sequence[bytes]) -> list[str]:
    """Return the names of CUDA's headers that are included before all else: those that a source or its headers include.

    Nothing that a source defines before it includes them (`#define N 16`, `#define T float`) then changes them: their
    names are ordinary ones, where NVIDIA's are reserved.
    """
    emulators = {path.read_bytes() for path in (HERE / "include").rglob("*") if path.is_file()}
    texts = [source, *(header.decode("utf-8", "replace") for header in headers if header not in emulators)]
    found = dict.fromkeys(name for text in texts for name in _ANY_INCLUDE.findall(text))
    return [name for name in found if (HERE / "include" / name).is_file()]


def divided(defines: Mapping[str, str | int]) -> tuple[list[str], str]:
    """Return options for the macros that change headers, and lines for the others.

    The lines stand behind the emulator's own headers, whose template parameters an `N` or `T` would replace.
    """
    early = {name: value for name, value in defines.items() if name.startswith(("_", "TINYSEG", "NDEBUG"))}
    options = [f"-D{name}={value}" for name, value in sorted(early.items())]
    lines = [f"#define {name} {value}\n" for name, value in sorted(defines.items()) if name not in early]
    return options, "".join(lines)


def _preprocessed(command: Sequence[str], text: str, filename: str) -> str:
    """Return preprocessed text; a header of CUDA's libraries for the host that is not here counts as empty.

    Kernels do not need it. What does, is told by the compiler afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="tinyseg-headers-") as folder:
        while True:
            try:
                return run_compiler([*command[:-3], f"-I{folder}", *command[-3:]], text, filename)[0]
            except CompileError as error:
                header = absent_host_header(str(error))
                if header is None or (Path(folder) / header).exists():
                    raise
                (Path(folder) / header).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / header).write_text("", encoding="ascii")


def _headers(source: str, folders: Sequence[Path]) -> list[bytes]:
    """Return the contents of all headers that a source includes in quotation marks, and of those that they include."""
    found: dict[Path, bytes] = {}
    waiting = [source]
    while waiting:
        for name in _INCLUDE_LINE.findall(waiting.pop()):
            for folder in folders:
                path = folder / name
                if path.is_file():
                    if path not in found:
                        found[path] = path.read_bytes()
                        waiting.append(found[path].decode("utf-8", "replace"))
                    break
    return [found[path] for path in sorted(found)]


def _key(flags: Sequence[str], *contents: bytes) -> str:
    digest = hashlib.sha256(compiler_version().encode())
    for item in (*(flag.encode() for flag in (*flags, *LINK_FLAGS)), *contents):
        digest.update(len(item).to_bytes(8, "little") + item)
    return digest.hexdigest()[:24]


def _kept(name: str, flags: Sequence[str], source: Path | tuple[str, str], subject: str) -> Path:
    """Return a file of the cache folder, compiled if it is not there; several processes may do so at once.

    Args:
        name: The file's name.
        flags: Options of the compiler.
        source: A file, or preprocessed text: its head, and the rest.
        subject: What is compiled, for messages.
    """
    target = cache_folder() / name
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="building-") as folder:
        built = Path(folder) / "library.so"
        # In two steps: linked with -fsanitize=thread, the library would want the sanitizer's runtime, whose place the
        # emulator takes.
        objects = Path(folder) / "object.o"
        if isinstance(source, Path):
            run_compiler([*compiler(), *flags, str(source), "-c", "-o", str(objects)], None, subject)
        else:
            compile_object(flags, *source, objects, subject)
        run_compiler([*compiler(), *LINK_FLAGS, "-o", str(built), str(objects)], None, subject)
        os.replace(built, target)
    return target
