"""Compiles CUDA C++ for the CPU: finds a compiler, rewrites what C++ does not know, and keeps the results on disk."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from ..errors import InvalidInput

HERE = Path(__file__).parent
CACHE_VARIABLE = "TINYSEG_CACHE"

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
    "-fno-omit-frame-pointer",
)
OPTIMISED_FLAGS = ("-O2",)
LINK_FLAGS = ("-shared", "-Wl,-Bsymbolic")

_INCLUDE_LINE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
_DYNAMIC_SHARED = re.compile(
    r"\bextern\s+__shared__\s+((?:alignas\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*)?)([\w:\s]+?)\s*\b(\w+)\s*\[\s*\]\s*;"
)
_KERNEL = re.compile(r"\b__global__\b")


class CompileError(InvalidInput):
    """A kernel file that the compiler rejects; the text is the compiler's."""


@cache
def compiler() -> tuple[str, ...]:
    """Return the command of a C++ compiler: $CXX, g++, clang++, or the clang of the package ziglang."""
    if sys.platform == "win32":
        raise InvalidInput("the CUDA emulator runs on Linux (on Windows: in WSL)")
    chosen = os.environ.get("CXX")
    for name in (chosen, "g++", "clang++"):
        if name and shutil.which(name.split()[0]):
            return tuple(name.split())
    try:
        import ziglang  # noqa: F401
    except ImportError:
        raise InvalidInput(
            "the CUDA emulator needs a C++ compiler and found none: install g++ or clang++, or run  pip install ziglang"
        ) from None
    return (sys.executable, "-m", "ziglang", "c++")


@cache
def compiler_version() -> str:
    """Return what the compiler says about itself; a part of the key under which results are kept."""
    result = subprocess.run([*compiler(), "--version"], capture_output=True, text=True, check=False)
    return f"{' '.join(compiler())}\n{result.stdout}"


@cache
def machine_flags() -> tuple[str, ...]:
    """Return flags for this processor: without a fused multiply-add instruction, fmaf is a slow function call."""
    flags: tuple[str, ...] = ()
    if platform.machine() in ("x86_64", "AMD64"):
        try:
            text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
        except OSError:
            return flags
        found = set(text.partition("flags")[2].partition("\n")[0].split())
        flags = tuple(f"-m{name}" for name in ("avx2", "fma", "f16c") if name in found)
    return flags


def cache_folder() -> Path:
    """Return where compiled kernels are kept: $TINYSEG_CACHE, else the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tinyseg" / "emulator"


def runtime_library() -> Path:
    """Return the emulator's runtime, compiled when this version of it is first used on this machine."""
    files = [*sorted((HERE / "runtime").iterdir()), HERE / "include" / "runtime_interface.h"]
    flags = [*COMMON_FLAGS, *machine_flags(), "-O2", "-fno-rtti"]
    key = _key(flags, *(path.read_bytes() for path in files if path.is_file()))
    return _kept(f"runtime-{key}.so", [*flags, *LINK_FLAGS, str(HERE / "runtime" / "runtime.cpp")], None, "the runtime")


def kernel_library(
    source: str,
    filename: str,
    include: Sequence[Path],
    defines: Mapping[str, str | int],
    flags: Sequence[str] = OPTIMISED_FLAGS,
) -> Path:
    """Return the shared library of a .cu file.

    Args:
        source: CUDA C++.
        filename: Its name, for messages.
        include: Folders of header files.
        defines: Macros.
        flags: How to optimise, and which hooks to insert.

    Raises:
        CompileError: The compiler rejects the source.
    """
    folders = [HERE / "include", *include]
    headers = _headers(source, folders)
    flags = [*COMMON_FLAGS, *machine_flags(), *flags, "-w"]
    macros = [f"-D{name}={value}" for name, value in sorted(defines.items())]
    own = b"".join(path.read_bytes() for path in sorted((HERE / "include").iterdir()))
    key = _key([*flags, *macros, filename], source.encode(), own, Path(__file__).read_bytes(), *headers)
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
    return _kept(name, [*flags, "-x", "c++-cpp-output", "-"], translate(text, filename), filename)


