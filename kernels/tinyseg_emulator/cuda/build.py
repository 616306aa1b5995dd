"""Compiles CUDA C++ for the CPU and keeps the results on disk."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tinyseg_kernels.cache_folder import CACHE_VARIABLE
from tinyseg_kernels.cache_folder import cache_folder as folder_of

from .compiler import COUNTED, OPTIMISED, compiler, compiler_version, find_compiler, form_flags, machine_flags
from .compiler_messages import absent_host_header, readable
from .counting import with_counters
from .source_files import readable_headers
from .translate import CompileError, translate
from .translate.requests import Requests, escaped

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

_INCLUDE_LINE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def cache_folder() -> Path:
    """Return where kernels compiled for the emulator are kept."""
    return folder_of("emulator")


def runtime_library() -> Path:
    """Return the emulator's runtime, compiled when this version of it is first used on this machine."""
    files = [*sorted((HERE / "runtime").iterdir()), HERE / "include" / "runtime_interface.h"]
    flags = [*COMMON_FLAGS, *machine_flags(), *form_flags(OPTIMISED), "-fno-rtti"]
    key = _key(flags, *(path.read_bytes() for path in files if path.is_file()))
    return _kept(f"runtime-{key}.so", [*flags, str(HERE / "runtime" / "runtime.cpp")], None, "the runtime")


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
    flags = [*COMMON_FLAGS, *machine_flags(), *form_flags(form), "-w", "-fno-access-control"]
    flags += [f"-std={std}"] if std else []
    macros = [f"-D{name}={value}" for name, value in sorted(defines.items())]
    whole = (requests or Requests()).appended_to(source, filename)
    own = b"".join(
        path.read_bytes()
        for folder, pattern in (("include", "*"), ("translate", "*.py"))
        for path in sorted((HERE / folder).rglob(pattern))
        if path.is_file()
    )
    own += (HERE / "counting.py").read_bytes() if form == COUNTED else b""
    key = _key([*flags, *macros, filename, *(str(folder) for folder in include)], whole.encode(), own, *headers)
    name = f"{re.sub(r'[^A-Za-z0-9]+', '_', Path(filename).stem)}-{key}.so"
    if (cache_folder() / name).exists():
        return cache_folder() / name
    early, late = divided(defines)
    with readable_headers(source, include) as converted:
        search = (f"-I{folder}" for folder in (folders[0], *converted, *folders[1:]))
        command = [*compiler(), *flags, *early, *search, "-include", "cuda_emulator.h", "-E", "-x", "c++", "-"]
        text = _preprocessed(command, f'{late}#line 1 "{escaped(filename)}"\n{whole}\n', filename)
    arguments, counted = [*flags, "-x", "c++", "-"], form == COUNTED
    try:
        return _kept(name, arguments, translate(text, filename), filename, counted)
    except CompileError:
        # If it is the exact operators that the compiler does not take, the file runs without them; else this tells why.
        return _kept(name, arguments, translate(text, filename, exact=False), filename, counted)


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
                return _run([*command[:-3], f"-I{folder}", *command[-3:]], text, filename)
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


def _kept(name: str, arguments: Sequence[str], text: str | None, subject: str, counted: bool = False) -> Path:
    """Return a file of the cache folder, compiled if it is not there; several processes may do so at once."""
    target = cache_folder() / name
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="building-") as folder:
        built = Path(folder) / "library.so"
        # In two steps: linked with -fsanitize=thread, the library would want the sanitizer's runtime, whose place the
        # emulator takes.
        objects = Path(folder) / "object.o"
        if counted:
            assembly = with_counters(_run([*compiler(), *arguments, "-S", "-o", "-"], text, subject))
            _run([*compiler(), "-x", "assembler", "-c", "-o", str(objects), "-"], assembly, subject)
        else:
            _run([*compiler(), *arguments, "-c", "-o", str(objects)], text, subject)
        _run([*compiler(), *LINK_FLAGS, "-o", str(built), str(objects)], None, subject)
        os.replace(built, target)
    return target


def _run(command: Sequence[str], text: str | None, subject: str) -> str:
    # English, and quotation marks of ASCII, whatever the machine's language is.
    environment = {**os.environ, "LC_ALL": "C"}
    given = None if text is None else text.encode("utf-8", "surrogateescape")
    result = subprocess.run(command, input=given, capture_output=True, env=environment, check=False)
    if result.returncode != 0:
        raise CompileError(f"{subject} does not compile:\n{readable(result.stderr.decode('utf-8', 'replace'))}")
    return result.stdout.decode("utf-8", "surrogateescape")
