"""One compiled form of a .cu file, loaded: its kernels, their parameters, and where its parts lie in memory."""

from __future__ import annotations

import ctypes
import re
from functools import cached_property
from pathlib import Path

from .elf import read_layout
from .lines import LineTable, read_lines

OWN_HEADERS = str(Path(__file__).parent / "include")
"""What is inlined from there belongs to the kernel's line that calls it."""


class Library:
    """A library that `build.kernel_library` made."""

    def __init__(self, path: Path, filename: str) -> None:
        self.path, self.filename = path, filename
        self.handle = ctypes.CDLL(str(path))
        self.handle.tinyseg_kernels.restype = ctypes.c_char_p
        self.handle.tinyseg_anchor.restype = ctypes.c_void_p
        self.kernels: list[str] = self.handle.tinyseg_kernels().decode().split()
        self.layout = read_layout(path)
        address = ctypes.cast(self.handle.tinyseg_anchor, ctypes.c_void_p).value
        assert address is not None
        self.base: int = address - self.layout.anchor_function

    @cached_property
    def lines(self) -> LineTable:
        """The source line of each instruction; read when it is first asked for."""
        return read_lines(self.path)

    def place(self, code: int | None, *, after_call: bool = True) -> str | None:
        """Return `file:line` of an instruction; `code` is the address behind a call, or of the instruction itself."""
        if not code:
            return None
        place = self.lines.place(code - self.base - int(after_call), OWN_HEADERS)
        # A compiler may tell the file's name relative to where it ran.
        file, _, line = (place or "").rpartition(":")
        return f"{self.filename}:{line}" if file and self.filename.endswith(f"/{file}") else place

    def run(self, kernel: str) -> ctypes.c_void_p:
        """Return the address of the function that calls a kernel."""
        return ctypes.cast(self.handle[f"tinyseg_run_{kernel}"], ctypes.c_void_p)

    def signature(self, kernel: str) -> list[str]:
        """Return a word for each parameter, such as 'Pf4', 'Kf4' (pointer to const), 'i4'."""
        text = ctypes.create_string_buffer(4096)
        self.handle[f"tinyseg_signature_{kernel}"](text)
        return text.value.decode().split()

    def max_threads(self, kernel: str) -> int:
        """Return what a kernel's __launch_bounds__ say, or 1024."""
        return int(self.handle[f"tinyseg_bounds_{kernel}"]())

    def static_shared(self) -> int:
        """Return the address of the static shared memory that this thread would use: each has its own."""
        anchor: int = self.handle.tinyseg_anchor()
        return anchor - self.layout.anchor


def parameter_names(source: str, kernel: str, count: int) -> list[str]:
    """Return the names of a kernel's parameters in its source; 'argument 1' and so on if they cannot be read."""
    plain = re.sub(r"//[^\n]*|/\*.*?\*/", " ", source, flags=re.DOTALL)
    match = re.search(rf"__global__[^;{{}}]*?\b{kernel}\s*\(([^()]*)\)", plain)
    names = [re.search(r"(\w+)\s*$", part) for part in match.group(1).split(",")] if match else []
    if len(names) != count or not all(names):
        return [f"argument {k + 1}" for k in range(count)]
    return [name.group(1) for name in names if name]


def shared_type(source: str, name: str) -> str:
    """Return the element type that a source declares a shared array with, '' when it cannot be read."""
    match = re.search(rf"__shared__\s+(?:__align__\(\d+\)\s+|alignas\([^)]*\)\s+)?([\w:]+)\s[^;()]*\b{name}\b", source)
    return match.group(1) if match else ""


def dynamic_shared_name(source: str) -> str:
    """Return the name of the one array of dynamic shared memory, or a description."""
    names = set(re.findall(r"extern\s+__shared__[^;]*?(\w+)\s*\[\s*\]", source))
    return names.pop() if len(names) == 1 else "dynamic shared memory"