def translate(text: str, filename: str) -> str:
    """Rewrite preprocessed CUDA C++ as C++, and add what the runtime calls.

    Shared variables become thread-local ones: nothing else is thread-local in a kernel file, so the thread-local storage of the library is
    the block's static shared memory and can be filled with NaN before each block. Dynamic shared memory becomes a pointer.
    """
    kernels = _kernels(text, filename)
    text = _DYNAMIC_SHARED.sub(r"\2 *const \3 = (\2 *)tinyseg_dynamic_shared();", text)
    text = re.sub(r"\b__launch_bounds__\s*\((?:[^()]|\([^()]*(?:\([^()]*\)[^()]*)*\))*\)", "", text)
    text = _KERNEL.sub(
        "",
        re.sub(
            r"\b__shared__\b",
            "static thread_local __attribute__((used))",
            re.sub(r"\bstatic\s+__shared__\b", "__shared__", text),
        ),
    )
    parts = [text, '\n# 1 "emulator"\nextern "C" {\n', "char *tinyseg_anchor() { return &emulator::anchor; }\n"]
    for name, bounds in kernels.items():
        parts += [
            f"void tinyseg_run_{name}(void **arguments) {{ emulator::run({name}, arguments); }}\n",
            f"void tinyseg_signature_{name}(char *out) {{ emulator::signature({name}, out); }}\n",
            f"int tinyseg_bounds_{name}() {{ return int({bounds or 1024}); }}\n",
        ]
    parts += [f'const char *tinyseg_kernels() {{ return "{" ".join(kernels)}"; }}\n', "}\n"]
    return "".join(parts)


def _kernels(text: str, filename: str) -> dict[str, str]:
    """Return the `extern "C" __global__` functions, each with the first argument of its __launch_bounds__ or ''."""
    kernels: dict[str, str] = {}
    for match in _KERNEL.finditer(text):
        before = text[max(0, match.start() - 200) : match.start()].rstrip()
        rest = text[match.end() :]
        bounds, position = "", re.match(r"[\s\w]*?__launch_bounds__\s*\(", rest)
        if position:
            end = _closing(rest, position.end() - 1)
            bounds = _first_argument(rest[position.end() : end])
            rest = rest[: position.end()].rpartition("__launch_bounds__")[0] + rest[end + 1 :]
        name = re.match(r"\s*(?:static\s+|inline\s+)*void\s+(?:__attribute__\s*\(\(.*?\)\)\s*)?(\w+)\s*\(", rest)
        is_c = re.search(r'extern\s*"C"\s*(?:\{\s*)?(?:static\s+)?$', before)
        if name and is_c:
            kernels[name.group(1)] = bounds
    if not kernels:
        raise CompileError(f'{filename}: expected kernels declared  extern "C" __global__ void name(...), found none')
    return kernels


def _closing(text: str, start: int) -> int:
    depth = 0
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return len(text)


def _first_argument(text: str) -> str:
    depth = 0
    for i, c in enumerate(text):
        depth += {"(": 1, ")": -1}.get(c, 0)
        if c == "," and depth == 0:
            return text[:i].strip()
    return text.strip()


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
    for item in (*(flag.encode() for flag in flags), *contents):
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
        # In two steps: linked with -fsanitize=thread, the library would want the sanitizer's runtime, whose place the emulator takes.
        objects = Path(folder) / "object.o"
        plain = [flag for flag in arguments if flag not in LINK_FLAGS]
        _run([*compiler(), *plain, "-c", "-o", str(objects)], text, subject)
        _run([*compiler(), *LINK_FLAGS, "-o", str(built), str(objects)], None, subject)
        os.replace(built, target)
    return target


def _run(command: Sequence[str], text: str | None, subject: str) -> str:
    result = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise CompileError(f"{subject} does not compile:\n{result.stderr.strip()}")
    return result.stdout
