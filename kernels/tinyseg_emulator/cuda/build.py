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

from .compiler import OPTIMISED, compiler, compiler_version, find_compiler, form_flags, machine_flags
from .translate import CompileError, translate

__all__ = ["CACHE_VARIABLE", "CompileError", "cache_folder", "find_compiler", "kernel_library", "runtime_library"]

HERE = Path(__file__).parent

COMMON_FLAGS = (
    "-std=c++17",
    "-fPIC",
    "-g1",  # line tables: errors name the source line
    "-gdwarf-4",
    "-U_FORTIFY_SOURCE",
    "-fno-strict-aliasing",  # kernels read float arrays as float4
    "-ffp-contract=off",  # a * b + c is rounded twice, whatever the optimiser does: the same bits from every compiler
    "-fno-exceptions",
    "-fno-stack-protector",
    # Large local arrays touch every page, so that they cannot step over the guard page of a stack.
    "-fstack-clash-protection",
    "-fno-omit-frame-pointer",
)
LINK_FLAGS = ("-shared", "-O2", "-Wl,-Bsymbolic")

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
) -> Path:
    """Return the shared library of a .cu file.

    Args:
        source: CUDA C++.
        filename: Its name, for messages.
        include: Folders of header files.
        defines: Macros.
        form: For speed, or with the hooks of the checks (compiler.py).

    Raises:
        CompileError: The compiler rejects the source.
    """
    folders = [HERE / "include", *include]
    headers = _headers(source, folders)
    flags = [*COMMON_FLAGS, *machine_flags(), *form_flags(form), "-w"]
    macros = [f"-D{name}={value}" for name, value in sorted(defines.items())]
    own = b"".join(
        path.read_bytes()
        for folder, pattern in (("include", "*"), ("translate", "*.py"))
        for path in sorted((HERE / folder).rglob(pattern))
        if path.is_file()
    )
    key = _key([*flags, *macros, filename], source.encode(), own, *headers)
    name = f"{re.sub(r'[^A-Za-z0-9]+', '_', Path(filename).stem)}-{key}.so"
    if (cache_folder() / name).exists():
        return cache_folder() / name
    text = _run(
        [
            *compiler(),
            *flags,
            *macros,
            *(f"-I{folder}" for folder in folders),
            "-include",
            "cuda_emulator.h",
            "-E",
            "-x",
            "c++",
            "-",
        ],
        f'#line 1 "{filename}"\n{source}\n',
        filename,
    )
    return _kept(name, [*flags, "-x", "c++", "-"], translate(text, filename), filename)


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


def _kept(name: str, arguments: Sequence[str], text: str | None, subject: str) -> Path:
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
        _run([*compiler(), *arguments, "-c", "-o", str(objects)], text, subject)
        _run([*compiler(), *LINK_FLAGS, "-o", str(built), str(objects)], None, subject)
        os.replace(built, target)
    return target


def _run(command: Sequence[str], text: str | None, subject: str) -> str:
    result = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise CompileError(f"{subject} does not compile:\n{result.stderr.strip()}")
    return result.stdout
