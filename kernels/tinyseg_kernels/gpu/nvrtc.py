"""Compiles CUDA C++ for a GPU on a machine that has none: NVIDIA's run-time compiler, called through ctypes.

CuPy compiles with the same library where a GPU is at hand. It needs neither a GPU nor a driver: the wheels
nvidia-cuda-nvrtc, nvidia-cuda-runtime and nvidia-cuda-crt (for CUDA 12: with the ending -cu12) hold all of it, or a
CUDA toolkit of the machine. Source: NVRTC User Guide (options, functions), CUDA 13.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

HOW_TO_GET = "pip install nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cuda-crt (Linux and Windows)"


class Cubin(NamedTuple):
    """What the compiler made: machine code for one architecture, and what it printed."""

    code: bytes
    log: str


class CompileError(RuntimeError):
    """The compiler refused a file; the text is what it printed."""


class Nvrtc(NamedTuple):
    """The compiler: its library, its version, and the folders with CUDA's headers."""

    library: ctypes.CDLL
    version: tuple[int, int]
    include: tuple[Path, ...]


@cache
def find_nvrtc() -> Nvrtc | None:
    """Find the compiler: in NVIDIA's wheels (the newest version), else in the machine's toolkit.

    None when there is none.
    """
    found = [nvrtc for path in _libraries() if (nvrtc := _load(path)) is not None]
    return max(found, key=lambda nvrtc: nvrtc.version, default=None)


def compile_cubin(source: str, name: str, arch: str, options: Sequence[str]) -> Cubin:
    """Compile a source for an architecture such as 'sm_80'.

    Args:
        source: CUDA C++.
        name: What messages call the file.
        arch: A real architecture, so that registers are allocated.
        options: Further options, as for CuPy's RawModule.

    Raises:
        CompileError: The source does not compile.
        FileNotFoundError: There is no compiler on this machine.
    """
    nvrtc = find_nvrtc()
    if nvrtc is None:
        raise FileNotFoundError(f"NVRTC was not found; {HOW_TO_GET}")
    library = nvrtc.library
    program = ctypes.c_void_p()
    _call(library, "nvrtcCreateProgram", ctypes.byref(program), source.encode(), name.encode(), 0, None, None)
    try:
        texts = [f"-arch={arch}", *options, *(f"-I{folder}" for folder in nvrtc.include), "--ptxas-options=-v"]
        array = (ctypes.c_char_p * len(texts))(*(text.encode() for text in texts))
        failed = library.nvrtcCompileProgram(program, len(texts), array) != 0
        log = _fetch(library, program, "ProgramLog").rstrip(b"\0").decode(errors="replace")
        if failed:
            raise CompileError(f"{name} for {arch}: {log}")
        return Cubin(_fetch(library, program, "CUBIN"), log)
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(program))


def _fetch(library: ctypes.CDLL, program: ctypes.c_void_p, what: str) -> bytes:
    size = ctypes.c_size_t()
    _call(library, f"nvrtcGet{what}Size", program, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    _call(library, f"nvrtcGet{what}", program, buffer)
    return buffer.raw


def _call(library: ctypes.CDLL, function: str, *arguments: object) -> None:
    code = getattr(library, function)(*arguments)
    if code != 0:
        library.nvrtcGetErrorString.restype = ctypes.c_char_p
        raise CompileError(f"{function}: {library.nvrtcGetErrorString(code).decode()}")


def _load(path: Path) -> Nvrtc | None:
    try:
        library = ctypes.CDLL(str(path))
        major, minor = ctypes.c_int(), ctypes.c_int()
        _call(library, "nvrtcVersion", ctypes.byref(major), ctypes.byref(minor))
    except (OSError, AttributeError, CompileError):
        return None
    return Nvrtc(library, (major.value, minor.value), _headers(major.value))


def _wheels() -> list[Path]:
    """Return the folders `nvidia` of the installed wheels."""
    spec = find_spec("nvidia")
    return [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []


def _toolkits() -> list[Path]:
    return [path for path in (Path("/usr/local/cuda"), Path("/opt/cuda")) if path.is_dir()]


def _libraries() -> Iterator[Path]:
    for folder in _wheels():
        # CUDA 13 keeps everything in cu13/, CUDA 12 has a folder for each wheel.
        for pattern in ("*/lib/libnvrtc.so.*", "*/bin/nvrtc64_*.dll", "*/bin/*/nvrtc64_*.dll"):
            yield from (path for path in sorted(folder.glob(pattern)) if "alt" not in path.name)
    for folder in _toolkits():
        yield from sorted(folder.glob("lib64/libnvrtc.so.*"))
    name = ctypes.util.find_library("nvrtc")
    if name is not None:
        yield Path(name)


def _headers(major: int) -> tuple[Path, ...]:
    """Return the folders with cuda_fp16.h, mma.h and what they include, of one major version of CUDA."""
    names = [f"cu{major}"] if major >= 13 else ["cuda_runtime", "cuda_nvcc"]
    in_wheels = [folder / name / "include" for folder in _wheels() for name in names]
    in_toolkits = [folder / "include" for folder in _toolkits()]
    # Not both: headers of two versions do not fit together.
    return tuple(path for path in in_wheels if path.is_dir()) or tuple(path for path in in_toolkits if path.is_dir())
