"""Which C++ compiler there is, and the flags for this processor."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

from .compiler_messages import readable
from .translate.exports import CompileError

FLAGS_VARIABLE = "TINYSEG_CXXFLAGS"
"""More flags for the compiler; -DTINYSEG_UCONTEXT takes the context switch that works on every processor."""


@cache
def find_compiler() -> tuple[str, ...] | None:
    """Return the command of a C++ compiler ($CXX, g++, clang++, or the clang of the package ziglang), or None."""
    if sys.platform in ("win32", "darwin"):  # shared memory relies on the layout of ELF files
        return None
    for command in (os.environ.get("CXX", "").split(), ["g++"], ["clang++"]):
        if command and shutil.which(command[0]):
            return tuple(command)
    if find_spec("ziglang") is not None:
        return (sys.executable, "-m", "ziglang", "c++")
    return None


@cache
def compiler() -> tuple[str, ...]:
    """Return the command of a C++ compiler; raises `InvalidInput` when there is none."""
    found = find_compiler()
    if found is None:
        if sys.platform in ("win32", "darwin"):
            raise InvalidInput("the CUDA emulator runs on Linux only (on Windows: in WSL)")
        raise InvalidInput(
            "the CUDA emulator needs a C++ compiler and found none: install g++ or clang++, or run  pip install ziglang"
        )
    return found


@cache
def compiler_version() -> str:
    """Return what the compiler says about itself; a part of the key under which results are kept."""
    result = subprocess.run([*compiler(), "--version"], capture_output=True, text=True, check=False)
    return f"{' '.join(compiler())}\n{result.stdout}"


@cache
def machine_flags() -> tuple[str, ...]:
    """Return flags for this processor, and those of $TINYSEG_CXXFLAGS.

    Without a fused multiply-add instruction, fmaf is a slow function call.
    """
    flags = tuple(os.environ.get(FLAGS_VARIABLE, "").split())
    if platform.machine() in ("x86_64", "AMD64"):
        try:
            text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
        except OSError:
            return flags
        found = set(text.partition("flags")[2].partition("\n")[0].split())
        flags += tuple(f"-m{name}" for name in ("avx2", "fma", "f16c") if name in found)
    return flags


OPTIMISED, CHECKED, SANITIZED, COUNTED = "optimised", "checked", "sanitized", "counted"
"""The forms in which a .cu file is compiled.

For speed, with hooks at every access, with checks of declared bounds and of alignment only, and with hooks and counters
of operations (counting.py).
"""

COUNTING = "-DTINYSEG_COUNTED=1"
"""The flag by which the counted form is known."""

_UNWANTED = (
    "pointer-overflow,shift,signed-integer-overflow,integer-divide-by-zero,null,return,unreachable,vla-bound,bool,enum,"
    "builtin,nonnull-attribute,returns-nonnull-attribute,object-size,vptr,function"
)


def form_flags(form: str) -> tuple[str, ...]:
    """Return the flags of a form."""
    clang = is_clang()
    # g++ would make one variable for the whole process of a __shared__ one of a template, and the first library that is
    # loaded would have it.
    own = () if clang else ("-fno-gnu-unique",)
    # A loop that waits for ever is a mistake to be told, not one to be removed.
    own = (*own, "-fno-finite-loops")
    # zig takes the whole of `undefined` only; what remains of it are the bounds and the alignment.
    bounds = ("-fsanitize=undefined", f"-fno-sanitize={_UNWANTED}") if clang else ("-fsanitize=bounds-strict",)
    if form == OPTIMISED:
        return ("-O2", *own, "-fno-sanitize=undefined") if clang else ("-O2", *own)  # zig would insert checks
    if form == SANITIZED:
        alignment = () if clang else ("-fsanitize=alignment",)
        return ("-O2", *own, *bounds, *alignment, "-fno-sanitize-recover=all")
    # Little optimisation: each access of the source stays one access, of the source's size and in its place. (clang
    # narrows loads of vectors before it inserts the hooks, so there the sanitizer checks their alignment.)
    one_to_one: tuple[str, ...] = ("-fno-tree-sra", "-fno-ipa-sra", "-fno-tree-loop-im", "-fno-tree-slp-vectorize")
    one_to_one = (*one_to_one, "--param", "tsan-distinguish-volatile=1")  # volatile flags are no plain accesses
    one_to_one = (*one_to_one, "--param", "tsan-instrument-func-entry-exit=0")  # nobody asks for calls of functions
    if clang:
        volatile = ("-mllvm", "-tsan-distinguish-volatile=1")
        one_to_one = (
            *volatile,
            "-mllvm",
            "-tsan-instrument-read-before-write=1",
            "-mllvm",
            "-tsan-instrument-func-entry-exit=0",
            "-fno-slp-vectorize",
            "-fno-vectorize",
        )
    return (
        "-O1",
        *own,
        *one_to_one,
        "-fno-optimize-sibling-calls",  # a hook's return address tells the line
        "-fsanitize=thread",
        *bounds,
        "-fno-sanitize-recover=all",
        # A signed number that overflows wraps, and is told; with -fwrapv there would be nothing to tell.
        "-fno-wrapv",
        "-fsanitize=signed-integer-overflow",
        "-fsanitize-recover=signed-integer-overflow",
        "-DTINYSEG_CHECKED=1",
        *((COUNTING,) if form == COUNTED else ()),
    )


def is_clang() -> bool:
    """Return whether the compiler is a clang, which has other options than g++."""
    return "clang" in compiler_version() or "ziglang" in compiler()


def run_compiler(command: Sequence[str], text: str | None, subject: str) -> tuple[str, str]:
    """Return what a command of the compiler writes, and what it says.

    Args:
        command: With all arguments.
        text: What it reads from its standard input.
        subject: What is compiled, for the message.

    Raises:
        CompileError: It fails.
    """
    # English, and quotation marks of ASCII, whatever the machine's language is.
    environment = {**os.environ, "LC_ALL": "C"}
    given = None if text is None else text.encode("utf-8", "surrogateescape")
    result = subprocess.run(command, input=given, capture_output=True, env=environment, check=False)
    if result.returncode != 0:
        raise CompileError(f"{subject} does not compile:\n{readable(result.stderr.decode('utf-8', 'replace'))}")
    return result.stdout.decode("utf-8", "surrogateescape"), result.stderr.decode("utf-8", "replace")
